//! The contradictory statement of an order: what its issuer says has become of each pass, held against the ledger. What agrees
//! is counted, what differs is named pass by pass, and nothing moves: a difference ends by the act that moves the pass, or by a
//! list of the issuer that says otherwise. What never lives here: the amount that the issuer gives back (see `ends`).

mod differing;
mod list;
mod statement;

pub use self::differing::Differing;
pub use self::list::IssuerList;
pub use self::statement::StateContradiction;

use super::named::named;
use super::party::Holder;
use super::refusal::Malformed;

/// Passes of one order that a statement compares at most: fifteen times those of the largest programme there was.
pub const MOST_PASSES: usize = 1_000_000;
/// Passes that may differ, each of which a receipt names: whoever sends a list that differs on more has sent another order's, or
/// that of another day.
pub const MOST_DIFFERING: usize = 100_000;

named!(
    /// What has become of a pass, as an issuer and the ledger can both say it.
    PassState, Malformed::Identifier, {
        /// Nobody has spent it, and somebody still can.
        Unused => "unused",
        /// Blocked or lost before anybody spent it.
        Withdrawn => "withdrawn",
        /// Spent, and not paid yet.
        Used => "used",
        /// Spent and paid.
        Paid => "paid",
        /// Worth nothing any more, or destroyed: it awaits a credit note.
        Expired => "expired",
        /// Its value was given back.
        Credited => "credited",
    }
);

/// What a state means for the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    ToCredit,
    Spent,
    Credited,
}

impl PassState {
    /// The state of what a holder has; none at the issuer's, which has not delivered it.
    #[must_use]
    pub const fn of(holder: &Holder) -> Option<Self> {
        Some(match holder {
            Holder::Issue(_) => return None,
            Holder::Store | Holder::Transit(_) | Holder::Prescriber(_) | Holder::Circulation => Self::Unused,
            Holder::Blocked | Holder::Lost => Self::Withdrawn,
            Holder::Provider(_) | Holder::Claimed(_) => Self::Used,
            Holder::Paid(_) => Self::Paid,
            Holder::Expired | Holder::Destroyed => Self::Expired,
            Holder::Credited => Self::Credited,
        })
    }

    const fn side(self) -> Side {
        match self {
            Self::Unused | Self::Withdrawn | Self::Expired => Side::ToCredit,
            Self::Used | Self::Paid => Side::Spent,
            Self::Credited => Side::Credited,
        }
    }

    /// In French, as a statement writes it.
    #[must_use]
    pub const fn french(self) -> &'static str {
        match self {
            Self::Unused => "non utilisé",
            Self::Withdrawn => "bloqué ou perdu",
            Self::Used => "utilisé",
            Self::Paid => "payé",
            Self::Expired => "périmé ou détruit",
            Self::Credited => "rendu par avoir",
        }
    }

    /// The mentions that count the passes in this state: of the ledger, and of the issuer's list.
    #[must_use]
    pub const fn mentions(self) -> (&'static str, &'static str) {
        match self {
            Self::Unused => ("ledger_unused", "issuer_unused"),
            Self::Withdrawn => ("ledger_withdrawn", "issuer_withdrawn"),
            Self::Used => ("ledger_used", "issuer_used"),
            Self::Paid => ("ledger_paid", "issuer_paid"),
            Self::Expired => ("ledger_expired", "issuer_expired"),
            Self::Credited => ("ledger_credited", "issuer_credited"),
        }
    }
}

named!(
    /// How an issuer's word differs from the ledger's.
    Gap, Malformed::Identifier, {
        /// Spent for the ledger alone: the issuer would give back what a venue is owed.
        SpentHere => "spent_here",
        /// Spent for the issuer alone: it would give back too little.
        SpentThere => "spent_there",
        CreditedHere => "credited_here",
        CreditedThere => "credited_there",
        /// The issuer's list does not have it.
        Unlisted => "unlisted",
    }
);

impl Gap {
    /// The difference, if there is one that changes what the issuer gives back: a pass that is paid here and only used there is
    /// spent for both.
    #[must_use]
    pub fn between(ledger: PassState, issuer: Option<PassState>) -> Option<Self> {
        let Some(issuer) = issuer else { return Some(Self::Unlisted) };
        match (ledger.side(), issuer.side()) {
            (own, other) if own == other => None,
            (Side::Spent, _) => Some(Self::SpentHere),
            (_, Side::Spent) => Some(Self::SpentThere),
            (Side::Credited, _) => Some(Self::CreditedHere),
            (_, _) => Some(Self::CreditedThere),
        }
    }

    /// In French, as a statement writes it.
    #[must_use]
    pub const fn french(self) -> &'static str {
        match self {
            Self::SpentHere => "utilisé au registre seul",
            Self::SpentThere => "utilisé chez l'émetteur seul",
            Self::CreditedHere => "rendu par avoir au registre seul",
            Self::CreditedThere => "rendu par avoir chez l'émetteur seul",
            Self::Unlisted => "absent de la liste de l'émetteur",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_what_changes_the_credit_and_nothing_else() {
        use PassState::{Credited, Expired, Paid, Unused, Used, Withdrawn};
        for (ledger, issuer) in
            [(Paid, Used), (Used, Paid), (Expired, Unused), (Withdrawn, Expired), (Credited, Credited)]
        {
            assert_eq!(Gap::between(ledger, Some(issuer)), None, "{ledger} {issuer}");
        }
        for (ledger, issuer, gap) in [
            (Paid, Expired, Gap::SpentHere),
            (Used, Credited, Gap::SpentHere),
            (Expired, Used, Gap::SpentThere),
            (Credited, Paid, Gap::SpentThere),
            (Credited, Expired, Gap::CreditedHere),
            (Expired, Credited, Gap::CreditedThere),
        ] {
            assert_eq!(Gap::between(ledger, Some(issuer)), Some(gap), "{ledger} {issuer}");
        }
        assert_eq!(Gap::between(Expired, None), Some(Gap::Unlisted));
    }
}
