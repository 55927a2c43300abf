//! Names and addresses of applicants are closed under random bytes of their own: whoever has a copy of the closed bytes and every
//! key opens nothing once these are destroyed; what a backup lacks is sent again. And the letter says where to go.

use recepisse::domain::party::Role;
use recepisse::domain::short_code::ShortCode;
use recepisse::domain::text::Reference;
use recepisse::dossiers::{Dossier, Owner};
use serde_json::{Value, json};

use super::places::OPEN;
use super::requests::{proofs, stage};
use crate::acts::is_sound;
use crate::harness::{Engine, Http, Raw, World, over_every_engine, second_opinion};

const P: &str = "/programmes/HDF21";

fn application(reference: &str, family: &str) -> Value {
    json!({ "external_reference": reference,
        "applicant": { "family_name": family, "given_name": "Théodoxie", "birth_date": "1955-03-14", "commune": "59392" },
        "address": { "lines": ["17 impasse Kanari"], "postal_code": "59600", "locality": "Maubeuge" },
        "proofs": proofs() })
}

/// Files an application of the platform and has it accepted; answers with its number.
async fn accepted(http: &Http<'_>, body: Value) -> i64 {
    let filed = http.who("AIDES", Role::Platform).post(&format!("{P}/applications"), body).await.receipt();
    let number = filed["mentions"]["application"].as_i64().unwrap();
    let decision = json!({ "decision": "accept" });
    http.region_admin().post(&format!("{P}/applications/{number}/decision"), decision).await.receipt();
    number
}

/// Bytes of one column, in order.
fn bytes(world: &World, column: &str, rest: &str) -> Vec<Vec<u8>> {
    let hex =
        if world.engine() == Engine::Sqlite { format!("hex({column})") } else { format!("encode({column}, 'hex')") };
    let found = Raw::on(&world.place).texts(&format!("SELECT {hex} AS answer FROM {rest}"));
    found.into_iter().map(|text| hex::decode(text.unwrap()).unwrap()).collect()
}

#[test]
fn the_letter_says_where_to_go_as_it_was_chosen_or_what_is_nearest() {
    over_every_engine(stage, async |http| {
        let letter =
            async |number: i64| http.region_admin().get(&format!("{P}/applications/{number}/letter")).await.text();
        let mut chosen = application("AID-1", "Lambert");
        chosen["orientation"] = json!({ "place_id": OPEN, "need": "aide_aux_demarches_administratives" });
        let told = letter(accepted(http, chosen).await).await;
        assert!(told.contains("Voici ce qui a été choisi avec vous") && told.contains("Espace de la gare"), "{told}");
        assert!(told.contains("lun.-ven. 09:00-12:00") && told.contains("Pour\u{a0}:"), "{told}");
        let mut need = application("AID-2", "Leroy");
        need["orientation"] = json!({ "need": "aide_aux_demarches_administratives" });
        for body in [need, application("AID-3", "Delattre")] {
            let told = letter(accepted(http, body).await).await;
            assert!(
                told.contains("les plus proches") && told.contains("Espace de la gare, 2 place de la Gare"),
                "{told}"
            );
        }
        let mut wrong = application("AID-4", "Caron");
        wrong["orientation"] = json!({ "place_id": "019acd00-0000-7000-8000-00000000ffff" });
        let platform = http.who("AIDES", Role::Platform);
        platform.post(&format!("{P}/applications"), wrong).await.is_refused(404, "place_unknown");
    });
}

#[test]
fn a_dossier_whose_bytes_are_destroyed_is_opened_by_no_key_and_every_proof_holds() {
    over_every_engine(
        |world| world.stock_up(3),
        async |http| {
            let (world, admin) = (http.world, http.region_admin());
            let number = accepted(http, application("AID-1", "Vanderkanarie")).await;
            let closed = bytes(world, "dossier", "applications").remove(0);
            let nonce: [u8; 32] = bytes(world, "nonce", "commitment_nonces").remove(0).try_into().unwrap();
            let (office, reference) = (ShortCode::parse("AIDES").unwrap(), Reference::parse("AID-1").unwrap());
            let open = |nonce: &[u8; 32]| {
                let owner = Owner { programme: &world.programme.code, office: &office, reference: &reference, nonce };
                Dossier::open(&world.keys, owner, &closed)
            };
            assert_eq!(open(&nonce).unwrap().family_name, "Vanderkanarie", "the copy, the keys and the bytes together");

            let person =
                json!({ "family_name": "Vanderkanarie", "given_name": "Théodoxie", "birth_date": "1955-03-14" });
            let erase = json!({ "person": person });
            admin.post(&format!("{P}/erasures"), erase.clone()).await.is_refused(409, "erasure_application_open");
            let end = json!({ "reason": "withdrawn" });
            admin.post(&format!("{P}/applications/{number}/end"), end).await.receipt();
            assert!(bytes(world, "nonce", "commitment_nonces").is_empty(), "{}: they had served", world.engine());
            admin.post(&format!("{P}/erasures"), erase).await.receipt();
            let kept: Vec<Vec<u8>> = bytes(world, "fingerprint", "applications");
            let opens =
                kept.iter().any(|bytes| bytes.as_slice().try_into().is_ok_and(|bytes: &[u8; 32]| open(bytes).is_ok()));
            assert!(!opens && open(&[0; 32]).is_err(), "{}", world.engine());
            is_sound(world);
            second_opinion(world);
        },
    );
}

/// A backup does not carry the bytes that dossiers are closed under: whoever filed sends again what is still open.
#[test]
fn after_a_backup_is_put_back_an_application_that_is_sent_again_can_be_written_to() {
    over_every_engine(
        |world| world.stock_up(3),
        async |http| {
            let (world, admin, platform) = (http.world, http.region_admin(), http.who("AIDES", Role::Platform));
            let number = accepted(http, application("AID-1", "Vanderkanarie")).await;
            let letter = format!("{P}/applications/{number}/letter");
            assert!(admin.get(&letter).await.text().contains("identity-1|vanderkanarie"));
            Raw::on(&world.place).run("DELETE FROM commitment_nonces").unwrap();
            admin.get(&letter).await.is_refused(409, "dossier_lost");
            let person =
                json!({ "family_name": "Vanderkanarie", "given_name": "Théodoxie", "birth_date": "1955-03-14" });
            let held = admin.post(&format!("{P}/access-requests"), person).await.done();
            assert_eq!((&held["applications"][0]["dossier"], &held["known"]), (&Value::Null, &json!(true)));
            let address = json!({ "lines": ["3 rue des Tilleuls"], "postal_code": "59600", "locality": "Maubeuge" });
            let correction = format!("{P}/applications/{number}/address");
            admin.post(&correction, address.clone()).await.is_refused(409, "dossier_lost");

            let dry = format!("{P}/applications?dry_run=true");
            platform.post(&dry, application("AID-1", "Vanderkanarie")).await;
            admin.get(&letter).await.is_refused(409, "dossier_lost");
            let again = platform.post(&format!("{P}/applications"), application("AID-1", "Vanderkanarie")).await;
            assert_eq!(again.header("Idempotent-Replay"), Some("true"));
            let told = admin.get(&letter).await.text();
            assert!(told.contains("VANDERKANARIE") && told.contains("17 impasse Kanari"), "{told}");
            assert!(!told.contains("identity-1|"), "its salt is lost: it proves nothing any more");
            assert_eq!(admin.post(&correction, address).await.status, 204);
            assert!(admin.get(&letter).await.text().contains("3 rue des Tilleuls"));
            is_sound(world);
        },
    );
}
