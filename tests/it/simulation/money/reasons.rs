//! Why a request about money ought to be refused: every reason that holds. What never lives here: what comes of a request
//! that is granted.

use std::collections::{BTreeMap, BTreeSet};

use recepisse::domain::party::Role;
use recepisse::domain::payments::Outcome;
use recepisse::domain::time::Day;

use super::super::model::{Model, Reasons};
use super::super::reasons::{has_twins, insert_if};
use super::super::script::{At, Pass, Who};
use super::{BankFile, Claim, LIMITS_CENTS, Money, MoneyWish, PROVIDERS, Sent, Slip, Stage, Transfer, after, place};

impl Model {
    pub(in crate::simulation) fn wrong_money(&self, who: Who, wish: &MoneyWish, today: Day, wrong: &mut Reasons) {
        let money = &self.money;
        match wish {
            MoneyWish::Claim { .. } => self.wrong_claim(who, wish, today, wrong),
            MoneyWish::Approve { claim } => money.wrong_approval(who, *claim, wrong),
            MoneyWish::Reject { claim, passes } => {
                let Some(of) = money.open(*claim, wrong) else { return };
                insert_if(wrong, passes.is_empty(), "selection_empty");
                wrong_passes(of, passes, wrong);
            }
            MoneyWish::Doubt { claim, passes } => {
                let Some(of) = money.open(*claim, wrong) else { return };
                insert_if(wrong, of.suspended.is_some(), "claim_suspended");
                wrong_passes(of, passes, wrong);
            }
            MoneyWish::Resume { claim } => {
                let Some(of) = money.open(*claim, wrong) else { return };
                insert_if(wrong, of.suspended.is_none(), "claim_not_suspended");
            }
            MoneyWish::Confirm { payee } => money.wrong_payee(who, *payee, wrong),
            MoneyWish::Pay(slip) => money.wrong_payment(who, slip, today, wrong),
            MoneyWish::Bank(file) => money.wrong_bank(file, wrong),
            MoneyWish::Overpaid { claim, passes } => {
                let Some(of) = money.known(*claim, wrong) else { return };
                insert_if(wrong, of.stage != Stage::Paid, "claim_not_paid");
                insert_if(wrong, passes.is_empty(), "selection_empty");
                wrong_passes(of, passes, wrong);
            }
            MoneyWish::Recover { provider, cents, number } => {
                insert_if(wrong, !self.provides(provider), "provider_unknown");
                insert_if(wrong, money.titres.contains(number), "revenue_order_taken");
                insert_if(wrong, *cents < 1 || *cents > money.owed_by(provider), "revenue_order_beyond_debt");
            }
            MoneyWish::Offset { claim } => {
                let Some(of) = money.known(*claim, wrong) else { return };
                wrong_due(of, wrong);
                insert_if(wrong, of.had_a_part(who), "payment_same_person");
                insert_if(wrong, of.cents() > money.owed_by(of.provider), "offset_beyond_debt");
            }
        }
    }

    fn provides(&self, office: &str) -> bool {
        PROVIDERS.contains(&office) && !self.closed_offices.contains(office)
    }

    fn wrong_claim(&self, who: Who, wish: &MoneyWish, today: Day, wrong: &mut Reasons) {
        let MoneyWish::Claim { provider, month, again } = wish else { return };
        let theirs = who.role != Role::VenueAgent || who.office == *provider;
        insert_if(wrong, !theirs || !self.provides(provider), "provider_unknown");
        insert_if(wrong, self.issuer_pays, "payer_is_issuer");
        insert_if(wrong, today < month.end(), "month_not_over");
        insert_if(wrong, again.iter().any(|pass| !self.can_come_again(provider, *pass)), "pass_not_rejected");
        insert_if(wrong, has_twins(again), "pass_named_twice");
        insert_if(wrong, self.presented(provider, *month, again).is_empty(), "claim_empty");
    }

    /// Whether a pass is with this provider after a claim held it: it was rejected, or paid in vain.
    pub(super) fn can_come_again(&self, provider: &'static str, pass: Pass) -> bool {
        let held = self.redemptions.values().any(|of| !of.reversed && of.claimed && of.passes.contains(&pass));
        held && self.alone.get(&pass) == Some(&At::Provider(provider))
    }
}

fn wrong_passes(of: &Claim, passes: &[Pass], wrong: &mut Reasons) {
    insert_if(wrong, has_twins(passes), "pass_named_twice");
    let gone = |pass: &Pass| of.passes.get(pass).is_none_or(|rejected| *rejected);
    insert_if(wrong, passes.iter().any(gone), "pass_not_in_claim");
}

impl Claim {
    pub(super) fn had_a_part(&self, who: Who) -> bool {
        self.claimant == who || self.approvals.contains(&who)
    }
}

/// Whether it is due: approved, and not in doubt.
fn wrong_due(of: &Claim, wrong: &mut Reasons) {
    insert_if(wrong, of.suspended.is_some(), "claim_suspended");
    insert_if(wrong, of.stage != Stage::Approved, "claim_not_approved");
}

impl Money {
    fn known(&self, number: i64, wrong: &mut Reasons) -> Option<&Claim> {
        let of = self.claim(number);
        insert_if(wrong, of.is_none(), "claim_unknown");
        of
    }

