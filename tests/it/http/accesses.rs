//! What was looked at: the accesses of an auditor, the copies of a receipt, and accounts that end by themselves.

use actix_web::http::Method;
use actix_web::rt::System;
use recepisse::domain::movement::Kind;
use recepisse::domain::party::Role;
use serde_json::{Value, json};

use super::requests::stage;
use crate::harness::{Http, PASSWORD, Raw, World, engines, over_every_engine};

const P: &str = "/programmes/HDF21";
const AUDITOR: &str = "auditor@crc.example";

fn hand_out(world: &World) -> String {
    let found = world.receipts().into_iter().find(|receipt| receipt.kind == Kind::HandOut.to_string());
    found.unwrap().number
}

async fn accesses(http: &Http<'_>, code: &'static str, role: Role) -> Vec<Value> {
    let path = format!("/users/{}/accesses", http.world.user(code, role));
    http.region_admin().get(&path).await.done()["items"].as_array().unwrap().clone()
}

#[test]
fn every_request_of_an_auditor_is_kept_without_its_query() {
    over_every_engine(stage, async |http| {
        let (auditor, number) = (http.who("CRC", Role::Auditor), hand_out(http.world));
        assert_eq!(auditor.get(&format!("{P}/receipts?limit=3")).await.status, 200);
        http.world.clock.advance_seconds(1);
        assert_eq!(auditor.get(&format!("{P}/receipts/{number}")).await.status, 200);
        http.world.clock.advance_seconds(1);
        auditor.get("/users").await.is_refused(403, "forbidden");
        http.world.clock.advance_seconds(1);
        assert_eq!(auditor.get(&format!("{P}/exports/use-account.csv?bom=true")).await.status, 200);
        http.world.clock.advance_seconds(1);
        let kept = accesses(http, "CRC", Role::Auditor).await;
        let told = |access: &Value| (access["path"].clone(), access["status"].clone(), access["form"].clone());
        let expected = [
            (json!(format!("/api/v1{P}/receipts")), json!(200), Value::Null),
            (json!(format!("/api/v1{P}/receipts/{number}")), json!(200), Value::Null),
            (json!("/api/v1/users"), json!(403), Value::Null),
            (json!(format!("/api/v1{P}/exports/use-account.csv")), json!(200), json!("csv")),
        ];
        assert_eq!(kept.iter().map(told).collect::<Vec<_>>(), expected);
        assert_eq!(kept[1]["route"], "/api/v1/programmes/{programme}/receipts/{number}");
        assert_eq!((&kept[1]["programme"], &kept[1]["role"]), (&json!("HDF21"), &json!("auditor")));
        assert_eq!((kept[0]["at"].as_str(), &kept[0]["method"]), (Some("2021-10-04T07:30:00.000Z"), &json!("GET")));
        // Their own, page by page; not those of others.
        let own = format!("/users/{}/accesses", http.world.user("CRC", Role::Auditor));
        let first = auditor.get(&format!("{own}?limit=3")).await.done();
        assert_eq!(first["items"].as_array().unwrap().len(), 3);
        let rest = auditor.get(&format!("{own}?after={}", first["next"].as_str().unwrap())).await.done();
        assert_eq!(rest["items"][0]["form"], "csv");
        let others = format!("/users/{}/accesses", http.world.user("HDF", Role::RegionAdmin));
        auditor.get(&others).await.is_refused(404, "not_found");
        http.prescriber("MAUB").get(&own).await.is_refused(403, "forbidden");
    });
}

