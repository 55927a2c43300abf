//! What somebody may want of applications, letters and stock, given how things stand. What never lives here: an answer.

use std::collections::{BTreeMap, BTreeSet};

use recepisse::domain::applications::ApplicationState as State;
use recepisse::domain::mailing::{Fate, ReturnCause};
use recepisse::domain::party::Role;

use super::super::dice::Dice;
use super::super::model::Model;
use super::super::people;
use super::super::script::{ADMIN, At, Case, FINANCE, NOWHERE, PRESCRIBERS, Who};
use super::{Application, ApplicationWish};

const PLATFORM: Who = Who::of("AIDES", Role::Platform);
/// References of an office: few, so that some are sent twice.
const REFERENCES: u32 = 40;
const PERSONS: u32 = 9;

/// Somebody, and what they want: mostly the next step of an application.
pub(in crate::simulation) fn wanted(dice: &mut Dice, model: &Model) -> (Who, ApplicationWish) {
    type Make = fn(&mut Dice, &Model) -> (Who, ApplicationWish);
    let any = |state: State| model.applications.iter().any(|of| of.state == state);
    let to_post = any(State::Accepted) || any(State::Returned);
    let steps: [(bool, usize, Make); 8] = [
        (true, 3, file),
        (any(State::Received), 2, completion),
        (any(State::Complete), 4, decision),
        (to_post, 4, mailing),
        (any(State::Mailed), 4, report),
        (any(State::Received) || to_post, 1, end),
        (!model.booklets.is_empty(), 2, allocation),
        (!model.contacts.is_empty(), 1, erasure),
    ];
    let open = steps.into_iter().filter(|(open, ..)| *open || dice.chance(4));
    let open: Vec<Make> = open.flat_map(|(_, weight, make)| std::iter::repeat_n(make, weight)).collect();
    dice.pick(&open).unwrap()(dice, model)
}

/// The number of an application, mostly of one in this state.
fn one(dice: &mut Dice, model: &Model, fits: impl Fn(&Application) -> bool) -> i64 {
    let numbered = || (1_i64..).zip(&model.applications);
    let fitting: Vec<i64> = numbered().filter(|(_, of)| fits(of)).map(|(number, _)| number).collect();
    let all: Vec<i64> = numbered().map(|(number, _)| number).chain([NOWHERE.into()]).collect();
    dice.pick(&fitting).filter(|_| !dice.chance(8)).or_else(|| dice.pick(&all)).unwrap()
}

fn office_of(dice: &mut Dice, model: &Model, number: i64) -> Who {
    let office = model.application(number).map_or("AIDES", |of| of.office);
    let agent = Who::of(office, Role::PrescriberAgent);
    let own = if office == "AIDES" { PLATFORM } else { agent };
    if dice.chance(6) { Who::of("MAUB", Role::PrescriberAgent) } else { own }
}

fn case(dice: &mut Dice) -> Case {
    let odd = [Case::StrangeProof, Case::StrangeStatus, Case::StrangeGround, Case::Unborn];
    let lacking = [Case::Neither, Case::NoProof, Case::Elsewhere];
    match dice.below(100) {
        0..=4 => dice.pick(&odd).unwrap(),
        5..=24 => dice.pick(&lacking).unwrap(),
        _ => dice.pick(&[Case::Senior, Case::Young]).unwrap(),
    }
}

fn file(dice: &mut Dice, model: &Model) -> (Who, ApplicationWish) {
    let agent = Who::of(dice.pick(PRESCRIBERS).unwrap(), Role::PrescriberAgent);
    let who = if dice.chance(75) { PLATFORM } else { agent };
    let passes = match dice.below(100) {
        0..=4 => Some(dice.pick(&[0, 7]).unwrap()),
        5..=49 => None,
        50..=59 => Some(10),
        _ => Some(5),
    };
    let (reference, person) = (dice.between(1, REFERENCES), dice.between(0, PERSONS));
    let (key, agrees) = (people::key(dice, model), dice.chance(40));
    (who, ApplicationWish::File { reference, person, case: case(dice), passes, key, agrees })
}

fn completion(dice: &mut Dice, model: &Model) -> (Who, ApplicationWish) {
    let application = one(dice, model, |of| of.state == State::Received);
    let person = model.application(application).map_or(0, |of| of.person);
    (office_of(dice, model, application), ApplicationWish::Complete { application, person, case: case(dice) })
}

