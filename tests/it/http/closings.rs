//! Closings as HTTP asks for them and lists them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::requests::stage;
use crate::harness::{Answer, Client, Person, over_every_engine};

const DAY_SECONDS: i64 = 24 * 60 * 60;

#[test]
fn a_day_is_closed_over_http_once_and_is_listed() {
    over_every_engine(stage, async |http| {
        let (path, finance) =
            ("/programmes/HDF21/closings", http.who("HDF", recepisse::domain::party::Role::RegionFinance));
        let of_the_day = || json!({ "period": "day", "of": "2021-10-04" });
        finance.post(path, of_the_day()).await.is_refused(409, "closing_too_early");
        http.world.clock.advance_seconds(2 * DAY_SECONDS);
        let tried = finance.post(&format!("{path}?dry_run=true"), of_the_day()).await.done();
        assert_eq!((&tried["kind"], &tried["mentions"]["last_day"]), (&json!("closing"), &json!("2021-10-04")));
        let closed = finance.post_under("one-key-for-the-day", path, of_the_day()).await;
        let again = finance.post_under("one-key-for-the-day", path, of_the_day()).await;
        assert_eq!((closed.receipt(), again.header("Idempotent-Replay")), (again.receipt(), Some("true")));
        finance.post(path, of_the_day()).await.is_refused(409, "closing_already_made");
        finance.post(path, json!({ "period": "day", "of": "2021-10-05" })).await.receipt();
        let listed = finance.get(&format!("{path}?limit=1")).await.done();
        let number = &closed.receipt()["number"];
        assert_eq!((&listed["items"][0]["number"], &listed["items"][0]["last_day"]), (number, &json!("2021-10-04")));
        let next = finance.get(&format!("{path}?limit=1&after={}", listed["next"].as_str().unwrap())).await.done();
        assert_eq!(next["items"][0]["last_day"], json!("2021-10-05"));
        assert_eq!(finance.get(&format!("{path}?period=month")).await.done()["items"], json!([]));
        let paper =
            finance.get_as("text/html", &format!("/programmes/HDF21/receipts/{}", number.as_str().unwrap())).await;
        assert!(paper.text().contains("Procès-verbal de clôture"), "{paper:?}");
    });
}

/// Every report of a day in its three forms, by its address; nothing is paid here, so there is no statement of a payment.
async fn everything_of(day: &str, auditor: &Client<'_>, serial: &str) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for entry in
        recepisse::reports::CATALOGUE.iter().filter(|entry| !["three-way", "payment-statement"].contains(&entry.name))
    {
        let about = match entry.name {
            "movements" | "rendition" => "&holder=circulation".to_owned(),
            "booklet-history" => format!("&serial={serial}"),
            "sample" => "&seed=2026".to_owned(),
            "issuer-exposure" => "&issuer=APTIC".to_owned(),
            "pass-history" => format!("&serial={serial}/01"),
            _ => String::new(),
        };
        let forms = ["reports/{}", "exports/{}.csv", "exports/{}.xlsx"].map(|form| form.replace("{}", entry.name));
        for path in forms {
            let path = format!("/programmes/HDF21/{path}?as_of={day}{about}");
            let answer = auditor.get(&path).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            answers.push((path, answer));
        }
    }
    answers
}

/// A hundred acts of every kind that the stage allows, and names that change.
fn life_goes_on(world: &crate::harness::World) {
    let number = world.receipts().iter().find(|receipt| receipt.kind == "redemption").unwrap().number.clone();
    let number = recepisse::domain::text::ReceiptNumber::parse(&number).unwrap();
    let reason = recepisse::domain::redemption::ReversalReason::WrongPass;
    world.region_finance().does(recepisse::domain::redemption::Reverse { number, reason });
    world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
    world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, 3), [3]));
    world.prescriber("MAUB").does(world.acceptance(2, "MAUB", [5]));
    for rank in 1..=9 {
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(2, [rank])));
        world.venue_agent("LIEUX").is_refused(world.redeem("Maubeuge", world.codes(2, [rank])));
    }
    for order in 0..90 {
        world.region_admin().does(world.order(&format!("LATER-{order}"), 1));
    }
    let label = |text| recepisse::domain::text::Label::parse(text).unwrap();
    for code in ["MAUB", "LIEUX", "HDF"] {
        world.change_organisation(code, |organisation| organisation.name = label("Un autre nom"));
    }
    world.change_programme(|programme| programme.label = label("Un autre dispositif"));
}

#[test]
fn a_closed_day_answers_the_same_bytes_for_ever_with_what_they_hash_to() {
    over_every_engine(stage, async |http| {
        let (auditor, serial) = (http.who("CRC", recepisse::domain::party::Role::Auditor), http.world.serial(1));
        for (path, answer) in everything_of("2021-10-04", &auditor, &serial).await {
            assert_eq!(answer.header("Repr-Digest"), None, "{path}: the day is open");
        }
        http.world.clock.advance_seconds(DAY_SECONDS);
        let of = recepisse::domain::time::Day::parse("2021-10-04").unwrap();
        let period = recepisse::domain::closing::Period::Day;
        let finance = http.who("HDF", recepisse::domain::party::Role::RegionFinance);
        finance.post("/programmes/HDF21/closings", json!({ "period": period, "of": of })).await.receipt();
        let before = everything_of("2021-10-04", &auditor, &serial).await;
        let hands = format!("/programmes/HDF21/booklets/{serial}/history?as_of=2021-10-04");
        let hands_before = auditor.get(&hands).await.text();
        let position = http.position();
        // The acts wait for the writer: on a thread of their own, where they may.
        std::thread::scope(|scope| scope.spawn(|| life_goes_on(http.world)).join().unwrap());
        assert!(http.position() >= position + 100);
        let after = everything_of("2021-10-04", &auditor, &serial).await;
        for ((path, before), (_, after)) in before.iter().zip(&after) {
            assert_eq!(before.text(), after.text(), "{path}");
            let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(Sha256::digest(&after.bytes)));
            assert_eq!(after.header("Repr-Digest"), Some(digest.as_str()), "{path}");
            assert_eq!(before.header("Repr-Digest"), after.header("Repr-Digest"), "{path}");
        }
        assert_eq!(auditor.get(&hands).await.text(), hands_before);
        let now = auditor.get(hands.split('?').next().unwrap()).await.text();
        assert!(now.len() > hands_before.len(), "the control");
        let today = everything_of("2021-10-05", &auditor, &serial).await;
        let differs = after.iter().zip(&today).filter(|((_, one), (_, other))| one.text() != other.text()).count();
        assert!(differs > 20, "the control: {differs} reports changed with the day");
    });
}
