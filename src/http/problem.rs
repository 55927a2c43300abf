//! Every answer that is not what was asked for: RFC 9457 problem details, with a stable code and a sentence in
//! the language asked for. The only place that turns refusals and failures into statuses.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Forbidden;
use crate::auth::password::{HashFailure, PasswordRefusal};
use crate::auth::token::TokenError;
use crate::catalogue;
use crate::domain::refusal::{Malformed, Refusal};
use crate::ledger::SubmitError;
use crate::payment_file::Unmade;
use crate::store::{StoreError, WriteError};

tokio::task_local! {
    /// The language and trace identifier of the request being answered: set by the outermost middleware, so that
    /// a problem raised anywhere speaks the caller's language.
    pub(super) static CIRCUMSTANCES: Circumstances;
}

/// What a problem must know of the request it answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Circumstances {
    pub(super) english: bool,
    pub(super) trace_id: String,
}

/// Left on an answer that is a problem, for those who count them.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProblemCode(pub(super) &'static str);

/// The name of the request being answered.
pub(super) fn trace_id() -> String {
    CIRCUMSTANCES.try_with(|circumstances| circumstances.trace_id.clone()).unwrap_or_default()
}

/// Whether the caller of the request being answered reads English.
pub(super) fn english() -> bool {
    CIRCUMSTANCES.try_with(|circumstances| circumstances.english).unwrap_or_default()
}

/// A problem: which, about which field, with which facts. Boxed, because every handler may return one and hardly
/// any does.
#[derive(Debug, Clone)]
pub struct Problem(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    code: &'static str,
    field: Option<String>,
    facts: Vec<(String, String)>,
    retry_after_seconds: Option<u64>,
    allow: Option<String>,
    lines: Vec<LineVerdict>,
}

/// What is to be said of one line of a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LineVerdict {
    /// Counted from 1, the header included.
    #[schema(example = 2)]
    pub line: u64,
    /// What stands there.
    #[schema(example = "HDF21-000001-85/01")]
    pub serial: String,
    /// `ok`, or the code of what is wrong.
    #[schema(example = "ok")]
    pub verdict: &'static str,
    /// What to do about it, in French.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The body of every answer that is not what was asked for (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Where the code is explained.
    #[serde(rename = "type")]
    #[schema(example = "/refus#already_redeemed")]
    kind: String,
    /// The status in words, in the language asked for.
    #[schema(example = "Conflit")]
    title: String,
    #[schema(example = 409)]
    status: u16,
    /// Stable: programs decide by this and by nothing else.
    #[schema(example = "already_redeemed")]
    code: &'static str,
    /// What happened and what to do, in the language asked for.
    #[schema(example = "Le pass HDF21-000123-10/04 a déjà été utilisé.")]
    detail: String,
    /// The field of the request that must change, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "codes")]
    field: Option<String>,
    /// Names this request in the logs.
    trace_id: String,
    /// For a file: what is wrong with which line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lines: Vec<LineVerdict>,
}

impl Problem {
    /// The problem with a code of the catalogue.
    #[must_use]
    pub fn new(code: &'static str) -> Self {
        Self(Box::new(Details {
            code,
            field: None,
            facts: Vec::new(),
            retry_after_seconds: None,
            allow: None,
            lines: Vec::new(),
        }))
    }

    /// A quantity outside its bounds, both of which are possible.
    #[must_use]
    pub fn out_of_range(field: impl Into<String>, least: impl ToString, most: impl ToString) -> Self {
        Self::new("quantity_out_of_range").field(field).about("least", least).about("most", most)
    }

    /// Names the field to correct.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Adds a fact for the sentence.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "callers hand over values and references alike")]
    pub fn about(mut self, name: &str, value: impl ToString) -> Self {
        self.0.facts.push((name.to_owned(), value.to_string()));
        self
    }

    /// When the caller may try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_seconds = Some(seconds);
        self
    }

    /// The methods that the address does take.
    #[must_use]
    pub fn allow(mut self, methods: &str) -> Self {
        self.0.allow = Some(methods.to_owned());
        self.about("allowed", methods)
    }

    /// Says what is wrong with which line of a file.
    #[must_use]
    pub fn lines(mut self, lines: Vec<LineVerdict>) -> Self {
        self.0.lines = lines;
        self
    }

    /// A fact of the sentence, by its name.
    #[must_use]
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.0.facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// Something of ours failed: the cause goes to the log, never to the caller.
    #[must_use]
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new("internal_error")
    }

    /// Whether the same request may be answered otherwise later: nothing is decided.
    pub(super) fn is_of_the_moment(&self) -> bool {
        self.status_code().is_server_error() || self.0.retry_after_seconds.is_some()
    }

    /// What happened and what to do, in the language of the request being answered.
    pub(super) fn sentence(&self) -> String {
        self.body(english(), String::new()).detail
    }

    fn body(&self, english: bool, trace_id: String) -> ProblemBody {
        let entry = catalogue::find(self.0.code);
        let told = |name: &str| self.0.facts.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
        // A fact that is words has them in English too, beside.
        let fact = |name: &str| told(&format!("{name}_in_english")).filter(|_| english).or_else(|| told(name));
        ProblemBody {
            kind: format!("/refus#{}", entry.code),
            title: title(self.status_code(), english).to_owned(),
            status: entry.status,
            code: entry.code,
            detail: catalogue::fill(if english { entry.english } else { entry.french }, fact),
            field: self.0.field.clone(),
            trace_id,
            lines: self.0.lines.clone(),
        }
    }
}

