//! Valid bodies, bent in a thousand ways from one seed: whatever comes in, the answer is never a 500 and a refusal
//! writes nothing.

use actix_web::test::TestRequest;
use recepisse::auth::Action;
use recepisse::clock::{Entropy as _, SeededEntropy};
use serde_json::{Value, json};

use super::bad_input::{clear, places, rows, somebody, with_bodies};
use super::requests::{Carries, Sample, stage};
use crate::harness::{Http, over_every_engine};

/// Bodies per route and engine.
const BODIES: usize = 60;

/// What a value may turn into.
fn values() -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1),
        json!(99),
        json!(255),
        json!(256),
        json!(65_536),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(u32::MAX),
        json!(1.5),
        json!([]),
        json!({}),
        json!([[]]),
        json!("2026-02-29"),
        json!("2200-12-31"),
        json!("1850-01-01"),
        json!("2021-10-05"),
        json!("9999-12-31"),
        json!("00000000-0000-0000-0000-000000000000"),
        json!("HDF21-000001-85"),
        json!("HDF21-9999999-00"),
    ];
    let texts = [
        "",
        " ",
        "\u{0}",
        "a\u{0}b",
        "\n",
        "'; DROP TABLE passes; --",
        "%",
        "_",
        "\\",
        "é",
        "e\u{301}",
        "\u{202e}",
        "😀",
        "=1+1",
        "\u{feff}",
        "<script>",
        "${7*7}",
        "../../etc/passwd",
        "\u{fffd}",
        "null",
        "NaN",
        "1e400",
        "-0",
    ];
    values.extend(texts.iter().map(|text| json!(text)));
    values.extend([200, 201, 2_000].map(|length| json!("x".repeat(length))));
    values.extend([json!(vec!["x"; 300]), json!(vec![0; 300]), json!(vec![json!({}); 30])]);
    values
}

fn pick(entropy: &SeededEntropy, among: usize) -> usize {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    usize::try_from(u64::from_be_bytes(bytes) % u64::try_from(among.max(1)).unwrap()).unwrap()
}

/// One or two places of the body become something else, or go.
fn bend(entropy: &SeededEntropy, body: &Value, values: &[Value]) -> Value {
    let mut bent = body.clone();
    for _ in 0..=pick(entropy, 2) {
        let places = places(&bent, "");
        let Some(place) = places.get(pick(entropy, places.len())) else { continue };
        let (parent, name) = place.rsplit_once('/').unwrap();
        let new = values[pick(entropy, values.len())].clone();
        match (pick(entropy, 4), bent.pointer_mut(parent)) {
            (0, Some(Value::Object(fields))) => drop(fields.remove(name)),
            (1, Some(Value::Array(items))) => items.push(new),
            _ => *bent.pointer_mut(place).unwrap() = new,
        }
    }
    bent
}

async fn request(http: &Http<'_>, sample: &Sample, who: Option<(&str, recepisse::domain::party::Role)>) -> TestRequest {
    sample.request(http, who).await
}

#[test]
fn no_body_however_bent_breaks_the_server() {
    let values = values();
    over_every_engine(stage, async |http| {
        let routes = with_bodies(http).await;
        let entropy = SeededEntropy::new(2026);
        for (row, sample, body) in &routes {
            let is_act = matches!(row.action, Some(Action::Record(_)));
            for _ in 0..BODIES {
                let bent = bend(&entropy, body, &values);
                // Acts are tried only: the stage stays as it is for the next body.
                let path = if is_act { format!("{}?dry_run=true", sample.path) } else { sample.path.clone() };
                let bent_sample = Sample { carries: Carries::Json(bent.clone()), path, ..sample.clone() };
                let answer = http.send(request(http, &bent_sample, somebody(row)).await).await;
                let what = format!("{} {} {bent}", row.method, row.path);
                assert!(answer.status < 500, "{what}: {answer:?}");
                if answer.status >= 400 {
                    clear(&answer, &what);
                }
            }
        }
    });
}

#[test]
fn no_act_however_bent_leaves_half_a_trace() {
    let values = values();
    over_every_engine(stage, async |http| {
        let routes = with_bodies(http).await;
        let entropy = SeededEntropy::new(2027);
        for (row, sample, body) in routes.iter().filter(|(row, ..)| matches!(row.action, Some(Action::Record(_)))) {
            for _ in 0..BODIES / 6 {
                let bent = bend(&entropy, body, &values);
                let (before, position) = (rows(http), http.position());
                let bent_sample = Sample { carries: Carries::Json(bent.clone()), ..sample.clone() };
                let answer = http.send(request(http, &bent_sample, somebody(row)).await).await;
                let what = format!("{} {bent}: {answer:?}", row.path);
                if answer.status == 201 {
                    assert_eq!(http.position(), position + 1, "{what}");
                } else {
                    assert!(answer.status < 500, "{what}");
                    assert_eq!((rows(http), http.position()), (before, position), "{what}");
                }
            }
        }
        let verified = http.region_admin().get("/programmes/HDF21/verification").await.done();
        assert_eq!(verified["verified"], true, "{verified}");
    });
}

/// Else the bent bodies would prove nothing.
#[test]
fn every_straight_body_is_granted() {
    over_every_engine(stage, async |http| {
        for (row, sample, _) in with_bodies(http).await {
            // No journal here has lost anything (see `drill`), the day is not over (see `closings`), no witness is declared
            // (see `tree`), and no order is over (see `acts::ends`).
            let over = ["/expiry", "/credit-notes", "/acknowledgement"].iter().any(|end| row.path.ends_with(end));
            let in_vain = over
                || row.path == "/api/v1/auth/refresh"
                || row.path.contains("/restore")
                || row.path.contains("/people-key");
            let in_vain = in_vain || row.path.contains("/closings") || row.path.contains("/witnessing");
            // The stage stands in the first month: nothing can be claimed in it yet, nothing is proposed to be destroyed, and
            // whoever agreed to be reminded has begun their booklet. See `claims`, `payments`, `ends` and `follow_ups`.
            let later = [
                "/claims",
                "/payees/",
                "/payments",
                "/revenue-orders",
                "/destructions/",
                "/issuer-statements/",
                "/reminders",
            ];
            let of_later = later.iter().any(|part| row.path.contains(part));
            if (in_vain || of_later) && row.method == "post" {
                continue;
            }
            let is_act = matches!(row.action, Some(Action::Record(_)));
            let path = if is_act { format!("{}?dry_run=true", sample.path) } else { sample.path.clone() };
            let answer = http.send(request(http, &Sample { path, ..sample }, somebody(row)).await).await;
            assert!((200..300).contains(&answer.status), "{} {}: {answer:?}", row.method, row.path);
        }
    });
}
