//! The ends of orders as HTTP tells them, and the rules by which they are prepared.

use recepisse::domain::party::Role;
use serde_json::{Value, json};

use super::requests::stage;
use crate::harness::over_every_engine;

const P: &str = "/programmes/HDF21";
const DAY_SECONDS: i64 = 24 * 60 * 60;

#[test]
fn the_four_counters_and_the_steps_of_an_order_are_told() {
    over_every_engine(stage, async |http| {
        let finance = http.who("HDF", Role::RegionFinance);
        let told = finance.get(&format!("{P}/orders/CMD-1/end-of-validity")).await.done();
        // Six booklets of ten, two handed out, of one of them three passes spent.
        assert_eq!(told["printed"], json!({ "booklets": 6, "passes": 60, "value_cents": 60_000 }));
        assert_eq!(told["handed_out"], json!({ "booklets": 2, "passes": 20, "value_cents": 20_000 }));
        assert_eq!(told["not_handed_out"], json!({ "booklets": 4, "passes": 40, "value_cents": 40_000 }));
        assert_eq!(told["started"], json!({ "booklets": 1, "passes": 3, "value_cents": 3_000 }));
        assert_eq!((&told["estimated_credit_cents"], &told["due"]), (&json!(57_000), &json!(null)));
        assert_eq!(
            told["steps"][1],
            json!({ "step": "stop", "label": "arrêt des remises", "on": "2023-06-15",
            "state": "upcoming", "receipts": [] })
        );
        http.world.clock.advance_seconds(619 * DAY_SECONDS);
        let later = finance.get(&format!("{P}/orders/CMD-1/end-of-validity")).await.done();
        assert_eq!(later["due"], json!({ "step": "stop", "since": "2023-06-15" }));
        let stopped = finance
            .post(
                &format!("{P}/suspensions"),
                json!({ "orders": ["CMD-1"], "scope": "hand_outs", "reason": "end_of_validity" }),
            )
            .await;
        let after = finance.get(&format!("{P}/end-of-validity")).await.done();
        assert_eq!(after["items"][0]["steps"][1]["receipts"], json!([stopped.receipt()["number"]]));
        assert_eq!(after["items"][0]["steps"][1]["state"], "done");
        let before = finance.get(&format!("{P}/orders/CMD-1/end-of-validity?as_of=2021-10-04")).await.done();
        assert_eq!((&before["printed"], &before["due"]), (&told["printed"], &told["due"]));
        finance.get(&format!("{P}/orders/CMD-9/end-of-validity")).await.is_refused(404, "order_unknown");
        finance.get(&format!("{P}/end-of-validity?as_of=2199-01-01")).await.is_refused(422, "date_in_future");
    });
}

#[test]
fn the_administrator_sets_the_days_of_the_calendar() {
    over_every_engine(stage, async |http| {
        let (admin, finance, rules) =
            (http.region_admin(), http.who("HDF", Role::RegionFinance), format!("{P}/end-rules"));
        let read = finance.get(&rules).await.done();
        let usual =
            json!({ "alert_days": 30, "stop_days": 15, "acknowledgement_days": 7, "statement_days": 37, "version": 0 });
        assert_eq!(read, usual);
        finance.patch(&rules, 0, json!({ "stop_days": 20 })).await.is_refused(403, "forbidden");
        assert_eq!(admin.patch(&rules, 0, json!({ "stop_days": 20 })).await.done()["version"], 1);
        admin.patch(&rules, 0, json!({ "stop_days": 21 })).await.is_refused(412, "version_conflict");
        admin.patch(&rules, 1, json!({ "stop_days": 31 })).await.is_refused(422, "quantity_out_of_range");
        let told = finance.get(&format!("{P}/orders/CMD-1/end-of-validity")).await.done();
        assert_eq!(told["steps"][1]["on"], "2023-06-10");
    });
}

