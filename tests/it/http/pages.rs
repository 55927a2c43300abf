//! Pages that anybody opens in a browser: the finder, and charts. What never lives here: which places fit (see `places`).

use serde_json::Value;

use super::requests::stage;
use crate::harness::{Answer, Http, over_every_engine};

async fn page(http: &Http<'_>, path: &str) -> Answer {
    let answer = http.anonymous().get(path).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    assert_eq!(answer.header("Content-Type"), Some("text/html; charset=utf-8"));
    let policy = answer.header("Content-Security-Policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    answer
}

#[test]
fn anybody_finds_where_a_pass_is_spent_in_one_link_from_the_front_door() {
    over_every_engine(stage, async |http| {
        let home = page(http, "/").await.text();
        assert!(home.contains("action=\"/lieux#resultats\"") && home.contains("<h1>Pass numérique</h1>"));
        let answer = page(http, "/lieux?commune=59600&km=10&service=&lieux=tous").await;
        let text = answer.text();
        assert!(text.contains("près de Maubeuge") && text.contains("<h3>"), "{text}");
        assert!(text.contains("Tourmignies"), "59600 is the INSEE code of another commune, which is offered");
        let tag = answer.header("ETag").unwrap().to_owned();
        assert_eq!(answer.header("Cache-Control"), Some("public, max-age=300"));
        let again = http
            .anonymous()
            .request(actix_web::http::Method::GET, "/lieux?commune=59600&km=10&service=&lieux=tous")
            .await;
        let again = http.send(again.insert_header(("If-None-Match", tag))).await;
        assert_eq!(again.status, 304);

        let unknown = page(http, "/lieux?commune=Atlantis%3Cb%3E").await.text();
        assert!(unknown.contains("Aucune commune ne s'appelle") && !unknown.contains("<b>"));
        let none = page(http, "/lieux?commune=Beauvais&km=5").await.text();
        assert!(none.contains("Aucun lieu ne convient"), "{none}");
        for wrong in ["km=11", "service=repassage", "lieux=x", "acces=x", "page=0", "couleur=bleu"] {
            let answer = http.anonymous().get(&format!("/lieux?commune=Maubeuge&{wrong}")).await;
            assert_eq!(answer.status, 400, "{wrong}: {answer:?}");
        }
    });
}

#[test]
fn a_chart_is_a_picture_and_a_page_with_its_figures_in_a_table() {
    over_every_engine(stage, async |http| {
        let region = http.region_admin();
        for name in ["uses-by-month", "starts-by-month", "booklets-by-epci", "funnel"] {
            let picture = region.get(&format!("/programmes/HDF21/charts/{name}.svg")).await;
            assert_eq!((picture.status, picture.header("Content-Type")), (200, Some("image/svg+xml")), "{name}");
            let page = region.get(&format!("/programmes/HDF21/charts/{name}.html")).await.text();
            // All but what of it is seen: the page has the title of its own.
            let picture = picture.text();
            let (_, drawn) = picture.split_once("<title").unwrap();
            assert!(page.contains(drawn.trim_end()) && page.contains("<table"), "{name}: {page}");
        }
        let masked = region.get("/programmes/HDF21/charts/booklets-by-epci.svg?masked=true").await.text();
        assert!(masked.contains("masqué"), "{masked}");
        region.get("/programmes/HDF21/charts/pie.svg").await.is_refused(404, "chart_unknown");
        let venue = http.venue_agent("LIEUX").get("/programmes/HDF21/charts/booklets-by-epci.svg").await;
        venue.is_refused(404, "not_in_scope");
    });
}

#[test]
fn a_map_has_a_point_for_every_row_of_the_table() {
    over_every_engine(stage, async |http| {
        let region = http.region_admin();
        let answer = region.get("/programmes/HDF21/exports/territories.geojson?grain=epci").await;
        assert_eq!(answer.header("Content-Type"), Some("application/geo+json"));
        let map: Value = answer.json();
        let table = region.get("/programmes/HDF21/reports/territories?grain=epci").await.done();
        let (features, rows) = (map["features"].as_array().unwrap(), table["rows"].as_array().unwrap());
        assert_eq!((map["type"].as_str(), features.len()), (Some("FeatureCollection"), rows.len()));
        for (feature, row) in features.iter().zip(rows) {
            assert_eq!(feature["geometry"]["type"], "Point", "{feature}");
            assert_eq!((&feature["properties"]["code"], &feature["properties"]["why"]), (&row["code"], &row["why"]));
        }
        let without = region.get("/programmes/HDF21/exports/use-account.geojson").await;
        without.is_refused(400, "report_without_map");
    });
}
