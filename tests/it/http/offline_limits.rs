//! How much devices may take without a network: each limit on both of its sides, told before and told after. What never lives
//! here: what one line may hold (see `devices`).

use recepisse::audit;
use recepisse::domain::time::Instant;
use serde_json::{Value, json};

use super::devices::{Tablet, UPLOAD, verdict, verdicts};
use super::requests::stage;
use crate::harness::{Http, Raw, over_every_engine, printed_code};

const RULES: &str = "/programmes/HDF21/offline-rules";

/// Sets the limits, whatever they were.
async fn limited(http: &Http<'_>, limits: Value) {
    let admin = http.region_admin();
    let version = admin.get(RULES).await.done()["version"].as_i64().unwrap();
    admin.patch(RULES, version, limits).await.done();
}

/// Now, or so many seconds from it, as a device says it.
fn moment(http: &Http<'_>, seconds: i64) -> String {
    Instant::plus_seconds(http.world.now(), seconds).to_string()
}

async fn tablet(http: &Http<'_>, seed: u8) -> Tablet {
    Tablet::enrolled(http, seed, json!({ "label": "Tablette" })).await
}

#[test]
fn a_device_takes_so_many_passes_a_day_and_is_told_how_many_are_left() {
    over_every_engine(stage, async |http| {
        limited(http, json!({ "device_day_passes": 3 })).await;
        let (tablet, lieux) = (tablet(http, 7).await, http.venue_agent("LIEUX"));
        let path = format!("/programmes/HDF21/offline-conditions?device_id={}", tablet.id);
        let told = lieux.get(&path).await.done();
        assert_eq!((&told["device_day_passes"], &told["left_today"]["passes"]), (&json!(3), &json!(3)), "{told}");
        assert_eq!((&told["server_time"], &told["last_counter"]), (&json!(http.world.now()), &json!(0)));
        let queue = tablet.queue_of(http.world, &moment(http, -60), &[(1, 2, &[1, 2]), (2, 2, &[3, 4]), (3, 2, &[5])]);
        let answer = lieux.post(UPLOAD, queue.clone()).await.done();
        let over = verdict(2, "over_limit", "offline_passes_exceeded");
        assert_eq!(verdicts(&answer), [verdict(1, "recorded", ""), over.clone(), verdict(3, "recorded", "")]);
        let detail = answer["verdicts"][1]["detail"].as_str().unwrap();
        assert!(detail.contains("3 pass au plus par jour") && detail.contains("déjà pris 2"), "{detail}");
        let again = lieux.post(UPLOAD, queue.clone()).await.done();
        assert_eq!(
            verdicts(&again),
            [verdict(1, "recorded_before", ""), over, verdict(3, "recorded_before", "")],
            "a queue that comes twice takes nothing twice"
        );
        let told = lieux.get(&path).await.done();
        assert_eq!(told["taken_today"], json!({ "passes": 3, "value_cents": 3_000 }), "{told}");
        assert_eq!((&told["left_today"]["passes"], &told["last_counter"]), (&json!(0), &json!(3)), "{told}");
        let yesterday = tablet.queue_of(http.world, &moment(http, -24 * 3_600), &[(4, 2, &[6, 7, 8])]);
        assert_eq!(verdicts(&lieux.post(UPLOAD, yesterday).await.done()), [verdict(4, "recorded", "")]);
        limited(http, json!({ "device_day_passes": 5 })).await;
        let told = verdicts(&lieux.post(UPLOAD, queue).await.done());
        assert_eq!(told[1], verdict(2, "over_limit", "offline_passes_exceeded"), "the answer to a line is kept");
        let next = tablet.queue_of(http.world, &moment(http, -30), &[(5, 2, &[3, 4])]);
        assert_eq!(verdicts(&lieux.post(UPLOAD, next).await.done()), [verdict(5, "recorded", "")]);
        http.venue_agent("MOBI").get(&path).await.is_refused(404, "device_unknown");
    });
}

#[test]
fn a_device_takes_so_much_a_day_and_none_where_nobody_may() {
    over_every_engine(stage, async |http| {
        limited(http, json!({ "device_day_cents": 2_000 })).await;
        let (tablet, lieux) = (tablet(http, 7).await, http.venue_agent("LIEUX"));
        let queue = tablet.queue_of(http.world, &moment(http, -60), &[(1, 2, &[1, 2]), (2, 2, &[3])]);
        let answer = lieux.post(UPLOAD, queue).await.done();
        let over = verdict(2, "over_limit", "offline_value_exceeded");
        assert_eq!(verdicts(&answer), [verdict(1, "recorded", ""), over]);
        limited(http, json!({ "device_day_passes": 0, "device_day_cents": 60_000 })).await;
        let queue = tablet.queue_of(http.world, &moment(http, -60), &[(3, 2, &[3])]);
        let answer = lieux.post(UPLOAD, queue).await.done();
        assert_eq!(verdicts(&answer), [verdict(3, "over_limit", "offline_passes_exceeded")]);
        let online = json!({ "venue_id": http.world.venue("Maubeuge"), "codes": [printed_code(2, 3).grouped()],
            "service": "aide_aux_demarches_administratives", "performed_on": "2021-10-04" });
        assert_eq!(lieux.post("/programmes/HDF21/redemptions", online).await.status, 201);
    });
}

