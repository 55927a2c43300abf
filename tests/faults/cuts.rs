//! Connections cut at any byte: between clients and the server, and, for F-08, between the server and PostgreSQL before,
//! inside and after COMMIT. Every request is sent again under its key. What never lives here: the oracle.

use std::net::TcpStream;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{
    Commits, Course, Engine, Entry, Moment, Register, Relay, Service, alone, audit, bar, chance, cut_after, engines,
    judge, open_gate, persist, settle, tell, through,
};

const CLIENTS: usize = 16;
/// A request and its answer are shorter than this together.
const LATEST_BYTE: usize = 4_000;
/// A suite in which nothing happens for so long is stuck.
const PATIENCE: Duration = Duration::from_mins(10);

fn wait_until(enough: impl Fn() -> bool) {
    let began = Instant::now();
    while !enough() && began.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
}

/// Everything was answered, everything that was answered is there, and asking again changes nothing.
fn in_order(register: &Register, service: &Service, course: &mut Course) -> usize {
    assert_eq!(settle(register, service, &mut course.journal).unwrap().unknown, 0, "not every answer is definite");
    let mut connection = service.connect().unwrap();
    for entry in &mut course.journal {
        let told = entry.told.clone();
        assert!(entry.send(register, &mut connection), "{} is no replay", entry.key);
        assert_eq!(entry.told, told, "another answer than the first");
    }
    let verdict = judge(register, &course.journal).unwrap();
    audit(register).unwrap();
    assert_eq!(verdict.refused, 0, "a pass that nobody else had was refused");
    verdict.granted
}

/// Clients behind a relay that cuts every connection somewhere, in one direction or the other.
fn under_fire(register: &Register, service: &Service, again: impl Fn(&mut Entry) + Sync) -> Course {
    let address = service.address;
    let relay = Relay::between(
        move || TcpStream::connect(address),
        || {
            let cut = cut_after(1 + chance(LATEST_BYTE));
            if chance(2) == 0 { (cut, open_gate()) } else { (open_gate(), cut) }
        },
    );
    let addresses = Mutex::new(vec![relay.address]);
    persist(register, &addresses, CLIENTS, again, || wait_until(|| register.is_used_up()))
}

#[test]
fn requests_and_replies_cut_at_any_byte_have_one_effect_and_one_answer_per_key() {
    let _machine = alone();
    let requests = bar("RECEPISSE_FAULT_CUT_REQUESTS", 300);
    for engine in engines() {
        let register = Register::prepare(*engine, requests, 0);
        let service = Service::start(&register);
        let mut course = under_fire(&register, &service, |_| {});
        assert!(course.retries > 0, "nothing was cut");
        let granted = in_order(&register, &service, &mut course);
        assert_eq!(granted, usize::try_from(requests).unwrap());
        tell(&format!(
            "replies and requests cut, {engine}: {granted} requests, {} attempts without an answer, one effect per key, \
             the same answer after; slowest definite answer {} ms",
            course.retries,
            course.slowest.as_millis()
        ));
    }
}

/// The positive control: a client that takes a new key for each attempt is told that its own pass is already used.
#[test]
fn the_oracle_convicts_a_client_that_forgets_its_key() {
    let _machine = alone();
    let register = Register::prepare(Engine::Sqlite, 100, 0);
    let service = Service::start(&register);
    let course = under_fire(&register, &service, |entry| entry.key = register.key());
    let wrong = judge(&register, &course.journal).expect_err("the oracle is blind");
    tell(&format!("cut replies, control: with a new key for each attempt, {} acts were convicted", wrong.len()));
}

fn commits_cut(moment: Moment) {
    let _machine = alone();
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let cuts = bar("RECEPISSE_FAULT_COMMIT_CUTS", 100);
    let register = Register::prepare(Engine::Postgres, cuts * 80, 0);
    let wanted = usize::try_from(cuts).unwrap();
    let commits = Commits::new(moment, wanted);
    let gates = commits.clone();
    let (_relay, url) = Relay::to_postgres(&register.place.database, move || gates.gates());
    let service = through(&register, url);
    let addresses = Mutex::new(vec![service.address]);
    let mut course = persist(&register, &addresses, CLIENTS, |_| {}, || wait_until(|| commits.done() >= wanted));
    assert_eq!(commits.done(), wanted, "the passes were used up first");
    let granted = in_order(&register, &service, &mut course);
    tell(&format!(
        "F-08 {moment:?} COMMIT: {wanted} cuts, {granted} acts acknowledged, {} attempts without an answer, 0 lost, \
         0 doubled, all definite; slowest {} ms",
        course.retries,
        course.slowest.as_millis()
    ));
}

#[test]
fn a_connection_cut_before_commit_loses_and_doubles_nothing() {
    commits_cut(Moment::Before);
}

#[test]
fn a_connection_cut_inside_commit_loses_and_doubles_nothing() {
    commits_cut(Moment::Inside);
}

#[test]
fn a_connection_cut_after_commit_loses_and_doubles_nothing() {
    commits_cut(Moment::After);
}

/// The positive control: a COMMIT that is answered and was never done.
#[test]
fn the_oracle_convicts_commits_that_never_reached_the_database() {
    let _machine = alone();
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let register = Register::prepare(Engine::Postgres, 2_000, 0);
    let commits = Commits::new(Moment::Swallowed, usize::MAX);
    let gates = commits.clone();
    let (_relay, url) = Relay::to_postgres(&register.place.database, move || gates.gates());
    let service = through(&register, url);
    let addresses = Mutex::new(vec![service.address]);
    let course = persist(&register, &addresses, CLIENTS, |_| {}, || wait_until(|| commits.done() >= 10));
    service.kill();
    let wrong = judge(&register, &course.journal).expect_err("the oracle is blind");
    let lost = wrong.iter().filter(|sentence| sentence.contains("and lost")).count();
    assert!(lost > 0, "{wrong:?}");
    tell(&format!("F-08 control: {} COMMITs swallowed, {lost} acknowledged acts lost, and convicted", commits.done()));
}