#[test]
fn a_credit_note_is_taken_for_the_part_that_is_named() {
    over_every_engine(stage, async |http| {
        let finance = http.who("HDF", Role::RegionFinance);
        http.world.clock.advance_seconds(665 * DAY_SECONDS);
        finance.post(&format!("{P}/orders/CMD-1/expiry"), json!({})).await.receipt();
        let serial = http.world.serial(3);
        let body = |cents: i64| {
            json!({ "credit_note": "AV-7", "received_on": "2023-07-31", "amount_cents": cents,
                "items": { "booklets": [serial] } })
        };
        let path = format!("{P}/orders/CMD-1/credit-notes");
        finance.post(&path, body(57_000)).await.is_refused(422, "credit_differs");
        assert_eq!(finance.post(&path, body(10_000)).await.receipt()["passes"], 10);
        finance.post(&path, body(10_000)).await.is_refused(409, "not_creditable");
        let told = finance.get(&format!("{P}/orders/CMD-1/end-of-validity")).await.done();
        assert_eq!((&told["credited"]["passes"], &told["to_credit"]["passes"]), (&json!(10), &json!(47)));
    });
}

#[test]
fn a_destruction_is_proposed_listed_and_signed_by_the_accountant() {
    over_every_engine(stage, async |http| {
        let (admin, finance, accountant) =
            (http.region_admin(), http.who("HDF", Role::RegionFinance), http.who("HDF", Role::Accountant));
        let path = format!("{P}/destructions");
        let body = |serial: String| json!({ "items": { "booklets": [serial] }, "reason": "damaged" });
        let given = http.world.serial(1);
        finance.post(&path, body(given)).await.is_refused(409, "not_destroyable");
        accountant.post(&path, body(http.world.serial(6))).await.is_refused(403, "forbidden");
        let tried = admin.post(&format!("{path}?dry_run=true"), body(http.world.serial(6))).await.done();
        assert_eq!((&tried["kind"], &tried["passes"]), (&json!("destruction_proposal"), &json!(0)));
        let proposed = admin.post(&path, body(http.world.serial(6))).await;
        assert_eq!(proposed.receipt()["mentions"]["proposed_passes"], 10, "{proposed:?}");
        let listed = finance.get(&path).await.done();
        assert_eq!((&listed["items"][0]["number"], &listed["items"][0]["receipt"]), (&json!(1), &json!(null)));
        let signature = format!("{path}/1/signature");
        finance.post(&signature, json!({})).await.is_refused(403, "forbidden");
        accountant.post(&format!("{path}/x/signature"), json!({})).await.is_refused(404, "destruction_unknown");
        let tried = accountant.post(&format!("{signature}?dry_run=true"), json!({})).await.done();
        assert_eq!((&tried["passes"], &tried["lines"][0]["to"]), (&json!(10), &json!("destroyed")));
        let signed = accountant.post(&signature, json!({})).await;
        accountant.post(&signature, json!({})).await.is_refused(409, "destruction_signed_already");
        let listed = finance.get(&path).await.done();
        assert_eq!(listed["items"][0]["receipt"], signed.receipt()["number"]);
        assert_eq!(listed["items"][0]["items"], json!([http.world.serial(6)]));
        let number = signed.receipt()["number"].as_str().unwrap().to_owned();
        let minutes = finance.get_as("text/html", &format!("{P}/receipts/{number}")).await;
        assert!(minutes.text().contains("Procès-verbal de destruction"), "{minutes:?}");
    });
}

#[test]
fn the_contradictory_statement_sets_both_accounts_side_by_side() {
    over_every_engine(stage, async |http| {
        let finance = http.who("HDF", Role::RegionFinance);
        let path = format!("{P}/orders/CMD-1/contradictory-statement");
        let blank = finance.get(&path).await.done();
        assert_eq!(
            blank["figures"][0],
            json!({ "figure": "printed", "label": "Pris en charge", "passes": 60,
            "value_cents": 60_000 })
        );
        let said = finance.get(&format!("{path}?issuer_printed=60&issuer_used=2")).await.done();
        assert_eq!((&said["figures"][0]["gap_passes"], &said["figures"][1]["gap_passes"]), (&json!(0), &json!(1)));
        let page = finance.get_as("text/html", &format!("{path}?issuer_used=2")).await;
        assert!(page.text().contains("État contradictoire") && page.text().contains("Émetteur de pass numériques"));
        let file = finance.get_as("application/pdf", &path).await;
        assert!(file.bytes.starts_with(b"%PDF-1.7"));
        assert_eq!(file.bytes, finance.get_as("application/pdf", &path).await.bytes, "the same bytes");
        let other = path.replace("CMD-1", "CMD-9");
        finance.get(&other).await.is_refused(404, "order_unknown");
        finance.get(&format!("{path}?as_of=2199-01-01")).await.is_refused(422, "date_in_future");
    });
}

