//! A simulation of the whole scheme from a seed: random acts of every kind, clients on bad links, clocks that jump,
//! against a small model that knows nothing of our rules. It runs in memory on the pure domain, by the thousand, and on
//! the real ledger with both engines. A failure prints its seed and the few events that it takes.
//!
//! `RECEPISSE_SEED=…` lives one life again; `RECEPISSE_SIMULATION_SECONDS=3600` goes on with fresh seeds for an hour.
//! What never lives here: a wall clock or a thread inside the simulated world.

mod applications;
mod clients;
mod dice;
mod ends;
mod fault;
mod focus;
mod memory;
mod model;
mod money;
mod oracle;
mod outcome;
mod people;
mod prologue;
mod reasons;
mod recall;
mod register;
mod run;
mod script;
mod stage;
mod statements;
mod subject;
mod wishes;

use std::collections::BTreeSet;

use recepisse::domain::movement::Kind;
use recepisse::domain::refusal::Code;

use self::fault::Fault;
use self::memory::{Cradle, Memory};
use self::oracle::Tally;
use self::register::Register;
use self::script::Event;
use crate::harness::{Engine, World, engines};

/// Lives and events of each: a few seconds in memory, some more on a database.
const LIVES: u64 = 240;
const EVENTS: usize = 400;
const LIVES_ON_A_DATABASE: u64 = 2;
const EVENTS_ON_A_DATABASE: usize = 220;
/// Lives within which a broken ledger must be convicted.
const LIVES_TO_CONVICT: u64 = 250;
/// Runs that a failure may cost to be shortened; where it is only to be seen that it can be, fewer.
const TRIES: usize = 1_500;
const TRIES_TO_CONVICT: usize = 600;
const TRIES_ON_A_DATABASE: usize = 40;

/// Refusals that no life can meet, each with the reason.
const OUT_OF_REACH: &[Code] = &[
    // No register is rebuilt from an archive; `tests/it/archive.rs` does.
    Code::ApplicantUnknown,
    // There is one programme, and its rules are there from the start.
    Code::ProgrammeUnknown,
    Code::RuleSetMissing,
    // No base goes back; `tests/it/acts/restore.rs` and the drills do.
    Code::RestoreNotNeeded,
    Code::RestoreNotDeclared,
    Code::RestoreSamePerson,
    // A key is proposed before there is an act.
    Code::PeopleKeyNotLater,
    // Nobody changes their role or has two; the Region has no venue of its own.
    Code::DestructionSamePerson,
    // What is proposed is torn: see `tests/it/acts/destruction.rs`.
    Code::StillValid,
    Code::ClaimOfOwnOrganisation,
    // Offline scans are signed by devices: `tests/it/http` has some.
    Code::OfflineFloorExceeded,
    Code::OfflinePassesExceeded,
    Code::OfflineValueExceeded,
    Code::OfflineBookletExceeded,
    Code::OfflineTooOld,
    Code::OfflineClockAhead,
    // No order of a life has as many passes: see `tests/it/acts/contradiction.rs`.
    Code::OrderListTooDifferent,
    // A key is planned before there is an act.
    Code::PrescriberNamedTwice,
    Code::AllocationTooSmall,
    // Who asks to be erased in the group in which something is written of them: see `tests/it/acts/erasure.rs`.
    Code::ErasureWaits,
];

/// Kinds that no life asks for: tests of their own try them.
const OUT_OF_LIFE: &[Kind] = &[Kind::Restore];

fn cradle() -> Cradle {
    Cradle::new(World::new(Engine::Sqlite))
}

/// The tally of a life in memory.
fn live_in_memory(cradle: &Cradle, seed: u64) -> Tally {
    let events = run::script(seed, EVENTS);
    let live = |events: &[Event]| run::live(events, &mut Memory::new(cradle, None));
    match live(&events) {
        Ok((tally, _)) => tally,
        Err((lived, what)) => {
            let shortened =
                run::shorten(events[..(lived + 1).min(EVENTS)].to_vec(), TRIES, |events| live(events).is_err());
            panic!("{}", run::report(seed, &what, &shortened));
        }
    }
}

