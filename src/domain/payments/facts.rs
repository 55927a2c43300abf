//! What acts on payments may know, and how a granted one changes it. Loaded only when an act asks. What never lives
//! here: a rule, or a query.

use std::collections::{BTreeMap, BTreeSet};

use super::super::facts::Table;
use super::super::ids::OrganisationId;
use super::super::time::Day;
use super::{Overpayment, Payee, Payment, PaymentLine, Recovery};

/// What an act asks to know of payments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentNeeds {
    /// Payees by number, and every other of the same provider.
    pub payees: BTreeSet<i64>,
    /// Whoever is paid for the claims that are asked for.
    pub payees_of_claims: bool,
    /// Lines of payments, with their claims and the passes of these.
    pub lines: BTreeSet<(i64, i64)>,
    /// Files of banks, by hash.
    pub files: BTreeSet<String>,
    /// What providers owe.
    pub owed: bool,
    /// Numbers of mandats de paiement that may be taken.
    pub payment_orders: BTreeSet<String>,
    /// Numbers of titres de recette that may be taken: a series of their own.
    pub revenue_orders: BTreeSet<String>,
}

impl PaymentNeeds {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

/// What acts know of payments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentFacts {
    /// The last number given.
    pub last: i64,
    pub payees: Table<i64, Payee>,
    pub payments: Table<i64, Payment>,
    /// By payment and line.
    pub lines: Table<(i64, i64), PaymentLine>,
    /// Hashes of files of banks that were taken already.
    pub files: BTreeSet<String>,
    /// The last number given to an overpayment.
    pub last_overpayment: i64,
    /// What providers were overpaid and have neither given back nor been asked for apart, in cents.
    pub owed: BTreeMap<OrganisationId, i64>,
    /// Those of the numbers of mandats asked about that are taken.
    pub payment_orders: BTreeSet<String>,
    /// The same of titres de recette.
    pub revenue_orders: BTreeSet<String>,
}

/// What there is to write down of payments besides the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentRecord {
    PayeeConfirmed(Payee),
    Ordered(Payment, Vec<PaymentLine>),
    /// A transfer as the bank left it.
    LineChanged(PaymentLine),
    /// The hash of a file that a bank sent.
    FileTaken(String),
    Overpaid(Overpayment),
    Recovered(Recovery),
    /// A provider owes so much more, or less: what is taken off a transfer, or no longer is.
    Owes(OrganisationId, i64),
}

impl PaymentFacts {
    /// Whoever is to be paid for a provider on `day`: the last one confirmed that is in force.
    #[must_use]
    pub fn payee_of(&self, provider: OrganisationId, day: Day) -> Option<&Payee> {
        let of_provider = self.payees.iter().map(|(_, payee)| payee).filter(|payee| payee.provider == provider);
        of_provider.filter(|payee| payee.is_in_force(day)).max_by_key(|payee| payee.number)
    }

    /// What a provider owes, in cents.
    #[must_use]
    pub fn owed_by(&self, provider: OrganisationId) -> i64 {
        self.owed.get(&provider).copied().unwrap_or(0)
    }

    fn owes(&mut self, provider: OrganisationId, cents: i64) {
        let owed = self.owed.entry(provider).or_default();
        *owed = owed.saturating_add(cents);
    }

    /// Takes a granted record in, so that the next act of the group sees it.
    pub fn write_down(&mut self, record: &PaymentRecord) {
        match record {
            PaymentRecord::PayeeConfirmed(payee) => self.payees.change(&payee.number, |known| *known = payee.clone()),
            PaymentRecord::Ordered(payment, lines) => {
                self.last = payment.number;
                self.payment_orders.insert(payment.payment_order.to_string());
                self.payments.set(payment.number, payment.clone());
                for line in lines {
                    self.lines.set((line.payment, line.line), line.clone());
                }
            }
            PaymentRecord::LineChanged(line) => {
                self.lines.change(&(line.payment, line.line), |known| *known = line.clone());
            }
            PaymentRecord::FileTaken(hash) => {
                self.files.insert(hash.clone());
            }
            PaymentRecord::Overpaid(overpayment) => {
                self.last_overpayment = overpayment.number;
                self.owes(overpayment.provider, overpayment.value.get());
            }
            PaymentRecord::Recovered(recovery) => {
                self.revenue_orders.extend(recovery.revenue_order.as_ref().map(ToString::to_string));
                self.owes(recovery.provider, recovery.amount.get().saturating_neg());
            }
            PaymentRecord::Owes(provider, cents) => self.owes(*provider, *cents),
        }
    }
}
