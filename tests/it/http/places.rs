//! The registry of places: proposed, decided, found by everybody, read and written as files of the national standard.

use std::time::Instant;

use actix_web::rt::System;
use recepisse::domain::ids::{OrganisationId, PlaceId, SessionId};
use recepisse::domain::party::Role;
use recepisse::domain::places::moderation::{decide, proposed, revised};
use recepisse::domain::places::session::Session;
use recepisse::domain::places::words::TimeOfDay;
use recepisse::domain::places::{ChangeKind, Decision, Outcome, Place, Revision, Sheet, Signed};
use recepisse::domain::territory::{self, CommuneCode};
use recepisse::domain::text::Label;
use recepisse::domain::time::Day;
use serde_json::{Value, json};

use crate::harness::{Answer, Http, Raw, World, engines, over_every_engine};

/// A published place of the provider LIEUX, with revisions 2 and 3 waiting.
pub(crate) const OPEN: &str = "019acd00-0000-7000-8000-000000000001";
/// A published place of nobody, to be withdrawn.
const CLOSING: &str = "019acd00-0000-7000-8000-000000000002";
/// A session of the first place.
const SESSION: &str = "019acd00-0000-7000-8000-000000000003";

pub(crate) fn sheet(name: &str) -> Value {
    json!({ "pivot": "43493312300029", "nom": name, "commune": "Maubeuge", "code_postal": "59600",
        "code_insee": "59392", "adresse": "2 place de la Gare", "latitude": "50.27875", "longitude": "3.97267",
        "typologie": ["ASSO"], "date_maj": "2021-10-01", "horaires": "Mo-Fr 09:00-12:00",
        "services": ["Aide aux démarches administratives"], "prise_en_charge_specifique": ["Surdité"] })
}

fn read(sheet: Value) -> Sheet {
    serde_json::from_value(sheet).unwrap()
}

fn signed(world: &World, code: &'static str, role: Role) -> Signed {
    Signed { user: world.user(code, role), organisation: world.organisation(code), role, at: world.now() }
}

fn accepted(world: &World) -> Decision {
    Decision { outcome: Outcome::Accepted, reason: None, by: signed(world, "HDF", Role::RegionAdmin) }
}

fn published(world: &World, id: &str, sheet: Value) -> (Place, Revision) {
    let by = signed(world, "HDF", Role::RegionAdmin);
    let (mut place, mut revision) = proposed(PlaceId::parse(id).unwrap(), read(sheet), None, by);
    decide(&mut place, &mut revision, accepted(world)).unwrap();
    (place, revision)
}

/// See the constants above.
pub(crate) fn stage(world: &World) {
    let (mut open, first) = published(world, OPEN, sheet("Espace de la gare"));
    open.venue = Some(world.venue("Avesnes"));
    let by = signed(world, "MAUB", Role::PrescriberAgent);
    let waiting: Vec<Revision> = ["Deux", "Trois"]
        .map(|name| revised(&mut open, read(sheet(name)), None, by.clone()).unwrap())
        .into_iter()
        .collect();
    let mut other = sheet("Ancienne bibliothèque");
    other["typologie"] = json!(["BIB"]);
    let (closing, only) = published(world, CLOSING, other);
    let session = Session {
        id: SessionId::parse(SESSION).unwrap(),
        place: open.id,
        day: world.day().plus_days(3),
        starts: TimeOfDay::parse("09:00").unwrap(),
        ends: TimeOfDay::parse("12:00").unwrap(),
        commune: CommuneCode::parse("59324").unwrap(),
        address: Label::parse("Place de la mairie").unwrap(),
        position: None,
        note: None,
        cancelled: false,
    };
    world.write(|tx| {
        tx.insert_places(&[open.clone(), closing.clone()])?;
        tx.insert_revisions(&[first, only])?;
        tx.insert_revisions(&waiting)?;
        tx.insert_session(&session)?;
        tx.note_place_changes(&[(open.id, ChangeKind::Added), (closing.id, ChangeKind::Added)], world.now())
    });
}

