//! A canary in every field: what is secret or personal must not be found again in the logs, in what comes back about
//! it, or in the database.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::bad_input::{places, somebody, with_bodies};
use super::requests::{Carries, Sample, stage};
use crate::harness::{Engine, Http, PASSWORD, Raw, log, over_every_engine, printed_code};

const CANARY: &str = "KANARIENVOGEL";

/// What the database keeps, as text: the file itself, or every table.
pub(crate) fn kept(http: &Http<'_>) -> String {
    let place = &http.world.place;
    if place.engine == Engine::Sqlite {
        let file = place.url.trim_start_matches("sqlite:");
        let read = |suffix: &str| std::fs::read(format!("{file}{suffix}")).unwrap_or_default();
        return String::from_utf8_lossy(&[read(""), read("-wal")].concat()).into_owned();
    }
    let mut raw = Raw::on(place);
    let tables = raw.texts("SELECT CAST(tablename AS TEXT) AS answer FROM pg_tables WHERE schemaname = 'public'");
    let rows = |table: String| raw.texts(&format!("SELECT CAST(t AS TEXT) AS answer FROM {table} t"));
    tables.into_iter().flatten().flat_map(rows).flatten().collect::<Vec<_>>().join("\n")
}

#[test]
fn names_codes_passwords_and_tokens_are_found_nowhere() {
    over_every_engine(stage, async |http| {
        let log = log();
        let tokens = http.sign_in("accountant@hdf.example", PASSWORD).await;
        let (access, refresh) = (tokens.text_at("access_token"), tokens.text_at("refresh_token"));
        let next = http.anonymous().post("/auth/refresh", json!({ "refresh_token": refresh })).await;
        let body = json!({ "email": "new@maub.example", "display_name": "Ana Duval", "role": "prescriber_agent",
            "organisation_id": http.world.organisation("MAUB"), "password": "la péniche passe sous un pont" });
        assert_eq!(http.region_admin().post("/users", body).await.status, 201);
        let beneficiary = json!({ "family_name": "Vanderkanarie", "given_name": "Théodoxie",
            "birth_date": "1955-03-14", "commune": "59392" });
        let give = json!({ "beneficiary": beneficiary, "proofs": super::requests::proofs(),
            "booklets": [http.world.serial(3)] });
        let paper = http.prescriber("MAUB").post("/programmes/HDF21/hand-outs", give).await.done()["paper"].clone();
        http.world.clock.advance_seconds(1);
        let redeem = super::requests::redemption_body(http.world, 2, &[1, 2]);
        http.venue_agent("LIEUX").post("/programmes/HDF21/redemptions", redeem.clone()).await.receipt();
        let again = http.venue_agent("LIEUX").post("/programmes/HDF21/redemptions", redeem).await;
        let code = printed_code(2, 1);
        assert!(!again.text().contains(&code.grouped()), "{again:?}");
        let file = http.region_admin().post("/programmes/HDF21/orders/CMD-3/deliveries/1/print-file", json!({})).await;
        let printed = file.text().lines().nth(1).unwrap().split(',').nth(1).unwrap().to_owned();
        let mut secrets = vec![access, refresh, next.text_at("access_token"), next.text_at("refresh_token")];
        secrets.extend(
            [PASSWORD, "péniche", "Vanderkanarie", "vanderkanarie", "Théodoxie", "theodoxie"].map(str::to_owned),
        );
        secrets.extend([code.grouped(), code.grouped().replace('-', ""), printed.replace('-', ""), printed]);
        secrets.push(paper["salt"].as_str().unwrap().to_owned());
        let (logged, kept) = (log.text(), kept(http));
        assert!(logged.contains("\"request\""), "something was logged");
        assert!(kept.contains("HDF21-MAUB-2021-"), "something was kept");
        for secret in secrets {
            assert!(!logged.contains(&secret), "logged: {secret}");
            assert!(!kept.contains(&secret), "kept on {}: {secret}", http.world.engine());
        }
    });
}

/// A canary as the value, and in place of the value, of every field of every body.
#[test]
fn a_refusal_never_repeats_what_was_typed() {
    over_every_engine(stage, async |http| {
        let log = log();
        let routes = with_bodies(http).await;
        for (row, sample, body) in &routes {
            for place in places(body, "") {
                for canary in [json!(CANARY), json!([CANARY]), json!({ "a": CANARY })] {
                    let mut changed: Value = body.clone();
                    *changed.pointer_mut(&place).unwrap() = canary;
                    let sample = Sample { carries: Carries::Json(changed), ..sample.clone() };
                    let answer = http.send(sample.request(http, somebody(row)).await).await;
                    // A rule document is public, and technicians are told which word of it is wrong.
                    if answer.status >= 400 && !row.path.ends_with("/rule-sets") {
                        assert!(!answer.text().contains(CANARY), "{} {place}: {answer:?}", row.path);
                    }
                }
            }
        }
        let bad = http.anonymous().request(Method::GET, "/auth/me").await;
        let bad = bad.insert_header(("Authorization", format!("Bearer {CANARY}")));
        assert!(!http.send(bad).await.text().contains(CANARY));
        let logged = log.text();
        assert!(logged.contains("\"request\"") && !logged.contains(CANARY), "logged: {logged:.2000}");
    });
}
