//! Closings: days in order, months once their days are closed, years once their months are; totals that add up; and
//! nothing that enters what is closed.

use recepisse::audit;
use recepisse::domain::act::{Act as _, Context};
use recepisse::domain::closing::{Close, Period};
use recepisse::domain::facts::{Needs, Stamp};
use recepisse::domain::party::Role;
use recepisse::domain::redemption::Redeem;
use recepisse::domain::refusal::Code;
use recepisse::domain::time::Day;
use recepisse::due;
use recepisse::ledger::{SubmitError, prefetch};
use recepisse::receipts::{Mention, Receipt};

use crate::harness::Person;
use crate::harness::{Raw, World, on_every_engine};

const DAY_SECONDS: i64 = 24 * 60 * 60;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn the_day(of: &str) -> Close {
    Close { period: Period::Day, of: day(of) }
}

fn said(receipt: &Receipt, name: &str) -> String {
    receipt.body().mentions.get(name).map(Mention::to_string).unwrap_or_default()
}

/// Closes everything that is due, and says what: `day 2021-10-04`.
fn catch_up(world: &World) -> Vec<String> {
    let caller = world.region_finance().caller;
    let closed = due::close((&world.ledger, &world.store), &caller, &world.programme, world.day()).unwrap();
    closed.iter().map(|receipt| format!("{} {}", said(receipt, "period"), said(receipt, "last_day"))).collect()
}

/// Seals, rules and projections all hold.
fn is_sound(world: &World) {
    let key = world.keys.seal_key().verifying_key();
    audit::verify(&world.store, &[key], &world.programme, &mut |_, _| {}).unwrap();
}

#[test]
fn the_first_receipt_of_all_opens_the_books_for_a_closing_of_its_own_group() {
    on_every_engine(|world| {
        let (order, year) = (world.order("CMD-1", 1), Close { period: Period::Year, of: world.day() });
        let mut needs = Needs::default();
        order.needs(&mut needs);
        year.needs(&mut needs);
        needs.users.insert(world.user("HDF", Role::RegionFinance));
        let no = world.programme.no;
        let mut facts = world.store.read(|tx| prefetch::facts(tx, no, &needs)).unwrap().unwrap();
        let actor = world.region_finance().caller.actor().clone();
        let context = Context { at: world.now(), day: world.day(), actor };
        assert_eq!(year.decide(&facts, &context).unwrap_err().code, Code::ClosingNothingYet);
        let ordered = order.decide(&facts, &context).unwrap();
        facts.apply(&ordered, &Stamp { position: 1, number: "HDF21-HDF-2021-000001".to_owned(), day: world.day() }, "");
        assert_eq!(year.decide(&facts, &context).unwrap_err().code, Code::ClosingTooEarly);
    });
}

#[test]
fn a_day_is_closed_with_what_moved_in_it_and_since_the_beginning() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let last = world.receipts().pop().unwrap();
        world.clock.advance_seconds(DAY_SECONDS);
        let first = world.region_finance().does(the_day("2021-10-04"));
        assert_eq!(first.body().day, "2021-10-05");
        assert_eq!(said(&first, "period_by_kind"), said(&first, "perpetual_by_kind"));
        assert!(said(&first, "period_by_kind").contains("hand_out 1 10 10000; order 1 0 0"), "{}", first.bytes());
        assert!(said(&first, "period_by_holder").contains("circulation 10 10000 0 0; issue 0 0 "), "{}", first.bytes());
        assert_eq!(
            (said(&first, "first_position"), said(&first, "last_position")),
            ("1".into(), last.position.to_string())
        );
        assert_eq!((said(&first, "last_hash"), said(&first, "previous")), (last.hash, String::new()));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1, 2])));
        world.clock.advance_seconds(DAY_SECONDS);
        let second = world.region_finance().does(the_day("2021-10-05"));
        assert_eq!(said(&second, "period_by_kind"), "closing 1 0 0; redemption 1 2 2000");
        assert_eq!(said(&second, "period_by_holder"), "circulation 0 0 2 2000; provider:LIEUX 2 2000 0 0");
        assert!(said(&second, "perpetual_by_holder").starts_with("circulation 10 10000 2 2000; issue 0 0 "));
        assert_eq!(said(&second, "previous"), first.body().number);
        assert_eq!(said(&second, "previous_hash"), first.hash());
        is_sound(world);
    });
}

