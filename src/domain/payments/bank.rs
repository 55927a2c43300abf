//! What a bank says of the transfers it was given, one file at a time: paid, not taken, or come back. Only the bank's
//! word makes a pass paid, and only its word makes it due again. What never lives here: the form of a bank's file.

use std::collections::BTreeMap;

use super::super::act::{Act, Context};
use super::super::claims::{Claim, ClaimRecord, ClaimState, lines};
use super::super::facts::{Facts, Needs};
use super::super::ids::{OrganisationId, PassId};
use super::super::money::Cents;
use super::super::movement::{Kind, Line, Movement, Record};
use super::super::named::named;
use super::super::party::Holder;
use super::super::refusal::{Code, Malformed, Refusal};
use super::super::text::BankReason;
use super::super::time::Day;
use super::order::{numbers, taken_off};
use super::{LineState, PaymentLine, PaymentRecord, Recovery, end_to_end_id};

/// The code of ISO 20022 for a reason that the bank does not say.
const NOT_SAID: &str = "MS03";

named!(
    /// What became of a transfer.
    Outcome, Malformed::Identifier, {
        /// Paid.
        Executed => "executed",
        /// Not taken: nothing was paid.
        Rejected => "rejected",
        /// Paid, and come back.
        Returned => "returned",
    }
);

impl Outcome {
    const fn leads_to(self) -> LineState {
        match self {
            Self::Executed => LineState::Executed,
            Self::Rejected => LineState::Rejected,
            Self::Returned => LineState::Returned,
        }
    }
}

/// What a bank says of one transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Payment and line.
    pub transfer: (i64, i64),
    pub outcome: Outcome,
    pub on: Day,
    /// Where the file says it.
    pub amount: Option<Cents>,
    /// The bank's reason for not paying: `AC01`.
    pub reason: Option<BankReason>,
    /// Where the file says so: its line, or its entry.
    pub place: usize,
}

/// Takes in what a bank's file says: all of it or nothing, and each file once.
#[derive(Debug, Clone)]
pub struct BankReturn {
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub file_hash: String,
    /// `camt.053`, `pain.002` or `csv`.
    pub format: &'static str,
    pub told: Vec<Told>,
}

/// The transfers of one file as it leaves them, one word of the bank after the other: a transfer that was paid may come
/// back in the same file.
#[derive(Debug, Clone)]
pub struct Reading<'f> {
    facts: &'f Facts,
    now: BTreeMap<(i64, i64), PaymentLine>,
}

impl<'f> Reading<'f> {
    #[must_use]
    pub const fn new(facts: &'f Facts) -> Self {
        Self { facts, now: BTreeMap::new() }
    }

    /// Takes in what the bank says of a transfer, and answers the transfer as it is afterwards.
    ///
    /// # Errors
    /// [`Code::TransferUnknown`], [`Code::TransferAmount`], [`Code::TransferNamedTwice`] or [`Code::TransferState`].
    pub fn take(&mut self, told: &Told) -> Result<PaymentLine, Refusal> {
        let before = self.now.get(&told.transfer);
        if before.is_some_and(|line| line.state == told.outcome.leads_to()) {
            return Err(told.about(Code::TransferNamedTwice, self.facts));
        }
        let line = told.check(before.or_else(|| self.facts.payments.lines.get(&told.transfer)), self.facts)?;
        self.now.insert(told.transfer, line.clone());
        Ok(line)
    }
}

impl Told {
    fn about(&self, code: Code, facts: &Facts) -> Refusal {
        let transfer = end_to_end_id(&facts.programme.code, self.transfer.0, self.transfer.1);
        Refusal::new(code).field("file").about("transfer", transfer).about("line", self.place)
    }

    /// The transfer as it is afterwards.
    fn check(&self, known: Option<&PaymentLine>, facts: &Facts) -> Result<PaymentLine, Refusal> {
        let about = |code: Code| self.about(code, facts);
        let known = known.ok_or_else(|| about(Code::TransferUnknown))?;
        if self.amount.is_some_and(|amount| amount != known.amount) {
            return Err(about(Code::TransferAmount).about("wanted", known.amount.figures()));
        }
        let from = match self.outcome {
            Outcome::Executed | Outcome::Rejected => LineState::Ordered,
            Outcome::Returned => LineState::Executed,
        };
        if known.state != from {
            return Err(about(Code::TransferState).about("state", known.state));
        }
        let state = self.outcome.leads_to();
        let reason = match self.outcome {
            Outcome::Executed => None,
            Outcome::Rejected | Outcome::Returned => self.reason.clone().or_else(|| BankReason::parse(NOT_SAID).ok()),
        };
        Ok(PaymentLine { state, state_on: Some(self.on), reason, ..known.clone() })
    }
}

impl BankReturn {
    /// The claim of a transfer as it is afterwards, and the lines that move its passes.
    fn follow(facts: &Facts, told: &Told, line: &PaymentLine) -> Result<(Claim, Vec<Line>), Refusal> {
        let unknown = || Refusal::new(Code::ClaimUnknown).about("claim", line.claim);
        let mut claim = facts.claims.claims.get(&line.claim).cloned().ok_or_else(unknown)?;
        let provider = facts.organisations.get(&claim.provider).ok_or_else(unknown)?;
        let (claimed, paid) = (Holder::Claimed(provider.code.clone()), Holder::Paid(provider.code.clone()));
        let passes: Vec<PassId> = facts.claims.standing(line.claim).collect();
        // What was ordered in this very group has no pass in sight: no bank can have heard of it.
        if i64::try_from(passes.len()) != Ok(claim.passes) {
            return Err(told.about(Code::TransferUnknown, facts));
        }
        let (state, moved) = match line.state {
            LineState::Executed => (ClaimState::Paid, lines(facts, &passes, &claimed, &paid)?),
            // Every pass of it was found not to be due while it was paid: nothing is left to pay, and nothing awaits anybody.
            LineState::Returned if claim.passes == 0 => (ClaimState::Rejected, Vec::new()),
            LineState::Returned => (ClaimState::Approved, lines(facts, &passes, &paid, &claimed)?),
            LineState::Ordered | LineState::Rejected => (ClaimState::Approved, Vec::new()),
        };
        claim.state = state;
        Ok((claim, moved))
    }
}

