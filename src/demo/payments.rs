//! How providers are paid: once a month what their venues took is claimed, looked at, approved by some people and ordered
//! by another; the bank answers. One account was closed, one provider never says where it is to be paid. What never lives
//! here: a figure that is typed.

use std::collections::BTreeSet;

use super::DemoError;
use super::cast::Body;
use super::stage::Stage;
use crate::auth::Caller;
use crate::domain::account::{Account, Iban};
use crate::domain::claims::{Approve, Claim, ClaimRules, ClaimState, MakeClaim, Reject, RejectionReason};
use crate::domain::ids::PassId;
use crate::domain::money::Cents;
use crate::domain::month::Month;
use crate::domain::payments::{
    BankReturn, ConfirmPayee, LegalForm, OrderPayment, Outcome, PaymentLine, Told, end_to_end_id,
};
use crate::domain::programme::Programme;
use crate::domain::refusal::Code;
use crate::domain::text::{BankReason, Label, Reference};
use crate::domain::time::Day;
use crate::payees::{Proposed, close_debtor, propose};
use crate::payment_file::{self, Wish};
use crate::store::{ClaimFilter, Proposal, StoreError};

/// Claims are looked at, approved and ordered so many working days after they were made, and the bank answers.
const LOOKED_AT: usize = 1;
const APPROVED: usize = 2;
const ORDERED: usize = 4;
const ANSWERED: usize = 6;

/// Up to this amount one person approves: low, so that the demonstration needs the second one too.
const ONE_APPROVER_UP_TO_CENTS: i64 = 15_000;

/// Made up, of a bank that does not exist: the Region's, then one for each provider but the last.
const IBANS: [&str; 6] = [
    "FR7699999000010000000101771",
    "FR7699999000010000000203427",
    "FR7699999000010000000305180",
    "FR7699999000010000000406836",
    "FR7699999000010000000508589",
    "FR7699999000010000000610245",
];

/// The account that the provider of the closed one names instead.
const NEW_IBAN: &str = "FR7699999000010000000711901";

/// The provider, by its place, whose first account was closed.
const CLOSED: usize = 1;

/// Who judges, orders and is paid.
#[derive(Debug)]
pub(super) struct Till {
    programme: Programme,
    finance: Caller,
    /// Approves with the first what is above its band.
    second: Caller,
    /// Orders what others have approved.
    payer: Caller,
    providers: Vec<Body>,
    /// The working day on which the last claims were made.
    turn: Option<usize>,
    month: Option<Month>,
    /// Passes rejected last month, by the provider's place, to be presented again.
    again: Vec<(usize, PassId)>,
    payments: i64,
}

impl Till {
    pub(super) fn new(programme: Programme, finance: [Caller; 3], providers: Vec<Body>) -> Self {
        let [finance, second, payer] = finance;
        let (turn, month, again, payments) = (None, None, Vec::new(), 0);
        Self { programme, finance, second, payer, providers, turn, month, again, payments }
    }

    /// The rules of claims and the account from which they are paid; then each provider but the last says where it is
    /// paid, and the finance service confirms it.
    pub(super) fn open(&self, stage: &mut Stage) -> Result<(), DemoError> {
        let holder = Label::parse("Région Hauts-de-France")?;
        let account = Account { holder, iban: Iban::parse(IBANS[0])?, bic: None };
        let debtor = close_debtor(&stage.keys, &*stage.entropy, &self.programme.code, &account)?;
        let rules = ClaimRules {
            one_approver_up_to_cents: ONE_APPROVER_UP_TO_CENTS,
            debtor: Some(debtor),
            ..ClaimRules::default()
        };
        let no = self.programme.no;
        stage.store.write(|tx| -> Result<bool, StoreError> { tx.keep_claim_rules(no, &rules, 0) })?;
        for (provider, iban) in self.providers.iter().zip(&IBANS[1..]) {
            self.name_account(stage, provider, iban)?;
        }
        Ok(())
    }

