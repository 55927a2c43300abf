//! Passes of a claim that the Region does not pay. They go back to what the provider has redeemed: it may present them
//! again, and the Region may undo their redemption. What never lives here: a rejection by the bank.

use std::collections::BTreeSet;

use super::super::act::{Act, Context, item_text};
use super::super::facts::{Facts, Needs};
use super::super::ids::PassId;
use super::super::movement::{Kind, Movement, Record};
use super::super::named::named;
use super::super::party::Holder;
use super::super::refusal::{Code, Malformed, Refusal};
use super::super::text::Reference;
use super::demand::lines;
use super::{ClaimRecord, ClaimState, open_claim};

/// Passes that one act may reject or dispute.
const PASSES_PER_REJECTION: usize = 1_000;

named!(
    /// Why a pass is not paid. A list, because a receipt holds no free text: people write names there.
    RejectionReason, Malformed::Identifier, {
        /// The service did not take place.
        ServiceNotPerformed => "service_not_performed",
        /// The service is not one that a pass pays.
        ServiceNotPayable => "service_not_payable",
        /// What proves the service was asked for and did not come.
        EvidenceMissing => "evidence_missing",
        /// What was sent says something else.
        EvidenceContradicts => "evidence_contradicts",
        /// Entered by mistake or twice.
        EnteredByMistake => "entered_by_mistake",
        /// The same service is paid by somebody else.
        PaidOtherwise => "paid_otherwise",
    }
);

/// Takes passes out of a claim. Approvals given before are void: they were given for another amount.
#[derive(Debug, Clone)]
pub struct Reject {
    /// Number of the claim.
    pub claim: i64,
    pub passes: Vec<PassId>,
    pub reason: RejectionReason,
    /// The letter or file that says more.
    pub reference: Option<Reference>,
}

/// The passes named, sorted, each once and each standing in the claim.
pub(in crate::domain) fn standing(facts: &Facts, claim: i64, named: &[PassId]) -> Result<Vec<PassId>, Refusal> {
    if named.len() > PASSES_PER_REJECTION {
        return Err(Refusal::out_of_range("passes", 1, PASSES_PER_REJECTION));
    }
    let mut seen = BTreeSet::new();
    for pass in named {
        let refuse = |code: Code| {
            let serial = item_text(facts, pass.item());
            Err(Refusal::new(code).field("passes").about("serial", serial).about("claim", claim))
        };
        if !seen.insert(*pass) {
            return refuse(Code::PassNamedTwice);
        }
        if facts.claims.passes.get(&(claim, *pass)).is_none_or(|row| row.rejected.is_some()) {
            return refuse(Code::PassNotInClaim);
        }
    }
    Ok(seen.into_iter().collect())
}

impl Act for Reject {
    fn kind(&self) -> Kind {
        Kind::ClaimRejection
    }

    fn needs(&self, needs: &mut Needs) {
        needs.claims.claims.insert(self.claim);
        needs.claims.passes_of.insert(self.claim);
    }

    fn decide(&self, facts: &Facts, _: &Context) -> Result<Movement, Refusal> {
        let (claim, provider) = open_claim(facts, self.claim)?;
        let passes = standing(facts, self.claim, &self.passes)?;
        if passes.is_empty() {
            return Err(Refusal::new(Code::SelectionEmpty).field("passes"));
        }
        let (from, to) = (Holder::Claimed(provider.code.clone()), Holder::Provider(provider.code.clone()));
        let movement = Movement::new(Kind::ClaimRejection).lines(lines(facts, &passes, &from, &to)?);
        let (_, count, value) = movement.total().ok_or_else(Refusal::beyond_counting)?;
        let mut left = claim.clone();
        left.passes = claim.passes.saturating_sub(count);
        left.value = super::super::money::Cents::new(claim.value.get().saturating_sub(value.get()));
        left.rejected_passes = claim.rejected_passes.saturating_add(count);
        left.approvals.clear();
        left.state = if left.passes == 0 { ClaimState::Rejected } else { ClaimState::Submitted };
        Ok(movement
            .mention("claim", claim.number)
            .mention("provider", &provider.name)
            .mention("reason", self.reason.as_str())
            .mention_some("reference", self.reference.as_ref())
            .mention("claim_passes", left.passes)
            .mention("claim_cents", left.value.get())
            .record(Record::Claims(ClaimRecord::Rejected(claim.number, passes, self.reason)))
            .record(Record::Claims(ClaimRecord::Changed(left))))
    }
}
