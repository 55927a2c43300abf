//! The Region's approval of a claim: by one person up to an amount, by two different ones above it. What never lives
//! here: a pass; an approval moves none.

use super::super::act::{Act, Context};
use super::super::facts::{Facts, Needs};
use super::super::movement::{Kind, Movement, Record};
use super::super::refusal::{Code, Refusal};
use super::{Claim, ClaimRecord, ClaimState, open_claim};

/// Approves a claim as it stands: never one's own, never one's own organisation's, never twice.
#[derive(Debug, Clone)]
pub struct Approve {
    /// Number of the claim.
    pub claim: i64,
}

fn check_approver(facts: &Facts, context: &Context, claim: &Claim) -> Result<(), Refusal> {
    let refuse = |code: Code| Err(Refusal::new(code).about("claim", claim.number));
    if claim.provider == context.actor.organisation {
        return refuse(Code::ClaimOfOwnOrganisation);
    }
    if claim.claimant == context.actor.user || claim.approvals.contains(&context.actor.user) {
        return refuse(Code::ApprovalSamePerson);
    }
    let approvers = &facts.claims.rules.approvers;
    let limit = approvers.get(&context.actor.user).copied();
    let limit = if approvers.is_empty() { i64::MAX } else { limit.unwrap_or(0) };
    if claim.value.get() > limit {
        let refusal = Refusal::new(Code::ApprovalBeyondLimit).about("claim", claim.number);
        let limit = super::super::money::Cents::new(limit);
        return Err(refusal.about("value", claim.value.figures()).about("limit", limit.figures()));
    }
    Ok(())
}

impl Act for Approve {
    fn kind(&self) -> Kind {
        Kind::ClaimApproval
    }

    fn needs(&self, needs: &mut Needs) {
        needs.claims.claims.insert(self.claim);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let (claim, provider) = open_claim(facts, self.claim)?;
        let refuse = |code: Code| Err(Refusal::new(code).about("claim", claim.number));
        if claim.state == ClaimState::Approved {
            return refuse(Code::ClaimAlreadyApproved);
        }
        if claim.suspended_on.is_some() {
            return refuse(Code::ClaimSuspended);
        }
        check_approver(facts, context, claim)?;
        let needed = facts.claims.rules.approvals_needed(claim.value);
        let mut approved = claim.clone();
        approved.approvals.push(context.actor.user);
        let given = approved.approvals.len();
        if given >= needed {
            approved.state = ClaimState::Approved;
        }
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Ok(Movement::new(Kind::ClaimApproval)
            .mention("claim", claim.number)
            .mention("provider", &provider.name)
            .mention("claim_passes", claim.passes)
            .mention("claim_cents", claim.value.get())
            .mention("approval", count(given))
            .mention("approvals_needed", count(needed))
            .mention("due_on", claim.due_on)
            .record(Record::Claims(ClaimRecord::Changed(approved))))
    }
}
