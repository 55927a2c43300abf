//! The file of a payment for the bank: planned from what is approved, made from what is kept, and made again with the same
//! bytes. The one place where accounts are opened. What never lives here: a log of what is opened, or HTTP.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::banking::{NoFile, Transfer, transfer_file};
use crate::domain::claims::Claim;
use crate::domain::facts::Needs;
use crate::domain::money::Cents;
use crate::domain::payments::{OrderPayment, Payment, plan};
use crate::domain::programme::Programme;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::Reference;
use crate::domain::time::{Day, Instant};
use crate::keys::Keys;
use crate::ledger::prefetch;
use crate::payees::{Owner, Unopened, open, open_debtor};
use crate::store::{Reads, StoreError};

/// A transfer of the payment: claim, payee and amount, in the order of the file.
pub type Ordered = (i64, i64, Cents);

/// What is to be paid, under which numbers, and when.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Approved claims by number: one transfer each.
    pub claims: Vec<i64>,
    /// Number of the mandat de paiement.
    pub payment_order: Reference,
    /// Number of the bordereau of mandats.
    pub bordereau: Option<Reference>,
    /// Number of the engagement.
    pub engagement: Option<Reference>,
    /// When the bank is asked to pay.
    pub execute_on: Day,
    /// Whether what providers were overpaid is taken off.
    pub net: bool,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum Unmade {
    /// A rule says so.
    #[error("refused with {}", .0.code)]
    Refused(Refusal),
    #[error(transparent)]
    Unopened(#[from] Unopened),
    #[error(transparent)]
    NoFile(#[from] NoFile),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Refusal> for Unmade {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Plans the transfers, and makes the file whose hash the order seals.
///
/// # Errors
/// [`Unmade`].
pub fn prepare(
    tx: &mut dyn Reads,
    keys: &Keys,
    programme: &Programme,
    wish: Wish,
    now: Instant,
) -> Result<OrderPayment, Unmade> {
    let mut needs = Needs::default();
    needs.claims.claims.extend(&wish.claims);
    needs.payments.payees_of_claims = true;
    needs.payments.owed = true;
    let facts = prefetch::facts(tx, programme.no, &needs)?.ok_or(Refusal::new(Code::ProgrammeUnknown))?;
    let transfers = plan(&facts, &wish.claims, wish.net, now.day())?;
    let debtor = facts.claims.rules.debtor.clone().ok_or(Refusal::new(Code::DebtorMissing))?;
    let total = transfers.iter().try_fold(Cents::ZERO, |sum, transfer| sum.plus(transfer.amount));
    let mut payment = Payment {
        number: facts.payments.last + 1,
        made_at: now,
        execute_on: wish.execute_on,
        payment_order: wish.payment_order,
        bordereau: wish.bordereau,
        engagement: wish.engagement,
        debtor,
        file_hash: String::new(),
        total: total.unwrap_or_default(),
    };
    let ordered: Vec<Ordered> =
        transfers.iter().map(|transfer| (transfer.claim, transfer.payee, transfer.amount)).collect();
    payment.file_hash = hash(make(tx, keys, programme, &payment, &ordered)?.as_bytes());
    Ok(OrderPayment { payment, transfers, net: wish.net })
}

/// The file of a payment with these transfers.
///
/// # Errors
/// [`Unmade`].
pub fn make(
    tx: &mut dyn Reads,
    keys: &Keys,
    programme: &Programme,
    payment: &Payment,
    ordered: &[Ordered],
) -> Result<String, Unmade> {
    let numbers: BTreeSet<i64> = ordered.iter().map(|(claim, ..)| *claim).collect();
    let claims: BTreeMap<i64, Claim> =
        tx.claims_among(programme.no, &numbers)?.into_iter().map(|claim| (claim.number, claim)).collect();
    let mut transfers = Vec::with_capacity(ordered.len());
    for ((claim, payee, amount), line) in ordered.iter().zip(1..) {
        let stored = tx.payee_account(programme.no, *payee)?.unwrap_or_default();
        let account = open(keys, Owner { programme: &programme.code, payee: *payee }, &stored)?;
        let month = claims.get(claim).map(|claim| claim.month.to_string()).unwrap_or_default();
        let about = format!("Pass numérique {}, demande {claim}, {month}", programme.code);
        transfers.push(Transfer { line, account, amount: *amount, about });
    }
    let debtor = open_debtor(keys, &programme.code, &payment.debtor)?;
    Ok(transfer_file(&programme.code, payment, &debtor, transfers)?)
}

/// SHA-256 of a file, 64 hexadecimal digits.
#[must_use]
pub fn hash(file: &[u8]) -> String {
    hex::encode(Sha256::digest(file))
}
