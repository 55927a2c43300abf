//! What is known of a commune besides its name and its code: how many people live there, and how many of them are 60 or over;
//! by edition, so that a past day is answered with the figures of its time. What never lives here: where the figures come from.

use std::collections::BTreeMap;

use super::{Commune, CommuneCode, whereabouts};
use crate::domain::position::Position;

/// The figures of a commune in one edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommuneFigures {
    pub commune: CommuneCode,
    /// Inhabitants.
    pub population: i64,
    /// Those of 60 and over, at most all of them.
    pub seniors: i64,
    /// Where its town hall or its middle is, where the edition says so.
    pub position: Option<Position>,
}

impl CommuneFigures {
    /// Whether the two counts can be of one commune.
    #[must_use]
    pub const fn is_possible(&self) -> bool {
        0 <= self.seniors && self.seniors <= self.population
    }
}

/// The figures in force on a day: of each commune those of its last edition.
#[derive(Debug, Clone, Default)]
pub struct FiguresThen(BTreeMap<CommuneCode, CommuneFigures>);

impl FiguresThen {
    /// From the figures of all editions of then, the earliest first.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = CommuneFigures>) -> Self {
        Self(all.into_iter().map(|figures| (figures.commune, figures)).collect())
    }

    #[must_use]
    pub fn of(&self, commune: &Commune) -> Option<&CommuneFigures> {
        self.0.get(&commune.code)
    }

    /// Where the commune is, and whether that is only the middle of its neighbours.
    #[must_use]
    pub fn position(&self, commune: &Commune) -> Option<(Position, bool)> {
        let told = self.of(commune).and_then(|figures| figures.position).map(|position| (position, false));
        told.or_else(|| whereabouts(commune).map(|known| (known.position, known.estimated)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_edition_counts_and_its_position_is_believed() {
        let commune = super::super::resolve("59392").unwrap();
        let of = |population, position: Option<&str>| CommuneFigures {
            commune: commune.code,
            population,
            seniors: 7_000,
            position: position.map(|text| Position::parse(text).unwrap()),
        };
        let then = FiguresThen::new([of(30_000, None), of(28_000, Some("50.2,3.9"))]);
        assert_eq!(then.of(&commune).unwrap().population, 28_000);
        assert_eq!(then.position(&commune), Some((Position::parse("50.2,3.9").unwrap(), false)));
        let without = FiguresThen::default();
        assert_eq!(without.position(&commune).unwrap().0, whereabouts(&commune).unwrap().position);
        assert!(of(7_000, None).is_possible() && !of(6_999, None).is_possible());
    }
}
