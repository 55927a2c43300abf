//! From a claim that is due to the line of the bank, as a provider and the Region's finance service live it over HTTP.

use std::path::PathBuf;
use std::process::Command;

use recepisse::domain::party::Role;
use recepisse::domain::time::Instant;
use serde_json::{Value, json};

use super::requests::stage;
use crate::harness::{Client, Http, PASSWORD, World, over_every_engine, packages};

const P: &str = "/programmes/HDF21";

fn november(world: &World) {
    stage(world);
    world.clock.set(Instant::parse("2021-11-02T08:00:00.000Z").unwrap());
}

fn account() -> Value {
    json!({ "legal_form": "association", "holder": "Les lieux numériques & Cie", "iban": "FR76 3000 6000 0112 3456 7890 189", "bic": "AGRIFRPP" })
}

fn debtor() -> Value {
    json!({ "debtor": { "name": "Région Hauts-de-France", "iban": "FR7630001007941234567890185" } })
}

fn payment(claims: &[i64], number: &str) -> Value {
    json!({ "claims": claims, "payment_order": number, "bordereau": "2021-BJ-118", "execute_on": "2021-11-08" })
}

/// Somebody else of the finance service than who orders payments.
async fn approver<'h>(http: &'h Http<'_>) -> Client<'h> {
    let second = json!({ "email": "approver@hdf.example", "display_name": "A", "role": "region_finance",
        "organisation_id": http.world.organisation("HDF"), "password": PASSWORD });
    http.region_admin().post("/users", second).await.done();
    http.person("approver@hdf.example")
}

/// Claim 1 of LIEUX, of three passes, approved; its account confirmed; the Region's account known.
async fn due(http: &Http<'_>) {
    let (lieux, finance) = (http.venue_agent("LIEUX"), http.who("HDF", Role::RegionFinance));
    lieux.post(&format!("{P}/claims"), json!({ "month": "2021-10" })).await.receipt();
    approver(http).await.post(&format!("{P}/claims/1/approval"), json!({})).await.receipt();
    let proposed = lieux.post(&format!("{P}/payees"), account()).await.done();
    assert_eq!((&proposed["state"], &proposed["account"]), (&json!("proposed"), &json!("FR76 •••• 0189")));
    finance.post(&format!("{P}/payments"), payment(&[1], "2021-MP-1")).await.is_refused(409, "payee_missing");
    finance.post(&format!("{P}/payees/1/confirmation"), json!({})).await.receipt();
    finance.post(&format!("{P}/payments"), payment(&[1], "2021-MP-1")).await.is_refused(409, "debtor_missing");
    http.region_admin().patch(&format!("{P}/claim-rules"), 0, debtor()).await.done();
}

