//! The registry of places as everybody finds it: searched, cached, followed by its changes, and shown with its age.

use recepisse::domain::party::Role;
use serde_json::{Value, json};

use super::{CLOSING, OPEN, found, nothing, propose, sheet, stage};
use crate::harness::over_every_engine;

#[test]
fn the_finder_is_for_everybody_cached_paged_and_refuses_what_it_cannot_answer() {
    over_every_engine(stage, async |http| {
        let anybody = http.anonymous();
        let first = anybody.get("/public/places?commune=Maubeuge&around=epci").await;
        assert_eq!(first.header("Cache-Control"), Some("public, max-age=300"));
        assert_eq!(first.header("Access-Control-Allow-Origin"), Some("*"));
        let etag = first.header("ETag").unwrap().to_owned();
        let again = async |etag: &str| {
            let request = anybody.request(actix_web::http::Method::GET, "/public/places?commune=Maubeuge&around=epci");
            http.send(request.await.insert_header(("If-None-Match", etag))).await
        };
        let same = again(&etag).await;
        assert_eq!((same.status, same.bytes.len(), same.header("ETag")), (304, 0, Some(etag.as_str())));
        assert_eq!(again(&format!("W/{etag}, \"x\"")).await.status, 304);
        let lieux = http.venue_agent("LIEUX");
        lieux.post(&format!("/places/{OPEN}/revisions"), json!({ "sheet": sheet("Neuf"), "base": 1 })).await.done();
        assert_eq!(again(&etag).await.status, 200, "something changed");

        let page = anybody.get("/public/places?limit=1").await.done();
        assert_eq!((&page["total"], page["items"].as_array().unwrap().len()), (&json!(2), 1));
        let rest =
            anybody.get(&format!("/public/places?limit=1&after={}", page["next"].as_str().unwrap())).await.done();
        assert_ne!(rest["items"][0]["id"], page["items"][0]["id"]);
        assert_eq!(rest.get("next"), None);
        for (query, code) in [
            ("near=50", "degrees_malformed"),
            ("commune=Atlantis", "commune_unknown"),
            ("commune=59392&around=planet", "query_malformed"),
            ("around=epci", "query_malformed"),
            ("within_km=10", "query_malformed"),
            ("within_km=301&near=50,4", "query_malformed"),
            ("after=nowhere", "query_malformed"),
            ("limit=0", "query_malformed"),
            ("service=repassage", "service_unknown"),
            ("unknown=1", "query_malformed"),
        ] {
            anybody.get(&format!("/public/places?{query}")).await.is_refused(400, code);
        }
        let wrong = anybody.get("/public/places?session_from=2021-12-01&session_until=2021-11-01").await;
        wrong.is_refused(422, "dates_out_of_order");
        assert_eq!(found(http, "?special_care=Surdit%C3%A9&service=aide_aux_demarches_administratives").await.len(), 2);
        assert_eq!(found(http, "?described_access=true").await, [""; 0]);
        assert_eq!(found(http, "?near=50.63,3.05&within_km=10").await, [""; 0]);
    });
}

/// The registry followed from outside by its changes alone is the registry.
#[test]
fn a_copy_that_follows_the_changes_is_the_list() {
    over_every_engine(stage, async |http| {
        let region = http.region_admin();
        let mut copy = std::collections::BTreeMap::new();
        let mut since = 0;
        let mut follow = async || {
            loop {
                let page = http.anonymous().get(&format!("/public/place-changes?since={since}&limit=2")).await.done();
                for item in page["items"].as_array().unwrap() {
                    let id = item["place_id"].as_str().unwrap().to_owned();
                    match item.get("place") {
                        Some(place) => drop(copy.insert(id, place.clone())),
                        None => drop(copy.remove(&id)),
                    }
                }
                since = page["next"].as_i64().unwrap();
                if page["more"] == false {
                    let listed = http.anonymous().get("/public/places?limit=200").await.done();
                    let listed: std::collections::BTreeMap<String, Value> = listed["items"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|item| (item["id"].as_str().unwrap().to_owned(), item.clone()))
                        .collect();
                    assert_eq!(copy, listed);
                    return since;
                }
            }
        };
        assert_eq!(follow().await, 2);
        region.post(&format!("/places/{OPEN}/revisions/2/acceptance"), json!({})).await.done();
        propose(http, "HDF", Role::RegionAdmin, sheet("Encore un")).await;
        region.post(&format!("/places/{CLOSING}/withdrawal"), json!({ "reason": "Fermé" })).await.done();
        assert_eq!(follow().await, 5);
        assert_eq!(follow().await, 5, "nothing comes twice");
    });
}

#[test]
fn ageing_descriptions_are_listed_and_shown_as_such() {
    over_every_engine(nothing, async |http| {
        let region = http.region_admin();
        let mut old = sheet("Vieille fiche");
        old["date_maj"] = json!("2020-10-01");
        propose(http, "HDF", Role::RegionAdmin, old).await;
        propose(http, "HDF", Role::RegionAdmin, sheet("Fiche fraîche")).await;
        let ageing = region.get("/places?updated_before=2021-01-01").await.done();
        assert_eq!(ageing["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&ageing["items"][0]["sheet"]["nom"], &ageing["items"][0]["outdated"]),
            (&json!("Vieille fiche"), &json!(true))
        );
        http.prescriber("MAUB").get("/places?state=proposed").await.is_refused(403, "forbidden");
        assert_eq!(region.get("/places?state=withdrawn").await.done()["items"], json!([]));
    });
}