/// A status in words.
fn title(status: StatusCode, english: bool) -> &'static str {
    let french = match status.as_u16() {
        400 => "Requête illisible",
        401 => "Connexion nécessaire",
        403 => "Non permis",
        404 => "Introuvable",
        405 => "Méthode non permise",
        406 | 415 => "Forme inconnue ici",
        408 => "Requête trop lente",
        409 => "État contraire",
        410 => "Effacé",
        412 | 428 => "Version à relire",
        413 => "Trop volumineux",
        414 => "Adresse trop longue",
        422 => "Règle contraire",
        429 => "Trop de tentatives",
        503 => "Indisponible",
        507 => "Disque plein",
        _ => "Erreur interne",
    };
    if english { status.canonical_reason().unwrap_or("Problem") } else { french }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(catalogue::find(self.0.code).status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let circumstances = CIRCUMSTANCES.try_with(Clone::clone).unwrap_or_default();
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CONTENT_LANGUAGE, if circumstances.english { "en" } else { "fr" }));
        if let Some(seconds) = self.0.retry_after_seconds {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(allow) = &self.0.allow {
            response.insert_header((header::ALLOW, allow.clone()));
        }
        if self.status_code() == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let body = self.body(circumstances.english, circumstances.trace_id);
        let mut response = response.body(serde_json::to_vec(&body).unwrap_or_default());
        response.extensions_mut().insert(ProblemCode(self.0.code));
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let facts = refusal.about.into_iter().map(|(name, value)| (name.into_owned(), value)).collect();
        let field = refusal.field.map(std::borrow::Cow::into_owned);
        {
            let mut problem = Self::new(refusal.code.as_str());
            problem.0.field = field;
            problem.0.facts = facts;
            problem
        }
    }
}

impl From<Unmade> for Problem {
    fn from(error: Unmade) -> Self {
        match error {
            Unmade::Refused(refusal) => refusal.into(),
            Unmade::Store(error) => error.into(),
            Unmade::Unopened(_) | Unmade::NoFile(_) => Self::internal(&error),
        }
    }
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        Self::new(malformed.code())
    }
}

impl From<Forbidden> for Problem {
    fn from(_: Forbidden) -> Self {
        Self::new("forbidden")
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        Self::new(error.code())
    }
}

impl From<PasswordRefusal> for Problem {
    fn from(refusal: PasswordRefusal) -> Self {
        Self::new(refusal.code()).field("password")
    }
}

impl From<HashFailure> for Problem {
    fn from(error: HashFailure) -> Self {
        Self::internal(&error)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(_) | StoreError::Unreachable(_) => {
                tracing::error!(%error, "database");
                Self::new("too_busy").retry_after(2)
            }
            StoreError::Full => {
                tracing::error!(%error, "database");
                Self::new("storage_full").retry_after(60)
            }
            StoreError::Failed(_) => {
                tracing::error!(%error, "database");
                Self::new("storage_failed").retry_after(5)
            }
            StoreError::Conflict(_) | StoreError::Corrupt(_) | StoreError::Schema(_) | StoreError::InUse(_) => {
                Self::internal(&error)
            }
        }
    }
}

impl<E: Into<Self>> From<WriteError<E>> for Problem {
    fn from(error: WriteError<E>) -> Self {
        match error {
            WriteError::Undone(cause) => cause.into(),
            WriteError::Unknown(cause) => {
                tracing::error!(%cause, "outcome of a commit unknown");
                Self::new("outcome_unknown").retry_after(1)
            }
        }
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Forbidden => Self::new("forbidden"),
            SubmitError::ProgrammeUnknown => Self::new("programme_unknown"),
            SubmitError::KeyReused => Self::new("idempotency_key_reused"),
            SubmitError::InFlight => Self::new("request_in_flight").retry_after(1),
            SubmitError::QueueFull => Self::new("too_busy").retry_after(1),
            SubmitError::Stopped => Self::new("stopping").retry_after(5),
            SubmitError::RolledBack => Self::new("ledger_rolled_back").retry_after(600),
            SubmitError::ClockBehind => Self::new("clock_behind").retry_after(60),
            SubmitError::ClockAhead => Self::new("clock_ahead").retry_after(60),
            SubmitError::OutcomeUnknown => Self::new("outcome_unknown").retry_after(1),
            SubmitError::Store(error) => error.into(),
        }
    }
}
