//! What happened is told: in order, signed, at least once, to whoever may know, whatever becomes of the receiver or of
//! whoever tells.

mod applications;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use recepisse::clock::Entropy as _;
use recepisse::domain::ids::WebhookId;
use recepisse::domain::movement::Kind;
use recepisse::domain::places::words::WebAddress;
use recepisse::domain::webhooks::{MOST_ATTEMPTS, Progress, Topic, Webhook};
use recepisse::feeds::{Answer, Round, Sender, Wire, round, secret, sign};
use recepisse::store::StoreError;
use serde_json::Value;

use crate::harness::{Person, World, on_every_engine};

/// A request as a receiver got it.
#[derive(Debug, Clone)]
struct Heard {
    event: String,
    webhook: String,
    signature: String,
    body: Vec<u8>,
}

/// Somebody who is told, on a port of this machine; answers what it is set to.
struct Receiver {
    url: String,
    status: Arc<AtomicU16>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/told", listener.local_addr().unwrap());
        let (status, heard) = (Arc::new(AtomicU16::new(200)), Arc::new(Mutex::new(Vec::new())));
        let (answers, notes) = (Arc::clone(&status), Arc::clone(&heard));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                let (mut length, mut headers) = (0, std::collections::BTreeMap::new());
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap() <= 2 {
                        break;
                    }
                    if let Some((name, value)) = line.split_once(':') {
                        headers.insert(name.to_lowercase(), value.trim().to_owned());
                    }
                }
                if let Some(text) = headers.get("content-length") {
                    length = text.parse().unwrap();
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let of = |name: &str| headers.get(name).cloned().unwrap_or_default();
                let heard = Heard {
                    event: of("recepisse-event"),
                    webhook: of("recepisse-webhook"),
                    signature: of("recepisse-signature"),
                    body,
                };
                notes.lock().unwrap().push(heard);
                let answer = format!(
                    "HTTP/1.1 {} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    answers.load(Ordering::SeqCst)
                );
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { url, status, heard }
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    fn events(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(|heard| heard.event.clone()).collect()
    }
}

fn webhook(world: &World, code: &str, url: &str) -> Webhook {
    let webhook = Webhook {
        id: WebhookId::new(world.entropy.uuid(world.now())),
        organisation: world.organisation(code),
        topic: Topic::Receipts,
        programme: Some(world.programme.no),
        kinds: BTreeSet::new(),
        url: WebAddress::parse(url).unwrap(),
        active: true,
        generation: 1,
        overlap_until: None,
        progress: Progress::default(),
        version: 1,
    };
    world.write(|tx| tx.insert_webhook(&webhook));
    webhook
}

fn now(world: &World, webhook: &Webhook) -> Webhook {
    world.store.read::<_, StoreError>(|tx| tx.webhook(webhook.id)).unwrap().unwrap()
}

fn instance(world: &World) -> Round {
    Round { store: Arc::clone(&world.store), keys: Arc::clone(&world.keys), clock: world.clock.clone() }
}

fn tell(world: &World) -> usize {
    round(&instance(world), &Wire::new(true)).unwrap()
}

fn all(world: &World) -> Vec<String> {
    world.receipts().iter().map(|receipt| format!("HDF21:{}", receipt.position)).collect()
}

#[test]
fn every_receipt_is_told_once_in_order_and_signed() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let receiver = Receiver::start();
        let webhook = webhook(world, "HDF", &receiver.url);
        assert_eq!(tell(world), all(world).len());
        assert_eq!(tell(world), 0, "nothing comes twice");
        assert_eq!(receiver.events(), all(world));
        world.region_admin().does(world.order("CMD-9", 1));
        assert_eq!(tell(world), 1);
        assert_eq!(receiver.events(), all(world));
        let heard = receiver.heard.lock().unwrap().clone();
        let receipts = world.receipts();
        for (heard, receipt) in heard.iter().zip(&receipts) {
            let (seconds, digest) = heard.signature.split_once(",v1=").unwrap();
            let seconds: i64 = seconds.trim_start_matches("t=").parse().unwrap();
            assert_eq!(seconds, world.now().millis() / 1_000);
            assert_eq!(digest, sign(&secret(&world.keys, webhook.id, 1), seconds, &heard.body));
            assert_eq!(heard.webhook, webhook.id.to_string());
            let body: Value = serde_json::from_slice(&heard.body).unwrap();
            assert_eq!(body["id"], heard.event.as_str());
            assert_eq!(
                (&body["receipt"], &body["hash"]),
                (&receipt.number.clone().into(), &receipt.hash.clone().into())
            );
            assert_eq!(body["type"], format!("receipt.{}", receipt.kind));
        }
        assert_eq!(now(world, &webhook).progress, Progress::default().told(receipts.last().unwrap().position));
    });
}

