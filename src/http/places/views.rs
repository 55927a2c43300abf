//! How places, revisions and sessions are shown. What never lives here: who sees them.

use serde::Serialize;
use utoipa::ToSchema;

use super::sheet_schema::SheetSchema;
use crate::domain::ids::{OrganisationId, PlaceId, SessionId, UserId, VenueId};
use crate::domain::party::Role;
use crate::domain::places::directory::{Found, Listed, OUTDATED_DAYS};
use crate::domain::places::session::Session;
use crate::domain::places::{Outcome, Place, Revision, Sheet, Signed, State};
use crate::domain::territory;
use crate::domain::time::Day;

/// A place of the registry.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PlaceView {
    #[schema(value_type = String, format = "uuid")]
    id: PlaceId,
    /// `proposed`, `published`, `refused` or `withdrawn`.
    #[schema(value_type = String, example = "published")]
    state: State,
    /// What is published; while nothing is, what was proposed first.
    #[schema(value_type = SheetSchema)]
    sheet: Sheet,
    /// The number of the revision that the sheet is; 0 while nothing is published. A change names it as its `base`.
    #[schema(example = 1)]
    in_force: i64,
    /// Revisions so far.
    #[schema(example = 1)]
    revisions: i64,
    /// The venue where passes are spent, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    venue_id: Option<VenueId>,
    /// Nobody has confirmed the description for a year.
    outdated: bool,
}

impl PlaceView {
    pub(super) fn new(place: Place, today: Day) -> Self {
        let Place { id, state, sheet, in_force, revisions, venue, version: _ } = place;
        let outdated = sheet.is_outdated(today, OUTDATED_DAYS);
        Self { id, state, sheet, in_force, revisions, venue_id: venue, outdated }
    }
}

/// Who did something, and when. The person is named to those who see the whole programme.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignedView {
    #[schema(value_type = String, format = "uuid")]
    organisation_id: OrganisationId,
    #[schema(value_type = String, example = "prescriber_agent")]
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    user_id: Option<UserId>,
    #[schema(example = "2026-11-26T14:03:21.123Z")]
    at: String,
}

impl SignedView {
    fn new(by: &Signed, named: bool) -> Self {
        let user_id = named.then_some(by.user);
        Self { organisation_id: by.organisation, role: by.role, user_id, at: by.at.to_string() }
    }
}

/// A description as somebody proposed it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct RevisionView {
    #[schema(value_type = String, format = "uuid")]
    place_id: PlaceId,
    #[schema(example = 2)]
    number: i64,
    /// The revision that was in force when it was proposed.
    #[schema(example = 1)]
    base: i64,
    #[schema(value_type = SheetSchema)]
    sheet: Sheet,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    proposed: SignedView,
    /// `accepted` or `refused`; absent while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "accepted")]
    outcome: Option<Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<SignedView>,
}

impl RevisionView {
    /// `named`: whether the reader may know the persons.
    pub(super) fn new(revision: Revision, named: bool) -> Self {
        let Revision { place, number, base, sheet, note, by, decision } = revision;
        Self {
            place_id: place,
            number,
            base,
            sheet,
            note: note.map(|note| note.to_string()),
            proposed: SignedView::new(&by, named),
            outcome: decision.as_ref().map(|decision| decision.outcome),
            reason: decision.as_ref().and_then(|decision| decision.reason.as_ref()).map(ToString::to_string),
            decided: decision.as_ref().map(|decision| SignedView::new(&decision.by, named)),
        }
    }
}

/// A dated session of a place that travels.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlaceSession)]
pub(in crate::http) struct SessionView {
    #[schema(value_type = String, format = "uuid")]
    id: SessionId,
    #[schema(example = "2026-12-01")]
    day: String,
    #[schema(example = "09:00")]
    starts: String,
    #[schema(example = "12:00")]
    ends: String,
    /// INSEE code.
    #[schema(example = "59392")]
    commune: String,
    #[schema(example = "Maubeuge")]
    commune_name: &'static str,
    #[schema(example = "Place de la mairie")]
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "50.27875")]
    latitude: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "3.97267")]
    longitude: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    cancelled: bool,
}

impl From<&Session> for SessionView {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id,
            day: session.day.to_string(),
            starts: session.starts.to_string(),
            ends: session.ends.to_string(),
            commune: session.commune.to_string(),
            commune_name: territory::commune(&session.commune).map_or("", |commune| commune.name),
            address: session.address.to_string(),
            latitude: session.position.map(|position| position.latitude.to_string()),
            longitude: session.position.map(|position| position.longitude.to_string()),
            note: session.note.as_ref().map(ToString::to_string),
            cancelled: session.cancelled,
        }
    }
}

/// A place as everybody may read it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PublicPlace<'a> {
    #[schema(value_type = String, format = "uuid")]
    id: PlaceId,
    #[schema(value_type = SheetSchema)]
    sheet: &'a Sheet,
    /// INSEE code of the commune of today.
    #[schema(example = "59392")]
    commune: String,
    /// Passes can be spent here today: the Region approves the venue.
    accepts_passes: bool,
    /// Codes of the programmes whose passes are taken.
    #[schema(example = json!(["HDF21"]))]
    programmes: Vec<String>,
    /// Nobody has confirmed the description for a year.
    outdated: bool,
    /// The next ones, in order of day.
    sessions: Vec<SessionView>,
    /// From where one looks to the nearest of the place and its sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1200)]
    distance_metres: Option<i64>,
}

impl<'a> PublicPlace<'a> {
    pub(super) fn new(listed: &'a Listed, metres: Option<i64>, today: Day) -> Self {
        Self {
            id: listed.id,
            sheet: &listed.sheet,
            commune: listed.commune.code.to_string(),
            accepts_passes: listed.accepts_passes(),
            programmes: listed.programmes.iter().map(ToString::to_string).collect(),
            outdated: listed.sheet.is_outdated(today, OUTDATED_DAYS),
            sessions: listed.sessions.iter().map(SessionView::from).collect(),
            distance_metres: metres,
        }
    }

    pub(super) fn found(found: &Found<'a>, today: Day) -> Self {
        Self::new(found.listed, found.metres, today)
    }
}
