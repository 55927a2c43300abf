//! Holds what was delivered against the receipts: batches, the passes of each booklet, and their codes. What never lives here:
//! a repair.

use std::collections::BTreeMap;

use super::PAGE;
use super::account::{Account, Delivery};
use super::codes::CodesByBatch;
use super::findings::{Findings, gathered, paged};
use crate::domain::ids::{BatchId, BookletId};
use crate::domain::programme::Programme;
use crate::domain::stock::secret_digest;
use crate::store::{Reads, StoreError, StoredBatch};

/// Passes read at a time.
const PASSES: i64 = PAGE * 10;

/// A batch; what was generated here, and from which secret as long as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Batch {
    delivered_on: String,
    note: String,
    generated: Option<bool>,
    print_nonce_digest: Option<String>,
}

impl Batch {
    fn said(delivery: &Delivery) -> Self {
        let Delivery { delivered_on, note, codes_digest, print_nonce_digest } = delivery.clone();
        // Receipts of before say nothing of codes.
        let generated = codes_digest.map(|_| print_nonce_digest.is_some());
        Self { delivered_on, note, generated, print_nonce_digest }
    }

    fn stored(said: Option<&Self>, batch: StoredBatch) -> Self {
        let StoredBatch { delivered_on, note, print_nonce, generated, .. } = batch;
        let silent = said.is_some_and(|said| said.generated.is_none());
        let forgotten = || said.and_then(|said| said.print_nonce_digest.clone());
        Self {
            delivered_on,
            note,
            generated: (!silent).then_some(generated),
            print_nonce_digest: if silent { None } else { print_nonce.as_deref().map(told).or_else(forgotten) },
        }
    }
}

/// The digest of a secret; the bytes themselves, where they cannot be one.
fn told(secret: &[u8]) -> String {
    secret.try_into().map_or_else(|_| hex::encode(secret), secret_digest)
}

/// Every batch.
pub(super) fn batches(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let said: BTreeMap<BatchId, Batch> =
        account.batches.iter().map(|(batch, delivery)| (*batch, Batch::said(delivery))).collect();
    let stored = tx.all_batches(programme.no)?;
    let stored = stored.into_iter().map(|batch| Ok((batch.id, Batch::stored(said.get(&batch.id), batch))));
    found.table(("batches", BatchId::to_string), stored, &said)
}

/// Every booklet has as many passes as it was delivered with, numbered from 1 without gaps: how many, the first and the last;
/// and every batch has the codes that it was delivered with.
pub(super) fn passes(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let said = account.replay().booklets().map(|(number, booklet)| {
        let (id, size) = (BookletId::new(programme.no, number), booklet.size);
        (id, (usize::from(size), Some(id.pass(1)), Some(id.pass(size))))
    });
    let batch_of = |booklet: BookletId| {
        let booklet = account.replay().booklet(booklet.number())?;
        BatchId::parse(programme.no, booklet.batch).ok()
    };
    let mut codes = CodesByBatch::default();
    let rows = paged(BookletId::new(programme.no, 0).pass(0), |after| tx.passes_page(programme.no, *after, PASSES));
    let stored = gathered(rows, |(pass, _)| pass.booklet()).map(|booklet| {
        let (id, passes) = booklet?;
        if let Some(batch) = batch_of(id) {
            for pass in &passes {
                codes.take(batch, pass);
            }
        }
        let [first, last] = [passes.first(), passes.last()].map(|pass| pass.map(|(pass, _)| *pass));
        Ok((id, (passes.len(), first, last)))
    });
    found.table(("passes", |id: &BookletId| id.item().printed(&programme.code)), stored, said)?;
    codes.compare(account, found);
    Ok(())
}
