//! What somebody may want of the end of an order, given how things stand. What never lives here: an answer.

use recepisse::domain::contradiction::PassState;
use recepisse::domain::party::Role;

use super::super::applications::NOBODY;
use super::super::dice::Dice;
use super::super::model::{FACE_CENTS, Model};
use super::super::script::{ADMIN, At, FINANCE, NOWHERE, PRESCRIBERS, Pass, Who};
use super::contradiction::state;
use super::{EndsWish, IssuerList, Items, awaits_credit, can_be_destroyed, is_left};

const ACCOUNTANT: Who = Who::of("HDF", Role::Accountant);

/// Somebody, and what they want: mostly what the calendar asks for.
pub(in crate::simulation) fn wanted(dice: &mut Dice, model: &Model) -> (Who, EndsWish) {
    let today = model.today();
    let over: Vec<u32> = orders(model, |number| {
        model.order(number).is_some_and(|of| of.grace_end < today) && !model.swept(number, 1, is_left).is_empty()
    });
    let credited = orders(model, |number| !model.swept(number, 1, awaits_credit).is_empty());
    let ending = orders(model, |number| {
        model
            .order(number)
            .is_some_and(|of| !of.acknowledged && today <= of.validity_end && today.plus_days(7) >= of.validity_end)
    });
    match dice.below(100) {
        0..=24 => {
            let order = one(dice, model, &over);
            let most = if dice.chance(5) { dice.pick(&[0, 20_001]).unwrap() } else { dice.pick(&[1, 2, 500]).unwrap() };
            (FINANCE, EndsWish::Expire { order, most })
        }
        25..=44 => credit(dice, model, &credited),
        45..=54 => (FINANCE, EndsWish::Acknowledge { order: one(dice, model, &ending) }),
        55..=64 => {
            let order = one(dice, model, &orders(model, |_| true));
            let end = model.order(order).map_or(today, |of| of.validity_end).max(today);
            let later = dice.pick(&[0, 1, 20, 90]).unwrap();
            let validity_end = if dice.chance(3) { today.plus_days(11_000) } else { end.plus_days(later) };
            (FINANCE, EndsWish::Prorogue { order, validity_end })
        }
        65..=72 => {
            let by = dice.pick(&[ADMIN, FINANCE]).unwrap();
            (by, EndsWish::Propose { items: proposed(dice, model) })
        }
        73..=80 => {
            let numbered = (1_i64..).zip(&model.proposals);
            let open: Vec<i64> =
                numbered.clone().filter(|(_, (_, signed))| !signed).map(|(number, _)| number).collect();
            let all: Vec<i64> = numbered.map(|(number, _)| number).chain([NOWHERE.into()]).collect();
            let proposal = dice.pick(&open).filter(|_| !dice.chance(15)).or_else(|| dice.pick(&all)).unwrap();
            let known = usize::try_from(proposal - 1).ok().and_then(|place| model.proposals.get(place));
            let items = known.map(|(items, _)| items.clone()).filter(|_| !dice.chance(4)).unwrap_or_default();
            (ACCOUNTANT, EndsWish::Destroy { proposal, items })
        }
        81..=86 => (FINANCE, EndsWish::Contradict(list(dice, model))),
        _ => replacement(dice, model),
    }
}

fn orders(model: &Model, fits: impl Fn(u32) -> bool) -> Vec<u32> {
    model.orders.iter().map(|(number, _)| *number).filter(|number| fits(*number)).collect()
}

/// Mostly one of these.
fn one(dice: &mut Dice, model: &Model, fitting: &[u32]) -> u32 {
    let all: Vec<u32> = orders(model, |_| true).into_iter().chain([NOWHERE]).collect();
    dice.pick(fitting).filter(|_| !dice.chance(8)).or_else(|| dice.pick(&all)).unwrap()
}

fn credit(dice: &mut Dice, model: &Model, credited: &[u32]) -> (Who, EndsWish) {
    let order = one(dice, model, credited);
    let mut items = Items::default();
    if dice.chance(40) {
        let all = model.swept(order, 99, awaits_credit);
        items = Items { booklets: dice.some(&all.booklets, 50), passes: dice.some(&all.passes, 50) };
        stray(dice, model, &mut items);
    }
    let right = FACE_CENTS * model.count(&model.credited(order, &items));
    let cents = if dice.chance(20) { right + FACE_CENTS } else { right };
    (FINANCE, EndsWish::Credit { order, on: model.today().plus_days(u32::from(dice.chance(4))), cents, items })
}

