//! A client with a journal of its own: every request is noted under its key before it is sent, and what was answered
//! after. What never lives here: a judgement on the answers.

use std::thread;
use std::time::Duration;

use recepisse::auth::token;
use recepisse::clock::{Clock as _, Entropy as _, SystemClock, SystemEntropy};
use recepisse::domain::ids::BookletId;
use recepisse::domain::party::Service as Help;
use recepisse::domain::registration::Siret;
use recepisse::domain::short_code::ShortCode;
use serde_json::{Value, json};

use super::{Register, Service, chance};
use crate::wire::{Answer, Connection};
use crate::world::{COMMUNE, PROGRAMME};

/// What identifies a receipt: number, position and hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Said {
    pub(crate) position: i64,
    pub(crate) number: String,
    pub(crate) hash: String,
}

/// What a client was told about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// 201: the receipt.
    Granted(Said),
    /// A 4xx that is an answer: its code.
    Refused(String),
    /// Anything else: it may have happened, or not.
    Unknown(String),
}

/// Statuses and codes that say "not now": nothing is decided, the same request is to be sent again.
const LATER: [&str; 3] = ["request_in_flight", "too_many_requests", "body_too_slow"];

impl Told {
    fn by(answer: anyhow::Result<Answer>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Self::Unknown(format!("{error:#}")),
        };
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let code = text(&body["code"]);
        match answer.status {
            201 => {
                let receipt = &body["receipt"];
                let position = receipt["position"].as_i64().unwrap_or_default();
                Self::Granted(Said { position, number: text(&receipt["number"]), hash: text(&receipt["hash"]) })
            }
            400..500 if !LATER.contains(&code.as_str()) => Self::Refused(code),
            status => Self::Unknown(format!("{status} {code}")),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    Venue(usize),
    Prescriber(usize),
    Admin,
}

/// One request, the same each time it is sent, and what was last told.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    asker: Asker,
    path: String,
    body: String,
    pub(crate) told: Told,
}

impl Entry {
    fn new(register: &Register, asker: Asker, act: &str, body: &Value) -> Self {
        let path = format!("/api/v1/programmes/{PROGRAMME}/{act}");
        Self { key: register.key(), asker, path, body: body.to_string(), told: Told::Unknown("not sent".to_owned()) }
    }

    /// A pass to be spent, always at the same venue.
    pub(crate) fn redemption(register: &Register, place: u64) -> Self {
        let world = &register.world;
        let venue = usize::try_from(place).unwrap() % world.venues.len();
        let body = json!({
            "venue_id": world.venues[venue].venue.to_string(),
            "codes": [world.code(world.pass(place)).grouped()],
            "service": Help::AdministrativeHelp.to_string(),
            "performed_on": SystemClock.now().day().to_string(),
        });
        Self::new(register, Asker::Venue(venue), "redemptions", &body)
    }

    /// A booklet for somebody who has none.
    pub(crate) fn hand_out(register: &Register, (desk, number): (usize, u32)) -> Self {
        let booklet = BookletId::new(register.world.programme, number);
        let letters = |digit: u8| char::from(b'a' + (digit - b'0'));
        let body = json!({
            "beneficiary": {
                "family_name": number.to_string().bytes().map(letters).collect::<String>(),
                "given_name": "Anne",
                "birth_date": "1955-03-14",
                "commune": COMMUNE,
            },
            "proofs": [{ "kind": "home_proof" }, { "kind": "identity_document" }],
            "booklets": [booklet.item().printed(&ShortCode::parse(PROGRAMME).unwrap())],
        });
        Self::new(register, Asker::Prescriber(desk), "hand-outs", &body)
    }

    /// Booklets ordered from the issuer, so that they can be delivered.
    pub(crate) fn order(register: &Register, number: &str, booklets: u32) -> Self {
        let today = SystemClock.now().day();
        let body = json!({
            "number": number,
            "ordered_on": today.to_string(),
            "issuer_id": register.issuer.to_string(),
            "booklets": booklets,
            "passes_per_booklet": 10,
            "face_value_cents": 1_000,
            "funding": [{ "funder": "Région", "basis_points": 10_000 }],
            "validity_end": today.plus_days(365).to_string(),
        });
        Self::new(register, Asker::Admin, "orders", &body)
    }

    /// The next booklets of an order taken in charge; each delivery has a note of its own.
    pub(crate) fn delivery(register: &Register, order: &str, booklets: u32) -> Self {
        let body = json!({
            "booklets": booklets,
            "delivered_on": SystemClock.now().day().to_string(),
            "delivery_note": register.key(),
        });
        Self::new(register, Asker::Admin, &format!("orders/{order}/deliveries"), &body)
    }

