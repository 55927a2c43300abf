//! Whether the service lives, whether it can serve, and what it has done.

use actix_web::{HttpResponse, web};

use super::app::App;
use super::metrics::State;
use super::problem::Problem;
use crate::store::Page;

/// The process answers.
#[utoipa::path(get, path = "/health", tag = "operations", security(()),
    responses((status = 200, description = "The process lives", body = serde_json::Value)))]
pub(super) async fn health() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// The process can reach its database.
#[utoipa::path(get, path = "/ready", tag = "operations", security(()),
    responses((status = 200, description = "Requests will be served", body = serde_json::Value)))]
pub(super) async fn ready(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    app.read(|tx| Ok(tx.programmes(&Page { after: None, limit: 1 })?)).await?;
    let engine = app.store.backend().to_string();
    // Not unready: reading goes on, and a loss is declared through this very door.
    let frozen = app.ledger.heads().frozen();
    Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ready", "engine": engine, "frozen_programmes": frozen })))
}

/// Counters in the OpenMetrics text format, which Prometheus reads.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "Counters", content_type = "application/openmetrics-text", body = String)))]
pub(super) async fn metrics(app: web::Data<App>) -> HttpResponse {
    let pulse = app.ledger.pulse();
    let state = State {
        waiting: pulse.waiting(),
        oldest: pulse.oldest(),
        since_commit: pulse.since_commit(),
        readers_in_use: app.store.readers_in_use(),
        ..State::default()
    };
    let text = app.metrics.text(&state).unwrap_or_default();
    HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text)
}
