//! A scheme's whole life through HTTP, from the first organisation to the use account, on both engines: what each
//! person sends and what they get back.

use actix_web::http::Method;
use recepisse::domain::identity::Identity;
use recepisse::domain::time::Day;
use recepisse::people::commit;
use serde_json::{Value, json};

use super::set_up::{AGENTS, SchemeIds, set_up};
use crate::harness::{Http, over_every_engine};

const P: &str = "/programmes/PILOTE";

fn person(family: &str, given: &str) -> Value {
    json!({ "family_name": family, "given_name": given, "birth_date": "1958-03-14", "commune": "59392" })
}

fn hand_out(family: &str, serial: &str) -> Value {
    json!({ "beneficiary": person(family, "Zoé"), "proofs": super::requests::proofs(), "booklets": [serial] })
}

/// Orders, deliveries and activation. Answers the print file's codes by serial.
async fn supply(http: &Http<'_>, ids: &SchemeIds) -> Vec<(String, String)> {
    let (admin, finance) = (http.person(AGENTS.admin), http.person(AGENTS.finance));
    let mut order = json!({ "number": "CMD-1", "ordered_on": "2021-10-04", "issuer_id": ids.issuer, "booklets": 6,
        "passes_per_booklet": 5, "face_value_cents": 1000, "funding": [{ "funder": "État", "basis_points": 6500 },
        { "funder": "Région", "basis_points": 3500 }], "validity_end": "2022-12-31" });
    let dry = admin.post(&format!("{P}/orders?dry_run=true"), order.clone()).await.done();
    assert_eq!((&dry["dry_run"], &dry["kind"]), (&json!(true), &json!("order")));
    assert_eq!(http.world.store.read(|tx| tx.journal(ids.programme)).unwrap().unwrap().position, 0);
    assert_eq!(admin.post(&format!("{P}/orders"), order.clone()).await.receipt()["number"], "PILOTE-HDF-2021-000001");
    order["funding"][0]["basis_points"] = json!(6400);
    order["number"] = json!("CMD-9");
    admin.post(&format!("{P}/orders"), order).await.is_refused(422, "funding_shares_wrong");

    let delivery = json!({ "booklets": 4, "delivered_on": "2021-10-04", "delivery_note": "BL-1" });
    let receipt = admin.post(&format!("{P}/orders/CMD-1/deliveries"), delivery).await.receipt();
    assert_eq!((&receipt["booklets"], &receipt["passes"]), (&json!(4), &json!(20)));
    let print = format!("{P}/orders/CMD-1/deliveries/1/print-file");
    let file = admin.post(&print, json!({})).await;
    assert_eq!(file.status, 200, "{file:?}");
    admin.post(&print, json!({})).await.is_refused(410, "print_file_taken");
    let text = file.text();
    assert!(text.trim_end().ends_with("#total,booklets=4,passes=20,20000"), "{text}");
    let printed = text.lines().skip(1).filter(|line| !line.starts_with('#')).map(|line| {
        let mut cells = line.split(',');
        (cells.next().unwrap().to_owned(), cells.next().unwrap().to_owned())
    });
    let printed: Vec<_> = printed.collect();

    deliver_by_file(http, &printed).await;
    let early =
        http.person(AGENTS.lieux).post(&format!("{P}/passes/check"), json!({ "code": printed[0].1 })).await.done();
    assert_eq!((&early["spendable"], &early["code"]), (&json!(false), &json!("not_activated")));
    let activation = json!({ "payment_order": "2021-MP-01893" });
    admin.post(&format!("{P}/orders/CMD-1/activation"), activation.clone()).await.is_refused(403, "forbidden");
    finance.post(&format!("{P}/orders/CMD-1/activation"), activation.clone()).await.receipt();
    finance.post(&format!("{P}/orders/CMD-1/activation"), activation).await.is_refused(409, "order_already_activated");
    printed
}