/// An issuer's list: mostly of all that was delivered, and mostly right.
fn list(dice: &mut Dice, model: &Model) -> IssuerList {
    let strange = IssuerList {
        order: NOWHERE,
        place: NOWHERE,
        first: 1,
        last: 2,
        size: 2,
        said: [((1, 1), PassState::Used)].into(),
    };
    let numbered: Vec<(u32, u32)> = (1..).zip(model.orders.iter().map(|(number, _)| *number)).collect();
    let Some((place, order)) = dice.pick(&numbered).filter(|_| !dice.chance(4)) else { return strange };
    let of = model.order(order).unwrap();
    let mut list = IssuerList { order, place, first: of.first, last: of.last, size: of.size, said: [].into() };
    let (right, complete) = (dice.chance(40), dice.chance(70));
    for number in (of.first..=of.last).filter(|number| model.booklets.contains_key(number)) {
        for pass in (1..=of.size).map(|rank| (number, rank)) {
            let there =
                if right || dice.chance(85) { state(model.at(pass)) } else { dice.pick(PassState::ALL).unwrap() };
            if complete || dice.chance(80) {
                list.said.insert(pass, there);
            }
        }
    }
    match dice.below(100) {
        0..=2 => list.said.clear(),
        3..=5 => drop(list.said.insert((dice.between(of.first, of.last), 1), PassState::Unused)),
        6..=7 => list.last += 1,
        _ => {}
    }
    list
}

/// Now and then something that does not belong there.
fn stray(dice: &mut Dice, model: &Model, items: &mut Items) {
    let booklets: Vec<u32> = model.booklets.keys().copied().chain([NOWHERE]).collect();
    if dice.chance(6) {
        items.booklets.extend(dice.pick(&booklets));
    }
    if dice.chance(8) {
        let of = dice.pick(&booklets).unwrap();
        items.passes.push((of, dice.between(1_u8, 5)));
    }
}

/// What somebody proposes to destroy; nothing where there is no paper at all.
fn proposed(dice: &mut Dice, model: &Model) -> Items {
    let whole = |(number, at): (&u32, At)| (can_be_destroyed(at) && model.left(*number) > 0).then_some(*number);
    let whole: Vec<u32> = model.booklets.iter().filter_map(|(number, of)| whole((number, of.at))).collect();
    let single: Vec<Pass> =
        model.alone.iter().filter(|(_, at)| can_be_destroyed(**at)).map(|(pass, _)| *pass).collect();
    let mut items = Items { booklets: dice.some(&whole, 25), passes: dice.some(&single, 40) };
    items.booklets.truncate(2);
    stray(dice, model, &mut items);
    items
}

/// Mostly a booklet that was lost, by one that is held.
fn replacement(dice: &mut Dice, model: &Model) -> (Who, EndsWish) {
    let given = |at: At| -> Vec<u32> {
        model
            .with(at)
            .into_iter()
            .filter(|number| model.given.contains_key(number) && model.left(*number) > 0)
            .collect()
    };
    let torn = dice.chance(50);
    let fitting = given(if torn { At::Circulation } else { At::Lost });
    let all: Vec<u32> = model.booklets.keys().copied().chain([NOWHERE]).collect();
    let original = dice.pick(&fitting).filter(|_| !dice.chance(8)).or_else(|| dice.pick(&all)).unwrap();
    let stocked: Vec<&'static str> =
        PRESCRIBERS.iter().copied().filter(|office| !model.with(At::Office(office)).is_empty()).collect();
    let office = dice.pick(&stocked).unwrap_or("MAUB");
    let here = model.with(At::Office(office));
    let replacement = dice.pick(&here).filter(|_| !dice.chance(6)).or_else(|| dice.pick(&all)).unwrap();
    let person = model.given.get(&original).map_or(0, |of| of.person % NOBODY);
    let person = if dice.chance(6) { person + 1 } else { person };
    (Who::of(office, Role::PrescriberAgent), EndsWish::Replace { original, replacement, person, torn })
}