#[test]
fn a_receipt_counts_how_often_it_was_printed_and_others_requests_are_not_kept() {
    over_every_engine(stage, async |http| {
        let receipt = format!("{P}/receipts/{}", hand_out(http.world));
        let (maubeuge, auditor) = (http.prescriber("MAUB"), http.who("CRC", Role::Auditor));
        let copies = async || auditor.get(&format!("{receipt}/copies")).await.done();
        let none = copies().await;
        assert_eq!((&none["copies"], &none["first_at"]), (&json!(0), &Value::Null));
        assert_eq!(maubeuge.get(&receipt).await.status, 200);
        assert_eq!(maubeuge.get_as("text/html", &receipt).await.status, 200);
        http.world.clock.advance_seconds(60);
        assert_eq!(maubeuge.get_as("application/pdf", &receipt).await.status, 200);
        assert_eq!(auditor.get_as("application/pdf", &receipt).await.status, 200);
        http.prescriber("FOURM").get_as("application/pdf", &receipt).await.is_refused(404, "not_found");
        let counted = copies().await;
        assert_eq!(
            (&counted["copies"], &counted["html"], &counted["pdf"]),
            (&json!(3), &json!(1), &json!(2)),
            "neither what was read as data nor what was refused"
        );
        assert_eq!(counted["first_at"], "2021-10-04T07:30:00.000Z");
        assert_eq!(counted["last_at"], "2021-10-04T07:31:00.000Z");
        let report = auditor.get(&format!("{P}/reports/copies")).await.done();
        let mut rows: Vec<String> = report["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| format!("{} {} {}", row["role"], row["html"], row["pdf"]))
            .collect();
        rows.sort();
        assert_eq!(rows, ["\"auditor\" 0 1", "\"prescriber_agent\" 1 1"], "{report}");
        let kept = accesses(http, "MAUB", Role::PrescriberAgent).await;
        let forms: Vec<&Value> = kept.iter().map(|access| &access["form"]).collect();
        assert_eq!(forms, ["html", "pdf"]);
        http.prescriber("FOURM").get(&format!("{receipt}/copies")).await.is_refused(404, "not_found");
    });
}

#[test]
fn whoever_reads_data_of_people_is_kept_and_who_reads_sums_is_not() {
    over_every_engine(stage, async |http| {
        let admin = http.region_admin();
        for read in ["use-account", "hand-outs?masked=true", "hand-outs"] {
            assert_eq!(admin.get(&format!("{P}/reports/{read}")).await.status, 200);
        }
        http.world.clock.advance_seconds(1);
        assert_eq!(admin.get(&format!("{P}/exports/use-account.xlsx")).await.status, 200);
        http.world.clock.advance_seconds(1);
        assert_eq!(admin.get(&format!("{P}/applications")).await.status, 200);
        admin.get(&format!("{P}/applications/99")).await.is_refused(404, "application_unknown");
        let kept = accesses(http, "HDF", Role::RegionAdmin).await;
        let told = |access: &Value| (access["path"].clone(), access["form"].clone());
        let expected = [
            (json!(format!("/api/v1{P}/reports/hand-outs")), json!("json")),
            (json!(format!("/api/v1{P}/exports/use-account.xlsx")), json!("xlsx")),
            (json!(format!("/api/v1{P}/applications")), json!("json")),
        ];
        assert_eq!(kept.iter().map(told).collect::<Vec<_>>(), expected);
    });
}

#[test]
fn what_was_noted_is_written_before_a_stop() {
    for engine in engines() {
        let world = World::new(*engine);
        stage(&world);
        System::new().block_on(async {
            let http = Http::over(&world).await;
            assert_eq!(http.who("CRC", Role::Auditor).get("/auth/me").await.status, 200);
        });
        let kept = Raw::on(&world.place).number("SELECT COUNT(*) AS answer FROM accesses WHERE role = 'auditor'");
        assert_eq!(kept, 1, "{engine}");
    }
}

#[test]
fn an_account_ends_with_its_last_day() {
    over_every_engine(stage, async |http| {
        let (admin, today) = (http.region_admin(), http.world.day());
        let user = format!("/users/{}", http.world.user("CRC", Role::Auditor));
        let change = async |version: i64, body: Value| http.region_admin().patch(&user, version, body).await.done();
        let version = admin.get(&user).await.done()["version"].as_i64().unwrap();
        let changed = change(version, json!({ "valid_until": today.to_string() })).await;
        assert_eq!(changed["valid_until"], today.to_string());
        // It is 9:30 in Paris: a token of five to midnight would go on after it.
        http.world.clock.advance_seconds(14 * 60 * 60 + 25 * 60);
        let late = http.sign_in(AUDITOR, PASSWORD).await;
        let (access, refresh) = (late.text_at("access_token"), late.text_at("refresh_token"));
        let me = async |token: &str| {
            let request = http.anonymous().request(Method::GET, "/auth/me").await;
            http.send(request.insert_header(("Authorization", format!("Bearer {token}")))).await
        };
        assert_eq!(me(&access).await.done()["valid_until"], today.to_string());
        http.world.clock.advance_seconds(6 * 60);
        let bearer = me(&access).await;
        bearer.is_refused(403, "account_expired");
        assert!(bearer.text_at("detail").contains("04/10/2021"), "{bearer:?}");
        let renewed = http.anonymous().post("/auth/refresh", json!({ "refresh_token": refresh })).await;
        renewed.is_refused(401, "refresh_token_invalid");
        http.sign_in(AUDITOR, PASSWORD).await.is_refused(401, "credentials_wrong");
        // Prolonged, it is used again; no end at all is not given to an auditor.
        let prolonged = change(version + 1, json!({ "valid_until": "2021-12-31" })).await;
        assert_eq!(prolonged["valid_until"], "2021-12-31");
        http.world.clock.advance_seconds(60);
        assert_eq!(http.sign_in(AUDITOR, PASSWORD).await.status, 200);
        let ninety = change(version + 2, json!({ "valid_until": null })).await;
        assert_eq!(ninety["valid_until"], http.world.day().plus_days(90).to_string());
    });
}

#[test]
fn an_auditor_made_without_an_end_gets_ninety_days_and_nobody_ends_their_own_account() {
    over_every_engine(stage, async |http| {
        let admin = http.region_admin();
        let body = |name: &str, house: &str, role: &str, until: Option<&str>| {
            let mut body = json!({ "email": format!("{name}@crc.example"), "display_name": "Ana Duval", "role": role,
                "organisation_id": http.world.organisation(house), "password": "la péniche passe sous le vieux pont" });
            if let Some(until) = until {
                body["valid_until"] = json!(until);
            }
            body
        };
        let made = admin.post("/users", body("a", "CRC", "auditor", None)).await.done();
        assert_eq!(made["valid_until"], http.world.day().plus_days(90).to_string());
        let made = admin.post("/users", body("b", "CRC", "auditor", Some("2022-06-30"))).await.done();
        assert_eq!(made["valid_until"], "2022-06-30");
        let made = admin.post("/users", body("c", "MAUB", "prescriber_agent", None)).await.done();
        assert_eq!(made["valid_until"], Value::Null);
        let own = format!("/users/{}", http.world.user("HDF", Role::RegionAdmin));
        let version = admin.get(&own).await.done()["version"].as_i64().unwrap();
        let refused = admin.patch(&own, version, json!({ "valid_until": "2021-10-04" })).await;
        assert_eq!(refused.problem(), (422, "own_account".to_owned()));
    });
}
