//! From a granted movement to the receipt that is sealed. What never lives here: the bytes (see `receipts`).

use std::collections::{BTreeMap, BTreeSet};

use super::{Submission, SubmitError};
use crate::domain::facts::{Facts, Stamp};
use crate::domain::ids::ItemId;
use crate::domain::movement::{Line, Mention, Movement};
use crate::domain::party::Holder;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Instant;
use crate::receipts::{self, Agent, Body, Holding, Office, Receipt, Total, VERSION};
use crate::store::StoreError;

/// The next number of the caller's organisation in the year of the day: `HDF21-MAUB-2026-000042`.
pub(super) fn stamp(
    submission: &Submission,
    movement: &Movement,
    facts: &mut Facts,
    (at, position): (Instant, i64),
) -> Result<Stamp, SubmitError> {
    let office = office_code(submission, facts)?;
    let day = at.day();
    let series = (office.clone(), day.year());
    let running = facts.series.get(&series).copied().unwrap_or(0) + 1;
    facts.series.set(series, running);
    let epoch = movement.epoch().unwrap_or(facts.counters.epoch);
    let number = receipts::number(facts.programme.code.as_str(), office.as_str(), (day.year(), epoch), running);
    Ok(Stamp { position, number, day })
}

fn office_code(submission: &Submission, facts: &Facts) -> Result<ShortCode, SubmitError> {
    let office = facts.organisations.get(&submission.actor.organisation);
    let lost = || StoreError::Corrupt("a user without an organisation".to_owned());
    Ok(office.ok_or_else(lost)?.code.clone())
}

/// Lays the receipt out. `facts` are those before the movement, so that holdings can be told before and after.
pub(super) fn receipt(
    submission: &Submission,
    facts: &Facts,
    movement: &Movement,
    stamp: &Stamp,
    (at, prev): (Instant, &str),
) -> Result<Receipt, SubmitError> {
    let corrupt = |what: &str| SubmitError::Store(StoreError::Corrupt(what.to_owned()));
    let office = facts.organisations.get(&submission.actor.organisation).ok_or_else(|| corrupt("organisation"))?;
    let (booklets, passes, value) = movement.total().ok_or_else(|| corrupt("a total beyond an i64"))?;
    let to_mention = |(name, mention): (&&'static str, &Mention)| {
        let mention = match mention {
            Mention::Text(text) => receipts::Mention::Text(text.clone()),
            Mention::Number(number) => receipts::Mention::Number(*number),
        };
        ((*name).to_owned(), mention)
    };
    let body = Body {
        v: VERSION,
        programme: facts.programme.code.to_string(),
        position: stamp.position,
        number: stamp.number.clone(),
        kind: movement.kind.to_string(),
        at: at.to_string(),
        day: stamp.day.to_string(),
        office: Office {
            code: office.code.to_string(),
            name: office.name.to_string(),
            registration: office.registration.to_string(),
            commune: office.commune.to_string(),
        },
        agent: Agent { pseudonym: submission.actor.pseudonym.clone(), role: submission.actor.role.to_string() },
        face_cents: facts.programme.face_value.get(),
        lines: movement.lines.iter().map(|line| line_of(facts, line)).collect(),
        total: Total { booklets, passes, cents: value.get() },
        holdings: holdings(facts, &movement.lines),
        mentions: movement.mentions.iter().map(to_mention).collect::<BTreeMap<_, _>>(),
        corrects: movement.corrects.clone(),
        prev: prev.to_owned(),
    };
    receipts::chain::seal_receipt(body).map_err(|error| corrupt(&error.to_string()))
}

fn line_of(facts: &Facts, line: &Line) -> receipts::Line {
    receipts::Line {
        batch: line.batch.to_string(),
        from: line.from.to_string(),
        to: line.to.to_string(),
        booklets: line.booklets,
        passes: line.passes,
        cents: line.value.get(),
        items: items(&facts.programme.code, &line.items),
    }
}

/// Serials, with runs of consecutive booklets written `first..last`.
fn items(programme: &ShortCode, items: &[ItemId]) -> Vec<String> {
    let mut texts = Vec::new();
    let mut run: Option<(ItemId, ItemId)> = None;
    let written = |(first, last): (ItemId, ItemId)| {
        if first == last {
            first.printed(programme)
        } else {
            format!("{}..{}", first.printed(programme), last.printed(programme))
        }
    };
    for item in items {
        run = match run {
            Some((first, last)) if item.pass().is_none() && item.booklet().0 == last.booklet().0 + 1 => {
                Some((first, *item))
            }
            earlier => {
                texts.extend(earlier.map(written));
                Some((*item, *item))
            }
        };
    }
    texts.extend(run.map(written));
    texts
}

fn holdings(facts: &Facts, lines: &[Line]) -> Vec<Holding> {
    let touched: BTreeSet<&Holder> = lines.iter().flat_map(|line| [&line.from, &line.to]).collect();
    let to_holding = |holder: &&Holder| {
        let before = facts.held(holder).passes;
        let moved: i64 = lines
            .iter()
            .map(|line| match (&&line.from == holder, &&line.to == holder) {
                (true, false) => -line.passes,
                (false, true) => line.passes,
                (true, true) | (false, false) => 0,
            })
            .sum();
        Holding { holder: holder.to_string(), before, after: before.saturating_add(moved) }
    };
    let mut holdings: Vec<Holding> = touched.iter().map(to_holding).collect();
    holdings.sort_by(|one, other| one.holder.cmp(&other.holder));
    holdings
}
