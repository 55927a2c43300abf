//! Booklets never started: who agreed to be reminded, a few times, until they come or take their word back; nothing is kept of
//! whoever did not.

use recepisse::domain::party::Role;
use serde_json::{Value, json};

use super::requests::{proofs, redemption_body};
use crate::acts::is_sound;
use crate::harness::{Engine, Http, Raw, World, over_every_engine, second_opinion};

const P: &str = "/programmes/HDF21";
const PHONE: &str = "06 12 34 56 78";

fn named(given: &str) -> Value {
    json!({ "family_name": "Lefèvre", "given_name": given, "birth_date": "1955-03-14", "commune": "59392" })
}

/// Booklets 1 to 6 are at Maubeuge.
fn supplied(world: &World) {
    world.supply_maubeuge(6);
}

/// The number of the receipt of a hand-out to somebody, who agrees to that much.
async fn hand_out(http: &Http<'_>, booklet: u32, given: &str, follow_up: Option<Value>) -> String {
    let mut body = json!({ "beneficiary": named(given), "proofs": proofs(), "booklets": [http.world.serial(booklet)] });
    if let Some(follow_up) = follow_up {
        body["follow_up"] = follow_up;
    }
    let given = http.prescriber("MAUB").post(&format!("{P}/hand-outs"), body).await.receipt();
    given["number"].as_str().unwrap().to_owned()
}

fn by_phone() -> Value {
    json!({ "channel": "phone", "contact": PHONE, "name": "Mme Lefèvre" })
}

/// What the report says of Maubeuge: the hand-out, the channel and the reminders of each booklet.
async fn listed(http: &Http<'_>) -> Vec<(String, Option<String>, i64)> {
    let told = http.prescriber("MAUB").get(&format!("{P}/reports/never-started")).await.done();
    let row = |row: &Value| {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        (text("hand_out").unwrap(), text("channel"), row["reminders"].as_i64().unwrap())
    };
    told["rows"].as_array().unwrap().iter().map(row).collect()
}

/// Every byte that is kept of follow-ups.
fn contacts(world: &World) -> Vec<Option<String>> {
    let hex = if world.engine() == Engine::Sqlite { "hex(contact)" } else { "encode(contact, 'hex')" };
    Raw::on(&world.place).texts(&format!("SELECT {hex} AS answer FROM follow_ups"))
}

