//! A new key of people is in use: whoever was known before is recognised all the same, also mistyped, and is then known under the
//! new one; the old one can be destroyed once nobody is left under it.

use std::sync::Arc;

use actix_web::rt::System;
use recepisse::clock::SeededEntropy;
use recepisse::domain::party::Role;
use recepisse::keys::Keys;
use recepisse::store::StoreError;
use serde_json::{Value, json};

use super::requests::{beneficiary, proofs, redemption_body};
use crate::acts::is_sound;
use crate::harness::{Http, World, engines, second_opinion};

const P: &str = "/programmes/HDF21";

fn hand_out(world: &World, booklet: u32, beneficiary: &Value) -> Value {
    json!({ "beneficiary": beneficiary, "proofs": proofs(), "booklets": [world.serial(booklet)] })
}

/// How many people are known under the first and under the second key.
fn known(world: &World) -> [usize; 2] {
    let by_key = world.store.read::<_, StoreError>(|tx| tx.people_by_key(world.programme.no)).unwrap();
    [1, 2].map(|number| by_key.get(&number).copied().unwrap_or(0))
}

/// One person proposes the second key, another puts it in use.
async fn renew(http: &Http<'_>) -> Value {
    let told = http.region_admin().post(&format!("{P}/people-key"), json!({ "number": 2 })).await.done();
    assert_eq!((&told["number"], &told["proposal"]["number"]), (&json!(1), &json!(2)), "{told}");
    http.who("HDF", Role::RegionFinance).post(&format!("{P}/people-key/confirmation"), json!({})).await.receipt()
}

#[test]
fn a_person_is_recognised_across_a_renewal_of_the_key_and_the_old_one_empties() {
    for engine in engines() {
        let mut world = World::new(*engine);
        world.supply_maubeuge(6);
        System::new().block_on(async {
            let http = Http::over(&world).await;
            let body = hand_out(&world, 1, &beneficiary());
            http.prescriber("MAUB").post(&format!("{P}/hand-outs"), body).await.receipt();
            let other = json!({ "family_name": "Quatresous", "given_name": "Théodore", "birth_date": "1955-03-14",
                "commune": "59392" });
            http.prescriber("MAUB").post(&format!("{P}/hand-outs"), hand_out(&world, 2, &other)).await.receipt();
        });
        assert_eq!(known(&world), [2, 0], "{engine}");
        world.keys = Arc::new(Keys::for_tests(7).renewed(&SeededEntropy::new(70)));
        System::new().block_on(async {
            let http = Http::over(&world).await;
            let give = format!("{P}/hand-outs");
            // Keys that the requests before the renewal have not used.
            (0..10).for_each(|_| drop(http.key()));
            let maubeuge = http.prescriber("MAUB");
            renew(&http).await;
            // On a dry run somebody is known as well, and nothing is written of them.
            let tried = maubeuge.post(&format!("{give}?dry_run=true"), hand_out(&world, 4, &beneficiary())).await;
            tried.is_refused(409, "entitlement_exhausted");
            assert_eq!(known(&world), [2, 0], "{engine}");
            // Somebody mistyped is noticed by the likeness under the old key, and the likeness under the new one is kept.
            let mistyped = json!({ "family_name": "Quatresoux", "given_name": "Théodore", "birth_date": "1955-03-14",
                "commune": "59392" });
            let given = maubeuge.post(&give, hand_out(&world, 3, &mistyped)).await.done();
            assert_eq!(given["warnings"][0]["code"], json!("possible_same_person"), "{engine}: {given}");
            assert_eq!(known(&world), [2, 1], "{engine}");
            let again = maubeuge.post(&give, hand_out(&world, 4, &beneficiary())).await;
            again.is_refused(409, "entitlement_exhausted");
            assert_eq!(known(&world), [1, 2], "{engine}: who was met is known under the key in use");
            let person = json!({ "family_name": "Lefèvre", "given_name": "Zoé", "birth_date": "1955-03-14" });
            let held = http.region_admin().post(&format!("{P}/access-requests"), person.clone()).await.done();
            assert_eq!((&held["passes"], held["hand_outs"].as_array().unwrap().len()), (&json!(10), 1), "{engine}");
            let spent = redemption_body(&world, 1, &[1]);
            http.venue_agent("LIEUX").post(&format!("{P}/redemptions"), spent).await.receipt();
            for erased in
                [person, json!({ "family_name": "Quatresous", "given_name": "Théodore", "birth_date": "1955-03-14" })]
            {
                http.region_admin().post(&format!("{P}/erasures"), json!({ "person": erased })).await.receipt();
            }
            assert_eq!(known(&world), [0, 1], "{engine}: nobody is left under the old key");
            maubeuge.post(&give, hand_out(&world, 4, &beneficiary())).await.receipt();
        });
        is_sound(&world);
        second_opinion(&world);
    }
}

