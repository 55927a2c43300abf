//! The audit of a register by itself: walks the chain, checks the seals, replays the rules, and holds every projection
//! against what the receipts say. It reads one moment of the database, in pages, and writes nothing. An audit that
//! trusts none of our code reads the exported journal (`docs/RECEIPT-FORMAT.md`).
//! What never lives here: SQL, or a rule of the scheme (`receipts::replay` has them).

mod account;
mod compare;
mod journal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;

pub use self::journal::{WriteJournalError, write_journal};

use self::account::Account;
use self::compare::Findings;
use crate::domain::programme::Programme;
use crate::receipts::replay::Gap;
use crate::receipts::{Break, chain, seal};
use crate::store::{Journal, Reads, ReceiptFilter, Store, StoreError, StoredReceipt, StoredSeal};

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
    /// Passes per kind of holder.
    pub use_account: BTreeMap<String, i64>,
    /// Declared restores, in order.
    pub gaps: Vec<Gap>,
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
    /// The projection: `receipts` (their columns), `balances`, `booklets`, `passes`, `series`, `orders`, `dispatches`, `redemptions`, `journal`.
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
/// the outcome with the stored projections. `progress` is told the receipts read and how many there are.
///
/// # Errors
/// [`AuditError::Broken`] with the first break; [`AuditError::Store`].
pub fn verify(
    store: &Store,
    trusted: &[VerifyingKey],
    programme: &Programme,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Verified, AuditError> {
    store.read(|tx| {
        let journal = journal(tx, programme)?;
        let mut seals = Seals { trusted, programme: programme.code.as_str(), checked: 0, last: 0 };
        let account = walk(tx, programme, &journal, Some(&mut seals), progress)?;
        if seals.last != journal.position {
            let detail = "les derniers récépissés ne sont pas scellés".to_owned();
            return Err(broken(seals.last.saturating_add(1), "unsealed_tail", detail));
        }
        account.replay().recount()?;
        let found = compare::all(tx, programme, &journal, &account)?;
        if let Some(difference) = found.differences.first() {
            return Err(broken(journal.position, "projection", difference.to_string()));
        }
        let (booklets, passes) = account.delivered();
        Ok(Verified {
            programme: programme.code.to_string(),
            receipts: journal.position,
            head: journal.head,
            seals: seals.checked,
            booklets,
            passes,
            gaps: account.replay().gaps().to_vec(),
            use_account: owned(&account.replay().use_account()),
        })
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
    store.read(|tx| {
        let journal = journal(tx, programme)?;
        let account = walk(tx, programme, &journal, None, progress)?;
        let Findings { rows, differences, total } = compare::all(tx, programme, &journal, &account)?;
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

/// Replays every receipt, page by page, and holds each against its own columns, its entries and its seal.
fn walk(
    tx: &mut dyn Reads,
    programme: &Programme,
    journal: &Journal,
    mut seals: Option<&mut Seals<'_>>,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Account, AuditError> {
    let mut account = Account::new(programme);
    let mut after = 0;
    loop {
        let page = tx.receipts(programme.no, after, PAGE, &ReceiptFilter::default())?;
        let Some(last) = page.last().map(|receipt| receipt.position) else { break };
        let mut entries = tx.entries_between(programme.no, after.saturating_add(1), last)?.into_iter().peekable();
        let signed = match &seals {
            Some(_) => tx.seals(programme.no, after, last)?,
            None => Vec::new(),
        };
        let mut signed = signed.into_iter().peekable();
        for stored in page {
            let position = stored.position;
            let receipt = read(stored)?;
            account.receipt(&receipt)?;
            while let Some(entry) = entries.next_if(|entry| entry.position <= position) {
                account.entry(&entry)?;
            }
            account.entries_end(&receipt)?;
            while let Some(seal) = signed.next_if(|seal| seal.position <= position) {
                if let Some(seals) = &mut seals {
                    seals.check(&seal, (account.replay().epoch(), position), receipt.hash())?;
                }
            }
        }
        after = last;
        progress(after, journal.position);
    }
    let head = account.replay().head();
    if (head.position, &head.hash) != (journal.position, &journal.head) {
        let detail = format!("le journal annonce {} récépissés, il en tient {}", journal.position, head.position);
        return Err(broken(head.position.saturating_add(1), "head", detail));
    }
    Ok(account)
}

/// The stored columns are what the sealed bytes say.
fn read(stored: StoredReceipt) -> Result<crate::receipts::Receipt, AuditError> {
    let StoredReceipt { position, number, kind, hash, body } = stored;
    let receipt = chain::read_receipt(body).map_err(|found| found.at(position))?;
    if receipt.hash() != hash {
        return Err(broken(position, "hash", "les octets n'ont pas l'empreinte enregistrée".to_owned()));
    }
    let body = receipt.body();
    if (body.position, body.number.as_str(), body.kind.as_str()) != (position, number.as_str(), kind.as_str()) {
        let detail = "la position, le numéro ou le type enregistrés ne sont pas ceux du récépissé".to_owned();
        return Err(broken(position, "columns", detail));
    }
    Ok(receipt)
}

/// The seals met so far.
struct Seals<'a> {
    trusted: &'a [VerifyingKey],
    programme: &'a str,
    checked: i64,
    /// Position of the last one.
    last: i64,
}

impl Seals<'_> {
    fn check(&mut self, seal: &StoredSeal, (epoch, position): (i64, i64), hash: &str) -> Result<(), AuditError> {
        if seal.position != position {
            return Err(broken(seal.position, "seal_position", "le sceau ne suit aucun récépissé".to_owned()));
        }
        if seal.hash != hash {
            let detail = "le sceau porte une autre empreinte que le récépissé".to_owned();
            return Err(broken(position, "seal_hash", detail));
        }
        let Some(key) = self.trusted.iter().find(|key| seal::key_id(key) == seal.key_id) else {
            let detail = format!("la clé {} n'est pas de celles à croire", seal.key_id);
            return Err(broken(position, "seal_key", detail));
        };
        if !seal::verify(key, self.programme, (epoch, position), &seal.hash, &seal.signature) {
            return Err(broken(position, "seal_signature", "la signature n'est pas celle de la clé".to_owned()));
        }
        self.checked = self.checked.saturating_add(1);
        self.last = position;
        Ok(())
    }
}
