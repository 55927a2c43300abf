//! What was paid and ought not to have been: passes of a paid claim go back to what their provider has redeemed, and the
//! provider owes their value, until it is taken off a later payment or a revenue order (titre de recette) asks for it.
//! What never lives here: a payment that the bank did not take.

use super::super::act::{Act, Context, organisation_of_kind};
use super::super::claims::{ClaimRecord, ClaimState, RejectionReason, lines, standing};
use super::super::facts::{Facts, Needs};
use super::super::ids::{OrganisationId, PassId};
use super::super::money::Cents;
use super::super::movement::{Kind, Movement, Record};
use super::super::party::{Holder, OrganisationKind};
use super::super::refusal::{Code, Refusal};
use super::super::text::Reference;
use super::PaymentRecord;

/// Passes of one claim that ought not to have been paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overpayment {
    /// Running number within the programme.
    pub number: i64,
    pub claim: i64,
    pub provider: OrganisationId,
    pub passes: i64,
    pub value: Cents,
}

/// What a provider has given back, or is asked for apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    pub provider: OrganisationId,
    pub amount: Cents,
    /// Number of the titre de recette; none where the bank sent the transfer back, or a claim was settled against it.
    pub revenue_order: Option<Reference>,
}

/// States that passes of a paid claim ought not to have been paid. They may be presented again, or their redemption
/// undone, like rejected ones.
#[derive(Debug, Clone)]
pub struct NoteOverpayment {
    /// Number of the claim.
    pub claim: i64,
    pub passes: Vec<PassId>,
    pub reason: RejectionReason,
    /// The letter or file that says more.
    pub reference: Option<Reference>,
}

impl Act for NoteOverpayment {
    fn kind(&self) -> Kind {
        Kind::Overpayment
    }

    fn needs(&self, needs: &mut Needs) {
        needs.claims.claims.insert(self.claim);
        needs.claims.passes_of.insert(self.claim);
        needs.payments.owed = true;
    }

    fn decide(&self, facts: &Facts, _: &Context) -> Result<Movement, Refusal> {
        let about = |code: Code| Refusal::new(code).about("claim", self.claim);
        let claim = facts.claims.claims.get(&self.claim).ok_or_else(|| about(Code::ClaimUnknown))?;
        let provider = facts.organisations.get(&claim.provider).ok_or_else(|| about(Code::ClaimUnknown))?;
        if claim.state != ClaimState::Paid {
            return Err(about(Code::ClaimNotPaid).about("state", claim.state.french()));
        }
        let passes = standing(facts, self.claim, &self.passes)?;
        if passes.is_empty() {
            return Err(Refusal::new(Code::SelectionEmpty).field("passes"));
        }
        let (from, to) = (Holder::Paid(provider.code.clone()), Holder::Provider(provider.code.clone()));
        let movement = Movement::new(Kind::Overpayment).lines(lines(facts, &passes, &from, &to)?);
        let (_, count, value) = movement.total().ok_or_else(Refusal::beyond_counting)?;
        let number = facts.payments.last_overpayment + 1;
        let overpayment = Overpayment { number, claim: claim.number, provider: provider.id, passes: count, value };
        let mut left = claim.clone();
        left.passes = claim.passes.saturating_sub(count);
        left.value = Cents::new(claim.value.get().saturating_sub(value.get()));
        left.rejected_passes = claim.rejected_passes.saturating_add(count);
        Ok(movement
            .mention("overpayment", number)
            .mention("claim", claim.number)
            .mention("provider", &provider.name)
            .mention("provider_code", &provider.code)
            .mention("reason", self.reason.as_str())
            .mention_some("reference", self.reference.as_ref())
            .mention("owed_cents", facts.payments.owed_by(provider.id).saturating_add(value.get()))
            .record(Record::Claims(ClaimRecord::Rejected(claim.number, passes, self.reason)))
            .record(Record::Claims(ClaimRecord::Changed(left)))
            .record(Record::Payments(PaymentRecord::Overpaid(overpayment))))
    }
}

/// Asks a provider for what it owes by a titre de recette: from then on the accountant recovers it, and no payment is
/// lessened by it.
#[derive(Debug, Clone)]
pub struct OrderRevenue {
    pub provider: OrganisationId,
    /// At most what the provider owes.
    pub amount: Cents,
    /// Number of the titre de recette.
    pub number: Reference,
}

impl Act for OrderRevenue {
    fn kind(&self) -> Kind {
        Kind::RevenueOrder
    }

    fn needs(&self, needs: &mut Needs) {
        needs.organisations.insert(self.provider);
        needs.payments.owed = true;
        needs.payments.revenue_orders.insert(self.number.to_string());
    }

    fn decide(&self, facts: &Facts, _: &Context) -> Result<Movement, Refusal> {
        let provider = organisation_of_kind(facts, self.provider, OrganisationKind::Provider, Code::ProviderUnknown)
            .map_err(|refusal| refusal.field("provider_id"))?;
        if facts.payments.revenue_orders.contains(self.number.as_str()) {
            return Err(Refusal::new(Code::RevenueOrderTaken).field("number").about("number", &self.number));
        }
        let (owed, amount) = (facts.payments.owed_by(self.provider), self.amount.get());
        if amount < 1 || amount > owed {
            let refusal = Refusal::new(Code::RevenueOrderBeyondDebt).field("amount_cents");
            return Err(refusal.about("name", &provider.name).about("owed", Cents::new(owed).figures()));
        }
        let number = Some(self.number.clone());
        let recovery = Recovery { provider: provider.id, amount: self.amount, revenue_order: number };
        Ok(Movement::new(Kind::RevenueOrder)
            .mention("revenue_order", &self.number)
            .mention("provider", &provider.name)
            .mention("provider_code", &provider.code)
            .mention("revenue_cents", amount)
            .mention("owed_cents", owed - amount)
            .record(Record::Payments(PaymentRecord::Recovered(recovery))))
    }
}
