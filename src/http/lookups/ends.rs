//! How an order ends: its four counters, and each step of the calendar with its day, where it stands and the receipt that
//! took it. What never lives here: a figure (see `reports`), or a day of the calendar (see `domain::end_calendar`).

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::acts::supply::order_number;
use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{List, query};
use super::super::problem::Problem;
use super::super::statements::{self, day_asked};
use crate::auth::Action;
use crate::domain::end_calendar::{EndRules, Step, StepState};
use crate::domain::programme::Programme;
use crate::domain::time::Day;
use crate::reports::{self, Count, OrderEnd, ReportError, Request, Told};
use crate::store::Store;

/// On which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct EndQuery {
    /// The last business day that counts; today when not said.
    #[param(value_type = Option<String>, example = "2026-11-24")]
    as_of: Option<Day>,
}

/// Booklets, passes and their face value.
#[derive(Debug, Serialize, ToSchema)]
struct CountJson {
    booklets: i64,
    passes: i64,
    value_cents: i64,
}

/// A step of the calendar.
#[derive(Debug, Serialize, ToSchema)]
struct StepJson {
    #[schema(example = "stop")]
    step: &'static str,
    #[schema(example = "arrêt des remises")]
    label: &'static str,
    #[schema(example = "2026-12-16")]
    on: String,
    /// `upcoming`, `due`, `done` or `missed`.
    #[schema(example = "due")]
    state: &'static str,
    /// The receipts that took it.
    #[schema(example = json!(["HDF21-HDF-2026-000117"]))]
    receipts: Vec<String>,
}

/// What is due next.
#[derive(Debug, Serialize, ToSchema)]
struct DueJson {
    #[schema(example = "stop")]
    step: &'static str,
    #[schema(example = "2026-12-16")]
    since: String,
}

/// How an order ends. Everything is of the end of the day `as_of`; the days of the steps are by the rules in force now.
#[derive(Debug, Serialize, ToSchema)]
struct EndOfValidity {
    order: String,
    as_of: String,
    validity_end: String,
    grace_end: String,
    hand_outs_suspended: bool,
    redemptions_suspended: bool,
    /// Taken in charge from the issuer.
    printed: CountJson,
    /// Given to beneficiaries.
    handed_out: CountJson,
    not_handed_out: CountJson,
    /// Booklets of which a pass is used, and the passes used.
    started: CountJson,
    /// Passes that nobody has used: what would expire, and be credited, if all stopped now.
    unused: CountJson,
    /// Expired, and awaiting a credit note.
    to_credit: CountJson,
    credited: CountJson,
    /// Handed out since the Region has acknowledged its liability.
    at_own_charge: CountJson,
    /// What the issuer owes if nothing more is used.
    estimated_credit_cents: i64,
    steps: Vec<StepJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<DueJson>,
}

const fn count(Count { booklets, passes, value_cents }: Count) -> CountJson {
    CountJson { booklets, passes, value_cents }
}

/// The receipts by which a step was taken.
fn receipts(end: &OrderEnd, step: Step) -> Vec<String> {
    let told = |told: &Told| told.number.clone();
    let story = &end.story;
    match step {
        Step::Alert | Step::End | Step::Statement => Vec::new(),
        Step::Stop => story.stopped.iter().map(told).collect(),
        Step::Acknowledgement => story.acknowledged.iter().map(told).collect(),
        Step::Expiry => story.expiries.iter().map(told).collect(),
        Step::CreditNote => story.credit_notes.iter().map(told).collect(),
    }
}

impl EndOfValidity {
    fn new(end: &OrderEnd, rules: EndRules, as_of: Day) -> Self {
        let step = |(step, on, state): (Step, Day, StepState)| StepJson {
            step: step.as_str(),
            label: step.french(),
            on: on.to_string(),
            state: state.as_str(),
            receipts: receipts(end, step),
        };
        let due = end.progress().due(rules, as_of);
        Self {
            order: end.story.number.clone(),
            as_of: as_of.to_string(),
            validity_end: end.story.validity_end.to_string(),
            grace_end: end.story.grace_end.to_string(),
            hand_outs_suspended: end.story.suspended.hand_outs,
            redemptions_suspended: end.story.suspended.redemptions,
            printed: count(end.printed),
            handed_out: count(end.handed_out),
            not_handed_out: count(end.not_handed_out),
            started: count(end.started),
            unused: count(end.unused),
            to_credit: count(end.to_credit),
            credited: count(end.credited),
            at_own_charge: count(end.at_own_charge),
            estimated_credit_cents: end.estimated_credit().value_cents,
            steps: end.progress().steps(rules, as_of).map(step).collect(),
            due: due.map(|(step, since)| DueJson { step: step.as_str(), since: since.to_string() }),
        }
    }
}

/// The orders asked about, as they stood on the day asked for.
async fn read<T: Send + 'static>(
    app: &web::Data<App>,
    (programme, request): (&Programme, &HttpRequest),
    ends: impl FnOnce(&Arc<Store>, &Request) -> Result<T, ReportError> + Send + 'static,
) -> Result<(T, EndRules, Day), Problem> {
    let as_of = day_asked(app, query::<EndQuery>(request)?.as_of)?;
    let (no, asked) = (programme.no, Request::new(programme.code.clone(), as_of));
    let rules = app.read(move |tx| Ok(tx.end_rules(no)?.unwrap_or_default().0)).await?;
    Ok((statements::read(app, move |store| ends(store, &asked)).await?, rules, as_of))
}

/// How every order of a programme ends.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/end-of-validity", tag = "ends",
    params(("programme" = String, Path), EndQuery), responses((status = 200, body = List<EndOfValidity>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path).await?;
    let (ends, rules, as_of) = read(&app, (&programme, &request), reports::order_ends).await?;
    let items = ends.iter().map(|end| EndOfValidity::new(end, rules, as_of)).collect();
    Ok(HttpResponse::Ok().json(List { items, next: None }))
}

/// How an order ends: the four counters, each step of the calendar, and what is due.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/orders/{order}/end-of-validity", tag = "ends",
    params(("programme" = String, Path), ("order" = String, Path), EndQuery),
    responses((status = 200, body = EndOfValidity)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let number = order_number(&path.1)?;
    let asked = number.clone();
    let find = move |store: &Arc<Store>, request: &Request| reports::order_end(store, request, asked.as_str());
    let (end, rules, as_of) = read(&app, (&programme, &request), find).await?;
    let end = end.ok_or_else(|| Problem::new("order_unknown").about("order", number))?;
    Ok(HttpResponse::Ok().json(EndOfValidity::new(&end, rules, as_of)))
}
