//! Figures of communes and what is said by place: white zones, and what may be published. What never lives here: how far two
//! points are apart (see `domain::position`).

use recepisse::domain::party::Role;
use serde_json::{Value, json};

use super::requests::stage;
use crate::harness::{Http, over_every_engine};

const HEADER: &str = "code_insee,population,population_60_plus";

async fn place(http: &Http<'_>, asked: &str, code: &str) -> Value {
    let report = http.region_admin().get(&format!("/programmes/HDF21/reports/territories{asked}")).await.done();
    let rows = report["rows"].as_array().unwrap().clone();
    rows.into_iter().find(|row| row["code"] == code).unwrap()
}

#[test]
fn an_edition_counts_from_its_day_on_and_a_wrong_line_is_named() {
    over_every_engine(stage, async |http| {
        let region = http.region_admin();
        let file = format!("{HEADER}\n59392,28000,7000\n59249,11000,3300\n");
        let tried = region.post_csv("/commune-figures?edition=2021-01-01&dry_run=true", file.clone()).await.done();
        assert_eq!((&tried["communes"], &tried["residents_60_plus"]), (&json!(2), &json!(10_300)));
        assert_eq!(region.get("/commune-figures").await.done()["items"], json!([]));
        region.post_csv("/commune-figures?edition=2021-01-01", file.clone()).await.done();
        region.post_csv("/commune-figures?edition=2021-01-01", file).await.done();
        region.post_csv("/commune-figures?edition=2100-01-01", format!("{HEADER}\n59392,1,1\n")).await.done();
        let editions = region.get("/commune-figures").await.done();
        assert_eq!(editions["items"][0]["communes"], 2);
        assert_eq!(editions["items"][1]["edition"], "2100-01-01");

        let maubeuge = place(http, "", "59392").await;
        assert_eq!((&maubeuge["population"], &maubeuge["residents_60_plus"]), (&json!(28_000), &json!(7_000)));
        assert!(place(http, "", "59033").await["residents_60_plus"].is_null(), "no edition says");
        let epci = place(http, "?grain=epci", "200043396").await;
        assert_eq!(epci["residents_60_plus"], 7_000);

        let wrong = format!("{HEADER}\n59392,10,11\n59999,1,1\n");
        let refused = region.post_csv("/commune-figures?edition=2021-01-01", wrong).await;
        refused.is_refused(422, "commune_file_refused");
        let lines = &refused.json()["lines"];
        assert_eq!((&lines[0]["line"], &lines[0]["verdict"]), (&json!(2), &json!("figures_malformed")));
        assert_eq!((&lines[1]["line"], &lines[1]["verdict"]), (&json!(3), &json!("commune_unknown")));
        assert_eq!(place(http, "", "59392").await["population"], 28_000, "a refused file changes nothing");
        let repeated = format!("{HEADER}\n59392,10,1\n59392,10,1\n");
        let refused = region.post_csv("/commune-figures?edition=2021-01-01", repeated).await;
        assert_eq!(refused.json()["lines"][0]["verdict"], "commune_repeated");
        let malformed = region.post_csv("/commune-figures?edition=2021-01-01", "code_insee\n59392\n").await;
        malformed.is_refused(400, "commune_file_malformed");
        let prescriber = http.who("MAUB", Role::PrescriberAgent);
        prescriber.post_csv("/commune-figures?edition=2021-01-01", HEADER).await.is_refused(403, "forbidden");
    });
}

#[test]
fn a_white_zone_has_nobody_near_who_takes_passes() {
    over_every_engine(stage, async |http| {
        let maubeuge = place(http, "", "59392").await;
        assert_eq!((&maubeuge["why"], &maubeuge["white_zone"]), (&json!("venue_here"), &json!(0)));
        assert_eq!(maubeuge["nearest_metres"], 0);
        let near = place(http, "", "59033").await;
        assert_eq!((&near["why"], &near["white_zone"]), (&json!("venue_in_epci"), &json!(0)));
        let far = place(http, "", "02691").await;
        assert_eq!((&far["why"], &far["white_zone"]), (&json!("nothing_near"), &json!(1)), "Saint-Quentin");
        let around = place(http, "?grain=epci&within_km=100", "200043396").await;
        assert_eq!((&around["why"], &around["white_zone"]), (&json!("venue_in_epci"), &json!(0)));
        let wrong = http.region_admin().get("/programmes/HDF21/reports/territories?within_km=0").await;
        wrong.is_refused(400, "parameter_malformed");

        // Nobody takes passes any more where the venue is no longer approved.
        let venue = format!("/venues/{}", http.world.venue("Maubeuge"));
        let version = http.region_admin().get(&venue).await.done()["version"].as_i64().unwrap();
        http.region_admin().patch(&venue, version, json!({ "approved": false })).await.done();
        assert_eq!(place(http, "", "59392").await["accepting_venues"], 0);
    });
}

#[test]
fn a_published_table_shows_no_handful_of_people() {
    over_every_engine(stage, async |http| {
        let open = place(http, "", "59392").await;
        assert_eq!((&open["hand_outs"], &open["started_booklets"]), (&json!(2), &json!(1)));
        for grain in ["", "&grain=epci"] {
            let report = http
                .region_admin()
                .get(&format!("/programmes/HDF21/reports/territories?masked=true{grain}"))
                .await
                .done();
            for row in report["rows"].as_array().unwrap() {
                for column in ["hand_outs", "booklets", "started_booklets", "spent_passes"] {
                    let small = row[column].as_i64().is_some_and(|count| (1..5).contains(&count));
                    assert!(!small, "{column}: {row}");
                }
            }
            assert_eq!(report["masked"], "true");
        }
    });
}