    /// What happens on the working day with this index.
    pub(super) fn live(&mut self, stage: &mut Stage, index: usize) -> Result<(), DemoError> {
        let month = Month::of(stage.today());
        let before = self.month.replace(month);
        if let Some(before) = before.filter(|before| *before != month) {
            self.turn = Some(index);
            return self.claim(stage, before);
        }
        let Some(since) = self.turn.map(|turn| index - turn) else { return Ok(()) };
        match since {
            LOOKED_AT => self.look_at(stage),
            APPROVED => self.approve(stage),
            ORDERED => self.order(stage),
            ANSWERED => self.answer(stage),
            _ => Ok(()),
        }
    }

    /// Every provider claims the month that is over; who has nothing to claim is told so.
    fn claim(&mut self, stage: &mut Stage, month: Month) -> Result<(), DemoError> {
        let again = std::mem::take(&mut self.again);
        for (place, provider) in self.providers.iter().enumerate() {
            let passes = again.iter().filter(|(of, _)| *of == place).map(|(_, pass)| *pass).collect();
            let act = MakeClaim { provider: provider.organisation.id, month, again: passes };
            stage.ask(vec![(provider.caller.clone(), Box::new(act))])?;
        }
        Ok(())
    }

    fn name_account(&self, stage: &mut Stage, provider: &Body, iban: &str) -> Result<(), DemoError> {
        let organisation = &provider.organisation;
        let account = Account { holder: organisation.name.clone(), iban: Iban::parse(iban)?, bic: None };
        let last: Result<_, StoreError> = stage.store.read(|tx| tx.last_payee(self.programme.no));
        let number = last? + 1;
        let wish = Proposed { provider: organisation.id, number, legal_form: LegalForm::Association };
        let by = (provider.caller.actor(), stage.today());
        let (payee, closed) = propose(&stage.keys, &*stage.entropy, &self.programme.code, wish, &account, by)?;
        let key = format!("demo-payee-{number}");
        let kept = Proposal { account: &closed, key_digest: &key, fingerprint: &key };
        let no = self.programme.no;
        stage.store.write(|tx| -> Result<(), StoreError> { tx.insert_payee(no, &payee, kept) })?;
        stage.grant(&self.finance.clone(), ConfirmPayee { payee: number }).map(|_| ())
    }

    fn claims(&self, stage: &Stage, wanted: ClaimState) -> Result<Vec<Claim>, DemoError> {
        let filter = ClaimFilter { provider: None, state: Some(wanted) };
        let found: Result<_, StoreError> = stage.store.read(|tx| tx.claims(self.programme.no, filter, 0, 200));
        Ok(found?)
    }

    /// One pass of the largest claim is sent back for want of proof, and comes again next month.
    fn look_at(&mut self, stage: &mut Stage) -> Result<(), DemoError> {
        let submitted = self.claims(stage, ClaimState::Submitted)?;
        let Some(largest) = submitted.iter().max_by_key(|claim| claim.passes).filter(|claim| claim.passes > 1) else {
            return Ok(());
        };
        let passes: Result<_, StoreError> = stage.store.read(|tx| tx.claim_passes(self.programme.no, largest.number));
        let Some((pass, _)) = passes?.into_iter().next() else { return Ok(()) };
        let reference = Some(Reference::parse(&format!("COURRIER-{:03}", largest.number))?);
        let reason = RejectionReason::EvidenceMissing;
        stage.grant(&self.finance.clone(), Reject { claim: largest.number, passes: vec![pass], reason, reference })?;
        let place = self.providers.iter().position(|provider| provider.organisation.id == largest.provider);
        self.again = place.map(|place| (place, pass)).into_iter().collect();
        Ok(())
    }

    /// One person, and another above a band; never the same one twice.
    fn approve(&self, stage: &mut Stage) -> Result<(), DemoError> {
        for Claim { number, value, .. } in self.claims(stage, ClaimState::Submitted)? {
            stage.grant(&self.finance, Approve { claim: number })?;
            if value.get() > ONE_APPROVER_UP_TO_CENTS {
                stage.refuse(Code::ApprovalSamePerson, &self.finance, Approve { claim: number })?;
                stage.grant(&self.second, Approve { claim: number })?;
            }
        }
        Ok(())
    }

