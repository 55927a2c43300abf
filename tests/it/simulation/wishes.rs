//! What somebody may want, given how things stand: mostly something that will be granted, often something that just
//! misses. What never lives here: links, keys, or an answer.

use recepisse::domain::closing::Period;
use recepisse::domain::ends::Scope;
use recepisse::domain::party::{Role, Service};
use recepisse::domain::time::Day;

use super::dice::Dice;
use super::focus::Focus;
use super::model::{Booklet, Model, Order, own};
use super::script::{
    ADMIN, Acceptance, At, Case, Delivery, FINANCE, NOWHERE, OrderSlip, PRESCRIBERS, Pass, Pick, VENUES, Who, Wish,
};
use super::{applications, ends, money, people, statements};

/// Numbers of orders: few, so that some are asked for twice.
const ORDERS: u32 = 9;
const PERSONS: u32 = 4;
fn agent(office: &'static str) -> Who {
    Who::of(office, Role::PrescriberAgent)
}

/// What would move things on, as things stand: what a scheme does all day.
fn useful(dice: &mut Dice, model: &Model) -> Option<(Who, Wish)> {
    type Make = fn(&mut Dice, &Model) -> (Who, Wish);
    let any = |at: fn(&At) -> bool| model.booklets.values().any(|booklet| at(&booklet.at));
    let waits = |(_, order): &(u32, Order)| (order.first..=order.last).any(|no| !model.booklets.contains_key(&no));
    let is_free = |(number, of): (&u32, &Booklet)| {
        of.at == At::Circulation && (1..=of.size).any(|rank| !model.is_spent((*number, rank)))
    };
    let idle = model.orders.iter().any(|(_, order)| order.deliveries > 0 && !order.active);
    let is_over = model.next_closing(Period::Day).is_some_and(|day| day < model.today());
    let steps: [(bool, usize, Make); 8] = [
        (is_over, 2, |dice, model| (FINANCE, closing(dice, model))),
        (idle, 2, |dice, model| (FINANCE, Wish::Activate { order: an_order(dice, model) })),
        (model.orders.iter().any(waits) || model.booklets.len() < 8, 1, |dice, model| (ADMIN, delivery(dice, model))),
        (any(|at| *at == At::Store), 1, dispatch),
        (any(|at| matches!(at, At::Transit(_))), 2, acceptance),
        (any(|at| matches!(at, At::Office(_))), 2, hand_out),
        (model.booklets.iter().any(is_free), 5, redemption),
        (model.redemptions.values().any(|of| !of.reversed && of.day == model.today()), 1, reversal),
    ];
    let open = steps.into_iter().filter(|(open, ..)| *open);
    let open: Vec<Make> = open.flat_map(|(_, weight, make)| std::iter::repeat_n(make, weight)).collect();
    dice.pick(&open).map(|make| make(dice, model))
}

/// Mostly the same person, who soon has all that there is to have.
fn somebody(dice: &mut Dice) -> u32 {
    if dice.chance(60) { 0 } else { dice.between(1, PERSONS) }
}

/// Somebody, and what they want.
pub(super) fn sensible(dice: &mut Dice, model: &Model, focus: Focus) -> (Who, Wish) {
    let shares = focus.shares();
    if dice.chance(shares.money) && !model.redemptions.is_empty() {
        if dice.chance(if model.issuer_pays { 80 } else { 2 }) {
            let (who, wish) = statements::wanted(dice, model);
            return (who, Wish::Statement(wish));
        }
        let (who, wish) = money::wanted(dice, model);
        return (who, Wish::Money(wish));
    }
    if dice.chance(shares.applications) && !model.orders.is_empty() {
        let (who, wish) = applications::wanted(dice, model);
        return (who, Wish::Application(wish));
    }
    if dice.chance(shares.people) && (!model.consents.is_empty() || model.keys.is_proposed()) {
        let (who, wish) = people::wanted(dice, model);
        return (who, Wish::People(wish));
    }
    if dice.chance(shares.ends) && !model.booklets.is_empty() {
        let (who, wish) = ends::wanted(dice, model);
        return (who, Wish::End(wish));
    }
    if dice.chance(65)
        && let Some(wanted) = useful(dice, model)
    {
        return wanted;
    }
    if dice.chance(3) {
        return (FINANCE, closing(dice, model));
    }
    if dice.chance(16) {
        return incident(dice, model);
    }
    match dice.below(100) {
        0..=5 => (ADMIN, order(dice, model)),
        6..=11 => (ADMIN, delivery(dice, model)),
        12..=15 => (FINANCE, Wish::Activate { order: an_order(dice, model) }),
        16..=29 => dispatch(dice, model),
        30..=36 => {
            let office = dice.pick(PRESCRIBERS).unwrap();
            (agent(office), Wish::Return { pick: pick(dice, model, At::Office(office)), posing_as: posing(dice) })
        }
        37..=46 => acceptance(dice, model),
        47..=52 => {
            let who = if dice.chance(50) { ADMIN } else { FINANCE };
            let passes = if dice.chance(10) { dice.pick(&[0, 100]).unwrap() } else { dice.between(1_u8, 12) };
            (who, Wish::Exempt { person: somebody(dice), passes })
        }
        53..=70 => hand_out(dice, model),
        71..=91 => redemption(dice, model),
        _ => reversal(dice, model),
    }
}

