//! What people say of their sex, if they do: in the figures, told to the person, erased with the rest, in no receipt.

use serde_json::{Value, json};

use super::requests::{beneficiary, stage};
use crate::harness::over_every_engine;

const P: &str = "/programmes/HDF21";

#[test]
fn it_is_never_asked_for_counted_where_it_is_said_and_in_no_receipt() {
    over_every_engine(stage, async |http| {
        let (maubeuge, region) = (http.prescriber("MAUB"), http.region_admin());
        let mut hand_out = json!({ "beneficiary": beneficiary(), "booklets": [http.world.serial(3)], "sex": "woman",
            "proofs": [{ "kind": "identity_document" }, { "kind": "home_proof", "issued_on": "2021-09-30" }] });
        maubeuge.post(&format!("{P}/hand-outs"), hand_out.clone()).await.is_refused(400, "identifier_malformed");
        hand_out["sex"] = json!("female");
        let given = maubeuge.post(&format!("{P}/hand-outs"), hand_out).await.done();
        assert!(!given["receipt"].to_string().contains("female"), "{given}");
        let shares = |report: &Value| -> Vec<(String, i64, i64)> {
            let rows = report["rows"].as_array().unwrap().iter();
            let sexes = rows.filter(|row| row["indicator"].as_str().unwrap().starts_with("sex:"));
            let share = |row: &Value| {
                let number = |name: &str| row[name].as_i64().unwrap();
                (row["indicator"].as_str().unwrap().to_owned(), number("numerator"), number("denominator"))
            };
            sexes.map(share).collect()
        };
        let indicators = region.get(&format!("{P}/reports/indicators")).await.done();
        assert_eq!(shares(&indicators), [("sex:female".to_owned(), 1, 3), ("sex:not_given".to_owned(), 2, 3)]);
        let masked = region.get(&format!("{P}/reports/indicators?masked=true")).await.done();
        let rows = masked["rows"].as_array().unwrap().iter();
        let mut hidden = rows.filter(|row| row["indicator"].as_str().unwrap().starts_with("sex:"));
        assert!(hidden.all(|row| row["numerator"].is_null() && row["value"].is_null()), "{masked}");
        let person = json!({ "family_name": "Lefèvre", "given_name": "Zoé", "birth_date": "1955-03-14" });
        let held = region.post(&format!("{P}/access-requests"), person).await.done();
        assert_eq!(held["hand_outs"][0]["sex"], "female", "{held}");
    });
}
