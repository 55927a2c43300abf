//! What an issuer says of each pass of an order, in the model: how many each side has in each state, and on which they differ.
//! What never lives here: what is done about it.

use std::collections::{BTreeMap, BTreeSet};

use recepisse::domain::contradiction::{Differing, Gap, PassState};
use recepisse::domain::ids::ProgrammeNo;

use super::super::model::{FACE_CENTS, Model, Reasons};
use super::super::reasons::insert_if;
use super::super::script::{At, Pass};
use super::super::subject::Said;

/// A list of an order as whoever sends it knows the order: its place, its booklets, and how many passes each of them has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulation) struct IssuerList {
    pub(in crate::simulation) order: u32,
    pub(in crate::simulation) place: u32,
    pub(in crate::simulation) first: u32,
    pub(in crate::simulation) last: u32,
    pub(in crate::simulation) size: u8,
    pub(in crate::simulation) said: BTreeMap<Pass, PassState>,
}

/// The state of what is somewhere.
pub(super) fn state(at: At) -> PassState {
    match at {
        At::Issue(_) => panic!("nothing stays at the issuer's"),
        At::Store | At::Transit(_) | At::Office(_) | At::Circulation => PassState::Unused,
        At::Blocked | At::Lost => PassState::Withdrawn,
        At::Provider(_) | At::Claimed(_) => PassState::Used,
        At::Paid(_) => PassState::Paid,
        At::Expired | At::Destroyed => PassState::Expired,
        At::Credited => PassState::Credited,
    }
}

/// What differs where one side says this and the other that: only what changes the credit note does.
fn gap(here: PassState, there: Option<PassState>) -> Option<Gap> {
    let is_spent = |state: PassState| matches!(state, PassState::Used | PassState::Paid);
    let is_credited = |state: PassState| state == PassState::Credited;
    let Some(there) = there else { return Some(Gap::Unlisted) };
    match () {
        () if is_spent(here) != is_spent(there) => Some(if is_spent(here) { Gap::SpentHere } else { Gap::SpentThere }),
        () if is_credited(here) != is_credited(there) => {
            Some(if is_credited(here) { Gap::CreditedHere } else { Gap::CreditedThere })
        }
        () => None,
    }
}

/// Passes that differ in one way: booklets of which all do, and single ones.
fn told(way: (Gap, PassState, Option<PassState>), booklets: &[u32], passes: &[Pass]) -> String {
    let (gap, here, there) = way;
    let there = there.map_or("-".to_owned(), |there| there.to_string());
    format!("{gap} {here} {there} {booklets:?} {passes:?}")
}

/// The mention `gaps` of a receipt, with numbers in the place of serials.
pub(in crate::simulation) fn plain_gaps(programme: ProgrammeNo, text: &str) -> String {
    let plain = |differing: &Differing| {
        let booklets: Vec<u32> = differing.items.booklets.iter().map(|booklet| booklet.number()).collect();
        let pass = |pass: &recepisse::domain::ids::PassId| (pass.booklet().number(), pass.rank());
        let passes: Vec<Pass> = differing.items.passes.iter().map(pass).collect();
        told((differing.gap, differing.ledger, differing.issuer), &booklets, &passes)
    };
    Differing::read_all(programme, text).unwrap().iter().map(plain).collect::<Vec<_>>().join("; ")
}

impl Model {
    /// Passes of an order that were delivered, and where each is.
    fn delivered(&self, list: &IssuerList) -> Vec<(Pass, At)> {
        let there = (list.first..=list.last).filter(|number| self.booklets.contains_key(number));
        let passes = there.flat_map(|number| (1..=list.size).map(move |rank| (number, rank)));
        passes.map(|pass| (pass, self.at(pass))).collect()
    }

    pub(super) fn wrong_list(&self, list: &IssuerList, wrong: &mut Reasons) {
        let known = self.order(list.order);
        let same = known.is_some_and(|of| (of.first, of.last, of.size) == (list.first, list.last, list.size));
        if !same {
            return insert_if(wrong, true, "order_unknown");
        }
        insert_if(wrong, list.said.is_empty(), "selection_empty");
        let foreign = |(booklet, _): &Pass| !self.booklets.contains_key(booklet);
        insert_if(wrong, list.said.keys().any(foreign), "pass_unknown");
    }

    /// What the receipt says: the counts of both sides, and every pass on which they differ.
    pub(in crate::simulation) fn foretold_of_list(&self, list: &IssuerList) -> Said {
        let mut counts: BTreeMap<&'static str, i64> = PassState::ALL
            .iter()
            .flat_map(|state| [state.mentions().0, state.mentions().1])
            .map(|name| (name, 0))
            .collect();
        let mut differing: BTreeMap<_, BTreeSet<Pass>> = BTreeMap::new();
        let delivered = self.delivered(list);
        for (pass, at) in &delivered {
            let (here, there) = (state(*at), list.said.get(pass).copied());
            *counts.get_mut(here.mentions().0).unwrap() += 1;
            if let Some(there) = there {
                *counts.get_mut(there.mentions().1).unwrap() += 1;
            }
            if let Some(gap) = gap(here, there) {
                differing.entry((gap, here, there)).or_default().insert(*pass);
            }
        }
        let count = |passes: usize| i64::try_from(passes).unwrap();
        let gaps: i64 = differing.values().map(|passes| count(passes.len())).sum();
        counts.extend([
            ("listed_passes", count(list.said.len())),
            ("agreed_passes", count(delivered.len()) - gaps),
            ("differing_passes", gaps),
            ("differing_cents", gaps * FACE_CENTS),
        ]);
        let mut said: Said = counts.into_iter().map(|(name, number)| (name.to_owned(), number.to_string())).collect();
        if gaps > 0 {
            let group = |(way, passes): (_, &BTreeSet<Pass>)| {
                let of = |booklet: u32| passes.iter().filter(|pass| pass.0 == booklet).count();
                let is_whole = |booklet: u32| of(booklet) == usize::from(list.size);
                let booklets: Vec<u32> = (list.first..=list.last).filter(|booklet| is_whole(*booklet)).collect();
                let single: Vec<Pass> = passes.iter().copied().filter(|pass| !is_whole(pass.0)).collect();
                told(way, &booklets, &single)
            };
            let groups: Vec<String> = differing.iter().map(|(way, passes)| group((*way, passes))).collect();
            said.insert("gaps".to_owned(), groups.join("; "));
        }
        said
    }
}
