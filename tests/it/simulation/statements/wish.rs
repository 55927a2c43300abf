//! What an issuer says it has paid, what venues say of it, and what the Region decides. What never lives here: what ought to
//! come of it.

use recepisse::domain::month::Month;
use recepisse::domain::party::Role;
use recepisse::domain::statements::Resolution;
use recepisse::domain::time::Day;

use super::super::script::Pass;

/// The words of an issuer about a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulation) struct Said {
    /// How it calls the provider.
    pub(in crate::simulation) provider: &'static str,
    pub(in crate::simulation) on: Day,
    pub(in crate::simulation) cents: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulation) enum StatementWish {
    Import(IssuerFile),
    Dispute { statement: i64, passes: Vec<Pass> },
    Resolve { statement: i64, differences: Vec<i64>, resolution: Resolution },
}

/// A file of an issuer; the first of its lines has the number 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulation) struct IssuerFile {
    pub(in crate::simulation) month: Month,
    pub(in crate::simulation) corrects: Option<i64>,
    /// What tells it from other files.
    pub(in crate::simulation) mark: u32,
    pub(in crate::simulation) lines: Vec<(Pass, Said)>,
}

impl StatementWish {
    /// The name of the act in the tally.
    pub(in crate::simulation) const fn kind(&self) -> &'static str {
        match self {
            Self::Import(_) => "issuer_statement",
            Self::Dispute { .. } => "issuer_dispute",
            Self::Resolve { .. } => "issuer_resolution",
        }
    }

    pub(in crate::simulation) fn is_open_to(&self, role: Role) -> bool {
        match self {
            Self::Dispute { .. } => role == Role::VenueAgent,
            Self::Import(_) | Self::Resolve { .. } => role == Role::RegionFinance,
        }
    }
}
