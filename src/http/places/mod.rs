//! The registry of places over HTTP: proposals, decisions, sessions, files of the national standard for those who have
//! signed in; the list, the finder and what changed for everybody. Here: what these routes share. What never lives here:
//! SQL, or whether a pass can be spent (see `acts::redemption`).

pub(super) mod directory;
pub(super) mod files;
pub(super) mod finder;
pub(super) mod import;
pub(super) mod moderation;
pub(super) mod page;
pub(super) mod proposals;
pub(super) mod sessions;
mod sheet_schema;
mod views;

use super::app::App;
use super::caller::SignedIn;
use super::problem::Problem;
use crate::auth::{Action, may};
use crate::domain::ids::{OrganisationId, PlaceId};
use crate::domain::places::moderation::NotNow;
use crate::domain::places::{Place, Sheet, Signed, State};
use crate::domain::time::{Day, Instant};
use crate::store::{Reads, Writes};

fn unknown() -> Problem {
    Problem::new("place_unknown")
}

fn parse_id(text: &str) -> Result<PlaceId, Problem> {
    PlaceId::parse(text).map_err(|_| unknown())
}

impl From<NotNow> for Problem {
    fn from(refused: NotNow) -> Self {
        Self::new(refused.code())
    }
}

/// Who does it, now.
fn signed(signed_in: &SignedIn, at: Instant) -> Signed {
    let actor = signed_in.caller.actor();
    Signed { user: actor.user, organisation: actor.organisation, role: actor.role, at }
}

/// Whether the caller decides on what others propose.
const fn moderates(signed_in: &SignedIn) -> bool {
    may(signed_in.caller.role(), Action::ModeratePlaces)
}

/// What is wrong with a sheet that somebody typed: the first flaw, by its column.
fn sound(sheet: &Sheet, today: Day) -> Result<(), Problem> {
    if let Some(flaw) = sheet.flaws().first() {
        let problem = Problem::new(flaw.code()).about("column", flaw.column());
        return Err(problem.field(format!("sheet.{}", flaw.column())));
    }
    if sheet.updated_on > today {
        let date = sheet.updated_on.french();
        return Err(Problem::new("date_in_future").about("date", date).field("sheet.date_maj"));
    }
    Ok(())
}

/// The provider that answers for a place: that of the linked venue.
fn provider_of(tx: &mut (impl Reads + ?Sized), place: &Place) -> Result<Option<OrganisationId>, Problem> {
    let Some(venue) = place.venue else { return Ok(None) };
    Ok(tx.venue(venue)?.map(|venue| venue.provider))
}

/// The place, if it exists for this caller: what is not published is shown to whoever decides, and to the organisation
/// that proposed it.
fn visible(tx: &mut (impl Reads + ?Sized), id: PlaceId, signed_in: &SignedIn) -> Result<Place, Problem> {
    let place = tx.place(id)?.ok_or_else(unknown)?;
    let shown = matches!(place.state, State::Published | State::Withdrawn) || signed_in.scope().is_none();
    let own = signed_in.organisation.id;
    if shown || tx.revisions(id)?.iter().any(|revision| revision.by.organisation == own) {
        Ok(place)
    } else {
        Err(unknown())
    }
}

/// Writes a place that was changed, or tells that somebody else was faster.
fn store(tx: &mut (impl Writes + ?Sized), place: &Place) -> Result<(), Problem> {
    if tx.update_place(place)? { Ok(()) } else { Err(Problem::new("version_conflict")) }
}

/// Tells whoever follows the registry that the places of these venues changed, as far as they are published.
pub(super) fn venue_changed(
    tx: &mut (impl Writes + ?Sized),
    venue: crate::domain::ids::VenueId,
    at: Instant,
) -> Result<(), Problem> {
    let Some(id) = tx.place_of_venue(venue)? else { return Ok(()) };
    let published = tx.place(id)?.is_some_and(|place| place.state == State::Published);
    let changed = [(id, crate::domain::places::ChangeKind::Changed)];
    Ok(tx.note_place_changes(if published { &changed } else { &[] }, at)?)
}

/// The same for all venues of a provider.
pub(super) fn provider_changed(
    tx: &mut (impl Writes + ?Sized),
    provider: OrganisationId,
    at: Instant,
) -> Result<(), Problem> {
    let change = |id| (id, crate::domain::places::ChangeKind::Changed);
    let all: Vec<_> = tx.places_of_provider(provider)?.into_iter().map(change).collect();
    Ok(tx.note_place_changes(&all, at)?)
}

/// The moment of a change, as the server's clock has it.
fn now(app: &App) -> Instant {
    app.clock.now()
}
