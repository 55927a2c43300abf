//! What leaves for the carrier over HTTP: labels name only letters that are on their way, the manifest says what became of
//! each, both are written as other tables are; and a sending that cannot be says what is in its way.

use recepisse::domain::party::Role;
use serde_json::json;

use super::applications::{application, stocked};
use crate::harness::{Http, over_every_engine};

const P: &str = "/programmes/HDF21";

/// So many applications for a booklet of five passes, each granted.
async fn granted(http: &Http<'_>, people: i64) {
    let (platform, admin) = (http.who("AIDES", Role::Platform), http.region_admin());
    for (number, family) in (1..=people).zip(["Lambert", "Leroy"]) {
        platform.post(&format!("{P}/applications"), application(&format!("AID-{number}"), family)).await.receipt();
        admin.post(&format!("{P}/applications/{number}/decision"), json!({ "decision": "accept" })).await.receipt();
    }
}

async fn mailed(http: &Http<'_>) {
    http.region_admin().post(&format!("{P}/mailings"), json!({ "order": "CMD-2" })).await.receipt();
}

async fn labels(http: &Http<'_>, mailing: i64) -> String {
    http.region_admin().get(&format!("{P}/mailings/{mailing}/labels.csv?no_totals=true")).await.text()
}

#[test]
fn a_letter_that_left_again_has_a_label_in_its_new_mailing_only() {
    over_every_engine(stocked, async |http| {
        let admin = http.region_admin();
        granted(http, 2).await;
        mailed(http).await;
        assert_eq!(labels(http, 1).await.lines().count(), 3, "two letters are on their way");
        let back = "letter,outcome,date,cause\r\n1,returned,,unknown_at_address\r\n";
        admin.post_csv(&format!("{P}/letter-reports"), back).await.receipt();
        let left = labels(http, 1).await;
        assert!(!left.contains("LAMBERT") && left.contains("LEROY"), "one is back: {left}");
        let again = json!({ "order": "CMD-2", "applications": [1] });
        admin.post(&format!("{P}/mailings"), again).await.receipt();
        let (old, new) = (labels(http, 1).await, labels(http, 2).await);
        assert!(!old.contains("LAMBERT") && old.contains("LEROY"), "{old}");
        assert!(new.contains("LAMBERT") && !new.contains("LEROY"), "{new}");
    });
}

#[test]
fn a_letter_that_was_lost_has_no_label() {
    over_every_engine(stocked, async |http| {
        let admin = http.region_admin();
        granted(http, 1).await;
        mailed(http).await;
        let lost = json!({ "items": { "booklets": [http.world.serial(11)] }, "reason": "lost_in_post",
            "noticed_on": "2021-10-04" });
        admin.post(&format!("{P}/losses"), lost).await.receipt();
        let left = labels(http, 1).await;
        assert!(!left.contains("LAMBERT"), "{left}");
        let again = json!({ "order": "CMD-2", "applications": [1] });
        admin.post(&format!("{P}/mailings"), again).await.receipt();
        let manifest = admin.get(&format!("{P}/mailings/1/manifest.csv")).await.text();
        assert!(manifest.contains(",sent_again,,lost\r\n"), "{manifest}");
    });
}

