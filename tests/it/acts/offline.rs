//! What a device may take without a network: every no, and that it changes nothing. What never lives here: a signature (see
//! `http::devices`).

use recepisse::domain::ids::DeviceId;
use recepisse::domain::offline::OfflineRules;
use recepisse::domain::redemption::Redeem;
use recepisse::domain::refusal::Code;
use recepisse::domain::time::Instant;
use recepisse::domain::visit::{Offline, Visit};

use super::is_sound;
use crate::harness::{World, on_every_engine};

/// What the device notes at a moment: passes of a booklet.
fn noted(world: &World, scanned_at: Instant, booklet: u32, ranks: std::ops::RangeInclusive<u8>) -> Redeem {
    let device = DeviceId::parse("019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a80").unwrap();
    let offline = Some(Offline { device, counter: 1, scanned_at, floor_passes: 10 });
    let visit = Visit { offline, ..Visit::default() };
    Redeem { visit, ..world.redeem("Maubeuge", world.codes(booklet, ranks)) }
}

/// Sets the limits, which nobody has set before.
fn limited(world: &World, rules: OfflineRules) {
    assert!(world.write(|tx| tx.keep_offline_rules(world.programme.no, rules, 0)));
}

#[test]
fn a_device_takes_so_many_passes_and_so_much_a_day() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        limited(world, OfflineRules { device_day_passes: 3, device_day_cents: 2_000, ..OfflineRules::default() });
        let agent = world.venue_agent("LIEUX");
        assert_eq!(agent.is_told(noted(world, world.now(), 1, 1..=4)), Code::OfflinePassesExceeded);
        assert_eq!(agent.is_told(noted(world, world.now(), 1, 1..=3)), Code::OfflineValueExceeded);
        agent.does(noted(world, world.now(), 1, 1..=2));
        assert_eq!(agent.is_told(noted(world, world.now(), 2, 1..=1)), Code::OfflineValueExceeded);
        let refusal = agent.is_refused(noted(world, world.now(), 2, 1..=2));
        assert_eq!((refusal.code, refusal.detail("taken")), (Code::OfflinePassesExceeded, Some("2")));
        agent.does(world.redeem("Maubeuge", world.codes(2, 1..=2)));
        is_sound(world);
    });
}

#[test]
fn a_booklet_gives_so_many_passes_a_day_without_a_network() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        limited(world, OfflineRules { booklet_day_passes: 2, ..OfflineRules::default() });
        let agent = world.venue_agent("LIEUX");
        agent.does(noted(world, world.now(), 1, 1..=2));
        let refusal = agent.is_refused(noted(world, world.now(), 1, 3..=3));
        let serial = world.serial(1);
        assert_eq!((refusal.code, refusal.detail("serial")), (Code::OfflineBookletExceeded, Some(serial.as_str())));
        agent.does(noted(world, world.now(), 2, 1..=2));
        agent.does(noted(world, world.now().plus_seconds(-24 * 3_600), 1, 3..=3));
        is_sound(world);
    });
}

#[test]
fn a_line_waits_so_long_and_none_comes_from_the_future() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let agent = world.venue_agent("LIEUX");
        let at = |seconds: i64| world.now().plus_seconds(seconds);
        assert_eq!(agent.is_told(noted(world, at(-72 * 3_600 - 1), 1, 1..=1)), Code::OfflineTooOld);
        assert_eq!(agent.is_told(noted(world, at(15 * 60 + 1), 1, 1..=1)), Code::OfflineClockAhead);
        agent.does(noted(world, at(-72 * 3_600), 1, 1..=1));
        agent.does(noted(world, at(15 * 60), 1, 2..=2));
    });
}
