//! The pilot: 500 booklets of ten passes in Sambre-Avesnois-Thiérache, over four months.

use std::sync::Arc;

use super::cast::{self, AREA, Cast, Casting, PRESCRIBERS};
use super::payments::Till;
use super::stage::{Stage, mentioned};
use super::story::Story;
use super::{DemoError, Login, Progress, calendar, incidents, inhabitants, letters, registry, troubles};
use crate::domain::acceptance::Accept;
use crate::domain::custody::{ReturnBooklets, ReturnReason, Selection, SendBooklets};
use crate::domain::ids::BookletId;
use crate::domain::party::Holder;
use crate::domain::programme::Payer;
use crate::domain::redemption::{ReversalReason, Reverse};
use crate::domain::territory::{self, Commune};
use crate::domain::text::Reference;
use crate::domain::time::Instant;
use crate::keys::Keys;
use crate::store::{Store, StoreError};

const SEED: u64 = 59_392;
const DAYS: usize = 85;

/// Booklets of the order, and those of the first delivery.
const BOOKLETS: u32 = 500;
const FIRST_PART: u32 = 300;

/// Announced with the first delivery, and come with the second.
const LATE: [u32; 4] = [41, 42, 187, 260];

/// Wet or torn.
const DAMAGED: [u32; 2] = [17, 255];
const DAMAGED_LATER: [u32; 1] = [450];

/// The days, by number, on which the scene's own events happen.
const DELIVERY: usize = 8;
const ACTIVATION: usize = 12;
const SECOND_DELIVERY: usize = 15;
const FIRST_HAND_OUT: usize = 18;
const LAST_HAND_OUT: usize = 80;
const BETWEEN_DESKS: usize = 30;
const RETURN: usize = 40;
const TROUBLES: usize = 52;
const REVERSALS: [usize; 4] = [35, 47, 58, 71];
const LAST_DISPATCH: usize = 83;
const SUSPICION: usize = 55;
const REPLACEMENT: usize = 61;
const STOCK_TAKE: usize = 66;
/// The desk that counts.
const COUNTED: usize = 2;

/// Booklets of the last dispatch, which nobody has accepted yet.
const ON_THE_WAY: u32 = 10;

/// Lives the pilot.
pub(super) fn play(
    store: &Arc<Store>,
    keys: &Arc<Keys>,
    now: Instant,
    password_hash: &str,
    progress: &mut Progress<'_>,
) -> Result<Vec<Login>, DemoError> {
    let days = calendar::working_days(now, DAYS);
    let start = days.first().copied().unwrap_or(now);
    let mut stage = Stage::new(Arc::clone(store), Arc::clone(keys), start, SEED)?;
    let cast = stage.store.write(|tx| Casting::new(&stage, tx, start, password_hash).pilot())?;
    registry::publish(&stage, &cast, (start, now))?;
    inhabitants::count(&stage, start)?;
    let logins = cast.logins.clone();
    let issuer = cast.issuer;
    let (service, providers) = (cast.finance.clone(), cast.providers.clone());
    let mut scene = set_up(&stage, cast, (start, now))?;
    stage.enter(scene.programme.no);
    let mut till = Till::new(scene.programme.clone(), service, providers);
    till.open(&mut stage)?;
    let validity_end = now.day().plus_days(200);
    let purchase = scene.purchase(issuer, BOOKLETS, start.day(), validity_end)?;
    stage.grant(&scene.admin.clone(), purchase.clone())?;
    troubles::ordering(&mut stage, &scene, &purchase)?;
    let total = u64::try_from(DAYS).unwrap_or(0);
    for ((index, opening), lived) in days.into_iter().enumerate().zip(1_u64..) {
        stage.set(opening);
        supply(&mut stage, &mut scene, index)?;
        custody(&mut stage, &mut scene, index)?;
        if index == TROUBLES {
            troubles::at_desks(&mut stage, &mut scene, index)?;
            troubles::at_venues(&mut stage, &scene)?;
        }
        scene.last = None;
        match index {
            SUSPICION => incidents::suspicion(&mut stage, &scene)?,
            REPLACEMENT => incidents::replacement(&mut stage, &mut scene, index)?,
            STOCK_TAKE => incidents::stock_take(&mut stage, &mut scene, COUNTED)?,
            _ => {}
        }
        let desks = open_desks(&stage, &scene, index);
        scene.live(&mut stage, index, &desks)?;
        letters::live(&mut stage, &mut scene, index)?;
        reversals(&mut stage, &mut scene, index)?;
        till.live(&mut stage, index)?;
        progress(lived, total);
    }
    Ok(logins)
}

