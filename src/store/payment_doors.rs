//! What is read and written of payees and payments. What never lives here: SQL.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use crate::domain::ids::{OrganisationId, ProgrammeNo};
use crate::domain::payments::{Payee, Payment, PaymentLine};

type Found<T> = Result<T, StoreError>;

/// Payees, payments, their transfers, and the files of banks.
pub trait PaymentReads {
    /// The number of the last payee; 0 before the first.
    fn last_payee(&mut self, programme: ProgrammeNo) -> Found<i64>;
    fn payees_among(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<i64>) -> Found<Vec<Payee>>;
    /// Every payee that was ever proposed for these providers, in order of number.
    fn payees_of(&mut self, programme: ProgrammeNo, providers: &BTreeSet<OrganisationId>) -> Found<Vec<Payee>>;
    /// Payees in order of number after one; those of one provider where it is named.
    fn payees(
        &mut self,
        programme: ProgrammeNo,
        provider: Option<OrganisationId>,
        after: i64,
        limit: i64,
    ) -> Found<Vec<Payee>>;
    /// The payee that was proposed under a key, as it was proposed, and the fingerprint of that request.
    fn payee_asked(&mut self, programme: ProgrammeNo, key_digest: &str) -> Found<Option<(Payee, String)>>;
    /// The account of a payee as it was closed: see [`crate::payees`].
    fn payee_account(&mut self, programme: ProgrammeNo, payee: i64) -> Found<Option<Vec<u8>>>;
    /// The number of the last payment; 0 before the first.
    fn last_payment(&mut self, programme: ProgrammeNo) -> Found<i64>;
    fn payment(&mut self, programme: ProgrammeNo, number: i64) -> Found<Option<Payment>>;
    /// Payments in order of number after one.
    fn payments(&mut self, programme: ProgrammeNo, after: i64, limit: i64) -> Found<Vec<Payment>>;
    /// The transfers of a payment, in order.
    fn payment_lines(&mut self, programme: ProgrammeNo, payment: i64) -> Found<Vec<PaymentLine>>;
    /// Every transfer that was ever ordered for a claim, in order.
    fn lines_of_claim(&mut self, programme: ProgrammeNo, claim: i64) -> Found<Vec<PaymentLine>>;
    /// The number of the last overpayment; 0 before the first.
    fn last_overpayment(&mut self, programme: ProgrammeNo) -> Found<i64>;
    /// What providers were overpaid and have neither given back nor been asked for apart, in cents.
    fn owed(&mut self, programme: ProgrammeNo) -> Found<BTreeMap<OrganisationId, i64>>;
    /// Those of these numbers of mandats de paiement that are taken.
    fn payment_orders_among(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<String>) -> Found<BTreeSet<String>>;
    /// Those of these numbers of titres de recette that are taken.
    fn revenue_orders_among(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<String>) -> Found<BTreeSet<String>>;
    /// Those of the hashes that are of a file taken already.
    fn bank_files_among(&mut self, programme: ProgrammeNo, hashes: &BTreeSet<String>) -> Found<BTreeSet<String>>;
}

/// What is kept of a proposal besides what may be shown.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    /// The closed account.
    pub account: &'a [u8],
    /// The key under which it was asked, and the fingerprint of the request.
    pub key_digest: &'a str,
    pub fingerprint: &'a str,
}

/// Proposals of payees; the rest is written with the acts.
pub trait PaymentWrites {
    /// Keeps a proposal.
    fn insert_payee(&mut self, programme: ProgrammeNo, payee: &Payee, proposal: Proposal<'_>) -> Found<()>;
}
