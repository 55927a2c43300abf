//! What receipts took out of use, read back from the receipts themselves, so that it can be brought back to where it
//! was. What never lives here: whether it may be.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::{BookletId, ItemId, ProgrammeNo};
use crate::domain::incidents::Withdrawal;
use crate::domain::items::read_items;
use crate::domain::movement::Kind;
use crate::domain::party::Holder;
use crate::receipts::canonical;
use crate::store::{Reads, StoreError, StoredReceipt};

/// Loads the receipts that an act names, the booklets that they took out of use, and which receipt moved each thing last.
pub(super) fn load(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let programme = facts.programme.no;
    if !needs.given.is_empty() {
        facts.given = tx.given(programme, &needs.given)?;
    }
    for number in &needs.withdrawals {
        if let Some(stored) = tx.receipt(programme, number)? {
            facts.withdrawals.insert(number.clone(), withdrawal(programme, &stored)?);
        }
    }
    let taken: BTreeSet<ItemId> =
        facts.withdrawals.values().flat_map(|withdrawal| withdrawal.origins.keys().copied()).collect();
    if taken.is_empty() {
        return Ok(());
    }
    facts.last_moves = tx.last_moves(programme, &taken)?;
    let booklets: BTreeSet<BookletId> = taken.iter().map(|item| item.booklet()).collect();
    for booklet in tx.booklets_among(programme, &booklets)? {
        facts.booklets.load(booklet.id, booklet);
    }
    Ok(())
}

fn withdrawal(programme: ProgrammeNo, stored: &StoredReceipt) -> Result<Withdrawal, StoreError> {
    let body = canonical::read(&stored.body).map_err(|found| StoreError::Corrupt(found.to_string()))?;
    let mut origins = BTreeMap::new();
    for line in &body.lines {
        if !matches!(Holder::parse(programme, &line.to)?, Holder::Blocked | Holder::Lost) {
            continue;
        }
        let origin = Holder::parse(programme, &line.from)?;
        for text in &line.items {
            origins.extend(read_items(programme, text)?.into_iter().map(|item| (item, origin.clone())));
        }
    }
    let by = body.agent.pseudonym;
    Ok(Withdrawal { position: stored.position, kind: Kind::parse(&stored.kind)?, by, origins })
}
