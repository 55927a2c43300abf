//! How long what is known of people is kept. What never lives here: whose time is over.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::Asked;
use super::super::problem::Problem;
use super::replace;
use super::rules::Rules;
use crate::auth::Action;
use crate::domain::erasure::RetentionRules;

const RULES: Rules<RetentionRules, RetentionRulesView> = Rules {
    read: |tx, no| tx.retention_rules(no),
    keep: |tx, no, rules, before| tx.keep_retention_rules(no, *rules, before),
    view: RetentionRulesView::new,
};

/// The rules as they stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetentionRules)]
struct RetentionRulesView {
    /// Months after the last contact with a person for which what is known of them is kept.
    #[schema(example = 24)]
    months: u32,
    /// Counts the changes; 0 while nobody has set any.
    version: i64,
}

impl RetentionRulesView {
    const fn new(rules: RetentionRules, version: i64) -> Self {
        Self { months: rules.months, version }
    }
}

/// What to change of the rules.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RetentionRulesChange {
    /// 6 to 60.
    #[schema(example = 24)]
    months: Option<u32>,
}

/// How long what is known of people is kept.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/retention-rules", tag = "reference",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21")),
    responses((status = 200, description = "The rules", body = RetentionRulesView,
        headers(("ETag" = String, description = "Their version")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    RULES.one(&app, (&signed_in, &path)).await
}

/// Changes the rules, of which the version read is given in `If-Match`.
#[utoipa::path(patch, path = "/api/v1/programmes/{programme}/retention-rules", tag = "reference",
    request_body = RetentionRulesChange,
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = RetentionRulesView,
        headers(("ETag" = String, description = "Their new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
    asked: Asked<RetentionRulesChange>,
) -> Result<HttpResponse, Problem> {
    let change = asked.body;
    RULES
        .change(&app, &request, (&asked.signed_in, &path), move |_, _, rules| {
            replace(&mut rules.months, change.months);
            Ok(rules.check()?)
        })
        .await
}
