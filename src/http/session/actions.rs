//! What a role may do, by the names that a client shows or hides by. What never lives here: who may do what (see `auth`).

use crate::auth::{Action, may};
use crate::domain::movement::Kind;
use crate::domain::party::Role;

/// Everything the role may do, by name.
pub(super) fn actions(role: Role) -> Vec<String> {
    let others = [
        Action::Administer,
        Action::EditVenues,
        Action::ReadReference,
        Action::ReadReceipts,
        Action::CheckEligibility,
        Action::CheckPass,
        Action::TakePrintFile,
        Action::ReadReports,
        Action::ReadWholeProgramme,
        Action::Verify,
        Action::ProposePayee,
        Action::TakePaymentFile,
        Action::ReadAccesses,
        Action::ReadPerson,
        Action::ReadContact,
        Action::ReviewDuplicates,
        Action::DeclareRestore,
        Action::ProposePeopleKey,
        Action::FollowFeeds,
        Action::ProposePlaces,
        Action::ModeratePlaces,
        Action::ReadApplications,
        Action::CorrectAddress,
        Action::TakeLabels,
    ];
    let all = others.into_iter().chain(Kind::ALL.iter().copied().map(Action::Record));
    all.filter(|action| may(role, *action)).map(action_name).collect()
}

fn action_name(action: Action) -> String {
    match action {
        Action::Record(kind) => return format!("record_{kind}"),
        Action::Administer => "administer",
        Action::EditVenues => "edit_venues",
        Action::ReadReference => "read_reference",
        Action::ReadReceipts => "read_receipts",
        Action::CheckEligibility => "check_eligibility",
        Action::CheckPass => "check_pass",
        Action::TakePrintFile => "take_print_file",
        Action::ReadReports => "read_reports",
        Action::ReadWholeProgramme => "read_whole_programme",
        Action::Verify => "verify",
        Action::ProposePayee => "propose_payee",
        Action::TakePaymentFile => "take_payment_file",
        Action::ReadAccesses => "read_accesses",
        Action::ReadPerson => "read_person",
        Action::ReadContact => "read_contact",
        Action::ReviewDuplicates => "review_duplicates",
        Action::DeclareRestore => "declare_restore",
        Action::ProposePeopleKey => "propose_people_key",
        Action::FollowFeeds => "follow_feeds",
        Action::ProposePlaces => "propose_places",
        Action::ModeratePlaces => "moderate_places",
        Action::ReadApplications => "read_applications",
        Action::CorrectAddress => "correct_address",
        Action::TakeLabels => "take_labels",
    }
    .to_owned()
}
