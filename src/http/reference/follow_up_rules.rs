//! How often and how long a programme reminds whoever agreed to it. What never lives here: who may be reminded.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::Asked;
use super::super::problem::Problem;
use super::replace;
use super::rules::Rules;
use crate::domain::follow_up::FollowUpRules;

const RULES: Rules<FollowUpRules, FollowUpRulesView> = Rules {
    read: |tx, no| tx.follow_up_rules(no),
    keep: |tx, no, rules, before| tx.keep_follow_up_rules(no, *rules, before),
    view: FollowUpRulesView::new,
};

/// The rules as they stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FollowUpRules)]
struct FollowUpRulesView {
    /// Reminders of one hand-out at most.
    #[schema(example = 2)]
    reminders: u32,
    /// Days from the hand-out to the first reminder, and from one to the next.
    #[schema(example = 14)]
    days_between: u32,
    /// Days after the first use for which a contact is still kept.
    #[schema(example = 7)]
    days_after_use: u32,
    /// Months after the hand-out for which a contact is kept at most.
    #[schema(example = 6)]
    months: u32,
    /// Counts the changes; 0 while nobody has set any.
    version: i64,
}

impl FollowUpRulesView {
    const fn new(rules: FollowUpRules, version: i64) -> Self {
        let FollowUpRules { reminders, days_between, days_after_use, months } = rules;
        Self { reminders, days_between, days_after_use, months, version }
    }
}

/// What to change of the rules.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct FollowUpRulesChange {
    /// 1 to 5.
    #[schema(example = 2)]
    reminders: Option<u32>,
    /// 1 to 90.
    #[schema(example = 14)]
    days_between: Option<u32>,
    /// 0 to 30.
    #[schema(example = 7)]
    days_after_use: Option<u32>,
    /// 1 to 24.
    #[schema(example = 6)]
    months: Option<u32>,
}

/// How often and how long whoever agreed to it is reminded.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/follow-up-rules", tag = "reference",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21")),
    responses((status = 200, description = "The rules", body = FollowUpRulesView,
        headers(("ETag" = String, description = "Their version")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    RULES.one(&app, (&signed_in, &path)).await
}

/// Changes the rules, of which the version read is given in `If-Match`.
#[utoipa::path(patch, path = "/api/v1/programmes/{programme}/follow-up-rules", tag = "reference",
    request_body = FollowUpRulesChange,
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = FollowUpRulesView,
        headers(("ETag" = String, description = "Their new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
    asked: Asked<FollowUpRulesChange>,
) -> Result<HttpResponse, Problem> {
    let change = asked.body;
    RULES
        .change(&app, &request, (&asked.signed_in, &path), move |_, _, rules| {
            replace(&mut rules.reminders, change.reminders);
            replace(&mut rules.days_between, change.days_between);
            replace(&mut rules.days_after_use, change.days_after_use);
            replace(&mut rules.months, change.months);
            Ok(rules.check()?)
        })
        .await
}
