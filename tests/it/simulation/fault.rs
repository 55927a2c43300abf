//! Deliberately broken ledgers: each is wrong at one seam, and the simulation must convict it. What never lives here: a
//! rule.

use recepisse::domain::applications::ApplicationRecord;
use recepisse::domain::claims::{ClaimRecord, ClaimState};
use recepisse::domain::follow_up::FollowUpRecord;
use recepisse::domain::movement::{Kind, Movement, Record};
use recepisse::domain::party::Holder;
use recepisse::domain::payments::PaymentRecord;
use recepisse::domain::statements::StatementRecord;

/// A ledger that is wrong in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A redemption does not take the passes.
    PassesStaySpendable,
    /// A request that was answered before is run again.
    ReplaysRunAgain,
    /// A key answers for any request.
    KeysForgetTheRequest,
    /// A refusal is not kept under its key.
    RefusalsAreForgotten,
    /// A reversal gives the pass back and forgets to count it with its booklet.
    ReversalsForgetTheBooklet,
    /// An acceptance leaves the damaged booklets where they were.
    AcceptancesLoseTheDamaged,
    /// A refused request takes a number all the same.
    NumbersSkip,
    /// The acts of a group do not see each other.
    GroupsDecideOnOldFacts,
    /// The wall clock is believed whatever it says.
    AnyClockIsBelieved,
    /// An exception can be used for ever.
    ExceptionsLast,
    /// A disabled account is stopped at the next sign-in only.
    AccountsStayOpen,
    /// What a claim held comes into the next one by itself.
    ClaimsForgetWhatTheyHold,
    /// Nobody knows who has approved before.
    ApproversAreForgotten,
    /// Who approved the whole has approved what is left of it.
    ApprovalsOutliveRejections,
    /// What is taken off a transfer is owed all the same.
    DebtsOutliveNetting,
    /// A file of the bank can be taken in again.
    BankFilesAreForgotten,
    /// A transfer that the bank has paid waits for its word.
    TransfersStayOrdered,
    /// What is lost does not expire.
    ExpiriesSpareTheLost,
    /// A prorogation forgets the grace that was promised.
    ProrogationsForgetTheGrace,
    /// The Region acknowledges the same liability again and again.
    AcknowledgementsAreForgotten,
    /// What is accepted is not reserved.
    NothingIsReserved,
    /// What an issuer corrects is said all the same.
    CorrectionsAreForgotten,
    /// An issuer's list is held against what was there before its group.
    ListsOverlookTheGroup,
    /// A list that differs counts the passes and does not name them.
    DifferencesAreNotNamed,
    /// Who was reminded is reminded again and again.
    RemindersAreForgotten,
    /// Who takes their word back can still be reached.
    RevocationsKeepTheContact,
    /// What a contact was kept for is over, and it is kept.
    ContactsOutliveTheirUse,
    /// A key that was put in use is put in use again.
    ProposedKeysStayProposed,
}

impl Fault {
    pub(super) const ALL: &[Self] = &[
        Self::PassesStaySpendable,
        Self::ReplaysRunAgain,
        Self::KeysForgetTheRequest,
        Self::RefusalsAreForgotten,
        Self::ReversalsForgetTheBooklet,
        Self::AcceptancesLoseTheDamaged,
        Self::NumbersSkip,
        Self::GroupsDecideOnOldFacts,
        Self::AnyClockIsBelieved,
        Self::ExceptionsLast,
        Self::AccountsStayOpen,
        Self::ClaimsForgetWhatTheyHold,
        Self::ApproversAreForgotten,
        Self::ApprovalsOutliveRejections,
        Self::DebtsOutliveNetting,
        Self::BankFilesAreForgotten,
        Self::TransfersStayOrdered,
        Self::ExpiriesSpareTheLost,
        Self::ProrogationsForgetTheGrace,
        Self::AcknowledgementsAreForgotten,
        Self::NothingIsReserved,
        Self::CorrectionsAreForgotten,
        Self::ListsOverlookTheGroup,
        Self::DifferencesAreNotNamed,
        Self::RemindersAreForgotten,
        Self::RevocationsKeepTheContact,
        Self::ContactsOutliveTheirUse,
        Self::ProposedKeysStayProposed,
    ];

