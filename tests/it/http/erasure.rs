//! Erasure, the right of access and retention as HTTP tells them.

use recepisse::domain::identity::Identity;
use recepisse::domain::party::Role;
use recepisse::domain::time::Day;
use recepisse::people::{commit, commitment};
use recepisse::store::{Options, SQLITE_FILE, copy};
use serde_json::json;

use super::requests::{beneficiary, proofs, stage};
use crate::harness::{Engine, Raw, over_every_engine};

const P: &str = "/programmes/HDF21";
const DAY_SECONDS: i64 = 24 * 60 * 60;

#[test]
fn a_person_is_told_what_is_held_of_them_and_is_erased_on_request() {
    over_every_engine(stage, async |http| {
        let admin = http.region_admin();
        let zoe = json!({ "family_name": "LEFEVRE", "given_name": "zoé", "birth_date": "1955-03-14" });
        let (ask, erase) = (format!("{P}/access-requests"), format!("{P}/erasures"));
        let unknown = admin.post(&ask, zoe.clone()).await.done();
        assert_eq!((&unknown["known"], &unknown["hand_outs"]), (&json!(false), &json!([])));
        let give = json!({ "beneficiary": beneficiary(), "proofs": proofs(), "booklets": [http.world.serial(3)] });
        let given = http.prescriber("MAUB").post(&format!("{P}/hand-outs"), give).await.receipt();
        let grant = json!({ "beneficiary": beneficiary(), "passes": 5, "reason": "Dégât des eaux" });
        admin.post(&format!("{P}/entitlement-exceptions"), grant).await.receipt();
        let held = admin.post(&ask, zoe.clone()).await.done();
        assert_eq!((&held["known"], &held["passes"]), (&json!(true), &json!(10)));
        let hand_out = &held["hand_outs"][0];
        assert_eq!((&hand_out["receipt"], &hand_out["ground"]), (&given["number"], &json!("senior")));
        assert_eq!((&hand_out["age_band"], &hand_out["commune"]), (&json!("60+"), &json!("59392")));
        assert_eq!(held["exceptions"][0]["reason"], "Dégât des eaux");
        assert_eq!((&held["last_contact"], &held["kept_until"]), (&json!("2021-10-04"), &json!("2023-10-04")));
        for (code, role) in [("MAUB", Role::PrescriberAgent), ("HDF", Role::RegionFinance), ("CRC", Role::Auditor)] {
            http.who(code, role).post(&ask, zoe.clone()).await.is_refused(403, "forbidden");
        }
        let tried = admin.post(&format!("{erase}?dry_run=true"), json!({ "person": zoe })).await.done();
        assert_eq!((&tried["mentions"]["hand_outs"], &tried["mentions"]["exceptions"]), (&json!(1), &json!(1)));
        let body = json!({ "person": zoe });
        let erased = admin.post_under("a-key-for-an-erasure", &erase, body.clone()).await.receipt();
        assert_eq!((&erased["kind"], &erased["mentions"]["people"]), (&json!("erasure"), &json!(1)));
        let again = admin.post_under("a-key-for-an-erasure", &erase, body.clone()).await;
        assert_eq!(again.header("Idempotent-Replay"), Some("true"));
        admin.post(&erase, body).await.is_refused(404, "nothing_to_erase");
        assert_eq!(admin.post(&ask, zoe).await.done()["known"], false);
        // That somebody looked is known, and not at whom.
        let accesses = format!("/users/{}/accesses", http.world.user("HDF", Role::RegionAdmin));
        let kept = admin.get(&accesses).await.done();
        let looked: Vec<_> = kept["items"].as_array().unwrap().iter().filter(|item| item["form"] == "person").collect();
        assert_eq!(looked.len(), 3, "{kept}");
        assert_eq!(looked[0]["route"], "/api/v1/programmes/{programme}/access-requests");
        let verified = admin.get(&format!("{P}/verification")).await.done();
        assert_eq!(verified["verified"], true, "{verified}");
    });
}

