//! Holds what was delivered against the receipts: batches, and the passes of each booklet. What never lives here: a repair.

use super::PAGE;
use super::account::Account;
use super::compare::Findings;
use crate::domain::ids::BookletId;
use crate::domain::programme::Programme;
use crate::store::{Reads, StoreError};

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
