//! What is claimed, paid and owed in the model: every pass in at most one live claim, paid once, to the cent. What never
//! lives here: why a request is refused.

mod purse;
mod reasons;
mod stage;
mod wish;
mod wishes;

use std::collections::{BTreeMap, BTreeSet};

use recepisse::domain::month::Month;
use recepisse::domain::payments::Outcome;
use recepisse::domain::time::Day;

pub(super) use purse::{ClaimRow, Purse, TransferRow};
pub(super) use stage::{act, propose, rules, set_debtor};
pub(super) use wish::{BankFile, MoneyWish, Slip, Transfer, TransferNo};
pub(super) use wishes::wanted;

use super::model::{FACE_CENTS, Model};
use super::script::{At, FINANCE, Pass, Who};

const DUE_DAYS: u32 = 30;
/// Days that a changed account waits.
const WAIT_DAYS: u32 = 3;
/// Up to this one approval is enough.
const ONE_APPROVER_CENTS: i64 = 3_000;
/// What each desk of the finance service may approve.
const LIMITS_CENTS: [i64; 3] = [1_000_000, 5_000, 1_000_000];
/// Who can be paid.
const PROVIDERS: [&str; 2] = ["LIEUX", "MOBI"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Submitted,
    Approved,
    Ordered,
    Paid,
    Rejected,
}

impl Stage {
    const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Ordered => "ordered",
            Self::Paid => "paid",
            Self::Rejected => "rejected",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Claim {
    provider: &'static str,
    claimant: Who,
    due: Day,
    /// Whether each is rejected.
    passes: BTreeMap<Pass, bool>,
    approvals: Vec<Who>,
    suspended: Option<Day>,
    stage: Stage,
}

impl Claim {
    fn standing(&self) -> Vec<Pass> {
        self.passes.iter().filter(|(_, rejected)| !**rejected).map(|(pass, _)| *pass).collect()
    }

    fn cents(&self) -> i64 {
        FACE_CENTS * i64::try_from(self.standing().len()).unwrap()
    }

    fn reject(&mut self, passes: &[Pass]) {
        self.passes.extend(passes.iter().map(|pass| (*pass, true)));
    }
}

#[derive(Debug, Clone, Copy)]
struct Payee {
    provider: &'static str,
    proposer: Who,
    /// From when it is in force, once it is confirmed.
    from: Option<Day>,
}

/// A transfer that was ordered, and how it stands: `ordered`, `executed`, `rejected` or `returned`.
#[derive(Debug, Clone, Copy)]
struct Sent {
    of: Transfer,
    stands: &'static str,
}

/// A word of the bank, and how the transfer stands after it.
const fn after(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Executed => "executed",
        Outcome::Rejected => "rejected",
        Outcome::Returned => "returned",
    }
}

/// Numbers are places, from 1.
#[derive(Debug, Clone, Default)]
pub(super) struct Money {
    claims: Vec<Claim>,
    payees: Vec<Payee>,
    payments: i64,
    transfers: BTreeMap<TransferNo, Sent>,
    owed: BTreeMap<&'static str, i64>,
    mandats: BTreeSet<u32>,
    titres: BTreeSet<u32>,
    files: BTreeSet<u32>,
    /// The Region's own account is not known.
    without_debtor: bool,
}

fn place(number: i64) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok()
}

impl Money {
    fn claim(&self, number: i64) -> Option<&Claim> {
        self.claims.get(place(number)?)
    }

    fn claim_mut(&mut self, number: i64) -> &mut Claim {
        &mut self.claims[place(number).unwrap()]
    }

    fn owed_by(&self, provider: &str) -> i64 {
        self.owed.get(provider).copied().unwrap_or(0)
    }

    fn owes(&mut self, provider: &'static str, cents: i64) {
        *self.owed.entry(provider).or_default() += cents;
    }

    /// Whoever is paid for a provider: the last confirmed one that is in force.
    fn payee_of(&self, provider: &str, today: Day) -> Option<i64> {
        let numbered = (1_i64..).zip(&self.payees);
        let fits = |payee: &Payee| payee.provider == provider && payee.from.is_some_and(|from| from <= today);
        numbered.filter(|(_, payee)| fits(payee)).map(|(number, _)| number).last()
    }

    pub(super) fn propose(&mut self, provider: &'static str, proposer: Who) {
        self.payees.push(Payee { provider, proposer, from: None });
    }

    pub(super) const fn set_debtor(&mut self, known: bool) {
        self.without_debtor = !known;
    }

    /// How far what the ledger keeps of claims and payments ought to be.
    pub(super) fn purse(&self) -> Purse {
        let claim = |claim: &Claim| ClaimRow {
            provider: claim.provider.to_owned(),
            state: claim.stage.name().to_owned(),
            passes: i64::try_from(claim.standing().len()).unwrap(),
            cents: claim.cents(),
            rejected: i64::try_from(claim.passes.len() - claim.standing().len()).unwrap(),
            approvals: claim.approvals.len(),
            due: claim.due,
            suspended: claim.suspended,
        };
        let transfer = |Sent { of, stands }: &Sent| TransferRow {
            claim: of.claim,
            payee: of.payee,
            cents: of.cents,
            netted: of.netted,
            state: (*stands).to_owned(),
        };
        Purse {
            claims: (1..).zip(self.claims.iter().map(claim)).collect(),
            transfers: self.transfers.iter().map(|(number, sent)| (*number, transfer(sent))).collect(),
            owed: self
                .owed
                .iter()
                .filter(|(_, cents)| **cents != 0)
                .map(|(of, cents)| ((*of).to_owned(), *cents))
                .collect(),
        }
    }
}

