//! The events of a programme, by cursor. What never lives here: what an event says (see `feeds`), or who is told of it.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{limit, query};
use super::super::lookups::party;
use super::super::problem::Problem;
use crate::auth::Action;
use crate::domain::ids::ProgrammeNo;
use crate::domain::short_code::ShortCode;
use crate::feeds::{Event, EventBody, of_applications, of_receipts};
use crate::store::{Reads, StoreError};

/// After which event.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// The `next` of the answer before; 0 for everything.
    #[serde(default)]
    #[param(example = 0)]
    after: i64,
    /// Events of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
}

/// What happened, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Events {
    #[schema(value_type = Vec<EventSchema>)]
    items: Vec<EventBody>,
    /// What to pass as `after` the next time, whether or not something was there.
    #[schema(example = 42)]
    next: i64,
    /// Whether more is to be had at once.
    more: bool,
}

/// What became of applications, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplicationEvents {
    #[schema(value_type = Vec<ApplicationEventSchema>)]
    items: Vec<EventBody>,
    /// What to pass as `after` the next time, whether or not something was there.
    #[schema(example = 42)]
    next: i64,
    /// Whether more is to be had at once.
    more: bool,
}

/// What a receipt says of applications. No personal data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationEvent)]
pub(super) struct ApplicationEventSchema {
    /// Told twice, it is the same event.
    #[schema(example = "HDF21:42:applications")]
    id: String,
    #[schema(example = "applications.changed")]
    r#type: String,
    #[schema(example = "2026-11-26T14:03:21.123Z")]
    occurred_at: String,
    #[schema(example = "HDF21")]
    programme: String,
    #[schema(example = 42)]
    position: i64,
    #[schema(example = "HDF21-HDF-2026-000007")]
    receipt: String,
    #[schema(example = "2026-11-26")]
    day: String,
    applications: Vec<ApplicationToldSchema>,
}

/// What an application has become.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationTold)]
pub(super) struct ApplicationToldSchema {
    #[schema(example = 12)]
    application: i64,
    #[schema(example = "AID-2026-004711")]
    external_reference: String,
    /// Who filed it.
    #[schema(example = "AIDES")]
    office: String,
    /// `received`, `complete`, `accepted`, `refused`, `withdrawn`, `expired`, `mailed`, `returned` or `delivered`.
    #[schema(example = "mailed")]
    state: String,
    /// Why it was refused, or why its letter came back.
    reason: Option<String>,
    /// The day on which its letter reached the person.
    delivered_on: Option<String>,
}

/// Something that happened: a receipt, or a change of the registry of places. No personal data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(super) struct EventSchema {
    /// Told twice, it is the same event.
    #[schema(example = "HDF21:42")]
    id: String,
    #[schema(example = "receipt.redemption")]
    r#type: String,
    #[schema(example = "2026-11-26T14:03:21.123Z")]
    occurred_at: String,
    #[schema(example = "HDF21")]
    programme: String,
    #[schema(example = 42)]
    position: i64,
    #[schema(example = "HDF21-LIEUX-2026-000007")]
    receipt: String,
    #[schema(example = "2026-11-26")]
    day: String,
    /// The organisation that issued the receipt.
    #[schema(example = "LIEUX")]
    office: String,
    booklets: i64,
    passes: i64,
    value_cents: i64,
    hash: String,
}

/// The events of a programme after one of them, as far as the caller sees its receipts.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/events", tag = "feeds", summary = "Follow a programme",
    params(("programme" = String, Path), EventsQuery),
    responses((status = 200, description = "Events in the order of the journal", body = Events)))]
pub(in crate::http) async fn events(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let (items, next, more) =
        after(&app, &path, &signed_in, &request, |tx, whose, page, party| of_receipts(tx, whose, page, party)).await?;
    Ok(HttpResponse::Ok().json(Events { items, next, more }))
}

/// What became of the applications of a programme after an event, as far as the caller's organisation filed them: decided, mailed,
/// delivered. No name, no address.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/application-events", tag = "feeds",
    summary = "Follow applications", params(("programme" = String, Path), EventsQuery),
    responses((status = 200, description = "Events in the order of the journal", body = ApplicationEvents)))]
pub(in crate::http) async fn of_its_applications(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadApplications)?;
    let (items, next, more) =
        after(&app, &path, &signed_in, &request, |tx, whose, page, party| of_applications(tx, whose, page, party))
            .await?;
    Ok(HttpResponse::Ok().json(ApplicationEvents { items, next, more }))
}

/// Reads events: of a programme, after a position and at most so many, of one organisation or all.
type Read = fn(
    &mut dyn Reads,
    (ProgrammeNo, &ShortCode),
    (i64, i64),
    Option<&ShortCode>,
) -> Result<(Vec<Event>, i64), StoreError>;

/// The events that `read` finds, what comes `after` them, and whether more is to be had at once.
async fn after(
    app: &web::Data<App>,
    path: &str,
    signed_in: &SignedIn,
    request: &HttpRequest,
    read: Read,
) -> Result<(Vec<EventBody>, i64, bool), Problem> {
    let programme = signed_in.programme(app, path).await?;
    let asked: EventsQuery = query(request)?;
    let (limit, party) = (limit(asked.limit)?, party(signed_in));
    let (events, next, last) = app
        .read(move |tx| {
            let whose = (programme.no, &programme.code);
            let (events, next) = read(tx, whose, (asked.after, limit), party.as_ref())?;
            let last = tx.journal(programme.no)?.map_or(0, |journal| journal.position);
            Ok((events, next, last))
        })
        .await?;
    // Where fewer were found than asked for, the journal was looked at to its end.
    Ok((events.into_iter().map(|event| event.body).collect(), next, next < last))
}
