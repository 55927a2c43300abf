//! A booklet that took the place of another goes on as that one, in every figure. What never lives here: the act.

use super::*;

/// Booklet 1 is used, then replaced by 2, which is used; 2 is replaced by 5, which is used; 3 is never used.
fn replaced_twice() -> Story {
    let story = Story::empty();
    story.supply();
    story.dispatch();
    story.dispatch_one_more(2, 5);
    story.hand_out(1);
    story.hand_out(3);
    story.clock.advance_days(40);
    story.replace(1, 1, 2);
    story.clock.advance_days(2);
    story.redeem(2, &[1]);
    story.replace(1, 2, 5);
    story.redeem(5, &[1, 2]);
    story
}

fn row(story: &Story, name: &str, request: &Request) -> serde_json::Value {
    let rows = json(story, name, request)["rows"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 1, "{name}: {rows:?}");
    rows[0].clone()
}

#[test]
fn its_uses_count_for_the_hand_out_and_it_is_not_handed_out_once_more() {
    let story = replaced_twice();
    let found = json(&story, "indicators", &request(LAST));
    let of = |name: &str| {
        let row = found["rows"].as_array().unwrap().iter().find(|row| row["indicator"] == name).unwrap().clone();
        (row["numerator"].as_i64().unwrap(), row["denominator"].as_i64().unwrap())
    };
    assert_eq!((of("distribution"), of("use"), of("start")), ((2, 6), (3, 10), (1, 2)));
    assert_eq!((of("days_to_first_use"), of("passes_per_person")), ((42, 1), (3, 2)), "from the hand-out");
    let cohort = row(&story, "cohorts", &request(LAST));
    let told =
        ["handed_out_booklets", "handed_out_passes", "spent_passes", "started_booklets", "started_60", "median_days"]
            .map(|name| cohort[name].as_i64().unwrap());
    assert_eq!(told, [2, 10, 3, 1, 1, 42], "{cohort}");
    assert_eq!((&cohort["hand_outs"], &cohort["spent_passes_per_hundred_people"]), (&2.into(), &150.into()));
    let stock = row(&story, "stock", &request(LAST));
    assert_eq!((&stock["started_booklets"], &stock["redeemed_passes"]), (&1.into(), &3.into()), "{stock}");
    let places = json(&story, "territories", &request(LAST));
    let place = places["rows"].as_array().unwrap().iter().find(|row| row["code"] == "59392").unwrap().clone();
    assert_eq!((&place["started_booklets"], &place["booklets"]), (&1.into(), &2.into()));
}

#[test]
fn a_booklet_is_finished_when_what_took_its_place_is_and_what_was_replaced_expires_for_nobody() {
    let story = replaced_twice();
    story.redeem(5, &[3, 4]);
    assert_eq!(row(&story, "cohorts", &request(LAST))["finished_booklets"], 1);
    story.clock.advance_days(365);
    story.expire();
    let cohort = row(&story, "cohorts", &request("2027-05-20"));
    assert_eq!((&cohort["finished_booklets"], &cohort["expired_booklets"]), (&1.into(), &1.into()), "{cohort}");
}