/// What happens to booklets and orders besides being given and spent.
fn incident(dice: &mut Dice, model: &Model) -> (Who, Wish) {
    let region = if dice.chance(50) { ADMIN } else { FINANCE };
    let today = model.today();
    match dice.below(100) {
        0..=17 => (region, Wish::Block { booklets: some_booklets(dice, model, None) }),
        18..=39 => {
            let agent = dice.chance(60).then(|| agent(dice.pick(PRESCRIBERS).unwrap()));
            let theirs = agent.map(own).filter(|_| !dice.chance(20));
            let on = today.plus_days(u32::from(dice.chance(5)));
            (agent.unwrap_or(ADMIN), Wish::Lose { booklets: some_booklets(dice, model, theirs), on })
        }
        40..=69 => {
            let out = model.withdrawn.iter().filter(|(number, _)| !model.still_out(number).is_empty());
            let out: Vec<(&String, bool)> = out.map(|(number, taken)| (number, taken.lost)).collect();
            let all: Vec<(&String, bool)> =
                model.withdrawn.iter().map(|(number, taken)| (number, taken.lost)).collect();
            let found = dice.pick(&out).filter(|_| !dice.chance(20)).or_else(|| dice.pick(&all));
            let unknown = ("HDF21-HDF-2021-000999".to_owned(), false);
            let (number, lost) = found.map_or(unknown, |(number, lost)| (number.clone(), lost));
            let taken: Vec<u32> = model.still_out(&number).into_iter().map(|(booklet, _)| booklet).collect();
            let mut named = if dice.chance(25) { dice.some(&taken, 50) } else { Vec::new() };
            named.extend(dice.chance(5).then(|| dice.pick(&[1, 2, NOWHERE]).unwrap()));
            (region, Wish::BringBack { number, lost: lost != dice.chance(4), named })
        }
        70..=84 => {
            let scope = dice.pick(&[Scope::HandOuts, Scope::Redemptions, Scope::Everything]).unwrap();
            let stopped = model.orders.iter().filter(|(_, order)| order.stopped != (false, false));
            let stopped: Vec<u32> = stopped.map(|(number, _)| *number).collect();
            // What is stopped mostly goes on soon: a life in which nothing moves is a dull one.
            let stop = stopped.is_empty() || dice.chance(30);
            let any = dice.chance(if stop { 35 } else { 12 });
            let order = dice.pick(&stopped).filter(|_| !any).unwrap_or_else(|| an_order(dice, model));
            (region, Wish::Suspend { orders: if dice.chance(4) { Vec::new() } else { vec![order] }, scope, stop })
        }
        _ => {
            let who = if dice.chance(50) { region } else { agent(dice.pick(PRESCRIBERS).unwrap()) };
            let mut counted = dice.some(&model.with(own(who)), 85);
            counted.extend(dice.chance(15).then(|| dice.pick(&[1, 2, NOWHERE]).unwrap()));
            (who, Wish::Count { counted, on: today.plus_days(u32::from(dice.chance(5))) })
        }
    }
}

