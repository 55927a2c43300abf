//! What is read and written of claims. What never lives here: SQL.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use crate::domain::claims::{Claim, ClaimRules, ClaimState, ClaimedPass};
use crate::domain::ids::{OrganisationId, PassId, ProgrammeNo};
use crate::domain::time::Day;

type Found<T> = Result<T, StoreError>;

/// Which claims are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClaimFilter {
    pub provider: Option<OrganisationId>,
    pub state: Option<ClaimState>,
}

/// Claims, their passes, and what can be claimed.
pub trait ClaimReads {
    /// The rules with their version; `None` while nobody has set any.
    fn claim_rules(&mut self, programme: ProgrammeNo) -> Found<Option<(ClaimRules, i64)>>;
    /// The number of the last claim; 0 before the first.
    fn last_claim(&mut self, programme: ProgrammeNo) -> Found<i64>;
    /// Redemptions of the provider recorded before `end` that are not reversed and that no claim ever held, by position
    /// of their receipts, at most `limit`.
    fn claimable(
        &mut self,
        programme: ProgrammeNo,
        provider: OrganisationId,
        end: Day,
        limit: i64,
    ) -> Found<Vec<(i64, String)>>;
    /// Those of the passes that were rejected and are in no other claim, with the redemption that spent them.
    fn rejected_passes(&mut self, programme: ProgrammeNo, passes: &BTreeSet<PassId>) -> Found<Vec<(PassId, String)>>;
    fn claims_among(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<i64>) -> Found<Vec<Claim>>;
    /// Claims in order of number after one.
    fn claims(&mut self, programme: ProgrammeNo, filter: ClaimFilter, after: i64, limit: i64) -> Found<Vec<Claim>>;
    /// The numbers of the receipts by which claims were made, by claim.
    fn claim_receipts(&mut self, programme: ProgrammeNo, claims: &BTreeSet<i64>) -> Found<BTreeMap<i64, String>>;
    /// Every pass of a claim, the rejected ones too, in order.
    fn claim_passes(&mut self, programme: ProgrammeNo, claim: i64) -> Found<Vec<(PassId, ClaimedPass)>>;
}

/// Changes to the rules of claims; claims themselves are written with the acts that make them.
pub trait ClaimWrites {
    /// Keeps the rules in place of those of version `before` (0 where there were none); `false` if others came between.
    fn keep_claim_rules(&mut self, programme: ProgrammeNo, rules: &ClaimRules, before: i64) -> Found<bool>;
}
