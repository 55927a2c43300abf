//! The registry of places.

use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    RunQueryDsl, SelectableHelper,
};
use diesel::upsert::excluded;

use super::super::super::error::StoreError;
use super::super::super::place_doors::{PlaceChange, PlaceFilter, PlaceReads, PlaceWrites};
use super::super::super::rows::{DecisionRow, PlaceChangeRow, PlaceRow, RevisionRow, SessionRow};
use super::super::super::schema::{
    counters, place_changes, place_decisions, place_revisions, place_sessions, places, venues,
};
use super::super::super::stored::Page;
use super::super::writing::Writing;
use super::Conn;
use super::fragment::insert_all;
use crate::domain::ids::{OrganisationId, PlaceId, SessionId, VenueId};
use crate::domain::places::session::Session;
use crate::domain::places::{ChangeKind, Decision, Place, Revision, State};
use crate::domain::time::{Day, Instant};

/// The counter of changes.
const CHANGES: &str = "places";

fn all<Row, T: TryFrom<Row, Error = StoreError>>(rows: Vec<Row>) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(T::try_from).collect()
}

/// Revisions with their decisions, where there are any.
#[diesel::dsl::auto_type(no_type_alias)]
fn with_decisions() -> _ {
    place_revisions::table.left_join(
        place_decisions::table.on(place_decisions::place_id
            .eq(place_revisions::place_id)
            .and(place_decisions::number.eq(place_revisions::number))),
    )
}

type RevisionColumns = (RevisionRow, Option<DecisionRow>);

impl PlaceReads for Conn {
    fn place(&mut self, id: PlaceId) -> Result<Option<Place>, StoreError> {
        let row = places::table.find(id.to_string()).select(PlaceRow::as_select()).first(self);
        row.optional()?.map(Place::try_from).transpose()
    }

    fn places(&mut self, filter: PlaceFilter, page: &Page) -> Result<Vec<Place>, StoreError> {
        let mut query = places::table.select(PlaceRow::as_select()).into_boxed();
        if let Some(state) = filter.state {
            query = query.filter(places::state.eq(state.as_str()));
        }
        if let Some(day) = filter.updated_before {
            query = query.filter(places::updated_on.lt(day.to_string()));
        }
        if let Some(after) = &page.after {
            query = query.filter(places::id.gt(after));
        }
        all(query.order(places::id).limit(page.limit).load(self)?)
    }

    fn places_in(&mut self, state: State) -> Result<Vec<Place>, StoreError> {
        let found = places::table.filter(places::state.eq(state.as_str())).order(places::id);
        all(found.select(PlaceRow::as_select()).load(self)?)
    }

    fn place_of_venue(&mut self, venue: VenueId) -> Result<Option<PlaceId>, StoreError> {
        let found = places::table.filter(places::venue_id.eq(venue.to_string())).select(places::id);
        let id: Option<String> = found.first(self).optional()?;
        Ok(id.map(|id| PlaceId::parse(&id)).transpose()?)
    }

    fn places_of_provider(&mut self, provider: OrganisationId) -> Result<Vec<PlaceId>, StoreError> {
        let found = places::table
            .inner_join(venues::table.on(places::venue_id.eq(venues::id.nullable())))
            .filter(venues::provider_id.eq(provider.to_string()))
            .filter(places::state.eq(State::Published.as_str()));
        let ids: Vec<String> = found.order(places::id).select(places::id).load(self)?;
        ids.iter().map(|id| Ok(PlaceId::parse(id)?)).collect()
    }

    fn revisions(&mut self, place: PlaceId) -> Result<Vec<Revision>, StoreError> {
        let found = with_decisions().filter(place_revisions::place_id.eq(place.to_string()));
        let columns = (RevisionRow::as_select(), Option::<DecisionRow>::as_select());
        all::<RevisionColumns, _>(found.order(place_revisions::number).select(columns).load(self)?)
    }

    fn revision(&mut self, place: PlaceId, number: i64) -> Result<Option<Revision>, StoreError> {
        let found = with_decisions()
            .filter(place_revisions::place_id.eq(place.to_string()))
            .filter(place_revisions::number.eq(number));
        let columns = (RevisionRow::as_select(), Option::<DecisionRow>::as_select());
        let row: Option<RevisionColumns> = found.select(columns).first(self).optional()?;
        row.map(Revision::try_from).transpose()
    }