#[test]
fn labels_and_manifest_are_written_as_other_tables_are() {
    over_every_engine(stocked, async |http| {
        let admin = http.region_admin();
        granted(http, 1).await;
        mailed(http).await;
        let table = async |name: &str, options: &str| {
            let answer = admin.get(&format!("{P}/mailings/1/{name}.csv?{options}")).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.text()
        };
        let plain = table("labels", "").await;
        assert!(plain.starts_with("application,booklet,name,line_1,"), "{plain}");
        assert!(!plain.contains("#total"), "a mail merge would make a label of it: {plain}");
        let french = table("labels", "delimiter=;&bom=true&labels=true&no_totals=true").await;
        assert!(french.starts_with("\u{feff}Demande;Carnet;Nom;Ligne 1;"), "{french}");
        assert!(french.contains(";Théodoxie LAMBERT;Appartement 4;"), "{french}");

        let options = "delimiter=;&bom=true&labels=true&decimal_comma=true";
        let french = table("manifest", options).await;
        assert!(french.starts_with("\u{feff}Demande;Carnet;Pass;Valeur (euros);Suivi;Suite;Depuis le;Cause\r\n"));
        assert!(french.contains(";5;50,00;;envoyée par lettre suivie;2021-10-04;\r\n"), "{french}");
        assert!(french.contains("#total mailing=1 letters=1;;5;50,00;;;;\r\n"), "{french}");
        assert!(!table("manifest", "no_totals=true").await.contains("#total"));
        let back = "letter,outcome,date,cause\r\n1,returned,,unknown_at_address\r\n";
        admin.post_csv(&format!("{P}/letter-reports"), back).await.receipt();
        let returned = table("manifest", "labels=true").await;
        assert!(
            returned.contains(",revenue à l'expéditeur,2021-10-04,destinataire inconnu à l'adresse (NPAI)\r\n"),
            "{returned}"
        );
        let again = json!({ "order": "CMD-2", "applications": [1] });
        admin.post(&format!("{P}/mailings"), again).await.receipt();
        let plain = table("manifest", "").await;
        assert!(plain.contains(",sent_again,2021-10-04,unknown_at_address\r\n"), "{plain}");
        let french = table("manifest", "labels=true").await;
        assert!(
            french
                .contains(",remplacée par une nouvelle lettre,2021-10-04,destinataire inconnu à l'adresse (NPAI)\r\n"),
            "{french}"
        );

        for name in ["labels", "manifest"] {
            let address = |options: &str| format!("{P}/mailings/1/{name}.csv?{options}");
            admin.get(&address("delimiter=%7C")).await.is_refused(400, "query_malformed");
            admin.get(&address("as_of=2021-10-04")).await.is_refused(400, "query_malformed");
        }
    });
}

#[test]
fn a_mailing_of_everybody_says_what_is_in_its_way() {
    over_every_engine(stocked, async |http| {
        let admin = http.region_admin();
        let send = async |order: &str| admin.post(&format!("{P}/mailings"), json!({ "order": order })).await;
        send("CMD-9").await.is_refused(404, "order_unknown");
        send("CMD-2").await.is_refused(409, "nobody_waits_for_order");
        granted(http, 1).await;
        send("CMD-9").await.is_refused(404, "order_unknown");
        // Booklets of ten passes, and the application wants five.
        let odd = send("CMD-1").await;
        odd.is_refused(409, "nobody_waits_for_order");
        assert!(odd.text_at("detail").contains("10 pass"), "{odd:?}");
        assert_eq!(odd.text_at("field"), "order");
        let nobody = admin.post(&format!("{P}/mailings"), json!({ "order": "CMD-2", "applications": [] })).await;
        nobody.is_refused(422, "selection_empty");
        send("CMD-2").await.receipt();
    });
}

#[test]
fn a_dispatch_that_was_accepted_says_so() {
    over_every_engine(stocked, async |http| {
        let (admin, maubeuge) = (http.region_admin(), http.prescriber("MAUB"));
        let to = http.world.organisation("MAUB").to_string();
        let dispatch = json!({ "prescriber_id": to, "booklets": { "count": 2 } });
        admin.post(&format!("{P}/dispatches"), dispatch).await.receipt();
        maubeuge.post(&format!("{P}/dispatches/1/acceptance"), json!({})).await.receipt();
        let again = maubeuge.post(&format!("{P}/dispatches/1/acceptance"), json!({})).await;
        again.is_refused(409, "dispatch_closed");
        admin.post(&format!("{P}/dispatches/9/acceptance"), json!({})).await.is_refused(404, "dispatch_unknown");
    });
}