/// What comes of a request that is granted.
impl Model {
    /// What a claim takes: every redemption that no claim ever held, and the passes that are presented again.
    fn presented(&self, provider: &'static str, month: Month, again: &[Pass]) -> Vec<Pass> {
        let fresh = self
            .redemptions
            .values()
            .filter(|of| of.provider == provider && !of.reversed && !of.claimed && of.day < month.end());
        fresh.flat_map(|of| &of.passes).chain(again).copied().collect()
    }

    pub(super) fn grant_money(&mut self, who: Who, wish: &MoneyWish, today: Day) {
        match wish {
            MoneyWish::Claim { provider, month, again } => {
                let passes = self.presented(provider, *month, again);
                let holds = |of: &super::model::Redemption| of.passes.iter().any(|pass| passes.contains(pass));
                for of in self.redemptions.values_mut().filter(|of| !of.reversed && holds(of)) {
                    of.claimed = true;
                }
                self.move_passes(&passes, At::Claimed(provider));
                self.money.claims.push(Claim {
                    provider,
                    claimant: who,
                    due: today.plus_days(DUE_DAYS),
                    passes: passes.into_iter().map(|pass| (pass, false)).collect(),
                    approvals: Vec::new(),
                    suspended: None,
                    stage: Stage::Submitted,
                });
            }
            MoneyWish::Reject { claim, passes } | MoneyWish::Overpaid { claim, passes } => {
                self.take_out(*claim, passes, matches!(wish, MoneyWish::Overpaid { .. }));
            }
            MoneyWish::Pay(slip) => self.order_payment(slip),
            MoneyWish::Bank(file) => {
                self.money.files.insert(file.mark);
                for (number, outcome, _) in &file.words {
                    self.follow_bank(*number, *outcome);
                }
            }
            MoneyWish::Offset { claim } => {
                let of = self.money.claim_mut(*claim);
                of.stage = Stage::Paid;
                let (provider, cents, passes) = (of.provider, of.cents(), of.standing());
                self.move_passes(&passes, At::Paid(provider));
                self.money.owes(provider, -cents);
            }
            other => self.money.note(who, other, today),
        }
    }

    /// Passes are not paid, or ought not to have been: they are with their provider again.
    fn take_out(&mut self, claim: i64, passes: &[Pass], paid: bool) {
        let of = self.money.claim_mut(claim);
        of.reject(passes);
        let provider = of.provider;
        if paid {
            self.money.owes(provider, FACE_CENTS * i64::try_from(passes.len()).unwrap());
        } else {
            of.approvals.clear();
            of.stage = if of.standing().is_empty() { Stage::Rejected } else { Stage::Submitted };
        }
        self.move_passes(passes, At::Provider(provider));
    }

    fn order_payment(&mut self, slip: &Slip) {
        let money = &mut self.money;
        money.payments += 1;
        money.mandats.insert(slip.mandat);
        for (line, of) in (1..).zip(&slip.transfers) {
            let claim = money.claim_mut(of.claim);
            claim.stage = Stage::Ordered;
            let provider = claim.provider;
            money.owes(provider, -of.netted);
            money.transfers.insert((money.payments, line), Sent { of: *of, stands: "ordered" });
        }
    }

    fn follow_bank(&mut self, number: TransferNo, outcome: Outcome) {
        let sent = self.money.transfers.get_mut(&number).unwrap();
        sent.stands = after(outcome);
        let of = sent.of;
        let claim = self.money.claim_mut(of.claim);
        let (provider, cents, passes) = (claim.provider, claim.cents(), claim.standing());
        if outcome == Outcome::Executed {
            claim.stage = Stage::Paid;
            return self.move_passes(&passes, At::Paid(provider));
        }
        // Came back, and every pass was found not to be due: nothing is left to pay.
        claim.stage = if outcome == Outcome::Returned && passes.is_empty() { Stage::Rejected } else { Stage::Approved };
        // What was taken off is owed again; what was overpaid has come back with the transfer.
        let came_back = if outcome == Outcome::Returned { of.cents + of.netted - cents } else { 0 };
        self.money.owes(provider, of.netted - came_back);
        self.move_passes(&passes, At::Claimed(provider));
    }
}

impl Money {
    /// What moves no pass.
    fn note(&mut self, who: Who, wish: &MoneyWish, today: Day) {
        match wish {
            MoneyWish::Approve { claim } => {
                let of = self.claim_mut(*claim);
                of.approvals.push(who);
                if of.approvals.len() >= needed(of.cents()) {
                    of.stage = Stage::Approved;
                }
            }
            MoneyWish::Doubt { claim, .. } => self.claim_mut(*claim).suspended = Some(today),
            MoneyWish::Resume { claim } => {
                let of = self.claim_mut(*claim);
                let since = of.suspended.take().unwrap();
                of.due = of.due.plus_days(today.days_since(since));
            }
            MoneyWish::Confirm { payee } => {
                let place = place(*payee).unwrap();
                let provider = self.payees[place].provider;
                let known = self.payees.iter().any(|other| other.provider == provider && other.from.is_some());
                self.payees[place].from = Some(if known { today.plus_days(WAIT_DAYS) } else { today });
            }
            MoneyWish::Recover { provider, cents, number } => {
                self.titres.insert(*number);
                self.owes(provider, -cents);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// How many people approve so many cents.
const fn needed(cents: i64) -> usize {
    if cents <= ONE_APPROVER_CENTS { 1 } else { 2 }
}

/// The desks of the Region's finance service.
fn desks() -> [Who; 3] {
    [0, 1, 2].map(|desk| Who { desk, ..FINANCE })
}