/// A receipt holds no personal data, and an event holds less than a receipt.
#[test]
fn each_is_told_its_own_and_only_what_it_follows() {
    on_every_engine(|world| {
        world.supply_maubeuge(2);
        world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, 1), [1]));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        let [maubeuge, fourmies, redemptions] = [(); 3].map(|()| Receiver::start());
        webhook(world, "MAUB", &maubeuge.url);
        let stranger = webhook(world, "FOURM", &fourmies.url);
        let mut picky = webhook(world, "HDF", &redemptions.url);
        (picky.kinds, picky.version) = (BTreeSet::from([Kind::Redemption]), 2);
        world.write(|tx| tx.update_webhook(&picky));
        tell(world);
        let kinds = |receiver: &Receiver| -> Vec<String> {
            let heard = receiver.heard.lock().unwrap();
            let kind = |heard: &Heard| serde_json::from_slice::<Value>(&heard.body).unwrap()["type"].to_string();
            heard.iter().map(kind).collect()
        };
        assert_eq!(kinds(&maubeuge), ["\"receipt.acceptance\"", "\"receipt.hand_out\""]);
        assert_eq!(kinds(&fourmies), [""; 0]);
        assert_eq!(kinds(&redemptions), ["\"receipt.redemption\""]);
        let last = world.receipts().last().unwrap().position;
        assert_eq!(now(world, &stranger).progress.cursor, last, "what is not theirs was passed over");
        let person = Person::senior(world, 2);
        world.prescriber("MAUB").does(world.hand_out(&person, [2]));
        world.change_organisation("MAUB", |organisation| organisation.active = false);
        tell(world);
        assert_eq!(kinds(&maubeuge).len(), 2, "an organisation that was disabled is told nothing");
        world.change_organisation("MAUB", |organisation| organisation.active = true);
        tell(world);
        assert_eq!(kinds(&maubeuge).len(), 3, "and once it is back, what happened meanwhile");
    });
}

#[test]
fn a_receiver_that_is_down_is_told_later_and_nothing_is_lost() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let receiver = Receiver::start();
        let webhook = webhook(world, "HDF", &receiver.url);
        receiver.answers(503);
        assert_eq!(tell(world), 0);
        assert_eq!(tell(world), 0);
        assert_eq!(receiver.events().len(), 1, "it is not asked again at once");
        world.clock.advance_seconds(5);
        tell(world);
        assert_eq!((receiver.events().len(), now(world, &webhook).progress.attempts), (2, 2));
        receiver.answers(200);
        world.clock.advance_seconds(10);
        assert_eq!(tell(world), all(world).len());
        assert_eq!(receiver.events()[2..], all(world), "from the first that it did not take, in order");
        assert_eq!(now(world, &webhook).progress.attempts, 0);
    });
}

#[test]
fn what_nobody_takes_is_kept_apart_and_the_third_stops_the_webhook() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let receiver = Receiver::start();
        let webhook = webhook(world, "HDF", &receiver.url);
        receiver.answers(500);
        let mut rounds = 0;
        while now(world, &webhook).active {
            tell(world);
            world.clock.advance_seconds(3_600);
            rounds += 1;
            assert!(rounds <= 3 * MOST_ATTEMPTS);
        }
        assert_eq!(rounds, 3 * MOST_ATTEMPTS);
        let dead = world.store.read::<_, StoreError>(|tx| tx.dead_letters(webhook.id, 0, 10)).unwrap();
        let told: Vec<(&str, &str)> = dead.iter().map(|dead| (dead.event.as_str(), dead.why.as_str())).collect();
        assert_eq!(told, [("HDF21:1", "réponse 500"), ("HDF21:2", "réponse 500"), ("HDF21:3", "réponse 500")]);
        receiver.answers(200);
        assert_eq!(tell(world), 0, "it is stopped until somebody looks");
        // The subscriber has repaired its end and asks for everything again.
        let mut replayed = now(world, &webhook);
        (replayed.active, replayed.progress, replayed.version) = (true, Progress::default(), replayed.version + 1);
        assert!(world.write(|tx| tx.update_webhook(&replayed)));
        assert_eq!(tell(world), all(world).len());
    });
}

