//! The ends of orders as HTTP tells them, and the rules by which they are prepared.

use recepisse::domain::party::Role;
use serde_json::json;

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
