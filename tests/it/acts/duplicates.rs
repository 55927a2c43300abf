//! Somebody who was typed otherwise before: whoever gives is warned, the Region says what they are, and what it says counts from
//! the next hand-out on. What never lives here: HTTP (see `http::duplicates`).

use recepisse::domain::act::Act;
use recepisse::domain::applications::File;
use recepisse::domain::duplicates::Verdict;
use recepisse::domain::erasure::{Erase, Whom};
use recepisse::domain::party::Role;
use recepisse::domain::refusal::Code;
use recepisse::domain::text::Label;
use recepisse::store::{NoticedPair, PairCounts, Review, StoreError};

use super::is_sound;
use crate::harness::{Person, Raw, World, on_every_engine};

const BIRTH: &str = "1955-03-04";

fn zoe(world: &World) -> Person {
    Person::named(world, "Lefèvre", "Zoé", BIRTH)
}

fn mistyped(world: &World) -> Person {
    Person::named(world, "Lefebvre", "Zoé", BIRTH)
}

/// Gives booklets at Maubeuge; says whether there was a warning.
fn gives(world: &World, person: &Person, booklet: u32) -> bool {
    world.prescriber("MAUB").asks(world.hand_out(person, [booklet])).unwrap().doubtful
}

fn pairs(world: &World) -> Vec<NoticedPair> {
    let found: Result<_, StoreError> = world.store.read(|tx| tx.duplicates(world.programme.no, None, 0, 50));
    found.unwrap()
}

fn counts(world: &World) -> PairCounts {
    let found: Result<_, StoreError> = world.store.read(|tx| tx.duplicate_counts(world.programme.no));
    found.unwrap()
}

fn finds(world: &World, number: i64, verdict: Verdict) {
    let reason = Label::parse("Pièces d'identité comparées").unwrap();
    let review = Review { verdict, reason, reviewer: world.user("HDF", Role::RegionAdmin), on: world.day() };
    assert!(world.write(|tx| tx.keep_review(world.programme.no, number, &review)));
}

fn rows(world: &World, table: &str) -> i64 {
    Raw::on(&world.place).number(&format!("SELECT COUNT(*) AS answer FROM {table}"))
}

#[test]
fn somebody_typed_otherwise_is_served_with_a_warning_and_waits_for_the_region() {
    on_every_engine(|world| {
        world.supply_maubeuge(9);
        assert!(!gives(world, &zoe(world), 1), "the first of them");
        for (booklet, family, given, birth) in [
            (2, "Lefebvre", "Zoé", BIRTH),
            (3, "Zoé", "Lefèvre", BIRTH),
            (4, "Lefèvre", "Zoé", "1955-04-03"),
            (5, "Lefèvre", "Zoée", BIRTH),
        ] {
            assert!(gives(world, &Person::named(world, family, given, birth), booklet), "{family} {given} {birth}");
        }
        assert!(!gives(world, &Person::named(world, "Lefèvre", "Anne", BIRTH), 6));
        assert!(!gives(world, &Person::named(world, "Lefèvre", "Zoé", "1956-03-04"), 7));
        let first = &pairs(world)[0];
        assert_eq!((first.pair.known, first.pair.newcomer), (zoe(world).fingerprint, mistyped(world).fingerprint));
        assert_eq!((first.receipt.as_str(), first.review.clone()), ("HDF21-MAUB-2021-000003", None));
        assert!(counts(world).waiting >= 4, "{:?}", counts(world));
        is_sound(world);
    });
}

