//! What acts on applications need to know, loaded for a group. What never lives here: a rule.

use std::collections::BTreeSet;

use crate::domain::applications::Application;
use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::BookletId;
use crate::domain::stock::CodeMac;
use crate::store::{Reads, StoreError};

/// Loads applications, what else the same people have asked for and received, and the booklets mailed to them.
pub(super) fn load(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let (programme, asked) = (facts.programme.no, &needs.applications);
    if asked.is_empty() {
        return Ok(());
    }
    if asked.rules
        && let Some((rules, _)) = tx.distribution_rules(programme)?
    {
        if rules.training_required {
            facts.trainings = tx.trainings_of(programme, &needs.users)?;
        }
        facts.applications.rules = rules;
    }
    if asked.last {
        facts.applications.last = tx.last_application(programme)?;
    }
    let named = if asked.numbers.is_empty() { Vec::new() } else { tx.applications_among(programme, &asked.numbers)? };
    let somebodys = named.iter().filter(|application| !application.is_nobodys());
    let found: BTreeSet<CodeMac> = somebodys.map(|application| application.fingerprint).collect();
    let everybody: BTreeSet<CodeMac> = found.union(&asked.people).copied().collect();
    let of_people = if everybody.is_empty() { Vec::new() } else { tx.applications_of(programme, &everybody)? };
    let strangers: BTreeSet<CodeMac> = found.difference(&needs.people).copied().collect();
    if !strangers.is_empty() {
        for (person, passes) in tx.people_among(programme, &strangers)? {
            facts.people.load(person, passes);
        }
    }
    load_booklets(tx, &named, facts)?;
    for application in of_people.into_iter().chain(named.into_iter().filter(Application::is_nobodys)) {
        facts.applications.known.load(application.number, application);
    }
    for (office, reference) in &asked.references {
        if let Some(application) = tx.application_by_reference(programme, office, reference)? {
            facts.applications.known.load(application.number, application);
        }
    }
    Ok(())
}

fn load_booklets(tx: &mut (impl Reads + ?Sized), named: &[Application], facts: &mut Facts) -> Result<(), StoreError> {
    let mailed = named.iter().filter_map(|application| application.letter).map(|(booklet, _)| booklet);
    let missing: BTreeSet<BookletId> = mailed.filter(|booklet| facts.booklets.get(booklet).is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for booklet in tx.booklets_among(facts.programme.no, &missing)? {
        facts.booklets.load(booklet.id, booklet);
    }
    Ok(())
}
