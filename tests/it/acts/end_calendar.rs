//! How an order ends by the calendar: the acknowledgement, the counters and steps as reports tell them, credit notes for a
//! part, and what is said before it happens against what happens then.

use recepisse::clock::{Entropy as _, SeededEntropy};
use recepisse::domain::end_calendar::{Acknowledge, EndRules, Progress, Step};
use recepisse::domain::ends::{Expire, Prorogue, Scope, Suspend, SuspensionReason, TakeCredit};
use recepisse::domain::incidents::{Block, BlockReason, DeclareLoss, LossReason};
use recepisse::domain::items::Named;
use recepisse::domain::money::Cents;
use recepisse::domain::programme::FundingShare;
use recepisse::domain::redemption::{ReversalReason, Reverse};
use recepisse::domain::refusal::Code;
use recepisse::domain::supply::PlaceOrder;
use recepisse::domain::text::{Label, ReceiptNumber};
use recepisse::domain::time::{Day, Instant};
use recepisse::due::{self, DueStep};
use recepisse::receipts::Mention;
use recepisse::reports::{Count, OrderEnd, Request, Value, open, order_end};

use super::is_sound;
use crate::harness::{Engine, Person, World, booklet_ids, on_every_engine, reference};

fn acknowledge() -> Acknowledge {
    Acknowledge { order: reference("CMD-1") }
}

fn expire(most: u32) -> Expire {
    Expire { order: reference("CMD-1"), most }
}

fn credit(world: &World, cents: i64, items: Named) -> TakeCredit {
    let (order, credit_note) = (reference("CMD-1"), reference("AV-2023-7"));
    TakeCredit { order, credit_note, received_on: world.day(), amount: Cents::new(cents), items }
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// The morning of a day.
fn wake_on(world: &World, day: &str) {
    let then = Instant::parse(&format!("{day}T07:30:00.000Z")).unwrap();
    world.clock.advance_seconds((then.millis() - world.now().millis()) / 1000);
}

fn stop() -> Suspend {
    let reason = Some(SuspensionReason::EndOfValidity);
    Suspend { orders: vec![reference("CMD-1")], scope: Scope::HandOuts, reason }
}

fn end_of(world: &World, as_of: Day) -> OrderEnd {
    let request = Request::new(world.programme.code.clone(), as_of);
    order_end(&world.store, &request, "CMD-1").unwrap().unwrap()
}

/// The step that somebody has to take, as the timer tells it.
fn due_on(world: &World, day: Day) -> Option<(Step, String)> {
    let steps = due::steps(&world.store, &world.programme, day).unwrap();
    steps.into_iter().find(|step| step.order == "CMD-1").map(|DueStep { step, since, .. }| (step, since.to_string()))
}

#[test]
fn the_region_acknowledges_its_liability_once_for_each_end_and_says_for_how_much() {
    on_every_engine(|world| {
        world.supply_maubeuge(5);
        world.region_admin().does(world.order("CMD-2", 2));
        world.region_admin().does(world.delivery("CMD-2", 6..=7));
        world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, 1), [1]));
        let finance = world.region_finance();
        let told = finance.is_refused(acknowledge());
        assert_eq!(told.code, Code::AcknowledgementTooEarly);
        assert!(told.about.iter().any(|(name, date)| name == "date" && date == "23/06/2023"), "{told:?}");
        let earlier = EndRules { acknowledgement_days: 15, ..EndRules::default() };
        assert!(world.write(|tx| tx.keep_end_rules(world.programme.no, &earlier, 0)));
        wake_on(world, "2023-06-15");
        let receipt = finance.does(acknowledge());
        let said = |name: &str| receipt.body().mentions[name].clone();
        assert_eq!(
            (said("undistributed_booklets"), said("undistributed_passes")),
            (Mention::Number(4), Mention::Number(40))
        );
        assert_eq!(said("undistributed_cents"), Mention::Number(40_000));
        assert_eq!(finance.is_told(acknowledge()), Code::AcknowledgedAlready);
        finance.does(Prorogue { order: reference("CMD-1"), validity_end: day("2023-07-31") });
        assert_eq!(finance.is_told(acknowledge()), Code::AcknowledgementTooEarly);
        wake_on(world, "2023-07-31");
        finance.does(acknowledge());
        wake_on(world, "2023-08-01");
        let late = Acknowledge { order: reference("CMD-2") };
        assert_eq!(finance.is_told(late), Code::AcknowledgementTooLate);
        assert_eq!(finance.is_told(Acknowledge { order: reference("CMD-9") }), Code::OrderUnknown);
        is_sound(world);
    });
}

