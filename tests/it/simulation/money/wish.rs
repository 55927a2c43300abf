//! What somebody may want of the money: to claim, to judge a claim, to pay it, to say what the bank did, to have back what
//! was paid in vain. What never lives here: what ought to come of it.

use recepisse::domain::money::Cents;
use recepisse::domain::month::Month;
use recepisse::domain::party::Role;
use recepisse::domain::payments::{Outcome, Planned};
use recepisse::domain::time::Day;

use super::super::script::Pass;

/// Payment and line, as both sides of the bank name a transfer.
pub(in crate::simulation) type TransferNo = (i64, i64);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulation) enum MoneyWish {
    Claim {
        provider: &'static str,
        month: Month,
        again: Vec<Pass>,
    },
    Approve {
        claim: i64,
    },
    Reject {
        claim: i64,
        passes: Vec<Pass>,
    },
    /// The delay stands still: the whole claim is in doubt, or these passes.
    Doubt {
        claim: i64,
        passes: Vec<Pass>,
    },
    Resume {
        claim: i64,
    },
    /// Somebody else has proposed the account.
    Confirm {
        payee: i64,
    },
    Pay(Slip),
    Bank(BankFile),
    /// Passes of a paid claim ought not to have been paid.
    Overpaid {
        claim: i64,
        passes: Vec<Pass>,
    },
    /// A titre de recette.
    Recover {
        provider: &'static str,
        cents: i64,
        number: u32,
    },
    Offset {
        claim: i64,
    },
}

/// An order to pay, as the file for the bank was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulation) struct Slip {
    /// The number that the payment will have.
    pub(in crate::simulation) payment: i64,
    /// Number of the mandat.
    pub(in crate::simulation) mandat: u32,
    pub(in crate::simulation) transfers: Vec<Transfer>,
    /// Whether debts are taken off.
    pub(in crate::simulation) net: bool,
    pub(in crate::simulation) execute_on: Day,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulation) struct Transfer {
    pub(in crate::simulation) claim: i64,
    pub(in crate::simulation) payee: i64,
    pub(in crate::simulation) cents: i64,
    pub(in crate::simulation) netted: i64,
}

impl Transfer {
    pub(in crate::simulation) const fn planned(self) -> Planned {
        let Self { claim, payee, cents, netted } = self;
        Planned { claim, payee, amount: Cents::new(cents), netted: Cents::new(netted) }
    }
}

/// A file that the bank sends: its words about transfers, and the amount where it says one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulation) struct BankFile {
    /// What tells it from other files.
    pub(in crate::simulation) mark: u32,
    pub(in crate::simulation) words: Vec<(TransferNo, Outcome, Option<i64>)>,
}

impl MoneyWish {
    /// The name of the act in the tally.
    pub(in crate::simulation) const fn kind(&self) -> &'static str {
        match self {
            Self::Claim { .. } => "claim",
            Self::Approve { .. } => "claim_approval",
            Self::Reject { .. } => "claim_rejection",
            Self::Doubt { .. } => "claim_suspension",
            Self::Resume { .. } => "claim_resumption",
            Self::Confirm { .. } => "payee",
            Self::Pay(_) => "payment",
            Self::Bank(_) => "bank_return",
            Self::Overpaid { .. } => "overpayment",
            Self::Recover { .. } => "revenue_order",
            Self::Offset { .. } => "offset",
        }
    }

    /// Providers claim, or the Region for them; the money is the finance service's.
    pub(in crate::simulation) fn is_open_to(&self, role: Role) -> bool {
        match self {
            Self::Claim { .. } => matches!(role, Role::VenueAgent | Role::RegionAdmin),
            _ => role == Role::RegionFinance,
        }
    }

    /// Whether it rests on what somebody was answered, a number or a file: nobody has these before the answer.
    pub(in crate::simulation) const fn waits_for_answers(&self) -> bool {
        matches!(self, Self::Pay(_) | Self::Bank(_))
    }
}