/// Booklets 5 and 6 come by the issuer's file: tried, refused for one wrong line, taken, and refused when it comes again.
async fn deliver_by_file(http: &Http<'_>, printed: &[(String, String)]) {
    let admin = http.person(AGENTS.admin);
    let path = format!("{P}/orders/CMD-1/deliveries/import?delivered_on=2021-10-04&delivery_note=BL-2");
    let line = |booklet: u32, rank: u8| {
        let serial = recepisse::domain::serial::BookletSerial::new("PILOTE".parse_code(), booklet).unwrap();
        format!("{};{}\r\n", serial.pass(rank).unwrap(), crate::harness::printed_code(booklet, rank).grouped())
    };
    let lines: Vec<String> = (5..=6).flat_map(|booklet| (1..=5).map(move |rank| line(booklet, rank))).collect();
    let file = format!("\u{feff}serial;code\r\n{}", lines.concat());
    let before = super::bad_input::rows(http);
    let dry = admin.post_csv(&format!("{path}&dry_run=true"), file.clone()).await.done();
    assert_eq!((&dry["booklets"], &dry["passes"], &dry["wrong_lines"]), (&json!(2), &json!(10), &json!(0)));
    let wrong = file.replacen(&crate::harness::printed_code(5, 2).grouped(), "7K3M-Q9TX-2WHB-0000", 1);
    let refused = admin.post_csv(&path, wrong).await;
    refused.is_refused(422, "import_malformed");
    let verdicts = refused.json()["lines"].clone();
    assert!(verdicts.as_array().unwrap().iter().any(|line| line["line"] == 3 && line["verdict"] == "code_malformed"));
    assert_eq!(super::bad_input::rows(http), before);
    assert_eq!(admin.post_csv(&path, file.clone()).await.receipt()["booklets"], 2);
    let before = super::bad_input::rows(http);
    let again = admin.post_csv(&path, file).await;
    again.is_refused(422, "import_malformed");
    assert!(
        again.json()["lines"].as_array().unwrap().iter().all(|line| line["verdict"] == "booklet_already_delivered")
    );
    let codes_again = format!("serial,code\n{},{}\n", printed[0].0, printed[0].1);
    admin.post_csv(&path, codes_again).await.is_refused(422, "import_malformed");
    assert_eq!(super::bad_input::rows(http), before);
}

trait ParseCode {
    fn parse_code(&self) -> recepisse::domain::short_code::ShortCode;
}

impl ParseCode for str {
    fn parse_code(&self) -> recepisse::domain::short_code::ShortCode {
        recepisse::domain::short_code::ShortCode::parse(self).unwrap()
    }
}

/// The serials of booklets, by number.
fn serials(printed: &[(String, String)]) -> Vec<String> {
    printed.iter().step_by(5).map(|(serial, _)| serial.split('/').next().unwrap().to_owned()).collect()
}

/// Dispatch of four booklets, of which one is missing and one damaged; one comes back.
async fn custody(http: &Http<'_>, ids: &SchemeIds, serials: &[String]) {
    let (admin, maubeuge) = (http.person(AGENTS.admin), http.person(AGENTS.maubeuge));
    let send = |to: &str, booklets: Value| json!({ "prescriber_id": to, "booklets": booklets });
    let hirson = send(&ids.hirson, json!({ "count": 1 }));
    admin.post(&format!("{P}/dispatches"), hirson).await.is_refused(422, "no_mandate_in_force");
    let range = json!({ "ranges": [{ "first": serials[0], "last": serials[3] }] });
    admin.post(&format!("{P}/dispatches"), send(&ids.maubeuge, range)).await.receipt();
    let partly = json!({ "missing": [serials[3]], "damaged": [serials[2]] });
    let receipt = maubeuge.post(&format!("{P}/dispatches/1/acceptance"), partly).await.receipt();
    assert_eq!(receipt["booklets"], 3);
    let dispatch = maubeuge.get(&format!("{P}/dispatches/1")).await.done();
    assert_eq!((&dispatch["in_transit_booklets"], &dispatch["in_transit"]), (&json!(1), &json!([serials[3]])));
    maubeuge.post(&format!("{P}/dispatches/1/acceptance"), json!({})).await.receipt();
    let back = json!({ "booklets": { "serials": [serials[3]] }, "reason": "unused" });
    maubeuge.post(&format!("{P}/returns"), back).await.receipt();
    admin.post(&format!("{P}/dispatches/2/acceptance"), json!({})).await.receipt();
    let fourmies = send(&ids.fourmies, json!({ "count": 2, "order": "CMD-1" }));
    admin.post(&format!("{P}/dispatches"), fourmies).await.receipt();
    http.person(AGENTS.fourmies).post(&format!("{P}/dispatches/3/acceptance"), json!({})).await.receipt();
}

