//! The Region accepts or refuses an application. What is accepted is reserved at once, so that nobody receives twice. What
//! never lives here: the letter that says so.

use super::super::act::{Act, Context, own_organisation};
use super::super::duplicates::Noticed;
use super::super::entitlement::{Channels, Wish};
use super::super::facts::{Facts, Needs};
use super::super::movement::{Kind, Movement, Record};
use super::super::named::named;
use super::super::refusal::{Code, Malformed, Refusal};
use super::{Application, ApplicationRecord, ApplicationState, Assessed, check_is_somebodys, known, not_open};

named!(
    /// Why an application is refused. A list, because a receipt holds no free text: people write names there.
    RefusalReason, Malformed::Identifier, {
        /// The situation shown does not meet the rules.
        NotEligible => "not_eligible",
        /// What was asked for did not come.
        Incomplete => "incomplete",
        /// The person has had all that one person may have.
        AlreadyServed => "already_served",
        /// The person has had passes at a prescriber's desk.
        OtherChannel => "other_channel",
        /// Booklets are no longer given out.
        DistributionOver => "distribution_over",
        /// No booklets are left for applications.
        NoneLeft => "none_left",
    }
);

/// What the Region decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Accept,
    Refuse(RefusalReason),
}

/// Decides on an application.
#[derive(Debug, Clone)]
pub struct Decide {
    pub application: i64,
    pub decision: Decision,
}

impl Decide {
    fn accept(application: &Application, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        match application.state {
            ApplicationState::Complete => {}
            ApplicationState::Received => {
                return Err(incomplete(application, facts, context));
            }
            _ => return Err(not_open(application)),
        }
        check_is_somebodys(application)?;
        let wish = Wish { person: &application.fingerprint, passes: application.passes, exception: None };
        wish.check(facts, Channels::BesideHandOuts)?;
        let accepted = application.becomes(ApplicationState::Accepted, context);
        let assessed = &application.assessed;
        let doubtful = facts.duplicates.is_doubtful(&application.fingerprint);
        let noticed = Noticed { person: application.fingerprint, doubtful, ..Noticed::default() };
        Ok(Movement::new(Kind::ApplicationDecision)
            .mention("application", application.number)
            .mention("decision", "accepted")
            .mention("passes_reserved", application.passes)
            .mention("rule_version", assessed.rule_version.clone())
            .mention_some("ground", assessed.ground.clone())
            .mention_some("proof", assessed.proof_kind.clone())
            .record(Record::Applications(ApplicationRecord::Changed(Box::new(accepted), application.passes)))
            .noticed(noticed))
    }

    fn refuse(
        application: &Application,
        reason: RefusalReason,
        facts: &Facts,
        context: &Context,
    ) -> Result<Movement, Refusal> {
        if !matches!(application.state, ApplicationState::Received | ApplicationState::Complete) {
            return Err(not_open(application));
        }
        let reason = reason.to_string();
        let refused =
            Application { reason: Some(reason.clone()), ..application.becomes(ApplicationState::Refused, context) };
        let movement = Movement::new(Kind::ApplicationDecision)
            .mention("application", application.number)
            .mention("decision", "refused")
            .mention("reason", reason)
            .mention("rule_version", application.assessed.rule_version.clone())
            .record(Record::Applications(ApplicationRecord::Changed(Box::new(refused), 0)));
        Ok(facts.follow_ups.end(movement, &application.filed_by))
    }
}

/// What is not shown yet, as the rules by which it was judged call it.
fn incomplete(application: &Application, facts: &Facts, context: &Context) -> Refusal {
    let Assessed { rule_version, missing, .. } = &application.assessed;
    let judged_by = facts.rule_sets.iter().find(|rules| rules.version() == rule_version);
    let words = |code: &String| match judged_by {
        Some(rules) => rules.in_words(code, context.day),
        None => (code.clone(), code.clone()),
    };
    let (french, english): (Vec<String>, Vec<String>) = missing.iter().map(words).unzip();
    Refusal::new(Code::ApplicationIncomplete)
        .about("application", application.number)
        .about("missing", french.join(", "))
        .about("missing_in_english", english.join(", "))
}

impl Act for Decide {
    fn kind(&self) -> Kind {
        Kind::ApplicationDecision
    }

    fn needs(&self, needs: &mut Needs) {
        needs.applications.numbers.insert(self.application);
        needs.applications.eligibility |= matches!(self.decision, Decision::Accept);
        needs.duplicates.of_applicants = true;
        needs.follow_ups.of_applications |= matches!(self.decision, Decision::Refuse(_));
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let application = known(facts, self.application, None)?;
        match self.decision {
            Decision::Accept => Self::accept(application, facts, context),
            Decision::Refuse(reason) => Self::refuse(application, reason, facts, context),
        }
    }
}
