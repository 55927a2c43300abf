//! The audit of a register by itself: walks the chain, checks the seals, replays the rules, and holds every projection
//! against what the receipts say, while other threads hash and check what was read before. It writes nothing, and holds one
//! moment of the database only for the last receipts and the projections: a register of any size is verified while it is
//! in use, and its write-ahead log does not wait for the audit. An audit that trusts none of our code reads the exported journal
//! (`docs/RECEIPT-FORMAT.md`).
//! What never lives here: SQL, or a rule of the scheme (`receipts::replay` has them).

mod account;
mod applications;
mod claims;
mod codes;
mod compare;
mod compare_redemptions;
mod compare_statements;
mod compare_stock;
mod destructions;
mod findings;
mod journal;
mod orders;
mod register;
mod same;
mod seals;
mod statements;
#[cfg(test)]
mod tests;
mod trails;
mod walk;

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;

pub use self::journal::{WriteJournalError, write_journal, write_journal_until};
pub use self::register::{foreign_to_every_programme, verify_register};
pub use self::same::{NotSameLedger, same_ledger};

use self::account::Account;
use self::findings::Findings;
use self::seals::Seals;
use self::walk::{Links, Walk};
use crate::domain::programme::Programme;
use crate::receipts::Break;
use crate::receipts::replay::Gap;
use crate::store::{Journal, Reads, Store, StoreError};

/// Receipts, or rows of a projection, read at a time.
const PAGE: i64 = 2_000;

/// A sound register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Code of the programme.
    pub programme: String,
    pub receipts: i64,
    /// Hash of the last receipt, or of the genesis.
    pub head: String,
    /// Signatures checked.
    pub seals: i64,
    /// Delivered booklets.
    pub booklets: i64,
    /// Passes of these booklets.
    pub passes: i64,
    /// Passes whose codes this register does not have: it was rebuilt from an archive, and nobody can use them here.
    pub codes_left_out: i64,
    /// Passes per kind of holder.
    pub use_account: BTreeMap<String, i64>,
    /// Declared restores, in order.
    pub gaps: Vec<Gap>,
}

/// A sound chain under its seals; what its receipts mean was not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedChain {
    /// Code of the programme.
    pub programme: String,
    pub receipts: i64,
    /// Hash of the last receipt, or of the genesis.
    pub head: String,
    /// Signatures checked.
    pub seals: i64,
}

/// Why a register is not sound, or was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The first place where it is not what it should be.
    #[error("{0}")]
    Broken(Break),
    /// It cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Break> for AuditError {
    fn from(found: Break) -> Self {
        Self::Broken(found)
    }
}

/// A stored value that is not what the receipts say. `Display` says it in French.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{projection}, {key} : la base dit {stored}, les récépissés disent {recomputed}")]
pub struct Difference {
    /// The projection: `types` and `seals` (of the whole register), `receipts` (their columns), `balances`, `batches`, `booklets`, `passes`,
    /// `receipt_items`, `applications`, `series`, `orders`, `dispatches`, `redemptions`, `claims`, `destructions`,
    /// `overpayments`, `issuer_statements`, `issuer_lines`, `closings`, `tree`, `journal`.
    pub projection: &'static str,
    /// Which row, as people call it.
    pub key: String,
    pub stored: String,
    pub recomputed: String,
}

/// What a rebuild in memory found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Code of the programme.
    pub programme: String,
    pub receipts: i64,
    /// Rows compared.
    pub rows: i64,
    /// The first hundred differences.
    pub differences: Vec<Difference>,
    /// How many there are in all.
    pub total: i64,
}

/// Walks the chain of one programme, checks every seal with `trusted` keys, replays the business rules and compares
/// the outcome with the stored projections; what is of no programme, [`verify_register`] finds. `progress` is told the receipts read and how many there are.
///
/// # Errors
/// [`AuditError::Broken`] with the first break; [`AuditError::Store`].
pub fn verify(
    store: &Store,
    trusted: &[VerifyingKey],
    programme: &Programme,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Verified, AuditError> {
    let (taker, seals) = (Account::new(programme), Some(Seals::new(trusted, programme)));
    let mut walk = Walk { programme, taker, seals, progress };
    walk.most(store)?;
    store.read(|tx| {
        let journal = walk.rest(tx)?;
        let account = &walk.taker;
        account.replay().recount()?;
        let found = compare::all(tx, programme, &journal, account)?;
        if let Some(difference) = found.differences.first() {
            return Err(broken(journal.position, "projection", difference.to_string()));
        }
        let (booklets, passes) = account.delivered();
        Ok(Verified {
            programme: programme.code.to_string(),
            receipts: journal.position,
            head: journal.head,
            seals: walk.checked(),
            booklets,
            passes,
            codes_left_out: found.codes_left_out,
            gaps: account.replay().gaps().to_vec(),
            use_account: owned(&account.replay().use_account()),
        })
    })
}

/// Walks the chain of one programme and checks every seal with `trusted` keys: that no byte of any receipt has changed,
/// and none is missing. Neither the business rules nor the projections are looked at; see [`verify`] for everything.
///
/// # Errors
/// As [`verify`].
pub fn verify_chain(
    store: &Store,
    trusted: &[VerifyingKey],
    programme: &Programme,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<VerifiedChain, AuditError> {
    let (taker, seals) = (Links::new(programme), Some(Seals::new(trusted, programme)));
    let mut walk = Walk { programme, taker, seals, progress };
    walk.most(store)?;
    store.read(|tx| {
        let journal = walk.rest(tx)?;
        let (programme, seals) = (programme.code.to_string(), walk.checked());
        Ok(VerifiedChain { programme, receipts: journal.position, head: journal.head, seals })
    })
}

/// Recomputes every projection of one programme from its receipts, in memory, and lists what differs.
///
/// # Errors
/// [`AuditError::Broken`] when the receipts themselves cannot be replayed; [`AuditError::Store`].
pub fn rebuild(
    store: &Store,
    programme: &Programme,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Rebuilt, AuditError> {
    let mut walk = Walk { programme, taker: Account::new(programme), seals: None, progress };
    walk.most(store)?;
    store.read(|tx| {
        let journal = walk.rest(tx)?;
        let Findings { rows, differences, total, .. } = compare::all(tx, programme, &journal, &walk.taker)?;
        let programme = programme.code.to_string();
        Ok(Rebuilt { programme, receipts: journal.position, rows, differences, total })
    })
}

fn broken(position: i64, code: &'static str, detail: String) -> AuditError {
    AuditError::Broken(Break { position, code, detail })
}

fn owned(account: &BTreeMap<&str, i64>) -> BTreeMap<String, i64> {
    account.iter().map(|(kind, passes)| ((*kind).to_owned(), *passes)).collect()
}

fn journal(tx: &mut dyn Reads, programme: &Programme) -> Result<Journal, StoreError> {
    let missing = || StoreError::Corrupt("a programme without a journal".to_owned());
    tx.journal(programme.no)?.ok_or_else(missing)
}
