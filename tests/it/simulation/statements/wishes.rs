//! What an issuer may say, and what may be wanted of it. What never lives here: an answer.

use recepisse::domain::month::Month;
use recepisse::domain::party::Role;
use recepisse::domain::statements::{LineClass, Resolution};

use super::super::dice::Dice;
use super::super::model::{FACE_CENTS, Model};
use super::super::script::{FINANCE, NOWHERE, Pass, Who};
use super::{IssuerFile, Kept, OPEN, Said, StatementWish};

/// Somebody, and what they want: a statement, a venue's word against it, or a decision.
pub(in crate::simulation) fn wanted(dice: &mut Dice, model: &Model) -> (Who, StatementWish) {
    let lines = &model.statements.lines;
    let open: Vec<(i64, i64)> = lines.iter().filter(|(_, line)| line.status == OPEN).map(|(key, _)| *key).collect();
    let settled = lines.values().any(|line| line.class == LineClass::Matched);
    match dice.below(100) {
        0..=24 if settled => dispute(dice, model),
        25..=59 if !open.is_empty() => resolution(dice, model, &open),
        60..=64 => resolution(dice, model, &open),
        _ => (FINANCE, StatementWish::Import(file(dice, model))),
    }
}

/// A statement of the last month, or what corrects one.
fn file(dice: &mut Dice, model: &Model) -> IssuerFile {
    let first = Month::of(model.today()).first_day();
    let last = Month::of(first.minus_days(1));
    let (kept, so_far) = (&model.statements.kept, i64::try_from(model.statements.kept.len()).unwrap());
    let corrects = dice.chance(35).then(|| dice.between(1_i64, so_far + 1));
    let known = corrects.and_then(|number| model.statements.month(number)).filter(|_| !dice.chance(8));
    let month = known.unwrap_or(if dice.chance(92) { last } else { Month::of(model.today()) });
    let spent: Vec<Pass> = model
        .alone
        .keys()
        .copied()
        .filter(|pass| model.spent_by(*pass).is_some_and(|of| Month::of(of.day) == month))
        .collect();
    let mut passes = dice.some(&spent, if corrects.is_some() { 40 } else { 70 });
    if dice.chance(25) {
        let anywhere: Vec<u32> = model.booklets.keys().copied().chain([NOWHERE]).collect();
        passes.push((dice.pick(&anywhere).unwrap(), dice.between(1_u8, 3)));
    }
    if dice.chance(8) {
        passes.extend(passes.first().copied());
    }
    let lines = passes.into_iter().map(|pass| (pass, said(dice, model, pass))).collect();
    let next = u32::try_from(kept.len()).unwrap() + 1;
    let mark = if dice.chance(5) { dice.between(1, next) } else { next };
    IssuerFile { month, corrects, mark, lines }
}

/// Mostly what is true; now and then what was said before.
fn said(dice: &mut Dice, model: &Model, pass: Pass) -> Said {
    let earlier = model.statements.of_pass(pass).filter_map(|(_, line)| line.said).last();
    if let Some(earlier) = earlier.filter(|_| dice.chance(25)) {
        return earlier;
    }
    let of = model.spent_by(pass);
    let (provider, on) = of.map_or(("LIEUX", model.today()), |of| (of.provider, of.performed_on));
    Said {
        provider: if dice.chance(8) { "MOBI" } else { provider },
        on: if dice.chance(8) { on.plus_days(40) } else { on },
        cents: if dice.chance(8) { FACE_CENTS - 100 } else { FACE_CENTS },
    }
}

fn dispute(dice: &mut Dice, model: &Model) -> (Who, StatementWish) {
    let matched = |line: &Kept| line.class == LineClass::Matched;
    let lines: Vec<(i64, Pass, &'static str)> = model
        .statements
        .lines
        .iter()
        .filter(|(_, line)| matched(line))
        .map(|((statement, _), line)| (*statement, line.pass, line.provider.unwrap_or("LIEUX")))
        .collect();
    let (statement, pass, provider) = dice.pick(&lines).unwrap_or((1, (1, 1), "LIEUX"));
    let of_statement = |(of, _, theirs): &&(i64, Pass, &str)| (*of, *theirs) == (statement, provider);
    let others: Vec<Pass> = lines.iter().filter(of_statement).map(|(_, pass, _)| *pass).collect();
    let mut passes = vec![pass];
    passes.extend(dice.some(&others, 15));
    if !dice.chance(10) {
        passes.sort_unstable();
        passes.dedup();
    }
    if dice.chance(5) {
        passes = if dice.chance(50) { Vec::new() } else { vec![(NOWHERE, 1)] };
    }
    let office = if dice.chance(92) { provider } else { "MOBI" };
    let statement = if dice.chance(4) { statement + 1 } else { statement };
    (Who::of(office, Role::VenueAgent), StatementWish::Dispute { statement, passes })
}

fn resolution(dice: &mut Dice, model: &Model, open: &[(i64, i64)]) -> (Who, StatementWish) {
    let all: Vec<(i64, i64)> = model.statements.lines.keys().copied().chain([(NOWHERE.into(), 1)]).collect();
    let (statement, number) = dice.pick(open).filter(|_| !dice.chance(8)).or_else(|| dice.pick(&all)).unwrap();
    let others: Vec<i64> = open.iter().filter(|(of, _)| *of == statement).map(|(_, number)| *number).collect();
    let mut differences = vec![number];
    differences.extend(dice.some(&others, 20));
    if !dice.chance(8) {
        differences.sort_unstable();
        differences.dedup();
    }
    if dice.chance(3) {
        differences.clear();
    }
    let resolution = dice.pick(Resolution::ALL).unwrap();
    (FINANCE, StatementWish::Resolve { statement, differences, resolution })
}
