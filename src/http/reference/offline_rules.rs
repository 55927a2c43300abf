//! How much a programme lets devices take without a network. What never lives here: a limit's meaning (see `domain::offline`).

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
use crate::domain::offline::OfflineRules;

const RULES: Rules<OfflineRules, OfflineRulesView> = Rules {
    read: |tx, no| tx.offline_rules(no),
    keep: |tx, no, rules, before| tx.keep_offline_rules(no, *rules, before),
    view: OfflineRulesView::new,
};

/// The rules as they stand. Days are those of the device's clock, in Europe/Paris.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfflineRules)]
struct OfflineRulesView {
    /// Passes that one device may take in a day.
    #[schema(example = 60)]
    device_day_passes: i64,
    /// Their face value, in cents.
    #[schema(example = 60_000)]
    device_day_cents: i64,
    /// Passes of one booklet that all devices together may take in a day.
    #[schema(example = 10)]
    booklet_day_passes: i64,
    /// Hours from the scan until the line is with us.
    #[schema(example = 72)]
    max_offline_hours: u32,
    /// Counts the changes; 0 while nobody has set any.
    version: i64,
}

impl OfflineRulesView {
    const fn new(rules: OfflineRules, version: i64) -> Self {
        let OfflineRules { device_day_passes, device_day_cents, booklet_day_passes, max_offline_hours } = rules;
        Self { device_day_passes, device_day_cents, booklet_day_passes, max_offline_hours, version }
    }
}

/// What to change of the rules.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct OfflineRulesChange {
    /// 0 to 2 000; 0 lets nobody redeem without a network.
    #[schema(example = 60)]
    device_day_passes: Option<i64>,
    /// 0 to 10 000 000.
    #[schema(example = 60_000)]
    device_day_cents: Option<i64>,
    /// 0 to 99.
    #[schema(example = 10)]
    booklet_day_passes: Option<i64>,
    /// 1 to 720.
    #[schema(example = 72)]
    max_offline_hours: Option<u32>,
}

/// How much devices may take without a network.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/offline-rules", tag = "reference",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21")),
    responses((status = 200, description = "The rules", body = OfflineRulesView,
        headers(("ETag" = String, description = "Their version")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    RULES.one(&app, (&signed_in, &path)).await
}

/// Changes the rules, of which the version read is given in `If-Match`. They hold for what comes from then on.
#[utoipa::path(patch, path = "/api/v1/programmes/{programme}/offline-rules", tag = "reference",
    request_body = OfflineRulesChange,
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = OfflineRulesView,
        headers(("ETag" = String, description = "Their new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
    asked: Asked<OfflineRulesChange>,
) -> Result<HttpResponse, Problem> {
    let change = asked.body;
    RULES
        .change(&app, &request, (&asked.signed_in, &path), move |_, _, rules| {
            replace(&mut rules.device_day_passes, change.device_day_passes);
            replace(&mut rules.device_day_cents, change.device_day_cents);
            replace(&mut rules.booklet_day_passes, change.booklet_day_passes);
            replace(&mut rules.max_offline_hours, change.max_offline_hours);
            Ok(rules.check()?)
        })
        .await
}
