//! The file of a payment for the bank, made from what is kept and made again with the same bytes; the one place of HTTP
//! where accounts are opened. What never lives here: a log of what is opened.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::app::App;
use super::problem::Problem;
use crate::banking::{Transfer, transfer_file};
use crate::domain::claims::Claim;
use crate::domain::money::Cents;
use crate::domain::payments::Payment;
use crate::domain::programme::Programme;
use crate::payees::{Owner, open};
use crate::store::Reads;

/// A transfer of the payment: claim, payee and amount, in the order of the file.
pub(super) type Ordered = (i64, i64, Cents);

/// The file of a payment with these transfers.
pub(super) fn make(
    tx: &mut dyn Reads,
    app: &App,
    programme: &Programme,
    payment: &Payment,
    ordered: &[Ordered],
) -> Result<String, Problem> {
    let numbers: BTreeSet<i64> = ordered.iter().map(|(claim, ..)| *claim).collect();
    let claims: BTreeMap<i64, Claim> =
        tx.claims_among(programme.no, &numbers)?.into_iter().map(|claim| (claim.number, claim)).collect();
    let mut transfers = Vec::with_capacity(ordered.len());
    for ((claim, payee, amount), line) in ordered.iter().zip(1..) {
        let stored = tx.payee_account(programme.no, *payee)?.unwrap_or_default();
        let owner = Owner { programme: &programme.code, payee: *payee };
        let account = open(&app.keys, owner, &stored).map_err(|error| Problem::internal(&error))?;
        let month = claims.get(claim).map(|claim| claim.month.to_string()).unwrap_or_default();
        let about = format!("Pass numérique {}, demande {claim}, {month}", programme.code);
        transfers.push(Transfer { line, account, amount: *amount, about });
    }
    transfer_file(&programme.code, payment, transfers).map_err(|error| Problem::internal(&error))
}

/// SHA-256 of a file, 64 hexadecimal digits.
pub(super) fn hash(file: &[u8]) -> String {
    hex::encode(Sha256::digest(file))
}