    /// A claim that is in no payment.
    fn open(&self, number: i64, wrong: &mut Reasons) -> Option<&Claim> {
        let of = self.known(number, wrong)?;
        let is_open = matches!(of.stage, Stage::Submitted | Stage::Approved);
        insert_if(wrong, !is_open, "claim_not_open");
        is_open.then_some(of)
    }

    fn wrong_approval(&self, who: Who, number: i64, wrong: &mut Reasons) {
        let Some(of) = self.open(number, wrong) else { return };
        insert_if(wrong, of.stage == Stage::Approved, "claim_already_approved");
        insert_if(wrong, of.suspended.is_some(), "claim_suspended");
        insert_if(wrong, of.had_a_part(who), "approval_same_person");
        insert_if(wrong, of.cents() > LIMITS_CENTS[usize::from(who.desk)], "approval_beyond_limit");
    }

    fn wrong_payee(&self, who: Who, number: i64, wrong: &mut Reasons) {
        let Some(payee) = place(number).and_then(|place| self.payees.get(place)) else {
            return insert_if(wrong, true, "payee_unknown");
        };
        insert_if(wrong, payee.from.is_some(), "payee_confirmed_already");
        let later = (1_i64..).zip(&self.payees).any(|(other, of)| other > number && of.provider == payee.provider);
        insert_if(wrong, later, "payee_superseded");
        insert_if(wrong, payee.proposer == who, "payee_same_person");
    }

    /// The transfers that pay these claims, each once and in their order.
    pub(super) fn plan(&self, claims: &[i64], net: bool, today: Day) -> Result<Vec<Transfer>, Reasons> {
        let mut wrong = Reasons::new();
        insert_if(&mut wrong, claims.is_empty(), "selection_empty");
        insert_if(&mut wrong, has_twins(claims), "claim_named_twice");
        let (mut planned, mut owed) = (Vec::new(), self.owed.clone());
        for number in claims.iter().copied().collect::<BTreeSet<i64>>() {
            let Some(of) = self.known(number, &mut wrong) else { continue };
            wrong_due(of, &mut wrong);
            let payee = self.payee_of(of.provider, today);
            insert_if(&mut wrong, payee.is_none(), "payee_missing");
            // The first claim of a provider carries all that it owes.
            let netted = if net { owed.remove(of.provider).unwrap_or(0) } else { 0 };
            insert_if(&mut wrong, netted >= of.cents(), "netting_absorbs_claim");
            planned.push(Transfer { claim: number, payee: payee.unwrap_or(0), cents: of.cents() - netted, netted });
        }
        if wrong.is_empty() { Ok(planned) } else { Err(wrong) }
    }

    fn wrong_payment(&self, who: Who, slip: &Slip, today: Day, wrong: &mut Reasons) {
        let claims: Vec<i64> = slip.transfers.iter().map(|of| of.claim).collect();
        match self.plan(&claims, slip.net, today) {
            Ok(planned) => insert_if(wrong, planned != slip.transfers, "payment_changed"),
            Err(reasons) => wrong.extend(reasons),
        }
        insert_if(wrong, slip.payment != self.payments + 1, "payment_changed");
        let had_a_part = |number: &i64| self.claim(*number).is_some_and(|of| of.had_a_part(who));
        insert_if(wrong, claims.iter().any(had_a_part), "payment_same_person");
        insert_if(wrong, self.mandats.contains(&slip.mandat), "payment_order_taken");
        insert_if(wrong, slip.execute_on < today, "execution_past");
        insert_if(wrong, self.without_debtor, "debtor_missing");
    }

    /// All of a file or nothing: it is read as far as its first wrong word.
    fn wrong_bank(&self, file: &BankFile, wrong: &mut Reasons) {
        insert_if(wrong, self.files.contains(&file.mark), "bank_file_taken");
        insert_if(wrong, file.words.is_empty(), "bank_file_empty");
        let (mut now, mut came_back): (BTreeMap<_, &str>, BTreeMap<&str, i64>) = (BTreeMap::new(), BTreeMap::new());
        for (number, outcome, cents) in &file.words {
            let Some(Sent { of, stands }) = self.transfers.get(number) else {
                return insert_if(wrong, true, "transfer_unknown");
            };
            let said = now.insert(*number, after(*outcome));
            let mut here = Reasons::new();
            insert_if(&mut here, said == Some(after(*outcome)), "transfer_named_twice");
            insert_if(&mut here, cents.is_some_and(|cents| cents != of.cents), "transfer_amount");
            let follows = if *outcome == Outcome::Returned { "executed" } else { "ordered" };
            insert_if(&mut here, said.unwrap_or(stands) != follows, "transfer_state");
            if *outcome == Outcome::Returned {
                let claim = &self.claims[place(of.claim).unwrap()];
                let back = came_back.entry(claim.provider).or_default();
                *back += of.cents + of.netted - claim.cents();
                // Only what is owed before the file can come back with it.
                insert_if(&mut here, *back > self.owed_by(claim.provider).max(0), "transfer_overpaid");
            }
            wrong.extend(&here);
            if !here.is_empty() {
                return;
            }
        }
    }
}