#[test]
fn everything_that_is_due_is_closed_in_order_once_and_empty_days_too() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        assert_eq!(catch_up(world), Vec::<String>::new(), "the day is not over");
        world.clock.advance_seconds(89 * DAY_SECONDS);
        assert_eq!(world.day(), day("2022-01-01"));
        let closed = catch_up(world);
        assert_eq!(closed.len(), 89 + 3 + 1);
        assert_eq!(closed.first().unwrap(), "day 2021-10-04");
        assert_eq!(closed[27..30], ["day 2021-10-31", "month 2021-10-31", "day 2021-11-01"]);
        assert_eq!(closed[90..], ["day 2021-12-31", "month 2021-12-31", "year 2021-12-31"]);
        assert_eq!(catch_up(world), Vec::<String>::new(), "nothing is left to do");
        is_sound(world);
        let year = recepisse::receipts::chain::read_receipt(world.receipts().pop().unwrap().body).unwrap();
        assert_eq!((said(&year, "first_day"), said(&year, "last_day")), ("2021-10-04".into(), "2021-12-31".into()));
        assert_eq!(said(&year, "period_by_holder"), said(&year, "perpetual_by_holder"));
        world.clock.advance_seconds(DAY_SECONDS);
        assert_eq!(catch_up(world), ["day 2022-01-01"]);
    });
}

#[test]
fn only_the_next_period_that_is_over_can_be_closed() {
    on_every_engine(|world| {
        let finance = world.region_finance();
        assert_eq!(finance.is_told(the_day("2021-10-03")), Code::ClosingNothingYet);
        world.stock_up(1);
        assert_eq!(finance.is_told(the_day("2021-10-04")), Code::ClosingTooEarly);
        world.clock.advance_seconds(3 * DAY_SECONDS);
        assert_eq!(finance.is_told(the_day("2021-10-03")), Code::ClosingOutOfOrder);
        assert_eq!(finance.is_told(the_day("2021-10-05")), Code::ClosingOutOfOrder);
        finance.does(the_day("2021-10-04"));
        assert_eq!(finance.is_told(the_day("2021-10-04")), Code::ClosingAlreadyMade);
        assert_eq!(finance.is_told(the_day("2021-10-07")), Code::ClosingTooEarly);
        let month = |of: &str| Close { period: Period::Month, of: day(of) };
        assert_eq!(finance.is_told(month("2021-10-15")), Code::ClosingTooEarly);
        world.clock.advance_seconds(40 * DAY_SECONDS);
        assert_eq!(finance.is_told(month("2021-10-15")), Code::ClosingPartsOpen);
        let (admin, closing) = (world.region_admin(), the_day("2021-10-05"));
        assert!(matches!(admin.asks(closing), Err(SubmitError::Forbidden)));
    });
}

/// Two closings of a group see each other.
#[test]
fn several_days_of_one_group_follow_each_other() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        world.clock.advance_seconds(DAY_SECONDS);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        world.clock.advance_seconds(2 * DAY_SECONDS);
        let answers = world.region_finance().asks_together(vec![
            Box::new(the_day("2021-10-04")),
            Box::new(the_day("2021-10-05")),
            Box::new(the_day("2021-10-06")),
            Box::new(the_day("2021-10-06")),
        ]);
        let [Ok(first), Ok(second), Ok(third), Err(refusal)] = &answers[..] else { panic!("{answers:?}") };
        assert_eq!(said(second, "previous_hash"), first.hash());
        assert_eq!(said(second, "period_by_kind"), "redemption 1 1 1000");
        assert_eq!(
            (said(third, "period_by_kind"), said(third, "previous")),
            (String::new(), second.body().number.clone())
        );
        assert_eq!(refusal.code, Code::ClosingAlreadyMade);
        is_sound(world);
    });
}

#[test]
fn a_late_scan_lands_in_the_open_day_with_both_dates() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let served = world.day();
        world.clock.advance_seconds(2 * DAY_SECONDS);
        catch_up(world);
        let late = Redeem { performed_on: served, ..world.redeem("Maubeuge", world.codes(1, [1])) };
        let receipt = world.venue_agent("LIEUX").does(late);
        assert_eq!((receipt.body().day.as_str(), said(&receipt, "performed_on")), ("2021-10-06", served.to_string()));
        is_sound(world);
    });
}

#[test]
fn a_clock_set_back_into_a_closed_day_stops_the_writing_until_it_is_right() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        world.clock.advance_seconds(DAY_SECONDS);
        catch_up(world);
        world.clock.jump_seconds(-DAY_SECONDS);
        let spend = || world.redeem("Maubeuge", world.codes(1, [1]));
        assert!(matches!(world.venue_agent("LIEUX").asks(spend()), Err(SubmitError::ClockBehind)));
        world.clock.jump_seconds(DAY_SECONDS);
        assert_eq!(world.venue_agent("LIEUX").does(spend()).body().day, "2021-10-05");
    });
}