/// Sends, and dies before anything can be written down.
struct DiesAfter {
    wire: Wire,
    sent: usize,
}

impl Sender for DiesAfter {
    fn post(&self, url: &str, headers: &[(&'static str, String)], body: &[u8]) -> Answer {
        let answer = self.wire.post(url, headers, body);
        assert!(!headers[1].1.ends_with(&format!(":{}", self.sent)), "killed between the answer and the mark");
        answer
    }
}

#[test]
fn killed_between_telling_and_writing_it_down_the_same_events_come_again_under_the_same_names() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let receiver = Receiver::start();
        let webhook = webhook(world, "HDF", &receiver.url);
        let dying = DiesAfter { wire: Wire::new(true), sent: 3 };
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let died = catch_unwind(AssertUnwindSafe(|| round(&instance(world), &dying)));
        std::panic::set_hook(quiet);
        assert!(died.is_err());
        assert_eq!(now(world, &webhook).progress.cursor, 0, "nothing was written down");
        assert_eq!(tell(world), 0, "for a while it seems that another instance is telling it");
        world.clock.advance_seconds(120);
        assert_eq!(tell(world), all(world).len());
        let events = receiver.events();
        assert_eq!(events[..3], all(world)[..3]);
        assert_eq!(events[3..], all(world), "at least once, from where it was written down");
        let once: BTreeSet<&String> = events.iter().collect();
        assert_eq!(once.len(), all(world).len(), "and told apart by their names");
    });
}

#[test]
fn two_instances_do_not_tell_the_same_webhook_at_a_time() {
    on_every_engine(|world| {
        let receiver = Receiver::start();
        let webhook = webhook(world, "HDF", &receiver.url);
        let (at, until) = (world.now(), world.now().plus_seconds(60));
        let lease = || world.write(|tx| tx.lease_webhook(webhook.id, at, until));
        assert!(lease() && !lease());
        let moved = Progress::default().told(1);
        assert!(world.write(|tx| tx.keep_progress(webhook.id, 0, moved, false)));
        assert!(!world.write(|tx| tx.keep_progress(webhook.id, 0, moved, false)), "it is no longer where it was");
        assert!(lease(), "and it was given back");
    });
}

#[test]
fn a_secret_that_was_replaced_signs_for_a_day_more() {
    on_every_engine(|world| {
        let receiver = Receiver::start();
        let mut webhook = webhook(world, "HDF", &receiver.url);
        webhook.rotate(world.now());
        assert!(world.write(|tx| tx.update_webhook(&webhook)));
        world.region_admin().does(world.order("CMD-1", 1));
        tell(world);
        world.clock.advance_days(1);
        world.region_admin().does(world.order("CMD-2", 1));
        tell(world);
        let heard = receiver.heard.lock().unwrap().clone();
        let signed = |heard: &Heard, generation| {
            let seconds = heard.signature[2..].split(',').next().unwrap().parse().unwrap();
            heard
                .signature
                .contains(&format!(",v1={}", sign(&secret(&world.keys, webhook.id, generation), seconds, &heard.body)))
        };
        assert!(signed(&heard[0], 2) && signed(&heard[0], 1));
        assert!(signed(&heard[1], 2) && !signed(&heard[1], 1));
    });
}

#[test]
fn changes_of_the_registry_of_places_are_told_too() {
    on_every_engine(|world| {
        crate::http::places::stage(world);
        let receiver = Receiver::start();
        let mut places = webhook(world, "AIDES", &receiver.url);
        (places.topic, places.programme, places.version) = (Topic::Places, None, 2);
        world.write(|tx| tx.update_webhook(&places));
        assert_eq!(tell(world), 2);
        assert_eq!(receiver.events(), ["places:1", "places:2"]);
        let body: Value = serde_json::from_slice(&receiver.heard.lock().unwrap()[0].body).unwrap();
        assert_eq!((&body["type"], &body["place_id"]), (&"place.added".into(), &crate::http::places::OPEN.into()));
    });
}
