//! Following what happened over HTTP: the events of a programme, and webhooks as their owners see them.

use std::collections::{BTreeMap, BTreeSet};

use recepisse::domain::ids::WebhookId;
use recepisse::domain::party::Role;
use recepisse::domain::places::words::WebAddress;
use recepisse::domain::webhooks::{Progress, Topic, Webhook};
use recepisse::store::DeadLetter;
use serde_json::{Value, json};

use super::requests;
use crate::harness::{Http, World, over_every_engine};

/// A webhook of the prescriber of Maubeuge, one of every other organisation that follows.
pub(crate) const IDS: [(&str, &str); 4] = [
    ("HDF", "019acd00-0000-7000-8000-000000000011"),
    ("MAUB", "019acd00-0000-7000-8000-000000000012"),
    ("LIEUX", "019acd00-0000-7000-8000-000000000013"),
    ("AIDES", "019acd00-0000-7000-8000-000000000014"),
];

/// See [`IDS`]: each follows the registry of places.
pub(crate) fn stage(world: &World) {
    world.write(|tx| {
        for (code, id) in IDS {
            tx.insert_webhook(&Webhook {
                id: WebhookId::parse(id).unwrap(),
                organisation: world.organisation(code),
                topic: Topic::Places,
                programme: None,
                kinds: std::collections::BTreeSet::default(),
                url: WebAddress::parse("https://1.1.1.1/told").unwrap(),
                active: true,
                generation: 1,
                overlap_until: None,
                progress: Progress::default(),
                version: 1,
            })?;
        }
        Ok(())
    });
}

/// The webhook of whoever has this role.
pub(crate) fn id_for(role: Role) -> &'static str {
    let code = match role {
        Role::PrescriberAgent => "MAUB",
        Role::VenueAgent => "LIEUX",
        Role::Platform => "AIDES",
        _ => "HDF",
    };
    IDS.iter().find(|(known, _)| *known == code).unwrap().1
}

/// The version of that webhook.
pub(crate) fn version(world: &World, role: Role) -> i64 {
    let id = WebhookId::parse(id_for(role)).unwrap();
    let found = world.store.read::<_, recepisse::store::StoreError>(|tx| tx.webhook(id));
    found.unwrap().unwrap().version
}

fn body(topic: &str) -> Value {
    let mut body = json!({ "url": "https://1.1.1.1/told", "topic": topic });
    if topic != "places" {
        body["programme"] = json!("HDF21");
    }
    body
}

/// The events of a programme as somebody follows them to the end, two at a time.
async fn followed(http: &Http<'_>, code: &str, role: Role) -> Vec<Value> {
    let (mut events, mut after) = (Vec::new(), 0);
    loop {
        let page = http.who(code, role).get(&format!("/programmes/HDF21/events?after={after}&limit=2")).await.done();
        events.extend(page["items"].as_array().unwrap().iter().cloned());
        after = page["next"].as_i64().unwrap();
        if page["more"] == false {
            return events;
        }
    }
}

#[test]
fn a_programme_is_followed_by_cursor_and_each_sees_its_own() {
    over_every_engine(requests::stage, async |http| {
        let receipts = http.world.receipts();
        let all = followed(http, "HDF", Role::RegionAdmin).await;
        let numbers: Vec<&str> = all.iter().map(|event| event["receipt"].as_str().unwrap()).collect();
        assert_eq!(numbers, receipts.iter().map(|receipt| receipt.number.as_str()).collect::<Vec<_>>());
        assert_eq!(all[0]["id"], "HDF21:1");
        let own = followed(http, "MAUB", Role::PrescriberAgent).await;
        assert!(!own.is_empty() && own.len() < all.len());
        assert!(own.iter().all(|event| all.contains(event)));
        assert_eq!(followed(http, "FOURM", Role::PrescriberAgent).await, Vec::<Value>::new());
        let end = http.prescriber("FOURM").get("/programmes/HDF21/events").await.done();
        assert_eq!(end["next"], json!(receipts.len()), "who has nothing to see need not look at it again");
        let later = http.region_admin().get(&format!("/programmes/HDF21/events?after={}", receipts.len())).await.done();
        assert_eq!((&later["items"], &later["next"]), (&json!([]), &json!(receipts.len())));
        http.who("AIDES", Role::Platform).get("/programmes/HDF21/events").await.is_refused(403, "forbidden");
    });
}

#[test]
fn the_platform_follows_its_applications_by_cursor() {
    over_every_engine(requests::stage, async |http| {
        let read = async |code: &str, role: Role, query: &str| {
            http.who(code, role).get(&format!("/programmes/HDF21/application-events{query}")).await.done()
        };
        let all = read("HDF", Role::RegionAdmin, "").await;
        let own = read("AIDES", Role::Platform, "?limit=1").await;
        let told = |page: &Value| -> Vec<(i64, String)> {
            let events = page["items"].as_array().unwrap().iter();
            let told = events.flat_map(|event| event["applications"].as_array().unwrap());
            told.map(|one| (one["application"].as_i64().unwrap(), one["office"].as_str().unwrap().to_owned())).collect()
        };
        let offices: BTreeSet<String> = told(&all).into_iter().map(|(_, office)| office).collect();
        assert_eq!(offices, BTreeSet::from(["AIDES".to_owned(), "MAUB".to_owned()]), "{all}");
        assert_eq!(all["more"], json!(false));
        let (mut seen, mut page) = (Vec::new(), own);
        loop {
            seen.extend(told(&page));
            if page["more"] == false {
                break;
            }
            page = read("AIDES", Role::Platform, &format!("?limit=1&after={}", page["next"])).await;
        }
        let theirs: Vec<(i64, String)> = told(&all).into_iter().filter(|(_, office)| office == "AIDES").collect();
        assert_eq!(seen, theirs);
        assert!(!seen.is_empty());
        http.venue_agent("LIEUX").get("/programmes/HDF21/application-events").await.is_refused(403, "forbidden");
    });
}

