//! What surrounds a request: its body within a size and a time, its idempotency key, its page, its version. One
//! way to read each, so that every route refuses the same mistakes in the same words.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};

use super::app::App;
use super::caller::{SignedIn, permitted};
use super::limits::{BODY_BYTES, BODY_DEADLINE, LONGEST_PAGE, PAGE, SLOWEST_BYTES_PER_SECOND};
use super::problem::Problem;
use super::shape;
use crate::catalogue;
use crate::domain::text::IdempotencyKey;
use crate::keys::Purpose;
use crate::ledger::RequestKey;
use crate::store::Page;

/// Characters of a field's place in a body that are repeated at most.
const LONGEST_PATH: usize = 100;

/// A JSON body of at most [`BODY_BYTES`], which must keep coming; unknown fields are refused by its type.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = json_bytes(&request, &mut payload).await?;
            parse(&bytes).map(Self)
        })
    }
}

/// Who asks, and what: the caller is known and has the right before a byte of the body is read.
#[derive(Debug)]
pub(super) struct Asked<T> {
    pub(super) signed_in: SignedIn,
    pub(super) body: T,
}

impl<T: DeserializeOwned + 'static> FromRequest for Asked<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let signed_in = permitted(&request).await?;
            let bytes = json_bytes(&request, &mut payload).await?;
            Ok(Self { signed_in, body: parse(&bytes)? })
        })
    }
}

/// A request to record an act: who asks, what, under which key, and whether only to try.
#[derive(Debug)]
pub(super) struct ActRequest<T> {
    pub(super) signed_in: SignedIn,
    pub(super) body: T,
    /// Always there unless it is a dry run.
    pub(super) key: Option<RequestKey>,
    pub(super) dry_run: bool,
}

/// `?dry_run=true`: everything is asked, nothing is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DryRunQuery {
    #[serde(default)]
    pub(super) dry_run: bool,
}

impl<T: DeserializeOwned + 'static> FromRequest for ActRequest<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let signed_in = permitted(&request).await?;
            let bytes = json_bytes(&request, &mut payload).await?;
            let dry_run = query::<DryRunQuery>(&request)?.dry_run;
            let key = act_key(&request, &signed_in, dry_run, &Sha256::digest(&bytes))?;
            Ok(Self { signed_in, body: parse(&bytes)?, key, dry_run })
        })
    }
}

/// The key under which an act is asked: always there unless it is a dry run.
pub(super) fn act_key(
    request: &HttpRequest,
    signed_in: &SignedIn,
    dry_run: bool,
    body_digest: &[u8],
) -> Result<Option<RequestKey>, Problem> {
    if dry_run { Ok(None) } else { request_key(request, signed_in, body_digest).map(Some) }
}

/// Scope of a key: caller and route; fingerprint: method, address and body, under a key, for a body may name a person and
/// whoever has the database must not be able to try names against it.
fn request_key(request: &HttpRequest, signed_in: &SignedIn, body_digest: &[u8]) -> Result<RequestKey, Problem> {
    let header = request.headers().get("Idempotency-Key").ok_or(Problem::new("idempotency_key_missing"))?;
    let text = header.to_str().map_err(|_| Problem::new("idempotency_key_malformed"))?;
    let key = IdempotencyKey::parse(text)?;
    let user = signed_in.caller.actor().user.to_string();
    let route = request.match_pattern().unwrap_or_default();
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| Problem::internal(&"no application"))?;
    let (method, uri) = (request.method().as_str(), request.uri().to_string());
    let asked = [b"request".as_slice(), method.as_bytes(), uri.as_bytes(), body_digest];
    Ok(RequestKey {
        digest: digest(&[b"key", user.as_bytes(), route.as_bytes(), key.as_str().as_bytes()]),
        fingerprint: hex::encode(app.keys.mac(Purpose::Commitment, &asked)),
    })
}

/// A key of our own making: `scope` names the request for ever, `request` is what it asks.
pub(super) fn keyed(scope: &[&[u8]], request: &[&[u8]]) -> RequestKey {
    RequestKey { digest: digest(scope), fingerprint: digest(request) }
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hex::encode(hasher.finalize())
}

async fn json_bytes(request: &HttpRequest, payload: &mut Payload) -> Result<Vec<u8>, Problem> {
    require_type(request, "application/json")?;
    read_bytes(request, payload, BODY_BYTES).await
}

/// # Errors
/// 415 unless the request says it carries `expected`.
pub(super) fn require_type(request: &HttpRequest, expected: &str) -> Result<(), Problem> {
    let found = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let plain = found.and_then(|value| value.split(';').next()).map(|value| value.trim().to_lowercase());
    if plain.as_deref() == Some(expected) {
        return Ok(());
    }
    Err(Problem::new("media_type_unsupported").about("expected", expected))
}

/// # Errors
/// 415 unless the request says it carries one of `expected`.
pub(super) fn require_one_type(request: &HttpRequest, expected: &[&str]) -> Result<(), Problem> {
    if expected.iter().any(|one| require_type(request, one).is_ok()) {
        return Ok(());
    }
    Err(Problem::new("media_type_unsupported").about("expected", expected.join(", ")))
}

