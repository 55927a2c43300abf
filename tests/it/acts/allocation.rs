//! Booklets allocated among prescribers by a key, and from prescriber to prescriber, in one act with one receipt.

use recepisse::domain::allocation::{Allocate, Ground, Key, ReallocationReason, Sending, Weighting};
use recepisse::domain::party::Holder;
use recepisse::domain::refusal::Code;

use super::is_sound;
use crate::conservation::balances;
use crate::harness::{World, on_every_engine, short_code};

fn held(world: &World, holder: &str) -> i64 {
    balances(world).iter().filter(|((of, _), _)| of == holder).map(|(_, (passes, _))| passes).sum()
}

fn key(world: &World, booklets: u32, fixed: u32, weights: &[(&str, u64)]) -> Key {
    let weight = |(code, weight): &(&str, u64)| (world.organisation(code), short_code(code), *weight);
    Key { booklets, fixed, weighting: Weighting::Population, weights: weights.iter().map(weight).collect() }
}

fn from_to(world: &World, from: &str, to: &str, booklets: u32) -> Allocate {
    let sending = Sending { from: Holder::Prescriber(short_code(from)), to: world.organisation(to), booklets };
    let ground = Ground::Reallocation(ReallocationReason::DormantStock);
    Allocate { sendings: vec![sending], order: None, ground }
}

#[test]
fn a_key_sends_booklets_to_every_prescriber_by_one_receipt() {
    on_every_engine(|world| {
        world.stock_up(20);
        let act = Allocate::by_key(&key(world, 14, 2, &[("MAUB", 30_000), ("FOURM", 12_000)]), None).unwrap();
        let receipt = world.region_admin().does(act);
        let sendings = "1 store prescriber:MAUB 9; 2 store prescriber:FOURM 5";
        assert!(receipt.bytes().contains(sendings), "{}", receipt.bytes());
        assert_eq!((receipt.body().total.booklets, held(world, "store"), held(world, "transit:1")), (14, 60, 90));
        world.prescriber("MAUB").does(world.acceptance(1, "MAUB", 1..=9));
        world.prescriber("FOURM").does(world.acceptance(2, "FOURM", 10..=14));
        assert_eq!((held(world, "prescriber:MAUB"), held(world, "prescriber:FOURM")), (90, 50));
        world.region_admin().does(world.dispatch("MAUB", 1));
        is_sound(world);
    });
}

#[test]
fn stock_that_sleeps_goes_to_another_prescriber_who_accepts_it() {
    on_every_engine(|world| {
        world.supply_maubeuge(6);
        let admin = world.region_admin();
        assert_eq!(admin.is_told(from_to(world, "MAUB", "FOURM", 7)), Code::NotEnoughBooklets);
        assert_eq!(admin.is_told(from_to(world, "MAUB", "MAUB", 1)), Code::SameHolder);
        assert_eq!(admin.is_told(from_to(world, "MAUB", "HIRSON", 1)), Code::NoMandateInForce);
        assert_eq!(admin.is_told(from_to(world, "MAUB", "LIEUX", 1)), Code::PrescriberUnknown);
        assert_eq!(admin.is_told(from_to(world, "MAUB", "FOURM", 0)), Code::SelectionEmpty);
        let moved = admin.does(from_to(world, "MAUB", "FOURM", 4));
        assert_eq!(
            (moved.body().kind.as_str(), moved.body().lines[0].from.as_str()),
            ("allocation", "prescriber:MAUB")
        );
        world.prescriber("FOURM").does(world.acceptance(2, "FOURM", 1..=4));
        assert_eq!((held(world, "prescriber:MAUB"), held(world, "prescriber:FOURM")), (20, 40));
        is_sound(world);
    });
}

#[test]
fn an_allocation_is_whole_or_not_at_all() {
    on_every_engine(|world| {
        world.stock_up(20);
        world.change_mandate("FOURM", |mandate| mandate.ceiling_booklets = 5);
        let told = |booklets, fixed, weights: &[(&str, u64)]| {
            let act = Allocate::by_key(&key(world, booklets, fixed, weights), None);
            act.map_or_else(|refusal| refusal.code, |act| world.region_admin().is_told(act))
        };
        assert_eq!(told(12, 6, &[("MAUB", 1), ("FOURM", 1)]), Code::MandateCeilingExceeded);
        assert_eq!(told(12, 7, &[("MAUB", 1), ("FOURM", 1)]), Code::AllocationTooSmall);
        assert_eq!(told(4, 1, &[("MAUB", 1), ("MAUB", 1)]), Code::PrescriberNamedTwice);
        assert_eq!(told(21, 1, &[("MAUB", 1)]), Code::NotEnoughBooklets);
        assert_eq!(told(0, 0, &[("MAUB", 1)]), Code::QuantityOutOfRange);
        assert_eq!(told(4, 0, &[]), Code::SelectionEmpty);
        let to_fourmies = || Sending { from: Holder::Store, to: world.organisation("FOURM"), booklets: 3 };
        let twice = Allocate {
            sendings: vec![to_fourmies(), to_fourmies()],
            order: None,
            ground: Ground::Reallocation(ReallocationReason::Need),
        };
        assert_eq!(world.region_admin().is_told(twice), Code::MandateCeilingExceeded, "both count together");
        is_sound(world);
    });
}
