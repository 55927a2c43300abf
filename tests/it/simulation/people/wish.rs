//! What somebody may want of reminders, and of the key under which people are recognised. What never lives here: what ought to
//! come of it.

use recepisse::domain::party::Role;
use recepisse::domain::time::Day;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulation) enum PeopleWish {
    /// Of a booklet that nobody has started, by the number of the receipt with which they agreed.
    Remind { hand_out: String },
    /// They take their word back.
    Revoke { hand_out: String },
    /// How those are reached whom nobody will remind any more.
    ForgetServed { on: Day, most: u32 },
    /// The key that somebody has proposed is put in use.
    RenewKey,
}

impl PeopleWish {
    /// The name of the act in the tally.
    pub(in crate::simulation) const fn kind(&self) -> &'static str {
        match self {
            Self::Remind { .. } | Self::Revoke { .. } => "follow_up",
            Self::ForgetServed { .. } => "erasure",
            Self::RenewKey => "people_key",
        }
    }

    pub(in crate::simulation) const fn is_open_to(&self, role: Role) -> bool {
        match self {
            Self::Remind { .. } | Self::Revoke { .. } => matches!(role, Role::RegionAdmin | Role::PrescriberAgent),
            Self::ForgetServed { .. } => matches!(role, Role::RegionAdmin | Role::RegionFinance),
            Self::RenewKey => matches!(role, Role::RegionFinance),
        }
    }

    /// Whether it rests on what is written of people and of their booklets.
    pub(in crate::simulation) const fn waits_for_answers(&self) -> bool {
        !matches!(self, Self::RenewKey)
    }
}
