//! What somebody may want of the money, given how things stand. What never lives here: an answer.

use recepisse::domain::month::Month;
use recepisse::domain::party::Role;
use recepisse::domain::payments::Outcome;

use super::super::dice::Dice;
use super::super::model::Model;
use super::super::script::{ADMIN, FINANCE, NOWHERE, Pass, Who};
use super::{BankFile, Claim, LIMITS_CENTS, MoneyWish, PROVIDERS, Slip, Stage, Transfer, TransferNo, desks};

type Make = fn(&mut Dice, &Model) -> (Who, MoneyWish);

/// Somebody, and what they want of the money: mostly the next step of a claim.
pub(in crate::simulation) fn wanted(dice: &mut Dice, model: &Model) -> (Who, MoneyWish) {
    let money = &model.money;
    let any = |fits: fn(&Claim) -> bool| money.claims.iter().any(fits);
    let sent = |stands: &str| money.transfers.values().any(|of| of.stands == stands);
    let this_month = Month::of(model.today());
    let unclaimed = model.redemptions.values().any(|of| !of.reversed && !of.claimed && of.day < this_month.first_day());
    let absorbed = |of: &Claim| of.stage == Stage::Approved && of.cents() <= money.owed_by(of.provider);
    let owing = PROVIDERS.iter().any(|provider| money.owed_by(provider) > 0);
    let steps: [(bool, usize, Make); 10] = [
        (unclaimed, 4, claim),
        (any(|of| of.stage == Stage::Submitted), 5, approval),
        (money.payees.iter().any(|of| of.from.is_none()), 3, confirmation),
        (any(|of| of.stage == Stage::Approved), 4, payment),
        (sent("ordered"), 5, bank),
        (sent("executed"), 1, bank),
        (any(|of| of.stage == Stage::Paid), 1, overpaid),
        (owing, 1, recovery),
        (money.claims.iter().any(absorbed), 3, offset),
        (any(|of| of.suspended.is_some()), 2, |dice, model| (a_desk(dice), resumption(dice, model))),
    ];
    let open = steps.into_iter().filter(|(open, ..)| *open);
    let open: Vec<Make> = open.flat_map(|(_, weight, make)| std::iter::repeat_n(make, weight)).collect();
    if let Some(make) = dice.pick(&open).filter(|_| dice.chance(75)) {
        return make(dice, model);
    }
    match dice.below(if money.claims.is_empty() { 10 } else { 100 }) {
        0..=9 => claim(dice, model),
        10..=19 => approval(dice, model),
        20..=39 => {
            let claim = a_claim(dice, model, |of| matches!(of.stage, Stage::Submitted | Stage::Approved));
            (a_desk(dice), MoneyWish::Reject { claim, passes: passes_of(dice, model, claim) })
        }
        40..=49 => {
            let claim = a_claim(dice, model, |of| matches!(of.stage, Stage::Submitted | Stage::Approved));
            let passes = if dice.chance(50) { Vec::new() } else { passes_of(dice, model, claim) };
            (a_desk(dice), MoneyWish::Doubt { claim, passes })
        }
        50..=54 => (a_desk(dice), resumption(dice, model)),
        55..=59 => confirmation(dice, model),
        60..=66 => payment(dice, model),
        67..=73 => bank(dice, model),
        74..=79 => overpaid(dice, model),
        80..=91 => recovery(dice, model),
        _ => offset(dice, model),
    }
}

fn a_desk(dice: &mut Dice) -> Who {
    dice.pick(&desks()).unwrap()
}

/// The number of a claim, mostly of one that fits; now and then of none.
fn a_claim(dice: &mut Dice, model: &Model, fits: impl Fn(&Claim) -> bool) -> i64 {
    let numbered = || (1_i64..).zip(&model.money.claims);
    let fitting: Vec<i64> = numbered().filter(|(_, of)| fits(of)).map(|(number, _)| number).collect();
    let all: Vec<i64> = numbered().map(|(number, _)| number).chain([NOWHERE.into()]).collect();
    dice.pick(&fitting).filter(|_| !dice.chance(8)).or_else(|| dice.pick(&all)).unwrap()
}

