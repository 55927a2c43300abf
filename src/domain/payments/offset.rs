//! A claim that what its provider owes absorbs whole: settled against the debt, without the bank. What never lives here: a
//! part of a claim; that is taken off its transfer.

use super::super::act::{Act, Context};
use super::super::claims::{ClaimRecord, ClaimState, lines};
use super::super::facts::{Facts, Needs};
use super::super::ids::PassId;
use super::super::movement::{Kind, Movement, Record};
use super::super::party::Holder;
use super::super::refusal::{Code, Refusal};
use super::order::check_orderer;
use super::{PaymentRecord, Recovery};

/// Settles an approved claim against what its provider owes: nothing is paid, and the debt is less by its value.
#[derive(Debug, Clone)]
pub struct Offset {
    /// Number of the claim; worth no more than what its provider owes.
    pub claim: i64,
}

impl Act for Offset {
    fn kind(&self) -> Kind {
        Kind::Offset
    }

    fn needs(&self, needs: &mut Needs) {
        needs.claims.claims.insert(self.claim);
        needs.claims.passes_of.insert(self.claim);
        needs.payments.owed = true;
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let about = |code: Code| Refusal::new(code).about("claim", self.claim);
        let claim = facts.claims.claims.get(&self.claim).ok_or_else(|| about(Code::ClaimUnknown))?;
        let provider = facts.organisations.get(&claim.provider).ok_or_else(|| about(Code::ClaimUnknown))?;
        if claim.suspended_on.is_some() {
            return Err(about(Code::ClaimSuspended));
        }
        if claim.state != ClaimState::Approved {
            return Err(about(Code::ClaimNotApproved).about("state", claim.state.french()));
        }
        check_orderer(facts, context, &[self.claim])?;
        let (owed, value) = (facts.payments.owed_by(provider.id), claim.value);
        if value.get() > owed {
            let refusal = about(Code::OffsetBeyondDebt).about("value", value.figures()).about("name", &provider.name);
            return Err(refusal.about("owed", super::super::money::Cents::new(owed).figures()));
        }
        let (from, to) = (Holder::Claimed(provider.code.clone()), Holder::Paid(provider.code.clone()));
        let passes: Vec<PassId> = facts.claims.standing(self.claim).collect();
        let recovery = Recovery { provider: provider.id, amount: value, revenue_order: None };
        let mut settled = claim.clone();
        settled.state = ClaimState::Paid;
        Ok(Movement::new(Kind::Offset)
            .mention("claim", claim.number)
            .mention("provider", &provider.name)
            .mention("provider_code", &provider.code)
            .mention("owed_cents", owed.saturating_sub(value.get()))
            .lines(lines(facts, &passes, &from, &to)?)
            .record(Record::Claims(ClaimRecord::Changed(settled)))
            .record(Record::Payments(PaymentRecord::Recovered(recovery))))
    }
}
