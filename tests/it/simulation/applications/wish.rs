//! What somebody may want of an application, of letters, and of stock for several prescribers. What never lives here: what
//! ought to come of it.

use std::collections::{BTreeMap, BTreeSet};

use recepisse::domain::mailing::Fate;
use recepisse::domain::party::Role;
use recepisse::domain::time::Day;

use super::super::script::{At, Case};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulation) enum ApplicationWish {
    File {
        /// As the office that sends it numbers it.
        reference: u32,
        person: u32,
        case: Case,
        passes: Option<u32>,
        /// The number of the key under which the person is recognised.
        key: u8,
        /// To be reminded.
        agrees: bool,
    },
    Complete {
        application: i64,
        person: u32,
        case: Case,
    },
    Decide {
        application: i64,
        accept: bool,
    },
    End {
        application: i64,
        /// Else the person gives up.
        expired: bool,
    },
    Mail {
        applications: BTreeSet<i64>,
        order: u32,
    },
    Report {
        letters: BTreeMap<i64, Fate>,
    },
    /// A person asks to be forgotten.
    Forget {
        person: u32,
    },
    /// Whom nobody has met since.
    ForgetOverdue {
        since: Day,
        most: u32,
    },
    /// From the store or from prescribers, to prescribers, so many booklets.
    Allocate {
        sendings: Vec<(At, &'static str, u32)>,
        order: Option<u32>,
    },
}

impl ApplicationWish {
    /// The name of the act in the tally.
    pub(in crate::simulation) const fn kind(&self) -> &'static str {
        match self {
            Self::File { .. } | Self::Complete { .. } => "application",
            Self::Decide { .. } => "application_decision",
            Self::End { .. } => "application_end",
            Self::Mail { .. } => "mailing",
            Self::Report { .. } => "letter_report",
            Self::Allocate { .. } => "allocation",
            Self::Forget { .. } | Self::ForgetOverdue { .. } => "erasure",
        }
    }

    /// Whoever files does not decide.
    pub(in crate::simulation) fn is_open_to(&self, role: Role) -> bool {
        let files = matches!(role, Role::Platform | Role::PrescriberAgent);
        match self {
            Self::File { .. } | Self::Complete { .. } => files,
            Self::End { .. } => files || role == Role::RegionAdmin,
            Self::Decide { .. } | Self::Mail { .. } | Self::Report { .. } | Self::Allocate { .. } => {
                role == Role::RegionAdmin
            }
            Self::Forget { .. } | Self::ForgetOverdue { .. } => matches!(role, Role::RegionAdmin | Role::RegionFinance),
        }
    }

    /// What is under way, also when a programme is closed.
    pub(in crate::simulation) const fn winds_down(&self) -> bool {
        matches!(self, Self::Decide { .. } | Self::End { .. } | Self::Report { .. }) || self.waits_for_answers()
    }

    /// Whether it rests on what is written of people.
    pub(in crate::simulation) const fn waits_for_answers(&self) -> bool {
        matches!(self, Self::Forget { .. } | Self::ForgetOverdue { .. })
    }
}
