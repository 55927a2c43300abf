//! Who may: role × what, one table, no default arm. What never lives here: whether the caller's organisation
//! holds the thing (a fact, so a rule decides it), or a route.

use crate::domain::ids::OrganisationId;
use crate::domain::movement::Kind;
use crate::domain::party::{Actor, Role};

/// What can be asked besides recording an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Record an act of this kind.
    Record(Kind),
    /// Create or change organisations, users, programmes and mandates; approve venues.
    Administer,
    /// Create or change venues of one's own organisation.
    EditVenues,
    /// Read reference data within one's scope.
    ReadReference,
    /// Read receipts and the history of booklets within one's scope.
    ReadReceipts,
    /// Ask for an eligibility verdict.
    CheckEligibility,
    /// Check a pass without spending it.
    CheckPass,
    /// Take the print file of a delivery, once.
    TakePrintFile,
    /// Read reports and exports within one's scope.
    ReadReports,
    /// Read the reports and exports of the whole programme.
    ReadWholeProgramme,
    /// Verify the chain and export the journal.
    Verify,
    /// Propose the account on which a provider is paid; somebody else confirms.
    ProposePayee,
    /// Take the file of a payment for the bank: it holds accounts in clear.
    TakePaymentFile,
    /// Read what users looked at: everybody's, or one's own (a rule decides it).
    ReadAccesses,
    /// Read what is known of one person, who has proved to be that person.
    ReadPerson,
    /// Read how somebody who agreed to it is reached, to remind them.
    ReadContact,
    /// Review people who may be one, and say what they are.
    ReviewDuplicates,
    /// Propose the next key under which people are recognised; somebody else confirms.
    ProposePeopleKey,
    /// Declare that a journal has lost receipts; somebody else confirms.
    DeclareRestore,
    /// Be told what happens, by webhooks of one's own organisation.
    FollowFeeds,
    /// Propose places to the public registry, and changes to them.
    ProposePlaces,
    /// Decide on what others propose to the registry of places, and import files into it.
    ModeratePlaces,
    /// Read applications within one's scope.
    ReadApplications,
    /// Correct the address of an application.
    CorrectAddress,
    /// Take the labels of a mailing: they hold names and addresses.
    TakeLabels,
}

/// Whether `role` may do `action`.
#[must_use]
pub const fn may(role: Role, action: Action) -> bool {
    use Role::{Accountant, Auditor, Platform, PrescriberAgent, RegionAdmin, RegionFinance, VenueAgent};
    match action {
        Action::Record(kind) => may_record(role, kind),
        Action::Administer
        | Action::TakePrintFile
        | Action::ReadPerson
        | Action::ReviewDuplicates
        | Action::TakeLabels
        | Action::DeclareRestore
        | Action::ProposePeopleKey
        | Action::ModeratePlaces => matches!(role, RegionAdmin),
        Action::ProposePlaces | Action::FollowFeeds => {
            matches!(role, RegionAdmin | PrescriberAgent | VenueAgent | Platform)
        }
        Action::ReadAccesses => matches!(role, RegionAdmin | Auditor),
        Action::EditVenues | Action::ProposePayee => matches!(role, RegionAdmin | VenueAgent),
        Action::TakePaymentFile => matches!(role, RegionFinance | Accountant),
        Action::ReadReference => true,
        Action::ReadReceipts | Action::ReadReports => {
            matches!(role, RegionAdmin | RegionFinance | Accountant | PrescriberAgent | VenueAgent | Auditor)
        }
        Action::ReadApplications => !matches!(role, VenueAgent),
        Action::CorrectAddress => matches!(role, RegionAdmin | PrescriberAgent | Platform),
        Action::CheckEligibility => matches!(role, RegionAdmin | PrescriberAgent | Platform),
        Action::CheckPass => matches!(role, VenueAgent),
        // Whoever reminds: a rule decides whom.
        Action::ReadContact => matches!(role, RegionAdmin | PrescriberAgent),
        Action::ReadWholeProgramme | Action::Verify => {
            matches!(role, RegionAdmin | RegionFinance | Accountant | Auditor)
        }
    }
}

