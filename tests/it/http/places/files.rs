//! The registry of places as files of the national standard: taken in whole or in part, and given out.

use std::time::Instant;

use actix_web::rt::System;
use recepisse::domain::territory;
use serde_json::{Value, json};

use super::{file, found, nothing};
use crate::harness::{Http, World, engines, over_every_engine};

const EXAMPLE: &str = include_str!("../../../vectors/places-v1.0.2.csv");
const OLD_EXAMPLE: &str = include_str!("../../../vectors/places-v0.1.csv");

/// Lines of a CSV file in an order that does not depend on identifiers; a quoted cell may hold a line break.
fn sorted(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    let mut rows: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    rows.sort();
    rows
}

#[test]
fn a_national_file_goes_in_twice_and_comes_out_the_same() {
    over_every_engine(nothing, async |http| {
        http.world.clock.advance_days(2_000);
        let (region, anybody) = (http.region_admin(), http.anonymous());
        let tried = region.post_csv("/place-imports?dry_run=true", EXAMPLE).await.done();
        assert_eq!((&tried["added"], &tried["rows"], &tried["dry_run"]), (&json!(3), &json!(3), &json!(true)));
        assert_eq!(found(http, "").await, [""; 0], "a trial writes nothing");
        let taken = region.post_csv("/place-imports", EXAMPLE).await.done();
        assert_eq!((&taken["added"], &taken["remarks"]), (&json!(3), &json!([])));
        let again = region.post_csv("/place-imports", EXAMPLE).await.done();
        assert_eq!((&again["added"], &again["changed"], &again["unchanged"]), (&json!(0), &json!(0), &json!(3)));
        let out = anybody.get("/public/places.csv").await;
        assert_eq!(out.header("Content-Type"), Some("text/csv; charset=utf-8"));
        assert!(out.header("ETag").is_some());
        assert_eq!(out.text().len(), EXAMPLE.len());
        assert_eq!(sorted(&out.text()), sorted(EXAMPLE), "every byte of every row, in the registry's own order");
        let changed = region.post_csv("/place-imports", EXAMPLE.replace("2026-01-15", "2026-06-30")).await.done();
        assert_eq!((&changed["changed"], &changed["unchanged"]), (&json!(1), &json!(2)));
        let as_json = anybody.get("/public/places.json").await;
        let request = region.request(actix_web::http::Method::POST, "/place-imports").await;
        let request = request.insert_header(("Content-Type", "application/json")).set_payload(as_json.bytes.clone());
        assert_eq!(http.send(request).await.done()["unchanged"], 3, "and by way of JSON");
        let old = anybody.get("/public/places.csv?version=0.1").await.text();
        assert!(old.starts_with("\"id\"") && !old.contains("Accepte le Pass numérique"), "{old}");
        anybody.get("/public/places.csv?version=3").await.is_refused(400, "query_malformed");
        anybody.get("/public/places.json?version=0.1").await.is_refused(400, "query_malformed");
    });
}

#[test]
fn an_old_file_declares_passes_and_only_the_venue_makes_it_so() {
    over_every_engine(nothing, async |http| {
        let (region, anybody) = (http.region_admin(), http.anonymous());
        let taken = region.post_csv("/place-imports", OLD_EXAMPLE).await.done();
        assert_eq!((&taken["version"], &taken["added"]), (&json!("0.1"), &json!(2)));
        assert!(taken["remarks"].as_array().unwrap().iter().any(|remark| remark["code"] == "pass_declared"));
        let page = anybody.get("/public/places?q=anonymal").await.done();
        let place = &page["items"][0];
        assert_eq!(
            (&place["sheet"]["pass_numerique_declare"], &place["accepts_passes"]),
            (&json!(true), &json!(false))
        );
        let link = format!("/places/{}/venue", place["id"].as_str().unwrap());
        region.post(&link, json!({ "venue_id": http.world.venue("Maubeuge") })).await.done();
        let old = anybody.get("/public/places.csv?version=0.1&accepts_passes=true").await.text();
        assert_eq!(old.matches("Accepte le Pass numérique : ").count(), 1, "{old}");
        let extended = anybody.get("/public/places.csv?extended=true").await.text();
        assert!(extended.contains("\"HDF21\""), "{extended}");
    });
}

