//! F-19: SIGTERM under load. What is under way is finished and answered, the process ends by itself with 0, and SQLite's
//! log is back in the database. What never lives here: the oracle.

use std::time::Duration;

use crate::harness::{
    Engine, Entry, Register, Service, Settled, alone, audit, bar, engines, judge, settle, tell, under_load,
};

/// What one stop may draw from a register at most.
const PASSES_PER_STOP: u32 = 1_200;
/// The server promises ten seconds to the requests under way; the rest is this machine's.
const PATIENCE: Duration = Duration::from_secs(20);

/// Stops the server, and says with which code it ended and how long it took.
fn terminate(mut service: Service) -> (Option<i32>, Duration) {
    let began = std::time::Instant::now();
    service.terminate();
    let status = service.end_within(PATIENCE).expect("the server does not end");
    (status.code(), began.elapsed())
}

#[test]
fn a_server_told_to_stop_finishes_what_it_has_begun() {
    let _machine = alone();
    let stops = bar("RECEPISSE_FAULT_STOPS", 10).div_ceil(u32::try_from(engines().len()).unwrap());
    for engine in engines() {
        let register = Register::prepare(*engine, stops * PASSES_PER_STOP, stops * PASSES_PER_STOP / 3);
        let mut journal: Vec<Entry> = Vec::new();
        let (mut settled, mut slowest) = (Settled::default(), Duration::ZERO);
        for _ in 0..stops {
            let (asked, (code, took)) = under_load(&register, Service::start(&register), terminate);
            journal.extend(asked);
            slowest = slowest.max(took);
            assert_eq!(code, Some(0), "{engine}");
            if register.engine() == Engine::Sqlite {
                let log = register.database_file().with_extension("sqlite-wal");
                let left = std::fs::metadata(&log).map_or(0, |data| data.len());
                assert_eq!(left, 0, "{} bytes stay in the log of a server that has ended", log.display());
            }
            settled += settle(&register, &Service::start(&register), &mut journal).unwrap();
        }
        let verdict = judge(&register, &journal).unwrap();
        audit(&register).unwrap();
        assert_eq!(settled.had_happened, 0, "{engine}: recorded by a server that was told to stop, and not answered");
        tell(&format!(
            "F-19 {engine}: {stops} stops under load, {} acts acknowledged, 0 lost, nothing recorded that was not \
             answered; {} sent too late and settled; ended with 0 within {} ms",
            verdict.granted,
            settled.unknown,
            slowest.as_millis()
        ));
    }
}

/// The positive control: a server that ends at once, in the middle of what it does, has recorded acts whose callers hear
/// nothing, and they are counted.
#[test]
fn acts_that_a_server_recorded_and_did_not_answer_are_counted() {
    let _machine = alone();
    for engine in engines() {
        let tries = 30;
        let register = Register::prepare(*engine, tries * PASSES_PER_STOP, tries * PASSES_PER_STOP / 3);
        let mut journal: Vec<Entry> = Vec::new();
        let stops = (1..=tries).find(|_| {
            journal.extend(under_load(&register, Service::start(&register), Service::kill).0);
            settle(&register, &Service::start(&register), &mut journal).unwrap().had_happened > 0
        });
        let stops = stops.expect("what was recorded and not answered goes unseen");
        tell(&format!("F-19 control {engine}: an act recorded and not answered was seen after {stops} sudden ends"));
    }
}
