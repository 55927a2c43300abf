//! The contradictory statement of an order, as its receipt tells it: the ledger's figures are those of the account, and each
//! pass that differs is where it is said to be. What never lives here: the issuer's list; a receipt has only its hash.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Body, Break, Text, is_hex};
use super::Replay;
use super::kinds::{HolderKind, batch_order};
use super::records::{number, text, wrong};
use super::stock::{Item, pass_number};
use crate::domain::contradiction::{Gap, PassState};

fn broken(detail: impl Into<String>) -> Break {
    Break::new("contradiction", detail)
}

/// The state of what a holder has.
fn state_of(holder: &str) -> Option<PassState> {
    Some(match HolderKind::of(holder).ok()? {
        HolderKind::Issue => return None,
        HolderKind::Store | HolderKind::Transit | HolderKind::Prescriber | HolderKind::Circulation => PassState::Unused,
        HolderKind::Blocked | HolderKind::Lost => PassState::Withdrawn,
        HolderKind::Provider | HolderKind::Claimed => PassState::Used,
        HolderKind::Paid => PassState::Paid,
        HolderKind::Expired | HolderKind::Destroyed => PassState::Expired,
        HolderKind::Credited => PassState::Credited,
    })
}

impl Replay {
    /// What differs is what the statement says, pass by pass; the rest agrees.
    pub(super) fn contradict<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        if !is_hex(text(body, "file_hash")?, 64) {
            return Err(wrong("file_hash"));
        }
        let counted = |name| number(body, name);
        let (listed, agreed, differing) =
            (counted("listed_passes")?, counted("agreed_passes")?, counted("differing_passes")?);
        let mut said = [0_i64; 2];
        let sequence = self.order_mut(body)?.0;
        let stands = self.states(sequence);
        for state in PassState::ALL {
            let (ledger, issuer) = state.mentions();
            let (ledger, issuer) = (counted(ledger)?, counted(issuer)?);
            if stands.get(state).copied().unwrap_or(0) != ledger {
                return Err(broken(format!("la commande {sequence} n'a pas au registre ce qui en est dit ({state})")));
            }
            said = [said[0].saturating_add(ledger), said[1].saturating_add(issuer)];
        }
        let (gaps, unlisted) = self.differing(body, sequence)?;
        let whole = said[0].saturating_sub(unlisted);
        if gaps != differing || agreed != said[0].saturating_sub(gaps) || listed != said[1] || listed != whole {
            return Err(broken("les pass comptés ne sont pas ceux qui sont dits"));
        }
        Ok(())
    }

    /// Passes of an order by state.
    fn states(&self, sequence: i64) -> BTreeMap<PassState, i64> {
        let of_order = |batch| batch_order(self.stock.batches.text(batch)).is_some_and(|(order, _)| order == sequence);
        let mut states: BTreeMap<PassState, i64> = BTreeMap::new();
        for ((_, holder), balance) in self.stock.balances.iter().filter(|((batch, _), _)| of_order(*batch)) {
            if let Some(state) = state_of(self.stock.holders.text(*holder)) {
                *states.entry(state).or_default() += balance.passes;
            }
        }
        states
    }

    /// How many passes differ, and how many of them the list does not have.
    fn differing<T: Text>(&self, body: &Body<T>, sequence: i64) -> Result<(i64, i64), Break> {
        if !body.mentions.contains_key("gaps") {
            return Ok((0, 0));
        }
        let (mut seen, mut unlisted) = (BTreeSet::new(), 0);
        for part in text(body, "gaps")?.split("; ") {
            let words: Vec<&str> = part.split(' ').collect();
            let [gap, ledger, issuer, items @ ..] = words.as_slice() else { return Err(wrong("gaps")) };
            let (gap, ledger) = (Gap::parse(gap), PassState::parse(ledger));
            let (Ok(gap), Ok(ledger)) = (gap, ledger) else { return Err(wrong("gaps")) };
            let issuer = if *issuer == "-" { None } else { Some(PassState::parse(issuer).map_err(|_| wrong("gaps"))?) };
            if Gap::between(ledger, issuer) != Some(gap) || items.is_empty() {
                return Err(wrong("gaps"));
            }
            for item in items {
                for pass in self.passes_of(item)? {
                    let here = self.holder_of(pass).and_then(state_of) == Some(ledger);
                    if !(here && self.is_of_order(pass, sequence) && seen.insert(pass)) {
                        return Err(broken(format!("{item} n'est pas là où il est dit, ou est nommé deux fois")));
                    }
                    unlisted += i64::from(gap == Gap::Unlisted);
                }
            }
        }
        Ok((i64::try_from(seen.len()).unwrap_or(i64::MAX), unlisted))
    }

    /// The passes that a text names: of a whole booklet, all of them.
    fn passes_of(&self, item: &str) -> Result<Vec<u32>, Break> {
        let range = match Item::parse(&self.programme, item)? {
            Item::Pass { booklet, rank } => return Ok(vec![pass_number(booklet, rank)]),
            Item::Booklets(range) => range,
        };
        let of_booklet = |number: u32| {
            let size = self.stock.booklet(number).map_or(0, |slot| slot.size);
            (1..=size).map(move |rank| pass_number(number, rank))
        };
        Ok(range.numbers().flat_map(of_booklet).collect())
    }

    fn is_of_order(&self, pass: u32, sequence: i64) -> bool {
        let batch = self.stock.booklet(pass / 100).map(|slot| self.stock.batches.text(slot.batch));
        batch.and_then(batch_order).is_some_and(|(order, _)| order == sequence)
    }
}
