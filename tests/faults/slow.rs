//! Who is slow or many does not stop those who are not: hundreds of clients that never finish what they say, and a storm of
//! sign-ins, beside a counter that goes on redeeming. What never lives here: the bounds themselves.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Course, Register, Service, Told, alone, engines, persist, tell};

/// A little less than the server serves.
const SLOW: usize = 480;
const COUNTERS: usize = 4;
/// A head may take 5 s, a body 10 s; the rest is this machine's.
const CUT_BY: Duration = Duration::from_secs(25);

const HEAD: &str = "POST /api/v1/auth/login HTTP/1.1\r\nhost: localhost\r\n";

/// Redeems beside what `disturb` does.
fn beside(register: &Register, service: &Service, disturb: impl FnOnce()) -> Course {
    let course = persist(register, &Mutex::new(vec![service.address]), COUNTERS, |_| {}, disturb);
    assert!(course.journal.iter().all(|entry| matches!(entry.told, Told::Granted(_))), "a counter was not served");
    assert_eq!(course.retries, 0, "a counter had to ask again");
    assert!(!course.journal.is_empty());
    course
}

/// Says so much of a request, waits until it is cut, and answers how it was.
fn stall(service: &Service, said: &str) -> (Option<u16>, Duration) {
    let began = Instant::now();
    let mut stream = TcpStream::connect(service.address).unwrap();
    stream.set_read_timeout(Some(CUT_BY)).unwrap();
    stream.write_all(said.as_bytes()).unwrap();
    let mut answer = String::new();
    drop(stream.read_to_string(&mut answer));
    (answer.split(' ').nth(1).and_then(|status| status.parse().ok()), began.elapsed())
}

#[test]
fn hundreds_of_clients_that_stall_are_cut_and_a_counter_beside_them_is_served() {
    let _machine = alone();
    let register = Register::prepare(engines()[0], 60_000, 0);
    let service = Service::start(&register);
    let body = format!("{HEAD}content-type: application/json\r\ncontent-length: 100\r\n\r\n{{");
    let cut = Mutex::new(Vec::new());
    let course = beside(&register, &service, || {
        thread::scope(|scope| {
            for turn in 0..SLOW {
                let (service, cut, said) = (&service, &cut, if turn % 2 == 0 { HEAD } else { &body });
                scope.spawn(move || {
                    // Before the list is taken: they must stall side by side.
                    let stalled = stall(service, said);
                    cut.lock().unwrap().push(stalled);
                });
            }
        });
    });
    let cut = cut.into_inner().unwrap();
    let slowest = cut.iter().map(|(_, took)| *took).max().unwrap();
    assert!(cut.iter().all(|(status, _)| *status == Some(408)), "{cut:?}");
    assert!(slowest < CUT_BY, "{slowest:?}");
    tell(&format!(
        "T-58: {SLOW} stalled clients, all cut with 408, the last after {} ms; {} redemptions beside them, all served, the \
         slowest in {} ms",
        slowest.as_millis(),
        course.journal.len(),
        course.slowest.as_millis()
    ));
}

const SIGN_INS: usize = 300;

/// Signs in from an address of its own, as a front server on this machine would tell it.
fn sign_in(service: &Service, number: usize) -> (u16, bool) {
    let body = format!("{{\"email\":\"nobody-{number}@example.org\",\"password\":\"le mot de passe de personne\"}}");
    let mut stream = TcpStream::connect(service.address).unwrap();
    stream.set_read_timeout(Some(CUT_BY)).unwrap();
    let (high, low) = (number / 250, number % 250);
    let request = format!(
        "{HEAD}content-type: application/json\r\nx-forwarded-for: 10.0.{high}.{low}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.to_ascii_lowercase().contains("\r\nretry-after: "))
}

#[test]
fn a_storm_of_sign_ins_is_sent_away_and_a_counter_beside_it_is_served() {
    let _machine = alone();
    let register = Register::prepare(engines()[0], 60_000, 0);
    let service = Service::start(&register);
    let heard = Mutex::new(Vec::new());
    let course = beside(&register, &service, || {
        thread::scope(|scope| {
            for number in 0..SIGN_INS {
                let (service, heard) = (&service, &heard);
                scope.spawn(move || {
                    let told = sign_in(service, number);
                    heard.lock().unwrap().push(told);
                });
            }
        });
    });
    let heard = heard.into_inner().unwrap();
    let count = |wanted: u16| heard.iter().filter(|(status, _)| *status == wanted).count();
    let (tried, sent_away) = (count(401), count(503) + count(429));
    assert_eq!(tried + sent_away, SIGN_INS, "{heard:?}");
    assert!(heard.iter().all(|(status, says_when)| *status == 401 || *says_when), "{heard:?}");
    assert!(tried > 0 && sent_away > 0, "{tried} tried, {sent_away} sent away: this was no storm");
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim();
    tell(&format!(
        "T-59: {SIGN_INS} sign-ins at once, {tried} tried, {sent_away} told to come back; {} redemptions beside them, all \
         served, the slowest in {} ms; peak memory {peak}",
        course.journal.len(),
        course.slowest.as_millis()
    ));
}
