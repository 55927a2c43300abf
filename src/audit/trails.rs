//! The index by which the receipts of a booklet or pass are found, held line by line against the receipts. What is kept of each
//! item while the journal is walked is of one size, however often it moved. What never lives here: a repair.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest as _, Sha256};

use super::PAGE;
use super::findings::{Findings, gathered, paged};
use crate::domain::ids::{ItemId, ProgrammeNo};
use crate::domain::items::read_items;
use crate::domain::programme::Programme;
use crate::domain::refusal::Malformed;
use crate::receipts::{Body, Text};
use crate::store::{Reads, StoreError};

/// Lines of the index read at a time: two numbers each.
const LINES: i64 = PAGE * 10;

/// The receipts that name an item, in order of position: how many, and a digest that every one of them has gone into, so that
/// no other list of positions has the same.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Trail {
    receipts: u64,
    digest: [u8; 16],
}

impl Trail {
    fn note(&mut self, position: i64) {
        let hash = Sha256::new().chain_update(self.digest).chain_update(position.to_be_bytes()).finalize();
        self.digest.copy_from_slice(hash.first_chunk::<16>().unwrap_or(&[0; 16]));
        self.receipts = self.receipts.saturating_add(1);
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} récépissés ({})", self.receipts, hex::encode(self.digest))
    }
}

/// By booklet or pass.
#[derive(Debug, Default)]
pub(super) struct Trails(BTreeMap<ItemId, Trail>);

impl Trails {
    /// Takes the next receipt in: the index must have a line for each booklet and pass that it names.
    pub(super) fn take<T: Text>(&mut self, programme: ProgrammeNo, body: &Body<T>) -> Result<(), Malformed> {
        for text in body.lines.iter().flat_map(|line| &line.items) {
            for item in read_items(programme, text)? {
                self.0.entry(item).or_default().note(body.position);
            }
        }
        Ok(())
    }
}

/// Compares every line of the index.
pub(super) fn compare(
    tx: &mut dyn Reads,
    programme: &Programme,
    trails: &Trails,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let lines = paged((ItemId(0), 0), |after| {
        let page = tx.moves_page(programme.no, *after, LINES)?;
        Ok(page.into_iter().map(|line| (line, ())).collect())
    });
    let stored = gathered(lines, |((item, _), ())| *item).map(|lines| {
        let (item, lines) = lines?;
        let mut trail = Trail::default();
        for ((_, position), ()) in lines {
            trail.note(position);
        }
        Ok((item, trail))
    });
    found.table(("receipt_items", |item: &ItemId| item.printed(&programme.code)), stored, &trails.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(positions: &[i64]) -> Trail {
        let mut trail = Trail::default();
        for position in positions {
            trail.note(*position);
        }
        trail
    }

    /// What the sums and the sums of squares of positions, which were compared before, could not tell apart.
    #[test]
    fn no_two_lists_of_positions_leave_the_same_trail() {
        let sums = |positions: &[i64]| {
            (positions.len(), positions.iter().sum::<i64>(), positions.iter().map(|one| one * one).sum::<i64>())
        };
        let (one, other) = ([1, 5, 6], [2, 3, 7]);
        assert_eq!(sums(&one), sums(&other));
        assert_ne!(trail(&one), trail(&other));
        assert_ne!(trail(&one), trail(&one[..2]));
        assert_eq!(trail(&one), trail(&[1, 5, 6]));
        assert_ne!(trail(&[0]), Trail::default());
    }
}
