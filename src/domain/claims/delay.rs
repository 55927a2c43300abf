//! The delay in which a claim is paid, and what makes it stand still: a question to the provider, about the claim or
//! about some of its passes. What never lives here: interest.

use super::super::act::{Act, Context, item_text};
use super::super::facts::{Facts, Needs};
use super::super::ids::PassId;
use super::super::movement::{Kind, Movement, Record};
use super::super::named::named;
use super::super::refusal::{Code, Malformed, Refusal};
use super::super::text::Reference;
use super::rejection::standing;
use super::{ClaimRecord, open_claim};

named!(
    /// Why a claim waits.
    SuspensionReason, Malformed::Identifier, {
        /// What proves a service is asked for.
        EvidenceAsked => "evidence_asked",
        /// The Region doubts that the passes named were spent as they should.
        PassesDisputed => "passes_disputed",
        /// The account to pay to must be put right.
        PayeeIncomplete => "payee_incomplete",
        /// A check on the spot is under way.
        CheckUnderWay => "check_under_way",
    }
);

/// Stops the delay of a claim: it is not approved nor paid until it is resumed.
#[derive(Debug, Clone)]
pub struct Suspend {
    /// Number of the claim.
    pub claim: i64,
    pub reason: SuspensionReason,
    /// The passes in dispute; the whole claim where none is named.
    pub passes: Vec<PassId>,
    /// The letter that tells the provider.
    pub reference: Option<Reference>,
}

impl Act for Suspend {
    fn kind(&self) -> Kind {
        Kind::ClaimSuspension
    }

    fn needs(&self, needs: &mut Needs) {
        needs.claims.claims.insert(self.claim);
        needs.claims.passes_of.insert(self.claim);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let (claim, provider) = open_claim(facts, self.claim)?;
        if claim.suspended_on.is_some() {
            return Err(Refusal::new(Code::ClaimSuspended).about("claim", claim.number));
        }
        let disputed = standing(facts, self.claim, &self.passes)?;
        let serials: Vec<String> = disputed.iter().map(|pass| item_text(facts, pass.item())).collect();
        let mut suspended = claim.clone();
        suspended.suspended_on = Some(context.day);
        Ok(Movement::new(Kind::ClaimSuspension)
            .mention("claim", claim.number)
            .mention("provider", &provider.name)
            .mention("reason", self.reason.as_str())
            .mention_some("reference", self.reference.as_ref())
            .mention_some("disputed", (!serials.is_empty()).then(|| serials.join(" ")))
            .record(Record::Claims(ClaimRecord::Changed(suspended))))
    }
}

/// Lets the delay of a claim run again; it is due as many days later as it stood still.
#[derive(Debug, Clone)]
pub struct Resume {
    /// Number of the claim.
    pub claim: i64,
}

impl Act for Resume {
    fn kind(&self) -> Kind {
        Kind::ClaimResumption
    }

    fn needs(&self, needs: &mut Needs) {
        needs.claims.claims.insert(self.claim);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let (claim, provider) = open_claim(facts, self.claim)?;
        let since = claim.suspended_on.ok_or(Refusal::new(Code::ClaimNotSuspended).about("claim", claim.number))?;
        let days = context.day.days_since(since);
        let mut resumed = claim.clone();
        resumed.suspended_on = None;
        resumed.suspended_days = claim.suspended_days.saturating_add(days);
        resumed.due_on = claim.due_on.plus_days(days);
        Ok(Movement::new(Kind::ClaimResumption)
            .mention("claim", claim.number)
            .mention("provider", &provider.name)
            .mention("suspended_on", since)
            .mention("suspended_days", i64::from(days))
            .mention("due_on", resumed.due_on)
            .record(Record::Claims(ClaimRecord::Changed(resumed))))
    }
}