fn set_up(stage: &Stage, cast: Cast, (start, now): (Instant, Instant)) -> Result<Story, DemoError> {
    let label = "Pass numérique — pilote Sambre-Avesnois-Thiérache";
    let window = (start.day(), now.day().plus_days(120));
    let draft = cast::programme(("HDF21", label), cast.region, window, (Payer::Region, &AREA))?;
    let programme = stage.store.write(|tx| cast::found_programme(tx, &draft))?;
    let mut mandates = Vec::new();
    for (number, (body, (_, _, _, booklets))) in cast.prescribers.iter().zip(PRESCRIBERS).enumerate() {
        let ceiling = booklets + 15;
        mandates.push(cast::mandate(stage, (number, &body.organisation), (start, ceiling), &programme, 10)?);
    }
    stage.store.write(|tx| -> Result<(), StoreError> {
        mandates.iter().try_for_each(|mandate| tx.insert_mandate(programme.no, mandate))
    })?;
    let order = Reference::parse(&format!("BC-{}-0117", start.day().year()))?;
    let communes: Vec<Commune> = AREA.iter().flat_map(|siren| territory::communes_of_epci(siren)).collect();
    let [finance, ..] = cast.finance;
    let people = (cast.admin, finance);
    Ok(Story::new(programme, people, (order, 10), (cast.prescribers, cast.places), communes))
}

/// Two deliveries, and between them the activation.
fn supply(stage: &mut Stage, scene: &mut Story, index: usize) -> Result<(), DemoError> {
    match index {
        DELIVERY => {
            let numbers: Vec<u32> = (1..=FIRST_PART).filter(|number| !LATE.contains(number)).collect();
            scene.deliver(stage, "BL-2204-1", &numbers, (&LATE, &DAMAGED))?;
            // The first desk gets half of its share by count, before anything is worth its value.
            let dispatch = scene.send(stage, 0, Selection::Count { booklets: 30, order: None })?;
            stage.later(3_600);
            scene.accept(stage, 0, dispatch, (Vec::new(), Vec::new()))?;
            troubles::before_activation(stage, scene)?;
        }
        ACTIVATION => {
            let payment_order = format!("{}-4417", stage.today().year());
            scene.activate(stage, &payment_order)?;
            troubles::after_activation(stage, scene)?;
            first_dispatches(stage, scene)?;
        }
        SECOND_DELIVERY => {
            let numbers: Vec<u32> = LATE.into_iter().chain(FIRST_PART + 1..=BOOKLETS).collect();
            scene.deliver(stage, "BL-2204-2", &numbers, (&[], &DAMAGED_LATER))?;
            second_dispatches(stage, scene)?;
        }
        _ => {}
    }
    Ok(())
}

/// By range and by list, to the desks 1 to 5, from what the first delivery left in the store.
fn first_dispatches(stage: &mut Stage, scene: &mut Story) -> Result<(), DemoError> {
    let no = scene.programme.no;
    let mut next = 35_u32;
    for (desk, (_, _, _, booklets)) in PRESCRIBERS.iter().enumerate().skip(1).take(5) {
        let there = |number: &u32| !LATE.contains(number) && !DAMAGED.contains(number);
        let wanted = usize::try_from(*booklets).unwrap_or_default();
        let numbers: Vec<u32> = (next..=FIRST_PART).filter(there).take(wanted).collect();
        next = numbers.last().map_or(next, |last| last + 1);
        let named = numbers.into_iter().map(|number| BookletId::new(no, number)).collect();
        let dispatch = scene.send(stage, desk, Selection::Named(named))?;
        stage.later(60);
        let reported = report_of(stage, scene, desk, dispatch)?;
        scene.accept(stage, desk, dispatch, reported)?;
    }
    Ok(())
}

/// Two desks find less than was announced: one booklet is missing, another is torn.
fn report_of(
    stage: &Stage,
    scene: &Story,
    desk: usize,
    dispatch: i64,
) -> Result<(Vec<BookletId>, Vec<BookletId>), DemoError> {
    let there = super::story::in_transit(stage, &scene.programme, dispatch)?;
    Ok(match desk {
        2 => (there.into_iter().skip(4).take(1).collect(), Vec::new()),
        4 => (there.iter().copied().take(1).collect(), there.into_iter().skip(7).take(1).collect()),
        _ => (Vec::new(), Vec::new()),
    })
}