/// What is posted to a route of the registry.
pub(crate) fn asking(world: &World, route: &str) -> Option<(String, Value)> {
    let at = |id: &str| route.replace("{id}", id).replace("{session}", SESSION);
    Some(match route {
        "/api/v1/places" => (at(OPEN), json!({ "sheet": sheet("Nouveau lieu"), "note": "Ouvert en septembre" })),
        "/api/v1/places/{id}/revisions" => (at(OPEN), json!({ "sheet": sheet("Autre nom"), "base": 1 })),
        "/api/v1/places/{id}/revisions/{number}/acceptance" => {
            (at(OPEN).replace("{number}", "2"), json!({ "reason": "Vérifié" }))
        }
        "/api/v1/places/{id}/revisions/{number}/refusal" => {
            (at(OPEN).replace("{number}", "3"), json!({ "reason": "Double" }))
        }
        "/api/v1/places/{id}/withdrawal" => (at(CLOSING), json!({ "reason": "Fermé" })),
        "/api/v1/places/{id}/venue" => (at(OPEN), json!({ "venue_id": world.venue("Maubeuge") })),
        "/api/v1/places/{id}/sessions" => (
            at(OPEN),
            json!({ "day": world.day().plus_days(7).to_string(), "starts": "14:00", "ends": "17:00", "commune": "59324",
                "address": "Place de la mairie" }),
        ),
        "/api/v1/places/{id}/sessions/{session}/cancellation" => (at(OPEN), json!({})),
        _ => return None,
    })
}

/// A file of the standard with one place that has this mark.
pub(crate) fn file(mark: &str) -> String {
    format!(
        "id,pivot,nom,commune,code_postal,adresse,date_maj,services\n\
         {mark},43493312300029,Lieu {mark},Jeumont,59460,1 rue de l'Hôtel de ville,2021-09-01,\
         Aide aux démarches administratives\n"
    )
}

fn nothing(_: &World) {}

async fn propose(http: &Http<'_>, code: &str, role: Role, sheet: Value) -> Value {
    http.who(code, role).post("/places", json!({ "sheet": sheet })).await.done()["place"].clone()
}

async fn found(http: &Http<'_>, query: &str) -> Vec<String> {
    let page = http.anonymous().get(&format!("/public/places{query}")).await.done();
    let names = page["items"].as_array().unwrap().iter().map(|item| item["sheet"]["nom"].as_str().unwrap().to_owned());
    names.collect()
}

#[test]
fn a_prescriber_proposes_the_region_decides_and_everybody_finds() {
    over_every_engine(nothing, async |http| {
        let (maubeuge, region) = (http.prescriber("MAUB"), http.region_admin());
        let place = propose(http, "MAUB", Role::PrescriberAgent, sheet("Espace de la gare")).await;
        let id = place["id"].as_str().unwrap();
        assert_eq!((&place["state"], &place["in_force"]), (&json!("proposed"), &json!(0)));
        assert_eq!(found(http, "").await, [""; 0], "nobody finds what was not decided");
        let path = format!("/places/{id}");
        assert_eq!(maubeuge.get(&path).await.status, 200, "who proposed it sees it");
        http.prescriber("FOURM").get(&path).await.is_refused(404, "place_unknown");
        http.anonymous().get(&format!("/public{path}")).await.is_refused(404, "place_unknown");

        let waiting = region.get("/place-revisions").await.done();
        assert_eq!((&waiting["items"][0]["place_id"], &waiting["items"][0]["number"]), (&json!(id), &json!(1)));
        let revision = format!("{path}/revisions/1");
        let accepted = region.post(&format!("{revision}/acceptance"), json!({ "reason": "Vérifié" })).await.done();
        assert_eq!((&accepted["state"], &accepted["in_force"]), (&json!("published"), &json!(1)));
        let again = region.post(&format!("{revision}/refusal"), json!({ "reason": "Non" })).await;
        again.is_refused(409, "revision_already_decided");
        assert_eq!(found(http, "?commune=59392").await, ["Espace de la gare"]);

        let history = http.prescriber("FOURM").get(&format!("{path}/revisions")).await.done();
        let first = &history["items"][0];
        assert_eq!((&first["outcome"], &first["reason"]), (&json!("accepted"), &json!("Vérifié")));
        assert_eq!(first["proposed"]["organisation_id"], json!(http.world.organisation("MAUB")));
        assert_eq!(first["proposed"].get("user_id"), None, "a prescriber is not told which person");
        let named = region.get(&format!("{path}/revisions")).await.done();
        assert_eq!(named["items"][0]["proposed"]["user_id"], json!(http.world.user("MAUB", Role::PrescriberAgent)));
    });
}

