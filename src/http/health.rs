//! Whether the service lives, whether it can serve, and what it has done.

use actix_web::{HttpResponse, web};

use super::app::App;
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
    Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ready", "engine": engine })))
}

/// Counters in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "Counters", content_type = "text/plain", body = String)))]
pub(super) async fn metrics(app: web::Data<App>) -> HttpResponse {
    let text = app.metrics.text().unwrap_or_default();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}