#[test]
fn the_administrator_sets_how_long_people_are_remembered() {
    over_every_engine(stage, async |http| {
        let (admin, finance) = (http.region_admin(), http.who("HDF", Role::RegionFinance));
        let (rules, erase) = (format!("{P}/retention-rules"), format!("{P}/erasures"));
        assert_eq!(finance.get(&rules).await.done(), json!({ "months": 24, "version": 0 }));
        finance.patch(&rules, 0, json!({ "months": 12 })).await.is_refused(403, "forbidden");
        admin.patch(&rules, 0, json!({ "months": 5 })).await.is_refused(422, "quantity_out_of_range");
        http.world.clock.advance_seconds(400 * DAY_SECONDS);
        finance.post(&erase, json!({})).await.is_refused(404, "nothing_to_erase");
        assert_eq!(admin.patch(&rules, 0, json!({ "months": 12 })).await.done()["version"], 1);
        admin.patch(&rules, 0, json!({ "months": 18 })).await.is_refused(412, "version_conflict");
        let tried = finance.post(&format!("{erase}?dry_run=true"), json!({})).await.done();
        let erased = finance.post(&erase, json!({})).await.receipt();
        assert_eq!(tried["mentions"]["people"], erased["mentions"]["people"]);
        assert_eq!(erased["mentions"]["contact_before"], "2021-11-08");
        assert!(erased["mentions"]["people"].as_i64().unwrap() >= 2, "{erased}");
    });
}

#[test]
fn an_applicant_is_told_their_application_with_name_and_address_as_long_as_they_are_kept() {
    over_every_engine(
        |world| world.stock_up(1),
        async |http| {
            let (admin, platform) = (http.region_admin(), http.who("AIDES", Role::Platform));
            let address = json!({ "lines": ["17 impasse Kanari"], "postal_code": "59600", "locality": "Maubeuge" });
            let body = json!({ "external_reference": "AID-1", "applicant": beneficiary(), "address": address,
            "proofs": proofs() });
            platform.post(&format!("{P}/applications"), body).await.receipt();
            let zoe = json!({ "family_name": "LEFEVRE", "given_name": "zoé", "birth_date": "1955-03-14" });
            let ask =
                async || admin.post(&format!("{P}/access-requests"), zoe.clone()).await.done()["applications"].clone();
            let held = ask().await;
            assert_eq!((&held[0]["external_reference"], &held[0]["office"]), (&json!("AID-1"), &json!("AIDES")));
            assert_eq!((&held[0]["state"], &held[0]["ground"]), (&json!("complete"), &json!("senior")));
            assert_eq!((&held[0]["age_band"], &held[0]["commune"]), (&json!("60+"), &json!("59392")));
            let dossier = &held[0]["dossier"];
            assert_eq!(dossier["address"], json!(["17 impasse Kanari", "59600 Maubeuge"]));
            assert_eq!((&dossier["birth_date"], &dossier["proofs"][0]), (&json!("1955-03-14"), &proofs()[0]["kind"]));
            let erase = json!({ "person": zoe });
            admin.post(&format!("{P}/erasures"), erase).await.is_refused(409, "erasure_application_open");
            platform.post(&format!("{P}/applications/1/end"), json!({ "reason": "withdrawn" })).await.receipt();
            let held = ask().await;
            assert_eq!((&held[0]["state"], &held[0]["dossier"]), (&json!("withdrawn"), &json!(null)));
        },
    );
}

