//! What acts on claims may know, and how a granted one changes it. Loaded only when an act asks. What never lives here:
//! a rule, or a query.

use std::collections::{BTreeMap, BTreeSet};

use super::super::facts::Table;
use super::super::ids::{OrganisationId, PassId};
use super::super::month::Month;
use super::{Claim, ClaimRules, ClaimedPass, RejectionReason};

/// What an act asks to know of claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimNeeds {
    /// What these providers can claim at the end of these months.
    pub claimable: BTreeSet<(OrganisationId, Month)>,
    /// Rejected passes that are presented again.
    pub again: BTreeSet<PassId>,
    /// Claims by number.
    pub claims: BTreeSet<i64>,
    /// Those of them whose passes matter.
    pub passes_of: BTreeSet<i64>,
}

impl ClaimNeeds {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

/// What acts know of claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimFacts {
    pub rules: ClaimRules,
    /// The last number given.
    pub last: i64,
    /// Numbers of redemptions that no claim ever held, by position of their receipts; those that may be asked for
    /// are in [`super::super::facts::Facts::redemptions`].
    pub claimable: BTreeMap<i64, String>,
    /// Rejected passes that no other claim holds, with the redemption by which they were spent.
    pub rejected: BTreeMap<PassId, String>,
    pub claims: Table<i64, Claim>,
    /// By claim and pass.
    pub passes: Table<(i64, PassId), ClaimedPass>,
}

/// What there is to write down of a claim besides the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimRecord {
    /// A new claim with its passes and the redemptions that spent them.
    Made(Claim, Vec<(PassId, String)>),
    /// The claim as it stands now.
    Changed(Claim),
    /// These passes of a claim are not paid.
    Rejected(i64, Vec<PassId>, RejectionReason),
}

impl ClaimFacts {
    /// The passes of a claim that were not rejected.
    pub fn standing(&self, claim: i64) -> impl Iterator<Item = PassId> + '_ {
        let of_claim = (claim, PassId(0))..=(claim, PassId(i64::MAX));
        let standing = |((_, pass), row): (&(i64, PassId), &ClaimedPass)| row.rejected.is_none().then_some(*pass);
        self.passes.entries(of_claim).filter_map(standing)
    }

    /// Takes a granted record in, so that the next act of the group sees it.
    pub fn write_down(&mut self, record: &ClaimRecord) {
        match record {
            ClaimRecord::Made(claim, passes) => {
                self.last = claim.number;
                for (pass, redemption) in passes {
                    self.rejected.remove(pass);
                    let row = ClaimedPass { redemption: redemption.clone(), rejected: None };
                    self.passes.set((claim.number, *pass), row);
                }
                self.claims.set(claim.number, claim.clone());
            }
            ClaimRecord::Changed(claim) => self.claims.change(&claim.number, |known| *known = claim.clone()),
            ClaimRecord::Rejected(claim, passes, reason) => {
                for pass in passes {
                    self.passes.change(&(*claim, *pass), |row| row.rejected = Some(*reason));
                }
            }
        }
    }
}
