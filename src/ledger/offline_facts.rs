//! What devices took without a network before, loaded for the lines that they bring. What never lives here: a limit.

use std::collections::BTreeSet;

use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::BookletId;
use crate::domain::time::Day;
use crate::store::{Reads, StoreError};

/// Loads the limits, and what of the same days counts towards them. The booklets of the codes are there already.
pub(super) fn load(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let asked = &needs.offline.days;
    if asked.is_empty() {
        return Ok(());
    }
    let programme = facts.programme.no;
    facts.offline.rules = tx.offline_rules(programme)?.unwrap_or_default().0;
    facts.offline.by_device = tx.taken_by_devices(programme, asked)?;
    let booklets: BTreeSet<BookletId> = facts.booklets.iter().map(|(id, _)| *id).collect();
    let days: BTreeSet<Day> = asked.iter().map(|(_, day)| *day).collect();
    facts.offline.by_booklet = tx.taken_of_booklets(programme, &booklets, &days)?;
    Ok(())
}