    /// What is left of a granted movement when it is written down.
    pub(super) fn spoil(self, movement: &mut Movement) {
        let kind = movement.kind;
        let payments = |record: &Record, lost: fn(&PaymentRecord) -> bool| match record {
            Record::Payments(record) => !lost(record),
            _ => true,
        };
        match self {
            Self::AcceptancesLoseTheDamaged if kind == Kind::Acceptance => {
                movement.lines.retain(|line| line.to != Holder::Blocked);
            }
            Self::ExceptionsLast => movement.records.retain(|record| !matches!(record, Record::ExceptionUsed(_))),
            Self::DebtsOutliveNetting => {
                movement.records.retain(|record| payments(record, |of| matches!(of, PaymentRecord::Owes(..))));
            }
            Self::BankFilesAreForgotten => {
                movement.records.retain(|record| payments(record, |of| matches!(of, PaymentRecord::FileTaken(_))));
            }
            Self::TransfersStayOrdered => {
                movement.records.retain(|record| payments(record, |of| matches!(of, PaymentRecord::LineChanged(_))));
            }
            Self::ExpiriesSpareTheLost if kind == Kind::Expiry => {
                movement.lines.retain(|line| line.from != Holder::Lost);
            }
            Self::ProrogationsForgetTheGrace => {
                for record in &mut movement.records {
                    if let Record::OrderProrogued { validity_end, grace_end, .. } = record {
                        *grace_end = *validity_end;
                    }
                }
            }
            Self::AcknowledgementsAreForgotten => {
                movement.records.retain(|record| !matches!(record, Record::OrderAcknowledged(_)));
            }
            Self::NothingIsReserved => {
                for record in &mut movement.records {
                    if let Record::Applications(ApplicationRecord::Changed(_, passes)) = record {
                        *passes = 0;
                    }
                }
            }
            Self::CorrectionsAreForgotten => {
                for record in &mut movement.records {
                    if let Record::Statements(StatementRecord::Taken(_, _, corrected)) = record {
                        corrected.clear();
                    }
                }
            }
            Self::ApproversAreForgotten | Self::ApprovalsOutliveRejections => {
                for record in &mut movement.records {
                    let Record::Claims(ClaimRecord::Changed(claim)) = record else { continue };
                    match (self, kind) {
                        (Self::ApproversAreForgotten, Kind::ClaimApproval) => claim.approvals.fill(claim.claimant),
                        (Self::ApprovalsOutliveRejections, Kind::ClaimRejection) if claim.passes > 0 => {
                            claim.state = ClaimState::Approved;
                        }
                        _ => {}
                    }
                }
            }
            _ => self.spoil_people(movement),
        }
    }

    /// The same of what is written of people, and of what an issuer says.
    fn spoil_people(self, movement: &mut Movement) {
        let records = &mut movement.records;
        let follow_ups = |record: &Record, lost: fn(&FollowUpRecord) -> bool| match record {
            Record::FollowUp(record) => !lost(record),
            _ => true,
        };
        match self {
            Self::DifferencesAreNotNamed => drop(movement.mentions.remove("gaps")),
            Self::RemindersAreForgotten => {
                records.retain(|record| follow_ups(record, |of| matches!(of, FollowUpRecord::Reminded(_))));
            }
            Self::RevocationsKeepTheContact => {
                records.retain(|record| follow_ups(record, |of| matches!(of, FollowUpRecord::Revoked(_))));
            }
            Self::ContactsOutliveTheirUse => {
                for record in records {
                    if let Record::Erased(erased) = record {
                        erased.traces.contacts.clear();
                    }
                }
            }
            Self::ProposedKeysStayProposed => {
                records.retain(|record| !matches!(record, Record::PeopleKeyRenewed(_)));
            }
            _ => {}
        }
    }
}
