//! A register that was rebuilt from an archive, as those who go on with it meet it over HTTP: applications are numbered on, what is
//! under way for nobody ends without giving anything to anybody, and a row that is missing convicts. What never lives here:
//! what an archive holds (see `archive`).

use actix_web::rt::System;
use recepisse::audit::{self, AuditError};
use recepisse::domain::party::Role;
use recepisse::domain::time::Instant;
use serde_json::{Value, json};

use super::requests::proofs;
use crate::acts::is_sound;
use crate::archive::{archived, crossings, import};
use crate::harness::{Http, Place, Raw, World, over_every_engine, second_opinion};

const P: &str = "/programmes/HDF21";

fn application(reference: &str, family: &str) -> Value {
    json!({ "external_reference": reference,
        "applicant": { "family_name": family, "given_name": "Théodoxie", "birth_date": "1955-03-14", "commune": "59392" },
        "address": { "lines": ["17 impasse Kanari"], "postal_code": "59600", "locality": "Maubeuge" }, "passes": 10,
        "proofs": proofs() })
}

/// Applications of the platform: 1 is accepted, 2 is mailed, 3 waits for a decision, 4 lacks its proofs, 5 was withdrawn.
async fn apply(http: &Http<'_>) {
    let (platform, admin) = (http.who("AIDES", Role::Platform), http.region_admin());
    for (number, family) in ["Lambert", "Leroy", "Delattre", "Caron", "Lemaire"].into_iter().enumerate() {
        let mut body = application(&format!("AID-{}", number + 1), family);
        if family == "Caron" {
            body["proofs"] = json!([]);
        }
        platform.post(&format!("{P}/applications"), body).await.receipt();
    }
    for number in [1, 2] {
        let accept = json!({ "decision": "accept" });
        admin.post(&format!("{P}/applications/{number}/decision"), accept).await.receipt();
    }
    let mailing = json!({ "order": "CMD-1", "applications": [2] });
    admin.post(&format!("{P}/mailings"), mailing).await.receipt();
    platform.post(&format!("{P}/applications/5/end"), json!({ "reason": "withdrawn" })).await.receipt();
}

/// The register of a world, rebuilt on a place from an archive of it; its people have their old accounts again.
fn rebuilt(world: World, place: Place) -> World {
    let page = recepisse::store::Page { after: None, limit: 200 };
    let users = world.store.read(|tx| tx.users(None, &page));
    let users = users.unwrap_or_else(|error: recepisse::store::StoreError| panic!("{error}"));
    let (_folder, path) = archived(&world);
    let (store, imported) = import(&path, &place, &world);
    assert_eq!(imported.unwrap().verified.head, world.journal(world.programme.no).head);
    drop(store);
    let mut raw = Raw::on(&place);
    for user in users {
        raw.run(&format!("UPDATE users SET email = '{}', active = TRUE WHERE id = '{}'", user.email, user.id)).unwrap();
    }
    drop(raw);
    let head_file = world.head_file.clone();
    world.restarted(place, head_file)
}