#[test]
fn what_one_person_received_under_two_spellings_counts_together_once_the_region_has_said_so() {
    on_every_engine(|world| {
        world.supply_maubeuge(5);
        world.change_programme(|programme| programme.entitlement_passes = 20);
        let (maubeuge, zoe, mistyped) = (world.prescriber("MAUB"), zoe(world), mistyped(world));
        gives(world, &zoe, 1);
        assert!(gives(world, &mistyped, 2));
        assert!(gives(world, &zoe, 3), "nobody has looked yet");
        finds(world, 1, Verdict::Same);
        for person in [&zoe, &mistyped] {
            let refused = maubeuge.is_refused(world.hand_out(person, [4]));
            assert_eq!((refused.code, refused.detail("left")), (Code::EntitlementExhausted, Some("0")));
        }
        finds(world, 1, Verdict::Different);
        assert!(!gives(world, &mistyped, 4), "two people, each with their own");
        assert_eq!(counts(world), PairCounts { different: 1, ..PairCounts::default() });
        assert_eq!(pairs(world).len(), 1);
        is_sound(world);
    });
}

#[test]
fn an_applicant_typed_otherwise_is_seen_before_the_region_accepts() {
    on_every_engine(|world| {
        world.supply_maubeuge(2);
        let (platform, admin) = (world.hand("AIDES", Role::Platform), world.region_admin());
        gives(world, &zoe(world), 1);
        let mistyped = mistyped(world);
        let filed = platform.asks(world.application("AIDES", &mistyped, 5)).unwrap();
        assert!(!filed.doubtful, "whoever files is told nothing");
        assert_eq!(counts(world).waiting, 1);
        finds(world, 1, Verdict::Same);
        assert_eq!(admin.is_told(world.acceptance_of(1)), Code::ChannelsMixed);
        let again = File { fingerprint: zoe(world).fingerprint, ..world.application("AIDES", &mistyped, 5) };
        assert_eq!(platform.is_told(again), Code::ApplicationOpen, "one person has one under way");
        finds(world, 1, Verdict::Different);
        assert!(!admin.asks(world.acceptance_of(1)).unwrap().doubtful);
        platform.does(world.application("AIDES", &Person::named(world, "Lefbvre", "Zoé", BIRTH), 5));
        assert!(admin.asks(world.acceptance_of(2)).unwrap().doubtful);
        is_sound(world);
    });
}

#[test]
fn one_person_is_erased_under_every_spelling_and_looks_like_nobody_any_more() {
    on_every_engine(|world| {
        world.supply_maubeuge(6);
        let (admin, zoe, mistyped) = (world.region_admin(), zoe(world), mistyped(world));
        gives(world, &zoe, 1);
        gives(world, &mistyped, 2);
        finds(world, 1, Verdict::Same);
        assert_eq!((rows(world, "likenesses") > 6, rows(world, "people")), (true, 2));
        admin.does(Erase { whom: Whom::Person(mistyped.fingerprint) });
        assert_eq!((rows(world, "likenesses"), rows(world, "people"), rows(world, "hand_outs")), (0, 0, 0));
        assert_eq!((pairs(world), counts(world)), (Vec::new(), PairCounts::default()));
        let mut raw = Raw::on(&world.place);
        let told = "SELECT COUNT(*) AS answer FROM possible_duplicates WHERE verdict IS NOT NULL OR reason IS NOT NULL";
        assert_eq!(raw.number(told), 0);
        assert!(!gives(world, &zoe, 3), "somebody new");
        assert!(gives(world, &mistyped, 4));
        assert_eq!(pairs(world)[0].pair.number, 2, "a number names one pair for ever");
        // Of two who were not found to be one, each is erased alone.
        admin.does(Erase { whom: Whom::Person(zoe.fingerprint) });
        assert_eq!((rows(world, "people"), pairs(world).len()), (1, 0));
        is_sound(world);
    });
}

#[test]
fn who_comes_in_the_same_group_is_noticed_too() {
    on_every_engine(|world| {
        world.supply_maubeuge(2);
        let (zoe, mistyped) = (zoe(world), mistyped(world));
        let both: [Box<dyn Act>; 2] = [Box::new(world.hand_out(&zoe, [1])), Box::new(world.hand_out(&mistyped, [2]))];
        assert!(world.prescriber("MAUB").asks_together(both.into()).iter().all(Result::is_ok));
        assert_eq!(counts(world).waiting, 1);
        is_sound(world);
    });
}
