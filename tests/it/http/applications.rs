//! An application from the platform to the spent pass, as the machine, the Region and a venue live it over HTTP; and what
//! is found nowhere on the way.

use recepisse::domain::party::Role;
use recepisse::domain::time::Instant;
use serde_json::{Value, json};

use super::requests::{proofs, redemption_body};
use super::secrets::kept;
use crate::harness::{Http, World, log, over_every_engine};

const P: &str = "/programmes/HDF21";

/// Ten booklets of ten passes in the store, and two of five.
pub(super) fn stocked(world: &World) {
    world.stock_up(10);
    let mut small = world.order("CMD-2", 2);
    small.passes_per_booklet = 5;
    world.region_admin().does(small);
    let mut delivery = world.delivery("CMD-2", 11..=12);
    for booklet in &mut delivery.received {
        booklet.code_macs.truncate(5);
    }
    world.region_admin().does(delivery);
    world.region_finance().does(world.activation("CMD-2"));
}

pub(super) fn application(reference: &str, family: &str) -> Value {
    json!({ "external_reference": reference,
        "applicant": { "family_name": family, "given_name": "Théodoxie", "birth_date": "1955-03-14", "commune": "59392" },
        "address": { "lines": ["Appartement 4", "17 impasse Kanari"], "postal_code": "59600", "locality": "Maubeuge" },
        "proofs": proofs() })
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, in the order in which it is lived")]
fn an_application_goes_from_the_platform_to_the_spent_pass() {
    over_every_engine(stocked, async |http| {
        let (platform, admin) = (http.who("AIDES", Role::Platform), http.region_admin());
        let before = http.position();
        let dry = platform.post(&format!("{P}/applications?dry_run=true"), application("AID-1", "Vanderkanarie")).await;
        assert_eq!((&dry.done()["mentions"]["complete"], http.position()), (&json!(1), before));
        let filed = platform.post(&format!("{P}/applications"), application("AID-1", "Vanderkanarie")).await.receipt();
        assert_eq!(
            (&filed["number"], &filed["mentions"]["passes_asked"]),
            (&json!("HDF21-AIDES-2021-000001"), &json!(5))
        );
        let again = platform.post(&format!("{P}/applications"), application("AID-1", "Vanderkanarie")).await;
        assert_eq!((again.header("Idempotent-Replay"), &again.receipt()["number"]), (Some("true"), &filed["number"]));
        platform
            .post(&format!("{P}/applications"), application("AID-1", "Autre"))
            .await
            .is_refused(409, "application_known");

        let seen = platform.get(&format!("{P}/applications/1")).await.done();
        assert_eq!(
            (&seen["state"], &seen["ground"], &seen["filed_by"]),
            (&json!("complete"), &json!("senior"), &filed["number"])
        );
        http.prescriber("MAUB").get(&format!("{P}/applications/1")).await.is_refused(404, "application_unknown");
        assert_eq!(http.prescriber("MAUB").get(&format!("{P}/applications")).await.done()["items"], json!([]));
        platform
            .post(&format!("{P}/applications/1/decision"), json!({ "decision": "accept" }))
            .await
            .is_refused(403, "forbidden");

        admin.post(&format!("{P}/applications/1/decision"), json!({ "decision": "accept" })).await.receipt();
        let mailed = admin
            .post(&format!("{P}/mailings"), json!({ "order": "CMD-2", "carrier_reference": "BD-7" }))
            .await
            .receipt();
        assert_eq!(
            (&mailed["booklets"], &mailed["passes"], &mailed["to"]),
            (&json!(1), &json!(5), &json!("transit:1"))
        );
        let labels = admin.get(&format!("{P}/mailings/1/labels.csv")).await.text();
        assert!(
            labels.contains("Théodoxie VANDERKANARIE,Appartement 4,17 impasse Kanari,,,59600,MAUBEUGE"),
            "{labels}"
        );
        http.who("HDF", Role::RegionFinance)
            .get(&format!("{P}/mailings/1/labels.csv"))
            .await
            .is_refused(403, "forbidden");
        let letter = admin.get(&format!("{P}/applications/1/letter")).await.text();
        assert!(letter.contains("VANDERKANARIE") && letter.contains(&http.world.serial(11)), "{letter}");
        assert!(letter.contains("identity-1|vanderkanarie|theodoxie|1955-03-14"));

        let pdf = admin.get_as("application/pdf", &format!("{P}/applications/1/letter")).await;
        assert_eq!((pdf.status, pdf.header("Content-Type")), (200, Some("application/pdf")));

        let tracking = "application,tracking\r\n1,6A12345678901\r\n";
        let tried = admin.post_csv(&format!("{P}/mailings/1/tracking?dry_run=true"), tracking).await.done();
        assert_eq!((&tried["letters"], &tried["wrong_lines"]), (&json!(1), &json!(0)));
        admin.post_csv(&format!("{P}/mailings/1/tracking"), tracking).await.done();
        admin.post_csv(&format!("{P}/mailings/1/tracking"), tracking).await.done();
        let manifest = admin.get(&format!("{P}/mailings/1/manifest.csv")).await.text();
        assert!(
            manifest.contains(&format!("1,{},5,5000,6A12345678901,mailed,2021-10-04,", http.world.serial(11))),
            "{manifest}"
        );
        assert!(!manifest.contains("Kanari") && manifest.contains("#total mailing=1 letters=1,,5,5000"));

        http.world.clock.set(Instant::parse("2021-10-06T08:00:00.000Z").unwrap());
        let report = "letter,outcome,date,cause\r\n6A12345678901,delivered,2021-10-05,\r\n";
        let dry = admin.post_csv(&format!("{P}/letter-reports?dry_run=true"), report).await.done();
        assert_eq!(dry["lines"][0]["to"], "circulation");
        admin.post_csv(&format!("{P}/letter-reports"), report).await.receipt();
        let seen = platform.get(&format!("{P}/applications/1")).await.done();
        assert_eq!((&seen["state"], &seen["state_on"]), (&json!("delivered"), &json!("2021-10-05")));
        admin.get(&format!("{P}/applications/1/letter")).await.is_refused(409, "dossier_erased");

        let mut spent = redemption_body(http.world, 11, &[1, 2]);
        spent["performed_on"] = json!("2021-10-05");
        http.venue_agent("LIEUX").post(&format!("{P}/redemptions"), spent).await.receipt();
        let history = admin.get(&format!("{P}/booklets/{}/history", http.world.serial(11))).await.text();
        for step in ["delivery", "mailing", "letter_report", "redemption"] {
            assert!(history.contains(step), "{step}: {history}");
        }
        assert_eq!(admin.get(&format!("{P}/verification")).await.status, 200);
    });
}

#[test]
fn wrong_lines_of_the_carrier_are_named_and_nothing_is_recorded() {
    over_every_engine(stocked, async |http| {
        let (platform, admin) = (http.who("AIDES", Role::Platform), http.region_admin());
        for (reference, family) in [("AID-1", "Lambert"), ("AID-2", "Leroy")] {
            let number =
                platform.post(&format!("{P}/applications"), application(reference, family)).await.receipt()["mentions"]
                    ["application"]
                    .clone();
            admin.post(&format!("{P}/applications/{number}/decision"), json!({ "decision": "accept" })).await.receipt();
        }
        admin.post(&format!("{P}/mailings"), json!({ "order": "CMD-2" })).await.receipt();
        let before = http.position();
        let verdicts = |answer: Value| -> Vec<String> {
            let lines = answer["lines"].as_array().unwrap().iter();
            lines.map(|line| format!("{} {}", line["line"], line["verdict"].as_str().unwrap())).collect()
        };
        let table = "application,tracking\r\n1,6A1\r\n9,6A2\r\n1,6A3\r\n2,6A1\r\nx\r\n";
        let refused = admin.post_csv(&format!("{P}/mailings/1/tracking"), table).await;
        assert_eq!(refused.problem(), (422, "import_malformed".to_owned()), "{refused:?}");
        let wrong = ["3 letter_unknown", "4 letter_named_twice", "5 tracking_taken", "6 tracking_line_malformed"];
        assert_eq!(verdicts(refused.json()), wrong);
        let tried = admin.post_csv(&format!("{P}/mailings/1/tracking?dry_run=true"), table).await.done();
        assert_eq!((&tried["letters"], &tried["wrong_lines"]), (&json!(1), &json!(4)));
        admin.post_csv(&format!("{P}/mailings/7/tracking"), table).await.is_refused(404, "dispatch_unknown");

        let table = "letter,outcome,date,cause\r\n1,delivered,2021-10-04,\r\n1,returned,,unclaimed\r\n6A9,delivered,2021-10-04,\r\n\
                     2,delivered,2021-10-05,\r\n2,lost,,\r\n3,delivered,2021-10-04,\r\n";
        let refused = admin.post_csv(&format!("{P}/letter-reports"), table).await;
        assert_eq!(refused.problem(), (422, "import_malformed".to_owned()), "{refused:?}");
        let wrong = [
            "3 letter_named_twice",
            "4 letter_unknown",
            "5 letter_date_impossible",
            "6 letter_line_malformed",
            "7 application_unknown",
        ];
        assert_eq!(verdicts(refused.json()), wrong);
        assert_eq!(http.position(), before, "nothing is recorded");
    });
}

#[test]
fn a_letter_that_came_back_is_addressed_anew_and_the_refused_are_told_how_to_appeal() {
    over_every_engine(stocked, async |http| {
        let (platform, admin) = (http.who("AIDES", Role::Platform), http.region_admin());
        platform.post(&format!("{P}/applications"), application("AID-1", "Lambert")).await.receipt();
        let mut lacking = application("AID-2", "Leroy");
        lacking["proofs"] = json!([]);
        platform.post(&format!("{P}/applications"), lacking).await.receipt();
        let told = admin.get(&format!("{P}/applications/2/letter")).await.text();
        assert!(told.contains("justificatif de votre domicile") && told.contains("03/12/2021"), "{told}");
        platform
            .post(&format!("{P}/applications/2/completion"), json!({ "proofs": [{ "kind": "home_proof" }] }))
            .await
            .receipt();
        assert_eq!(platform.get(&format!("{P}/applications/2")).await.done()["state"], "received");
        platform
            .post(&format!("{P}/applications/2/completion"), json!({ "proofs": [{ "kind": "identity_document" }] }))
            .await
            .receipt();
        assert_eq!(platform.get(&format!("{P}/applications/2")).await.done()["state"], "complete");
        let court =
            json!({ "appeal_court": "tribunal administratif de Lille, 5 rue Geoffroy-Saint-Hilaire, 59000 Lille" });
        admin.patch(&format!("{P}/distribution-rules"), 0, court).await.done();
        let reason = json!({ "decision": "refuse", "reason": "none_left" });
        admin.post(&format!("{P}/applications/2/decision"), reason).await.receipt();
        let told = admin.get(&format!("{P}/applications/2/letter")).await.text();
        assert!(told.contains("tribunal administratif de Lille") && told.contains("deux mois"), "{told}");

        admin.post(&format!("{P}/applications/1/decision"), json!({ "decision": "accept" })).await.receipt();
        admin.post(&format!("{P}/mailings"), json!({ "order": "CMD-2" })).await.receipt();
        let back = "letter,outcome,date,cause\r\n1,returned,,unknown_at_address\r\n";
        assert_eq!(admin.post_csv(&format!("{P}/letter-reports"), back).await.receipt()["to"], "store");
        let address = json!({ "lines": ["2 quai Neuf"], "postal_code": "59000", "locality": "Lille" });
        assert_eq!(platform.post(&format!("{P}/applications/1/address"), address.clone()).await.status, 204);
        let wrong = json!({ "lines": ["2 quai Neuf"], "postal_code": "5900", "locality": "Lille" });
        platform.post(&format!("{P}/applications/1/address"), wrong).await.is_refused(400, "text_malformed");
        http.prescriber("MAUB")
            .post(&format!("{P}/applications/1/address"), address)
            .await
            .is_refused(404, "application_unknown");
        admin.post(&format!("{P}/mailings"), json!({ "order": "CMD-2", "applications": [1] })).await.receipt();
        let labels = admin.get(&format!("{P}/mailings/2/labels.csv")).await.text();
        assert!(labels.contains("2 quai Neuf,,,,59000,LILLE"), "{labels}");
        let first = admin.get(&format!("{P}/mailings/1/manifest.csv")).await.text();
        assert!(first.contains("sent_again"), "{first}");
        platform
            .post(&format!("{P}/applications/1/end"), json!({ "reason": "withdrawn" }))
            .await
            .is_refused(409, "application_not_open");
    });
}

#[test]
fn names_and_addresses_of_applicants_are_found_nowhere_in_clear() {
    over_every_engine(stocked, async |http: &Http<'_>| {
        let log = log();
        let (platform, admin) = (http.who("AIDES", Role::Platform), http.region_admin());
        platform.post(&format!("{P}/applications"), application("AID-1", "Vanderkanarie")).await.receipt();
        admin.post(&format!("{P}/applications/1/decision"), json!({ "decision": "accept" })).await.receipt();
        admin.post(&format!("{P}/mailings"), json!({ "order": "CMD-2" })).await.receipt();
        assert_eq!(admin.get(&format!("{P}/mailings/1/labels.csv")).await.status, 200);
        assert_eq!(admin.get(&format!("{P}/applications/1/letter")).await.status, 200);
        let (logged, kept) = (log.text(), kept(http));
        assert!(kept.contains("AID-1") && logged.contains("labels are taken"), "{logged}");
        for secret in ["Vanderkanarie", "vanderkanarie", "VANDERKANARIE", "Théodoxie", "theodoxie", "impasse Kanari"] {
            assert!(!logged.contains(secret) && !kept.contains(secret), "{secret}");
        }
    });
}
