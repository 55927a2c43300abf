//! F-30: the server is killed while a subscriber has an event and has not been believed yet: between the answer and what is
//! written down of it. Each event comes at least once, in order, under one name. What never lives here: the oracle of acts.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use recepisse::clock::{Clock as _, Entropy as _, SystemClock, SystemEntropy};
use recepisse::domain::ids::WebhookId;
use recepisse::domain::party::OrganisationKind;
use recepisse::domain::places::words::WebAddress;
use recepisse::domain::webhooks::{Progress, Topic, Webhook};
use recepisse::store::{Options, Page, Store, StoreError, WriteError};

use crate::harness::{Engine, Place, Raw, Register, Service, alone, engines, tell};

/// After how many events each kill comes.
const AFTER: [usize; 4] = [1, 5, 9, 3];

/// A subscriber who pulls the plug of the server after so many events, with the answer still in hand.
struct Assassin {
    url: String,
    heard: Arc<Mutex<Vec<String>>>,
    /// The process to be killed; 0 is none.
    victim: Arc<AtomicU32>,
    after: Arc<Mutex<usize>>,
}

impl Assassin {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/told", listener.local_addr().unwrap());
        let (heard, victim, after) = (Arc::default(), Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(usize::MAX)));
        let assassin = Self { url, heard, victim, after };
        let (notes, process, left) =
            (Arc::clone(&assassin.heard), Arc::clone(&assassin.victim), Arc::clone(&assassin.after));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                let Some(event) = read(&mut reader) else { continue };
                Mutex::lock(&notes).unwrap().push(event);
                let mut left = left.lock().unwrap();
                *left = left.saturating_sub(1);
                if *left == 0 {
                    *left = usize::MAX;
                    let process = named(&process).to_string();
                    assert!(Command::new("kill").args(["-KILL", &process]).status().unwrap().success());
                }
                drop(reader.get_mut().write_all(b"HTTP/1.1 204 Told\r\nConnection: close\r\n\r\n"));
            }
        });
        assassin
    }

    fn heard(&self) -> Vec<String> {
        Mutex::lock(&self.heard).unwrap().clone()
    }
}

/// The victim, once it has a name: it may tell its first event before anybody knows what to call it, and 0 would be ourselves.
fn named(victim: &AtomicU32) -> u32 {
    loop {
        match victim.swap(0, Ordering::SeqCst) {
            0 => std::thread::sleep(Duration::from_millis(1)),
            process => return process,
        }
    }
}

/// The name of the event that a request carries.
fn read(reader: &mut BufReader<std::net::TcpStream>) -> Option<String> {
    let (mut event, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? <= 2 {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name.to_lowercase().as_str() {
            "recepisse-event" => event = Some(value.trim().to_owned()),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    event
}

/// Asks, for the Region, to be told everything from the beginning.
fn subscribe(register: &Register, url: &str) {
    let store = Store::open(&register.place.database, &Options::default()).unwrap();
    let written: Result<(), WriteError<StoreError>> = store.write(|tx| {
        let everybody = tx.organisations(None, &Page { after: None, limit: 200 })?;
        let region = everybody.iter().find(|one| one.kinds.contains(&OrganisationKind::Region)).unwrap();
        tx.insert_webhook(&Webhook {
            id: WebhookId::new(SystemEntropy.uuid(SystemClock.now())),
            organisation: region.id,
            topic: Topic::Receipts,
            programme: Some(register.world.programme),
            kinds: BTreeSet::new(),
            url: WebAddress::parse(url).unwrap(),
            active: true,
            generation: 1,
            overlap_until: None,
            progress: Progress::default(),
            version: 1,
        })
    });
    written.unwrap();
}

fn cursor(database: &Place) -> i64 {
    Raw::on(database).number("SELECT cursor_position AS answer FROM webhooks")
}

fn serve(register: &Register) -> Service {
    let private = |mut command: Command| {
        command.arg("--allow-private-webhooks");
        command
    };
    Service::try_start(register, private).unwrap()
}

/// Kills the server while it tells, as often as `AFTER` says, and then lets it tell the rest; `between` is what befalls the
/// database after each kill. What the subscriber heard, as positions, in the order in which it heard them.
fn killed_while_telling(register: &Register, database: &Place, between: &str) -> Vec<i64> {
    let assassin = Assassin::start();
    subscribe(register, &assassin.url);
    for after in AFTER {
        *assassin.after.lock().unwrap() = after;
        let mut service = serve(register);
        assassin.victim.store(service.id(), Ordering::SeqCst);
        service.end_within(Duration::from_mins(1)).expect("it was never told to anybody, or not killed");
        // The lease of the dead holds for two minutes: a test does not wait for them.
        Raw::on(database).run("UPDATE webhooks SET leased_until_millis = 0, not_before_millis = 0").unwrap();
        Raw::on(database).run(between).unwrap();
    }
    let service = serve(register);
    let deadline = Instant::now() + Duration::from_mins(1);
    while cursor(database) < register.receipts_before {
        assert!(Instant::now() < deadline, "told up to {}", cursor(database));
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(service);
    assassin.heard().iter().map(|event| event.rsplit(':').next().unwrap().parse().unwrap()).collect()
}

/// Each event at least once, none before the one that precedes it. How many came again, or what is wrong.
fn judge(heard: &[i64], events: i64) -> Result<usize, String> {
    let once: BTreeSet<i64> = heard.iter().copied().collect();
    let lost: Vec<i64> = (1..=events).filter(|position| !once.contains(position)).collect();
    if !lost.is_empty() {
        return Err(format!("lost: {lost:?}"));
    }
    let mut expected = 1;
    for position in heard.iter().copied() {
        if position > expected {
            return Err(format!("{position} came before {expected}"));
        }
        expected = position + 1;
    }
    Ok(heard.len() - once.len())
}

#[test]
fn a_server_killed_while_it_tells_tells_again_and_loses_nothing() {
    let _machine = alone();
    for engine in engines() {
        let database = Place::fresh(*engine);
        let register = Register::prepare_at(*engine, database.url.clone(), 300, 60);
        let heard = killed_while_telling(&register, &database, "SELECT 1");
        let again = judge(&heard, register.receipts_before).unwrap_or_else(|wrong| panic!("{engine}: {wrong}"));
        assert!(again >= AFTER.len(), "{engine}: the kills came between an answer and its mark");
        tell(&format!(
            "F-30 {engine}: {} kills while telling, {} events, 0 lost, {again} told again under their own names",
            AFTER.len(),
            register.receipts_before
        ));
    }
}

/// The positive control: a server that writes down that it has told an event before it tells it, and is killed in between.
#[test]
fn a_server_that_marks_before_it_tells_is_convicted() {
    let _machine = alone();
    let database = Place::fresh(Engine::Sqlite);
    let register = Register::prepare_at(Engine::Sqlite, database.url.clone(), 300, 60);
    let marked = "UPDATE webhooks SET cursor_position = cursor_position + 2";
    let heard = killed_while_telling(&register, &database, marked);
    let wrong = judge(&heard, register.receipts_before).expect_err("the judge is blind");
    tell(&format!("F-30 control, marked before told: {wrong}, and convicted"));
}
