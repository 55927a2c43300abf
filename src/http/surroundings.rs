//! What surrounds every request and answer: the language, a trace identifier, security headers, one line of log.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, http::header, web};
use tracing::Instrument;

use super::app::App;
use super::caller::Rights;
use super::problem::{CIRCUMSTANCES, Circumstances, Problem, ProblemCode};
use super::{head, shape, trace};

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

/// The outermost middleware.
///
/// # Errors
/// Those of the handler; problems are answers, not errors.
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
        if let Some(problem) = unreadable(&request) {
            return Ok(request.into_response(problem.error_response()).map_into_left_body());
        }
        if let Some(app) = &app {
            head::hear(app, &request).await;
        }
        next.call(request).await.map(ServiceResponse::map_into_right_body)
    };
    let mut response = CIRCUMSTANCES.scope(circumstances, answer).instrument(span.clone()).await?;
    for (name, value) in HEADERS {
        if !response.headers().contains_key(&name) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    if let Ok(value) = HeaderValue::from_str(&trace_id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    let (status, took) = (response.status().as_u16(), started.elapsed());
    let problem = response.response().extensions().get::<ProblemCode>().map(|problem| problem.0);
    if let Some(app) = app {
        head::show(&app, &mut response);
        let route = response.request().app_data::<Rights>().map_or("", |rights| rights.route);
        app.metrics.answered(route, status, problem, took);
    }
    let micros = took.as_micros();
    span.in_scope(|| tracing::info!(%method, path, status, problem, %micros, "request"));
    Ok(response)
}

/// An address or a query that is no text matches nothing, and no handler need look at it.
fn unreadable(request: &ServiceRequest) -> Option<Problem> {
    let about = |code| Some(Problem::new(code).about("detail", shape::no_text()));
    match (shape::is_text(request.path()), shape::is_text(request.query_string())) {
        (false, _) => about("path_malformed"),
        (true, false) => about("query_malformed"),
        (true, true) => None,
    }
}

/// French unless the first language the caller names is English.
fn wants_english(request: &ServiceRequest) -> bool {
    let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    header.is_some_and(|languages| languages.trim_start().to_ascii_lowercase().starts_with("en"))
}
