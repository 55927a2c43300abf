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
                let held: BTreeSet<&String> = passes.iter().map(|(_, redemption)| redemption).collect();
                self.claimable.retain(|_, redemption| !held.contains(redemption));
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
                    let rejected = &mut self.rejected;
                    self.passes.change(&(*claim, *pass), |row| {
                        row.rejected = Some(*reason);
                        rejected.insert(*pass, row.redemption.clone());
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::ids::{BookletId, ProgrammeNo, UserId};
    use super::super::super::money::Cents;
    use super::super::super::time::Day;
    use super::super::ClaimState;
    use super::*;

    /// A claim of one pass, as the facts keep it.
    fn made(number: i64, pass: PassId) -> ClaimRecord {
        let claim = Claim {
            number,
            provider: OrganisationId::new(uuid::Uuid::from_u128(1)),
            month: Month::parse("2021-10").unwrap(),
            claimant: UserId::new(uuid::Uuid::from_u128(2)),
            claimed_on: Day::parse("2021-11-02").unwrap(),
            due_on: Day::parse("2021-12-02").unwrap(),
            passes: 1,
            value: Cents::new(1000),
            rejected_passes: 0,
            approvals: Vec::new(),
            suspended_on: None,
            suspended_days: 0,
            state: ClaimState::Submitted,
        };
        ClaimRecord::Made(claim, vec![(pass, "R-1".to_owned())])
    }

    /// As the next act of the same group sees it: what was rejected comes again by name, and by name only.
    #[test]
    fn what_a_claim_of_the_group_holds_is_claimable_no_more_and_comes_again_once_it_is_rejected() {
        let pass = BookletId::new(ProgrammeNo(1), 1).pass(1);
        let mut facts = ClaimFacts { claimable: BTreeMap::from([(7, "R-1".to_owned())]), ..ClaimFacts::default() };
        facts.write_down(&made(1, pass));
        assert!(facts.claimable.is_empty() && facts.rejected.is_empty());
        facts.write_down(&ClaimRecord::Rejected(1, vec![pass], RejectionReason::EvidenceMissing));
        assert!(facts.claimable.is_empty(), "what was rejected does not come back by itself");
        assert_eq!(facts.rejected, BTreeMap::from([(pass, "R-1".to_owned())]));
        facts.write_down(&made(2, pass));
        assert!(facts.rejected.is_empty());
    }
}
