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

impl Focus {
    pub(super) const ALL: &[Self] = &[Self::Everything, Self::Money, Self::Statements, Self::Applications, Self::Ends];

    /// In a hundred wishes: of the money, of applications, of the ends of orders.
    pub(super) const fn shares(self) -> (usize, usize, usize) {
        match self {
            Self::Everything => (15, 8, 6),
            Self::Money | Self::Statements => (50, 2, 2),
            Self::Applications => (4, 40, 4),
            Self::Ends => (4, 4, 40),
        }
    }
}
