//! Bodies that are wrong: each gets a clear 4xx problem in the language asked for, nothing is written, and nothing is
//! ever a 500.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use recepisse::auth::may;
use recepisse::domain::party::Role;
use recepisse::http::{ROUTES, RouteRow};
use serde_json::{Value, json};

use super::requests::{Carries, EVERYBODY, Sample, sample, stage};
use crate::harness::{Answer, Http, Raw, over_every_engine};

/// Somebody who may use the route, and to whom the stage gives what its sample names.
pub(super) fn somebody(row: &RouteRow) -> Option<(&'static str, Role)> {
    row.action.map(|action| *EVERYBODY.iter().rfind(|(_, role)| may(*role, action)).unwrap())
}

/// The routes that take a JSON body, each with a sample and somebody who may.
pub(super) async fn with_bodies(http: &Http<'_>) -> Vec<(&'static RouteRow, Sample, Value)> {
    let mut all = Vec::new();
    for row in ROUTES {
        let role = somebody(row).map_or(Role::RegionAdmin, |(_, role)| role);
        let sample = sample(http, row, role).await.unwrap();
        if let Carries::Json(body) = sample.carries.clone() {
            all.push((row, sample, body));
        }
    }
    all
}

/// How many rows every table has: nothing may be written by a request that is refused.
pub(super) fn rows(http: &Http<'_>) -> Vec<(String, i64)> {
    let mut raw = Raw::on(&http.world.place);
    let tables = raw.texts(match http.world.engine() {
        crate::harness::Engine::Sqlite => "SELECT name AS answer FROM sqlite_master WHERE type = 'table' ORDER BY name",
        crate::harness::Engine::Postgres => {
            "SELECT CAST(tablename AS TEXT) AS answer FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        }
    });
    // Signing in makes sessions; refused scans, the replies under a key and what was looked at are kept on purpose.
    let kept = ["refresh_tokens", "refused_hand_outs", "refused_scans", "replies", "accesses"];
    let of_interest = |name: &String| !kept.contains(&name.as_str());
    let tables = tables.into_iter().flatten().filter(of_interest);
    tables.map(|table| (table.clone(), raw.number(&format!("SELECT COUNT(*) AS answer FROM {table}")))).collect()
}

/// A problem as everybody may expect one.
#[track_caller]
pub(super) fn clear(answer: &Answer, what: &str) {
    let what = format!("{what}: {answer:?}");
    assert!((400..500).contains(&answer.status), "{what}");
    assert_eq!(answer.header("Content-Type"), Some("application/problem+json"), "{what}");
    let body = answer.json();
    assert_eq!(body["status"], answer.status, "{what}");
    let entry = recepisse::catalogue::find(body["code"].as_str().unwrap());
    assert_eq!(Some(entry.code), body["code"].as_str(), "{what}");
    assert_eq!(entry.status, answer.status, "{what}");
    let (detail, language) = (body["detail"].as_str().unwrap(), answer.header("Content-Language"));
    let sentence = if language == Some("en") { entry.english } else { entry.french };
    // A detail that there is not leaves nothing, no space either.
    let start = sentence.split('{').next().unwrap().trim_end();
    assert!(!detail.is_empty() && detail.starts_with(start), "{what}");
    for word in ["invalid type", "expected", "panicked", "SELECT", "column", "at line"] {
        // A rule document is written by technicians: they are told what the reader said.
        let may_say = language == Some("en") || entry.code == "rule_set_malformed";
        assert!(may_say || !detail.contains(word), "no English in a French sentence: {what}");
    }
    assert_eq!(body["trace_id"].as_str(), answer.header("X-Request-Id"), "{what}");
    assert!(body["trace_id"].as_str().is_some_and(|id| !id.is_empty()), "{what}");
}

async fn with_body(http: &Http<'_>, row: &RouteRow, sample: &Sample, bytes: impl Into<Vec<u8>>) -> Answer {
    let sample = Sample { carries: Carries::Nothing, ..sample.clone() };
    let request = sample.request(http, somebody(row)).await;
    http.send(request.insert_header(("Content-Type", "application/json")).set_payload(bytes.into())).await
}

#[test]
fn a_body_that_is_no_body_is_refused_everywhere() {
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let nested = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    let texts: Vec<Vec<u8>> = [
        "",
        " ",
        "{",
        "null",
        "1",
        "[]",
        "\"text\"",
        "{}{}",
        "{\"a\":1,}",
        "{'a':1}",
        "{\"a\":NaN}",
        "{\"a\":1e400}",
        "{\"\u{0}\":1}",
        "\u{0}",
        "\u{feff}{}",
        &deep,
        &nested,
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .chain([b"\xff\xfe{}".to_vec(), b"{\"a\":\"\xc3\x28\"}".to_vec()])
    .collect();
    over_every_engine(stage, async |http| {
        let routes = with_bodies(http).await;
        let (before, position) = (rows(http), http.position());
        for (row, sample, _) in &routes {
            for text in &texts {
                let what =
                    format!("{} {} {:?}", row.method, row.path, String::from_utf8_lossy(&text[..text.len().min(40)]));
                clear(&with_body(http, row, sample, text.clone()).await, &what);
            }
        }
        assert_eq!((rows(http), http.position()), (before, position));
    });
}

#[test]
fn ten_megabytes_are_too_many_and_another_type_is_not_read() {
    over_every_engine(stage, async |http| {
        let routes = with_bodies(http).await;
        let (before, position) = (rows(http), http.position());
        for (row, sample, body) in &routes {
            let long = with_body(http, row, sample, vec![b' '; 10 << 20]).await;
            clear(&long, row.path);
            long.is_refused(413, "body_too_large");
            for kind in
                ["text/plain", "application/x-www-form-urlencoded", "text/csv", "multipart/form-data; boundary=x"]
            {
                let sample = Sample { carries: Carries::Nothing, ..sample.clone() };
                let request = sample.request(http, somebody(row)).await.insert_header(("Content-Type", kind));
                let answer = http.send(request.set_payload(body.to_string())).await;
                clear(&answer, row.path);
                answer.is_refused(415, "media_type_unsupported");
            }
        }
        assert_eq!((rows(http), http.position()), (before, position));
    });
}

/// Every place of a body that holds a value, as JSON pointers.
pub(super) fn places(body: &Value, at: &str) -> Vec<String> {
    let inner: Vec<String> = match body {
        Value::Object(fields) => {
            fields.iter().flat_map(|(name, value)| places(value, &format!("{at}/{name}"))).collect()
        }
        Value::Array(items) => items.iter().zip(0..).flat_map(|(item, i)| places(item, &format!("{at}/{i}"))).collect(),
        _ => Vec::new(),
    };
    if at.is_empty() { inner } else { [at.to_owned()].into_iter().chain(inner).collect() }
}

#[test]
fn a_field_that_is_unknown_missing_or_of_another_type_is_refused() {
    over_every_engine(stage, async |http| {
        let routes = with_bodies(http).await;
        let (before, position) = (rows(http), http.position());
        for (row, sample, body) in routes.iter().filter(|(row, ..)| !row.path.ends_with("/rule-sets")) {
            let mut more = body.clone();
            for name in ["state", "id", "version", "password_hash", "position", "__proto__", "inconnu"] {
                more[name] = json!(1);
                let answer = with_body(http, row, sample, more.to_string()).await;
                clear(&answer, &format!("{} with {name}", row.path));
                answer.is_refused(400, "body_malformed");
                more.as_object_mut().unwrap().remove(name);
            }
            for place in places(body, "") {
                for wrong in [json!({ "a": [1] }), json!([[[]]]), json!(1.5), json!(true)] {
                    let mut changed = body.clone();
                    let value = changed.pointer_mut(&place).unwrap();
                    if std::mem::discriminant(value) == std::mem::discriminant(&wrong) && !wrong.is_number() {
                        continue;
                    }
                    *value = wrong.clone();
                    let what = format!("{} {} with {place} = {wrong}", row.method, row.path);
                    let answer = with_body(http, row, sample, changed.to_string()).await;
                    clear(&answer, &what);
                    assert_eq!(answer.status, 400, "{what}: {answer:?}");
                }
            }
        }
        assert_eq!((rows(http), http.position()), (before, position));
    });
}

#[test]
fn an_absurd_date_or_number_is_refused() {
    let dates = [
        "0000-00-00",
        "0000-01-01",
        "9999-12-31",
        "2026-02-30",
        "2021-13-01",
        "2021-1-1",
        "01/10/2021",
        "2021-10-04T00:00:00Z",
        "-2021-10-04",
        "2021-10-04\u{0}",
        "٢٠٢١-١٠-٠٤",
        "",
    ];
    let numbers = [
        "-1",
        "-9223372036854775808",
        "9223372036854775807",
        "9223372036854775808",
        "1e400",
        "1e18",
        "0.1",
        "1000.0",
        "99999999999999999999999999",
        "-0.0",
    ];
    over_every_engine(stage, async |http| {
        let routes = with_bodies(http).await;
        let (before, position) = (rows(http), http.position());
        // A line of an upload has a verdict of its own.
        let judged = |path: &str| !path.ends_with("/rule-sets") && !path.ends_with("/offline-redemptions");
        for (row, sample, body) in routes.iter().filter(|(row, ..)| judged(row.path)) {
            for place in places(body, "") {
                let value = body.pointer(&place).unwrap();
                let wrong: Vec<String> = match value {
                    Value::String(text) if recepisse::domain::time::Day::parse(text).is_ok() => {
                        dates.iter().map(|date| json!(date).to_string()).collect()
                    }
                    Value::Number(_) => numbers.iter().map(|number| (*number).to_owned()).collect(),
                    _ => continue,
                };
                for wrong in wrong {
                    let mut changed = body.clone();
                    *changed.pointer_mut(&place).unwrap() = json!("PLACE");
                    let text = changed.to_string().replace("\"PLACE\"", &wrong);
                    clear(&with_body(http, row, sample, text).await, &format!("{} with {place} = {wrong}", row.path));
                }
            }
        }
        assert_eq!((rows(http), http.position()), (before, position));
    });
}

#[test]
fn one_wrong_letter_of_a_code_is_a_typing_error_and_english_is_spoken_to_the_english() {
    over_every_engine(stage, async |http| {
        let agent = http.venue_agent("LIEUX");
        let right = crate::harness::printed_code(1, 9).grouped();
        for place in right.char_indices().filter(|(_, c)| *c != '-').map(|(place, _)| place) {
            let other = if right.as_bytes()[place] == b'7' { "8" } else { "7" };
            let wrong = format!("{}{other}{}", &right[..place], &right[place + 1..]);
            let answer = agent.post("/programmes/HDF21/passes/check", json!({ "code": wrong })).await;
            clear(&answer, &wrong);
            answer.is_refused(400, "code_malformed");
            assert_eq!(answer.json()["field"], "code");
            assert!(!answer.text().contains(&wrong), "{answer:?}");
        }
        let request = async |language: &str| {
            let request = agent.request(Method::POST, "/programmes/HDF21/passes/check").await;
            let request: TestRequest = request.insert_header(("Accept-Language", language));
            http.send(request.set_json(json!({ "code": 5 }))).await
        };
        for (language, answered) in [("fr", "fr"), ("en-GB,fr;q=0.5", "en"), ("de", "fr"), ("", "fr"), ("*", "fr")] {
            let answer = request(language).await;
            clear(&answer, language);
            assert_eq!(answer.header("Content-Language"), Some(answered));
        }
    });
}

#[test]
fn a_refusal_names_the_field_of_the_request_that_was_sent() {
    over_every_engine(stage, async |http| {
        let (world, before) = (http.world, rows(http));
        let (agent, prescriber) = (http.venue_agent("LIEUX"), http.who("MAUB", Role::PrescriberAgent));
        let admin = http.who("HDF", Role::RegionAdmin);
        let named = |answer: Answer, status: u16, code: &str, field: &str| {
            clear(&answer, field);
            answer.is_refused(status, code);
            assert_eq!(answer.json()["field"], field);
        };
        let unknown = crate::harness::printed_code(99, 9).grouped();
        let check = agent.post("/programmes/HDF21/passes/check", json!({ "code": unknown })).await;
        named(check, 404, "code_unknown", "code");
        let born = json!({ "applicant": { "birth_date": "2100-01-01", "commune": "59392" } });
        let verdict = prescriber.post("/programmes/HDF21/eligibility-checks", born).await;
        named(verdict, 422, "birth_date_impossible", "applicant.birth_date");
        let mut redemption = super::requests::redemption_body(world, 2, &[1]);
        redemption["performed_in"] = json!("99999");
        let redeemed = agent.post("/programmes/HDF21/redemptions", redemption).await;
        named(redeemed, 400, "commune_unknown", "performed_in");
        let delivery = json!({ "booklets": 1, "delivered_on": "2021-10-04", "delivery_note": "BL-2",
            "missing": [world.serial(1)] });
        let delivered = admin.post("/programmes/HDF21/orders/CMD-2/deliveries", delivery).await;
        named(delivered, 422, "booklet_not_in_order", "missing");
        assert_eq!(rows(http), before);
    });
}
