//! The registry of places: proposed, decided, corrected, withdrawn, and its sessions announced.

mod files;
mod finder;

use recepisse::domain::ids::{OrganisationId, PlaceId, SessionId};
use recepisse::domain::party::Role;
use recepisse::domain::places::moderation::{decide, proposed, revised};
use recepisse::domain::places::session::Session;
use recepisse::domain::places::words::TimeOfDay;
use recepisse::domain::places::{ChangeKind, Decision, Outcome, Place, Revision, Sheet, Signed};
use recepisse::domain::territory::CommuneCode;
use recepisse::domain::text::Label;
use recepisse::domain::time::Day;
use serde_json::{Value, json};

use crate::harness::{Answer, Http, Raw, World, over_every_engine};

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

/// Nobody's identifier: what is not an organisation of the world.
#[test]
fn an_identifier_of_another_kind_is_unknown() {
    over_every_engine(stage, async |http| {
        let stranger = OrganisationId::parse(SESSION).unwrap();
        http.region_admin().get(&format!("/places/{stranger}")).await.is_refused(404, "place_unknown");
        http.region_admin().get("/places/none").await.is_refused(404, "place_unknown");
    });
}