/// By count to the others, and the first desk's second half.
fn second_dispatches(stage: &mut Stage, scene: &mut Story) -> Result<(), DemoError> {
    let later = PRESCRIBERS.iter().enumerate().skip(6).map(|(desk, (_, _, _, booklets))| (desk, *booklets));
    for (desk, booklets) in later.chain([(0, 30)]).collect::<Vec<_>>() {
        let order = Some(scene.order.clone());
        let dispatch = scene.send(stage, desk, Selection::Count { booklets, order })?;
        stage.later(60);
        scene.accept(stage, desk, dispatch, (Vec::new(), Vec::new()))?;
    }
    Ok(())
}

/// Booklets between two desks, back to the Region, and on their way at the end.
fn custody(stage: &mut Stage, scene: &mut Story, index: usize) -> Result<(), DemoError> {
    match index {
        BETWEEN_DESKS => {
            let (from, to) = (scene.desk(3)?.holder(), scene.desk(5)?.body.organisation.id);
            let moved = take(scene, 3, 5);
            let act = SendBooklets { to, booklets: Selection::Named(moved), carrier_reference: None, from };
            let caller = scene.desk(3)?.body.caller.clone();
            let receipt = stage.grant(&caller, act)?;
            stage.later(60);
            scene.accept(stage, 5, mentioned(&receipt, "dispatch"), (Vec::new(), Vec::new()))
        }
        RETURN => {
            let from = scene.desk(7)?.holder();
            let booklets = Selection::Named(take(scene, 7, 4));
            let caller = scene.desk(7)?.body.caller.clone();
            let act = ReturnBooklets { booklets, reason: ReturnReason::Unused, from };
            let dispatch = mentioned(stage.grant(&caller, act)?.as_ref(), "dispatch");
            stage.later(60);
            let in_transit = super::story::in_transit(stage, &scene.programme, dispatch)?;
            let (missing, damaged) = (Vec::new(), Vec::new());
            let act = Accept { dispatch, in_transit, accepted: None, missing, damaged, receiver: Holder::Store };
            stage.grant(&scene.admin.clone(), act).map(|_| ())
        }
        LAST_DISPATCH => {
            let on_the_way = Selection::Count { booklets: ON_THE_WAY, order: None };
            scene.send(stage, 1, on_the_way).map(|_| ())
        }
        _ => Ok(()),
    }
}

/// So many booklets out of a desk's custody.
pub(super) fn take(scene: &mut Story, desk: usize, count: usize) -> Vec<BookletId> {
    scene
        .desks
        .get_mut(desk)
        .map(|desk| desk.custody.drain(..count.min(desk.custody.len())).collect())
        .unwrap_or_default()
}

/// One entry for each hand-out of the day: desks with more booklets see more people. A few booklets stay.
fn open_desks(stage: &Stage, scene: &Story, index: usize) -> Vec<usize> {
    if !(FIRST_HAND_OUT..=LAST_HAND_OUT).contains(&index) {
        return Vec::new();
    }
    let days_left = LAST_HAND_OUT + 1 - index;
    let of_desk = |(desk, at): (usize, &super::story::Desk)| {
        let to_go = at.custody.len().saturating_sub(2);
        let sure = to_go / days_left;
        let maybe = usize::from(stage.dice.below(days_left) < to_go % days_left);
        std::iter::repeat_n(desk, sure + maybe)
    };
    scene.desks.iter().enumerate().flat_map(of_desk).collect()
}

/// A venue undoes its last entry of the day; once the Region undoes it.
fn reversals(stage: &mut Stage, scene: &mut Story, index: usize) -> Result<(), DemoError> {
    if !REVERSALS.contains(&index) {
        return Ok(());
    }
    let Some(spent) = scene.last.clone() else { return Ok(()) };
    stage.later(600);
    let by_region = index == REVERSALS[3];
    let (caller, reason) = if by_region {
        (scene.finance.clone(), ReversalReason::ServiceNotPerformed)
    } else {
        (spent.by.clone(), ReversalReason::EnteredByMistake)
    };
    stage.grant(&caller, Reverse { number: crate::domain::text::ReceiptNumber::parse(&spent.number)?, reason })?;
    scene.give_back(&spent);
    Ok(())
}