const fn may_record(role: Role, kind: Kind) -> bool {
    match kind {
        Kind::Order | Kind::Delivery | Kind::Mailing | Kind::LetterReport | Kind::Allocation => {
            matches!(role, Role::RegionAdmin)
        }
        // Whoever files does not decide.
        Kind::Application => matches!(role, Role::Platform | Role::PrescriberAgent),
        Kind::ApplicationDecision => matches!(role, Role::RegionAdmin),
        Kind::ApplicationEnd => matches!(role, Role::Platform | Role::PrescriberAgent | Role::RegionAdmin),
        // Whoever ordered does not release the value, and whoever declares a loss, or proposes a key, does not confirm it: separation of duties.
        // Closing is the work of whoever keeps the accounts.
        // What changes what an order is worth is finance's.
        Kind::Activation
        | Kind::Restore
        | Kind::PeopleKey
        | Kind::Closing
        | Kind::Prorogation
        | Kind::Acknowledgement
        | Kind::Expiry
        | Kind::ContradictoryStatement
        | Kind::CreditNote
        | Kind::ClaimApproval
        | Kind::ClaimRejection
        | Kind::ClaimSuspension
        | Kind::ClaimResumption
        | Kind::Payee
        | Kind::Payment
        | Kind::BankReturn
        | Kind::Overpayment
        | Kind::RevenueOrder
        | Kind::Offset
        | Kind::IssuerStatement
        | Kind::IssuerResolution => matches!(role, Role::RegionFinance),
        Kind::Dispatch | Kind::Acceptance => matches!(role, Role::RegionAdmin | Role::PrescriberAgent),
        Kind::Return | Kind::HandOut | Kind::Replacement => matches!(role, Role::PrescriberAgent),
        Kind::Exception => matches!(role, Role::RegionAdmin | Role::RegionFinance),
        Kind::Redemption | Kind::IssuerDispute => matches!(role, Role::VenueAgent),
        Kind::Claim => matches!(role, Role::VenueAgent | Role::RegionAdmin),
        Kind::Reversal => matches!(role, Role::VenueAgent | Role::RegionFinance),
        // Whoever blocked or lost does not bring back: the person is a fact, so a rule decides it.
        Kind::Block
        | Kind::Unblock
        | Kind::Found
        | Kind::Suspension
        | Kind::Resumption
        | Kind::Erasure
        | Kind::DestructionProposal => matches!(role, Role::RegionAdmin | Role::RegionFinance),
        // Public values are destroyed under the eyes of whoever keeps the accounts of them.
        Kind::Destruction => matches!(role, Role::Accountant),
        Kind::StockTake => matches!(role, Role::RegionAdmin | Role::RegionFinance | Role::PrescriberAgent),
        // Whoever handed out reminds; a word is taken back there, or at the Region.
        Kind::Loss | Kind::FollowUp => matches!(role, Role::RegionAdmin | Role::PrescriberAgent),
    }
}

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    actor: Actor,
    session: String,
}

/// The role does not allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the role may not do this")]
pub struct Forbidden;

/// Leave to record one kind of act, as this actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    actor: Actor,
    kind: Kind,
}

impl Permit {
    /// The actor, if the act is of the kind permitted.
    #[must_use]
    pub fn redeem(self, kind: Kind) -> Option<Actor> {
        (self.kind == kind).then_some(self.actor)
    }
}

impl Caller {
    #[must_use]
    pub const fn new(actor: Actor, session: String) -> Self {
        Self { actor, session }
    }

    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The session of the access token.
    #[must_use]
    pub fn session(&self) -> &str {
        &self.session
    }

    #[must_use]
    pub const fn role(&self) -> Role {
        self.actor.role
    }

    /// The only organisation whose data the caller sees; `None` for roles that see the whole programme.
    #[must_use]
    pub const fn scope(&self) -> Option<OrganisationId> {
        if self.actor.role.sees_everything() { None } else { Some(self.actor.organisation) }
    }

    /// # Errors
    /// [`Forbidden`] when the role does not allow the action.
    pub const fn require(&self, action: Action) -> Result<(), Forbidden> {
        if may(self.actor.role, action) { Ok(()) } else { Err(Forbidden) }
    }

    /// Leave to record an act of this kind.
    ///
    /// # Errors
    /// [`Forbidden`] when the role does not allow it.
    pub fn permit(&self, kind: Kind) -> Result<Permit, Forbidden> {
        self.require(Action::Record(kind))?;
        Ok(Permit { actor: self.actor.clone(), kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_act_has_a_role_that_may_record_it_and_auditors_record_none() {
        for kind in Kind::ALL {
            assert!(Role::ALL.iter().any(|role| may(*role, Action::Record(*kind))), "{kind}");
            assert!(!may(Role::Auditor, Action::Record(*kind)), "{kind}");
            assert_eq!(may(Role::Accountant, Action::Record(*kind)), *kind == Kind::Destruction, "{kind}");
        }
    }

    #[test]
    fn whoever_proposes_a_destruction_does_not_sign_it() {
        for role in Role::ALL {
            let proposes = may(*role, Action::Record(Kind::DestructionProposal));
            let both = proposes && may(*role, Action::Record(Kind::Destruction));
            assert!(!both, "{role}");
        }
    }

    #[test]
    fn whoever_declares_a_loss_does_not_confirm_it() {
        for role in Role::ALL {
            let both = may(*role, Action::DeclareRestore) && may(*role, Action::Record(Kind::Restore));
            assert!(!both, "{role}");
        }
    }

    #[test]
    fn whoever_claims_does_not_approve() {
        for role in Role::ALL {
            let both = may(*role, Action::Record(Kind::Claim)) && may(*role, Action::Record(Kind::ClaimApproval));
            assert!(!both, "{role}");
        }
    }

    #[test]
    fn whoever_applies_for_somebody_does_not_decide() {
        for role in Role::ALL {
            let decides = may(*role, Action::Record(Kind::ApplicationDecision));
            assert!(!(may(*role, Action::Record(Kind::Application)) && decides), "{role}");
        }
    }

    #[test]
    fn whoever_orders_does_not_activate() {
        for role in Role::ALL {
            let both = may(*role, Action::Record(Kind::Order)) && may(*role, Action::Record(Kind::Activation));
            assert!(!both, "{role}");
        }
    }
}
