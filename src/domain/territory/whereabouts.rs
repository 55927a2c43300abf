//! Where communes are. The larger ones are in the table; a smaller one is put in the middle of its neighbours, and it is
//! said so. What never lives here: the position of a venue.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::table::{find, rows};
use super::{Commune, CommuneCode, communes};
use crate::domain::position::{Degrees, Position};

/// Where a commune is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whereabouts {
    pub position: Position,
    /// The middle of its neighbours, which may be some kilometres away.
    pub estimated: bool,
}

/// The main places of the larger communes, by code.
static KNOWN: LazyLock<Vec<(CommuneCode, Position)>> = LazyLock::new(|| {
    rows(include_str!("positions.csv"), |[code, latitude, longitude]| {
        let position = Position::new(Degrees::parse(latitude).ok()?, Degrees::parse(longitude).ok()?);
        Some((CommuneCode::parse(code).ok()?, position.ok()?))
    })
});

/// The middles of the communes that share something: a postal code, an intercommunalité.
static MIDDLES: LazyLock<BTreeMap<&'static str, Position>> = LazyLock::new(|| {
    let mut sharing: BTreeMap<&'static str, Vec<Position>> = BTreeMap::new();
    for commune in communes() {
        let Some(position) = known(commune.code) else { continue };
        for name in commune.postal_codes().chain(commune.epci) {
            sharing.entry(name).or_default().push(position);
        }
    }
    sharing.into_iter().filter_map(|(name, points)| Some((name, Position::middle(&points)?))).collect()
});

fn known(code: CommuneCode) -> Option<Position> {
    find(&KNOWN, &code, |(code, _)| code).map(|(_, position)| *position)
}

/// Where the commune is: its main place, else the middle of the communes under the same postal code, else of its
/// intercommunalité. `None` where nothing near is known.
#[must_use]
pub fn whereabouts(commune: &Commune) -> Option<Whereabouts> {
    if let Some(position) = known(commune.code) {
        return Some(Whereabouts { position, estimated: false });
    }
    let middle = commune.postal_codes().chain(commune.epci).find_map(|name| MIDDLES.get(name));
    middle.map(|position| Whereabouts { position: *position, estimated: true })
}

#[cfg(test)]
mod tests {
    use super::super::commune;
    use super::*;

    #[test]
    fn every_line_is_read_and_names_a_commune() {
        assert_eq!(KNOWN.len(), 14_650);
        assert!(KNOWN.is_sorted_by(|(one, _), (next, _)| one < next));
        assert!(KNOWN.iter().all(|(code, _)| commune(code).is_some()));
    }

    #[test]
    fn every_commune_of_hauts_de_france_is_somewhere_and_near_its_neighbours() {
        let of_the_region: Vec<Commune> = communes().filter(|commune| commune.region == "32").collect();
        assert_eq!(of_the_region.len(), 3_782);
        let maubeuge = whereabouts(&commune(&CommuneCode::parse("59392").unwrap()).unwrap()).unwrap();
        assert!(!maubeuge.estimated);
        let mut estimated = 0;
        for commune in of_the_region {
            let found = whereabouts(&commune).unwrap_or_else(|| panic!("{}", commune.name));
            assert!(found.position.metres_to(maubeuge.position) < 260_000, "{}: {found:?}", commune.name);
            estimated += usize::from(found.estimated);
        }
        assert!(estimated < 2_300, "{estimated}");
    }
}
