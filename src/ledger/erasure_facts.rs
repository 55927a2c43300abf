//! What is known of people, loaded for the acts that erase it. What never lives here: whether it may be erased.

use std::collections::BTreeMap;

use super::duplicate_facts;
use crate::domain::erasure::Known;
use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::ProgrammeNo;
use crate::domain::stock::CodeMac;
use crate::domain::time::Day;
use crate::store::{Reads, StoreError};

/// People looked at in one go.
const PAGE: i64 = 1_000;

/// Loads the rules of retention, who is overdue, and who is named.
pub(super) fn load(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    if needs.erasures.is_empty() {
        return Ok(());
    }
    let programme = facts.programme.no;
    facts.erasures.rules = tx.retention_rules(programme)?.unwrap_or_default().0;
    let named = &needs.erasures.people;
    facts.duplicates.known.extend(duplicate_facts::pairs(tx, programme, named)?);
    let everyone = named.iter().flat_map(|person| facts.duplicates.everyone(person)).collect();
    facts.erasures.known = tx.known_of(programme, &everyone)?;
    if let Some((since, most)) = needs.erasures.overdue {
        facts.erasures.known.extend(overdue(tx, programme, since, most)?);
    }
    Ok(())
}

/// At most so many of those whom nobody has met since a day.
///
/// # Errors
/// [`StoreError`].
pub fn overdue(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    since: Day,
    most: u32,
) -> Result<BTreeMap<CodeMac, Known>, StoreError> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let (mut found, mut after) = (BTreeMap::new(), None);
    while found.len() < most {
        let page = tx.people_not_seen_since(programme, since, after.as_ref(), PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        let over = tx.known_of(programme, &page)?.into_iter().filter(|(_, known)| known.is_overdue(since));
        let missing = most - found.len();
        found.extend(over.take(missing));
    }
    Ok(found)
}