impl Act for BankReturn {
    fn kind(&self) -> Kind {
        Kind::BankReturn
    }

    fn needs(&self, needs: &mut Needs) {
        needs.payments.lines.extend(self.told.iter().map(|told| told.transfer));
        needs.payments.files.insert(self.file_hash.clone());
        needs.payments.owed = true;
    }

    fn decide(&self, facts: &Facts, _: &Context) -> Result<Movement, Refusal> {
        if facts.payments.files.contains(&self.file_hash) {
            return Err(Refusal::new(Code::BankFileTaken).field("file"));
        }
        if self.told.is_empty() {
            return Err(Refusal::new(Code::BankFileEmpty).field("file"));
        }
        let mut movement = Movement::new(Kind::BankReturn)
            .mention("file_hash", self.file_hash.clone())
            .mention("file_format", self.format)
            .record(Record::Payments(PaymentRecord::FileTaken(self.file_hash.clone())));
        let (mut reading, mut debts) = (Reading::new(facts), Debts::default());
        let (mut claims, mut ended) = ([Vec::new(), Vec::new(), Vec::new()], Vec::new());
        let mut moved: BTreeMap<(i64, i64), Vec<Line>> = BTreeMap::new();
        for told in &self.told {
            let line = reading.take(told)?;
            debts.follow(facts, told, &line)?;
            let [executed, rejected, returned] = &mut claims;
            match told.outcome {
                Outcome::Executed => executed.push(line.claim),
                Outcome::Rejected => rejected.push(line.claim),
                Outcome::Returned => returned.push(line.claim),
            }
            let (claim, lines) = Self::follow(facts, told, &line)?;
            ended.extend((claim.state == ClaimState::Rejected).then_some(line.claim));
            // What was paid and came back in one file has not moved: a receipt moves a pass once.
            if moved.remove(&told.transfer).is_none() {
                moved.insert(told.transfer, lines);
            }
            movement = movement.record(Record::Claims(ClaimRecord::Changed(claim)));
            movement = movement.record(Record::Payments(PaymentRecord::LineChanged(line)));
        }
        movement = movement.lines(moved.into_values().flatten().collect());
        let [executed, rejected, returned] = claims;
        let list = |claims: Vec<i64>| (!claims.is_empty()).then(|| numbers(&claims));
        Ok(movement
            .mention_some("claims_executed", list(executed))
            .mention_some("claims_rejected", list(rejected))
            .mention_some("claims_returned", list(returned))
            .mention_some("claims_ended", list(ended))
            .mention_some("netting_undone", taken_off(facts, &debts.undone))
            .mention_some("overpayments_returned", debts.told(facts))
            .records(debts.records(facts)))
    }
}

/// What a file changes of what providers owe: what was taken off a transfer that was not paid is owed again, and what
/// was overpaid comes back with the transfer.
#[derive(Debug, Default)]
struct Debts {
    /// The transfers from which something was taken off in vain.
    undone: Vec<PaymentLine>,
    /// Cents that came back, by provider.
    returned: BTreeMap<OrganisationId, i64>,
}

impl Debts {
    fn follow(&mut self, facts: &Facts, told: &Told, line: &PaymentLine) -> Result<(), Refusal> {
        if line.state == LineState::Executed {
            return Ok(());
        }
        if line.netted != Cents::ZERO {
            self.undone.push(line.clone());
        }
        let Some(claim) = facts.claims.claims.get(&line.claim).filter(|_| line.state == LineState::Returned) else {
            return Ok(());
        };
        let overpaid = line.amount.get().saturating_add(line.netted.get()).saturating_sub(claim.value.get());
        if overpaid > 0 {
            let returned = self.returned.entry(claim.provider).or_default();
            *returned = returned.saturating_add(overpaid);
            if *returned > facts.payments.owed_by(claim.provider) {
                return Err(told.about(Code::TransferOverpaid, facts).about("claim", line.claim));
            }
        }
        Ok(())
    }

    /// What came back, as a receipt lists it: code of the provider and cents.
    fn told(&self, facts: &Facts) -> Option<String> {
        let told = |(provider, cents): (&OrganisationId, &i64)| {
            facts.organisations.get(provider).map(|provider| format!("{} {cents}", provider.code))
        };
        let told: Vec<String> = self.returned.iter().filter_map(told).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    fn records(self, facts: &Facts) -> Vec<Record> {
        let owed_again = self.undone.iter().filter_map(|line| {
            let claim = facts.claims.claims.get(&line.claim)?;
            Some(PaymentRecord::Owes(claim.provider, line.netted.get()))
        });
        let returned = self.returned.iter().map(|(provider, cents)| {
            let (provider, amount) = (*provider, Cents::new(*cents));
            PaymentRecord::Recovered(Recovery { provider, amount, revenue_order: None })
        });
        owed_again.chain(returned).map(Record::Payments).collect()
    }
}
