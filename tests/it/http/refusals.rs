//! What refusals tell people to do: the bounds, the words that are taken, the field, the day, the next step; in French, and in
//! English where it is asked for. What never lives here: whether something is refused.

use actix_web::http::{Method, header};
use recepisse::domain::party::Role;
use serde_json::{Value, json};

use super::applications::{application, stocked};
use super::requests::{redemption_body, stage};
use crate::harness::{Answer, Http, World, over_every_engine};

const P: &str = "/programmes/HDF21";

#[track_caller]
fn says(answer: &Answer, code: &str, words: &[&str]) {
    let told = answer.json();
    assert_eq!(told["code"], code, "{told}");
    let detail = told["detail"].as_str().unwrap();
    assert!(words.iter().all(|word| detail.contains(word)) && !detail.contains('–'), "{detail}");
}

async fn in_english(http: &Http<'_>, path: &str, body: Value) -> Answer {
    let request = http.region_admin().request(Method::POST, path).await;
    let request = request.insert_header(("Idempotency-Key", http.key()));
    http.send(request.insert_header((header::ACCEPT_LANGUAGE, "en")).set_json(body)).await
}

#[test]
fn an_incomplete_application_says_its_conditions_in_words() {
    over_every_engine(stocked, async |http| {
        let mut lacking = application("AID-1", "Lambert");
        lacking["proofs"] = json!([]);
        http.who("AIDES", Role::Platform).post(&format!("{P}/applications"), lacking).await.receipt();
        let (path, accept) = (format!("{P}/applications/1/decision"), json!({ "decision": "accept" }));
        let told = http.region_admin().post(&path, accept.clone()).await;
        says(&told, "application_incomplete", &["le domicile", "l'âge", "être inscrit comme demandeur d'emploi"]);
        assert!(!told.text_at("detail").contains("job_seeker"), "{told:?}");
        let told = in_english(http, &path, accept).await;
        says(&told, "application_incomplete", &["residence", "age", "job seeker"]);
    });
}

#[test]
fn whoever_is_not_eligible_is_told_what_is_missing_and_what_to_do() {
    over_every_engine(stage, async |http| {
        let mut body = super::requests::beneficiary();
        body["birth_date"] = json!("1980-03-14");
        let body = json!({ "beneficiary": body, "proofs": [], "booklets": [http.world.serial(4)] });
        let told = http.prescriber("MAUB").post(&format!("{P}/hand-outs"), body).await;
        says(
            &told,
            "not_eligible",
            &["n'a pas droit au pass", "il manque ceci : un justificatif", "vérifiez de nouveau"],
        );
        assert!(!told.text_at("detail").contains("conditions. Les conditions"), "{told:?}");
    });
}

#[test]
fn a_situation_that_the_rules_do_not_know_is_refused_with_those_they_know() {
    over_every_engine(stocked, async |http| {
        let mut wrong = application("AID-1", "Lambert");
        wrong["statuses"] = json!(["chomeur"]);
        let told = http.who("AIDES", Role::Platform).post(&format!("{P}/applications"), wrong).await;
        told.is_refused(422, "status_unknown");
        says(&told, "status_unknown", &["job_seeker, job_search, insertion_path"]);
        assert_eq!(told.text_at("field"), "statuses");
        let mut alias = application("AID-1", "Lambert");
        alias["statuses"] = json!(["france_travail"]);
        http.who("AIDES", Role::Platform).post(&format!("{P}/applications"), alias).await.receipt();
    });
}

#[test]
fn a_quantity_out_of_range_tells_its_bounds() {
    over_every_engine(stage, async |http| {
        let lieux = http.venue_agent("LIEUX");
        let mut none = redemption_body(http.world, 1, &[1]);
        none["codes"] = json!([]);
        says(&lieux.post(&format!("{P}/redemptions"), none).await, "quantity_out_of_range", &["de 1 à 20"]);
        let mut long = redemption_body(http.world, 1, &[1]);
        long["minutes"] = json!(0);
        says(&lieux.post(&format!("{P}/redemptions"), long).await, "quantity_out_of_range", &["de 1 à "]);
        let admin = http.region_admin();
        let wrong = admin.patch(&format!("{P}/retention-rules"), 0, json!({ "months": 5 })).await;
        says(&wrong, "quantity_out_of_range", &["de 6 à 60"]);
        let wrong = admin.patch(&format!("{P}/claim-rules"), 0, json!({ "due_days": 0 })).await;
        says(&wrong, "quantity_out_of_range", &["de 1 à 60"]);
    });
}

