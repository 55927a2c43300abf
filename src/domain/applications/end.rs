//! An application ends without a booklet: the person gives up, or nothing came in time. What was reserved is free again.
//! What never lives here: a refusal, which is a decision.

use super::super::act::{Act, Context, own_organisation};
use super::super::facts::{Facts, Needs};
use super::super::movement::{Kind, Movement, Record};
use super::super::named::named;
use super::super::party::OrganisationKind;
use super::super::refusal::{Code, Malformed, Refusal};
use super::{Application, ApplicationRecord, ApplicationState, known, not_open};

named!(
    /// Why an application ends.
    EndReason, Malformed::Identifier, {
        /// The person gives up.
        Withdrawn => "withdrawn",
        /// What was asked for did not come within the delay, or the distribution is over.
        Expired => "expired",
    }
);

/// Ends an application.
#[derive(Debug, Clone)]
pub struct End {
    pub application: i64,
    pub reason: EndReason,
}

impl End {
    /// The delay has passed for what waits for the person, or booklets are no longer given out.
    fn check_expired(application: &Application, facts: &Facts, context: &Context) -> Result<(), Refusal> {
        let waits = matches!(application.state, ApplicationState::Received | ApplicationState::Returned);
        let last = application.state_on.plus_days(facts.applications.rules.completion_days);
        let over = facts.programme.distribution_until;
        let last = if waits { last.min(over) } else { over };
        if context.day > last {
            return Ok(());
        }
        Err(Refusal::new(Code::ApplicationNotExpired)
            .about("application", application.number)
            .about("date", last.french()))
    }
}

impl Act for End {
    fn kind(&self) -> Kind {
        Kind::ApplicationEnd
    }

    fn needs(&self, needs: &mut Needs) {
        needs.applications.numbers.insert(self.application);
        needs.applications.rules = true;
        needs.follow_ups.of_applications = true;
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let own = own_organisation(facts, context)?;
        let of_the_region = context.actor.role.kind() == OrganisationKind::Region;
        let application = known(facts, self.application, (!of_the_region).then_some(&own.code))?;
        if !application.state.is_open() || application.state == ApplicationState::Mailed {
            return Err(not_open(application));
        }
        let state = match self.reason {
            EndReason::Withdrawn => ApplicationState::Withdrawn,
            EndReason::Expired => {
                Self::check_expired(application, facts, context)?;
                ApplicationState::Expired
            }
        };
        let freed = if application.state.reserves() { application.passes } else { 0 };
        let ended = application.becomes(state, context);
        let movement = Movement::new(Kind::ApplicationEnd)
            .mention("application", application.number)
            .mention("outcome", self.reason.as_str())
            .mention("passes_freed", freed)
            .record(Record::Applications(ApplicationRecord::Changed(Box::new(ended), -freed)));
        Ok(facts.follow_ups.end(movement, &application.filed_by))
    }
}