/// Some passes of a claim: mostly such as stand in it.
fn passes_of(dice: &mut Dice, model: &Model, claim: i64) -> Vec<Pass> {
    let of = model.money.claim(claim);
    let standing = of.map(Claim::standing).unwrap_or_default();
    let mut passes = dice.some(&standing, 30);
    if dice.chance(10) {
        passes.clone_from(&standing);
    }
    passes.extend(standing.first().filter(|_| passes.is_empty() && !dice.chance(5)));
    let every: Vec<Pass> = of.map(|of| of.passes.keys().copied().collect()).unwrap_or_default();
    let odd = dice.chance(12).then(|| dice.pick(&every).unwrap_or((NOWHERE, 1)));
    passes.extend(odd);
    passes
}

fn claim(dice: &mut Dice, model: &Model) -> (Who, MoneyWish) {
    let last = Month::of(Month::of(model.today()).first_day().minus_days(1));
    let month = if dice.chance(90) { last } else { Month::of(model.today().minus_months(dice.pick(&[0, 2]).unwrap())) };
    let provider = if dice.chance(96) { dice.pick(&PROVIDERS) } else { dice.pick(&["MAUB", "APTIC"]) }.unwrap();
    let rejected: Vec<Pass> =
        model.alone.keys().copied().filter(|pass| model.can_come_again(provider, *pass)).collect();
    let mut again = if dice.chance(40) { dice.some(&rejected, 50) } else { Vec::new() };
    if dice.chance(4) {
        let alone: Vec<Pass> = model.alone.keys().copied().chain([(NOWHERE, 1)]).collect();
        again.extend(dice.pick(&alone));
    }
    if dice.chance(3) {
        again.extend(again.first().copied());
    }
    let agent = if dice.chance(95) { provider } else { dice.pick(&PROVIDERS).unwrap() };
    let agent = Who::of(if PROVIDERS.contains(&agent) { agent } else { "LIEUX" }, Role::VenueAgent);
    let who = if dice.chance(30) { ADMIN } else { agent };
    (who, MoneyWish::Claim { provider, month, again })
}

/// Mostly somebody who may.
fn approval(dice: &mut Dice, model: &Model) -> (Who, MoneyWish) {
    let claim = a_claim(dice, model, |of| of.stage == Stage::Submitted && of.suspended.is_none());
    let fits = |who: &Who| {
        let of = model.money.claim(claim);
        of.is_none_or(|of| !of.had_a_part(*who) && of.cents() <= LIMITS_CENTS[usize::from(who.desk)])
    };
    let fitting: Vec<Who> = desks().into_iter().filter(fits).collect();
    let who = dice.pick(&fitting).filter(|_| !dice.chance(20)).unwrap_or_else(|| a_desk(dice));
    (who, MoneyWish::Approve { claim })
}

fn resumption(dice: &mut Dice, model: &Model) -> MoneyWish {
    MoneyWish::Resume { claim: a_claim(dice, model, |of| of.suspended.is_some()) }
}

fn confirmation(dice: &mut Dice, model: &Model) -> (Who, MoneyWish) {
    let payees = &model.money.payees;
    let open = (1_i64..).zip(payees).filter(|(_, of)| of.from.is_none()).map(|(number, _)| number).last();
    let any = dice.between(1_i64, i64::try_from(payees.len()).unwrap() + 1);
    let payee = open.filter(|_| !dice.chance(10)).unwrap_or(any);
    (a_desk(dice), MoneyWish::Confirm { payee })
}

/// Some of what is due, as the file was made; now and then the file of a moment ago.
fn payment(dice: &mut Dice, model: &Model) -> (Who, MoneyWish) {
    let (money, today) = (&model.money, model.today());
    let due = |of: &Claim| {
        of.stage == Stage::Approved && of.suspended.is_none() && money.payee_of(of.provider, today).is_some()
    };
    let due: Vec<i64> = (1_i64..).zip(&money.claims).filter(|(_, of)| due(of)).map(|(number, _)| number).collect();
    let mut claims = dice.some(&due, 70);
    claims.extend(due.first().filter(|_| claims.is_empty()));
    if claims.is_empty() || dice.chance(4) {
        claims.push(a_claim(dice, model, |of| of.stage == Stage::Approved));
    }
    if dice.chance(2) {
        claims = if dice.chance(50) { Vec::new() } else { claims.repeat(2) };
    }
    let net = dice.chance(70);
    let rough = |claim: &i64| {
        let cents = money.claim(*claim).map_or(1, Claim::cents);
        Transfer { claim: *claim, payee: 1, cents, netted: 0 }
    };
    let mut transfers = money.plan(&claims, net, today).unwrap_or_else(|_| claims.iter().map(rough).collect());
    if dice.chance(3) {
        for of in &mut transfers {
            of.cents += 1;
        }
    }
    let slip = Slip {
        payment: money.payments + if dice.chance(3) { dice.between(0_i64, 2) } else { 1 },
        mandat: a_number(dice, money.mandats.len()),
        transfers,
        net,
        execute_on: if dice.chance(4) { today.minus_days(1) } else { today.plus_days(2) },
    };
    let apart = |who: &Who| !claims.iter().any(|claim| money.claim(*claim).is_some_and(|of| of.had_a_part(*who)));
    let apart: Vec<Who> = desks().into_iter().filter(apart).collect();
    let who = dice.pick(&apart).filter(|_| !dice.chance(8)).unwrap_or_else(|| a_desk(dice));
    (who, MoneyWish::Pay(slip))
}