#[test]
fn a_file_with_wrong_lines_is_refused_whole_or_taken_in_part_and_doubles_are_shown() {
    over_every_engine(nothing, async |http| {
        let region = http.region_admin();
        let wrong = format!("{}B2,12,Lieu,Jeumont,59460,1 rue,2021-09-01,Repassage\n", file("A1"));
        let refused = region.post_csv("/place-imports", wrong.clone()).await;
        refused.is_refused(422, "place_file_refused");
        assert_eq!(refused.json()["lines"][0]["line"], 3);
        assert_eq!(found(http, "").await, [""; 0]);
        let tried = region.post_csv("/place-imports?dry_run=true", wrong.clone()).await.done();
        assert_eq!((&tried["refused"], &tried["refused_lines"]), (&json!(true), &json!(1)));
        let partial = region.post_csv("/place-imports?partial=true", wrong).await.done();
        assert_eq!((&partial["added"], &partial["refused_lines"]), (&json!(1), &json!(1)));

        let double = file("A1").replace("\nA1,", "\nA9,").replace("Lieu A1", "Lieu A1 ");
        let seen = region.post_csv("/place-imports", double.clone()).await;
        seen.is_refused(422, "place_file_refused");
        assert_eq!(seen.json()["lines"][0]["verdict"], "possible_duplicate");
        region.post_csv("/place-imports?create_look_alikes=true", double).await.done();
        let pairs = region.get("/place-duplicates").await.done();
        assert_eq!((pairs["items"].as_array().unwrap().len(), &pairs["items"][0]["score"]), (1, &json!(100)));
        let like: Value = serde_json::from_str(
            r#"{"pivot":"43493312300029","nom":"Lieu A1","commune":"Jeumont","code_postal":"59460",
            "adresse":"1, rue de l'hôtel de ville","date_maj":"2021-09-01","services":["Aide aux démarches administratives"]}"#,
        )
        .unwrap();
        let proposed = http.prescriber("MAUB").post("/places", json!({ "sheet": like })).await.done();
        assert_eq!(proposed["look_alikes"].as_array().unwrap().len(), 2, "whoever proposes a double is told");

        for (bytes, detail) in [("\u{0}", "aucune"), ("a,b\n1,2,3\n", "ligne 2"), ("x,y\n1,2\n", "aucune")] {
            let answer = region.post_csv("/place-imports", bytes).await;
            if answer.status != 200 {
                answer.is_refused(400, "place_file_malformed");
                assert!(answer.text_at("detail").contains(detail), "{answer:?}");
            }
        }
        http.prescriber("MAUB").post_csv("/place-imports", file("Z")).await.is_refused(403, "forbidden");
    });
}

/// 1,400 places spread over the 3,782 communes of the region: what the real registry holds.
fn regional_file() -> String {
    let communes: Vec<_> = territory::communes().filter(|commune| commune.region == "32").collect();
    assert_eq!(communes.len(), 3_782);
    let row = |number: usize| {
        let commune = communes[number * 2_641 % communes.len()];
        let position = territory::whereabouts(&commune).unwrap().position;
        let postal = commune.postal_codes().next().unwrap();
        format!(
            "L{number},43493312300029,\"Lieu numéro {number}\",\"{}\",{postal},{},{number} rue du Port,2021-09-01,\
             Aide aux démarches administratives|Maîtrise des outils numériques du quotidien,{},{}\n",
            commune.name, commune.code, position.latitude, position.longitude
        )
    };
    let header = "id,pivot,nom,commune,code_postal,code_insee,adresse,date_maj,services,latitude,longitude\n";
    std::iter::once(header.to_owned()).chain((0..1_400).map(row)).collect()
}

#[test]
fn the_registry_of_a_region_is_taken_and_searched() {
    let file = regional_file();
    for engine in engines() {
        let world = World::new(*engine);
        System::new().block_on(async {
            let http = Http::over(&world).await;
            let begun = Instant::now();
            let taken = http.region_admin().post_csv("/place-imports", file.clone()).await.done();
            assert_eq!((&taken["added"], &taken["refused_lines"]), (&json!(1_400), &json!(0)), "{taken}");
            let imported = begun.elapsed();
            let anybody = http.anonymous();
            anybody.get("/public/places?limit=1").await.done();
            let begun = Instant::now();
            let mut total = 0;
            for commune in ["59392", "02381", "80021", "62041", "60057"] {
                for around in ["around=epci", "within_km=30", "around=department"] {
                    let page = anybody.get(&format!("/public/places?commune={commune}&{around}")).await.done();
                    total += page["total"].as_u64().unwrap();
                }
            }
            println!("{engine}: 1,400 places imported in {imported:?}, 15 searches in {:?}", begun.elapsed());
            assert!(total > 1_400, "{total}");
            let page = anybody.get("/public/places?near=50.27875,3.97267&limit=200").await.done();
            let metres = page["items"].as_array().unwrap().iter().map(|item| item["distance_metres"].as_i64().unwrap());
            assert!(metres.is_sorted());
        });
    }
}
