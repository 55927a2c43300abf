//! Applications: what a person asks for through the regional platform or a prescriber, from its receipt to the end. What
//! never lives here: a name or an address, the letter that carries a booklet (see `mailing`), SQL.

mod decision;
mod end;
mod facts;
mod filing;

pub use decision::{Decide, Decision, RefusalReason};
pub use end::{End, EndReason};
pub use facts::{ApplicationFacts, ApplicationNeeds, ApplicationRecord};
pub use filing::{Complete, File};

use super::act::Context;
use super::erasure::NOBODY;
use super::facts::Facts;
use super::ids::BookletId;
use super::named::named;
use super::refusal::{Code, Malformed, Refusal};
use super::sex::Sex;
use super::short_code::ShortCode;
use super::stock::CodeMac;
use super::text::Reference;
use super::time::Day;

named!(
    /// How far an application has come.
    ApplicationState, Malformed::Identifier, {
        /// Something that was asked for is missing.
        Received => "received",
        /// By the rules of the day on which it became complete, the person is eligible: it waits for the Region.
        Complete => "complete",
        /// The passes are reserved: a booklet is to be mailed.
        Accepted => "accepted",
        Refused => "refused",
        /// The person gave up.
        Withdrawn => "withdrawn",
        /// Nothing came in time.
        Expired => "expired",
        /// The letter is with the carrier.
        Mailed => "mailed",
        /// The letter came back: the address is to be corrected.
        Returned => "returned",
        /// The booklet is in the person's hands.
        Delivered => "delivered",
    }
);

impl ApplicationState {
    /// In French, for sentences.
    #[must_use]
    pub const fn french(self) -> &'static str {
        match self {
            Self::Received => "reçue, incomplète",
            Self::Complete => "complète, à décider",
            Self::Accepted => "acceptée",
            Self::Refused => "refusée",
            Self::Withdrawn => "retirée",
            Self::Expired => "caduque",
            Self::Mailed => "envoyée par lettre suivie",
            Self::Returned => "revenue à l'expéditeur",
            Self::Delivered => "distribuée",
        }
    }

    /// Whether something may still come of it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::Complete) || self.reserves()
    }

    /// Whether it stands for passes of the person's entitlement that are not in their hands yet.
    #[must_use]
    pub const fn reserves(self) -> bool {
        matches!(self, Self::Accepted | Self::Mailed | Self::Returned)
    }

    /// Whether a booklet may have been mailed already.
    #[must_use]
    pub const fn may_have_a_letter(self) -> bool {
        !matches!(self, Self::Received | Self::Complete | Self::Accepted | Self::Refused)
    }

    /// Whether the booklet has reached the person.
    #[must_use]
    pub const fn is_delivered(self) -> bool {
        matches!(self, Self::Delivered)
    }

    /// Whether name and address have served: they are erased with the act that brings this state.
    #[must_use]
    pub const fn has_no_more_need_of_names(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Expired | Self::Delivered)
    }
}

named!(
    /// Through whom an application came.
    Channel, Malformed::Identifier, {
        /// The regional platform of individual aids, on which people apply by themselves.
        Platform => "platform",
        /// A prescriber who helps somebody apply.
        Prescriber => "prescriber",
    }
);

/// What the rules said of the situation shown, and when: nothing that tells who.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// The day whose rules were applied.
    pub on: Day,
    pub rule_version: String,
    /// The ground that holds; none where something is missing.
    pub ground: Option<String>,
    pub proof_kind: Option<String>,
    pub proof_issued_on: Option<Day>,
    /// Codes of the conditions that do not hold yet, such as `residence` or `job_seeker`.
    pub missing: Vec<String>,
}

/// An application as it stands. The person is a keyed fingerprint; name and address are closed apart from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Running number within the programme.
    pub number: i64,
    /// Code of the organisation that sent it.
    pub office: ShortCode,
    /// As that organisation numbers it: the same reference is the same application.
    pub reference: Reference,
    /// Keyed digest of what was sent: another content under the same reference is noticed.
    pub content: CodeMac,
    pub channel: Channel,
    pub fingerprint: CodeMac,
    pub age_band: String,
    /// INSEE code of the commune of residence.
    pub commune: String,
    /// What the person says of their sex, if anything.
    pub sex: Option<Sex>,
    pub received_on: Day,
    /// Passes of the booklet asked for: the whole entitlement, or half of it.
    pub passes: i64,
    pub assessed: Assessed,
    pub state: ApplicationState,
    /// Since when.
    pub state_on: Day,
    /// Why it was refused, or why its letter came back.
    pub reason: Option<String>,
    /// The booklet that was mailed, with the number of the dispatch.
    pub letter: Option<(BookletId, i64)>,
    /// Numbers of the receipts by which it was filed, and by which it came to its state.
    pub filed_by: String,
    pub last_receipt: String,
}

impl Application {
    /// Whether it leads to nobody: the person was erased, or the register was rebuilt from an archive, which carries no
    /// person.
    #[must_use]
    pub fn is_nobodys(&self) -> bool {
        self.fingerprint == NOBODY
    }

    /// The same in another state from today on.
    #[must_use]
    pub(in crate::domain) fn becomes(&self, state: ApplicationState, context: &Context) -> Self {
        Self { state, state_on: context.day, ..self.clone() }
    }
}

/// The application with this number; where somebody may act on their own only, one of `own`.
pub(in crate::domain) fn known<'f>(
    facts: &'f Facts,
    number: i64,
    own: Option<&ShortCode>,
) -> Result<&'f Application, Refusal> {
    let found = facts.applications.known.get(&number);
    found
        .filter(|application| own.is_none_or(|own| own == &application.office))
        .ok_or_else(|| Refusal::new(Code::ApplicationUnknown).about("application", number))
}

/// That somebody is known who may be given what is asked for.
pub(in crate::domain) fn check_is_somebodys(application: &Application) -> Result<(), Refusal> {
    if application.is_nobodys() {
        return Err(Refusal::new(Code::ApplicantUnknown)
            .about("application", application.number)
            .about("office", &application.office));
    }
    Ok(())
}

/// That an application does not admit the act, and how it stands.
pub(in crate::domain) fn not_open(application: &Application) -> Refusal {
    Refusal::new(Code::ApplicationNotOpen)
        .about("application", application.number)
        .about("state", application.state.french())
}
