//! The rows of the registry of places. What never lives here: a query.

use diesel::prelude::{AsChangeset, Identifiable, Queryable, Selectable};

use super::super::cell::stored_row;
use super::super::error::StoreError;
use super::super::place_doors::PlaceChange;
use super::super::schema::{place_changes, place_decisions, place_revisions, place_sessions, places};
use super::{corrupt, day, optional};
use crate::domain::ids::{OrganisationId, PlaceId, SessionId, UserId, VenueId};
use crate::domain::party::Role;
use crate::domain::places::session::Session;
use crate::domain::places::words::TimeOfDay;
use crate::domain::places::{ChangeKind, Decision, Outcome, Place, Revision, Sheet, Signed, State};
use crate::domain::position::{Degrees, Position};
use crate::domain::territory::CommuneCode;
use crate::domain::text::Label;
use crate::domain::time::Instant;

/// A sheet as it is kept: its columns as JSON text.
fn written(sheet: &Sheet) -> String {
    serde_json::to_string(sheet).unwrap_or_default()
}

fn read(sheet: &str) -> Result<Sheet, StoreError> {
    serde_json::from_str(sheet).map_err(|_| corrupt("the sheet of a place"))
}

stored_row! {
    #[derive(Debug, Queryable, Selectable, Identifiable, AsChangeset)]
    #[diesel(table_name = places, treat_none_as_null = true)]
    pub(in crate::store) struct PlaceRow in "places" {
        id: String,
        state: String,
        sheet: String,
        updated_on: String,
        in_force: i64,
        revisions: i64,
        venue_id: Option<String>,
        version: i64,
    }
}

impl From<&Place> for PlaceRow {
    fn from(place: &Place) -> Self {
        Self {
            id: place.id.to_string(),
            state: place.state.to_string(),
            sheet: written(&place.sheet),
            updated_on: place.sheet.updated_on.to_string(),
            in_force: place.in_force,
            revisions: place.revisions,
            venue_id: place.venue.map(|venue| venue.to_string()),
            version: place.version,
        }
    }
}

impl TryFrom<PlaceRow> for Place {
    type Error = StoreError;
    fn try_from(row: PlaceRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: PlaceId::parse(&row.id)?,
            state: State::parse(&row.state)?,
            sheet: read(&row.sheet)?,
            in_force: row.in_force,
            revisions: row.revisions,
            venue: optional(row.venue_id.as_deref(), VenueId::parse)?,
            version: row.version,
        })
    }
}

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = place_revisions)]
    pub(in crate::store) struct RevisionRow in "place_revisions" {
        place_id: String,
        number: i64,
        base: i64,
        sheet: String,
        note: Option<String>,
        user_id: String,
        organisation_id: String,
        role: String,
        at_millis: i64,
    }
}

impl From<&Revision> for RevisionRow {
    fn from(revision: &Revision) -> Self {
        Self {
            place_id: revision.place.to_string(),
            number: revision.number,
            base: revision.base,
            sheet: written(&revision.sheet),
            note: revision.note.as_ref().map(ToString::to_string),
            user_id: revision.by.user.to_string(),
            organisation_id: revision.by.organisation.to_string(),
            role: revision.by.role.to_string(),
            at_millis: revision.by.at.millis(),
        }
    }
}

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = place_decisions)]
    pub(in crate::store) struct DecisionRow in "place_decisions" {
        place_id: String,
        number: i64,
        outcome: String,
        reason: Option<String>,
        user_id: String,
        organisation_id: String,
        role: String,
        at_millis: i64,
    }
}

impl DecisionRow {
    pub(in crate::store) fn new(place: PlaceId, number: i64, decision: &Decision) -> Self {
        Self {
            place_id: place.to_string(),
            number,
            outcome: decision.outcome.to_string(),
            reason: decision.reason.as_ref().map(ToString::to_string),
            user_id: decision.by.user.to_string(),
            organisation_id: decision.by.organisation.to_string(),
            role: decision.by.role.to_string(),
            at_millis: decision.by.at.millis(),
        }
    }
}

