//! One booklet from order to redemption and back. The clock, the keys and the identifiers are the same in every
//! world, so both engines must hold the same receipts, byte for byte.

use recepisse::domain::redemption::{ReversalReason, Reverse};
use recepisse::domain::text::ReceiptNumber;
use recepisse::receipts::replay::Replay;
use recepisse::receipts::{Receipt, chain, seal};
use recepisse::store::StoredReceipt;

use crate::harness::{Person, World, engines};

/// The life of booklet 1, with a minute between acts.
fn live(world: &World) {
    let minute = || world.clock.advance_seconds(60);
    world.region_admin().does(world.order("CMD-1", 3));
    minute();
    world.region_admin().does(world.delivery("CMD-1", 1..=3));
    minute();
    world.region_finance().does(world.activation("CMD-1"));
    minute();
    world.region_admin().does(world.dispatch("MAUB", 2));
    minute();
    world.prescriber("MAUB").does(world.acceptance(1, "MAUB", 1..=2));
    minute();
    world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, 1), [1]));
    world.clock.advance_days(3);
    let spent = world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=3)));
    minute();
    let number = ReceiptNumber::parse(&spent.body().number).unwrap();
    world.venue_agent("LIEUX").does(Reverse { number, reason: ReversalReason::EnteredByMistake });
    minute();
    world.venue_agent("LIEUX").does(world.redeem("Avesnes", world.codes(1, [2])));
}

fn read(stored: &StoredReceipt) -> Receipt {
    chain::read_receipt(stored.body.clone()).unwrap()
}

#[test]
fn both_engines_hold_the_same_receipts_byte_for_byte() {
    let mut first: Option<Vec<StoredReceipt>> = None;
    for engine in engines() {
        let world = World::new(*engine);
        live(&world);
        let receipts = world.receipts();
        let numbers: Vec<&str> = receipts.iter().map(|receipt| receipt.number.as_str()).collect();
        assert_eq!(
            numbers,
            [
                "HDF21-HDF-2021-000001",
                "HDF21-HDF-2021-000002",
                "HDF21-HDF-2021-000003",
                "HDF21-HDF-2021-000004",
                "HDF21-MAUB-2021-000001",
                "HDF21-MAUB-2021-000002",
                "HDF21-LIEUX-2021-000001",
                "HDF21-LIEUX-2021-000002",
                "HDF21-LIEUX-2021-000003",
            ]
        );
        match &first {
            None => first = Some(receipts),
            Some(first) => assert_eq!(first, &receipts, "{engine}"),
        }
    }
}

#[test]
fn the_journal_of_a_life_replays_to_the_balances_in_the_database() {
    for engine in engines() {
        let world = World::new(*engine);
        live(&world);
        let mut replay = Replay::new("HDF21");
        for stored in world.receipts() {
            replay.receipt(&read(&stored)).unwrap();
        }
        replay.recount().unwrap();
        let mut replayed: Vec<(String, String, i64)> =
            replay.balances().map(|(batch, holder, balance)| (batch.into(), holder.into(), balance.passes)).collect();
        replayed.sort();
        assert_eq!(
            replayed,
            [
                ("1-1", "circulation", 9),
                ("1-1", "issue:1-1", -30),
                ("1-1", "prescriber:MAUB", 10),
                ("1-1", "provider:LIEUX", 1),
                ("1-1", "store", 10)
            ]
            .map(|(batch, holder, passes)| (batch.to_owned(), holder.to_owned(), passes))
        );
        assert_eq!(crate::conservation::balances(&world), crate::conservation::replayed(&replay), "{engine}");
    }
}

#[test]
fn every_receipt_stands_under_a_seal() {
    for engine in engines() {
        let world = World::new(*engine);
        live(&world);
        let receipts = world.receipts();
        let seals = world.store.read(|tx| tx.seals(world.programme.no, 0, i64::MAX)).unwrap();
        assert_eq!(seals.last().map(|seal| seal.position), receipts.last().map(|receipt| receipt.position));
        for stored in seals {
            let key = world.keys.seal_key().verifying_key();
            assert_eq!(stored.key_id, seal::key_id(&key));
            assert!(seal::verify(&key, "HDF21", (1, stored.position), &stored.hash, &stored.signature));
        }
    }
}
