//! Quantities that are added up, and the kinds of holders they are added up by. What never lives here: a report.

use crate::domain::money::Cents;
use crate::store::{Flow, Held};

/// Booklets, passes and their value in cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Quantity {
    pub(super) booklets: i64,
    pub(super) passes: i64,
    pub(super) cents: i64,
}

impl Quantity {
    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            booklets: self.booklets.saturating_add(other.booklets),
            passes: self.passes.saturating_add(other.passes),
            cents: self.cents.saturating_add(other.cents),
        }
    }

    pub(super) const fn minus(self, other: Self) -> Self {
        Self {
            booklets: self.booklets.saturating_sub(other.booklets),
            passes: self.passes.saturating_sub(other.passes),
            cents: self.cents.saturating_sub(other.cents),
        }
    }

    pub(super) const fn value(self) -> Cents {
        Cents::new(self.cents)
    }
}

impl From<&Flow> for Quantity {
    fn from(flow: &Flow) -> Self {
        Self { booklets: flow.booklets, passes: flow.passes, cents: flow.value_cents }
    }
}

impl From<&Held> for Quantity {
    fn from(held: &Held) -> Self {
        Self { booklets: held.booklets, passes: held.passes, cents: held.value_cents }
    }
}

impl From<&crate::receipts::Line> for Quantity {
    fn from(line: &crate::receipts::Line) -> Self {
        Self { booklets: line.booklets, passes: line.passes, cents: line.cents }
    }
}

/// So many of one thing for a hundred of another; 0 where there is none of that.
pub(super) const fn per_hundred(of: i64, hundreds: i64) -> i64 {
    match of.saturating_mul(100).checked_div(hundreds) {
        Some(rate) => rate,
        None => 0,
    }
}

/// The counter-account of batches: not a place where a pass can be.
pub(super) const ISSUE: &str = "issue";

/// Every kind of holder in the order of a pass's life, with its French name.
pub(super) const KINDS: [(&str, &str); 13] = [
    (ISSUE, "Émission (contrepartie)"),
    ("store", "Réserve de la Région"),
    ("transit", "En cours d'acheminement"),
    ("prescriber", "En dépôt chez un prescripteur"),
    ("circulation", "En circulation"),
    ("provider", "Utilisés chez une structure"),
    ("claimed", "En demande de remboursement"),
    ("paid", "Payés"),
    ("blocked", "Bloqués"),
    ("lost", "Perdus ou volés"),
    ("expired", "Périmés"),
    ("destroyed", "Détruits"),
    ("credited", "Remboursés par avoir"),
];

/// The part of a holder's text that says its kind.
pub(super) fn kind_of(holder: &str) -> &str {
    holder.split_once(':').map_or(holder, |(kind, _)| kind)
}

/// Where a kind stands in [`KINDS`], and its French name.
pub(super) fn rank_of(holder: &str) -> (usize, &'static str) {
    let kind = kind_of(holder);
    let found = KINDS.iter().enumerate().find(|(_, (known, _))| *known == kind);
    found.map_or((KINDS.len(), "Autre"), |(rank, (_, label))| (rank, label))
}
