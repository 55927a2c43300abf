//! The codes of each batch, held by their digest against what the receipt of its delivery says. What never lives here: a code,
//! which the register does not have either.

use std::collections::BTreeMap;

use super::account::Account;
use super::findings::Findings;
use crate::domain::ids::{BatchId, PassId};
use crate::domain::stock::CodesDigest;
use crate::store::code_instead;

/// The codes of one batch. A register that was rebuilt from an archive has none: then each pass must have what stands in
/// its place, so that not one of them can be a code that somebody knows.
#[derive(Debug, Default)]
struct Codes {
    stored: CodesDigest,
    left_out: Option<CodesDigest>,
    passes: i64,
}

/// The codes of every batch.
#[derive(Debug, Default)]
pub(super) struct CodesByBatch(BTreeMap<BatchId, Codes>);

impl CodesByBatch {
    /// Takes the next pass of a batch in, with the digest of its code.
    pub(super) fn take(&mut self, batch: BatchId, (pass, code_mac): &(PassId, Vec<u8>)) {
        let codes = self.0.entry(batch).or_insert_with(|| {
            let rebuilt = *code_mac == code_instead(*pass);
            Codes { left_out: rebuilt.then(CodesDigest::default), ..Codes::default() }
        });
        codes.stored.note(code_mac);
        codes.passes += 1;
        if let Some(left_out) = &mut codes.left_out {
            left_out.note(&code_instead(*pass));
        }
    }

    /// Compares every batch, and counts the passes whose codes the register does not have.
    pub(super) fn compare(self, account: &Account, found: &mut Findings) {
        for (batch, Codes { stored, left_out, passes }) in self.0 {
            found.codes_left_out += if left_out.is_some() { passes } else { 0 };
            // Receipts of before say nothing of codes.
            let said = || account.batches.get(&batch)?.codes_digest.clone();
            if let Some(said) = left_out.map(CodesDigest::text).or_else(said) {
                found.row("passes", || format!("codes du lot {batch}"), (Some(&stored.text()), Some(&said)));
            }
        }
    }
}