#[test]
fn a_refusal_says_why_and_an_older_base_overwrites_nothing() {
    over_every_engine(nothing, async |http| {
        let (maubeuge, region) = (http.prescriber("MAUB"), http.region_admin());
        let place = propose(http, "HDF", Role::RegionAdmin, sheet("Espace de la gare")).await;
        let path = format!("/places/{}", place["id"].as_str().unwrap());
        assert_eq!(place["state"], "published", "what the Region proposes is published at once");
        let change = |name: &str, base: i64| json!({ "sheet": sheet(name), "base": base });
        for name in ["Deux", "Trois"] {
            let waits = maubeuge.post(&format!("{path}/revisions"), change(name, 1)).await;
            assert_eq!((waits.status, waits.json().get("outcome")), (201, None));
        }
        let without = region.post(&format!("{path}/revisions/2/refusal"), json!({})).await;
        without.is_refused(400, "body_malformed");
        assert_eq!(region.post(&format!("{path}/revisions/3/acceptance"), json!({})).await.status, 200);
        region.post(&format!("{path}/revisions/2/acceptance"), json!({})).await.is_refused(409, "revision_outdated");
        let refused = region.post(&format!("{path}/revisions/2/refusal"), json!({ "reason": "Double" })).await;
        assert_eq!(refused.done()["sheet"]["nom"], "Trois");
        maubeuge.post(&format!("{path}/revisions"), change("Quatre", 1)).await.is_refused(409, "revision_outdated");
        region.post(&format!("{path}/revisions/9/acceptance"), json!({})).await.is_refused(404, "revision_unknown");
        let mut history = Raw::on(&http.world.place);
        assert!(history.run("UPDATE place_revisions SET sheet = '{}'").unwrap_err().contains("append-only"));
        assert!(history.run("DELETE FROM place_decisions").unwrap_err().contains("append-only"));
    });
}