/// What acts of the same group have moved is seen.
#[test]
fn what_is_handed_out_in_the_same_group_is_no_longer_to_be_handed_out() {
    on_every_engine(|world| {
        world.supply_maubeuge(3);
        wake_on(world, "2023-06-30");
        let dispatch = world.dispatch("FOURM", 1);
        world.region_admin().does(world.order("CMD-2", 1));
        assert_eq!(world.region_admin().is_told(dispatch), Code::NotEnoughBooklets);
        let items = Named { booklets: booklet_ids(world, [1, 2]), passes: Vec::new() };
        let block = Block { items, reason: BlockReason::Precaution };
        let answers = world.region_finance().asks_together(vec![Box::new(block), Box::new(acknowledge())]);
        let Ok(told) = &answers[1] else { panic!("{answers:?}") };
        assert_eq!(told.body().mentions["undistributed_passes"], Mention::Number(10));
        is_sound(world);
    });
}

#[test]
fn an_order_is_followed_to_its_end_by_its_counters_and_steps() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(3);
        world.region_admin().does(world.order("CMD-2", 2));
        let agent = world.venue_agent("LIEUX");
        agent.does(world.redeem("Maubeuge", world.codes(1, 1..=2)));
        agent.does(world.redeem("Maubeuge", world.codes(2, 1..=10)));
        let undone = agent.does(world.redeem("Maubeuge", world.codes(3, [1]))).body().number.clone();
        let number = ReceiptNumber::parse(&undone).unwrap();
        agent.does(Reverse { number, reason: ReversalReason::WrongPass });
        let counts = |booklets, passes| Count { booklets, passes, value_cents: passes * 1000 };
        let early = end_of(world, world.day());
        assert_eq!(
            (early.printed, early.handed_out, early.not_handed_out),
            (counts(3, 30), counts(3, 30), counts(0, 0))
        );
        assert_eq!((early.started, early.unused), (counts(2, 12), counts(0, 18)));
        assert_eq!(due_on(world, world.day()), None);
        assert_eq!(due_on(world, day("2023-05-30")), None);
        assert_eq!(due_on(world, day("2023-05-31")), Some((Step::Alert, "2023-05-31".to_owned())));
        assert_eq!(due_on(world, day("2023-06-15")), Some((Step::Stop, "2023-06-15".to_owned())));
        wake_on(world, "2023-06-15");
        world.region_finance().does(stop());
        assert_eq!(due_on(world, day("2023-06-22")), None);
        wake_on(world, "2023-06-23");
        assert_eq!(due_on(world, world.day()), Some((Step::Acknowledgement, "2023-06-23".to_owned())));
        world.region_finance().does(acknowledge());
        assert_eq!(due_on(world, day("2023-07-30")), None);
        wake_on(world, "2023-07-31");
        assert_eq!(due_on(world, world.day()), Some((Step::Expiry, "2023-07-31".to_owned())));
        world.region_finance().does(expire(20_000));
        assert_eq!(due_on(world, world.day()), None);
        wake_on(world, "2023-08-06");
        assert_eq!(due_on(world, world.day()), Some((Step::Statement, "2023-08-06".to_owned())));
        world.region_finance().does(credit(world, 18_000, Named::default()));
        assert_eq!(due_on(world, world.day()), None);
        let late = end_of(world, world.day());
        assert_eq!((late.started, late.unused, late.credited), (counts(2, 12), counts(0, 0), counts(0, 18)));
        assert_eq!((late.story.expiries.len(), late.story.credit_notes.len()), (1, 1));
        // A past day answers as it did.
        assert_eq!(end_of(world, day("2021-10-04")), early);
        let Progress { acknowledged, hand_outs_suspended, .. } = end_of(world, day("2023-06-22")).progress();
        assert_eq!((acknowledged, hand_outs_suspended), (false, true));
    });
}