#[test]
fn a_booklet_gives_so_many_passes_a_day_whoever_asks_and_a_pass_is_spent_once() {
    over_every_engine(stage, async |http| {
        limited(http, json!({ "booklet_day_passes": 2 })).await;
        let (one, other, lieux) = (tablet(http, 7).await, tablet(http, 8).await, http.venue_agent("LIEUX"));
        let now = moment(http, -60);
        let first = one.queue_of(http.world, &now, &[(1, 2, &[1, 2]), (2, 1, &[4])]);
        let answer = lieux.post(UPLOAD, first).await.done();
        assert_eq!(verdicts(&answer), [verdict(1, "recorded", ""), verdict(2, "recorded", "")], "{answer}");
        let second = other.queue_of(http.world, &now, &[(1, 2, &[3]), (2, 2, &[2]), (3, 1, &[5])]);
        let answer = lieux.post(UPLOAD, second).await.done();
        let expected = [
            verdict(1, "over_limit", "offline_booklet_exceeded"),
            verdict(2, "refused", "already_redeemed"),
            verdict(3, "recorded", ""),
        ];
        assert_eq!(verdicts(&answer), expected, "{answer}");
        assert_eq!(answer["verdicts"][1]["conflict"]["own"], json!(true), "a conflict is told before a limit");
    });
}

#[test]
fn a_line_comes_in_time_and_not_from_the_future() {
    over_every_engine(stage, async |http| {
        limited(http, json!({ "max_offline_hours": 2 })).await;
        let (tablet, lieux) = (tablet(http, 7).await, http.venue_agent("LIEUX"));
        let told = async |seconds: i64, counter: i64, rank: u8| {
            let queue = tablet.queue_of(http.world, &moment(http, seconds), &[(counter, 2, &[rank])]);
            verdicts(&lieux.post(UPLOAD, queue).await.done())
        };
        assert_eq!(told(-2 * 3_600, 1, 1).await, [verdict(1, "recorded", "")]);
        assert_eq!(told(-2 * 3_600 - 1, 2, 2).await, [verdict(2, "over_limit", "offline_too_old")]);
        assert_eq!(told(15 * 60, 3, 3).await, [verdict(3, "recorded", "")], "clocks differ a little");
        assert_eq!(told(15 * 60 + 1, 4, 4).await, [verdict(4, "over_limit", "offline_clock_ahead")]);
    });
}

#[test]
fn what_was_taken_without_a_network_is_held_against_the_receipts() {
    over_every_engine(stage, async |http| {
        let (tablet, lieux) = (tablet(http, 7).await, http.venue_agent("LIEUX"));
        let queue = tablet.queue_of(http.world, &moment(http, -60), &[(1, 2, &[1, 2]), (2, 1, &[4])]);
        lieux.post(UPLOAD, queue).await.done();
        let audited = || audit::rebuild(&http.world.store, &http.world.programme, &mut |_, _| {}).unwrap().total;
        assert_eq!(audited(), 0);
        let mut raw = Raw::on(&http.world.place);
        assert_eq!(
            raw.number("SELECT CAST(SUM(passes * 10000 + value_cents) AS BIGINT) AS answer FROM offline_uses"),
            33_000
        );
        raw.run("UPDATE offline_uses SET passes = passes + 1 WHERE passes = 2").unwrap();
        assert_eq!(audited(), 1);
    });
}

#[test]
fn limits_have_bounds_and_an_administrator_sets_them() {
    over_every_engine(stage, async |http| {
        let admin = http.region_admin();
        let read = admin.get(RULES).await.done();
        let expected = json!({ "device_day_passes": 60, "device_day_cents": 60_000, "booklet_day_passes": 10,
            "max_offline_hours": 72, "version": 0 });
        assert_eq!(read, expected);
        for wrong in [
            json!({ "device_day_passes": 2_001 }),
            json!({ "device_day_cents": -1 }),
            json!({ "booklet_day_passes": 100 }),
            json!({ "max_offline_hours": 0 }),
        ] {
            admin.patch(RULES, 0, wrong).await.is_refused(422, "quantity_out_of_range");
        }
        http.venue_agent("LIEUX")
            .patch(RULES, 0, json!({ "max_offline_hours": 24 }))
            .await
            .is_refused(403, "forbidden");
        let changed = admin.patch(RULES, 0, json!({ "max_offline_hours": 24 })).await.done();
        assert_eq!((&changed["max_offline_hours"], &changed["version"]), (&json!(24), &json!(1)));
        admin.patch(RULES, 0, json!({ "max_offline_hours": 48 })).await.is_refused(412, "version_conflict");
    });
}