#[test]
fn a_wrong_word_is_answered_with_those_that_are_taken() {
    over_every_engine(stage, async |http| {
        let admin = http.region_admin();
        let maubeuge = http.prescriber("MAUB");
        let wrong = json!({ "booklets": { "serials": [http.world.serial(4)] }, "reason": "broken" });
        let told = maubeuge.post(&format!("{P}/returns"), wrong.clone()).await;
        told.is_refused(400, "identifier_malformed");
        says(&told, "identifier_malformed", &["Valeurs admises : unused, end_of_validity, damaged"]);
        assert_eq!(told.text_at("field"), "reason");
        let told = in_english(http, &format!("{P}/blocks"), json!({ "items": {}, "reason": "x" })).await;
        says(&told, "identifier_malformed", &["Accepted values: "]);
        let told =
            http.who("HDF", Role::RegionFinance).get(&format!("{P}/issuer-statements/1/differences?status=new")).await;
        says(&told, "identifier_malformed", &["open"]);
        assert_eq!(told.text_at("field"), "status");
        let told = admin.get(&format!("{P}/reports/stock?as_of=hier")).await;
        assert_eq!(told.json()["field"], "as_of", "{told:?}");
        let told = admin.post(&format!("{P}/mailings"), json!({})).await;
        assert_eq!((told.text_at("code"), told.text_at("field")), ("body_malformed".to_owned(), "order".to_owned()));
    });
}

#[test]
fn a_spent_pass_tells_the_day_and_whether_it_was_here_but_never_where_else() {
    over_every_engine(stage, async |http| {
        let spent = redemption_body(http.world, 1, &[1]);
        let told = http.venue_agent("LIEUX").post(&format!("{P}/redemptions"), spent.clone()).await;
        // What is recorded is answered again as it was, whatever becomes of the pass: only who looks it up is told.
        says(&told, "already_redeemed", &["prenez-en un autre"]);
        assert!(!told.text().contains("04/10/2021"), "{told:?}");
        let code = json!({ "code": crate::harness::printed_code(1, 1).grouped() });
        for (who, where_it_was) in [("LIEUX", "dans votre structure"), ("MOBI", "dans une autre structure")] {
            let seen = http.venue_agent(who).post(&format!("{P}/passes/check"), code.clone()).await.done();
            let detail = seen["detail"].as_str().unwrap();
            assert!(detail.contains(&format!("04/10/2021, {where_it_was}")), "{seen}");
            assert!(who == "LIEUX" || !detail.contains("LIEUX") && !detail.contains("Maubeuge"), "{seen}");
        }
    });
}

#[test]
fn a_wrong_parameter_of_a_report_says_what_is_taken() {
    over_every_engine(stage, async |http| {
        let admin = http.region_admin();
        let report = async |rest: &str| admin.get(&format!("{P}/reports/{rest}")).await;
        says(&report("redemptions?grain=year").await, "parameter_malformed", &["month, day"]);
        says(&report("territories?grain=year").await, "parameter_malformed", &["commune, epci"]);
        says(&report("movements?holder=pocket").await, "parameter_malformed", &["prescriber:", "store"]);
        let reversed = report("use-account?from=2021-10-05&as_of=2021-10-04").await;
        says(&reversed, "dates_out_of_order", &["date de fin"]);
        assert_eq!(reversed.text_at("field"), "from");
    });
}

#[test]
fn a_statement_of_an_unknown_payment_is_refused_in_every_form() {
    over_every_engine(stage, async |http| {
        let finance = http.who("HDF", Role::RegionFinance);
        for form in ["exports/payment-statement.csv", "reports/payment-statement", "exports/payment-statement.xlsx"] {
            let told = finance.get(&format!("{P}/{form}?payment=99")).await;
            told.is_refused(404, "payment_unknown");
            says(&told, "payment_unknown", &["n° 99"]);
        }
    });
}

#[test]
fn a_warning_of_a_dry_run_says_nothing_of_a_record() {
    over_every_engine(
        |world: &World| world.supply_maubeuge(3),
        async |http| {
            let maubeuge = http.prescriber("MAUB");
            let give = async |family: &str, booklet: u32, query: &str| {
                let person = json!({ "family_name": family, "given_name": "Zoé", "birth_date": "1955-03-14", "commune": "59392" });
                let body = json!({ "beneficiary": person, "proofs": super::requests::proofs(),
                    "booklets": [http.world.serial(booklet)] });
                maubeuge.post(&format!("{P}/hand-outs{query}"), body).await.done()
            };
            give("Lefèvre", 1, "").await;
            let tried = give("Lefebvre", 2, "?dry_run=true").await;
            let detail = tried["warnings"][0]["detail"].as_str().unwrap();
            assert!(!detail.contains("L'acte est enregistré") && detail.contains("déjà connue"), "{detail}");
        },
    );
}

/// These only stated a fact: each now says what to do next.
#[test]
fn every_refusal_of_the_counter_says_what_to_do_next() {
    let steps = [
        ("not_handed_out", "prescripteur"),
        ("service_not_offered", "Choisissez"),
        ("venue_unknown", "Choisissez"),
        ("date_in_future", "Donnez"),
        ("booklet_not_held", "autre carnet"),
        ("expired", "Région"),
        ("performed_before_hand_out", "Vérifiez"),
        ("phone_malformed", "06 12 34 56 78"),
    ];
    for (code, step) in steps {
        let entry = recepisse::catalogue::find(code);
        assert!(entry.french.contains(step), "{code}: {}", entry.french);
    }
}