/// A hand-out, the second attempt elsewhere, and the exception that allows it.
async fn hand_outs(http: &Http<'_>, serials: &[String]) {
    let (maubeuge, fourmies) = (http.person(AGENTS.maubeuge), http.person(AGENTS.fourmies));
    let applicant = json!({ "birth_date": "1958-03-14", "commune": "59392" });
    let asked = json!({ "applicant": applicant, "proofs": super::requests::proofs() });
    let verdict = maubeuge.post(&format!("{P}/eligibility-checks"), asked).await.done();
    assert_eq!(verdict["eligible"], true, "{verdict}");
    let young = json!({ "applicant": { "birth_date": "1990-03-14", "commune": "59392" }, "proofs": [] });
    let verdict = maubeuge.post(&format!("{P}/eligibility-checks"), young).await.done();
    assert_eq!(verdict["eligible"], false, "{verdict}");

    let body = hand_out("Lefèvre-Dubois", &serials[0]);
    let answer = maubeuge.post_under("hand-out-of-the-first-0001", &format!("{P}/hand-outs"), body.clone()).await;
    let receipt = answer.receipt();
    let paper = answer.json()["paper"].clone();
    let identity = Identity::new("LEFEVRE DUBOIS", "zoe", Day::new(1958, 3, 14).unwrap()).unwrap();
    let commitment = hex::encode(commit(paper["salt"].as_str().unwrap(), &identity));
    assert_eq!(paper["commitment"], json!(commitment));
    assert!(receipt["mentions"].as_object().unwrap().values().any(|value| value == &json!(commitment)), "{receipt}");
    assert!(!receipt.to_string().contains("Lef"), "no name in a receipt");
    let again = maubeuge.post_under("hand-out-of-the-first-0001", &format!("{P}/hand-outs"), body).await;
    assert_eq!((again.json(), again.header("Idempotent-Replay")), (answer.json(), Some("true")));

    let second = hand_out("lefevre dubois", &serials[3]);
    let refused = fourmies.post(&format!("{P}/hand-outs"), second.clone()).await;
    refused.is_refused(409, "entitlement_exhausted");
    for word in ["MAUB", "Maubeuge", serials[0].as_str()] {
        assert!(!refused.text().contains(word), "{refused:?}");
    }
    let exception = json!({ "beneficiary": person("Lefèvre Dubois", "Zoé"), "passes": 5, "reason": "Dégât des eaux" });
    fourmies.post(&format!("{P}/entitlement-exceptions"), exception.clone()).await.is_refused(403, "forbidden");
    let granted = http.person(AGENTS.finance).post(&format!("{P}/entitlement-exceptions"), exception).await.receipt();
    let number = granted["mentions"]["exception"].clone();
    assert!(number.is_i64(), "{granted}");
    let mut third = second.clone();
    third["exception"] = number;
    fourmies.post(&format!("{P}/hand-outs"), third.clone()).await.receipt();
    third["booklets"] = json!([serials[1]]);
    assert_eq!(maubeuge.post(&format!("{P}/hand-outs"), third).await.problem(), (409, "exception_used".to_owned()));
}

/// Spending, spending again, undoing. Answers the number of the redemption that stands.
async fn spending(http: &Http<'_>, ids: &SchemeIds, printed: &[(String, String)]) -> String {
    let lieux = http.person(AGENTS.lieux);
    let path = format!("{P}/redemptions");
    let body = |ranks: std::ops::Range<usize>| {
        let codes: Vec<&String> = printed[ranks].iter().map(|(_, code)| code).collect();
        json!({ "venue_id": ids.venue, "codes": codes, "service": "aide_aux_demarches_administratives",
            "performed_on": "2021-10-04" })
    };
    let check = lieux.post(&format!("{P}/passes/check"), json!({ "code": printed[0].1.to_lowercase() })).await.done();
    assert_eq!((&check["spendable"], &check["value_cents"]), (&json!(true), &json!(1000)), "{check}");
    let before = super::bad_input::rows(http);
    let dry = lieux.post(&format!("{path}?dry_run=true"), body(0..2)).await.done();
    assert_eq!((&dry["passes"], &dry["value_cents"]), (&json!(2), &json!(2000)));
    assert_eq!(super::bad_input::rows(http), before);
    let first = lieux.post_under("redemption-0000-0001", &path, body(0..2)).await;
    assert_eq!(first.receipt()["passes"], 2);
    let again = lieux.post_under("redemption-0000-0001", &path, body(0..2)).await;
    assert_eq!((again.status, &again.bytes, again.header("Idempotent-Replay")), (201, &first.bytes, Some("true")));
    assert_eq!(first.header("Idempotent-Replay"), None);
    assert_eq!(again.header("Location"), first.header("Location"));
    lieux.post_under("redemption-0000-0001", &path, body(2..3)).await.is_refused(422, "idempotency_key_reused");
    lieux.post(&path, body(1..3)).await.is_refused(409, "already_redeemed");
    lieux.post(&path, body(5..6)).await.is_refused(409, "not_handed_out");
    let number = first.receipt()["number"].as_str().unwrap().to_owned();
    let undo = format!("{path}/{number}/reversal");
    let reversal = lieux.post(&undo, json!({ "reason": "wrong_pass" })).await.receipt();
    assert_eq!(reversal["corrects"], json!(number));
    lieux.post(&undo, json!({ "reason": "wrong_pass" })).await.is_refused(409, "already_reversed");
    let standing = lieux.post(&path, body(1..4)).await.receipt();
    standing["number"].as_str().unwrap().to_owned()
}

