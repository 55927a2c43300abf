//! What a life is about. What never lives here: what is wanted in it.

/// What a life is mostly about, so that some go deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    Everything,
    /// Claims and payments.
    Money,
    /// The issuer pays the venues itself.
    Statements,
    Applications,
    /// The ends of orders.
    Ends,
}

/// How many of a hundred wishes are about what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares {
    pub(super) money: usize,
    pub(super) applications: usize,
    /// Reminders, and keys.
    pub(super) people: usize,
    /// The ends of orders.
    pub(super) ends: usize,
}

impl Focus {
    pub(super) const ALL: &[Self] = &[Self::Everything, Self::Money, Self::Statements, Self::Applications, Self::Ends];

    pub(super) const fn shares(self) -> Shares {
        let (money, applications, people, ends) = match self {
            Self::Everything => (15, 8, 3, 6),
            Self::Money | Self::Statements => (50, 2, 1, 2),
            Self::Applications => (4, 34, 14, 4),
            Self::Ends => (4, 4, 1, 40),
        };
        Shares { money, applications, people, ends }
    }
}
