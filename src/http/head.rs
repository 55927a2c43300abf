//! `Ledger-Head`: the last head of the programme's journal, signed, on every answer about it; and what a caller shows
//! of an earlier one. A client that keeps the last it saw and sends it along is a witness: a database put back to an
//! earlier moment is noticed at its first request. What never lives here: what is done about it.

use std::sync::Arc;

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web;

use super::app::{App, blocking};

const NAME: HeaderName = HeaderName::from_static("ledger-head");

/// Takes in the head that a request carries; one that is not ours, or that we have just given out, costs nothing more.
pub(super) async fn hear(app: &web::Data<App>, request: &ServiceRequest) {
    let Some(text) = request.headers().get(NAME).and_then(|value| value.to_str().ok()) else { return };
    let code = text.split(' ').next().unwrap_or_default();
    if app.ledger.heads().to_show(code).is_some_and(|last| *last == *text) {
        return;
    }
    let (app, text) = (web::Data::clone(app), text.to_owned());
    let heard = blocking(move || Ok(app.ledger.heads().shown(&app.store, &text)?)).await;
    // A journal that cannot be read now is read at the door of the next group.
    drop(heard);
}

/// Puts the head on an answer about a programme; not on one that tells the caller nothing of it.
pub(super) fn show<B>(app: &App, response: &mut ServiceResponse<B>) {
    if matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
        return;
    }
    let head: Option<Arc<str>> =
        response.request().match_info().get("programme").and_then(|code| app.ledger.heads().to_show(code));
    if let Some(value) = head.and_then(|head| HeaderValue::from_str(&head).ok()) {
        response.headers_mut().insert(NAME, value);
    }
}
