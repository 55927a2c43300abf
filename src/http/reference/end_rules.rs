//! How many days before the end of an order what is asked of whom. What never lives here: the calendar itself.

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
use crate::domain::end_calendar::EndRules;

const RULES: Rules<EndRules, EndRulesView> = Rules {
    read: |tx, no| tx.end_rules(no),
    keep: |tx, no, rules, before| tx.keep_end_rules(no, rules, before),
    view: EndRulesView::new,
};

/// The rules as they stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndRules)]
struct EndRulesView {
    /// Days before the printed end of validity from which everybody is told.
    #[schema(example = 30)]
    alert_days: u32,
    /// Days before it on which hand-outs stop.
    #[schema(example = 15)]
    stop_days: u32,
    /// Days before it from which the Region acknowledges its liability.
    #[schema(example = 7)]
    acknowledgement_days: u32,
    /// Days after it on which the contradictory statement is drawn up.
    #[schema(example = 37)]
    statement_days: u32,
    /// Counts the changes; 0 while nobody has set any.
    version: i64,
}

impl EndRulesView {
    const fn new(rules: EndRules, version: i64) -> Self {
        let EndRules { alert_days, stop_days, acknowledgement_days, statement_days } = rules;
        Self { alert_days, stop_days, acknowledgement_days, statement_days, version }
    }
}

/// What to change of the rules.
#[expect(clippy::struct_field_names, reason = "the fields are named by the API")]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct EndRulesChange {
    /// At least `stop_days`, at most 365.
    #[schema(example = 30)]
    alert_days: Option<u32>,
    /// At least `acknowledgement_days`.
    #[schema(example = 15)]
    stop_days: Option<u32>,
    /// At least 1.
    #[schema(example = 7)]
    acknowledgement_days: Option<u32>,
    /// 0 to 365.
    #[schema(example = 37)]
    statement_days: Option<u32>,
}

/// The rules by which the ends of orders are prepared.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/end-rules", tag = "reference",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21")),
    responses((status = 200, description = "The rules", body = EndRulesView,
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
#[utoipa::path(patch, path = "/api/v1/programmes/{programme}/end-rules", tag = "reference",
    request_body = EndRulesChange,
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = EndRulesView,
        headers(("ETag" = String, description = "Their new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
    asked: Asked<EndRulesChange>,
) -> Result<HttpResponse, Problem> {
    let change = asked.body;
    RULES
        .change(&app, &request, (&asked.signed_in, &path), move |_, _, rules| {
            replace(&mut rules.alert_days, change.alert_days);
            replace(&mut rules.stop_days, change.stop_days);
            replace(&mut rules.acknowledgement_days, change.acknowledgement_days);
            replace(&mut rules.statement_days, change.statement_days);
            Ok(rules.check()?)
        })
        .await
}
