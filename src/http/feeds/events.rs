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
use crate::feeds::{EventBody, of_receipts};

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
    let programme = signed_in.programme(&app, &path).await?;
    let asked: EventsQuery = query(&request)?;
    let limit = limit(asked.limit)?;
    let party = party(&signed_in);
    let (events, next) = app
        .read(move |tx| {
            let whose = (programme.no, &programme.code);
            Ok(of_receipts(tx, whose, (asked.after, limit), party.as_ref())?)
        })
        .await?;
    let more = i64::try_from(events.len()).is_ok_and(|count| count == limit);
    let items = events.into_iter().map(|event| event.body).collect();
    Ok(HttpResponse::Ok().json(Events { items, next, more }))
}