/// One or two booklets: mostly of this holder, mostly in use.
fn some_booklets(dice: &mut Dice, model: &Model, at: Option<At>) -> Vec<u32> {
    let here: Vec<u32> = match at {
        Some(at) => model.with(at),
        None => model.booklets.keys().copied().collect(),
    };
    let count = dice.pick(&[1, 1, 1, 2]).unwrap();
    let mut chosen: Vec<u32> = (0..count).filter_map(|_| dice.pick(&here)).collect();
    if !dice.chance(8) {
        chosen.dedup();
    }
    chosen.extend(dice.chance(3).then_some(NOWHERE));
    chosen
}

/// Mostly the next period; now and then one that is closed, not over, or too far.
fn closing(dice: &mut Dice, model: &Model) -> Wish {
    let period = dice.pick(&[Period::Day, Period::Day, Period::Day, Period::Day, Period::Month, Period::Year]).unwrap();
    let today = model.today();
    let odd = [today, Day::new(2021, 10, 4).unwrap(), today.minus_months(1), today.plus_days(2)];
    let next = model.next_closing(period).filter(|_| !dice.chance(15));
    Wish::Close { period, of: next.unwrap_or_else(|| dice.pick(&odd).unwrap()) }
}

fn order(dice: &mut Dice, model: &Model) -> Wish {
    let (today, number) = (model.today(), dice.between(1, ORDERS));
    let slips = [OrderSlip::FaceValue, OrderSlip::Shares, OrderSlip::Issuer, OrderSlip::Fees];
    let lasts = dice.pick(&[10, 120, 300, 600, 600]).unwrap();
    let validity_end = if dice.chance(5) { Day::new(2021, 9, 2).unwrap() } else { today.plus_days(lasts) };
    Wish::Order {
        number,
        booklets: if dice.chance(4) { 0 } else { dice.between(1_u32, 5) },
        size: if dice.chance(4) { dice.pick(&[0, 100]).unwrap() } else { dice.pick(&[2, 3, 4, 5, 5, 10]).unwrap() },
        ordered_on: today.plus_days(u32::from(dice.chance(4))),
        validity_end,
        slip: if dice.chance(12) { dice.pick(&slips).unwrap() } else { OrderSlip::None },
    }
}

fn an_order(dice: &mut Dice, model: &Model) -> u32 {
    let known: Vec<u32> = model.orders.iter().map(|(number, _)| *number).collect();
    let idle = model.orders.iter().filter(|(_, order)| !order.active && order.deliveries > 0);
    let idle: Vec<u32> = idle.map(|(number, _)| *number).collect();
    let choices = if idle.is_empty() || dice.chance(20) { known } else { idle };
    if dice.chance(5) { NOWHERE } else { dice.pick(&choices).unwrap_or(NOWHERE) }
}

fn delivery(dice: &mut Dice, model: &Model) -> Wish {
    let waiting = |number: &u32| !model.booklets.contains_key(number);
    let open = model.orders.iter().filter(|(_, order)| (order.first..=order.last).any(|number| waiting(&number)));
    let open: Vec<u32> = open.map(|(number, _)| *number).collect();
    match dice.pick(&open) {
        Some(number) if !dice.chance(6) => deliver(dice, model, number),
        None => order(dice, model),
        Some(_) => {
            let any = dice.pick(&model.orders).map_or(NOWHERE, |(number, _)| number);
            deliver(dice, model, any)
        }
    }
}

fn deliver(dice: &mut Dice, model: &Model, order: u32) -> Wish {
    let (first, last, size) = model.order(order).map_or((1, 2, 3), |order| (order.first, order.last, order.size));
    let waiting: Vec<u32> = (first..=last).filter(|number| !model.booklets.contains_key(number)).collect();
    let mut received = dice.some(&waiting, 75);
    if received.is_empty() && !dice.chance(10) {
        received.extend(waiting.first());
    }
    let mut missing: Vec<u32> = waiting.into_iter().filter(|number| !received.contains(number)).collect();
    missing.truncate(if dice.chance(50) { 0 } else { 9 });
    let mut damaged = dice.some(&received, 12);
    if dice.chance(6) {
        let stray = dice.pick(&[first, last, last + 1, NOWHERE]).unwrap();
        match dice.below(3) {
            0 => received.push(stray),
            1 => missing.push(stray),
            _ => damaged.push(stray),
        }
    }
    let copied = dice.chance(4).then(|| code(dice, model)).filter(|(booklet, _)| received.first() != Some(booklet));
    Wish::Deliver(Delivery {
        order,
        on: model.today().plus_days(u32::from(dice.chance(3))),
        received,
        missing,
        damaged,
        size: if dice.chance(3) { size + 1 } else { size },
        copied,
    })
}

