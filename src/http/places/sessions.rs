//! Where and when a place that travels is next: announced and cancelled by the provider that answers for it, or the Region.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::views::SessionView;
use super::{moderates, now, parse_id, provider_of, unknown, visible};
use crate::auth::Action;
use crate::domain::ids::{PlaceId, SessionId};
use crate::domain::places::ChangeKind;
use crate::domain::places::moderation::is_shown;
use crate::domain::places::session::Session;
use crate::domain::places::words::TimeOfDay;
use crate::domain::position::{Degrees, Position};
use crate::domain::text::Label;
use crate::domain::time::Day;
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::{Asked, List};
use crate::http::problem::Problem;
use crate::http::reference::commune;
use crate::store::Reads;

/// A session to be announced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewSession {
    #[schema(value_type = String, example = "2021-10-12")]
    day: Day,
    #[schema(value_type = String, example = "09:00")]
    starts: TimeOfDay,
    #[schema(value_type = String, example = "12:00")]
    ends: TimeOfDay,
    /// INSEE code.
    #[schema(example = "59392")]
    commune: String,
    #[schema(value_type = String, example = "Place de la mairie")]
    address: Label,
    /// Both or neither.
    #[schema(value_type = Option<String>, example = "50.27875")]
    latitude: Option<Degrees>,
    #[schema(value_type = Option<String>, example = "3.97267")]
    longitude: Option<Degrees>,
    #[schema(value_type = Option<String>, example = "Sur rendez-vous")]
    note: Option<Label>,
}

/// Nothing more need be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SessionCancellation {}

impl NewSession {
    fn session(self, id: SessionId, place: PlaceId, today: Day) -> Result<Session, Problem> {
        let position = match (self.latitude, self.longitude) {
            (None, None) => None,
            (Some(latitude), Some(longitude)) => Some(Position::new(latitude, longitude)?),
            _ => return Err(Problem::new("position_incomplete").field("latitude")),
        };
        let session = Session {
            id,
            place,
            day: self.day,
            starts: self.starts,
            ends: self.ends,
            commune: commune(&self.commune)?,
            address: self.address,
            position,
            note: self.note,
            cancelled: false,
        };
        if !session.is_in_order() {
            return Err(Problem::new("dates_out_of_order").field("ends"));
        }
        if session.is_ahead(today) { Ok(session) } else { Err(Problem::new("session_not_ahead").field("day")) }
    }
}

/// The Region, or the provider that answers for the place; for others there is no such place to announce for.
fn answers_for(tx: &mut (impl Reads + ?Sized), id: PlaceId, signed_in: &SignedIn) -> Result<(), Problem> {
    let place = visible(tx, id, signed_in)?;
    is_shown(&place)?;
    let own = provider_of(tx, &place)? == Some(signed_in.organisation.id);
    if own || moderates(signed_in) { Ok(()) } else { Err(unknown()) }
}

/// The sessions of a place from today on, the cancelled ones too.
#[utoipa::path(get, path = "/api/v1/places/{id}/sessions", tag = "places", summary = "List the sessions of a place",
    params(("id" = String, Path)),
    responses((status = 200, description = "In order of day and time", body = List<SessionView>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    id: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let (id, today) = (parse_id(&id)?, now(&app).day());
    let found = app
        .read(move |tx| {
            visible(tx, id, &signed_in)?;
            Ok(tx.sessions_from(today, Some(id))?)
        })
        .await?;
    let items = found.iter().map(SessionView::from).collect();
    Ok(HttpResponse::Ok().json(List { items, next: None }))
}

/// Announces a session.
#[utoipa::path(post, path = "/api/v1/places/{id}/sessions", tag = "places", summary = "Announce a session",
    request_body = NewSession, params(("id" = String, Path)),
    responses((status = 201, description = "Announced", body = SessionView)))]
pub(in crate::http) async fn announce(
    app: web::Data<App>,
    id: web::Path<String>,
    asked: Asked<NewSession>,
) -> Result<HttpResponse, Problem> {
    let (id, at, signed_in) = (parse_id(&id)?, now(&app), asked.signed_in);
    let session = asked.body.session(SessionId::new(app.entropy.uuid(at)), id, at.day())?;
    let new = session.clone();
    app.write(move |tx| {
        answers_for(tx, id, &signed_in)?;
        tx.insert_session(&new)?;
        Ok::<_, Problem>(tx.note_place_changes(&[(id, ChangeKind::Changed)], at)?)
    })
    .await?;
    Ok(HttpResponse::Created().json(SessionView::from(&session)))
}

/// Cancels a session: it is shown no more.
#[utoipa::path(post, path = "/api/v1/places/{id}/sessions/{session}/cancellation", tag = "places",
    summary = "Cancel a session", request_body = SessionCancellation,
    params(("id" = String, Path), ("session" = String, Path)),
    responses((status = 200, description = "Cancelled", body = SessionView)))]
pub(in crate::http) async fn cancel(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    asked: Asked<SessionCancellation>,
) -> Result<HttpResponse, Problem> {
    let missing = || Problem::new("session_unknown");
    let (id, at, signed_in) = (parse_id(&path.0)?, now(&app), asked.signed_in);
    let SessionCancellation {} = asked.body;
    let wanted = SessionId::parse(&path.1).map_err(|_| missing())?;
    let session = app
        .write(move |tx| {
            answers_for(tx, id, &signed_in)?;
            let session = tx.session(id, wanted)?.ok_or_else(missing)?;
            if tx.cancel_session(wanted)? {
                tx.note_place_changes(&[(id, ChangeKind::Changed)], at)?;
            }
            Ok(Session { cancelled: true, ..session })
        })
        .await?;
    Ok(HttpResponse::Ok().json(SessionView::from(&session)))
}