#[test]
fn whoever_agrees_is_reminded_a_few_times_and_nothing_is_kept_of_whoever_does_not() {
    over_every_engine(supplied, async |http| {
        let maubeuge = http.prescriber("MAUB");
        let wrong = json!({ "beneficiary": named("Zoé"), "proofs": proofs(), "booklets": [http.world.serial(1)],
            "follow_up": { "channel": "email", "contact": PHONE } });
        maubeuge.post(&format!("{P}/hand-outs"), wrong).await.is_refused(400, "email_malformed");
        let silent = hand_out(http, 1, "Zoé", None).await;
        assert!(contacts(http.world).is_empty());
        let agreed = hand_out(http, 2, "Ana", Some(by_phone())).await;
        let kept = contacts(http.world);
        assert_eq!(kept.len(), 1);
        assert!(!kept[0].clone().unwrap().contains(&hex::encode("612345678")), "closed");

        assert_eq!(listed(http).await, [(silent.clone(), None, 0), (agreed.clone(), Some("phone".to_owned()), 0)]);
        let path = |number: &str, what: &str| format!("{P}/follow-ups/{number}{what}");
        maubeuge.get(&path(&silent, "")).await.is_refused(409, "follow_up_not_agreed");
        maubeuge.post(&path(&silent, "/reminders"), json!({})).await.is_refused(409, "follow_up_not_agreed");
        maubeuge.post(&path(&silent, "/revocation"), json!({})).await.is_refused(409, "follow_up_not_agreed");
        http.prescriber("FOURM").get(&path(&agreed, "")).await.is_refused(409, "follow_up_not_agreed");
        let remind = path(&agreed, "/reminders");
        http.prescriber("FOURM").post(&remind, json!({})).await.is_refused(409, "follow_up_not_agreed");
        http.region_admin().get(&path(&agreed, "")).await.is_refused(409, "follow_up_not_agreed");
        http.who("HDF", Role::RegionFinance).get(&path(&agreed, "")).await.is_refused(403, "forbidden");

        let told = maubeuge.get(&path(&agreed, "")).await.done();
        assert_eq!((&told["contact"], &told["name"]), (&json!("+33612345678"), &json!("Mme Lefèvre")));
        let agent = http.world.user("MAUB", Role::PrescriberAgent);
        let kept = http.region_admin().get(&format!("/users/{agent}/accesses")).await.done();
        let read = |row: &&Value| row["form"] == json!("person") && row["number"] == json!(agreed);
        assert_eq!(kept["items"].as_array().unwrap().iter().filter(read).count(), 1, "{kept}");

        maubeuge.post(&remind, json!({})).await.is_refused(409, "reminder_too_soon");
        for reminder in 1..=2 {
            http.world.clock.advance_days(14);
            let tried = maubeuge.post(&format!("{remind}?dry_run=true"), json!({})).await.done();
            assert_eq!(tried["mentions"]["reminder"], json!(reminder));
            let receipt = maubeuge.post(&remind, json!({})).await.receipt();
            let said = &receipt["mentions"];
            assert_eq!((&said["hand_out"], &said["reminder"]), (&json!(agreed), &json!(reminder)));
            assert!(!receipt.to_string().contains("612345678"));
            maubeuge.post(&remind, json!({})).await;
        }
        http.world.clock.advance_days(14);
        maubeuge.post(&remind, json!({})).await.is_refused(409, "reminders_exhausted");
        assert_eq!(listed(http).await[1], (agreed, Some("phone".to_owned()), 2));
        is_sound(http.world);
        second_opinion(http.world);
    });
}

#[test]
fn a_word_taken_back_counts_at_once_and_a_contact_goes_some_days_after_the_first_use() {
    over_every_engine(supplied, async |http| {
        let (maubeuge, admin) = (http.prescriber("MAUB"), http.region_admin());
        let (ana, zoe) =
            (hand_out(http, 1, "Ana", Some(by_phone())).await, hand_out(http, 2, "Zoé", Some(by_phone())).await);
        let lea = hand_out(http, 3, "Léa", Some(json!({ "channel": "letter", "contact": "3 rue des Tilleuls" }))).await;
        let path = |number: &str, what: &str| format!("{P}/follow-ups/{number}{what}");
        let person = json!({ "family_name": "Lefèvre", "given_name": "Léa", "birth_date": "1955-03-14" });
        let held = admin.post(&format!("{P}/access-requests"), person.clone()).await.done();
        assert_eq!(held["follow_ups"][0]["contact"], json!("3 rue des Tilleuls"));

        admin.post(&path(&ana, "/revocation"), json!({})).await.receipt();
        assert_eq!(contacts(http.world).len(), 2);
        http.world.clock.advance_days(20);
        maubeuge.post(&path(&ana, "/reminders"), json!({})).await.is_refused(409, "follow_up_not_agreed");

        let spent = redemption_body(http.world, 2, &[1]);
        http.venue_agent("LIEUX").post(&format!("{P}/redemptions"), spent).await.receipt();
        maubeuge.post(&path(&zoe, "/reminders"), json!({})).await.is_refused(409, "follow_up_over");
        assert_eq!(listed(http).await.len(), 2, "what was started is not listed");
        admin.post(&format!("{P}/erasures"), json!({ "contacts": true })).await.is_refused(404, "nothing_to_erase");
        http.world.clock.advance_days(8);
        let erased = admin.post(&format!("{P}/erasures"), json!({ "contacts": true })).await.receipt();
        assert_eq!((&erased["mentions"]["contacts"], &erased["mentions"]["people"]), (&json!(1), &json!(0)));
        maubeuge.get(&path(&zoe, "")).await.is_refused(409, "follow_up_not_agreed");

        let erased = admin.post(&format!("{P}/erasures"), json!({ "person": person })).await.receipt();
        assert_eq!(erased["mentions"]["contacts"], json!(1));
        maubeuge.get(&path(&lea, "")).await.is_refused(409, "follow_up_not_agreed");
        assert!(contacts(http.world).is_empty());
        is_sound(http.world);
        second_opinion(http.world);
    });
}

