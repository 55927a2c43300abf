//! Who agreed to be reminded, and how far their booklets have come, loaded for the acts that remind, stop it or erase what has
//! served. What never lives here: whether somebody may be reminded.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::applications::Application;
use crate::domain::facts::{Facts, Needs};
use crate::domain::follow_up::{FollowUp, FollowUpRules, Progress};
use crate::domain::ids::{BookletId, ProgrammeNo};
use crate::domain::party::Holder;
use crate::domain::stock::CodeMac;
use crate::domain::time::Day;
use crate::store::{Reads, StoreError};

/// Follow-ups looked at in one go.
const PAGE: i64 = 1_000;

/// Loads the rules, the follow-ups that are named or of applications that are, and those that have served.
pub(super) fn load(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let (programme, asked) = (facts.programme.no, &needs.follow_ups);
    if asked.is_empty() {
        return Ok(());
    }
    let rules = tx.follow_up_rules(programme)?.unwrap_or_default().0;
    let mut named = asked.hand_outs.clone();
    if asked.of_applications {
        let known = needs.applications.numbers.iter().filter_map(|number| facts.applications.known.get(number));
        named.extend(known.map(|application| application.filed_by.clone()));
    }
    let mut found = tx.follow_ups_among(programme, &named)?;
    if let Some((on, most)) = asked.served {
        found.extend(served(tx, programme, rules, (on, most))?);
    }
    facts.follow_ups.rules = rules;
    facts.follow_ups.progress = progress(tx, programme, &found)?;
    for follow_up in found {
        facts.follow_ups.known.load(follow_up.hand_out.clone(), follow_up);
    }
    Ok(())
}

/// At most so many of those whose contact has served on a day.
///
/// # Errors
/// [`StoreError`].
pub fn served(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    rules: FollowUpRules,
    (on, most): (Day, u32),
) -> Result<Vec<FollowUp>, StoreError> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let (mut found, mut after) = (Vec::new(), String::new());
    while found.len() < most {
        let page = tx.follow_ups(programme, &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.hand_out);
        let progress = progress(tx, programme, &page)?;
        let has_served = |follow_up: &FollowUp| {
            let progress = progress.get(&follow_up.hand_out).copied().unwrap_or_default();
            rules.has_served(follow_up.consented_on, progress, on)
        };
        let missing = most - found.len();
        found.extend(page.into_iter().filter(has_served).take(missing));
    }
    Ok(found)
}

/// How far the booklets of each hand-out have come.
///
/// # Errors
/// [`StoreError`].
pub fn progress(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    follow_ups: &[FollowUp],
) -> Result<BTreeMap<String, Progress>, StoreError> {
    let applied = applications(tx, programme, follow_ups)?;
    let mailed = applied.values().filter_map(delivered).map(|(booklet, _)| booklet);
    let booklets: BTreeSet<BookletId> =
        follow_ups.iter().flat_map(|follow_up| follow_up.booklets.iter().copied()).chain(mailed).collect();
    let days = tx.redemption_days(programme, &booklets)?;
    let found = tx.booklets_among(programme, &booklets)?.into_iter();
    let in_use: BTreeSet<BookletId> =
        found.filter(|booklet| booklet.holder == Holder::Circulation).map(|booklet| booklet.id).collect();
    let of = |follow_up: &FollowUp| {
        let application = applied.get(&follow_up.hand_out);
        let letter = application.and_then(delivered);
        let theirs = || follow_up.booklets.iter().copied().chain(letter.map(|(booklet, _)| booklet));
        Progress {
            first_use: theirs().filter_map(|booklet| days.get(&booklet)).map(|(first, _)| *first).min(),
            in_use: theirs().any(|booklet| in_use.contains(&booklet)),
            waits: application.is_some_and(|application| application.state.is_open()),
            reached_on: letter.map(|(_, on)| on),
        }
    };
    Ok(follow_ups.iter().map(|follow_up| (follow_up.hand_out.clone(), of(follow_up))).collect())
}

/// The applications of people who agreed when they applied, by the receipt that filed each.
fn applications(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    follow_ups: &[FollowUp],
) -> Result<BTreeMap<String, Application>, StoreError> {
    let without = follow_ups.iter().filter(|follow_up| follow_up.booklets.is_empty());
    let people: BTreeSet<CodeMac> = without.map(|follow_up| follow_up.person).collect();
    if people.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = tx.applications_of(programme, &people)?.into_iter();
    Ok(found.map(|application| (application.filed_by.clone(), application)).collect())
}

/// The booklet that reached an applicant, and the day on which it did.
fn delivered(application: &Application) -> Option<(BookletId, Day)> {
    let (booklet, _) = application.letter.filter(|_| application.state.is_delivered())?;
    Some((booklet, application.state_on))
}
