//! What belongs to somebody else is unknown: foreign identifiers answer 404 as if they did not exist, and no list
//! shows a foreign row.

use recepisse::domain::movement::Kind;
use recepisse::domain::party::Role;
use serde_json::{Value, json};

use super::requests::{mandate_of, order_body, redemption_body, stage, supply_fourmies};
use crate::harness::{Client, Http, World, over_every_engine};

const P: &str = "/programmes/HDF21";

fn both_prescribers(world: &World) {
    stage(world);
    supply_fourmies(world);
    world.second_programme();
}

/// Everything that a list says, page by page.
async fn all(http: &Http<'_>, who: &str, path: &str) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let page = http.person(who).get(&format!("{path}?limit=2{after}")).await.done();
        rows.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return rows,
        }
    }
}

fn number(world: &World, kind: Kind) -> String {
    let receipts = world.receipts();
    receipts.into_iter().find(|receipt| receipt.kind == kind.to_string()).unwrap().number
}

#[test]
fn a_foreign_identifier_answers_404() {
    over_every_engine(both_prescribers, async |http| {
        let world = http.world;
        let (maubeuge, fourmies) = (http.prescriber("MAUB"), http.prescriber("FOURM"));
        let (lieux, mobi) = (http.venue_agent("LIEUX"), http.venue_agent("MOBI"));
        let hand_out = format!("{P}/receipts/{}", number(world, Kind::HandOut));
        let redemption = format!("{P}/receipts/{}", number(world, Kind::Redemption));
        assert_eq!(maubeuge.get(&hand_out).await.status, 200);
        fourmies.get(&hand_out).await.is_refused(404, "not_found");
        mobi.get(&hand_out).await.is_refused(404, "not_found");
        assert_eq!(lieux.get(&redemption).await.status, 200);
        mobi.get(&redemption).await.is_refused(404, "not_found");
        maubeuge.get(&redemption).await.is_refused(404, "not_found");
        maubeuge.get(&format!("{P}/receipts/{}", number(world, Kind::Order))).await.is_refused(404, "not_found");
        for form in ["text/html", "application/pdf"] {
            assert_eq!(fourmies.get_as(form, &hand_out).await.status, 404);
        }

        assert_eq!(maubeuge.get(&format!("{P}/dispatches/2")).await.status, 200);
        maubeuge.get(&format!("{P}/dispatches/4")).await.is_refused(404, "dispatch_unknown");
        lieux.get(&format!("{P}/dispatches/2")).await.is_refused(404, "dispatch_unknown");
        let theirs = fourmies.post(&format!("{P}/dispatches/2/acceptance"), json!({})).await;
        theirs.is_refused(404, "dispatch_unknown");

        for rest in ["", "/history"] {
            let foreign = format!("{P}/booklets/{}{rest}", world.serial(6));
            assert_eq!(fourmies.get(&foreign).await.status, 200);
            maubeuge.get(&foreign).await.is_refused(404, "booklet_unknown");
            lieux.get(&foreign).await.is_refused(404, "booklet_unknown");
        }
        let foreign = format!("{P}/mandates/{}", mandate_of(world, "FOURM").id);
        maubeuge.get(&foreign).await.is_refused(404, "not_found");
        lieux.get(&foreign).await.is_refused(404, "not_found");
    });
}

#[test]
fn a_booklet_shows_to_each_organisation_its_own_part_of_its_life() {
    over_every_engine(both_prescribers, async |http| {
        let booklet = format!("{P}/booklets/{}", http.world.serial(1));
        let kinds = async |who: &Client<'_>| {
            let history = who.get(&format!("{booklet}/history")).await.done();
            let kind = |receipt: &Value| receipt["kind"].as_str().unwrap().to_owned();
            history["items"].as_array().unwrap().iter().map(kind).collect::<Vec<_>>()
        };
        let (region, maubeuge) = (http.region_admin(), http.prescriber("MAUB"));
        let lieux = http.venue_agent("LIEUX");
        assert_eq!(kinds(&region).await, ["delivery", "dispatch", "acceptance", "hand_out", "redemption"]);
        assert_eq!(kinds(&maubeuge).await, ["acceptance", "hand_out"], "where the person went is not told");
        assert_eq!(kinds(&lieux).await, ["redemption"], "why the person received it is not told");
        let spent = async |who: &Client<'_>| who.get(&booklet).await.done()["departed"][0]["holder"].clone();
        assert_eq!(spent(&region).await, "provider:LIEUX");
        assert_eq!(spent(&lieux).await, "provider:LIEUX");
        assert_eq!(spent(&maubeuge).await, "provider");
    });
}

#[test]
fn what_a_foreign_identifier_would_change_stays() {
    over_every_engine(both_prescribers, async |http| {
        let (world, before) = (http.world, http.position());
        let reversal = format!("{P}/redemptions/{}/reversal", number(world, Kind::Redemption));
        let reason = json!({ "reason": "entered_by_mistake" });
        http.venue_agent("MOBI").post(&reversal, reason).await.is_refused(404, "redemption_unknown");
        let mut redemption = redemption_body(world, 2, &[1]);
        http.venue_agent("MOBI")
            .post(&format!("{P}/redemptions"), redemption.clone())
            .await
            .is_refused(404, "venue_unknown");
        redemption["venue_id"] = json!("00000000-0000-7000-8000-000000000000");
        http.venue_agent("LIEUX").post(&format!("{P}/redemptions"), redemption).await.is_refused(404, "venue_unknown");
        let venue = format!("/venues/{}", world.venue("Maubeuge"));
        http.venue_agent("MOBI").patch(&venue, 1, json!({ "name": "Le bus" })).await.is_refused(404, "venue_unknown");
        let body =
            json!({ "prescriber_id": world.organisation("FOURM"), "booklets": { "serials": [world.serial(6)] } });
        let taken = http.prescriber("MAUB").post(&format!("{P}/dispatches"), body).await;
        assert!(matches!(taken.status, 404 | 409), "{taken:?}");
        assert_eq!(http.position(), before);
    });
}

