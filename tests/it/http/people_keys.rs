//! A new key of people is in use: whoever was known before is recognised all the same, also mistyped, and is then known under the
//! new one; the old one can be destroyed once nobody is left under it.

use std::sync::Arc;

use actix_web::rt::System;
use recepisse::clock::SeededEntropy;
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