#[test]
fn the_issuers_list_is_compared_pass_by_pass_and_every_wrong_line_has_its_number() {
    over_every_engine(stage, async |http| {
        let finance = http.who("HDF", Role::RegionFinance);
        let path = format!("{P}/orders/CMD-1/contradictory-statement");
        let [one, two, foreign] = [1, 2, 7].map(|number| http.world.serial(number));
        let wrong = format!(
            "pass;etat\r\n{one}/01;utilisé\r\n{foreign};périmé\r\n{one};spent\r\n{one}/01;used\r\n{one}/12;used\r\n"
        );
        let refused = finance.post_csv(&path, wrong).await;
        refused.is_refused(422, "import_malformed");
        let told = refused.json();
        let told: Vec<(&Value, &Value)> =
            told["lines"].as_array().unwrap().iter().map(|line| (&line["line"], &line["verdict"])).collect();
        assert_eq!(
            told,
            [
                (&json!(3), &json!("booklet_not_in_order")),
                (&json!(4), &json!("order_list_line_malformed")),
                (&json!(5), &json!("pass_named_twice")),
                (&json!(6), &json!("pass_unknown")),
            ]
        );
        finance.post_csv(&path, "a;b\r\n").await.is_refused(422, "order_list_unreadable");
        let others =
            (3..=6).map(|number| format!("{};unused\r\n", http.world.serial(number))).collect::<Vec<_>>().concat();
        let of_one = (4..=10).map(|rank| format!("{one}/{rank:02};unused\r\n")).collect::<Vec<_>>().concat();
        let file = format!(
            "serial;state\r\n{one}/01;used\r\n{one}/02;used\r\n{one}/03;expired\r\n{of_one}{two};unused\r\n{others}"
        );
        let before = http.position();
        let tried = finance.post_csv(&format!("{path}?dry_run=true"), file.clone()).await.done();
        assert_eq!((&tried["mentions"]["differing_passes"], http.position()), (&json!(1), before));
        let receipt = finance.post_csv(&path, file).await.receipt();
        assert_eq!(receipt["mentions"]["gaps"], format!("spent_here used expired {one}/03"));
        let told = finance.get(&path).await.done();
        assert_eq!((&told["list"]["receipt"], &told["list"]["open_differences"]), (&receipt["number"], &json!(1)));
        assert_eq!(told["list"]["differences"][0]["serial"], format!("{one}/03"));
        assert_eq!((&told["figures"][1]["issuer_passes"], &told["figures"][1]["gap_passes"]), (&json!(2), &json!(1)));
        let page = finance.get_as("text/html", &path).await;
        assert!(page.text().contains("utilisé au registre seul") && page.text().contains(&format!("{one}/03")));
        assert!(finance.get_as("application/pdf", &path).await.bytes.starts_with(b"%PDF-1.7"));
        let table = finance.get(&format!("{P}/exports/order-differences.csv")).await.text();
        assert!(table.contains(&format!("{one}/03,used,expired,spent_here,used,open")), "{table}");
    });
}

