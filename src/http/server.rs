//! Starting and stopping: sockets, workers, deadlines, and the graceful end.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::{App as Application, HttpServer, web};

use super::app::App;
use super::routes::configure;
use super::surroundings::surround;

/// Connections one worker holds at most.
const CONNECTIONS: usize = 256;
/// What a stopping server gives the requests under way.
const STOP_SECONDS: u64 = 10;

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
pub async fn serve(app: web::Data<App>, listener: TcpListener, workers: usize) -> Result<(), ServeError> {
    let server =
        HttpServer::new(move || Application::new().app_data(app.clone()).wrap(from_fn(surround)).configure(configure))
            .workers(workers)
            .max_connections(CONNECTIONS)
            .client_request_timeout(Duration::from_secs(5))
            .keep_alive(Duration::from_secs(15))
            .shutdown_timeout(STOP_SECONDS)
            .listen(listener)?;
    Ok(server.run().await?)
}
