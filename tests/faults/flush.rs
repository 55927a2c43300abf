//! F-04 of what the ledger does not write, on SQLite: the flush fails from a chosen moment, under reference data and under
//! the tree of receipts. Whoever wrote, the server ends, and an act that comes in the meantime is not begun. What never
//! lives here: the oracle; the flushes of acts (`syscalls`).

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::time::Duration;

use recepisse::receipts::merkle;

use crate::harness::{
    Engine, Entry, Register, Service, Told, alone, audit, compile, found_an_organisation, judge, read_as_administrator,
    settle, tell,
};
use crate::wire::Connection;
use crate::world::PROGRAMME;

/// After a COMMIT without an answer the process ends within one second; the rest is this machine's.
const END: Duration = Duration::from_secs(5);
const SIGABRT: i32 = 6;
/// As many receipts as one block of the tree holds: there is one to be kept.
const BLOCK: u64 = merkle::BLOCK;

/// A service on a disk whose flushes fail once `from` is there.
fn on_failing_disk(register: &Register, from: &Path) -> Service {
    let library = compile("failing_flush", include_str!("failing_flush.c"));
    let service = Service::try_start(register, |mut command| {
        command.env("LD_PRELOAD", &library).env("FLUSHES_FAIL_ONCE_THERE_IS", from);
        command
    });
    service.unwrap()
}

/// The flush under one write fails; what comes after it must find the server ended, or ending and writing nothing.
fn a_failed_flush_ends_the_server(what: &str, write: impl Fn(&Register, &mut Connection) -> Told) {
    let register = Register::prepare(Engine::Sqlite, 4_000, 20);
    let from = register.file("flushes-fail");
    let mut service = on_failing_disk(&register, &from);
    let (mut first, mut second) = (service.connect().unwrap(), service.connect().unwrap());
    let mut journal: Vec<Entry> =
        (0..BLOCK).map(|_| Entry::redemption(&register, register.draw_pass().unwrap())).collect();
    for entry in &mut journal {
        entry.send(&register, &mut second);
        assert!(matches!(entry.told, Told::Granted(_)), "{what}: {entry:?}");
    }
    std::fs::write(&from, "").unwrap();
    let told = write(&register, &mut first);
    assert_eq!(told, Told::Unknown("503 outcome_unknown".to_owned()), "{what}");
    let mut late = Entry::redemption(&register, register.draw_pass().unwrap());
    late.send(&register, &mut second);
    assert!(matches!(late.told, Told::Unknown(_)), "{what}: an act was recorded on doubtful data: {late:?}");
    let status = service.end_within(END).unwrap_or_else(|| panic!("{what}: the server goes on in doubt"));
    assert_eq!(status.signal(), Some(SIGABRT), "{what}: {status}");
    std::fs::remove_file(&from).unwrap();
    let service = Service::start(&register);
    journal.push(late);
    let settled = settle(&register, &service, &mut journal).unwrap();
    assert_eq!(settled.had_happened, 0, "{what}: the late act was recorded after all");
    judge(&register, &journal).unwrap();
    drop(service);
    audit(&register).unwrap();
    tell(&format!("F-04 EIO on the flush of {what}: the server ended itself, the late act was not begun"));
}

#[test]
fn a_flush_of_reference_data_that_fails_ends_the_server_too() {
    let _machine = alone();
    a_failed_flush_ends_the_server("reference data", |register, connection| {
        found_an_organisation(register, connection, 1)
    });
}

#[test]
fn a_flush_of_the_tree_that_fails_ends_the_server_too() {
    let _machine = alone();
    let path = format!("/api/v1/programmes/{PROGRAMME}/checkpoint");
    a_failed_flush_ends_the_server("the tree", |register, connection| {
        read_as_administrator(register, connection, &path)
    });
}