#[test]
fn what_a_failing_issuer_owes_is_listed_venue_by_venue_and_its_orders_are_frozen_in_one_act() {
    over_every_engine(stage, async |http| {
        let finance = http.who("HDF", Role::RegionFinance);
        let issuer = http.world.organisation("APTIC");
        let freeze = json!({ "issuer_id": issuer, "scope": "everything", "reason": "issuer_failure" });
        let frozen = finance.post(&format!("{P}/suspensions"), freeze).await;
        assert_eq!(frozen.receipt()["mentions"]["order_numbers"], "CMD-1 CMD-2 CMD-3 CMD-4");
        let path = format!("{P}/issuers/APTIC/exposure");
        let told = finance.get(&path).await.done();
        assert_eq!(
            told["claims"][0],
            json!({ "nature": "redeemed_unpaid",
            "creditor": "Les lieux numériques de l'Avesnois", "registration": told["claims"][0]["registration"],
            "venue": "Maubeuge", "since": "2021-10-04", "passes": 3, "value_cents": 3_000 })
        );
        // Fifty-seven of CMD-1, twenty of CMD-3, twenty of CMD-4.
        assert_eq!((&told["claims"][1]["passes"], &told["total_cents"]), (&json!(97), &json!(100_000)));
        let annex = finance.get_as("application/pdf", &path).await;
        assert!(annex.bytes.starts_with(b"%PDF-1.7"));
        let table = finance.get(&format!("{P}/exports/issuer-exposure.csv?issuer=APTIC")).await.text();
        assert!(table.contains("redeemed_unpaid,LIEUX,"), "{table}");
        finance.get(&format!("{P}/issuers/NOBODY/exposure")).await.is_refused(404, "organisation_unknown");
        finance.get(&format!("{P}/exports/issuer-exposure.csv")).await.is_refused(400, "parameter_missing");
        finance.get(&format!("{P}/exports/issuer-exposure.csv?issuer=x")).await.is_refused(400, "parameter_malformed");
    });
}

#[test]
fn orders_come_in_pages_as_every_list_does() {
    over_every_engine(stage, async |http| {
        let admin = http.region_admin();
        let whole = admin.get(&format!("{P}/orders")).await.done()["items"].clone();
        let (mut paged, mut after) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("{P}/orders?limit=1{after}")).await.done();
            paged.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!((paged.len(), json!(paged)), (4, whole));
    });
}

/// What is asked of a past day is told as it was then, whatever has come since.
#[test]
fn an_order_a_dispatch_and_a_booklet_are_told_as_they_stood_on_a_past_day() {
    over_every_engine(stage, async |http| {
        let (finance, admin) = (http.who("HDF", Role::RegionFinance), http.region_admin());
        let serial = http.world.serial(1);
        let paths = [
            format!("{P}/orders/CMD-1"),
            format!("{P}/orders"),
            format!("{P}/dispatches/2"),
            format!("{P}/dispatches"),
            format!("{P}/booklets/{serial}"),
        ];
        let mut before = Vec::new();
        for path in &paths {
            let (now, then) =
                (finance.get(path).await.done(), finance.get(&format!("{path}?as_of=2021-10-04")).await.done());
            assert_eq!(now, then, "{path}: today is told both ways");
            before.push(now);
        }
        http.world.clock.advance_seconds(DAY_SECONDS);
        admin.post(&format!("{P}/dispatches/2/acceptance"), json!({})).await.receipt();
        let prorogued = json!({ "validity_end": "2024-06-30" });
        finance.post(&format!("{P}/orders/CMD-1/prorogation"), prorogued).await.receipt();
        finance.post(&format!("{P}/orders/CMD-3/activation"), json!({ "payment_order": "2021-MP-7" })).await.receipt();
        let items = json!({ "items": { "booklets": [serial] }, "reason": "precaution" });
        admin.post(&format!("{P}/blocks"), items).await.receipt();
        admin
            .post(
                &format!("{P}/dispatches"),
                json!({ "prescriber_id": http.world.organisation("FOURM"),
            "booklets": { "count": 1 } }),
            )
            .await
            .receipt();
        for (path, before) in paths.iter().zip(before) {
            let (now, then) =
                (finance.get(path).await.done(), finance.get(&format!("{path}?as_of=2021-10-04")).await.done());
            assert_eq!(then, before, "{path}");
            assert_ne!(now, before, "{path}: the control");
        }
        finance.get(&format!("{P}/orders/CMD-1?as_of=2021-10-03")).await.is_refused(404, "order_unknown");
        finance.get(&format!("{P}/dispatches/2?as_of=2021-10-03")).await.is_refused(404, "dispatch_unknown");
        finance.get(&format!("{P}/booklets/{serial}?as_of=2021-10-03")).await.is_refused(404, "booklet_unknown");
    });
}