#[test]
fn what_is_handed_out_after_the_acknowledgement_is_at_the_regions_charge() {
    on_every_engine(|world| {
        world.supply_maubeuge(3);
        world.change_programme(|programme| programme.distribution_until = day("2023-06-30"));
        world.change_mandate("MAUB", |mandate| mandate.ends_on = day("2023-12-31"));
        world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, 1), [1]));
        wake_on(world, "2023-06-26");
        world.region_finance().does(acknowledge());
        world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, 2), [2]));
        let end = end_of(world, world.day());
        assert_eq!((end.handed_out.booklets, end.at_own_charge.booklets, end.at_own_charge.passes), (2, 1, 10));
        is_sound(world);
    });
}

#[test]
fn a_credit_note_may_be_for_a_part_of_what_has_expired() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(3);
        world.region_admin().does(world.order("CMD-2", 2));
        world.region_admin().does(world.delivery("CMD-2", 4..=5));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        let finance = world.region_finance();
        let whole =
            |numbers: &[u32]| Named { booklets: booklet_ids(world, numbers.iter().copied()), passes: Vec::new() };
        wake_on(world, "2023-07-31");
        let early = finance.is_refused(credit(world, 9_000, whole(&[1])));
        assert_eq!((early.code, early.field.as_deref()), (Code::NotCreditable, Some("booklets")));
        finance.does(expire(20_000));
        finance.does(Expire { order: reference("CMD-2"), most: 20_000 });
        let told = finance.is_refused(credit(world, 9_000, whole(&[1, 4])));
        assert!(told.about.iter().any(|(_, serial)| *serial == world.serial(4)), "of another order: {told:?}");
        assert_eq!(finance.is_told(credit(world, 9_999, whole(&[1]))), Code::CreditDiffers);
        assert_eq!(finance.is_told(credit(world, 1_000, whole(&[9]))), Code::BookletUnknown);
        let pass = Named { booklets: Vec::new(), passes: vec![booklet_ids(world, [1])[0].pass(1)] };
        let spent = finance.is_refused(credit(world, 1_000, pass));
        assert_eq!((spent.code, spent.field.as_deref()), (Code::NotCreditable, Some("passes")));
        let part = finance.does(credit(world, 9_000, whole(&[1])));
        assert_eq!(part.body().mentions["part"], Mention::Number(1));
        assert_eq!(finance.is_told(credit(world, 9_000, whole(&[1]))), Code::NotCreditable);
        let one = Named { booklets: Vec::new(), passes: vec![booklet_ids(world, [2])[0].pass(7)] };
        finance.does(credit(world, 1_000, one));
        let rest = finance.does(credit(world, 19_000, Named::default()));
        assert!(!rest.body().mentions.contains_key("part"), "{}", rest.bytes());
        is_sound(world);
    });
}

/// Each finds the part that the one before it has left.
#[test]
fn two_expiries_of_one_order_in_one_group_take_two_parts() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(5);
        wake_on(world, "2023-07-31");
        let answers = world.region_finance().asks_together(vec![Box::new(expire(2)), Box::new(expire(2))]);
        let passes: Vec<i64> = answers.iter().map(|answer| answer.as_ref().unwrap().body().total.passes).collect();
        assert_eq!(passes, [20, 20], "{answers:?}");
        assert_eq!(world.region_finance().does(expire(20_000)).body().total.passes, 10);
        is_sound(world);
    });
}

/// Rows of a report, as they are written.
fn rows(world: &World, name: &str) -> Vec<Vec<Value>> {
    let request = Request::new(world.programme.code.clone(), world.day());
    let mut report = open(name, &world.store, &request).unwrap();
    let mut rows = Vec::new();
    while let Some(page) = (report.pages)().unwrap() {
        rows.extend(page);
    }
    rows
}

