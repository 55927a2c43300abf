//! What a bank says of the transfers it was given, one file at a time: paid, not taken, or come back. Only the bank's
//! word makes a pass paid, and only its word makes it due again. What never lives here: the form of a bank's file.

use std::collections::BTreeSet;

use super::super::act::{Act, Context};
use super::super::claims::{ClaimRecord, ClaimState, lines};
use super::super::facts::{Facts, Needs};
use super::super::ids::PassId;
use super::super::money::Cents;
use super::super::movement::{Kind, Line, Movement, Record};
use super::super::named::named;
use super::super::party::Holder;
use super::super::refusal::{Code, Malformed, Refusal};
use super::super::text::BankReason;
use super::super::time::Day;
use super::order::numbers;
use super::{LineState, PaymentLine, PaymentRecord, end_to_end_id};

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

impl Told {
    /// The transfer as it is afterwards.
    ///
    /// # Errors
    /// [`Code::TransferUnknown`], [`Code::TransferAmount`] or [`Code::TransferState`].
    pub fn check(&self, facts: &Facts) -> Result<PaymentLine, Refusal> {
        let (payment, line) = self.transfer;
        let transfer = end_to_end_id(&facts.programme.code, payment, line);
        let about =
            |code: Code| Refusal::new(code).field("file").about("transfer", &transfer).about("line", self.place);
        let known = facts.payments.lines.get(&self.transfer).ok_or_else(|| about(Code::TransferUnknown))?;
        if self.amount.is_some_and(|amount| amount != known.amount) {
            return Err(about(Code::TransferAmount).about("wanted", known.amount.figures()));
        }
        let state = match (known.state, self.outcome) {
            (LineState::Ordered, Outcome::Executed) => LineState::Executed,
            (LineState::Ordered, Outcome::Rejected) => LineState::Rejected,
            (LineState::Executed, Outcome::Returned) => LineState::Returned,
            _ => return Err(about(Code::TransferState).about("state", known.state)),
        };
        let reason = match self.outcome {
            Outcome::Executed => None,
            Outcome::Rejected | Outcome::Returned => self.reason.clone().or_else(|| BankReason::parse(NOT_SAID).ok()),
        };
        Ok(PaymentLine { state, state_on: Some(self.on), reason, ..known.clone() })
    }
}

impl BankReturn {
    /// The claim of a transfer as it is afterwards, and the lines that move its passes.
    fn follow(facts: &Facts, line: &PaymentLine) -> Result<(ClaimRecord, Vec<Line>), Refusal> {
        let unknown = || Refusal::new(Code::ClaimUnknown).about("claim", line.claim);
        let mut claim = facts.claims.claims.get(&line.claim).cloned().ok_or_else(unknown)?;
        let provider = facts.organisations.get(&claim.provider).ok_or_else(unknown)?;
        let (claimed, paid) = (Holder::Claimed(provider.code.clone()), Holder::Paid(provider.code.clone()));
        let passes: Vec<PassId> = facts.claims.standing(line.claim).collect();
        let (state, moved) = match line.state {
            LineState::Executed => (ClaimState::Paid, lines(facts, &passes, &claimed, &paid)?),
            LineState::Returned => (ClaimState::Approved, lines(facts, &passes, &paid, &claimed)?),
            LineState::Ordered | LineState::Rejected => (ClaimState::Approved, Vec::new()),
        };
        claim.state = state;
        Ok((ClaimRecord::Changed(claim), moved))
    }
}

impl Act for BankReturn {
    fn kind(&self) -> Kind {
        Kind::BankReturn
    }

    fn needs(&self, needs: &mut Needs) {
        needs.payments.lines.extend(self.told.iter().map(|told| told.transfer));
        needs.payments.files.insert(self.file_hash.clone());
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
        let (mut seen, mut claims) = (BTreeSet::new(), [Vec::new(), Vec::new(), Vec::new()]);
        for told in &self.told {
            let line = told.check(facts)?;
            if !seen.insert(told.transfer) {
                let transfer = end_to_end_id(&facts.programme.code, told.transfer.0, told.transfer.1);
                let refusal = Refusal::new(Code::TransferNamedTwice).field("file").about("transfer", transfer);
                return Err(refusal.about("line", told.place));
            }
            let [executed, rejected, returned] = &mut claims;
            match told.outcome {
                Outcome::Executed => executed.push(line.claim),
                Outcome::Rejected => rejected.push(line.claim),
                Outcome::Returned => returned.push(line.claim),
            }
            let (claim, moved) = Self::follow(facts, &line)?;
            movement = movement.lines(moved).record(Record::Claims(claim));
            movement = movement.record(Record::Payments(PaymentRecord::LineChanged(line)));
        }
        let [executed, rejected, returned] = claims;
        let list = |claims: Vec<i64>| (!claims.is_empty()).then(|| numbers(&claims));
        Ok(movement
            .mention_some("claims_executed", list(executed))
            .mention_some("claims_rejected", list(rejected))
            .mention_some("claims_returned", list(returned)))
    }
}
