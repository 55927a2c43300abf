//! Whoever filed applications learns what becomes of them, and of nobody else's.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use recepisse::domain::applications::{Decide, Decision, RefusalReason};
use recepisse::domain::mailing::{Fate, ReportLetters, ReturnCause};
use recepisse::domain::party::Role;

use super::*;

/// A webhook that follows the applications of an organisation.
fn of_applications(world: &World, code: &str, url: &str) -> Webhook {
    let mut followed = webhook(world, code, url);
    (followed.topic, followed.version) = (Topic::Applications, 2);
    world.write(|tx| tx.update_webhook(&followed));
    followed
}

fn told(receiver: &Receiver) -> Vec<Value> {
    receiver.heard.lock().unwrap().iter().map(|heard| serde_json::from_slice(&heard.body).unwrap()).collect()
}

/// The platform files 1 and 2, Maubeuge 3: 1 is mailed and arrives, 2 is refused, the letter of 3 comes back.
fn filed_and_decided(world: &World) {
    world.stock_up(3);
    let [one, two, three] = [1, 2, 3].map(|number| Person::senior(world, number));
    world.hand("AIDES", Role::Platform).does(world.application("AIDES", &one, 10));
    world.hand("AIDES", Role::Platform).does(world.application("AIDES", &two, 10));
    world.prescriber("MAUB").does(world.application("MAUB", &three, 10));
    let admin = world.region_admin();
    admin.does(world.acceptance_of(1));
    admin.does(Decide { application: 2, decision: Decision::Refuse(RefusalReason::Incomplete) });
    admin.does(world.acceptance_of(3));
    admin.does(world.mailing("CMD-1", [1, 3]));
    let fates = [(1, Fate::Delivered(world.day())), (3, Fate::Returned(ReturnCause::UnknownAtAddress))];
    admin.does(ReportLetters { letters: fates.into_iter().collect() });
}

/// Number and state of each application that an event tells.
fn states(event: &Value) -> Vec<(i64, String)> {
    let state = |one: &Value| (one["application"].as_i64().unwrap(), one["state"].as_str().unwrap().to_owned());
    event["applications"].as_array().unwrap().iter().map(state).collect()
}

#[test]
fn whoever_filed_an_application_learns_what_becomes_of_it_and_of_nobody_elses() {
    on_every_engine(|world| {
        let [platform, maubeuge, region] = [(); 3].map(|()| Receiver::start());
        let followed = of_applications(world, "AIDES", &platform.url);
        of_applications(world, "MAUB", &maubeuge.url);
        of_applications(world, "HDF", &region.url);
        filed_and_decided(world);
        assert_eq!(tell(world), 6 + 4 + 8, "{}", world.engine());
        assert_eq!(tell(world), 0, "nothing comes twice");
        let heard = told(&platform);
        let all: Vec<(i64, String)> = heard.iter().flat_map(states).collect();
        let expected =
            [(1, "complete"), (2, "complete"), (1, "accepted"), (2, "refused"), (1, "mailed"), (1, "delivered")];
        assert_eq!(all, expected.map(|(number, state)| (number, state.to_owned())));
        assert_eq!(heard[3]["applications"][0]["reason"], "incomplete");
        assert_eq!(heard[5]["applications"][0]["delivered_on"], world.day().to_string());
        assert!(heard.iter().all(|event| event["type"] == "applications.changed"));
        assert!(heard[0]["applications"][0]["external_reference"].as_str().unwrap().starts_with("DEM-"));
        let back: Vec<(i64, String)> = told(&maubeuge).iter().flat_map(states).collect();
        assert_eq!(back.last(), Some(&(3, "returned".to_owned())));
        assert!(back.iter().all(|(number, _)| *number == 3), "{back:?}");
        let last = told(&region).pop().unwrap();
        assert_eq!(states(&last), [(1, "delivered".to_owned()), (3, "returned".to_owned())]);
        let signature = platform.heard.lock().unwrap()[0].signature.clone();
        let (seconds, digest) = signature.split_once(",v1=").unwrap();
        let seconds = seconds.trim_start_matches("t=").parse().unwrap();
        let body = platform.heard.lock().unwrap()[0].body.clone();
        assert_eq!(digest, sign(&secret(&world.keys, followed.id, 1), seconds, &body));
    });
}

#[test]
fn what_the_platform_does_not_take_is_tried_again_kept_apart_and_told_again_when_asked() {
    on_every_engine(|world| {
        let receiver = Receiver::start();
        let followed = of_applications(world, "AIDES", &receiver.url);
        filed_and_decided(world);
        receiver.answers(500);
        for _ in 0..MOST_ATTEMPTS {
            tell(world);
            world.clock.advance_seconds(3_600);
        }
        let dead = world.store.read::<_, StoreError>(|tx| tx.dead_letters(followed.id, 0, 10)).unwrap();
        assert_eq!(dead.len(), 1);
        assert!(dead[0].event.ends_with(":applications"), "{dead:?}");
        receiver.answers(200);
        assert_eq!(tell(world), 5, "the rest");
        let mut replayed = now(world, &followed);
        (replayed.progress, replayed.version) = (Progress::default(), replayed.version + 1);
        assert!(world.write(|tx| tx.update_webhook(&replayed)));
        assert_eq!(tell(world), 6);
    });
}

/// The program of the documents, with this secret.
struct Documented {
    child: Child,
    url: String,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Documented {
    fn start(secret: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/receive_events.py");
        // The clock of this world stands still, years ago: the receiver forgives it.
        let asked = Command::new("python3").args([script, "0", secret, "10000000000"]).stdout(Stdio::piped()).spawn();
        let mut child = asked.unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.next().unwrap().unwrap().trim_start_matches("http").to_owned();
        Self { child, url: format!("http{url}"), lines }
    }

    fn heard(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Documented {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait().map(|_| ()));
    }
}

#[test]
fn the_receiver_of_the_documents_takes_what_is_signed_and_refuses_the_rest() {
    on_every_engine(|world| {
        let mut followed = webhook(world, "AIDES", "http://127.0.0.1:1/");
        let mut documented = Documented::start(&secret(&world.keys, followed.id, 1));
        (followed.topic, followed.version) = (Topic::Applications, 2);
        followed.url = WebAddress::parse(&documented.url).unwrap();
        world.write(|tx| tx.update_webhook(&followed));
        world.stock_up(1);
        world.hand("AIDES", Role::Platform).does(world.application("AIDES", &Person::senior(world, 1), 10));
        assert_eq!(tell(world), 1);
        assert!(documented.heard().starts_with("applications.changed HDF21:"));
        let forged = [("Recepisse-Signature", format!("t=1,v1={}", "0".repeat(64)))];
        assert_eq!(Wire::new(true).post(&documented.url, &forged, b"{}"), Answer::Refused(401));
    });
}