fn signed(user: &str, organisation: &str, role: &str, at_millis: i64) -> Result<Signed, StoreError> {
    Ok(Signed {
        user: UserId::parse(user)?,
        organisation: OrganisationId::parse(organisation)?,
        role: Role::parse(role)?,
        at: Instant::from_millis(at_millis),
    })
}

impl TryFrom<DecisionRow> for Decision {
    type Error = StoreError;
    fn try_from(row: DecisionRow) -> Result<Self, StoreError> {
        Ok(Self {
            outcome: Outcome::parse(&row.outcome)?,
            reason: optional(row.reason.as_deref(), Label::parse)?,
            by: signed(&row.user_id, &row.organisation_id, &row.role, row.at_millis)?,
        })
    }
}

/// A revision with its decision, if there is one.
impl TryFrom<(RevisionRow, Option<DecisionRow>)> for Revision {
    type Error = StoreError;
    fn try_from((row, decision): (RevisionRow, Option<DecisionRow>)) -> Result<Self, StoreError> {
        Ok(Self {
            place: PlaceId::parse(&row.place_id)?,
            number: row.number,
            base: row.base,
            sheet: read(&row.sheet)?,
            note: optional(row.note.as_deref(), Label::parse)?,
            by: signed(&row.user_id, &row.organisation_id, &row.role, row.at_millis)?,
            decision: decision.map(Decision::try_from).transpose()?,
        })
    }
}

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = place_sessions)]
    pub(in crate::store) struct SessionRow in "place_sessions" {
        id: String,
        place_id: String,
        day: String,
        starts: String,
        ends: String,
        commune: String,
        address: String,
        latitude: Option<String>,
        longitude: Option<String>,
        note: Option<String>,
        cancelled: bool,
    }
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        let at = |of: fn(&Position) -> Degrees| session.position.as_ref().map(|position| of(position).to_string());
        Self {
            id: session.id.to_string(),
            place_id: session.place.to_string(),
            day: session.day.to_string(),
            starts: session.starts.to_string(),
            ends: session.ends.to_string(),
            commune: session.commune.to_string(),
            address: session.address.to_string(),
            latitude: at(|position| position.latitude),
            longitude: at(|position| position.longitude),
            note: session.note.as_ref().map(ToString::to_string),
            cancelled: session.cancelled,
        }
    }
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;
    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let latitude = optional(row.latitude.as_deref(), Degrees::parse)?;
        let longitude = optional(row.longitude.as_deref(), Degrees::parse)?;
        let position = latitude.zip(longitude).map(|(latitude, longitude)| Position::new(latitude, longitude));
        Ok(Self {
            id: SessionId::parse(&row.id)?,
            place: PlaceId::parse(&row.place_id)?,
            day: day(&row.day)?,
            starts: TimeOfDay::parse(&row.starts)?,
            ends: TimeOfDay::parse(&row.ends)?,
            commune: CommuneCode::parse(&row.commune)?,
            address: Label::parse(&row.address)?,
            position: position.transpose()?,
            note: optional(row.note.as_deref(), Label::parse)?,
            cancelled: row.cancelled,
        })
    }
}

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = place_changes)]
    pub(in crate::store) struct PlaceChangeRow in "place_changes" {
        no: i64,
        place_id: String,
        kind: String,
        at_millis: i64,
    }
}

impl PlaceChangeRow {
    pub(in crate::store) fn new(no: i64, place: PlaceId, kind: ChangeKind, at: Instant) -> Self {
        Self { no, place_id: place.to_string(), kind: kind.to_string(), at_millis: at.millis() }
    }
}

impl TryFrom<PlaceChangeRow> for PlaceChange {
    type Error = StoreError;
    fn try_from(row: PlaceChangeRow) -> Result<Self, StoreError> {
        Ok(Self {
            no: row.no,
            place: PlaceId::parse(&row.place_id)?,
            kind: ChangeKind::parse(&row.kind)?,
            at: Instant::from_millis(row.at_millis),
        })
    }
}
