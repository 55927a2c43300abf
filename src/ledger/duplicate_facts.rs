//! Who may be whom, loaded for the acts that give something to people. One read where nobody looks like anybody else. What
//! never lives here: what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::duplicates::{PossibleDuplicate, Verdict};
use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::ProgrammeNo;
use crate::domain::stock::CodeMac;
use crate::store::{Reads, StoreError};

/// Loads who looks like the people of the group, the pairs these are in, and what one person received or asked for under
/// another spelling.
pub(super) fn load(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let (programme, asked) = (facts.programme.no, &needs.duplicates);
    let mut people = BTreeSet::new();
    if !asked.likenesses.is_empty() {
        facts.duplicates.alike = tx.people_alike(programme, &asked.likenesses.keys().copied().collect())?;
        for (likeness, askers) in &asked.likenesses {
            let mut known = facts.duplicates.alike.get(likeness).into_iter().flatten();
            // Of the others only what they were found to be with whoever asks: a crowd is not looked up pair by pair.
            if askers.len() > 1 || known.any(|known| !askers.contains(known)) {
                people.extend(askers);
            }
        }
    }
    if asked.of_applicants {
        let named = needs.applications.numbers.iter().filter_map(|number| facts.applications.known.get(number));
        people.extend(named.map(|application| application.fingerprint));
    }
    if people.is_empty() {
        return Ok(());
    }
    facts.duplicates.last = tx.last_duplicate(programme)?;
    facts.duplicates.known.extend(pairs(tx, programme, &people)?);
    let others: BTreeSet<CodeMac> = people
        .iter()
        .flat_map(|person| facts.duplicates.everyone(person))
        .filter(|person| facts.people.get(person).is_none())
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    for (person, passes) in tx.people_among(programme, &others)? {
        facts.people.load(person, passes);
    }
    for application in tx.applications_of(programme, &others)? {
        if facts.applications.known.get(&application.number).is_none() {
            facts.applications.known.load(application.number, application);
        }
    }
    Ok(())
}

/// The pairs that these people are in, and those of whoever they were found to be.
///
/// # Errors
/// [`StoreError`].
pub fn pairs(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    people: &BTreeSet<CodeMac>,
) -> Result<BTreeMap<i64, PossibleDuplicate>, StoreError> {
    let (mut found, mut next, mut asked) = (BTreeMap::new(), people.clone(), BTreeSet::new());
    while !next.is_empty() {
        let pairs = tx.duplicates_of(programme, &next)?.into_iter().map(|noticed| noticed.pair);
        asked.append(&mut next);
        for pair in pairs {
            if pair.verdict == Some(Verdict::Same) {
                next.extend([pair.known, pair.newcomer].into_iter().filter(|person| !asked.contains(person)));
            }
            found.insert(pair.number, pair);
        }
    }
    Ok(found)
}
