//! The order to pay approved claims: one transfer for each, to the account that is in force. The file for the bank is
//! made before, from the same plan, and its hash is sealed with the order. What never lives here: the file.

use std::collections::{BTreeMap, BTreeSet};

use super::super::act::{Act, Context};
use super::super::claims::{ClaimRecord, ClaimState};
use super::super::facts::{Facts, Needs};
use super::super::money::Cents;
use super::super::movement::{Kind, Movement, Record};
use super::super::refusal::{Code, Refusal};
use super::super::time::Day;
use super::{LineState, Payment, PaymentLine, PaymentRecord};

/// Claims of one payment at most.
pub const CLAIMS_PER_PAYMENT: usize = 500;

/// One transfer to be ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub claim: i64,
    /// Number of the payee.
    pub payee: i64,
    /// What is transferred.
    pub amount: Cents,
    /// What the provider owes and is taken off the claim.
    pub netted: Cents,
}

/// The transfers that pay these claims on `day`, in the order of their numbers; `net` takes off what providers owe, from
/// the first claim of each on.
///
/// # Errors
/// The first claim that cannot be paid, and why.
pub fn plan(facts: &Facts, claims: &[i64], net: bool, day: Day) -> Result<Vec<Planned>, Refusal> {
    if claims.is_empty() {
        return Err(Refusal::new(Code::SelectionEmpty).field("claims"));
    }
    if claims.len() > CLAIMS_PER_PAYMENT {
        return Err(Refusal::out_of_range("claims", 1, CLAIMS_PER_PAYMENT));
    }
    let named: BTreeSet<i64> = claims.iter().copied().collect();
    if named.len() < claims.len() {
        return Err(Refusal::new(Code::ClaimNamedTwice).field("claims"));
    }
    let mut owed = if net { facts.payments.owed.clone() } else { BTreeMap::new() };
    let transfer = |number: &i64| {
        let about = |code: Code| Refusal::new(code).field("claims").about("claim", number);
        let claim = facts.claims.claims.get(number).ok_or_else(|| about(Code::ClaimUnknown))?;
        if claim.suspended_on.is_some() {
            return Err(about(Code::ClaimSuspended));
        }
        if claim.state != ClaimState::Approved {
            return Err(about(Code::ClaimNotApproved).about("state", claim.state.french()));
        }
        let name = facts.organisations.get(&claim.provider).map(|provider| provider.name.to_string());
        let payee = facts.payments.payee_of(claim.provider, day);
        let payee = payee.ok_or_else(|| about(Code::PayeeMissing).about("name", name.unwrap_or_default()))?;
        let debt = owed.entry(claim.provider).or_default();
        if *debt >= claim.value.get() {
            let refusal = about(Code::NettingAbsorbsClaim).about("value", claim.value.figures());
            return Err(refusal.about("owed", Cents::new(*debt).figures()));
        }
        let netted = std::mem::take(debt).max(0);
        let amount = Cents::new(claim.value.get().saturating_sub(netted));
        Ok(Planned { claim: *number, payee: payee.number, amount, netted: Cents::new(netted) })
    };
    named.iter().map(transfer).collect()
}

/// Whoever made or approved a claim does not order its payment. No text asks for it: the law separates who orders from
/// who pays (ordonnateur and comptable); this is the Region's own control that no single person takes money out.
pub(super) fn check_orderer(facts: &Facts, context: &Context, claims: &[i64]) -> Result<(), Refusal> {
    let user = context.actor.user;
    let had_a_part = |number: &&i64| {
        let claim = facts.claims.claims.get(*number);
        claim.is_some_and(|claim| claim.claimant == user || claim.approvals.contains(&user))
    };
    claims
        .iter()
        .find(had_a_part)
        .map_or(Ok(()), |claim| Err(Refusal::new(Code::PaymentSamePerson).field("claims").about("claim", claim)))
}

/// Orders the payment of approved claims.
#[derive(Debug, Clone)]
pub struct OrderPayment {
    /// The payment as the file for the bank says it.
    pub payment: Payment,
    /// The transfers in the file, in their order.
    pub transfers: Vec<Planned>,
    /// Whether what providers owe is taken off.
    pub net: bool,
}

