//! The whole region: 6,610 booklets of ten handed out by the CCAS of its largest communes, and 800 booklets of five
//! that people ask for on line and receive by tracked letter.

use std::sync::Arc;

use super::cast::{self, Body, Cast, Casting};
use super::issuer::Teller;
use super::stage::Stage;
use super::story::Story;
use super::{DemoError, Login, Progress, calendar, inhabitants, registry};
use crate::domain::custody::Selection;
use crate::domain::ids::OrganisationId;
use crate::domain::programme::Payer;
use crate::domain::territory::{self, Commune};
use crate::domain::text::Reference;
use crate::domain::time::Instant;
use crate::keys::Keys;
use crate::store::{Store, StoreError};

const SEED: u64 = 66_100;
const DAYS: usize = 85;
const PRESCRIBERS: usize = 60;
const VENUES: usize = 120;

/// Booklets of one delivery.
const DELIVERED_AT_ONCE: u32 = 2_000;

/// The days, by number, of the deliveries and the hand-outs.
const FIRST_DELIVERY: usize = 5;
const FIRST_HAND_OUT: usize = 12;

/// One of the two programmes.
struct Plan {
    code: &'static str,
    label: &'static str,
    order: &'static str,
    booklets: u32,
    size: u8,
    /// How many in a hundred booklets leave the store.
    dispatched: u32,
    seed: u64,
}

const PLANS: [Plan; 2] = [
    Plan {
        code: "HDF22",
        label: "Pass numérique — Hauts-de-France",
        order: "BC-REG-0412",
        booklets: 6_610,
        size: 10,
        dispatched: 92,
        seed: SEED + 2,
    },
    Plan {
        code: "HDFAI",
        label: "Pass numérique — demande en ligne",
        order: "BC-REG-0413",
        booklets: 800,
        size: 5,
        dispatched: 85,
        seed: SEED + 10,
    },
];

/// Lives both programmes, one after the other, over the same months.
pub(super) fn play(
    store: &Arc<Store>,
    keys: &Arc<Keys>,
    now: Instant,
    password_hash: &str,
    progress: &mut Progress<'_>,
) -> Result<Vec<Login>, DemoError> {
    let days = calendar::working_days(now, DAYS);
    let start = days.first().copied().unwrap_or(now);
    let stage = Stage::new(Arc::clone(store), Arc::clone(keys), start, SEED)?;
    let cast = stage.store.write(|tx| Casting::new(&stage, tx, start, password_hash).region(PRESCRIBERS, VENUES))?;
    registry::publish(&stage, &cast, (start, now))?;
    inhabitants::count(&stage, start)?;
    let total = u64::try_from(DAYS * PLANS.len()).unwrap_or(0);
    let mut lived = 0;
    for plan in &PLANS {
        let mut stage = Stage::new(Arc::clone(store), Arc::clone(keys), start, plan.seed)?;
        let mut scene = set_up(&stage, plan, &cast, (start, now))?;
        let [finance, ..] = cast.finance.clone();
        let mut teller = Teller::new(scene.programme.clone(), cast.issuer, finance, cast.places.clone());
        stage.enter(scene.programme.no);
        place_order(&mut stage, &scene, plan, (cast.issuer, now))?;
        for (index, opening) in days.iter().copied().enumerate() {
            stage.set(opening);
            if index == FIRST_DELIVERY {
                supply(&mut stage, &mut scene, plan)?;
            }
            let desks = open_desks(&stage, &scene, index);
            scene.live(&mut stage, index, &desks)?;
            teller.live(&mut stage)?;
            lived += 1;
            progress(lived, total);
        }
    }
    Ok(cast.logins)
}

/// The first desk is the Region's own, which serves the second programme alone.
fn desks_of(plan: &Plan, cast: &Cast) -> Vec<Body> {
    let (own, others) = cast.prescribers.split_at(1);
    if plan.size == 5 { own.to_vec() } else { others.to_vec() }
}

fn set_up(stage: &Stage, plan: &Plan, cast: &Cast, (start, now): (Instant, Instant)) -> Result<Story, DemoError> {
    let window = (start.day(), now.day().plus_days(120));
    let draft = cast::programme((plan.code, plan.label), cast.region, window, (Payer::Issuer, &[]))?;
    let programme = stage.store.write(|tx| cast::found_programme(tx, &draft))?;
    let desks = desks_of(plan, cast);
    let mut mandates = Vec::new();
    for (number, body) in desks.iter().enumerate() {
        let ceiling = plan.booklets;
        mandates.push(cast::mandate(stage, (number, &body.organisation), (start, ceiling), &programme, plan.size)?);
    }
    stage.store.write(|tx| -> Result<(), StoreError> {
        mandates.iter().try_for_each(|mandate| tx.insert_mandate(programme.no, mandate))
    })?;
    let communes: Vec<Commune> = territory::communes().filter(|commune| commune.region == "32").collect();
    let order = (Reference::parse(plan.order)?, plan.size);
    let [finance, ..] = cast.finance.clone();
    let people = (cast.admin.clone(), finance);
    Ok(Story::new(programme, people, order, (desks, cast.places.clone()), communes))
}

fn place_order(
    stage: &mut Stage,
    scene: &Story,
    plan: &Plan,
    (issuer, now): (OrganisationId, Instant),
) -> Result<(), DemoError> {
    let purchase = scene.purchase(issuer, plan.booklets, stage.today(), now.day().plus_days(200))?;
    stage.grant(&scene.admin, purchase).map(|_| ())
}

/// Deliveries, activation, and an equal share for every desk.
fn supply(stage: &mut Stage, scene: &mut Story, plan: &Plan) -> Result<(), DemoError> {
    let mut first = 1;
    while first <= plan.booklets {
        let last = plan.booklets.min(first + DELIVERED_AT_ONCE - 1);
        let numbers: Vec<u32> = (first..=last).collect();
        scene.deliver(stage, &format!("BL-{}-{first}", plan.code), &numbers, (&[], &[first + 7]))?;
        stage.later(60);
        first = last + 1;
    }
    scene.activate(stage, &format!("MP-{}-0031", plan.code))?;
    let desks = u32::try_from(scene.desks.len()).unwrap_or(1).max(1);
    let booklets = plan.booklets * plan.dispatched / 100 / desks;
    for desk in 0..scene.desks.len() {
        let dispatch = scene.send(stage, desk, Selection::Count { booklets, order: None })?;
        stage.later(10);
        scene.accept(stage, desk, dispatch, (Vec::new(), Vec::new()))?;
    }
    Ok(())
}

/// One entry for each hand-out of the day; one booklet in ten stays.
fn open_desks(stage: &Stage, scene: &Story, index: usize) -> Vec<usize> {
    if index < FIRST_HAND_OUT {
        return Vec::new();
    }
    let days_left = DAYS + DAYS / 10 - index;
    let of_desk = |(desk, at): (usize, &super::story::Desk)| {
        let sure = at.custody.len() / days_left;
        let maybe = usize::from(stage.dice.below(days_left) < at.custody.len() % days_left);
        std::iter::repeat_n(desk, sure + maybe)
    };
    scene.desks.iter().enumerate().flat_map(of_desk).collect()
}