    /// Everything approved is ordered, but for whoever has named no account.
    fn order(&mut self, stage: &mut Stage) -> Result<(), DemoError> {
        let approved = self.claims(stage, ClaimState::Approved)?;
        let paid: BTreeSet<_> = self.providers.iter().take(IBANS.len() - 1).map(|body| body.organisation.id).collect();
        let (payable, unnamed): (Vec<Claim>, _) =
            approved.into_iter().partition(|claim| paid.contains(&claim.provider));
        if payable.is_empty() {
            return Ok(());
        }
        let numbers = |claims: &[Claim]| claims.iter().map(|claim| claim.number).collect::<Vec<i64>>();
        if let Some(unpaid) = unnamed.first()
            && !matches!(self.prepared(stage, vec![unpaid.number])?, Err(Code::PayeeMissing))
        {
            return Err(DemoError::Unexpected("compte à payer"));
        }
        let order = self.prepared(stage, numbers(&payable))?;
        let order = order.map_err(|code| DemoError::Refused("ordre de paiement", code))?;
        stage.refuse(Code::PaymentSamePerson, &self.finance, order.clone())?;
        stage.grant(&self.payer, order)?;
        self.payments += 1;
        Ok(())
    }

    /// The order to pay these claims, with its file.
    fn prepared(&self, stage: &Stage, claims: Vec<i64>) -> Result<Result<OrderPayment, Code>, DemoError> {
        let (year, next) = (stage.today().year(), self.payments + 1);
        let reference = |mark: &str, number: i64| Reference::parse(&format!("{year}-{mark}-{number:04}"));
        let wish = Wish {
            claims,
            payment_order: reference("MP", 4_710 + next)?,
            bordereau: Some(reference("BJ", 117 + next)?),
            engagement: Some(reference("E", 42)?),
            execute_on: stage.today().plus_days(1),
            net: true,
        };
        let now = stage.now();
        match stage.store.read(|tx| payment_file::prepare(tx, &stage.keys, &self.programme, wish, now)) {
            Ok(order) => Ok(Ok(order)),
            Err(payment_file::Unmade::Refused(refusal)) => Ok(Err(refusal.code)),
            Err(payment_file::Unmade::Store(error)) => Err(error.into()),
            Err(_) => Err(DemoError::Unexpected("fichier de virements")),
        }
    }

    /// The bank pays, but for one account that was closed: that claim is due again.
    fn answer(&self, stage: &mut Stage) -> Result<(), DemoError> {
        let lines: Result<_, StoreError> = stage.store.read(|tx| tx.payment_lines(self.programme.no, self.payments));
        let closed = i64::try_from(CLOSED + 1).unwrap_or_default();
        let on = stage.today();
        let tell = |line: PaymentLine| {
            let refused = line.payee == closed;
            let outcome = if refused { Outcome::Rejected } else { Outcome::Executed };
            let reason = if refused { Some(BankReason::parse("AC04")?) } else { None };
            let place = usize::try_from(line.line).unwrap_or_default() + 1;
            Ok(Told { transfer: (line.payment, line.line), outcome, on, amount: Some(line.amount), reason, place })
        };
        let told = lines?.into_iter().map(tell).collect::<Result<Vec<Told>, DemoError>>()?;
        if told.is_empty() {
            return Ok(());
        }
        let came_back = told.iter().any(|told| told.outcome == Outcome::Rejected);
        let file = BankReturn { file_hash: payment_file::hash(self.table(&told, on).as_bytes()), format: "csv", told };
        stage.grant(&self.payer, file.clone())?;
        stage.refuse(Code::BankFileTaken, &self.payer, file)?;
        match self.providers.get(CLOSED).filter(|_| came_back) {
            Some(provider) => self.name_account(stage, provider, NEW_IBAN),
            None => Ok(()),
        }
    }

    /// The bank's table, as somebody would have typed it.
    fn table(&self, told: &[Told], on: Day) -> String {
        let line = |told: &Told| {
            let id = end_to_end_id(&self.programme.code, told.transfer.0, told.transfer.1);
            let cents = told.amount.map_or(0, Cents::get);
            let reason = told.reason.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{id},{},{on},{cents},{reason}\r\n", told.outcome)
        };
        let lines: String = told.iter().map(line).collect();
        format!("end_to_end_id,outcome,date,amount_cents,reason\r\n{lines}")
    }
}
