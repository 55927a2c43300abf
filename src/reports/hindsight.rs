//! Who would change by other rules: every hand-out of a programme judged again from what is kept of it. What never lives
//! here: the judgement (see `domain::eligibility`); a person.

use std::collections::BTreeMap;

use crate::domain::eligibility::{Hindsight, RuleSet};
use crate::domain::programme::Programme;
use crate::store::{Reads, StoreError};

const PAGE: i64 = 2_000;

/// How many decisions would stand, would not, and cannot be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub still: i64,
    pub undetermined: i64,
    pub lost: i64,
}

impl Counts {
    const fn add(&mut self, seen: Hindsight) {
        let count = match seen {
            Hindsight::Still => &mut self.still,
            Hindsight::Undetermined => &mut self.undetermined,
            Hindsight::Lost => &mut self.lost,
        };
        *count += 1;
    }
}

/// The decisions of a programme by other rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenAgain {
    pub all: Counts,
    /// By the ground that was kept.
    pub by_ground: BTreeMap<String, Counts>,
    /// How many decisions each condition would undo, or may: `residence`, `age`, or a status.
    pub by_condition: BTreeMap<String, Counts>,
}

/// Judges every hand-out of the programme again, each on its own day.
///
/// # Errors
/// [`StoreError`].
pub fn hindsight(tx: &mut dyn Reads, programme: &Programme, rules: &RuleSet) -> Result<SeenAgain, StoreError> {
    let known = tx.rule_sets(programme.no)?;
    let (mut seen, mut after) = (SeenAgain::default(), 0);
    loop {
        let page = tx.kept_decisions(programme.no, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(seen) };
        after = last.position;
        for found in page {
            let earlier = known.iter().find(|known| known.version() == found.rule_version);
            let (answer, conditions) = rules.in_hindsight(&found.decision, earlier);
            seen.all.add(answer);
            seen.by_ground.entry(found.decision.ground.clone()).or_default().add(answer);
            for condition in conditions {
                seen.by_condition.entry(condition.to_owned()).or_default().add(answer);
            }
        }
    }
}