/// Reads a body up to `longest` bytes, which must keep coming: see [`SLOWEST_BYTES_PER_SECOND`].
pub(super) async fn read_bytes(
    request: &HttpRequest,
    payload: &mut Payload,
    longest: usize,
) -> Result<Vec<u8>, Problem> {
    let app = request.app_data::<web::Data<App>>();
    let (began, deadline) = (Instant::now(), app.map_or(BODY_DEADLINE, |app| app.limits.body_deadline));
    let mut bytes = BytesMut::new();
    while let Some(chunk) = timeout_at(began + allowed(deadline, bytes.len()), payload.next())
        .await
        .map_err(|_| Problem::new("body_too_slow"))?
    {
        let chunk = chunk.map_err(|_| Problem::new("body_malformed").about("detail", "…"))?;
        if bytes.len() + chunk.len() > longest {
            return Err(Problem::new("body_too_large").about("limit", longest));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.to_vec())
}

/// How long after its beginning a body of which so many bytes have come may still be coming.
fn allowed(deadline: Duration, received: usize) -> Duration {
    let millis = received.saturating_mul(1_000) / SLOWEST_BYTES_PER_SECOND;
    deadline + Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // The reader would take a list as well, its items in the order of the fields: nobody means that.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::new("body_malformed").about("detail", shape::no_object()));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        malformed("body_malformed", &path, &error.into_inner().to_string())
    })?;
    reader.end().map_err(|error| malformed("body_malformed", ".", &error.to_string()))?;
    Ok(value)
}

/// A value that its parser refused carries the parser's own code; anything else is the shape's fault.
fn malformed(general: &'static str, path: &str, message: &str) -> Problem {
    let first = message.split_whitespace().next().unwrap_or_default();
    let known = catalogue::all().find(|entry| entry.code == first && entry.status == 400);
    let problem = match known {
        Some(entry) => Problem::new(entry.code).about("detail", shape::accepted(message)),
        None => Problem::new(general).about("detail", shape::in_words(message)),
    };
    let field = match (path, shape::missing_field(message)) {
        (".", None) => return problem,
        (".", Some(missing)) => missing.to_owned(),
        (path, None) => path.to_owned(),
        (path, Some(missing)) => format!("{path}.{missing}"),
    };
    problem.field(field.chars().take(LONGEST_PATH).collect::<String>())
}

/// Reads the query string into `T`, whose unknown fields are refused.
pub(super) fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    let pairs = form_urlencoded::parse(request.query_string().as_bytes());
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)).map_err(|error| {
        let path = error.path().to_string();
        malformed("query_malformed", &path, &error.into_inner().to_string())
    })
}

/// `?limit=` and `?after=` of a list.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Rows of the page, 1 to 200; 50 when not said.
    pub(super) limit: Option<i64>,
    /// The `next` of the page before.
    pub(super) after: Option<String>,
}

impl PageQuery {
    /// # Errors
    /// 400 for a limit outside 1 to 200.
    pub(super) fn page(&self) -> Result<Page, Problem> {
        Ok(Page { after: self.after.clone(), limit: limit(self.limit)? })
    }
}

/// # Errors
/// 400 for a limit outside 1 to 200.
pub(super) fn limit(asked: Option<i64>) -> Result<i64, Problem> {
    let limit = asked.unwrap_or(PAGE);
    if (1..=LONGEST_PAGE).contains(&limit) {
        return Ok(limit);
    }
    let detail = format!("limit : 1 à {LONGEST_PAGE}");
    Err(Problem::new("query_malformed").about("detail", detail).field("limit"))
}

/// A page of a list.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    /// What to pass as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

impl<T> List<T> {
    /// A page with its continuation, when it is full.
    pub(super) fn new(items: Vec<T>, limit: i64, key: impl FnOnce(&T) -> String) -> Self {
        let full = i64::try_from(items.len()).is_ok_and(|count| count >= limit);
        let next = if full { items.last().map(key) } else { None };
        Self { items, next }
    }
}

/// The version that the caller read, from `If-Match: "3"`.
///
/// # Errors
/// 428 when it is missing, 412 when it is not a version.
pub(super) fn if_match(request: &HttpRequest) -> Result<i64, Problem> {
    let header = request.headers().get(header::IF_MATCH).ok_or(Problem::new("if_match_missing"))?;
    let text = header.to_str().unwrap_or_default().trim().trim_matches('"');
    text.parse().map_err(|_| Problem::new("version_conflict"))
}

/// The `ETag` of a version.
pub(super) fn etag(version: i64) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{version}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_comes_fast_enough_has_the_time_it_needs() {
        assert_eq!(allowed(BODY_DEADLINE, 0), BODY_DEADLINE);
        assert_eq!(allowed(BODY_DEADLINE, SLOWEST_BYTES_PER_SECOND * 60), BODY_DEADLINE + Duration::from_mins(1));
    }
}
