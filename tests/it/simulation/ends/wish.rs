//! What somebody may want of the end of an order, and of paper that is lost or of no use. What never lives here: what ought
//! to come of it.

use recepisse::domain::party::Role;
use recepisse::domain::time::Day;

use super::super::script::Pass;
use super::IssuerList;

/// Whole booklets with what is in them, and single passes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::simulation) struct Items {
    pub(in crate::simulation) booklets: Vec<u32>,
    pub(in crate::simulation) passes: Vec<Pass>,
}

impl Items {
    pub(in crate::simulation) const fn is_empty(&self) -> bool {
        self.booklets.is_empty() && self.passes.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulation) enum EndsWish {
    Prorogue {
        order: u32,
        validity_end: Day,
    },
    Acknowledge {
        order: u32,
    },
    /// At most so many booklets, and so many single passes.
    Expire {
        order: u32,
        most: u32,
    },
    /// Of all that awaits a credit note, where nothing is named.
    Credit {
        order: u32,
        on: Day,
        cents: i64,
        items: Items,
    },
    /// What the issuer says of each pass is held against the ledger.
    Contradict(IssuerList),
    /// What is of no use any more.
    Propose {
        items: Items,
    },
    /// What somebody has proposed.
    Destroy {
        proposal: i64,
        items: Items,
    },
    /// A person brings a torn booklet, or has lost one.
    Replace {
        original: u32,
        replacement: u32,
        person: u32,
        torn: bool,
    },
}

impl EndsWish {
    /// The name of the act in the tally.
    pub(in crate::simulation) const fn kind(&self) -> &'static str {
        match self {
            Self::Prorogue { .. } => "prorogation",
            Self::Acknowledge { .. } => "acknowledgement",
            Self::Expire { .. } => "expiry",
            Self::Credit { .. } => "credit_note",
            Self::Contradict(_) => "contradictory_statement",
            Self::Propose { .. } => "destruction_proposal",
            Self::Destroy { .. } => "destruction",
            Self::Replace { .. } => "replacement",
        }
    }

    /// The value of orders is the finance service's; the accountant signs what the Region proposes to destroy.
    pub(in crate::simulation) fn is_open_to(&self, role: Role) -> bool {
        match self {
            Self::Propose { .. } => matches!(role, Role::RegionAdmin | Role::RegionFinance),
            Self::Destroy { .. } => role == Role::Accountant,
            Self::Replace { .. } => role == Role::PrescriberAgent,
            _ => role == Role::RegionFinance,
        }
    }

    /// What is left, also when a programme is closed.
    pub(in crate::simulation) const fn winds_down(&self) -> bool {
        !matches!(self, Self::Prorogue { .. } | Self::Replace { .. })
    }

    /// Whether it rests on what is written: who was given a booklet, what is left of an order.
    pub(in crate::simulation) const fn waits_for_answers(&self) -> bool {
        matches!(self, Self::Replace { .. } | Self::Expire { .. } | Self::Credit { .. })
    }
}
