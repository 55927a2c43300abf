//! What one may ask of the database about the registry of places. Implemented once per engine from one text. What never
//! lives here: SQL, or who may change what (see `domain::places::moderation`).

use super::error::StoreError;
use super::stored::Page;
use crate::domain::ids::{OrganisationId, PlaceId, SessionId, VenueId};
use crate::domain::places::session::Session;
use crate::domain::places::{ChangeKind, Decision, Place, Revision, State};
use crate::domain::time::{Day, Instant};

type Found<T> = Result<T, StoreError>;

/// One change of the registry as it is followed from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceChange {
    /// From 1, in order.
    pub no: i64,
    pub place: PlaceId,
    pub kind: ChangeKind,
    pub at: Instant,
}

/// Which places a list shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlaceFilter {
    pub state: Option<State>,
    /// Only those last known to be true before this day.
    pub updated_before: Option<Day>,
}

/// The registry.
pub trait PlaceReads {
    fn place(&mut self, id: PlaceId) -> Found<Option<Place>>;
    /// Places in the order of their identifiers, which is that of their first proposal.
    fn places(&mut self, filter: PlaceFilter, page: &Page) -> Found<Vec<Place>>;
    /// Every place in one state, in the order of their identifiers.
    fn places_in(&mut self, state: State) -> Found<Vec<Place>>;
    fn place_of_venue(&mut self, venue: VenueId) -> Found<Option<PlaceId>>;
    /// The published places of all venues of a provider.
    fn places_of_provider(&mut self, provider: OrganisationId) -> Found<Vec<PlaceId>>;
    /// The whole history of a place, the first revision first.
    fn revisions(&mut self, place: PlaceId) -> Found<Vec<Revision>>;
    fn revision(&mut self, place: PlaceId, number: i64) -> Found<Option<Revision>>;
    /// Revisions that wait for a decision, at most `limit`, the oldest first.
    fn revisions_waiting(&mut self, limit: i64) -> Found<Vec<Revision>>;
    /// Sessions from a day on, those of one place where it is named, in order of day and time.
    fn sessions_from(&mut self, day: Day, place: Option<PlaceId>) -> Found<Vec<Session>>;
    fn session(&mut self, place: PlaceId, id: SessionId) -> Found<Option<Session>>;
    /// The number of the last change; 0 before the first.
    fn last_place_change(&mut self) -> Found<i64>;
    /// Changes after a number, in order, at most `limit`.
    fn place_changes(&mut self, after: i64, limit: i64) -> Found<Vec<PlaceChange>>;
}

/// Changes to the registry. What was proposed and decided is only ever added.
pub trait PlaceWrites {
    fn insert_places(&mut self, places: &[Place]) -> Found<()>;
    /// Names the version that was read and answers whether it was found.
    fn update_place(&mut self, place: &Place) -> Found<bool>;
    /// Adds revisions, and the decisions on those that have one.
    fn insert_revisions(&mut self, revisions: &[Revision]) -> Found<()>;
    fn insert_decision(&mut self, place: PlaceId, number: i64, decision: &Decision) -> Found<()>;
    fn insert_session(&mut self, session: &Session) -> Found<()>;
    /// Marks a session cancelled; `false` when it was already.
    fn cancel_session(&mut self, id: SessionId) -> Found<bool>;
    /// Numbers what changed for whoever follows, in the order given.
    fn note_place_changes(&mut self, changes: &[(PlaceId, ChangeKind)], at: Instant) -> Found<()>;
}
