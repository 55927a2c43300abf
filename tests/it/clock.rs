//! The clock jumps while the ledger runs: back by a second or a day, forward by a year, or it stands still. No receipt
//! is out of order, no expired pass comes back to life, and writes stop when the clock cannot be believed.

use recepisse::domain::refusal::Code;
use recepisse::domain::time::Instant;
use recepisse::ledger::{Ledger, SubmitError};

use crate::harness::{Hand, World, on_every_engine};

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// What an order is told now; `None` when it was recorded.
fn told(world: &World, number: u32) -> Option<&'static str> {
    match world.region_admin().asks(world.order(&format!("CMD-{number}"), 1)) {
        Ok(_) => None,
        Err(SubmitError::ClockBehind) => Some("behind"),
        Err(SubmitError::ClockAhead) => Some("ahead"),
        Err(other) => panic!("{other}"),
    }
}

/// The moments of all receipts, in the order of the journal.
fn moments(world: &World) -> Vec<String> {
    let body = |body| recepisse::receipts::chain::read_receipt(body).unwrap().body().at.clone();
    world.receipts().into_iter().map(|receipt| body(receipt.body)).collect()
}

#[test]
fn whatever_the_clock_does_receipts_stay_in_order_or_are_not_written() {
    on_every_engine(|world| {
        let mut number = 0;
        let mut expect = |passes: i64, jump: i64, expected: Option<&str>| {
            number += 1;
            world.clock.advance_seconds(passes);
            world.clock.jump_seconds(jump);
            assert_eq!(told(world, number), expected, "{}: {passes} s pass, then {jump} s", world.engine());
            world.clock.jump_seconds(-jump);
            number += 1;
            assert_eq!(told(world, number), None, "{}: writing goes on once the clock is right", world.engine());
        };
        for (jump, expected) in [
            (-1, None),
            (-119, None),
            (-121, Some("behind")),
            (-3600, Some("behind")),
            (-DAY_SECONDS, Some("behind")),
            (119, None),
            (121, Some("ahead")),
            (365 * DAY_SECONDS, Some("ahead")),
        ] {
            expect(600, jump, expected);
            expect(40 * DAY_SECONDS, jump, expected);
        }
        let found = moments(world);
        assert!(found.is_sorted(), "{found:?}");
    });
}

#[test]
fn a_clock_that_stands_still_stops_the_writing_when_it_is_two_minutes_late() {
    on_every_engine(|world| {
        let stands_still_for = |seconds: i64| {
            world.clock.advance_seconds(seconds);
            world.clock.jump_seconds(-seconds);
        };
        stands_still_for(120);
        assert_eq!(told(world, 1), None);
        stands_still_for(1);
        assert_eq!(told(world, 2), Some("behind"));
    });
}

/// A booklet whose passes expired yesterday, and a clock set back to the last good day.
fn set_back_to_the_last_day(world: &World) {
    world.hand_out_at_maubeuge(1);
    world.clock.set(Instant::parse("2023-07-31T08:00:00.000Z").unwrap());
    let redeem = world.redeem("Maubeuge", world.codes(1, [1]));
    assert_eq!(world.venue_agent("LIEUX").is_told(redeem), Code::Expired);
    world.clock.jump_seconds(-DAY_SECONDS);
}

#[test]
fn an_expired_pass_does_not_come_back_to_life_when_the_clock_is_set_back() {
    on_every_engine(|world| {
        set_back_to_the_last_day(world);
        let redeemed = world.venue_agent("LIEUX").asks(world.redeem("Maubeuge", world.codes(1, [1])));
        assert!(matches!(redeemed, Err(SubmitError::ClockBehind)), "{}: {redeemed:?}", world.engine());
    });
}

/// The positive control: a ledger that knows only the last receipt, because it started under the wrong clock, takes
/// the expired pass. What convicts the clock above is the time that has passed.
#[test]
fn a_ledger_that_knows_only_the_last_receipt_takes_the_expired_pass() {
    on_every_engine(|world| {
        set_back_to_the_last_day(world);
        let (store, keys) = (world.store.clone(), world.keys.clone());
        let ignorant = Ledger::start(store, keys, world.clock.clone(), world.entropy.clone()).unwrap();
        let agent = Hand { ledger: &ignorant, ..world.venue_agent("LIEUX") };
        agent.does(world.redeem("Maubeuge", world.codes(1, [1])));
    });
}
