//! Holds what was delivered against the receipts: batches, and the passes of each booklet. What never lives here: a repair.

use super::PAGE;
use super::account::Account;
use super::findings::{Findings, paged};
use crate::domain::ids::{BatchId, BookletId};
use crate::domain::programme::Programme;
use crate::store::{Reads, StoreError};

/// Batches with the day and the note of their delivery.
pub(super) fn batches(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let stored = tx.all_batches(programme.no)?;
    let stored = stored.into_iter().map(|(batch, delivered_on, note)| Ok((batch, (delivered_on, note))));
    found.table(("batches", BatchId::to_string), stored, &account.batches)
}

/// Every booklet has as many passes as it was delivered with, numbered from 1 without gaps: how many, the first and the last.
pub(super) fn passes(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let said = account.replay().booklets().map(|(number, booklet)| {
        let (id, size) = (BookletId::new(programme.no, number), booklet.size);
        (id, (i64::from(size), id.pass(1), id.pass(size)))
    });
    let stored = paged(BookletId::new(programme.no, 0), |after| {
        let page = tx.passes_by_booklet(programme.no, *after, PAGE)?;
        Ok(page.into_iter().map(|(booklet, count, first, last)| (booklet, (count, first, last))).collect())
    });
    found.table(("passes", |id: &BookletId| id.item().printed(&programme.code)), stored, said)
}