/// The second channel: the consent comes with the application, its contact outlives the name and the address, and the booklet is
/// listed like any other.
#[test]
fn a_booklet_that_came_by_letter_is_listed_and_its_applicant_reminded_by_the_region() {
    over_every_engine(
        |world| world.stock_up(2),
        async |http| {
            let (world, admin) = (http.world, http.region_admin());
            let address = json!({ "lines": ["17 impasse Kanari"], "postal_code": "59600", "locality": "Maubeuge" });
            let apply = |reference: &str, given: &str| {
                json!({ "external_reference": reference, "applicant": named(given),
                "address": address, "proofs": proofs(), "passes": 10 })
            };
            let mut agreed = apply("AID-1", "Zoé");
            agreed["follow_up"] = by_phone();
            let platform = http.who("AIDES", Role::Platform);
            let filed = platform.post(&format!("{P}/applications"), agreed.clone()).await.receipt();
            let number = filed["number"].as_str().unwrap().to_owned();
            assert_eq!(filed["mentions"]["follow_up"], "phone");
            let again = platform.post(&format!("{P}/applications"), agreed).await.receipt();
            assert_eq!(again["number"], filed["number"], "the same application, with the same consent");
            platform.post(&format!("{P}/applications"), apply("AID-2", "Ana")).await.receipt();
            for application in [1, 2] {
                let decision = format!("{P}/applications/{application}/decision");
                admin.post(&decision, json!({ "decision": "accept" })).await.receipt();
            }
            admin.post(&format!("{P}/mailings"), json!({ "order": "CMD-1" })).await.receipt();
            let report = "letter,outcome,date,cause\r\n1,delivered,2021-10-04,\r\n2,delivered,2021-10-04,\r\n";
            let listed = async || {
                let told = admin.get(&format!("{P}/reports/never-started")).await.done();
                let text = |row: &Value, name: &str| row[name].as_str().map(str::to_owned);
                let row = |row: &Value| (text(row, "prescriber"), text(row, "hand_out"), text(row, "channel"));
                told["rows"].as_array().unwrap().iter().map(row).collect::<Vec<_>>()
            };
            assert!(listed().await.is_empty(), "in the post");
            admin.post_csv(&format!("{P}/letter-reports"), report).await.receipt();
            let rows = listed().await;
            let region = Some("HDF".to_owned());
            assert_eq!(rows[0], (region, Some(number.clone()), Some("phone".to_owned())));
            assert_eq!((rows.len(), &rows[1].2), (2, &None));
            let path = |what: &str| format!("{P}/follow-ups/{number}{what}");
            let told = admin.get(&path("")).await.done();
            assert_eq!((&told["contact"], &told["name"]), (&json!("+33612345678"), &json!("Mme Lefèvre")));
            http.prescriber("MAUB").get(&path("")).await.is_refused(409, "follow_up_not_agreed");
            world.clock.advance_days(14);
            admin.post(&path("/reminders"), json!({})).await.receipt();
            admin.post(&path("/revocation"), json!({})).await.receipt();
            assert!(contacts(world).is_empty());
            let left = Raw::on(&world.place).number("SELECT COUNT(*) AS answer FROM commitment_nonces");
            assert_eq!(left, 0, "{}: nothing opens what a copy may still hold", world.engine());
            is_sound(world);
            second_opinion(world);
        },
    );
}
