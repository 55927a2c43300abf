//! Reading beside writing: a read waits for no act and holds none up, shows one moment, and leaves the write-ahead log
//! within its bounds. The judge of the log is put on trial: a snapshot that is kept open must not get past it.

use std::sync::Arc;

use recepisse::reports::{self, CsvOptions, Export, Format, Request};

use crate::harness::{Engine, World, on_every_engine};

const BOOKLETS: u32 = 40;
/// A quarter more than what SQLite lets the log grow to before it is carried over into the database (4,096 pages of 4 KiB).
const MOST_LOG_BYTES: u64 = 20 << 20;

/// Spends the passes with these places, one act each.
fn spend(world: &World, places: std::ops::Range<u32>) {
    for place in places {
        let rank = u8::try_from(place % 10 + 1).unwrap();
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(place / 10 + 1, [rank])));
    }
}

/// What came into circulation and left it, in pages of 200 receipts.
fn movements(world: &World) -> Export {
    let request =
        Request { holder: Some("circulation".to_owned()), ..Request::new(world.programme.code.clone(), world.day()) };
    let report = reports::open("movements", &Arc::clone(&world.store), &request).unwrap();
    Export::new(report, Format::Csv(CsvOptions::default()))
}

#[test]
fn an_export_that_is_open_holds_up_no_act_and_shows_one_moment() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(BOOKLETS);
        spend(world, 0..250);
        let position = world.journal(world.programme.no).position;
        let mut export = movements(world);
        let mut text = Vec::new();
        for _ in 0..2 {
            text.extend(export.next().unwrap().unwrap());
        }
        // More than a page is left to read.
        spend(world, 250..330);
        for chunk in export {
            text.extend(chunk.unwrap());
        }
        let text = String::from_utf8(text).unwrap();
        let control = format!("#total rows={} position={position} ", BOOKLETS + 250);
        assert!(text.lines().last().unwrap().starts_with(&control), "{}", text.lines().last().unwrap());
        assert_eq!(text.lines().count(), usize::try_from(BOOKLETS).unwrap() + 250 + 2);
        assert_eq!(world.journal(world.programme.no).position, position + 80);
    });
}

#[test]
fn an_act_goes_through_while_a_snapshot_is_held_and_the_snapshot_does_not_move() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let no = world.programme.no;
        let held: Result<(), recepisse::store::StoreError> = world.store.read(|tx| {
            let before = tx.journal(no)?.unwrap();
            // On this very thread: whoever waited for the reader would wait for ever.
            spend(world, 0..3);
            assert_eq!(tx.journal(no)?.unwrap(), before, "{}", world.engine());
            Ok(())
        });
        held.unwrap();
    });
}

/// Bytes of the write-ahead log of a SQLite world.
fn log_bytes(world: &World) -> u64 {
    let path = format!("{}-wal", world.place.url.strip_prefix("sqlite:").unwrap());
    std::fs::metadata(path).map_or(0, |log| log.len())
}

#[test]
fn the_log_does_not_grow_under_an_export_that_is_open_for_ever() {
    let world = World::new(Engine::Sqlite);
    world.hand_out_at_maubeuge(BOOKLETS);
    spend(&world, 0..210);
    let mut export = movements(&world);
    for _ in 0..2 {
        export.next().unwrap().unwrap();
    }
    spend(&world, 210..400);
    assert!(export.next().unwrap().is_ok());
    let bytes = log_bytes(&world);
    assert!(bytes <= MOST_LOG_BYTES, "{bytes} bytes under an export");
}

#[test]
fn the_judge_of_the_log_convicts_a_snapshot_that_is_kept() {
    let world = World::new(Engine::Sqlite);
    world.hand_out_at_maubeuge(BOOKLETS);
    let bytes: Result<u64, recepisse::store::StoreError> = world.store.read(|tx| {
        tx.journal(world.programme.no)?;
        spend(&world, 0..400);
        Ok(log_bytes(&world))
    });
    let bytes = bytes.unwrap();
    assert!(bytes > MOST_LOG_BYTES, "only {bytes} bytes: the test beside this one proves nothing");
}
