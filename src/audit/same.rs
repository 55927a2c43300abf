//! Whether two databases hold one register: the journals of the second are beginnings of those of the first. What never
//! lives here: a verification; that is the rest of this folder.

use crate::receipts::chain::genesis;
use crate::store::{Page, Store, StoreError};

/// Why a database is not a replica of another. `Display` says it in French.
#[derive(Debug, thiserror::Error)]
pub enum NotSameLedger {
    #[error("le dispositif {0} n'existe pas dans la base principale")]
    Programme(String),
    #[error("le dispositif {programme} y porte à la position {position} un récépissé que la base principale n'a pas")]
    Journal { programme: String, position: i64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks that every journal of `replica` is a beginning of the same journal of `primary`: its last receipt is there, at
/// the same position with the same hash, and so, by the chain, are all before it.
///
/// # Errors
/// See [`NotSameLedger`].
pub fn same_ledger(primary: &Store, replica: &Store) -> Result<(), NotSameLedger> {
    let heads: Vec<_> = replica.read(|tx| {
        let programmes = tx.programmes(&Page::ALL_PROGRAMMES)?;
        let head = |programme: crate::domain::programme::Programme| Ok((tx.journal(programme.no)?, programme));
        programmes.into_iter().map(head).collect::<Result<Vec<_>, StoreError>>()
    })?;
    primary.read(|tx| {
        for (journal, programme) in heads {
            let code = programme.code.to_string();
            let same_number = tx.programme(&programme.code)?.is_some_and(|own| own.no == programme.no);
            let Some(journal) = journal.filter(|_| same_number) else {
                return Err(NotSameLedger::Programme(code));
            };
            let own = match journal.position {
                0 => Some(genesis(&code)),
                position => tx.receipt_at(programme.no, position)?.map(|receipt| receipt.hash),
            };
            if own.as_ref() != Some(&journal.head) {
                return Err(NotSameLedger::Journal { programme: code, position: journal.position });
            }
        }
        Ok(())
    })
}