/// What everybody reads afterwards.
async fn reading(http: &Http<'_>, number: &str, serial: &str) {
    let (lieux, accountant) = (http.person(AGENTS.lieux), http.person(AGENTS.finance));
    let path = format!("{P}/receipts/{number}");
    let receipt = lieux.get(&path).await.done();
    insta::with_settings!({ snapshot_path => "../snapshots" }, {
        insta::assert_json_snapshot!("redemption_receipt", receipt);
    });
    let page = lieux.get_as("text/html,application/xhtml+xml", &path).await;
    assert!(page.header("Content-Type").unwrap().starts_with("text/html") && page.text().contains(number));
    let sheet = lieux.get_as("application/pdf", &path).await;
    assert!(sheet.header("Content-Type") == Some("application/pdf") && sheet.bytes.starts_with(b"%PDF-"));

    let history = accountant.get(&format!("{P}/booklets/{serial}/history")).await.done();
    let kinds: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["delivery", "dispatch", "acceptance", "hand_out", "redemption", "reversal", "redemption"]);
    let verification = accountant.get(&format!("{P}/verification")).await.done();
    assert_eq!(verification["verified"], true, "{verification}");

    let hash = receipt["hash"].as_str().unwrap();
    let public = http.anonymous().get(&format!("/verify/{number}.{}", &hash[..16])).await.done();
    assert_eq!((&public["genuine"], &public["hash"]), (&json!(true), &json!(hash)));
    let other = if hash.starts_with('0') { "1" } else { "0" };
    http.anonymous()
        .get(&format!("/verify/{number}.{other}{}", &hash[1..16]))
        .await
        .is_refused(404, "receipt_not_genuine");

    accountant.get(&format!("{P}/reports/use-account?as_of=2021-10-05")).await.is_refused(422, "date_in_future");
    let account = accountant.get(&format!("{P}/reports/use-account?as_of=2021-10-04")).await.done();
    assert!(account["rows"].as_array().is_some_and(|rows| !rows.is_empty()), "{account}");
    let csv = accountant.get(&format!("{P}/exports/use-account.csv?as_of=2021-10-04")).await;
    assert!(csv.header("Content-Disposition").unwrap().contains(".csv"));
    insta::with_settings!({ snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!("use_account_csv", csv.text());
    });
    let manifest = accountant.get(&format!("{P}/exports/use-account.manifest.json?as_of=2021-10-04")).await.done();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&csv.bytes);
    assert!(manifest.to_string().contains(&hex::encode(digest)), "{manifest}");
}

#[test]
fn a_scheme_lives_through_http_the_same_on_every_engine() {
    over_every_engine(
        |_| (),
        async |http| {
            let ids = set_up(http).await;
            let printed = supply(http, &ids).await;
            let serials = serials(&printed);
            custody(http, &ids, &serials).await;
            hand_outs(http, &serials).await;
            let number = spending(http, &ids, &printed).await;
            reading(http, &number, &serials[0]).await;
            let health = http.anonymous().request(Method::GET, "/ready").await;
            assert_eq!(http.send(health).await.done()["status"], "ready");
        },
    );
}
