//! How a programme distributes its booklets: delays, training, and what the letters say of appeals. What never lives here:
//! who is eligible.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::Asked;
use super::super::problem::Problem;
use super::rules::Rules;
use super::{Change, replace};
use crate::auth::Action;
use crate::domain::distribution::DistributionRules;
use crate::domain::text::Label;

const RULES: Rules<DistributionRules, DistributionRulesView> = Rules {
    read: |tx, no| tx.distribution_rules(no),
    keep: |tx, no, rules, before| tx.keep_distribution_rules(no, rules, before),
    view: DistributionRulesView::new,
};

/// The rules of distribution as they stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DistributionRules)]
struct DistributionRulesView {
    /// Days within which an applicant brings what is missing, or a new address.
    #[schema(example = 60)]
    completion_days: u32,
    /// The court before which a refusal may be disputed.
    #[schema(example = "tribunal administratif de Lille, 5 rue Geoffroy-Saint-Hilaire, 59000 Lille")]
    appeal_court: String,
    /// Where the request to reconsider a refusal is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    appeal_address: Option<String>,
    /// Agents hand booklets out once they are trained.
    training_required: bool,
    /// For how many months a training counts; 0: for ever.
    training_months: u32,
    /// Whoever hands out says where the person is told to go, or what for.
    orientation_required: bool,
    /// Counts the changes; 0 while nobody has set any.
    version: i64,
}

impl DistributionRulesView {
    fn new(rules: DistributionRules, version: i64) -> Self {
        Self {
            completion_days: rules.completion_days,
            appeal_court: rules.appeal_court.to_string(),
            appeal_address: rules.appeal_address.map(|address| address.to_string()),
            training_required: rules.training_required,
            training_months: rules.training_months,
            orientation_required: rules.orientation_required,
            version,
        }
    }
}

/// What to change of the rules of distribution.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct DistributionRulesChange {
    /// 1 to 365.
    #[schema(example = 60)]
    completion_days: Option<u32>,
    #[schema(value_type = Option<String>)]
    appeal_court: Option<Label>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    appeal_address: Change<Label>,
    training_required: Option<bool>,
    /// 0 to 120.
    training_months: Option<u32>,
    orientation_required: Option<bool>,
}

/// The rules of distribution.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/distribution-rules", tag = "reference",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21")),
    responses((status = 200, description = "The rules", body = DistributionRulesView,
        headers(("ETag" = String, description = "Their version")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadApplications)?;
    RULES.one(&app, (&signed_in, &path)).await
}

/// Changes the rules, of which the version read is given in `If-Match`.
#[utoipa::path(patch, path = "/api/v1/programmes/{programme}/distribution-rules", tag = "reference",
    request_body = DistributionRulesChange,
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = DistributionRulesView,
        headers(("ETag" = String, description = "Their new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
    asked: Asked<DistributionRulesChange>,
) -> Result<HttpResponse, Problem> {
    let change = asked.body;
    RULES
        .change(&app, &request, (&asked.signed_in, &path), move |_, _, rules| {
            replace(&mut rules.completion_days, change.completion_days);
            replace(&mut rules.appeal_court, change.appeal_court);
            change.appeal_address.apply(&mut rules.appeal_address);
            replace(&mut rules.training_required, change.training_required);
            replace(&mut rules.training_months, change.training_months);
            replace(&mut rules.orientation_required, change.orientation_required);
            Ok(rules.check()?)
        })
        .await
}