fn decision(dice: &mut Dice, model: &Model) -> (Who, ApplicationWish) {
    let waits = |of: &Application| matches!(of.state, State::Received | State::Complete);
    let application =
        if dice.chance(15) { one(dice, model, waits) } else { one(dice, model, |of| of.state == State::Complete) };
    (ADMIN, ApplicationWish::Decide { application, accept: dice.chance(85) })
}

fn end(dice: &mut Dice, model: &Model) -> (Who, ApplicationWish) {
    let application = one(dice, model, |of| of.is_open() && of.state != State::Mailed);
    let own = office_of(dice, model, application);
    let who = if dice.chance(40) { ADMIN } else { own };
    (who, ApplicationWish::End { application, expired: dice.chance(50) })
}

/// Mostly one or two of one size, out of an order that has booklets of that size.
fn mailing(dice: &mut Dice, model: &Model) -> (Who, ApplicationWish) {
    let to_post = |of: &Application| matches!(of.state, State::Accepted | State::Returned);
    let mut applications = BTreeSet::from([one(dice, model, to_post)]);
    if dice.chance(30) {
        applications.insert(one(dice, model, to_post));
    }
    if dice.chance(3) {
        applications.clear();
    }
    let wanted = applications.first().and_then(|number| model.application(*number)).map_or(5, |of| of.passes);
    let fits = |number: &u32| model.booklets[number].at == At::Store && model.left(*number) == wanted;
    let fitting: Vec<u32> = model.booklets.keys().copied().filter(fits).collect();
    let order_of = |number: u32| model.orders[usize::try_from(model.booklets[&number].batch.0).unwrap() - 1].0;
    let all: Vec<u32> = model.orders.iter().map(|(number, _)| *number).chain([NOWHERE]).collect();
    let order = dice.pick(&fitting).map(order_of).filter(|_| !dice.chance(8)).or_else(|| dice.pick(&all)).unwrap();
    (ADMIN, ApplicationWish::Mail { applications, order })
}

fn report(dice: &mut Dice, model: &Model) -> (Who, ApplicationWish) {
    let mut letters = BTreeMap::new();
    for _ in 0..dice.pick(&[1, 1, 2]).unwrap() {
        let number = one(dice, model, |of| of.state == State::Mailed);
        let posted = model.application(number).map_or(model.today(), |of| of.state_on);
        let on = dice.pick(&[posted, model.today(), model.today()]).unwrap();
        let on = if dice.chance(30) { dice.pick(&[posted.minus_days(1), on.plus_days(1)]).unwrap() } else { on };
        let cause = dice.pick(&[ReturnCause::Unclaimed, ReturnCause::Damaged]).unwrap();
        letters.insert(number, if dice.chance(65) { Fate::Delivered(on) } else { Fate::Returned(cause) });
    }
    if dice.chance(3) {
        letters.clear();
    }
    (ADMIN, ApplicationWish::Report { letters })
}

fn erasure(dice: &mut Dice, model: &Model) -> (Who, ApplicationWish) {
    let who = if dice.chance(50) { ADMIN } else { FINANCE };
    if dice.chance(40) {
        let limit = model.today().minus_months(6);
        let since = if dice.chance(15) { limit.plus_days(1) } else { limit };
        let most = if dice.chance(8) { dice.pick(&[0, 1_001]).unwrap() } else { 1_000 };
        return (who, ApplicationWish::ForgetOverdue { since, most });
    }
    let known: Vec<u32> = model.contacts.keys().copied().collect();
    let person = dice.pick(&known).filter(|_| !dice.chance(10)).unwrap_or_else(|| dice.between(0, PERSONS));
    (who, ApplicationWish::Forget { person })
}

fn allocation(dice: &mut Dice, model: &Model) -> (Who, ApplicationWish) {
    let sending = |dice: &mut Dice| {
        let from = dice.pick(&[At::Store, At::Store, At::Office("MAUB"), At::Office("FOURM")]).unwrap();
        let to = dice.pick(&["MAUB", "MAUB", "FOURM", "FOURM", "FOURM", "HIRSON", "LIEUX"]).unwrap();
        (from, to, dice.pick(&[1, 1, 1, 2, 2, 0]).unwrap())
    };
    let count = dice.pick(&[1, 1, 2, 2, 3]).unwrap();
    let mut sendings: Vec<(At, &'static str, u32)> = (0..count).map(|_| sending(dice)).collect();
    if dice.chance(3) {
        sendings.clear();
    }
    let numbers: Vec<u32> = model.orders.iter().map(|(number, _)| *number).collect();
    let order = if dice.chance(15) { dice.pick(&numbers).or(Some(NOWHERE)) } else { None };
    (ADMIN, ApplicationWish::Allocate { sendings, order })
}