#[test]
fn an_event_names_nobody() {
    over_every_engine(requests::stage, async |http| {
        let allowed = [
            "id",
            "type",
            "occurred_at",
            "programme",
            "position",
            "receipt",
            "day",
            "office",
            "booklets",
            "passes",
            "value_cents",
            "hash",
        ];
        for event in followed(http, "HDF", Role::RegionAdmin).await {
            let fields: BTreeMap<String, Value> = serde_json::from_value(event).unwrap();
            assert!(fields.keys().all(|name| allowed.contains(&name.as_str())), "{fields:?}");
        }
    });
}

#[test]
fn a_webhook_is_its_owners_and_its_secret_is_given_once() {
    over_every_engine(requests::stage, async |http| {
        let (maubeuge, region) = (http.prescriber("MAUB"), http.region_admin());
        let made = maubeuge.post("/webhooks", body("receipts")).await;
        let (path, made) = (made.header("Location").unwrap().to_owned(), made.done());
        assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
        assert_eq!(made["cursor"], json!(http.world.receipts().len()), "from now on");
        let read = maubeuge.get(&path).await;
        assert_eq!((read.header("ETag"), read.json().get("secret")), (Some("\"1\""), None));
        region.get(&path).await.is_refused(404, "webhook_unknown");
        region.post(&format!("{path}/secret"), json!({})).await.is_refused(404, "webhook_unknown");
        let renewed = maubeuge.post(&format!("{path}/secret"), json!({})).await.done();
        assert_ne!(renewed["secret"], made["secret"]);
        let listed = maubeuge.get("/webhooks").await.done();
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        assert_eq!(maubeuge.patch(&path, 2, json!({ "active": false })).await.done()["active"], false);
        maubeuge.patch(&path, 2, json!({ "active": true })).await.is_refused(412, "version_conflict");
        let replayed = maubeuge.post(&format!("{path}/replay"), json!({ "after": 0 })).await.done();
        assert_eq!((&replayed["active"], &replayed["cursor"]), (&json!(true), &json!(0)));
        let beyond = json!({ "after": 10_000 });
        maubeuge.post(&format!("{path}/replay"), beyond).await.is_refused(422, "quantity_out_of_range");
        let whole = json!({ "url": "https://1.1.1.1/told", "topic": "places", "from_the_beginning": true });
        assert_eq!(maubeuge.post("/webhooks", whole).await.done()["cursor"], 0);
    });
}

#[test]
fn an_address_of_our_own_and_a_wish_that_makes_no_sense_are_refused() {
    over_every_engine(requests::stage, async |http| {
        let region = http.region_admin();
        for private in
            ["https://127.0.0.1/a", "http://hooks.example.org/a", "https://10.0.0.1/", "https://192.168.1.1/"]
        {
            let mut asked = body("receipts");
            asked["url"] = json!(private);
            region.post("/webhooks", asked).await.is_refused(422, "webhook_address_refused");
        }
        let mut whose = body("receipts");
        whose.as_object_mut().unwrap().remove("programme");
        region.post("/webhooks", whose).await.is_refused(404, "programme_unknown");
        let mut both = body("places");
        both["programme"] = json!("HDF21");
        region.post("/webhooks", both).await.is_refused(422, "webhook_places_whole");
        let mut few = body("applications");
        few["kinds"] = json!(["application_decision"]);
        region.post("/webhooks", few).await.is_refused(422, "webhook_kinds_of_receipts");
        let mut asked = body("receipts");
        asked["kinds"] = json!(["dance"]);
        region.post("/webhooks", asked).await.is_refused(400, "identifier_malformed");
        for _ in 1..20 {
            region.post("/webhooks", body("places")).await.done();
        }
        region.post("/webhooks", body("places")).await.is_refused(409, "too_many_webhooks");
        region
            .patch(&format!("/webhooks/{}", IDS[0].1), 1, json!({ "url": "https://10.0.0.1/" }))
            .await
            .is_refused(422, "webhook_address_refused");
    });
}

#[test]
fn what_could_not_be_told_is_listed() {
    over_every_engine(requests::stage, async |http| {
        let id = WebhookId::parse(IDS[0].1).unwrap();
        http.world.write(|tx| {
            for position in [1, 2] {
                let (event, why) = (format!("places:{position}"), "réponse 500".to_owned());
                tx.insert_dead_letter(&DeadLetter { webhook: id, position, event, why, at: http.world.now() })?;
            }
            Ok(())
        });
        let path = format!("/webhooks/{id}/dead-letters");
        let first = http.region_admin().get(&format!("{path}?limit=1")).await.done();
        assert_eq!(first["items"][0]["event"], "places:1");
        let rest = http.region_admin().get(&format!("{path}?limit=1&after={}", first["next"].as_str().unwrap())).await;
        assert_eq!(rest.done()["items"][0]["event"], "places:2");
        http.prescriber("MAUB").get(&path).await.is_refused(404, "webhook_unknown");
    });
}