impl Act for OrderPayment {
    fn kind(&self) -> Kind {
        Kind::Payment
    }

    fn needs(&self, needs: &mut Needs) {
        needs.claims.claims.extend(self.transfers.iter().map(|transfer| transfer.claim));
        needs.payments.payees_of_claims = true;
        needs.payments.owed = true;
        needs.payments.payment_orders.insert(self.payment.payment_order.to_string());
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let payment = &self.payment;
        let claims: Vec<i64> = self.transfers.iter().map(|transfer| transfer.claim).collect();
        let planned = plan(facts, &claims, self.net, context.day)?;
        check_orderer(facts, context, &claims)?;
        if facts.payments.payment_orders.contains(payment.payment_order.as_str()) {
            let refusal = Refusal::new(Code::PaymentOrderTaken).field("payment_order");
            return Err(refusal.about("number", &payment.payment_order));
        }
        if payment.execute_on < context.day {
            let date = payment.execute_on.french();
            return Err(Refusal::new(Code::ExecutionPast).field("execute_on").about("date", date));
        }
        let debtor = facts.claims.rules.debtor.as_ref().ok_or(Refusal::new(Code::DebtorMissing))?;
        // The file was made from the facts of a moment ago: if they have changed since, it is not the file of this order.
        if planned != self.transfers || payment.number != facts.payments.last + 1 || *debtor != payment.debtor {
            return Err(Refusal::new(Code::PaymentChanged));
        }
        let total = planned.iter().try_fold(Cents::ZERO, |sum, transfer| sum.plus(transfer.amount));
        if total != Some(payment.total) {
            return Err(Refusal::new(Code::PaymentChanged));
        }
        let line = |(transfer, line): (&Planned, i64)| PaymentLine {
            payment: payment.number,
            line,
            claim: transfer.claim,
            payee: transfer.payee,
            amount: transfer.amount,
            netted: transfer.netted,
            state: LineState::Ordered,
            state_on: None,
            reason: None,
        };
        let lines: Vec<PaymentLine> = planned.iter().zip(1..).map(line).collect();
        let mut movement = Movement::new(Kind::Payment)
            .mention("payment", payment.number)
            .mention("payment_order", &payment.payment_order)
            .mention_some("bordereau", payment.bordereau.as_ref())
            .mention_some("engagement", payment.engagement.as_ref())
            .mention("execute_on", payment.execute_on)
            .mention("transfers", i64::try_from(lines.len()).unwrap_or(i64::MAX))
            .mention("payment_cents", payment.total.get())
            .mention("claims", numbers(&claims))
            .mention("file_hash", payment.file_hash.clone())
            .mention_some("netted", taken_off(facts, &lines))
            .record(Record::Payments(PaymentRecord::Ordered(payment.clone(), lines)));
        for transfer in &planned {
            let Some(mut claim) = facts.claims.claims.get(&transfer.claim).cloned() else { continue };
            claim.state = ClaimState::Ordered;
            if transfer.netted != Cents::ZERO {
                let less = PaymentRecord::Owes(claim.provider, transfer.netted.get().saturating_neg());
                movement = movement.record(Record::Payments(less));
            }
            movement = movement.record(Record::Claims(ClaimRecord::Changed(claim)));
        }
        Ok(movement)
    }
}

/// What is taken off, or no longer is, as a receipt lists it: claim, code of the provider and cents, `7 CAFE 3000; 9 CAFE 1000`.
pub(super) fn taken_off(facts: &Facts, lines: &[PaymentLine]) -> Option<String> {
    let told = |line: &PaymentLine| {
        let claim = facts.claims.claims.get(&line.claim)?;
        let provider = facts.organisations.get(&claim.provider)?;
        (line.netted != Cents::ZERO).then(|| format!("{} {} {}", line.claim, provider.code, line.netted.get()))
    };
    let told: Vec<String> = lines.iter().filter_map(told).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// Numbers as a receipt lists them: `3 5 8`.
pub(super) fn numbers(numbers: &[i64]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
