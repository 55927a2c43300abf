//! What a programme publishes of its figures, and what it reports to the State. What never lives here: how a count is masked
//! (see `reports::masking`).

use serde_json::{Value, json};

use super::requests::stage;
use crate::harness::over_every_engine;

const P: &str = "/programmes/HDF21";
const OPEN: &str = "/public/programmes/HDF21/open-data";

#[test]
fn anybody_reads_what_a_programme_publishes_and_nothing_once_it_does_not() {
    over_every_engine(stage, async |http| {
        let (region, anybody) = (http.region_admin(), http.anonymous());
        let described = anybody.get(OPEN).await.done();
        assert_eq!(described["licence"], "Licence Ouverte / Open Licence 2.0 (Etalab)");
        assert_eq!((&described["smallest_count"], &described["from"]), (&json!(5), &json!("2021-09-01")));
        http.world.clock.advance_days(1);
        for dataset in described["datasets"].as_array().unwrap() {
            for file in dataset["files"].as_array().unwrap() {
                let answer = anybody.get(file.as_str().unwrap()).await;
                assert_eq!(
                    (answer.status, answer.header("Cache-Control")),
                    (200, Some("public, max-age=300")),
                    "{file}"
                );
                assert!(answer.header("ETag").is_some() && !answer.bytes.is_empty());
                let text = answer.text();
                if file.as_str().unwrap().contains(".csv") {
                    let first: Vec<&str> = text.lines().next().unwrap().split(',').collect();
                    let columns = dataset["columns"].as_array().unwrap().iter();
                    assert_eq!(first, columns.map(|column| column["name"].as_str().unwrap()).collect::<Vec<_>>());
                    assert!(!text.contains("#total"), "a file for machines has rows only");
                }
            }
        }
        let publics: Value = anybody.get(&format!("{OPEN}/publics.json")).await.done();
        assert_eq!(
            (&publics["masked"], &publics["rows"][0]["hand_outs"]),
            (&json!("true"), &Value::Null),
            "two people"
        );
        for wrong in ["publics.geojson", "publics.pdf", "publics", "people.csv"] {
            anybody.get(&format!("{OPEN}/{wrong}")).await.is_refused(404, "dataset_unknown");
        }

        let rules = region.get(&format!("{P}/publication-rules")).await.done();
        let version = rules["version"].as_i64().unwrap();
        region
            .patch(&format!("{P}/publication-rules"), version, json!({ "within_km": 0 }))
            .await
            .is_refused(422, "quantity_out_of_range");
        let closed =
            region.patch(&format!("{P}/publication-rules"), version, json!({ "open_data": false })).await.done();
        assert_eq!(closed["open_data"], false);
        anybody.get(OPEN).await.is_refused(404, "open_data_unpublished");
        anybody.get(&format!("{OPEN}/publics.csv")).await.is_refused(404, "open_data_unpublished");
        anybody.get("/public/programmes/OTHER/open-data").await.is_refused(404, "open_data_unpublished");
    });
}

#[test]
fn the_execution_report_of_a_year_is_data_a_page_and_a_file_to_be_signed() {
    over_every_engine(stage, async |http| {
        let region = http.region_admin();
        let data = region.get(&format!("{P}/execution-report?year=2021")).await.done();
        let section = |name: &str| {
            let sections = data["sections"].as_array().unwrap();
            sections.iter().find(|section| section["report"] == name).unwrap()["rows"].as_array().unwrap().clone()
        };
        let account = section("programme-account");
        let used = account.iter().find(|row| row["nature"] == "redeemed").unwrap();
        assert_eq!((&used["period_passes"], &used["total_passes"]), (&json!(3), &json!(3)));
        assert!(section("indicators").iter().all(|row| !row["definition"].as_str().unwrap().is_empty()));
        assert!(section("funders").iter().all(|row| row["committed_cents"].is_i64()));
        for (accept, start) in [("text/html", "<!doctype html>"), ("application/pdf", "%PDF-1.7")] {
            let request =
                region.request(actix_web::http::Method::GET, &format!("{P}/execution-report?year=2021")).await;
            let answer = http.send(request.insert_header(("Accept", accept))).await;
            let text = String::from_utf8_lossy(&answer.bytes);
            assert!(answer.status == 200 && text.starts_with(start), "{accept}");
            // A page for people: what is counted has its unit, and a quotient its parts.
            assert!(
                accept != "text/html" || text.contains("20 intercommunalités sur 22") && text.contains(">0 jour<"),
                "{text}"
            );
        }
        region.get(&format!("{P}/execution-report?year=2200")).await.is_refused(422, "date_in_future");
        region.get(&format!("{P}/execution-report?year=9999")).await.is_refused(400, "date_malformed");
        region.get(&format!("{P}/execution-report")).await.is_refused(400, "query_malformed");
    });
}