    fn revisions_waiting(&mut self, limit: i64) -> Result<Vec<Revision>, StoreError> {
        let found = with_decisions().filter(place_decisions::outcome.nullable().is_null());
        let order = (place_revisions::at_millis, place_revisions::place_id, place_revisions::number);
        let columns = (RevisionRow::as_select(), Option::<DecisionRow>::as_select());
        all::<RevisionColumns, _>(found.order(order).limit(limit).select(columns).load(self)?)
    }

    fn sessions_from(&mut self, day: Day, place: Option<PlaceId>) -> Result<Vec<Session>, StoreError> {
        let mut query = place_sessions::table.select(SessionRow::as_select()).into_boxed();
        query = query.filter(place_sessions::day.ge(day.to_string()));
        if let Some(place) = place {
            query = query.filter(place_sessions::place_id.eq(place.to_string()));
        }
        all(query.order((place_sessions::day, place_sessions::starts, place_sessions::id)).load(self)?)
    }

    fn session(&mut self, place: PlaceId, id: SessionId) -> Result<Option<Session>, StoreError> {
        let found = place_sessions::table.find(id.to_string()).filter(place_sessions::place_id.eq(place.to_string()));
        let row = found.select(SessionRow::as_select()).first(self);
        row.optional()?.map(Session::try_from).transpose()
    }

    fn last_place_change(&mut self) -> Result<i64, StoreError> {
        let last: Option<i64> = counters::table.find(CHANGES).select(counters::last).first(self).optional()?;
        Ok(last.unwrap_or(0))
    }

    fn place_changes(&mut self, after: i64, limit: i64) -> Result<Vec<PlaceChange>, StoreError> {
        let found = place_changes::table.filter(place_changes::no.gt(after)).order(place_changes::no);
        all(found.limit(limit).select(PlaceChangeRow::as_select()).load(self)?)
    }
}

impl PlaceWrites for Conn {
    fn insert_places(&mut self, places: &[Place]) -> Result<(), StoreError> {
        let rows: Vec<PlaceRow> = places.iter().map(PlaceRow::from).collect();
        let mut out = Writing::on(self);
        insert_all(&mut out, &rows)?;
        out.end()
    }

    fn update_place(&mut self, place: &Place) -> Result<bool, StoreError> {
        let known = places::table.find(place.id.to_string()).filter(places::version.eq(place.version - 1));
        Ok(diesel::update(known).set(PlaceRow::from(place)).execute(self)? == 1)
    }

    fn insert_revisions(&mut self, revisions: &[Revision]) -> Result<(), StoreError> {
        let rows: Vec<RevisionRow> = revisions.iter().map(RevisionRow::from).collect();
        let decided = revisions.iter().filter_map(|revision| {
            let decision = revision.decision.as_ref()?;
            Some(DecisionRow::new(revision.place, revision.number, decision))
        });
        let decided: Vec<DecisionRow> = decided.collect();
        let mut out = Writing::on(self);
        insert_all(&mut out, &rows)?;
        insert_all(&mut out, &decided)?;
        out.end()
    }

    fn insert_decision(&mut self, place: PlaceId, number: i64, decision: &Decision) -> Result<(), StoreError> {
        let mut out = Writing::on(self);
        insert_all(&mut out, &[DecisionRow::new(place, number, decision)])?;
        out.end()
    }

    fn insert_session(&mut self, session: &Session) -> Result<(), StoreError> {
        let mut out = Writing::on(self);
        insert_all(&mut out, &[SessionRow::from(session)])?;
        out.end()
    }

    fn cancel_session(&mut self, id: SessionId) -> Result<bool, StoreError> {
        let known = place_sessions::table.find(id.to_string()).filter(place_sessions::cancelled.eq(false));
        Ok(diesel::update(known).set(place_sessions::cancelled.eq(true)).execute(self)? == 1)
    }

    fn note_place_changes(&mut self, changes: &[(PlaceId, ChangeKind)], at: Instant) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
        // Whoever comes second waits here until the first has committed: a number that can be read has no gap before it.
        let last: i64 = diesel::insert_into(counters::table)
            .values((counters::name.eq(CHANGES), counters::last.eq(count)))
            .on_conflict(counters::name)
            .do_update()
            .set(counters::last.eq(counters::last + excluded(counters::last)))
            .returning(counters::last)
            .get_result(self)?;
        let numbered = (last - count + 1..).zip(changes);
        let rows: Vec<PlaceChangeRow> =
            numbered.map(|(no, (place, kind))| PlaceChangeRow::new(no, *place, *kind, at)).collect();
        let mut out = Writing::on(self);
        insert_all(&mut out, &rows)?;
        out.end()
    }
}
