//! Closings as HTTP asks for them and lists them.

use serde_json::json;

use super::requests::stage;
use crate::harness::over_every_engine;

const DAY_SECONDS: i64 = 24 * 60 * 60;

#[test]
fn a_day_is_closed_over_http_once_and_is_listed() {
    over_every_engine(stage, async |http| {
        let (path, finance) =
            ("/programmes/HDF21/closings", http.who("HDF", recepisse::domain::party::Role::RegionFinance));
        let of_the_day = || json!({ "period": "day", "of": "2021-10-04" });
        finance.post(path, of_the_day()).await.is_refused(409, "closing_too_early");
        http.world.clock.advance_seconds(2 * DAY_SECONDS);
        let tried = finance.post(&format!("{path}?dry_run=true"), of_the_day()).await.done();
        assert_eq!((&tried["kind"], &tried["mentions"]["last_day"]), (&json!("closing"), &json!("2021-10-04")));
        let closed = finance.post_under("one-key-for-the-day", path, of_the_day()).await;
        let again = finance.post_under("one-key-for-the-day", path, of_the_day()).await;
        assert_eq!((closed.receipt(), again.header("Idempotent-Replay")), (again.receipt(), Some("true")));
        finance.post(path, of_the_day()).await.is_refused(409, "closing_already_made");
        finance.post(path, json!({ "period": "day", "of": "2021-10-05" })).await.receipt();
        let listed = finance.get(&format!("{path}?limit=1")).await.done();
        let number = &closed.receipt()["number"];
        assert_eq!((&listed["items"][0]["number"], &listed["items"][0]["last_day"]), (number, &json!("2021-10-04")));
        let next = finance.get(&format!("{path}?limit=1&after={}", listed["next"].as_str().unwrap())).await.done();
        assert_eq!(next["items"][0]["last_day"], json!("2021-10-05"));
        assert_eq!(finance.get(&format!("{path}?period=month")).await.done()["items"], json!([]));
        let paper =
            finance.get_as("text/html", &format!("/programmes/HDF21/receipts/{}", number.as_str().unwrap())).await;
        assert!(paper.text().contains("Procès-verbal de clôture"), "{paper:?}");
    });
}
