//! The venues of the demonstration in the public registry of places: each described, linked, and with the sessions of the
//! bus. What never lives here: a pass.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::DemoError;
use super::cast::{Cast, Place as Counter};
use super::stage::Stage;
use crate::auth::Caller;
use crate::clock::{Entropy, SeededEntropy};
use crate::domain::ids::{PlaceId, SessionId};
use crate::domain::places::moderation::{decide, proposed};
use crate::domain::places::session::Session;
use crate::domain::places::words::{OpeningHours, Pivot, PostalCode, Term, TimeOfDay};
use crate::domain::places::{ChangeKind, Decision, Outcome, Place, Revision, Sheet, Signed};
use crate::domain::refusal::Malformed;
use crate::domain::registration::Siret;
use crate::domain::territory::{self, CommuneCode};
use crate::domain::text::Label;
use crate::domain::time::Instant;
use crate::store::{StoreError, WriteError};

/// A dice of its own: the acts of the story stay what they were.
const SEED: u64 = 1_400;
/// Communes of the Avesnois and the Thiérache where the bus stops, one a week.
const STOPS: [&str; 6] = ["59601", "59572", "59053", "02141", "02789", "02558"];

/// Puts the venues of the cast into the registry; the sessions of those that travel come after `now`.
pub(super) fn publish(stage: &Stage, cast: &Cast, (start, now): (Instant, Instant)) -> Result<(), DemoError> {
    let dice = SeededEntropy::new(SEED);
    let by = signed(&cast.admin, start);
    let mut published: Vec<(Place, Revision)> = Vec::new();
    let mut sessions = Vec::new();
    let mut rank: BTreeMap<CommuneCode, u32> = BTreeMap::new();
    for (number, counter) in (1_u32..).zip(&cast.places) {
        let here = rank.entry(counter.venue.commune).or_default();
        *here += 1;
        let id = PlaceId::new(dice.uuid(start));
        let (mut place, mut revision) = proposed(id, sheet(counter, (number, *here), now)?, None, by.clone());
        let decision = Decision { outcome: Outcome::Accepted, reason: None, by: by.clone() };
        decide(&mut place, &mut revision, decision).map_err(|_| DemoError::Unexpected("a place that is new"))?;
        place.venue = Some(counter.venue.id);
        if counter.venue.mobile {
            sessions.extend(tour(id, now, || dice.uuid(start))?);
        }
        published.push((place, revision));
    }
    let (places, revisions): (Vec<Place>, Vec<Revision>) = published.into_iter().unzip();
    let added: Vec<_> = places.iter().map(|place| (place.id, ChangeKind::Added)).collect();
    stage
        .store
        .write(|tx| {
            tx.insert_places(&places)?;
            tx.insert_revisions(&revisions)?;
            sessions.iter().try_for_each(|session| tx.insert_session(session))?;
            tx.note_place_changes(&added, start)
        })
        .map_err(|error: WriteError<StoreError>| error.into())
}

fn signed(caller: &Caller, at: Instant) -> Signed {
    let actor = caller.actor();
    Signed { user: actor.user, organisation: actor.organisation, role: actor.role, at }
}

/// The description of a venue: the `number`-th of the cast, the `rank`-th of its commune.
fn sheet(counter: &Counter, (number, rank): (u32, u32), now: Instant) -> Result<Sheet, Malformed> {
    let venue = &counter.venue;
    let commune = territory::commune(&venue.commune).ok_or(Malformed::Commune)?;
    let position = territory::whereabouts(&commune).map(|known| known.position);
    let terms = |texts: &[&str]| texts.iter().map(|text| Term::parse(text)).collect::<Result<Vec<Term>, Malformed>>();
    let labels: Vec<&str> = venue.services.iter().map(|service| service.label()).collect();
    // One description in five was last confirmed more than a year ago: the ageing list has something to show.
    let months = if number.is_multiple_of(5) { 14 } else { 2 };
    Ok(Sheet {
        id: None,
        pivot: Pivot::parse(Siret::invented(90_000 + number).as_str())?,
        name: venue.name.clone(),
        commune_name: Label::parse(commune.name)?,
        postal_code: PostalCode::parse(commune.postal_codes().next().unwrap_or_default())?,
        commune: Some(venue.commune),
        address: Label::parse(&format!("{} place de la Mairie", rank * 2))?,
        address_complement: None,
        latitude: position.map(|position| position.latitude),
        longitude: position.map(|position| position.longitude),
        kinds: Vec::new(),
        phones: Vec::new(),
        emails: Vec::new(),
        websites: Vec::new(),
        opening_hours: Some(OpeningHours::parse("Tu-Fr 09:00-12:00,14:00-18:00; Sa 09:00-12:00")?),
        summary: None,
        presentation: None,
        source: None,
        itinerance: terms(&[if venue.mobile { "Itinérant" } else { "Fixe" }])?,
        parent: None,
        updated_on: now.day().minus_months(months),
        services: terms(&labels)?,
        publics: Vec::new(),
        special_care: if number.is_multiple_of(3) { terms(&["Illettrisme", "Surdité"])? } else { Vec::new() },
        fees: terms(&["Gratuit sous condition"])?,
        national_programmes: Vec::new(),
        labels: Vec::new(),
        other_labels: Vec::new(),
        access_modes: terms(&["Se présenter"])?,
        support_modes: terms(&["Accompagnement individuel", "Dans un atelier collectif"])?,
        accessibility: None,
        booking: None,
        third_place_activities: Vec::new(),
        declares_pass: false,
    })
}

/// One stop a week from next week on.
fn tour(place: PlaceId, now: Instant, mut new_id: impl FnMut() -> Uuid) -> Result<Vec<Session>, Malformed> {
    let stop = |(week, code): (u32, &&str)| {
        Ok(Session {
            id: SessionId::new(new_id()),
            place,
            day: now.day().plus_days(7 * week),
            starts: TimeOfDay::parse("09:30")?,
            ends: TimeOfDay::parse("12:30")?,
            commune: CommuneCode::parse(code)?,
            address: Label::parse("Place de la mairie")?,
            position: None,
            note: None,
            cancelled: false,
        })
    };
    (1_u32..).zip(&STOPS).map(stop).collect()
}

#[cfg(test)]
mod tests {
    use super::super::cast::AREA;
    use super::*;

    #[test]
    fn the_bus_stops_in_communes_of_the_area() {
        for code in STOPS {
            let commune = territory::resolve(code).unwrap();
            assert!(commune.epci.is_some_and(|epci| AREA.contains(&epci)), "{code}: {}", commune.name);
        }
    }
}
