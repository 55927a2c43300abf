//! The journal written out for whoever verifies it without us: the receipts' own bytes, the seals between them
//! (`docs/RECEIPT-FORMAT.md`). What never lives here: anything that is not in the receipts.

use std::io::{self, Write};

use ed25519_dalek::VerifyingKey;

use super::{PAGE, journal};
use crate::domain::programme::Programme;
use crate::receipts::journal_file::{Seal, end_line, header_line, seal_line};
use crate::store::{Journal, Reads, ReceiptFilter, Store, StoreError};

/// Why a journal was not written to its end.
#[derive(Debug, thiserror::Error)]
pub enum WriteJournalError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The writer said no.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Writes the journal of one programme as JSON Lines, in memory that does not grow with it, and answers how many
/// receipts it has. `keys` are the public keys that sealed it. `progress` is told the receipts written and how many
/// there are.
///
/// # Errors
/// See [`WriteJournalError`]; what was written is then not a journal, because its last line is missing.
pub fn write_journal(
    store: &Store,
    keys: &[VerifyingKey],
    programme: &Programme,
    writer: &mut dyn Write,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<i64, WriteJournalError> {
    store.read(|tx| {
        let Journal { position, head, .. } = journal(tx, programme)?;
        write_journal_until(tx, keys, programme, (position, &head), writer, progress)?;
        Ok(position)
    })
}

/// The same up to the receipt with this position and hash, within one moment of the database. A seal must stand there, as
/// it does at the end of every day and of the journal.
///
/// # Errors
/// As [`write_journal`].
pub fn write_journal_until(
    tx: &mut dyn Reads,
    keys: &[VerifyingKey],
    programme: &Programme,
    (until, head): (i64, &str),
    writer: &mut dyn Write,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<(), WriteJournalError> {
    writeln!(writer, "{}", header_line(programme.code.as_str(), keys))?;
    let mut after = 0;
    while after < until {
        let page = tx.receipts(programme.no, after, PAGE.min(until - after), &ReceiptFilter::default())?;
        let Some(last) = page.last().map(|receipt| receipt.position) else { break };
        let mut seals = tx.seals(programme.no, after, last)?.into_iter().peekable();
        for receipt in page {
            writeln!(writer, "{}", receipt.body)?;
            while let Some(seal) = seals.next_if(|seal| seal.position <= receipt.position) {
                let (position, hash, key, signature) = (seal.position, seal.hash, seal.key_id, seal.signature);
                writeln!(writer, "{}", seal_line(&Seal { position, hash, key, signature }))?;
            }
        }
        after = last;
        progress(after, until);
    }
    writeln!(writer, "{}", end_line(until, head))?;
    Ok(writer.flush()?)
}
