//! Holds what was delivered and where it went against the receipts: batches, the passes of each booklet, and the index by which
//! the receipts of a booklet or pass are found. What never lives here: a repair.

use std::collections::BTreeMap;

use super::PAGE;
use super::account::Account;
use super::compare::Findings;
use crate::domain::ids::BookletId;
use crate::domain::programme::Programme;
use crate::store::{Moves, Reads, StoreError};

/// Batches with the day and the note of their delivery.
pub(super) fn batches(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let mut expected = account.batches.clone();
    for (batch, delivered_on, note) in tx.all_batches(programme.no)? {
        let stored = (delivered_on, note);
        found.row("batches", || batch.to_string(), (Some(&stored), expected.remove(&batch).as_ref()));
    }
    for (batch, missing) in &expected {
        found.row("batches", || batch.to_string(), (None, Some(missing)));
    }
    Ok(())
}

/// Every booklet has as many passes as it was delivered with, numbered from 1 without gaps: how many, the first and the last.
pub(super) fn passes(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let size = |(number, booklet): (u32, crate::receipts::replay::Booklet<'_>)| {
        let (id, size) = (BookletId::new(programme.no, number), booklet.size);
        (id, (i64::from(size), id.pass(1), id.pass(size)))
    };
    let mut expected = account.replay().booklets().map(size).peekable();
    let mut after = BookletId::new(programme.no, 0);
    loop {
        let page = tx.passes_by_booklet(programme.no, after, PAGE)?;
        let Some((last, ..)) = page.last() else { break };
        after = *last;
        for (booklet, count, first, last) in page {
            while let Some((missing, said)) = expected.next_if(|(next, _)| *next < booklet) {
                found.row("passes", || account.serial(missing.number()), (None, Some(&said)));
            }
            let said = expected.next_if(|(next, _)| *next == booklet).map(|(_, said)| said);
            let serial = || account.serial(booklet.number());
            found.row("passes", serial, (Some(&(count, first, last)), said.as_ref()));
        }
    }
    for (booklet, missing) in expected {
        found.row("passes", || account.serial(booklet.number()), (None, Some(&missing)));
    }
    Ok(())
}

/// The index of items holds the receipts that name each, and no other: how many, and the sums of their positions and of the
/// squares of these.
pub(super) fn moves(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let mut expected = account.moves.iter().peekable();
    let printed = |item: crate::domain::ids::ItemId| item.printed(&programme.code);
    let mut after = None;
    loop {
        let page: BTreeMap<_, Moves> = tx.moves_by_item(programme.no, after, PAGE)?.into_iter().collect();
        let Some(last) = page.keys().next_back() else { break };
        after = Some(*last);
        for (item, stored) in page {
            while let Some((missing, said)) = expected.next_if(|(next, _)| **next < item) {
                found.row("receipt_items", || printed(*missing), (None, Some(said)));
            }
            let said = expected.next_if(|(next, _)| **next == item).map(|(_, said)| said);
            found.row("receipt_items", || printed(item), (Some(&stored), said));
        }
    }
    for (missing, said) in expected {
        found.row("receipt_items", || printed(*missing), (None, Some(said)));
    }
    Ok(())
}
