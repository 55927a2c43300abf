//! Which figures of a place may be published: no small count of people, nor what would give one away, at either grain. What
//! never lives here: a figure.

use std::collections::BTreeMap;

use super::super::masking::{Part, masked, masked_parts};
use super::{Place, group};

/// What is shown of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mask {
    /// Hand-outs, booklets, passes and their rate.
    pub(super) people: bool,
    /// Booklets started, of those handed out.
    pub(super) started: bool,
    /// Passes spent there.
    pub(super) spent: bool,
}

impl Mask {
    pub(super) const ALL_SHOWN: Self = Self { people: true, started: true, spent: true };
}

/// Of communes, and of the intercommunalités that they are summed into. What is hidden of an intercommunalité is hidden of all
/// its communes: their sum would tell it.
pub(super) fn masks(communes: &[Place], epcis: &[Place]) -> (Vec<Mask>, Vec<Mask>) {
    let of_epcis = level(&epcis.iter().collect::<Vec<_>>(), Mask::ALL_SHOWN);
    let above: BTreeMap<&str, Mask> =
        epcis.iter().zip(&of_epcis).map(|(epci, mask)| (epci.code.as_str(), *mask)).collect();
    let mut grouped: BTreeMap<&str, Vec<(usize, &Place)>> = BTreeMap::new();
    for (place, commune) in communes.iter().enumerate() {
        grouped.entry(group(commune)).or_default().push((place, commune));
    }
    let mut of_communes: BTreeMap<usize, Mask> = BTreeMap::new();
    for (code, members) in grouped {
        let places: Vec<&Place> = members.iter().map(|(_, place)| *place).collect();
        let above = above.get(code).copied().unwrap_or(Mask::ALL_SHOWN);
        // A commune that stands by itself is a row of the other grain, and shown as there.
        let masks = if places.len() == 1 { vec![above] } else { level(&places, above) };
        of_communes.extend(members.iter().map(|(place, _)| *place).zip(masks));
    }
    (of_communes.into_values().collect(), of_epcis)
}

/// Of places whose sums are known where `above` shows them.
fn level(places: &[&Place], above: Mask) -> Vec<Mask> {
    let shown = |of: fn(&Place) -> i64, above: bool| -> Vec<bool> {
        let counts: Vec<i64> = places.iter().map(|place| of(place)).collect();
        if above {
            masked(&counts).into_iter().map(|count| count.is_some()).collect()
        } else {
            counts.into_iter().map(|count| count == 0).collect()
        }
    };
    let people = shown(|place| place.sum.hand_outs, above.people);
    let spent = shown(|place| place.sum.spent, above.spent);
    let part = |(place, people): (&&Place, &bool)| Part {
        count: place.sum.started,
        whole: place.sum.booklets,
        hidden: !people || !above.started,
    };
    let started = masked_parts(&places.iter().zip(&people).map(part).collect::<Vec<_>>());
    let mask = |((people, started), spent)| Mask { people, started, spent };
    people.into_iter().zip(started).zip(spent).map(mask).collect()
}