#[test]
fn a_claim_is_ordered_filed_executed_and_every_step_is_seen() {
    over_every_engine(november, async |http| {
        due(http).await;
        let (lieux, finance) = (http.venue_agent("LIEUX"), http.who("HDF", Role::RegionFinance));
        let before = http.position();
        let dry = finance.post(&format!("{P}/payments?dry_run=true"), payment(&[1], "2021-MP-1")).await.done();
        assert_eq!((&dry["mentions"]["payment_cents"], http.position()), (&json!(3000), before));
        let key = http.key();
        let receipt = finance.post_under(&key, &format!("{P}/payments"), payment(&[1], "2021-MP-1")).await.receipt();
        let again = finance.post_under(&key, &format!("{P}/payments"), payment(&[1], "2021-MP-1")).await;
        assert_eq!(
            (again.header("Idempotent-Replay"), again.receipt()["number"].clone()),
            (Some("true"), receipt["number"].clone())
        );

        let file = finance.get(&format!("{P}/payments/1/file")).await;
        assert_eq!(file.status, 200, "{file:?}");
        let sealed = receipt["mentions"]["file_hash"].as_str().unwrap();
        let hash = |bytes: &[u8]| hex::encode(<sha2::Sha256 as sha2::Digest>::digest(bytes));
        assert_eq!(hash(&file.bytes), sealed);
        http.world.clock.advance_days(3);
        assert_eq!(
            hash(&finance.get(&format!("{P}/payments/1/file")).await.bytes),
            sealed,
            "the same bytes when made again"
        );
        assert!(
            file.text().contains("<EndToEndId>HDF21-P1-L1</EndToEndId>")
                && file.text().contains("<InstdAmt Ccy=\"EUR\">30.00</InstdAmt>")
        );
        valid_against_the_schema(&file.text());
        lieux.get(&format!("{P}/payments/1/file")).await.is_refused(403, "forbidden");
        http.region_admin().get(&format!("{P}/payments/1/file")).await.is_refused(403, "forbidden");

        let statement = finance.get(&format!("{P}/exports/payment-statement.csv?payment=1")).await.text();
        assert!(statement.contains("HDF21-P1-L1,Les lieux numériques de l'Avesnois,"), "{statement}");
        assert!(statement.contains(",1,2021-10,3,3000,0,3000,FR76 •••• 0189,2021-12-02"), "{statement}");
        let shown = finance.get(&format!("{P}/reports/payment-statement?payment=1")).await.done();
        assert_eq!((&shown["payment_order"], &shown["file_hash"]), (&json!("2021-MP-1"), &json!(sealed)));
        assert_eq!(finance.get(&format!("{P}/exports/payment-statement.xlsx?payment=1")).await.status, 200);
        let sheet = finance.get(&format!("{P}/payments/1/statement")).await.done();
        assert_eq!((&sheet["amount_cents"], &sheet["lines"][0]["account"]), (&json!(3000), &json!("FR76 •••• 0189")));
        let page = finance.get_as("text/html", &format!("{P}/payments/1/statement")).await.text();
        assert!(
            page.contains("trente euros") && page.contains("2021-MP-1") && page.contains("Vu par le comptable"),
            "{page}"
        );
        let pdf = finance.get_as("application/pdf", &format!("{P}/payments/1/statement")).await;
        assert_eq!((pdf.status, pdf.header("Content-Type")), (200, Some("application/pdf")));
        finance.get(&format!("{P}/payments/9/statement")).await.is_refused(404, "payment_unknown");
        let before = finance.get(&format!("{P}/reports/payment-statement?payment=1&as_of=2021-10-31")).await.done();
        assert_eq!(before["rows"], json!([]));

        let table = "end_to_end_id,outcome,date,amount_cents,reason\r\nHDF21-P1-L1,executed,2021-11-08,3000,\r\n";
        let dry = finance.post_csv(&format!("{P}/bank-returns?dry_run=true"), table).await.done();
        assert_eq!((&dry["passes"], &dry["lines"][0]["to"]), (&json!(3), &json!("paid:LIEUX")));
        assert_eq!(finance.post_csv(&format!("{P}/bank-returns"), table).await.receipt()["passes"], 3);
        finance.post_csv(&format!("{P}/bank-returns"), table).await.is_refused(409, "bank_file_taken");
        let shown = finance.get(&format!("{P}/payments/1")).await.done();
        assert_eq!(
            (&shown["transfers"][0]["state"], &shown["transfers"][0]["account"]),
            (&json!("executed"), &json!("FR76 •••• 0189"))
        );
        assert_eq!(lieux.get(&format!("{P}/claims/1")).await.done()["state"], "paid");

        // Each pass from its scan to the line of the bank.
        let history = lieux.get(&format!("{P}/booklets/{}/history", http.world.serial(1))).await.text();
        for step in ["redemption", "\"claim\"", "bank_return"] {
            assert!(history.contains(step), "{step}: {history}");
        }
    });
}