/// Whoever passes the program by, with the database's own language.
#[test]
fn the_database_lets_nothing_into_a_day_that_is_closed() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        world.clock.advance_seconds(DAY_SECONDS);
        let mut raw = Raw::on(&world.place);
        let receipt = |number: i64, day: &str| {
            format!(
                "INSERT INTO receipts (programme_no, position, number, kind, at_millis, day, office, booklets, passes, \
                 value_cents, hash, body) VALUES ({}, {number}, 'X-{number}', 'order', 0, '{day}', 'HDF', 0, 0, 0, '', '')",
                world.programme.no.0
            )
        };
        let entry = |line: i64, day: &str| {
            format!(
                "INSERT INTO entries (programme_no, position, line, day, kind, batch_id, from_holder, to_holder, booklets, \
                 passes, value_cents) VALUES ({}, 1, {line}, '{day}', 'order', 1, 'store', 'lost', 0, 1, 1000)",
                world.programme.no.0
            )
        };
        for sql in [receipt(901, "2021-10-04"), entry(901, "2021-10-04")] {
            raw.run(&sql).expect("the control: the day is open");
        }
        close_by_hand(world, &mut raw);
        for day in ["2021-10-04", "2021-10-03", "2020-01-01"] {
            for sql in [receipt(902, day), entry(902, day)] {
                let told = raw.run(&sql).expect_err(&sql);
                assert!(told.contains("the day is closed"), "{}: {told}", world.engine());
            }
        }
        for sql in [receipt(903, "2021-10-05"), entry(903, "2021-10-05")] {
            raw.run(&sql).expect("the day after is open");
        }
    });
}

/// The receipts of the control stand beyond the head, where no act would have put them: so does their closing.
fn close_by_hand(world: &World, raw: &mut Raw) {
    let closing = format!(
        "INSERT INTO closings (programme_no, period, last_day, first_day, first_position, last_position, position) \
         VALUES ({}, 'day', '2021-10-04', '2021-10-04', 1, 5, 1)",
        world.programme.no.0
    );
    raw.run(&closing).unwrap();
}

/// Twelve booklets are ordered for payment, of which ten are delivered, and two more delivered that nobody has paid for yet.
#[test]
fn a_closing_proves_its_counter_value_and_the_report_says_the_same_order_by_order() {
    on_every_engine(|world| {
        world.region_admin().does(world.order("CMD-1", 12));
        world.region_admin().does(world.delivery("CMD-1", 1..=10));
        world.region_finance().does(world.activation("CMD-1"));
        world.region_admin().does(world.dispatch("MAUB", 10));
        world.prescriber("MAUB").does(world.acceptance(1, "MAUB", 1..=10));
        world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, 1), [1]));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=4)));
        world.clock.advance_seconds(DAY_SECONDS);
        world.region_admin().does(world.order("CMD-2", 2));
        world.region_admin().does(world.delivery("CMD-2", 13..=14));
        let proof = |receipt: &Receipt| {
            ["committed_cents", "funds_cents", "outstanding_cents"]
                .map(|name| said(receipt, name).parse::<i64>().unwrap())
        };
        let first = world.region_finance().does(the_day("2021-10-04"));
        assert_eq!(proof(&first), [120_000, 120_000, 100_000]);
        world.region_finance().does(world.activation("CMD-2"));
        // A day is closed with what was activated in it, and not since.
        world.clock.advance_seconds(DAY_SECONDS);
        let second = world.region_finance().does(the_day("2021-10-05"));
        assert_eq!(proof(&second), [140_000, 140_000, 120_000]);
        let asked = |as_of: &str| {
            let request = recepisse::reports::Request::new(world.programme.code.clone(), day(as_of));
            let mut report = recepisse::reports::open("counter-value", &world.store, &request).unwrap();
            let rows = (report.pages)().unwrap().unwrap();
            let sum = |column: usize| -> i64 { rows.iter().filter_map(|row| row[column].number()).sum() };
            (report.meta.holds, [sum(3), sum(6), sum(12)])
        };
        assert_eq!(asked("2021-10-04"), (Some(true), proof(&first)));
        assert_eq!(asked("2021-10-05"), (Some(true), proof(&second)));
        is_sound(world);
    });
}
