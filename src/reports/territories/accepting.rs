//! Where passes can be spent: the venues that the Region approves, where they are, and the sessions of those that travel. Read
//! as they stand on the day of asking. What never lives here: where passes were spent (see `sums`).

use std::collections::{BTreeMap, BTreeSet};

use super::super::ReportError;
use super::super::question::Question;
use crate::domain::ids::{OrganisationId, PlaceId, VenueId};
use crate::domain::party::Venue;
use crate::domain::places::{Place, State};
use crate::domain::position::Position;
use crate::domain::reach::{Offer, Spot};
use crate::domain::territory::{self, CommuneCode};
use crate::store::{Page, Reads, StoreError};

const PAGE: i64 = 1_000;

/// Every spot of the programme: a venue that stays, and each session of one that travels from the day asked for on.
pub(super) fn spots(question: &Question) -> Result<Vec<Spot>, ReportError> {
    let spots = question.store.read(|tx| {
        let venues = accepting(tx, question)?;
        let places = tx.places_in(State::Published)?;
        let linked: BTreeMap<VenueId, &Place> = places.iter().filter_map(|place| Some((place.venue?, place))).collect();
        let travelling: BTreeSet<PlaceId> = venues.iter().filter_map(|venue| Some(linked.get(&venue.id)?.id)).collect();
        let mut spots: Vec<Spot> = venues.iter().filter_map(|venue| fixed(venue, linked.get(&venue.id))).collect();
        for session in tx.sessions_from(question.request.as_of, None)? {
            if travelling.contains(&session.place) && !session.cancelled {
                spots.extend(spot(Offer::Session, session.commune, session.position));
            }
        }
        Ok::<_, StoreError>(spots)
    })?;
    Ok(spots)
}

/// The venues where passes of the programme can be spent.
fn accepting(tx: &mut dyn Reads, question: &Question) -> Result<Vec<Venue>, StoreError> {
    let (mut all, mut page): (Vec<Venue>, Page) = (Vec::new(), Page { after: None, limit: PAGE });
    loop {
        let found = tx.venues(None, &page)?;
        let Some(last) = found.last() else { break };
        page.after = Some(last.id.to_string());
        all.extend(found.into_iter().filter(|venue| question.programme.is_accepted_at(venue)));
    }
    let providers: BTreeSet<OrganisationId> = all.iter().map(|venue| venue.provider).collect();
    let providers = tx.organisations_among(&providers)?;
    let active: BTreeSet<OrganisationId> = providers.into_iter().filter(|one| one.active).map(|one| one.id).collect();
    all.retain(|venue| active.contains(&venue.provider));
    Ok(all)
}

/// A venue that stays: where its description says, else in its commune. One that travels is where its sessions are.
fn fixed(venue: &Venue, place: Option<&&Place>) -> Option<Spot> {
    let position = place.and_then(|place| place.sheet.position());
    if venue.mobile { None } else { spot(Offer::Venue, venue.commune, position) }
}

fn spot(offer: Offer, commune: CommuneCode, position: Option<Position>) -> Option<Spot> {
    let commune = territory::commune(&commune)?;
    let position = position.or_else(|| territory::whereabouts(&commune).map(|known| known.position));
    Some(Spot { offer, commune, position })
}