fn pick(dice: &mut Dice, model: &Model, from: At) -> Pick {
    let here = model.with(from);
    if dice.chance(60) {
        let order = dice.chance(25).then(|| an_order(dice, model));
        let least = u32::from(!dice.chance(5));
        let count = dice.between(least, 3);
        return Pick::Lowest(count.min(u32::try_from(here.len()).unwrap().max(1) + u32::from(dice.chance(5))), order);
    }
    let mut named = dice.some(&here, 40);
    named.extend(here.first().filter(|_| named.is_empty()));
    if dice.chance(8) {
        let anywhere: Vec<u32> = model.booklets.keys().copied().chain([NOWHERE]).collect();
        named.extend(dice.pick(&anywhere));
    }
    Pick::These(named)
}

fn posing(dice: &mut Dice) -> Option<At> {
    let others = [At::Store, At::Office("MAUB"), At::Office("FOURM"), At::Circulation, At::Provider("LIEUX")];
    dice.chance(3).then(|| dice.pick(&others).unwrap())
}

fn dispatch(dice: &mut Dice, model: &Model) -> (Who, Wish) {
    let to = if dice.chance(4) {
        dice.pick(&["LIEUX", "APTIC"]).unwrap()
    } else {
        dice.pick(&["MAUB", "MAUB", "FOURM", "FOURM", "HIRSON"]).unwrap()
    };
    let from = dice.pick(PRESCRIBERS).unwrap();
    let (who, at) = if dice.chance(75) { (ADMIN, At::Store) } else { (agent(from), At::Office(from)) };
    (who, Wish::Dispatch { to, pick: pick(dice, model, at), posing_as: posing(dice) })
}

fn acceptance(dice: &mut Dice, model: &Model) -> (Who, Wish) {
    let numbered = (1_i64..).zip(&model.dispatches);
    let full: Vec<(i64, (At, At))> = numbered
        .filter(|(number, (_, to))| *to != At::Circulation && !model.with(At::Transit(*number)).is_empty())
        .map(|(number, parties)| (number, *parties))
        .collect();
    let last = i64::try_from(model.dispatches.len()).unwrap();
    let any = dice.between(1_i64, last + 1);
    let (dispatch, (from, to)) = dice.pick(&full).unwrap_or((any, (At::Store, At::Office("MAUB"))));
    let dispatch = if dice.chance(4) { any } else { dispatch };
    let receiver = if dice.chance(15) { from } else { to };
    let who = match receiver {
        At::Office(office) if !dice.chance(4) => agent(office),
        _ => ADMIN,
    };
    let seen = model.with(At::Transit(dispatch));
    let mut missing = if dice.chance(20) { dice.some(&seen, 40) } else { Vec::new() };
    let mut damaged = if dice.chance(25) { dice.some(&seen, 40) } else { Vec::new() };
    if !dice.chance(10) {
        damaged.retain(|number| !missing.contains(number));
    }
    let accepted = dice.chance(35).then(|| {
        let sound = seen.iter().filter(|number| !missing.contains(number) && !damaged.contains(number));
        dice.some(&sound.copied().collect::<Vec<_>>(), 60)
    });
    if dice.chance(4) {
        missing.push(dice.pick(&[1, 2, NOWHERE]).unwrap());
    }
    (who, Wish::Accept(Acceptance { dispatch, seen, accepted, missing, damaged, posing_as: posing(dice) }))
}