#[test]
fn a_place_takes_passes_when_its_venue_does_and_whoever_runs_it_corrects_it() {
    over_every_engine(nothing, async |http| {
        let (world, region, lieux) = (http.world, http.region_admin(), http.venue_agent("LIEUX"));
        let place = propose(http, "HDF", Role::RegionAdmin, sheet("Espace de la gare")).await;
        let path = format!("/places/{}", place["id"].as_str().unwrap());
        let accepting = async || found(http, "?accepts_passes=true").await;
        assert_eq!(accepting().await, [""; 0]);
        let link = |venue: Value| json!({ "venue_id": venue });
        let linked = region.post(&format!("{path}/venue"), link(json!(world.venue("Maubeuge")))).await.done();
        assert_eq!(linked["venue_id"], json!(world.venue("Maubeuge")));
        assert_eq!(accepting().await, ["Espace de la gare"]);
        assert_eq!(found(http, "?programme=HDF21").await, ["Espace de la gare"]);
        assert_eq!(found(http, "?programme=OTHER").await, [""; 0]);

        let change = json!({ "sheet": sheet("La gare"), "base": 1 });
        let other = http.venue_agent("MOBI").post(&format!("{path}/revisions"), change.clone()).await.done();
        assert_eq!(other.get("outcome"), None, "another provider proposes like everybody");
        let own = lieux.post(&format!("{path}/revisions"), change).await.done();
        assert_eq!(own["outcome"], "accepted", "the provider knows its own place");
        assert_eq!(accepting().await, ["La gare"]);

        let second = propose(http, "HDF", Role::RegionAdmin, sheet("Autre")).await;
        let other = format!("/places/{}/venue", second["id"].as_str().unwrap());
        region.post(&other, link(json!(world.venue("Maubeuge")))).await.is_refused(409, "venue_linked_already");
        region.post(&other, link(json!(world.user("HDF", Role::RegionAdmin)))).await.is_refused(404, "venue_unknown");

        let venue = format!("/venues/{}", world.venue("Maubeuge"));
        assert_eq!(region.patch(&venue, 1, json!({ "approved": false })).await.status, 200);
        assert_eq!(accepting().await, [""; 0], "the approval ended, and the finder knows at once");
        let changes = http.anonymous().get("/public/place-changes?since=0").await.done();
        let last = changes["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["kind"], &last["place"]["accepts_passes"]), (&json!("changed"), &json!(false)));
        region.post(&format!("{path}/venue"), link(Value::Null)).await.done();
        assert_eq!(
            lieux
                .post(&format!("{path}/revisions"), json!({ "sheet": sheet("Gare"), "base": 3 }))
                .await
                .done()
                .get("outcome"),
            None,
            "it is theirs no more"
        );
    });
}

#[test]
fn a_withdrawn_place_is_shown_no_more_and_keeps_its_history() {
    over_every_engine(stage, async |http| {
        let region = http.region_admin();
        let path = format!("/places/{CLOSING}");
        assert_eq!(found(http, "?q=bibliotheque").await, ["Ancienne bibliothèque"]);
        let withdrawn = region.post(&format!("{path}/withdrawal"), json!({ "reason": "Fermé" })).await.done();
        assert_eq!(withdrawn["state"], "withdrawn");
        assert_eq!(found(http, "?q=bibliotheque").await, [""; 0]);
        let change = json!({ "sheet": sheet("Encore"), "base": 1 });
        for (rest, body) in [("withdrawal", json!({ "reason": "Fermé" })), ("revisions", change)] {
            region.post(&format!("{path}/{rest}"), body).await.is_refused(409, "place_withdrawn");
        }
        region.post(&format!("{path}/venue"), json!({ "venue_id": null })).await.is_refused(409, "place_not_published");
        let history = region.get(&format!("{path}/revisions")).await.done();
        assert_eq!(history["items"][1]["reason"], "Fermé");
        let changes = http.anonymous().get("/public/place-changes").await.done();
        let last = changes["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["kind"], &last["place_id"], last.get("place")), (&json!("removed"), &json!(CLOSING), None));
    });
}

#[test]
fn sessions_are_announced_by_whoever_answers_for_the_place() {
    over_every_engine(stage, async |http| {
        let (lieux, path) = (http.venue_agent("LIEUX"), format!("/places/{OPEN}/sessions"));
        let day = http.world.day().plus_days(10);
        let session = |day: Day, starts: &str, ends: &str| {
            json!({ "day": day, "starts": starts, "ends": ends, "commune": "59249", "address": "Salle des fêtes",
                "latitude": "50.0178", "longitude": "4.0486" })
        };
        let announced = lieux.post(&path, session(day, "09:00", "12:00")).await.done();
        http.venue_agent("MOBI").post(&path, session(day, "09:00", "12:00")).await.is_refused(404, "place_unknown");
        lieux.post(&path, session(day, "12:00", "09:00")).await.is_refused(422, "dates_out_of_order");
        let past = session(http.world.day().minus_months(1), "09:00", "12:00");
        lieux.post(&path, past).await.is_refused(422, "session_not_ahead");
        let mut half = session(day, "09:00", "12:00");
        half["latitude"] = Value::Null;
        lieux.post(&path, half).await.is_refused(422, "position_incomplete");
        let asked = format!("?commune=fourmies&session_from={day}&session_until={day}");
        assert_eq!(found(http, &asked).await, ["Espace de la gare"]);
        let nearest = http.anonymous().get(&format!("/public/places{asked}")).await.done();
        assert!(nearest["items"][0]["distance_metres"].as_i64().unwrap() < 3_000, "{nearest}");
        let cancel = format!("{path}/{}/cancellation", announced["id"].as_str().unwrap());
        assert_eq!(lieux.post(&cancel, json!({})).await.done()["cancelled"], true);
        assert_eq!(lieux.post(&cancel, json!({})).await.status, 200, "twice is once");
        assert_eq!(found(http, &asked).await, [""; 0]);
        lieux.post(&format!("{path}/{OPEN}/cancellation"), json!({})).await.is_refused(404, "session_unknown");
        let listed = http.prescriber("MAUB").get(&path).await.done();
        assert_eq!(listed["items"].as_array().unwrap().len(), 2, "the cancelled one too, for those who sign in");
    });
}

#[test]
fn what_is_wrong_with_a_sheet_is_told_by_its_column() {
    over_every_engine(nothing, async |http| {
        let propose = async |column: &str, value: Value| {
            let mut sheet = sheet("Espace");
            sheet[column] = value;
            http.prescriber("MAUB").post("/places", json!({ "sheet": sheet })).await
        };
        let is = |answer: &Answer, status: u16, code: &str, field: &str| {
            answer.is_refused(status, code);
            assert_eq!(answer.json()["field"], field, "{answer:?}");
        };
        is(&propose("horaires", json!("le matin")).await, 400, "opening_hours_malformed", "sheet.horaires");
        is(&propose("telephone", json!(["0327"])).await, 400, "phone_malformed", "sheet.telephone[0]");
        is(&propose("services", json!(["Repassage"])).await, 422, "term_unknown", "sheet.services");
        is(&propose("services", json!([])).await, 422, "service_list_empty", "sheet.services");
        is(&propose("code_insee", json!("99999")).await, 422, "place_commune_unknown", "sheet.code_insee");
        is(&propose("date_maj", json!("2021-10-05")).await, 422, "date_in_future", "sheet.date_maj");
        is(&propose("longitude", Value::Null).await, 422, "position_incomplete", "sheet.latitude");
        is(&propose("couleur", json!("bleu")).await, 400, "body_malformed", "sheet.couleur");
        let twice = json!(["Gratuit", "Gratuit"]);
        is(&propose("frais_a_charge", twice).await, 422, "term_repeated", "sheet.frais_a_charge");
    });
}

#[test]
fn the_finder_is_for_everybody_cached_paged_and_refuses_what_it_cannot_answer() {
    over_every_engine(stage, async |http| {
        let anybody = http.anonymous();
        let first = anybody.get("/public/places?commune=Maubeuge&around=epci").await;
        assert_eq!(first.header("Cache-Control"), Some("public, max-age=300"));
        assert_eq!(first.header("Access-Control-Allow-Origin"), Some("*"));
        let etag = first.header("ETag").unwrap().to_owned();
        let again = async |etag: &str| {
            let request = anybody.request(actix_web::http::Method::GET, "/public/places?commune=Maubeuge&around=epci");
            http.send(request.await.insert_header(("If-None-Match", etag))).await
        };
        let same = again(&etag).await;
        assert_eq!((same.status, same.bytes.len(), same.header("ETag")), (304, 0, Some(etag.as_str())));
        assert_eq!(again(&format!("W/{etag}, \"x\"")).await.status, 304);
        let lieux = http.venue_agent("LIEUX");
        lieux.post(&format!("/places/{OPEN}/revisions"), json!({ "sheet": sheet("Neuf"), "base": 1 })).await.done();
        assert_eq!(again(&etag).await.status, 200, "something changed");

        let page = anybody.get("/public/places?limit=1").await.done();
        assert_eq!((&page["total"], page["items"].as_array().unwrap().len()), (&json!(2), 1));
        let rest =
            anybody.get(&format!("/public/places?limit=1&after={}", page["next"].as_str().unwrap())).await.done();
        assert_ne!(rest["items"][0]["id"], page["items"][0]["id"]);
        assert_eq!(rest.get("next"), None);
        for (query, code) in [
            ("near=50", "degrees_malformed"),
            ("commune=Atlantis", "commune_unknown"),
            ("commune=59392&around=planet", "query_malformed"),
            ("around=epci", "query_malformed"),
            ("within_km=10", "query_malformed"),
            ("within_km=301&near=50,4", "query_malformed"),
            ("after=nowhere", "query_malformed"),
            ("limit=0", "query_malformed"),
            ("service=repassage", "service_unknown"),
            ("unknown=1", "query_malformed"),
        ] {
            anybody.get(&format!("/public/places?{query}")).await.is_refused(400, code);
        }
        let wrong = anybody.get("/public/places?session_from=2021-12-01&session_until=2021-11-01").await;
        wrong.is_refused(422, "dates_out_of_order");
        assert_eq!(found(http, "?special_care=Surdit%C3%A9&service=aide_aux_demarches_administratives").await.len(), 2);
        assert_eq!(found(http, "?described_access=true").await, [""; 0]);
        assert_eq!(found(http, "?near=50.63,3.05&within_km=10").await, [""; 0]);
    });
}

/// The registry followed from outside by its changes alone is the registry.
#[test]
fn a_copy_that_follows_the_changes_is_the_list() {
    over_every_engine(stage, async |http| {
        let region = http.region_admin();
        let mut copy = std::collections::BTreeMap::new();
        let mut since = 0;
        let mut follow = async || {
            loop {
                let page = http.anonymous().get(&format!("/public/place-changes?since={since}&limit=2")).await.done();
                for item in page["items"].as_array().unwrap() {
                    let id = item["place_id"].as_str().unwrap().to_owned();
                    match item.get("place") {
                        Some(place) => drop(copy.insert(id, place.clone())),
                        None => drop(copy.remove(&id)),
                    }
                }
                since = page["next"].as_i64().unwrap();
                if page["more"] == false {
                    let listed = http.anonymous().get("/public/places?limit=200").await.done();
                    let listed: std::collections::BTreeMap<String, Value> = listed["items"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|item| (item["id"].as_str().unwrap().to_owned(), item.clone()))
                        .collect();
                    assert_eq!(copy, listed);
                    return since;
                }
            }
        };
        assert_eq!(follow().await, 2);
        region.post(&format!("/places/{OPEN}/revisions/2/acceptance"), json!({})).await.done();
        propose(http, "HDF", Role::RegionAdmin, sheet("Encore un")).await;
        region.post(&format!("/places/{CLOSING}/withdrawal"), json!({ "reason": "Fermé" })).await.done();
        assert_eq!(follow().await, 5);
        assert_eq!(follow().await, 5, "nothing comes twice");
    });
}

const EXAMPLE: &str = include_str!("../../vectors/places-v1.0.2.csv");
const OLD_EXAMPLE: &str = include_str!("../../vectors/places-v0.1.csv");

/// Lines of a CSV file in an order that does not depend on identifiers; a quoted cell may hold a line break.
fn sorted(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    let mut rows: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    rows.sort();
    rows
}

#[test]
fn a_national_file_goes_in_twice_and_comes_out_the_same() {
    over_every_engine(nothing, async |http| {
        http.world.clock.advance_days(2_000);
        let (region, anybody) = (http.region_admin(), http.anonymous());
        let tried = region.post_csv("/place-imports?dry_run=true", EXAMPLE).await.done();
        assert_eq!((&tried["added"], &tried["rows"], &tried["dry_run"]), (&json!(3), &json!(3), &json!(true)));
        assert_eq!(found(http, "").await, [""; 0], "a trial writes nothing");
        let taken = region.post_csv("/place-imports", EXAMPLE).await.done();
        assert_eq!((&taken["added"], &taken["remarks"]), (&json!(3), &json!([])));
        let again = region.post_csv("/place-imports", EXAMPLE).await.done();
        assert_eq!((&again["added"], &again["changed"], &again["unchanged"]), (&json!(0), &json!(0), &json!(3)));
        let out = anybody.get("/public/places.csv").await;
        assert_eq!(out.header("Content-Type"), Some("text/csv; charset=utf-8"));
        assert!(out.header("ETag").is_some());
        assert_eq!(out.text().len(), EXAMPLE.len());
        assert_eq!(sorted(&out.text()), sorted(EXAMPLE), "every byte of every row, in the registry's own order");
        let changed = region.post_csv("/place-imports", EXAMPLE.replace("2026-01-15", "2026-06-30")).await.done();
        assert_eq!((&changed["changed"], &changed["unchanged"]), (&json!(1), &json!(2)));
        let as_json = anybody.get("/public/places.json").await;
        let request = region.request(actix_web::http::Method::POST, "/place-imports").await;
        let request = request.insert_header(("Content-Type", "application/json")).set_payload(as_json.bytes.clone());
        assert_eq!(http.send(request).await.done()["unchanged"], 3, "and by way of JSON");
        let old = anybody.get("/public/places.csv?version=0.1").await.text();
        assert!(old.starts_with("\"id\"") && !old.contains("Accepte le Pass numérique"), "{old}");
        anybody.get("/public/places.csv?version=3").await.is_refused(400, "query_malformed");
        anybody.get("/public/places.json?version=0.1").await.is_refused(400, "query_malformed");
    });
}

#[test]
fn an_old_file_declares_passes_and_only_the_venue_makes_it_so() {
    over_every_engine(nothing, async |http| {
        let (region, anybody) = (http.region_admin(), http.anonymous());
        let taken = region.post_csv("/place-imports", OLD_EXAMPLE).await.done();
        assert_eq!((&taken["version"], &taken["added"]), (&json!("0.1"), &json!(2)));
        assert!(taken["remarks"].as_array().unwrap().iter().any(|remark| remark["code"] == "pass_declared"));
        let page = anybody.get("/public/places?q=anonymal").await.done();
        let place = &page["items"][0];
        assert_eq!(
            (&place["sheet"]["pass_numerique_declare"], &place["accepts_passes"]),
            (&json!(true), &json!(false))
        );
        let link = format!("/places/{}/venue", place["id"].as_str().unwrap());
        region.post(&link, json!({ "venue_id": http.world.venue("Maubeuge") })).await.done();
        let old = anybody.get("/public/places.csv?version=0.1&accepts_passes=true").await.text();
        assert_eq!(old.matches("Accepte le Pass numérique : ").count(), 1, "{old}");
        let extended = anybody.get("/public/places.csv?extended=true").await.text();
        assert!(extended.contains("\"HDF21\""), "{extended}");
    });
}

#[test]
fn a_file_with_wrong_lines_is_refused_whole_or_taken_in_part_and_doubles_are_shown() {
    over_every_engine(nothing, async |http| {
        let region = http.region_admin();
        let wrong = format!("{}B2,12,Lieu,Jeumont,59460,1 rue,2021-09-01,Repassage\n", file("A1"));
        let refused = region.post_csv("/place-imports", wrong.clone()).await;
        refused.is_refused(422, "place_file_refused");
        assert_eq!(refused.json()["lines"][0]["line"], 3);
        assert_eq!(found(http, "").await, [""; 0]);
        let tried = region.post_csv("/place-imports?dry_run=true", wrong.clone()).await.done();
        assert_eq!((&tried["refused"], &tried["refused_lines"]), (&json!(true), &json!(1)));
        let partial = region.post_csv("/place-imports?partial=true", wrong).await.done();
        assert_eq!((&partial["added"], &partial["refused_lines"]), (&json!(1), &json!(1)));

        let double = file("A1").replace("\nA1,", "\nA9,").replace("Lieu A1", "Lieu A1 ");
        let seen = region.post_csv("/place-imports", double.clone()).await;
        seen.is_refused(422, "place_file_refused");
        assert_eq!(seen.json()["lines"][0]["verdict"], "possible_duplicate");
        region.post_csv("/place-imports?create_look_alikes=true", double).await.done();
        let pairs = region.get("/place-duplicates").await.done();
        assert_eq!((pairs["items"].as_array().unwrap().len(), &pairs["items"][0]["score"]), (1, &json!(100)));
        let like: Value = serde_json::from_str(
            r#"{"pivot":"43493312300029","nom":"Lieu A1","commune":"Jeumont","code_postal":"59460",
            "adresse":"1, rue de l'hôtel de ville","date_maj":"2021-09-01","services":["Aide aux démarches administratives"]}"#,
        )
        .unwrap();
        let proposed = http.prescriber("MAUB").post("/places", json!({ "sheet": like })).await.done();
        assert_eq!(proposed["look_alikes"].as_array().unwrap().len(), 2, "whoever proposes a double is told");

        for (bytes, detail) in [("\u{0}", "aucune"), ("a,b\n1,2,3\n", "ligne 2"), ("x,y\n1,2\n", "aucune")] {
            let answer = region.post_csv("/place-imports", bytes).await;
            if answer.status != 200 {
                answer.is_refused(400, "place_file_malformed");
                assert!(answer.text_at("detail").contains(detail), "{answer:?}");
            }
        }
        http.prescriber("MAUB").post_csv("/place-imports", file("Z")).await.is_refused(403, "forbidden");
    });
}

#[test]
fn ageing_descriptions_are_listed_and_shown_as_such() {
    over_every_engine(nothing, async |http| {
        let region = http.region_admin();
        let mut old = sheet("Vieille fiche");
        old["date_maj"] = json!("2020-10-01");
        propose(http, "HDF", Role::RegionAdmin, old).await;
        propose(http, "HDF", Role::RegionAdmin, sheet("Fiche fraîche")).await;
        let ageing = region.get("/places?updated_before=2021-01-01").await.done();
        assert_eq!(ageing["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&ageing["items"][0]["sheet"]["nom"], &ageing["items"][0]["outdated"]),
            (&json!("Vieille fiche"), &json!(true))
        );
        http.prescriber("MAUB").get("/places?state=proposed").await.is_refused(403, "forbidden");
        assert_eq!(region.get("/places?state=withdrawn").await.done()["items"], json!([]));
    });
}

/// 1,400 places spread over the 3,782 communes of the region: what the real registry holds.
fn regional_file() -> String {
    let communes: Vec<_> = territory::communes().iter().filter(|commune| commune.region == "32").collect();
    assert_eq!(communes.len(), 3_782);
    let row = |number: usize| {
        let commune = communes[number * 2_641 % communes.len()];
        let position = territory::whereabouts(commune).unwrap().position;
        let postal = commune.postal_codes().next().unwrap();
        format!(
            "L{number},43493312300029,\"Lieu numéro {number}\",\"{}\",{postal},{},{number} rue du Port,2021-09-01,\
             Aide aux démarches administratives|Maîtrise des outils numériques du quotidien,{},{}\n",
            commune.name, commune.code, position.latitude, position.longitude
        )
    };
    let header = "id,pivot,nom,commune,code_postal,code_insee,adresse,date_maj,services,latitude,longitude\n";
    std::iter::once(header.to_owned()).chain((0..1_400).map(row)).collect()
}

#[test]
fn the_registry_of_a_region_is_taken_and_searched() {
    let file = regional_file();
    for engine in engines() {
        let world = World::new(*engine);
        System::new().block_on(async {
            let http = Http::over(&world).await;
            let begun = Instant::now();
            let taken = http.region_admin().post_csv("/place-imports", file.clone()).await.done();
            assert_eq!((&taken["added"], &taken["refused_lines"]), (&json!(1_400), &json!(0)), "{taken}");
            let imported = begun.elapsed();
            let anybody = http.anonymous();
            anybody.get("/public/places?limit=1").await.done();
            let begun = Instant::now();
            let mut total = 0;
            for commune in ["59392", "02381", "80021", "62041", "60057"] {
                for around in ["around=epci", "within_km=30", "around=department"] {
                    let page = anybody.get(&format!("/public/places?commune={commune}&{around}")).await.done();
                    total += page["total"].as_u64().unwrap();
                }
            }
            println!("{engine}: 1,400 places imported in {imported:?}, 15 searches in {:?}", begun.elapsed());
            assert!(total > 1_400, "{total}");
            let page = anybody.get("/public/places?near=50.27875,3.97267&limit=200").await.done();
            let metres = page["items"].as_array().unwrap().iter().map(|item| item["distance_metres"].as_i64().unwrap());
            assert!(metres.is_sorted());
        });
    }
}

/// Nobody's identifier: what is not an organisation of the world.
#[test]
fn an_identifier_of_another_kind_is_unknown() {
    over_every_engine(stage, async |http| {
        let stranger = OrganisationId::parse(SESSION).unwrap();
        http.region_admin().get(&format!("/places/{stranger}")).await.is_refused(404, "place_unknown");
        http.region_admin().get("/places/none").await.is_refused(404, "place_unknown");
    });
}
