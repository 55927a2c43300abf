//! What surrounds every request and answer: the language, a trace identifier, security headers, one line of log.

use std::panic::AssertUnwindSafe;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError, web};
use futures_util::FutureExt as _;
use tracing::Instrument;

use super::app::App;
use super::caller::Rights;
use super::limits::ADDRESS_BYTES;
use super::problem::{CIRCUMSTANCES, Circumstances, Problem, ProblemCode};
use super::turnstile::Place;
use super::{access_log, head, shape, trace};

/// Sent with every answer: nothing is cached, framed, sniffed or referred from a page that shows vouchers.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    ),
];

/// The outermost middleware. A handler that panics is answered for here: the framework would close the connection
/// without a byte, and the caller would not know that there is something to ask again.
///
/// # Errors
/// A problem that answers by itself, where the handler left nothing to answer with.
pub async fn surround(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = std::time::Instant::now();
    let app = request.app_data::<web::Data<App>>().cloned();
    let own = || app.as_ref().map(|app| app.entropy.uuid(app.clock.now()).to_string());
    let trace_id = trace::given(request.headers()).or_else(own).unwrap_or_default();
    // At the level of errors, so that an error bears the name of its request however little is logged.
    let span = tracing::error_span!("request", trace_id);
    let circumstances = Circumstances { english: wants_english(&request), trace_id: trace_id.clone() };
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let answer = async {
        if let Some(response) = turned_away(&request) {
            return Ok(request.into_response(response).map_into_left_body());
        }
        if let Some(app) = &app {
            head::hear(app, &request).await;
        }
        next.call(request).await.map(ServiceResponse::map_into_right_body)
    };
    let answer = AssertUnwindSafe(answer).catch_unwind();
    let answered = CIRCUMSTANCES.scope(circumstances.clone(), answer).instrument(span.clone()).await;
    let tell = |route, status: StatusCode, problem: Option<&'static str>| {
        let (status, took) = (status.as_u16(), started.elapsed());
        if let Some(app) = &app {
            app.metrics.answered(route, status, problem, took);
        }
        let micros = took.as_micros();
        span.in_scope(|| tracing::info!(%method, path, status, problem, %micros, "request"));
    };
    if let Ok(answered) = answered {
        let mut response = answered?;
        dress(response.headers_mut(), &trace_id);
        if let Some(app) = &app {
            head::show(app, &mut response);
            access_log::note(app, &response);
        }
        let route = response.request().app_data::<Rights>().map_or("", |rights| rights.route);
        let problem = response.response().extensions().get::<ProblemCode>().map(|problem| problem.0);
        tell(route, response.status(), problem);
        return Ok(response);
    }
    span.in_scope(|| tracing::error!("a handler panicked"));
    let broken = Problem::new("request_broken_off");
    let mut response = CIRCUMSTANCES.sync_scope(circumstances, || broken.error_response());
    dress(response.headers_mut(), &trace_id);
    tell("", response.status(), Some(broken.code()));
    Err(InternalError::from_response("panic", response).into())
}

fn dress(headers: &mut HeaderMap, trace_id: &str) {
    for (name, value) in HEADERS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Ok(value) = HeaderValue::from_str(trace_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}

/// What no handler need look at: a connection too many, an address that is too long, or that is no text and so
/// matches nothing.
fn turned_away(request: &ServiceRequest) -> Option<HttpResponse> {
    if request.conn_data::<Place>().is_some_and(|place| !place.served()) {
        let mut response = Problem::new("too_busy").retry_after(1).error_response();
        response.head_mut().set_connection_type(ConnectionType::Close);
        return Some(response);
    }
    let about = |code| Some(Problem::new(code).about("detail", shape::no_text()));
    let problem = match (shape::is_text(request.path()), shape::is_text(request.query_string())) {
        _ if request.path().len() + request.query_string().len() > ADDRESS_BYTES => {
            Some(Problem::new("address_too_long").about("limit", ADDRESS_BYTES))
        }
        (false, _) => about("path_malformed"),
        (true, false) => about("query_malformed"),
        (true, true) => None,
    };
    problem.map(|problem| problem.error_response())
}

/// French unless the first language the caller names is English.
fn wants_english(request: &ServiceRequest) -> bool {
    let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    header.is_some_and(|languages| languages.trim_start().to_ascii_lowercase().starts_with("en"))
}
