//! Rules that the Region changes: tried on past decisions before they are stored; and who is sent away by them.

use recepisse::domain::eligibility::hdf_2021;
use serde_json::{Value, json};

use super::requests::stage;
use crate::harness::{Http, Raw, over_every_engine};

/// The rules of Hauts-de-France with another version and another text in place of one.
fn changed(version: &str, from: &str, to: &str) -> Value {
    let text = serde_json::to_string(hdf_2021()).unwrap();
    assert!(text.contains(from));
    serde_json::from_str(&text.replace("hdf-2021-1", version).replace(from, to)).unwrap()
}

#[test]
fn new_rules_are_tried_on_past_decisions_and_nothing_is_stored() {
    over_every_engine(stage, async |http| {
        let (admin, path) = (http.region_admin(), "/programmes/HDF21/rule-sets");
        let tried = async |rules: Value| admin.post(&format!("{path}?dry_run=true"), rules).await.done();
        let same = tried(changed("same", "hdf-2021-1", "same")).await;
        assert_eq!((&same["decisions"], &same["still"], &same["lost"]), (&json!(2), &json!(2), &json!(0)), "{same}");
        assert_eq!(same["rule_set"]["version"], "same");
        let elsewhere = tried(changed("elsewhere", r#"["32"]"#, r#"["44"]"#)).await;
        assert_eq!(elsewhere["by_condition"]["residence"], json!({ "still": 0, "undetermined": 0, "lost": 2 }));
        let older = tried(changed("older", r#""from":60"#, r#""from":62"#)).await;
        assert_eq!(older["by_ground"]["senior"], json!({ "still": 0, "undetermined": 2, "lost": 0 }), "{older}");
        assert_eq!(admin.get(path).await.done()["items"].as_array().unwrap().len(), 1, "nothing is stored");
        let taken = admin.post(&format!("{path}?dry_run=true"), changed("hdf-2021-1", "60", "61")).await;
        taken.is_refused(409, "rule_set_version_taken");
        admin.post(path, changed("elsewhere", r#"["32"]"#, r#"["44"]"#)).await.done();
        assert_eq!(admin.get(path).await.done()["items"].as_array().unwrap().len(), 2);
    });
}

/// A hand-out of booklet 3 to somebody who may have no right to it.
fn hand_out(http: &Http<'_>, given_name: &str, birth_date: &str, commune: &str) -> Value {
    json!({ "beneficiary": { "family_name": "Martin", "given_name": given_name, "birth_date": birth_date, "commune": commune },
        "proofs": [{ "kind": "identity_document" }, { "kind": "home_proof" }], "booklets": [http.world.serial(3)] })
}

#[test]
fn who_is_sent_away_is_counted_without_the_person() {
    over_every_engine(stage, async |http| {
        let (maubeuge, path) = (http.prescriber("MAUB"), "/programmes/HDF21/hand-outs");
        let young = maubeuge.post(path, hand_out(http, "Jean", "1990-05-02", "75056")).await;
        young.is_refused(422, "not_eligible");
        let lacking = "residence age job_seeker job_search insertion_path";
        maubeuge.post(path, hand_out(http, "Jeanne", "1950-05-02", "75056")).await.is_refused(422, "not_eligible");
        let again = async |key| maubeuge.post_under(key, path, hand_out(http, "Luc", "1950-05-02", "75056")).await;
        again("a-key-for-the-refusal").await.is_refused(422, "not_eligible");
        again("a-key-for-the-refusal").await.is_refused(422, "not_eligible");
        let malformed = json!({ "neighbourhood": "Sous-le-Bois" });
        let mut asked = hand_out(http, "Luc", "1950-05-02", "59392");
        asked["beneficiary"].as_object_mut().unwrap().extend(malformed.as_object().unwrap().clone());
        maubeuge.post(path, asked).await.is_refused(400, "neighbourhood_malformed");
        let report = "/programmes/HDF21/reports/refused-hand-outs";
        let rows = http.region_admin().get(report).await.done()["rows"].clone();
        let row = |lacking: &str, count: i64| {
            json!({ "day": "2021-10-04", "prescriber": "MAUB", "code": "not_eligible", "rule_version": "hdf-2021-1",
                "lacking": lacking, "refusals": count })
        };
        assert_eq!(rows, json!([row("residence", 2), row(lacking, 1)]));
        assert_eq!(http.prescriber("FOURM").get(report).await.done()["rows"], json!([]), "each its own");
        let all = "SELECT office || code || rule_version || lacking || day AS answer FROM refused_hand_outs";
        let kept: String = Raw::on(&http.world.place).texts(all).into_iter().flatten().collect();
        assert!(["Martin", "1990", "75056"].iter().all(|told| !kept.contains(told)), "{kept}");
    });
}