/// Whoever has every key, the database and the right name finds the receipt of somebody who is known, and not of somebody who
/// was erased: the same search, so that it would have seen it.
#[test]
fn after_an_erasure_the_right_name_is_tried_in_vain_with_every_key_and_the_paper_still_proves() {
    over_every_engine(
        |world| world.supply_maubeuge(3),
        async |http| {
            let (maubeuge, world) = (http.prescriber("MAUB"), http.world);
            let identity = Identity::new("Lefèvre", "Zoé", Day::parse("1955-03-14").unwrap()).unwrap();
            let (key, path) = ("a-key-for-a-hand-out", format!("{P}/hand-outs"));
            let body = json!({ "beneficiary": beneficiary(), "proofs": proofs(), "booklets": [world.serial(1)] });
            let given = maubeuge.post_under(key, &path, body.clone()).await.done();
            let again = maubeuge.post_under(key, &path, body.clone()).await.done();
            assert_eq!(again["paper"], given["paper"], "the same paper to who repeats the request");
            let sealed = given["receipt"]["mentions"]["commitment"].as_str().unwrap().to_owned();
            // Whatever is stored, as bytes, may be what the salt was derived from.
            let found = || {
                let mut raw = Raw::on(&world.place);
                let hex = if world.engine() == Engine::Sqlite { "hex(nonce)" } else { "encode(nonce, 'hex')" };
                let nonces = raw.texts(&format!("SELECT {hex} AS answer FROM commitment_nonces"));
                let digests = raw.texts("SELECT key_digest AS answer FROM replies");
                let bytes = nonces.into_iter().flatten().map(|nonce| hex::decode(nonce).unwrap());
                bytes.chain(digests.into_iter().flatten().map(String::into_bytes)).any(|nonce| {
                    let made = commitment(&world.keys, &world.programme.code, &nonce, &identity);
                    hex::encode(made.commitment) == sealed
                })
            };
            assert!(found(), "{}", world.engine());
            let backup = tempfile::tempdir().unwrap();
            let person = json!({ "family_name": "Lefèvre", "given_name": "Zoé", "birth_date": "1955-03-14" });
            if world.engine() == Engine::Sqlite {
                let place = (backup.path(), None);
                copy(&world.place.url, &Options::default(), place, |_| Ok(())).unwrap();
                let bytes = std::fs::read(backup.path().join(SQLITE_FILE)).unwrap();
                let nonce = Raw::on(&world.place).texts("SELECT hex(nonce) AS answer FROM commitment_nonces").remove(0);
                let nonce = hex::decode(nonce.unwrap()).unwrap();
                assert!(!bytes.windows(32).any(|there| there == nonce), "no backup carries it");
            }
            http.region_admin().post(&format!("{P}/erasures"), json!({ "person": person })).await.receipt();
            assert!(!found(), "{}", world.engine());
            let paper = commit(given["paper"]["salt"].as_str().unwrap(), &identity);
            assert_eq!(hex::encode(paper), sealed, "the paper proves it all the same");
            let late = maubeuge.post_under(key, &path, body).await.done();
            assert_eq!((&late["receipt"], &late["paper"]), (&given["receipt"], &json!(null)));
        },
    );
}

/// A booklet stays handed out, whoever was erased: the Region stops it, its prescriber declares it lost, and whoever comes for
/// it is served, known from then on as they say they are, until they are erased in their turn.
#[test]
fn a_booklet_of_somebody_who_was_erased_is_still_stopped_declared_lost_and_replaced() {
    over_every_engine(
        |world| world.supply_maubeuge(6),
        async |http| {
            let (admin, maubeuge, world) = (http.region_admin(), http.prescriber("MAUB"), http.world);
            let serial = |number| world.serial(number);
            let person = json!({ "family_name": "Lefèvre", "given_name": "Zoé", "birth_date": "1955-03-14" });
            let give = json!({ "beneficiary": beneficiary(), "proofs": proofs(), "booklets": [serial(1)] });
            let given = maubeuge.post(&format!("{P}/hand-outs"), give).await.receipt();
            admin.post(&format!("{P}/erasures"), json!({ "person": person })).await.receipt();
            let lost = |number| json!({ "items": { "booklets": [serial(number)] }, "reason": "lost", "noticed_on": "2021-10-04" });
            let other = http.prescriber("FOURM");
            other.post(&format!("{P}/losses"), lost(1)).await.is_refused(409, "booklet_not_held");
            let block = json!({ "items": { "booklets": [serial(1)] }, "reason": "holder_request" });
            let blocked = admin.post(&format!("{P}/blocks"), block).await.receipt();
            let release = format!("{P}/blocks/{}/release", blocked["number"].as_str().unwrap());
            let colleague = http.who("HDF", Role::RegionFinance);
            colleague.post(&release, json!({ "reason": "cleared_up" })).await.receipt();
            maubeuge.post(&format!("{P}/losses"), lost(1)).await.receipt();
            let replace = |original, by, reason: &str| {
                json!({ "beneficiary": beneficiary(), "original": serial(original),
                "replacement": serial(by), "reason": reason })
            };
            let path = format!("{P}/replacements");
            let replaced = maubeuge.post(&path, replace(1, 2, "lost")).await.receipt();
            let said = &replaced["mentions"];
            assert_eq!((&said["recipient"], &said["original_receipt"]), (&json!("erased"), &given["number"]));
            // From now on it is theirs: nobody else comes for what they were given today.
            let mut somebody = replace(2, 3, "damaged");
            somebody["beneficiary"]["given_name"] = json!("Ana");
            maubeuge.post(&path, somebody).await.is_refused(422, "beneficiary_differs");
            let again = maubeuge.post(&path, replace(2, 3, "damaged")).await.receipt();
            assert!(again["mentions"].get("recipient").is_none(), "{again}");
            let held = admin.post(&format!("{P}/access-requests"), person.clone()).await.done();
            assert_eq!((&held["known"], &held["last_contact"]), (&json!(true), &json!("2021-10-04")));
            let erased = admin.post(&format!("{P}/erasures"), json!({ "person": person })).await.receipt();
            assert_eq!((&erased["mentions"]["hand_outs"], &erased["mentions"]["replacements"]), (&json!(0), &json!(2)));
            // What took the place of it is in the same case once its person is erased.
            let third = maubeuge.post(&path, replace(3, 4, "damaged")).await.receipt();
            assert_eq!(third["mentions"]["recipient"], "erased");
            let page =
                maubeuge.get_as("text/html", &format!("{P}/receipts/{}", third["number"].as_str().unwrap())).await;
            assert!(page.text().contains("données effacées"), "{}", page.text());
            let verified = admin.get(&format!("{P}/verification")).await.done();
            assert_eq!(verified["verified"], true, "{verified}");
        },
    );
}