/// Zoé, again, and somebody else.
fn other() -> Value {
    json!({ "family_name": "Quatresous", "given_name": "Théodore", "birth_date": "1955-03-14", "commune": "59392" })
}

/// Two servers over one database, each with a folder of keys of its own. Whichever lacks the key in use gives nothing out and
/// says so, spends passes all the same, and goes on by itself once the key is there.
#[test]
fn two_servers_go_over_to_a_new_key_together_or_one_of_them_recognises_nobody() {
    for engine in engines() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [first, second] = folders.each_ref().map(|folder| folder.path().join("keys"));
        let keys = |folder| Arc::new(Keys::open_or_create(folder, &SeededEntropy::new(7)).unwrap());
        let mut world = World::new(*engine);
        world.keys = keys(&first);
        world.supply_maubeuge(6);
        System::new().block_on(async {
            let (one, two) = (Http::over(&world).await, Http::beside(&world, keys(&second)).await);
            let give = format!("{P}/hand-outs");
            one.prescriber("MAUB").post(&give, hand_out(&world, 1, &beneficiary())).await.receipt();
            assert_eq!(Keys::add_people(&first, &SeededEntropy::new(70)).unwrap(), 2);
            let key = format!("{P}/people-key");
            let two_of_it = json!({ "number": 2 });
            two.region_admin().post(&key, two_of_it.clone()).await.is_refused(409, "people_key_not_held");
            one.region_admin().post(&key, json!({ "number": 1 })).await.is_refused(409, "people_key_not_later");
            one.who("HDF", Role::RegionFinance).post(&key, two_of_it).await.is_refused(403, "forbidden");
            let confirmation = format!("{key}/confirmation");
            let proposed = one.region_admin().post(&key, json!({ "number": 2 })).await.done();
            two.who("HDF", Role::RegionFinance)
                .post(&confirmation, json!({}))
                .await
                .is_refused(409, "people_key_not_held");
            assert!(two.anonymous().get("/ready").await.status == 200, "{engine}: it is not in use yet");
            let renewed = renew(&one).await;
            let said = &renewed["mentions"];
            assert_eq!((&said["key"], &said["previous_key"]), (&json!(2), &json!(1)), "{renewed}");
            assert_eq!(said["key_digest"], proposed["proposal"]["digest"]);
            let unready = two.anonymous().get("/ready").await;
            assert_eq!((unready.status, &unready.json()["reasons"]), (503, &json!(["people_key_missing"])), "{engine}");
            let position = two.position();
            for who in [beneficiary(), other()] {
                let answer = two.prescriber("MAUB").post(&give, hand_out(&world, 2, &who)).await;
                answer.is_refused(503, "people_key_missing");
            }
            assert_eq!(two.position(), position, "{engine}: nothing is recorded");
            two.venue_agent("LIEUX")
                .post(&format!("{P}/redemptions"), redemption_body(&world, 1, &[1]))
                .await
                .receipt();
            let again = one.prescriber("MAUB").post(&give, hand_out(&world, 2, &beneficiary())).await;
            again.is_refused(409, "entitlement_exhausted");
            assert_eq!(known(&world), [0, 1], "{engine}");
            // Another key of that number is not the one in use.
            Keys::add_people(&second, &SeededEntropy::new(71)).unwrap();
            let wrong = two.prescriber("MAUB").post(&give, hand_out(&world, 2, &other())).await;
            wrong.is_refused(503, "people_key_missing");
            std::fs::copy(first.join("people-2.key"), second.join("people-2.key")).unwrap();
            let again = two.prescriber("MAUB").post(&give, hand_out(&world, 2, &beneficiary())).await;
            again.is_refused(409, "entitlement_exhausted");
            two.prescriber("MAUB").post(&give, hand_out(&world, 2, &other())).await.receipt();
            assert_eq!(two.anonymous().get("/ready").await.status, 200, "{engine}");
            let state = two.who("CRC", Role::Auditor).get(&key).await.done();
            assert_eq!((&state["number"], &state["held"]), (&json!(2), &json!([2, 1])), "{state}");
            assert!(state.get("proposal").is_none(), "{state}");
        });
        is_sound(&world);
        second_opinion(&world);
    }
}
