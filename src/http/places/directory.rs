//! Every published place in memory, read again when something changed: the public asks often, and the counters' database
//! is not to wait for it. What never lives here: a place that is not published.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::super::app::App;
use super::super::problem::Problem;
use crate::domain::ids::{PlaceId, VenueId};
use crate::domain::party::Venue;
use crate::domain::places::directory::{Directory, Listed};
use crate::domain::places::session::Session;
use crate::domain::places::{Place, State};
use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;
use crate::store::{Page, Reads};

/// How long a directory is believed although nothing was noted: what a programme says is not a change of a place.
const MOMENT: Duration = Duration::from_mins(1);

/// The directory as it was last read.
#[derive(Debug, Default)]
pub(in crate::http) struct Kept(Mutex<Option<Reading>>);

#[derive(Debug, Clone)]
struct Reading {
    /// The last change that it has.
    change: i64,
    day: Day,
    since: Instant,
    directory: Arc<Directory>,
}

impl App {
    /// Every published place as of today, and the number of the last change it has.
    pub(in crate::http) async fn directory(&self) -> Result<(Arc<Directory>, i64), Problem> {
        let today = self.clock.now().day();
        let kept = self.directory.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let reading = self
            .read(move |tx| {
                let change = tx.last_place_change()?;
                let fresh =
                    |kept: &Reading| kept.change == change && kept.day == today && kept.since.elapsed() < MOMENT;
                if let Some(kept) = kept.filter(fresh) {
                    return Ok(kept);
                }
                let directory = Arc::new(Directory::new(read(tx, today)?));
                Ok(Reading { change, day: today, since: Instant::now(), directory })
            })
            .await?;
        let answer = (Arc::clone(&reading.directory), reading.change);
        *self.directory.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
        Ok(answer)
    }
}

fn read(tx: &mut dyn Reads, today: Day) -> Result<Vec<Listed>, Problem> {
    let places = tx.places_in(State::Published)?;
    let venues = approved_venues(tx, &places)?;
    let programmes = active_programmes(tx)?;
    let mut sessions: BTreeMap<PlaceId, Vec<Session>> = BTreeMap::new();
    for session in tx.sessions_from(today, None)?.into_iter().filter(|session| !session.cancelled) {
        sessions.entry(session.place).or_default().push(session);
    }
    let listed = places.into_iter().filter_map(|place| {
        let venue = place.venue.and_then(|venue| venues.get(&venue));
        Some(Listed {
            id: place.id,
            commune: place.sheet.located()?,
            programmes: venue.map(|venue| accepted(venue, &programmes)).unwrap_or_default(),
            sessions: sessions.remove(&place.id).unwrap_or_default(),
            sheet: place.sheet,
        })
    });
    Ok(listed.collect())
}

/// The linked venues where passes are spent: approved and active, of a provider that is active.
fn approved_venues(tx: &mut dyn Reads, places: &[Place]) -> Result<BTreeMap<VenueId, Venue>, Problem> {
    let wanted: BTreeSet<VenueId> = places.iter().filter_map(|place| place.venue).collect();
    let mut venues = tx.venues_among(&wanted)?;
    let providers = tx.organisations_among(&venues.iter().map(|venue| venue.provider).collect())?;
    let active: BTreeSet<_> = providers.into_iter().filter(|one| one.active).map(|one| one.id).collect();
    venues.retain(|venue| venue.approved && venue.active && active.contains(&venue.provider));
    Ok(venues.into_iter().map(|venue| (venue.id, venue)).collect())
}

fn active_programmes(tx: &mut dyn Reads) -> Result<Vec<Programme>, Problem> {
    let mut all = Vec::new();
    let mut page = Page { after: None, limit: 200 };
    loop {
        let found = tx.programmes(&page)?;
        let Some(last) = found.last() else { return Ok(all) };
        page.after = Some(last.no.0.to_string());
        all.extend(found.into_iter().filter(|programme| programme.active));
    }
}

/// The programmes whose passes a venue takes.
fn accepted(venue: &Venue, programmes: &[Programme]) -> BTreeSet<ShortCode> {
    let takes = |programme: &&Programme| programme.is_accepted_at(venue);
    programmes.iter().filter(takes).map(|programme| programme.code.clone()).collect()
}