#[test]
fn another_programme_is_another_world() {
    over_every_engine(both_prescribers, async |http| {
        let (world, admin) = (http.world, http.region_admin());
        let other = "/programmes/AISNE22";
        for path in [
            format!("{other}/receipts/{}", number(world, Kind::Order)),
            format!("{other}/dispatches/1"),
            format!("{other}/orders/CMD-1"),
            format!("{other}/booklets/{}", world.serial(1)),
            format!("{other}/mandates/{}", mandate_of(world, "MAUB").id),
            "/programmes/NOWHERE/receipts".to_owned(),
            "/programmes/nowhere!/orders".to_owned(),
        ] {
            assert_eq!(admin.get(&path).await.problem().0, 404, "{path}");
        }
        for list in ["receipts", "orders", "dispatches"] {
            assert_eq!(all(http, "region_admin@hdf.example", &format!("{other}/{list}")).await, Vec::<Value>::new());
        }
        let check = json!({ "code": crate::harness::printed_code(1, 9).grouped() });
        let unknown = http.venue_agent("LIEUX").post(&format!("{other}/passes/check"), check).await;
        unknown.is_refused(404, "code_unknown");
        let spent =
            http.venue_agent("LIEUX").post(&format!("{other}/redemptions"), redemption_body(world, 1, &[9])).await;
        spent.is_refused(404, "code_unknown");
        let send = json!({ "prescriber_id": world.organisation("MAUB"), "booklets": { "serials": [world.serial(6)] } });
        assert_eq!(admin.post(&format!("{other}/dispatches"), send).await.problem().0, 404);
        admin.post(&format!("{other}/orders"), order_body(world, "CMD-1")).await.receipt();
    });
}

#[test]
fn a_list_shows_own_rows_and_no_others() {
    over_every_engine(both_prescribers, async |http| {
        let maubeuge = "prescriber_agent@maub.example";
        for receipt in all(http, maubeuge, &format!("{P}/receipts")).await {
            let named = receipt.to_string();
            assert!(named.contains("MAUB"), "{named}");
            assert!(!named.contains("FOURM") && !named.contains("LIEUX"), "{named}");
        }
        let receipts = all(http, "venue_agent@lieux.example", &format!("{P}/receipts")).await;
        assert!(!receipts.is_empty() && receipts.iter().all(|receipt| receipt["kind"] == "redemption"));
        assert!(all(http, "venue_agent@mobi.example", &format!("{P}/receipts")).await.is_empty());
        assert_eq!(
            all(http, "auditor@crc.example", &format!("{P}/receipts")).await.len(),
            usize::try_from(http.position()).unwrap()
        );
        let dispatches = all(http, maubeuge, &format!("{P}/dispatches")).await;
        assert_eq!(dispatches.iter().map(|row| row["number"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2]);
        assert!(all(http, "venue_agent@lieux.example", &format!("{P}/dispatches")).await.is_empty());
        let mandates = all(http, maubeuge, &format!("{P}/mandates")).await;
        assert_eq!(mandates.len(), 1);
        assert_eq!(mandates[0]["prescriber_id"], json!(http.world.organisation("MAUB")));
        assert!(all(http, "venue_agent@lieux.example", &format!("{P}/mandates")).await.is_empty());
        assert_eq!(all(http, "region_admin@hdf.example", "/users").await.len(), 10);
        for row in all(http, maubeuge, "/organisations").await {
            assert_eq!(row.get("contact").is_some(), row["code"] == "MAUB", "{row}");
        }
    });
}

#[test]
fn a_report_shows_the_own_part_or_does_not_exist() {
    over_every_engine(both_prescribers, async |http| {
        let entries = http.region_admin().get(&format!("{P}/reports")).await.done();
        for entry in entries.as_array().unwrap() {
            let name = entry["name"].as_str().unwrap();
            for (code, role) in [("MAUB", Role::PrescriberAgent), ("MOBI", Role::VenueAgent)] {
                let (who, serial) = (http.who(code, role), http.world.serial(6));
                let takes_serial = entry["parameters"].as_array().unwrap().iter().any(|name| name == "serial");
                let asked = if takes_serial { format!("?serial={serial}") } else { String::new() };
                let answers = [
                    who.get(&format!("{P}/reports/{name}{asked}")).await,
                    who.get(&format!("{P}/exports/{name}.csv{asked}")).await,
                ];
                for answer in answers {
                    let what = format!("{name} for {role}: {answer:?}");
                    if entry["own_part"] == json!(false) {
                        answer.is_refused(404, "not_in_scope");
                    } else {
                        assert!(answer.status == 200 || answer.problem().0 < 500, "{what}");
                        assert!(!answer.text().contains("FOURM") && !answer.text().contains("LIEUX"), "{what}");
                        assert!(answer.status != 200 || !answer.text().contains(&serial), "{what}");
                    }
                }
                let foreign = who.get(&format!("{P}/reports/{name}?holder=prescriber:FOURM")).await;
                let foreign_text = foreign.text().replace("prescriber:FOURM", "");
                assert!(foreign.status < 500 && !foreign_text.contains("FOURM"), "{name}: {foreign:?}");
            }
        }
    });
}