#[test]
fn an_account_is_proposed_once_under_its_key_and_tried_without_a_trace() {
    over_every_engine(november, async |http| {
        let (lieux, path) = (http.venue_agent("LIEUX"), format!("{P}/payees"));
        let tried = lieux.post(&format!("{path}?dry_run=true"), account()).await;
        assert_eq!((tried.status, &tried.json()["account"]), (200, &json!("FR76 •••• 0189")));
        assert_eq!(lieux.get(&path).await.done()["items"], json!([]));
        let key = http.key();
        let first = lieux.post_under(&key, &path, account()).await.done();
        let again = lieux.post_under(&key, &path, account()).await;
        assert_eq!((again.header("Idempotent-Replay"), again.done()), (Some("true"), first));
        let mut other = account();
        other["legal_form"] = json!("company");
        lieux.post_under(&key, &path, other).await.is_refused(422, "idempotency_key_reused");
        assert_eq!(lieux.get(&path).await.done()["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn what_was_overpaid_is_taken_off_and_the_report_says_what_is_still_owed() {
    over_every_engine(november, async |http| {
        due(http).await;
        let finance = http.who("HDF", Role::RegionFinance);
        finance.post(&format!("{P}/payments"), payment(&[1], "2021-MP-1")).await.receipt();
        let table = "end_to_end_id,outcome,date,amount_cents,reason\r\nHDF21-P1-L1,executed,2021-11-08,3000,\r\n";
        finance.post_csv(&format!("{P}/bank-returns"), table).await.receipt();
        let passes = [format!("{}/01", http.world.serial(1)), format!("{}/02", http.world.serial(1))];
        let wrong = json!({ "passes": passes, "reason": "paid_otherwise", "reference": "COURRIER-2021-118" });
        finance.post(&format!("{P}/claims/1/overpayments"), wrong).await.receipt();
        let asked =
            json!({ "provider_id": http.world.organisation("LIEUX"), "amount_cents": 500, "number": "2021-TR-1" });
        finance.post(&format!("{P}/revenue-orders"), asked).await.receipt();
        let report = http.venue_agent("LIEUX").get(&format!("{P}/reports/overpayments")).await.done();
        let row = &report["rows"][0];
        let figures = ["overpaid_passes", "overpaid_cents", "netted_cents", "revenue_order_cents", "owed_cents"];
        assert_eq!(figures.map(|name| row[name].as_i64().unwrap()), [2, 2000, 0, 500, 1500], "{report}");
        assert_eq!(http.venue_agent("MOBI").get(&format!("{P}/reports/overpayments")).await.done()["rows"], json!([]));
        // The two passes are presented again: what is owed is taken off what is paid for them.
        http.world.clock.set(Instant::parse("2021-12-02T08:00:00.000Z").unwrap());
        let lieux = http.venue_agent("LIEUX");
        lieux.post(&format!("{P}/claims"), json!({ "month": "2021-11", "again": passes })).await.receipt();
        http.person("approver@hdf.example").post(&format!("{P}/claims/2/approval"), json!({})).await.receipt();
        let mut order = payment(&[2], "2021-MP-2");
        order["execute_on"] = json!("2021-12-03");
        let ordered = finance.post(&format!("{P}/payments"), order).await.receipt();
        assert_eq!(
            (&ordered["mentions"]["netted"], &ordered["mentions"]["payment_cents"]),
            (&json!("2 LIEUX 1500"), &json!(500))
        );
        let file = finance.get(&format!("{P}/payments/2/file")).await.text();
        assert!(file.contains("<InstdAmt Ccy=\"EUR\">5.00</InstdAmt>"), "{file}");
        valid_against_the_schema(&file);
        let report = finance.get(&format!("{P}/reports/overpayments")).await.done();
        assert_eq!((&report["rows"][0]["netted_cents"], &report["rows"][0]["owed_cents"]), (&json!(1500), &json!(0)));
    });
}

/// A person's walk: paid, found to be paid otherwise altogether, and then the bank says that it never arrived.
#[test]
fn a_claim_overpaid_altogether_whose_transfer_comes_back_is_closed_for_everybody() {
    over_every_engine(november, async |http| {
        due(http).await;
        let (finance, lieux) = (http.who("HDF", Role::RegionFinance), http.venue_agent("LIEUX"));
        finance.post(&format!("{P}/payments"), payment(&[1], "2021-MP-1")).await.receipt();
        let said = |outcome: &str, reason: &str| {
            let heads = "end_to_end_id,outcome,date,amount_cents,reason";
            format!("{heads}\r\nHDF21-P1-L1,{outcome},2021-11-08,3000,{reason}\r\n")
        };
        let bank = format!("{P}/bank-returns");
        finance.post_csv(&bank, said("executed", "")).await.receipt();
        let passes: Vec<String> = (1..=3).map(|rank| format!("{}/0{rank}", http.world.serial(1))).collect();
        let wrong = json!({ "passes": passes, "reason": "paid_otherwise", "reference": "COURRIER-2021-118" });
        finance.post(&format!("{P}/claims/1/overpayments"), wrong).await.receipt();
        let returned = finance.post_csv(&bank, said("returned", "AC04")).await.receipt();
        assert_eq!(returned["mentions"]["claims_ended"], json!("1"), "{returned}");
        for caller in [&finance, &lieux] {
            let claim = caller.get(&format!("{P}/claims/1")).await.done();
            assert_eq!((&claim["state"], &claim["value_cents"]), (&json!("rejected"), &json!(0)), "{claim}");
            let report = caller.get(&format!("{P}/reports/overpayments")).await.done();
            let row = &report["rows"][0];
            assert_eq!((&row["returned_cents"], &row["owed_cents"]), (&json!(3000), &json!(0)), "{report}");
        }
        // Nobody can order a payment of nothing, nor take it off another: the answer says why.
        finance.post(&format!("{P}/payments"), payment(&[1], "2021-MP-2")).await.is_refused(409, "claim_not_approved");
        finance.post(&format!("{P}/claims/1/offset"), json!({})).await.is_refused(409, "claim_not_approved");
        let document = returned["number"].as_str().unwrap();
        let page = finance.get_as("text/html", &format!("{P}/receipts/{document}")).await.text();
        assert!(page.contains("Demandes closes"), "{page}");
    });
}

#[test]
fn wrong_lines_of_a_bank_s_file_are_named_and_nothing_is_taken() {
    over_every_engine(november, async |http| {
        due(http).await;
        let finance = http.who("HDF", Role::RegionFinance);
        finance.post(&format!("{P}/payments"), payment(&[1], "2021-MP-1")).await.receipt();
        let before = http.position();
        let table = "end_to_end_id,outcome,date,amount_cents,reason\r\nHDF21-P1-L1,executed,2021-11-08,2900,\r\n\
                     HDF21-P9-L1,executed,2021-11-08,3000,\r\nHDF21-P1-L1,rejected,2021-11-08,3000,AC01\r\n\
                     HDF21-P1-L1,rejected,2021-11-08,3000,AC01\r\nnonsense\r\n";
        let refused = finance.post_csv(&format!("{P}/bank-returns"), table).await;
        refused.is_refused(422, "import_malformed");
        let verdicts: Vec<(u64, String)> = refused.json()["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| (line["line"].as_u64().unwrap(), line["verdict"].as_str().unwrap().to_owned()))
            .collect();
        let expected =
            [(2, "transfer_amount"), (3, "transfer_unknown"), (5, "transfer_named_twice"), (6, "bank_line_malformed")];
        assert_eq!(verdicts, expected.map(|(line, code)| (line, code.to_owned())));
        finance.post_csv(&format!("{P}/bank-returns"), "a,b\r\n").await.is_refused(422, "bank_file_unreadable");
        assert_eq!(http.position(), before);
        let rejected =
            "end_to_end_id,outcome,date,amount_cents,reason\r\nHDF21-P1-L1,rejected,2021-11-08,3000,AC01\r\n";
        assert_eq!(finance.post_csv(&format!("{P}/bank-returns"), rejected).await.receipt()["passes"], 0);
        let shown = finance.get(&format!("{P}/payments/1")).await.done();
        assert_eq!(
            (&shown["transfers"][0]["state"], &shown["transfers"][0]["reason"]),
            (&json!("rejected"), &json!("AC01"))
        );
        // Due again, and ordered again once.
        finance.post(&format!("{P}/payments"), payment(&[1], "2021-MP-2")).await.receipt();
        finance.post(&format!("{P}/payments"), payment(&[1], "2021-MP-3")).await.is_refused(409, "claim_not_approved");
    });
}

#[test]
fn no_answer_shows_an_account_and_what_is_no_account_is_refused() {
    over_every_engine(november, async |http| {
        due(http).await;
        let lieux = http.venue_agent("LIEUX");
        for who in [lieux.clone(), http.who("HDF", Role::RegionFinance), http.who("CRC", Role::Auditor)] {
            let list = who.get(&format!("{P}/payees")).await;
            assert!(list.text().contains("FR76 •••• 0189") && !list.text().contains("30006000"), "{list:?}");
        }
        assert_eq!(http.venue_agent("MOBI").get(&format!("{P}/payees")).await.done()["items"], json!([]));
        let with = |field: &str, value: &str| {
            let mut body = account();
            body[field] = json!(value);
            body
        };
        let path = format!("{P}/payees");
        let wrong = lieux.post(&path, with("iban", "FR7630006000011234567890188")).await;
        wrong.is_refused(400, "iban_malformed");
        assert!(!wrong.text().contains("30006000"), "{wrong:?}");
        lieux.post(&path, with("bic", "AGRI")).await.is_refused(400, "bic_malformed");
        let mobi = with("provider_id", &http.world.organisation("MOBI").to_string());
        lieux.post(&path, mobi).await.is_refused(422, "provider_unknown");
        http.who("HDF", Role::RegionFinance).post(&path, account()).await.is_refused(403, "forbidden");
    });
}

/// Where the crate that writes the file keeps the schemas it is tested against.
fn schema() -> PathBuf {
    let packages = packages();
    let sepa = packages.iter().find(|package| package["name"] == "sepa").unwrap();
    PathBuf::from(sepa["manifest_path"].as_str().unwrap()).with_file_name("tests").join("xsd/pain.001.001.09.xsd")
}

/// Where `xmllint` is installed, the file is held against the official schema.
fn valid_against_the_schema(xml: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("payment.xml");
    std::fs::write(&file, xml).unwrap();
    let judged = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema()).arg(&file).output();
    match judged {
        Ok(judged) => assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr)),
        Err(_) => println!("xmllint is not installed: the file was not held against its schema"),
    }
}
