//! Starting and stopping: sockets, workers, deadlines, and the graceful end.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::rt::signal::unix::{SignalKind, signal};
use actix_web::{App as Application, HttpServer, rt, web};

use super::app::App;
use super::limits::{CONNECTIONS, TURNED_AWAY};
use super::routes::configure;
use super::surroundings::surround;
use super::turnstile::Turnstile;

/// What a stopping server gives the requests under way.
const STOP_SECONDS: u64 = 10;

/// How a server listens.
#[derive(Debug, Clone, Copy)]
pub struct Listening {
    /// Threads that read requests.
    pub workers: usize,
    /// Connections that are served at a time; the next ones are told to come back.
    pub connections: usize,
}

impl Default for Listening {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { workers, connections: CONNECTIONS }
    }
}

/// Why the server could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("impossible d'écouter : {0}")]
    Listen(#[from] std::io::Error),
}

/// Serves until SIGTERM or SIGINT, then lets requests under way finish.
///
/// # Errors
/// [`ServeError`] when the socket cannot be used.
pub async fn serve(app: web::Data<App>, listener: TcpListener) -> Result<(), ServeError> {
    let shared = app.clone();
    let server = start(move |config| configure(config.app_data(shared.clone())), listener, Listening::default())?;
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    rt::spawn(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: requests under way are finished");
        app.drain();
    });
    Ok(server.await?)
}

/// Starts a server over what `routes` mounts, within the bounds of this one; SIGTERM and SIGINT stop it, or its handle.
///
/// # Errors
/// [`ServeError`] when the socket cannot be used.
pub fn start(
    routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    listener: TcpListener,
    listening: Listening,
) -> Result<Server, ServeError> {
    let turnstile = Turnstile::new(listening.connections);
    let most = (listening.connections + TURNED_AWAY).div_ceil(listening.workers);
    let server = HttpServer::new(move || Application::new().configure(routes.clone()).wrap(from_fn(surround)))
        .workers(listening.workers)
        .max_connections(most)
        .on_connect(move |_, connection| drop(connection.insert(turnstile.enter())))
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(15))
        .shutdown_timeout(STOP_SECONDS)
        .listen(listener)?;
    Ok(server.run())
}