/// A number of a mandat or of a titre: each series counts for itself, so that both have the same numbers.
fn a_number(dice: &mut Dice, so_far: usize) -> u32 {
    let next = u32::try_from(so_far).unwrap() + 1;
    if dice.chance(12) { dice.between(1, next) } else { next }
}

/// What the bank says: mostly of what it was given and has not answered.
fn bank(dice: &mut Dice, model: &Model) -> (Who, MoneyWish) {
    let money = &model.money;
    let that = |stands: &str| -> Vec<TransferNo> {
        money.transfers.iter().filter(|(_, of)| of.stands == stands).map(|(number, _)| *number).collect()
    };
    let mut words: Vec<(TransferNo, Outcome)> = Vec::new();
    for number in dice.some(&that("ordered"), 80) {
        let outcome = if dice.chance(75) { Outcome::Executed } else { Outcome::Rejected };
        words.push((number, outcome));
        if outcome == Outcome::Executed && dice.chance(6) {
            words.push((number, Outcome::Returned));
        }
    }
    words.extend(dice.some(&that("executed"), 12).into_iter().map(|number| (number, Outcome::Returned)));
    if dice.chance(8) {
        let every: Vec<TransferNo> = money.transfers.keys().copied().chain([(NOWHERE.into(), 1)]).collect();
        let outcome = dice.pick(Outcome::ALL).unwrap();
        words.push((dice.pick(&every).unwrap(), outcome));
    }
    if dice.chance(4) {
        words.extend(words.first().copied());
    }
    let amount = |dice: &mut Dice, number: &TransferNo| {
        let cents = money.transfers.get(number).map_or(1, |of| of.of.cents);
        match dice.below(100) {
            0..=49 => None,
            50..=93 => Some(cents),
            _ => Some(cents + 1),
        }
    };
    let words = words.into_iter().map(|(number, outcome)| (number, outcome, amount(dice, &number))).collect();
    (a_desk(dice), MoneyWish::Bank(BankFile { mark: a_number(dice, money.files.len()), words }))
}

fn overpaid(dice: &mut Dice, model: &Model) -> (Who, MoneyWish) {
    let claim = a_claim(dice, model, |of| of.stage == Stage::Paid && !of.standing().is_empty());
    (a_desk(dice), MoneyWish::Overpaid { claim, passes: passes_of(dice, model, claim) })
}

fn recovery(dice: &mut Dice, model: &Model) -> (Who, MoneyWish) {
    let owing: Vec<&'static str> = PROVIDERS.into_iter().filter(|provider| model.money.owed_by(provider) > 0).collect();
    let any = dice.pick(&["LIEUX", "MOBI", "MAUB"]).unwrap();
    let provider = dice.pick(&owing).filter(|_| !dice.chance(8)).unwrap_or(any);
    let owed = model.money.owed_by(provider);
    let cents = dice.pick(&[owed, owed / 2, owed + 1, 0, 400]).unwrap();
    (FINANCE, MoneyWish::Recover { provider, cents, number: a_number(dice, model.money.titres.len()) })
}

fn offset(dice: &mut Dice, model: &Model) -> (Who, MoneyWish) {
    let money = &model.money;
    let absorbed = |of: &Claim| of.stage == Stage::Approved && of.cents() <= money.owed_by(of.provider);
    let claim = a_claim(dice, model, absorbed);
    let apart: Vec<Who> =
        desks().into_iter().filter(|who| money.claim(claim).is_none_or(|of| !of.had_a_part(*who))).collect();
    let who = dice.pick(&apart).filter(|_| !dice.chance(8)).unwrap_or_else(|| a_desk(dice));
    (who, MoneyWish::Offset { claim })
}
