//! Starting and stopping: sockets, workers, deadlines, and the graceful end.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::rt::signal::unix::{SignalKind, signal};
use actix_web::{App as Application, HttpServer, rt, web};

use super::app::App;
use super::limits::TURNED_AWAY;
use super::routes::configure;
use super::surroundings::surround;
use super::turnstile::Turnstile;

/// How a server listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listening {
    /// Threads that read requests.
    pub workers: usize,
    /// Connections that are served at a time; the next ones are told to come back.
    pub connections: usize,
    /// What the head of a request may take to come.
    pub header_deadline: Duration,
    /// How long a connection on which nothing is asked stays open.
    pub keep_alive: Duration,
    /// What a stopping server gives the requests under way; whole seconds count.
    pub stop: Duration,
}

impl Default for Listening {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            workers,
            connections: 512,
            header_deadline: Duration::from_secs(5),
            keep_alive: Duration::from_secs(15),
            stop: Duration::from_secs(10),
        }
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
pub async fn serve(app: web::Data<App>, listener: TcpListener, listening: Listening) -> Result<(), ServeError> {
    let shared = app.clone();
    let server = start(move |config| configure(config.app_data(shared.clone())), listener, listening)?;
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
        .client_request_timeout(listening.header_deadline)
        .keep_alive(listening.keep_alive)
        .shutdown_timeout(listening.stop.as_secs())
        .listen(listener)?;
    Ok(server.run())
}
