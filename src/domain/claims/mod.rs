//! Claims: what a provider asks to be paid for, from the redemptions in the ledger to the approval of the Region. What
//! never lives here: money on its way to a bank (see `payments`).

mod approval;
mod delay;
mod demand;
mod facts;
mod rejection;

use std::collections::BTreeMap;

pub use approval::Approve;
pub use delay::{Resume, Suspend, SuspensionReason};
pub(in crate::domain) use demand::lines;
pub use demand::{Claim as MakeClaim, PASSES_PER_CLAIM};
pub use facts::{ClaimFacts, ClaimNeeds, ClaimRecord};
pub(in crate::domain) use rejection::standing;
pub use rejection::{Reject, RejectionReason};
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::ids::{OrganisationId, UserId};
use super::money::Cents;
use super::month::Month;
use super::named::named;
use super::party::Organisation;
use super::payments::Debtor;
use super::refusal::{Code, Malformed, Refusal, check_bounds};
use super::time::Day;

named!(
    /// How far a claim has come.
    ClaimState, Malformed::Identifier, {
        /// Waits for approval.
        Submitted => "submitted",
        /// As many people as its amount asks for have approved it: it is due.
        Approved => "approved",
        /// In a payment that the bank has not answered yet.
        Ordered => "ordered",
        /// The bank has paid it.
        Paid => "paid",
        /// Every one of its passes was rejected.
        Rejected => "rejected",
    }
);

/// What a provider asks to be paid for a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Running number within the programme.
    pub number: i64,
    pub provider: OrganisationId,
    pub month: Month,
    /// Who made it: somebody else approves.
    pub claimant: UserId,
    pub claimed_on: Day,
    /// Thirty days after, unless the programme says otherwise, and the days of suspension more.
    pub due_on: Day,
    /// Passes that were not rejected.
    pub passes: i64,
    /// Their face value: what is to be paid.
    pub value: Cents,
    pub rejected_passes: i64,
    /// Who has approved it as it stands, in order.
    pub approvals: Vec<UserId>,
    /// Since when its delay stands still.
    pub suspended_on: Option<Day>,
    pub suspended_days: u32,
    pub state: ClaimState,
}

/// One pass of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedPass {
    /// The number of the receipt by which it was spent.
    pub redemption: String,
    /// Why the Region does not pay it.
    pub rejected: Option<RejectionReason>,
}

/// How a programme's claims are judged and paid: what the Region sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimRules {
    /// Up to this amount one approval is enough; above it two different people approve.
    pub one_approver_up_to_cents: i64,
    /// Who may approve, each up to how many cents; everybody of the finance service without a limit when empty.
    pub approvers: BTreeMap<UserId, i64>,
    /// Days from the claim to the day on which it is due, 1 to 60.
    pub due_days: u32,
    /// Days that a changed account of a provider waits before it is paid on, 0 to 60.
    pub payee_wait_days: u32,
    /// The account from which claims are paid.
    pub debtor: Option<Debtor>,
}

impl Default for ClaimRules {
    fn default() -> Self {
        Self {
            one_approver_up_to_cents: 500_000,
            approvers: BTreeMap::new(),
            due_days: 30,
            payee_wait_days: 3,
            debtor: None,
        }
    }
}

impl ClaimRules {
    /// How many different people approve a claim of this value.
    #[must_use]
    pub const fn approvals_needed(&self, value: Cents) -> usize {
        if value.get() <= self.one_approver_up_to_cents { 1 } else { 2 }
    }

    /// # Errors
    /// [`Code::QuantityOutOfRange`] for a delay outside 1 to 60 days or an amount below zero.
    pub fn check(&self) -> Result<(), Refusal> {
        check_bounds([
            ("due_days", i64::from(self.due_days), 1..=60),
            ("payee_wait_days", i64::from(self.payee_wait_days), 0..=60),
            ("one_approver_up_to_cents", self.one_approver_up_to_cents, 0..=i64::MAX),
            ("approvers", self.approvers.values().copied().min().unwrap_or_default(), 0..=i64::MAX),
        ])
    }
}

fn unknown(number: i64) -> Refusal {
    Refusal::new(Code::ClaimUnknown).about("claim", number)
}

/// The claim with this number and the provider that made it.
fn claim_of(facts: &Facts, number: i64) -> Result<(&Claim, &Organisation), Refusal> {
    let claim = facts.claims.claims.get(&number).ok_or_else(|| unknown(number))?;
    let provider = facts.organisations.get(&claim.provider).ok_or_else(|| unknown(number))?;
    Ok((claim, provider))
}

/// The same, as long as it is in no payment.
fn open_claim(facts: &Facts, number: i64) -> Result<(&Claim, &Organisation), Refusal> {
    let (claim, provider) = claim_of(facts, number)?;
    match claim.state {
        ClaimState::Submitted | ClaimState::Approved => Ok((claim, provider)),
        ClaimState::Ordered | ClaimState::Paid | ClaimState::Rejected => {
            Err(Refusal::new(Code::ClaimNotOpen).about("claim", number).about("state", claim.state.french()))
        }
    }
}

impl ClaimState {
    /// In French, for sentences.
    #[must_use]
    pub const fn french(self) -> &'static str {
        match self {
            Self::Submitted => "à approuver",
            Self::Approved => "approuvée",
            Self::Ordered => "en cours de paiement",
            Self::Paid => "payée",
            Self::Rejected => "rejetée en entier",
        }
    }
}