fn hand_out(dice: &mut Dice, model: &Model) -> (Who, Wish) {
    let stocked: Vec<&'static str> =
        PRESCRIBERS.iter().copied().filter(|office| !model.with(At::Office(office)).is_empty()).collect();
    let office = dice.pick(&stocked).unwrap_or("MAUB");
    let here = model.with(At::Office(office));
    let mut booklets: Vec<u32> = here.iter().copied().take(1).collect();
    if dice.chance(30) {
        booklets = dice.some(&here, 50);
    }
    if dice.chance(6) {
        let anywhere: Vec<u32> = model.booklets.keys().copied().chain([NOWHERE]).collect();
        booklets.extend(dice.pick(&anywhere));
    }
    let person = somebody(dice);
    let odd = [
        Case::Neither,
        Case::NoProof,
        Case::Elsewhere,
        Case::StrangeProof,
        Case::StrangeStatus,
        Case::StrangeGround,
        Case::Unborn,
    ];
    let good = [Case::Senior, Case::Young];
    let case = if dice.chance(15) { dice.pick(&odd) } else { dice.pick(&good) }.unwrap();
    let exception = if dice.chance(25) {
        Some(dice.between(1_i64, i64::try_from(model.exceptions.len()).unwrap() + 1))
    } else if dice.chance(15) {
        (1_i64..).zip(&model.exceptions).filter(|(_, (of, ..))| *of == person).map(|(number, _)| number).last()
    } else {
        model.has_exception(person)
    };
    let (key, agrees) = (people::key(dice, model), dice.chance(40));
    (agent(office), Wish::HandOut { person, case, booklets, exception, key, agrees })
}

/// A printed code: mostly of a pass in circulation that is not spent.
pub(super) fn code(dice: &mut Dice, model: &Model) -> Pass {
    let out = model.with(At::Circulation);
    let anywhere: Vec<u32> = model.booklets.keys().copied().chain([NOWHERE]).collect();
    let number = dice.pick(&out).filter(|_| !dice.chance(10)).or_else(|| dice.pick(&anywhere)).unwrap();
    let size = model.booklets.get(&number).map_or(2, |booklet| booklet.size);
    let free: Vec<u8> = (1..=size).filter(|rank| !model.is_spent((number, *rank))).collect();
    let rank = dice.pick(&free).filter(|_| !dice.chance(15));
    (number, rank.unwrap_or_else(|| dice.between(1_u8, size)))
}

fn redemption(dice: &mut Dice, model: &Model) -> (Who, Wish) {
    let usual = ["Maubeuge", "Avesnes", "Bus"];
    let venue = if dice.chance(90) { dice.pick(&usual) } else { dice.pick(VENUES) }.unwrap();
    let office = if (venue == "Bus") == dice.chance(97) { "MOBI" } else { "LIEUX" };
    let count = if dice.chance(2) { dice.pick(&[0, 21]).unwrap() } else { dice.pick(&[1, 1, 1, 2, 3]).unwrap() };
    let mut codes: Vec<Pass> = Vec::new();
    for _ in 0..count {
        let code = code(dice, model);
        if !codes.contains(&code) || count == 21 {
            codes.push(code);
        }
    }
    if dice.chance(3) {
        codes.extend(codes.first().copied());
    }
    let service = if dice.chance(8) {
        dice.pick(&[Service::Equipment, Service::Access, Service::Parenting]).unwrap()
    } else {
        dice.pick(&[Service::AdministrativeHelp, Service::EverydayTools]).unwrap()
    };
    let today = model.today();
    let on = match dice.below(100) {
        0..=2 => today.plus_days(1),
        3..=5 => Day::new(2021, 9, 30).unwrap(),
        _ => today,
    };
    let away = dice.chance(20).then(|| dice.pick(&["02381", "59392", "59350"]).unwrap());
    (Who::of(office, Role::VenueAgent), Wish::Redeem { venue, codes, service, on, away })
}

fn reversal(dice: &mut Dice, model: &Model) -> (Who, Wish) {
    let all: Vec<(&String, &'static str)> = model.redemptions.iter().map(|(no, of)| (no, of.provider)).collect();
    let fresh = model.redemptions.iter().filter(|(_, of)| !of.reversed && of.day == model.today());
    let fresh: Vec<(&String, &'static str)> = fresh.map(|(no, of)| (no, of.provider)).collect();
    let found = dice.pick(&fresh).filter(|_| !dice.chance(30)).or_else(|| dice.pick(&all));
    let unknown = "HDF21-LIEUX-2021-000999".to_owned();
    let (number, provider) = found.map_or((unknown.clone(), "LIEUX"), |(number, provider)| (number.clone(), provider));
    let number = if dice.chance(4) { unknown } else { number };
    let who = match dice.below(100) {
        0..=24 => FINANCE,
        25..=29 => Who::of("MOBI", Role::VenueAgent),
        _ => Who::of(provider, Role::VenueAgent),
    };
    (who, Wish::Reverse { number })
}
