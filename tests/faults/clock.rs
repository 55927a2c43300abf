//! F-14: the wall clock of the real program is set while it serves, forward and back. What cannot be believed stops the
//! writing and nothing else, until the clock is right again. What never lives here: the oracle.

use std::path::Path;

use crate::harness::{Entry, Register, Service, Told, alone, audit, compile, engines, judge, settle, tell};

/// The server's clock goes so much before ours, so that a token of ours is from its past whenever its clock is set back.
const AHEAD_SECONDS: i64 = 200;

/// What a redemption is told while the clock is set by so much, and what the service would write of it: nothing, or it.
const SETTINGS: [(i64, Option<&str>); 5] =
    [(60, None), (-60, None), (150, Some("503 clock_ahead")), (-150, Some("503 clock_behind")), (0, None)];

/// In one step: a reader finds the one number or the other.
fn set(file: &Path, seconds: i64) {
    let beside = file.with_extension("new");
    std::fs::write(&beside, (AHEAD_SECONDS + seconds).to_string()).unwrap();
    std::fs::rename(beside, file).unwrap();
}

#[test]
fn a_clock_that_cannot_be_believed_stops_the_writing_until_it_is_right_again() {
    let _machine = alone();
    let library = compile("set_clock", include_str!("set_clock.c"));
    for engine in engines() {
        let register = Register::prepare(*engine, 100, 20);
        let file = register.file("clock");
        set(&file, 0);
        let service = Service::try_start(&register, |mut command| {
            command.env("LD_PRELOAD", &library).env("CLOCK_SET_BY", &file);
            command
        });
        let service = service.unwrap();
        let mut connection = service.connect().unwrap();
        let mut journal: Vec<Entry> = Vec::new();
        for (seconds, expected) in SETTINGS {
            set(&file, seconds);
            let mut entry = Entry::redemption(&register, register.draw_pass().unwrap());
            entry.send(&register, &mut connection);
            match expected {
                None => assert!(matches!(entry.told, Told::Granted(_)), "{engine}, {seconds} s: {entry:?}"),
                Some(told) => assert_eq!(entry.told, Told::Unknown(told.to_owned()), "{engine}, {seconds} s"),
            }
            journal.push(entry);
            let reading = connection.get("/ready").unwrap();
            assert_eq!(reading.status, 200, "{engine}, {seconds} s: reading goes on");
        }
        let settled = settle(&register, &service, &mut journal).unwrap();
        assert_eq!((settled.unknown, settled.had_happened), (2, 0), "{engine}: what was told to wait was written");
        let verdict = judge(&register, &journal).unwrap();
        drop(service);
        audit(&register).unwrap();
        tell(&format!(
            "F-14 {engine}: the clock set {} times, {} acts written, none out of order",
            SETTINGS.len(),
            verdict.granted
        ));
    }
}