    /// An answer without a request, to put the oracle on trial.
    pub(super) fn heard(key: &str, told: Told) -> Self {
        let (path, body) = (String::new(), String::new());
        Self { key: key.to_owned(), asker: Asker::Prescriber(0), path, body, told }
    }

    fn token(&self, register: &Register) -> String {
        let world = &register.world;
        match self.asker {
            Asker::Venue(place) => world.token(&world.venues[place]).unwrap(),
            Asker::Prescriber(place) => world.token(&world.prescribers[place]).unwrap(),
            Asker::Admin => administrators_token(register),
        }
    }

    /// Sends the request under its key and notes what was told; answers whether it was a replay.
    pub(crate) fn send(&mut self, register: &Register, connection: &mut Connection) -> bool {
        let token = self.token(register);
        let answer = connection.post(&self.path, &token, Some(&self.key), &self.body);
        let replayed = answer.as_ref().is_ok_and(|answer| answer.replayed);
        self.told = Told::by(answer);
        replayed
    }
}

fn administrators_token(register: &Register) -> String {
    let (now, (user, session)) = (SystemClock.now(), register.admin);
    token::issue(&register.world.keys, user, session, SystemEntropy.uuid(now), now).unwrap()
}

/// Reads as the administrator, who is told something else than an act's receipt.
pub(crate) fn read_as_administrator(register: &Register, connection: &mut Connection, path: &str) -> Told {
    Told::by(connection.get_as(path, &administrators_token(register)))
}

/// Puts an organisation down as the administrator: reference data, which no key protects and the ledger does not write.
pub(crate) fn found_an_organisation(register: &Register, connection: &mut Connection, number: u32) -> Told {
    let body = json!({
        "code": format!("NEW{number}"),
        "kinds": ["prescriber"],
        "name": "Un organisme de plus",
        "siret": Siret::invented(90_000 + number),
        "commune": COMMUNE,
    });
    let mut entry = Entry::new(register, Asker::Admin, "", &body);
    entry.path = "/api/v1/organisations".to_owned();
    entry.send(register, connection);
    entry.told
}

/// One connection that asks one thing after the other.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    register: &'a Register,
    connection: Connection,
    pub(crate) journal: Vec<Entry>,
}

impl<'a> Client<'a> {
    pub(crate) fn new(register: &'a Register, connection: Connection) -> Self {
        Self { register, connection, journal: Vec::new() }
    }

    /// Notes the request, then sends it.
    pub(crate) fn ask(&mut self, entry: Entry) -> &Told {
        self.journal.push(entry);
        let entry = self.journal.last_mut().unwrap();
        entry.send(self.register, &mut self.connection);
        &entry.told
    }

    /// Of five: three passes spent, one shown again that was spent, one booklet handed out. On and on, until an
    /// answer does not come, or the register is used up.
    fn ask_on(mut self) -> Vec<Entry> {
        let mut spent = None;
        for turn in 0_u64.. {
            let entry = match (turn % 5, spent) {
                (3, _) => self.register.draw_booklet().map(|drawn| Entry::hand_out(self.register, drawn)),
                (1, Some(place)) => Some(Entry::redemption(self.register, place)),
                _ => {
                    spent = self.register.draw_pass();
                    spent.map(|place| Entry::redemption(self.register, place))
                }
            };
            match entry.map(|entry| self.ask(entry)) {
                Some(Told::Granted(_) | Told::Refused(_)) => {}
                Some(Told::Unknown(_)) | None => break,
            }
        }
        self.journal
    }
}

const CLIENTS: usize = 16;
/// The moment at which a server under load is disturbed, after the first request.
const EARLIEST_MILLIS: usize = 50;
const LATEST_MILLIS: usize = 800;

/// Drives the server with sixteen clients until a random moment, then does to it what `disturb` does. Answers what the
/// clients have noted and what `disturb` answers.
pub(crate) fn under_load<T>(
    register: &Register,
    service: Service,
    disturb: impl FnOnce(Service) -> T,
) -> (Vec<Entry>, T) {
    let moment = EARLIEST_MILLIS + chance(LATEST_MILLIS - EARLIEST_MILLIS);
    let connections: Vec<_> = (0..CLIENTS).map(|_| service.connect().unwrap()).collect();
    thread::scope(|scope| {
        let ask = |connection| scope.spawn(|| Client::new(register, connection).ask_on());
        let clients: Vec<_> = connections.into_iter().map(ask).collect();
        thread::sleep(Duration::from_millis(u64::try_from(moment).unwrap()));
        let answer = disturb(service);
        (clients.into_iter().flat_map(|client| client.join().unwrap()).collect(), answer)
    })
}