#[test]
fn random_lives_in_memory_agree_with_the_model() {
    let (cradle, mut tally, start) = (cradle(), Tally::default(), std::time::Instant::now());
    run::for_each_seed(LIVES, |seed| tally.add(&live_in_memory(&cradle, seed)));
    println!("simulation: {} acts in {:?}: {tally:?}", tally.acts, start.elapsed());
    if run::is_usual() {
        let granted: BTreeSet<&str> = tally.granted.keys().copied().collect();
        let kinds = Kind::ALL.iter().filter(|kind| !OUT_OF_LIFE.contains(kind)).map(|kind| kind.as_str());
        assert_eq!(granted, kinds.collect(), "an act was never granted");
        let unheard = Code::ALL.iter().filter(|code| !tally.told.contains_key(code.as_str()));
        let unheard: BTreeSet<Code> = unheard.copied().collect();
        assert_eq!(unheard, OUT_OF_REACH.iter().copied().collect(), "what the simulation never meets it never tests");
        for told in ["forbidden", "idempotency_key_reused", "clock_behind", "clock_ahead"] {
            assert!(tally.told.contains_key(told), "{told}");
        }
        assert!(tally.replays > 1_000 && tally.groups > 1_000, "{tally:?}");
    }
}

/// The journal that a life leaves on the real ledger.
fn live_on(engine: Engine, one_by_one: bool, seed: u64) -> Vec<String> {
    let events = run::script(seed, EVENTS_ON_A_DATABASE);
    let live = |events: &[Event]| run::live(events, &mut Register::new(engine, one_by_one));
    match live(&events) {
        Ok((tally, legacy)) => {
            assert!(tally.groups > 0, "{tally:?}");
            legacy.journal
        }
        Err((lived, what)) => {
            let events = events[..(lived + 1).min(events.len())].to_vec();
            let shortened = run::shorten(events, TRIES_ON_A_DATABASE, |events| live(events).is_err());
            panic!("{}", run::report(seed, &format!("{engine}: {what}"), &shortened));
        }
    }
}

#[test]
fn random_lives_on_the_real_ledger_agree_with_the_model_and_groups_do_not_change_a_byte() {
    let mut receipts = 0;
    run::for_each_seed(LIVES_ON_A_DATABASE, |seed| {
        let alone = live_on(Engine::Sqlite, true, seed);
        receipts += alone.len();
        for engine in engines() {
            let grouped = live_on(*engine, false, seed);
            let first = alone.iter().zip(&grouped).find(|(one, other)| one != other);
            assert!(alone == grouped, "seed {seed}: groups on {engine} write another journal: {first:#?}");
        }
    });
    // A fresh life may be a dull one; the fixed ones are not.
    assert!(!run::is_usual() || receipts > 50, "dull lives of {receipts} receipts");
}

#[test]
fn every_broken_ledger_is_convicted() {
    let cradle = cradle();
    for fault in Fault::ALL {
        let live = |events: &[Event]| run::live(events, &mut Memory::new(&cradle, Some(*fault)));
        let convict = |seed: u64| live(&run::script(seed, EVENTS)).err().map(|(lived, what)| (seed, lived, what));
        let Some((seed, lived, what)) = (1..=LIVES_TO_CONVICT).find_map(convict) else {
            panic!("{fault:?} got past the simulation");
        };
        assert_eq!(convict(seed), Some((seed, lived, what.clone())), "{fault:?}: a seed tells one story");
        let events = run::script(seed, EVENTS)[..(lived + 1).min(EVENTS)].to_vec();
        let shortened = run::shorten(events, TRIES_TO_CONVICT, |events| live(events).is_err());
        println!("{fault:?}: life {seed}, event {lived}, shortened to {}: {what}", shortened.len());
        assert!(live(&shortened).is_err() && shortened.len() <= 100, "{fault:?}: {shortened:#?}");
    }
}

/// The same for the real ledger: its judge sees a table that somebody tampers with.
#[test]
fn a_register_that_is_tampered_with_is_convicted() {
    let events = run::script(1, EVENTS_ON_A_DATABASE);
    for engine in engines() {
        for sql in [
            "DELETE FROM replies",
            "UPDATE passes SET holder = NULL WHERE holder IS NOT NULL",
            "UPDATE balances SET value_cents = value_cents + 1 WHERE holder = 'circulation'",
        ] {
            let found = run::live(&events, &mut Register::tampered_with(*engine, sql));
            println!("{engine}: {sql}: {:?}", found.as_ref().err());
            assert!(found.is_err(), "{engine}: {sql}");
        }
    }
}