fn cents(row: &[Value], column: usize) -> i64 {
    let Value::Cents(cents) = &row[column] else { panic!("{row:?}") };
    cents.get()
}

/// A number from 0 to `sides - 1`.
fn roll(dice: &SeededEntropy, sides: u32) -> u32 {
    let mut bytes = [0; 4];
    dice.fill(&mut bytes);
    u32::from_be_bytes(bytes) % sides
}

/// An order of 2 to 7 booklets of 3 funders, handed out, spent, blocked and lost as chance will have it.
fn live(world: &World, dice: &SeededEntropy) {
    let first = 1 + roll(dice, 4_999);
    let second = 1 + roll(dice, 9_998 - first);
    let share = |name: &str, basis_points| FundingShare { funder: Label::parse(name).unwrap(), basis_points };
    let funding = vec![share("État", first), share("Région", second), share("Europe", 10_000 - first - second)];
    let booklets = 2 + roll(dice, 6);
    world.region_admin().does(PlaceOrder { funding, ..world.order("CMD-1", booklets) });
    let delivered = 1 + roll(dice, booklets);
    world.region_admin().does(world.delivery("CMD-1", 1..=delivered));
    world.region_finance().does(world.activation("CMD-1"));
    let sent = 1 + roll(dice, delivered);
    world.region_admin().does(world.dispatch("MAUB", sent));
    world.prescriber("MAUB").does(world.acceptance(1, "MAUB", 1..=sent));
    for booklet in 1..=sent {
        if roll(dice, 4) > 0 {
            world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, booklet), [booklet]));
            let used = u8::try_from(roll(dice, 11)).unwrap();
            if used > 0 {
                world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(booklet, 1..=used)));
            }
            let items = Named { booklets: Vec::new(), passes: vec![booklet_ids(world, [booklet])[0].pass(10)] };
            if used < 10 && roll(dice, 3) == 0 {
                world.region_admin().does(Block { items, reason: BlockReason::Precaution });
            }
        } else if roll(dice, 2) == 0 {
            let items = Named { booklets: booklet_ids(world, [booklet]), passes: Vec::new() };
            let (reason, noticed_on) = (LossReason::Lost, world.day());
            world.prescriber("MAUB").does(DeclareLoss { items, reason, noticed_on, complaint: None, stock_take: None });
        }
    }
}

/// The simulation says what the real acts then do: the credit note to the cent, and each funder's part.
fn what_is_said_happens(engine: Engine, seed: u64) {
    let (world, dice) = (World::new(engine), SeededEntropy::new(seed));
    live(&world, &dice);
    let said = rows(&world, "stop-simulation");
    assert_eq!(rows(&world, "stop-simulation"), said, "asked again, nothing was written");
    let credit_cents = cents(&said[0], 5);
    wake_on(&world, "2023-07-31");
    let finance = world.region_finance();
    if credit_cents > 0 {
        while finance.does(expire(1 + roll(&dice, 4))).body().mentions.contains_key("more") {
            if end_of(&world, world.day()).unused.passes == 0 {
                break;
            }
        }
        finance.does(credit(&world, credit_cents, Named::default()));
    }
    let then = rows(&world, "funders");
    assert_eq!(said.len(), then.len());
    for (said, then) in said.iter().zip(&then) {
        assert_eq!(said[..3], then[..3], "seed {seed}: the same order, funder and share");
        // Committed, used, to repay.
        let parts = |row: &[Value], columns: [usize; 3]| columns.map(|column| cents(row, column));
        assert_eq!(parts(said, [6, 7, 9]), parts(then, [3, 4, 6]), "seed {seed} on {engine}");
        assert_eq!(cents(then, 6), cents(then, 7), "all that ended is credited");
    }
    let repaid: i64 = then.iter().map(|row| cents(row, 6)).sum();
    assert_eq!(repaid, credit_cents, "seed {seed} on {engine}: what is repaid is what is credited");
    is_sound(&world);
}

#[test]
fn what_the_simulation_says_is_what_the_acts_then_do_to_the_cent() {
    for engine in crate::harness::engines() {
        for seed in 1..=12 {
            what_is_said_happens(*engine, seed);
        }
    }
}