/// Whatever column of the database says what somebody said of their sex, none does once they are erased.
#[test]
fn what_people_said_of_their_sex_is_destroyed_with_them() {
    over_every_engine(
        |world| world.supply_maubeuge(1),
        async |http| {
            let (admin, maubeuge, world) = (http.region_admin(), http.prescriber("MAUB"), http.world);
            let said = || {
                let mut raw = Raw::on(&world.place);
                let tables = raw.texts(match world.engine() {
                    Engine::Sqlite => {
                        "SELECT m.name AS answer FROM sqlite_master m, pragma_table_info(m.name) c \
                         WHERE m.type = 'table' AND c.name = 'sex' ORDER BY m.name"
                    }
                    Engine::Postgres => {
                        "SELECT CAST(table_name AS TEXT) AS answer FROM information_schema.columns \
                         WHERE column_name = 'sex' AND table_schema = 'public' ORDER BY table_name"
                    }
                });
                let tables: Vec<String> = tables.into_iter().flatten().collect();
                assert_eq!(tables, ["applications", "hand_outs"]);
                tables
                    .iter()
                    .map(|table| raw.number(&format!("SELECT COUNT(sex) AS answer FROM {table}")))
                    .collect::<Vec<_>>()
            };
            let give = json!({ "beneficiary": beneficiary(), "proofs": proofs(), "booklets": [world.serial(1)], "sex": "female" });
            maubeuge.post(&format!("{P}/hand-outs"), give).await.receipt();
            let mut ana = beneficiary();
            ana["given_name"] = json!("Ana");
            let address = json!({ "lines": ["17 impasse Kanari"], "postal_code": "59600", "locality": "Maubeuge" });
            let apply = json!({ "external_reference": "AID-7", "applicant": ana, "address": address, "proofs": proofs(),
                "sex": "other" });
            let platform = http.who("AIDES", Role::Platform);
            platform.post(&format!("{P}/applications"), apply).await.receipt();
            assert_eq!(said(), [1, 1], "{}", world.engine());
            platform.post(&format!("{P}/applications/1/end"), json!({ "reason": "withdrawn" })).await.receipt();
            for given_name in ["Zoé", "Ana"] {
                let person = json!({ "family_name": "Lefèvre", "given_name": given_name, "birth_date": "1955-03-14" });
                admin.post(&format!("{P}/erasures"), json!({ "person": person })).await.receipt();
            }
            assert_eq!(said(), [0, 0], "{}", world.engine());
        },
    );
}