async fn goes_on(http: &Http<'_>) {
    let (platform, admin) = (http.who("AIDES", Role::Platform), http.region_admin());
    let one = async |number: i64| platform.get(&format!("{P}/applications/{number}")).await.done();
    let kept = one(2).await;
    assert_eq!(
        (&kept["state"], &kept["external_reference"], &kept["received_on"], &kept["booklet"]),
        (&json!("mailed"), &json!("2-archive"), &json!("2021-10-04"), &json!(http.world.serial(1)))
    );
    assert_eq!((&one(3).await["ground"], &one(4).await["state"]), (&json!("senior"), &json!("received")));

    let filed = platform.post(&format!("{P}/applications"), application("AID-1", "Lambert")).await.receipt();
    assert_eq!(filed["mentions"]["application"], json!(6), "the next number, and not the first again");
    let accept = json!({ "decision": "accept" });
    let told = admin.post(&format!("{P}/applications/3/decision"), accept.clone()).await;
    told.is_refused(409, "applicant_unknown");
    let mail = json!({ "order": "CMD-1", "applications": [1] });
    admin.post(&format!("{P}/mailings"), mail).await.is_refused(409, "applicant_unknown");
    let complete = platform.post(&format!("{P}/applications/4/completion"), json!({ "proofs": proofs() })).await;
    complete.is_refused(409, "applicant_unknown");
    admin.get(&format!("{P}/applications/1/letter")).await.is_refused(409, "applicant_unknown");

    let refuse = json!({ "decision": "refuse", "reason": "incomplete" });
    admin.post(&format!("{P}/applications/4/decision"), refuse).await.receipt();
    let withdraw = json!({ "reason": "withdrawn" });
    for number in [1, 3] {
        admin.post(&format!("{P}/applications/{number}/end"), withdraw.clone()).await.receipt();
    }
    http.world.clock.set(Instant::parse("2021-10-06T08:00:00.000Z").unwrap());
    admin
        .post_csv(&format!("{P}/letter-reports"), "letter,outcome,date,cause\r\n2,delivered,2021-10-05,\r\n")
        .await
        .receipt();
    admin.post(&format!("{P}/applications/6/decision"), accept).await.receipt();
    let mailed = admin.post(&format!("{P}/mailings"), json!({ "order": "CMD-1", "applications": [6] })).await.receipt();
    assert_eq!(mailed["booklets"], json!(1));
    assert!(admin.get(&format!("{P}/applications/6/letter")).await.text().contains("LAMBERT"));
}

#[test]
fn applications_go_on_where_an_archive_ended_and_what_is_nobody_s_gives_nothing_to_anybody() {
    for (from, to) in crossings() {
        let world = World::new(from);
        world.stock_up(4);
        System::new().block_on(async { apply(&Http::over(&world).await).await });
        let world = rebuilt(world, Place::fresh(to));
        System::new().block_on(async { goes_on(&Http::over(&world).await).await });
        is_sound(&world);
        second_opinion(&world);
        let nobody = Raw::on(&world.place).number("SELECT count(*) AS answer FROM people");
        assert_eq!(nobody, 1, "{from} to {to}: whoever is known now, and no stand-in for who is not");
    }
}

#[test]
fn an_application_whose_row_is_missing_or_says_otherwise_convicts_the_register() {
    over_every_engine(
        |world| world.stock_up(4),
        async |http| {
            apply(http).await;
            let (world, key) = (http.world, http.world.keys.seal_key().verifying_key());
            let verdict = || match audit::verify(&world.store, &[key], &world.programme, &mut |_, _| {}) {
                Ok(_) => String::new(),
                Err(AuditError::Broken(found)) => found.to_string(),
                Err(AuditError::Store(error)) => panic!("{error}"),
            };
            assert_eq!(verdict(), "");
            let mut raw = Raw::on(&world.place);
            raw.run("CREATE TABLE kept AS SELECT * FROM applications").unwrap();
            let changes = [
                "DELETE FROM applications WHERE number = 2",
                "DELETE FROM applications WHERE number = 5",
                "UPDATE applications SET ground = 'job_seeker' WHERE number = 3",
                "UPDATE applications SET rule_version = 'hdf-2021-2' WHERE number = 3",
                "UPDATE applications SET assessed_on = '2021-10-03' WHERE number = 3",
                "UPDATE applications SET proof_kind = NULL WHERE number = 3",
                "UPDATE applications SET missing = '' WHERE number = 4",
            ];
            for change in changes {
                raw.run(change).unwrap();
                assert!(verdict().contains("applications"), "{}, {change}: {}", world.engine(), verdict());
                raw.run("DELETE FROM applications; INSERT INTO applications SELECT * FROM kept").unwrap();
            }
            assert_eq!(verdict(), "");
        },
    );
}
