//! People who may be one, as counters and the Region see it over HTTP.

use recepisse::domain::party::Role;
use serde_json::{Value, json};

use super::requests::proofs;
use crate::harness::{Http, over_every_engine};

const P: &str = "/programmes/HDF21";

fn hand_out(http: &Http<'_>, family: &str, booklet: u32) -> Value {
    let beneficiary =
        json!({ "family_name": family, "given_name": "Zoé", "birth_date": "1955-03-14", "commune": "59392" });
    json!({ "beneficiary": beneficiary, "proofs": proofs(), "booklets": [http.world.serial(booklet)] })
}

#[test]
fn a_counter_is_warned_the_region_reviews_and_neither_prescriber_learns_of_the_other() {
    over_every_engine(
        |world| world.supply_maubeuge(5),
        async |http| {
            let (maubeuge, admin, give) = (http.prescriber("MAUB"), http.region_admin(), format!("{P}/hand-outs"));
            let first = maubeuge.post(&give, hand_out(http, "Lefèvre", 1)).await.done();
            assert_eq!(first["warnings"], Value::Null);
            let dry = maubeuge.post(&format!("{give}?dry_run=true"), hand_out(http, "Lefebvre", 2)).await.done();
            assert_eq!(dry["warnings"][0]["code"], "possible_same_person");
            let key = "a-key-for-a-doubtful-one";
            let body = hand_out(http, "Lefebvre", 2);
            let given = maubeuge.post_under(key, &give, body.clone()).await.done();
            assert_eq!(given["warnings"][0]["code"], "possible_same_person");
            assert!(given["warnings"][0]["detail"].as_str().unwrap().contains("déjà connue"));
            let number = first["receipt"]["number"].as_str().unwrap();
            assert!(!given.to_string().contains(number), "nothing of the other");
            let again = maubeuge.post_under(key, &give, body).await;
            assert_eq!(again.header("Idempotent-Replay"), Some("true"));
            assert_eq!(again.done()["warnings"], given["warnings"]);

            let list = format!("{P}/possible-duplicates");
            for (code, role) in [("MAUB", Role::PrescriberAgent), ("HDF", Role::RegionFinance), ("CRC", Role::Auditor)]
            {
                http.who(code, role).get(&list).await.is_refused(403, "forbidden");
            }
            let waiting = admin.get(&format!("{list}?state=waiting")).await.done();
            assert_eq!(waiting["counts"], json!({ "waiting": 1, "same": 0, "different": 0 }));
            assert_eq!(waiting["items"][0]["receipt"], given["receipt"]["number"]);
            let pair = admin.get(&format!("{list}/1")).await.done();
            assert_eq!(pair["known"]["hand_outs"][0]["receipt"], json!(number));
            assert_eq!((&pair["newcomer"]["passes"], &pair["state"]), (&json!(10), &json!("waiting")));
            admin.get(&format!("{list}/2")).await.is_refused(404, "duplicate_unknown");
            let said = json!({ "verdict": "same", "reason": "Même pièce d'identité" });
            admin.post(&format!("{list}/2/review"), said.clone()).await.is_refused(404, "duplicate_unknown");
            let reviewed = admin.post(&format!("{list}/1/review"), said).await.done();
            assert_eq!((&reviewed["state"], &reviewed["reviewed_on"]), (&json!("same"), &json!("2021-10-04")));
            maubeuge.post(&give, hand_out(http, "Lefèvre", 3)).await.is_refused(409, "entitlement_exhausted");
            assert_eq!(admin.get(&format!("{list}?state=waiting")).await.done()["items"], json!([]));

            let person = json!({ "family_name": "Lefevre", "given_name": "Zoé", "birth_date": "1955-03-14" });
            let held = admin.post(&format!("{P}/access-requests"), person).await.done();
            assert_eq!((&held["passes"], held["hand_outs"].as_array().unwrap().len()), (&json!(20), 2));
            assert_eq!(held["possible_duplicates"][0]["verdict"], "same");
            let kept =
                admin.get(&format!("/users/{}/accesses", http.world.user("HDF", Role::RegionAdmin))).await.done();
            assert!(
                kept["items"].as_array().unwrap().iter().any(|item| item["path"] == json!(format!("/api/v1{list}/1")))
            );
        },
    );
}
