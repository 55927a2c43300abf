//! What happened, by commune of today. What never lives here: what can happen there (see `accepting`).

use std::collections::{BTreeMap, BTreeSet};

use super::super::ReportError;
use super::super::hand_outs::each_hand_out;
use super::super::question::{Question, mention};
use super::super::redemptions::each_act;
use super::super::uses::{Origin, each_use};
use crate::domain::territory::{CommuneCode, whole_today};
use crate::store::StoreError;

/// What happened in one place.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    pub(super) hand_outs: i64,
    pub(super) booklets: i64,
    pub(super) passes: i64,
    /// Booklets of its people of which a pass was spent.
    pub(super) started: i64,
    /// Passes spent there, whoever's.
    pub(super) spent: i64,
    pub(super) venues: BTreeSet<String>,
}

impl Sum {
    pub(super) fn add(&mut self, other: &Self) {
        self.hand_outs += other.hand_outs;
        self.booklets += other.booklets;
        self.passes += other.passes;
        self.started += other.started;
        self.spent += other.spent;
        self.venues.extend(other.venues.iter().cloned());
    }
}

/// A commune that was merged since counts for the one that it became.
pub(super) fn by_commune(question: &Question) -> Result<BTreeMap<CommuneCode, Sum>, ReportError> {
    let mut sums: BTreeMap<CommuneCode, Sum> = BTreeMap::new();
    // Where the people of each hand-out live.
    let mut homes: BTreeMap<Origin, CommuneCode> = BTreeMap::new();
    each_hand_out(question, |origin, fact| {
        let Some(commune) = fact.kept.as_ref().and_then(|kept| whole_today(&kept.commune)) else { return };
        homes.insert(origin, commune);
        let sum = sums.entry(commune).or_default();
        sum.hand_outs += 1;
        sum.booklets += fact.booklets;
        sum.passes += fact.passes;
    })?;
    each_use(question, |booklet| {
        let home = homes.get(&booklet.origin).filter(|_| booklet.started_on().is_some());
        if let Some(commune) = home {
            sums.entry(*commune).or_default().started += 1;
        }
    })?;
    each_act(question, |act| {
        let (place, sign) = (act.place(), act.sign());
        let travelled = mention(place, "performed_in");
        let said = if travelled.is_empty() { mention(place, "venue_commune") } else { travelled };
        if let Some(commune) = whole_today(&said) {
            let sum = sums.entry(commune).or_default();
            sum.spent += sign * act.passes();
            sum.venues.insert(mention(place, "venue"));
        }
        Ok::<_, StoreError>(())
    })?;
    Ok(sums)
}
