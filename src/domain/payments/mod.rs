//! Payments: the account on which a provider is paid, the orders to pay approved claims, and what the bank says of
//! them. What never lives here: a file of a bank, or an account in clear.

mod bank;
mod facts;
mod offset;
mod order;
mod overpayment;
mod payee;

pub use bank::{BankReturn, Outcome, Reading, Told};
pub use facts::{PaymentFacts, PaymentNeeds, PaymentRecord};
pub use offset::Offset;
pub use order::{CLAIMS_PER_PAYMENT, OrderPayment, Planned, plan};
pub use overpayment::{NoteOverpayment, OrderRevenue, Overpayment, Recovery};
pub use payee::{ConfirmPayee, LegalForm, Payee};
use serde::{Deserialize, Serialize};

use super::money::Cents;
use super::named::named;
use super::refusal::Malformed;
use super::text::{BankReason, Label, Reference};
use super::time::{Day, Instant};

/// The account from which a Region pays, closed like those of payees: nobody reads it without the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Debtor {
    pub name: Label,
    /// `FR76 •••• 0185`.
    pub masked: String,
    /// The closed account, in hexadecimal digits.
    pub account: String,
}

/// An order to pay several claims, one transfer each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Running number within the programme.
    pub number: i64,
    /// The moment that the file bears.
    pub made_at: Instant,
    /// When the bank is asked to pay.
    pub execute_on: Day,
    /// Number of the mandat de paiement.
    pub payment_order: Reference,
    /// Number of the bordereau of mandats.
    pub bordereau: Option<Reference>,
    /// Number of the engagement that the expense is charged to.
    pub engagement: Option<Reference>,
    pub debtor: Debtor,
    /// SHA-256 of the file for the bank, 64 hexadecimal digits.
    pub file_hash: String,
    pub total: Cents,
}

named!(
    /// What has become of a transfer.
    LineState, Malformed::Identifier, {
        /// In a file for the bank.
        Ordered => "ordered",
        /// The bank has paid it.
        Executed => "executed",
        /// The bank did not take it.
        Rejected => "rejected",
        /// It was paid and came back.
        Returned => "returned",
    }
);

/// One transfer of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLine {
    pub payment: i64,
    /// Its rank in the payment, from 1.
    pub line: i64,
    pub claim: i64,
    /// The number of the payee: see [`Payee`].
    pub payee: i64,
    /// What is transferred: the claim, less what is taken off.
    pub amount: Cents,
    /// What the provider owed and is taken off.
    pub netted: Cents,
    pub state: LineState,
    /// When the bank did so.
    pub state_on: Option<Day>,
    /// Why the bank rejected or returned it, as it says: `AC01`.
    pub reason: Option<BankReason>,
}

/// What a transfer is called on both sides of the bank: `HDF21-P7-L12`.
#[must_use]
pub fn end_to_end_id(programme: &super::short_code::ShortCode, payment: i64, line: i64) -> String {
    format!("{programme}-P{payment}-L{line}")
}

/// The payment and line that an [`end_to_end_id`] names.
#[must_use]
pub fn read_end_to_end_id(programme: &super::short_code::ShortCode, text: &str) -> Option<(i64, i64)> {
    let rest = text.trim().strip_prefix(programme.as_str())?.strip_prefix("-P")?;
    let (payment, line) = rest.split_once("-L")?;
    let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number > 0);
    let found = (number(payment)?, number(line)?);
    (end_to_end_id(programme, found.0, found.1) == text.trim()).then_some(found)
}
