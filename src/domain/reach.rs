//! Reach: whether people can spend a pass near where they live. A commune is a white zone where people are concerned and there
//! is neither an accepting venue nor an announced session, in its intercommunalité or within a distance. What never lives here:
//! who the people are.

use std::collections::{BTreeMap, BTreeSet};

use super::named::named;
use super::position::{Position, Vector};
use super::refusal::Malformed;
use super::territory::{Commune, CommuneCode};

/// How far people go for a pass when nobody says otherwise, in kilometres.
pub const NEAR_KM: u32 = 10;
/// The furthest that may be asked for, in kilometres.
pub const FURTHEST_KM: u32 = 100;

/// What there is somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// A venue that stays where it is.
    Venue,
    /// A dated session of a venue that travels.
    Session,
}

/// Somewhere a pass can be spent.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    pub offer: Offer,
    pub commune: Commune,
    pub position: Option<Position>,
}

named!(
    /// Why a place is a white zone, or is none: the first of these that is true.
    Why, Malformed::Identifier, {
        VenueHere => "venue_here",
        SessionHere => "session_here",
        VenueInEpci => "venue_in_epci",
        SessionInEpci => "session_in_epci",
        /// In another intercommunalité, and near enough.
        WithinDistance => "within_distance",
        /// Nobody lives there whom the programme is for.
        NobodyConcerned => "nobody_concerned",
        NothingNear => "nothing_near",
    }
);

impl Why {
    #[must_use]
    pub fn is_white(self) -> bool {
        self == Self::NothingNear
    }
}

/// Venues and sessions of one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offers {
    pub venues: i64,
    pub sessions: i64,
}

impl Offers {
    fn add(&mut self, offer: Offer) {
        match offer {
            Offer::Venue => self.venues += 1,
            Offer::Session => self.sessions += 1,
        }
    }

    /// The two reasons, whichever is true first.
    fn why(self, venue: Why, session: Why) -> Option<Why> {
        if self.venues > 0 { Some(venue) } else { (self.sessions > 0).then_some(session) }
    }
}

/// What is near a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Near {
    pub offers: Offers,
    /// To the nearest venue or session; `None` where a position is not known, or nothing is anywhere.
    pub metres: Option<i64>,
    pub why: Why,
}

impl Near {
    /// What is near an intercommunalité, from what is near each of its communes.
    #[must_use]
    pub fn together(communes: &[Self]) -> Self {
        let offers = communes.iter().fold(Offers::default(), |sum, near| Offers {
            venues: sum.venues + near.offers.venues,
            sessions: sum.sessions + near.offers.sessions,
        });
        let any = |why: Why| communes.iter().any(|near| near.why == why).then_some(why);
        let why = offers
            .why(Why::VenueInEpci, Why::SessionInEpci)
            .or_else(|| any(Why::WithinDistance))
            .or_else(|| any(Why::NothingNear));
        let metres = communes.iter().filter_map(|near| near.metres).min();
        Self { offers, metres, why: why.unwrap_or(Why::NobodyConcerned) }
    }
}

/// Everywhere a pass can be spent.
#[derive(Debug, Clone)]
pub struct Reach {
    within_metres: i64,
    communes: BTreeMap<CommuneCode, Offers>,
    epcis: BTreeMap<&'static str, Offers>,
    vectors: Vec<Vector>,
}

impl Reach {
    /// `within_km`: what is near.
    #[must_use]
    pub fn new(spots: &[Spot], within_km: u32) -> Self {
        let mut communes: BTreeMap<CommuneCode, Offers> = BTreeMap::new();
        let mut epcis: BTreeMap<&'static str, Offers> = BTreeMap::new();
        for spot in spots {
            communes.entry(spot.commune.whole()).or_default().add(spot.offer);
            if let Some(epci) = spot.commune.epci {
                epcis.entry(epci).or_default().add(spot.offer);
            }
        }
        let positions: BTreeSet<Position> = spots.iter().filter_map(|spot| spot.position).collect();
        let vectors = positions.into_iter().map(Position::vector).collect();
        Self { within_metres: i64::from(within_km) * 1_000, communes, epcis, vectors }
    }

    /// What is near a commune. `concerned`: whether anybody lives there whom the programme is for.
    #[must_use]
    pub fn near(&self, commune: &Commune, position: Option<Position>, concerned: bool) -> Near {
        let offers = self.communes.get(&commune.code).copied().unwrap_or_default();
        let around = commune.epci.and_then(|epci| self.epcis.get(epci)).copied().unwrap_or_default();
        let metres = position.and_then(|here| here.vector().metres_to_nearest(&self.vectors));
        let within = metres.is_some_and(|metres| metres <= self.within_metres);
        let why = offers
            .why(Why::VenueHere, Why::SessionHere)
            .or_else(|| around.why(Why::VenueInEpci, Why::SessionInEpci))
            .or(within.then_some(Why::WithinDistance));
        let nothing = if concerned { Why::NothingNear } else { Why::NobodyConcerned };
        Near { offers, metres, why: why.unwrap_or(nothing) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::territory::{resolve, whereabouts};
    use super::*;

    fn spot(offer: Offer, code: &str) -> Spot {
        let commune = resolve(code).unwrap();
        Spot { offer, commune, position: whereabouts(&commune).map(|known| known.position) }
    }

    fn why(reach: &Reach, code: &str, concerned: bool) -> Why {
        let commune = resolve(code).unwrap();
        reach.near(&commune, whereabouts(&commune).map(|known| known.position), concerned).why
    }

    #[test]
    fn a_commune_is_served_by_what_is_in_it_in_its_epci_or_near_enough() {
        // A venue at Maubeuge, a session at Avesnes-sur-Helpe.
        let spots = [spot(Offer::Venue, "59392"), spot(Offer::Session, "59036")];
        let reach = Reach::new(&spots, NEAR_KM);
        assert_eq!(why(&reach, "59392", true), Why::VenueHere);
        assert_eq!(why(&reach, "59033", true), Why::VenueInEpci);
        assert_eq!(why(&reach, "59036", true), Why::SessionHere);
        // Fourmies is of another intercommunalité than Avesnes.
        assert_eq!(why(&reach, "59249", true), Why::NothingNear);
        assert_eq!(why(&Reach::new(&spots, 20), "59249", true), Why::WithinDistance);
        assert_eq!(why(&reach, "59249", false), Why::NobodyConcerned);
        assert!(Why::NothingNear.is_white() && !Why::NobodyConcerned.is_white());
    }

    #[test]
    fn where_nothing_is_anywhere_everything_is_white() {
        let reach = Reach::new(&[], FURTHEST_KM);
        let near = reach.near(&resolve("59392").unwrap(), None, true);
        assert_eq!(near, Near { offers: Offers::default(), metres: None, why: Why::NothingNear });
    }

    #[test]
    fn an_epci_is_white_where_none_of_its_communes_is_served() {
        let near = |venues, metres, why| Near { offers: Offers { venues, sessions: 0 }, metres, why };
        let (far, empty) = (near(0, Some(30_000), Why::NothingNear), near(0, None, Why::NobodyConcerned));
        let edge = near(0, Some(9_000), Why::WithinDistance);
        assert_eq!(Near::together(&[far, empty]).why, Why::NothingNear);
        assert_eq!(Near::together(&[far, edge]), near(0, Some(9_000), Why::WithinDistance));
        assert_eq!(Near::together(&[far, near(2, Some(0), Why::VenueHere)]).why, Why::VenueInEpci);
        assert_eq!(Near::together(&[empty]).why, Why::NobodyConcerned);
    }
}
