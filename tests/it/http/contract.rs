//! The published description and what is served: the same routes, the same codes, problems of the described form,
//! and a page that needs nothing from elsewhere.

use std::collections::BTreeSet;

use actix_web::http::Method;
use recepisse::catalogue;
use recepisse::http::{ROUTES, openapi};
use serde_json::{Value, json};

use super::bad_input::somebody;
use super::requests::{Carries, sample, stage};
use crate::harness::over_every_engine;

/// Pages for people, not operations.
const PAGES: &[&str] = &["/", "/lieux", "/refus", "/docs", "/docs/{file:.*}"];

fn description() -> Value {
    serde_json::from_str(&openapi().to_json().unwrap()).unwrap()
}

fn operations(description: &Value) -> Vec<(String, String, Value)> {
    let paths = description["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &Value)| {
        let methods = item.as_object().unwrap().clone();
        methods.into_iter().map(|(method, operation)| (method, path.clone(), operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let description = description();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let described: BTreeSet<(String, String)> =
        operations(&description).into_iter().map(|(method, path, _)| (method, path)).collect();
    let listed = ROUTES.iter().filter(|row| !PAGES.contains(&row.path));
    let served: BTreeSet<(String, String)> = listed.map(|row| (row.method.to_owned(), row.path.to_owned())).collect();
    assert_eq!(described, served);
}

#[test]
fn every_operation_has_a_name_a_success_and_the_problems() {
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&description()) {
        let what = format!("{method} {path}");
        assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{what}");
        assert!(operation["summary"].is_string() || operation["description"].is_string(), "{what}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{what}");
        assert_eq!(responses["default"]["$ref"], "#/components/responses/Problem", "{what}");
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let places: Vec<_> = parameters.map(|given| (given["name"].to_string(), given["in"].to_string())).collect();
        assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len(), "{what}: a parameter twice");
        let row = ROUTES.iter().find(|row| row.path == path && row.method == method).unwrap();
        let open = operation["security"] == json!([{}]);
        assert_eq!(open, row.action.is_none(), "{what}: open to everybody?");
        for name in path.split('{').skip(1).filter_map(|part| part.split('}').next()) {
            let parameters = operation["parameters"].as_array().unwrap();
            let at_its_place = |given: &&Value| given["name"] == name && given["in"] == "path";
            assert_eq!(parameters.iter().filter(at_its_place).count(), 1, "{what}: {name}");
        }
    }
}

#[test]
fn every_code_is_described_once_for_people_and_once_for_generated_clients() {
    let components = &description()["components"];
    let problem = &components["responses"]["Problem"];
    let schema = &problem["content"]["application/problem+json"]["schema"];
    assert_eq!(schema["$ref"], "#/components/schemas/ProblemBody");
    let text = problem["description"].as_str().unwrap();
    let codes: Vec<&str> = catalogue::all().map(|entry| entry.code).collect();
    assert_eq!(components["schemas"]["ProblemBody"]["properties"]["code"]["enum"], json!(codes));
    for code in codes {
        assert!(text.contains(&format!("`{code}`")), "{code}");
    }
}

/// Every `$ref` leads somewhere.
#[test]
fn nothing_described_refers_to_what_is_not_there() {
    fn walk(value: &Value, root: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(place)) = fields.get("$ref") {
                    assert!(root.pointer(place.trim_start_matches('#')).is_some(), "{place}");
                }
                fields.values().for_each(|value| walk(value, root));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, root)),
            _ => {}
        }
    }
    let description = description();
    walk(&description, &description);
}

/// The example of a body's schema, put together from those of its fields.
fn example(schema: &Value, root: &Value) -> Value {
    if let Some(place) = schema["$ref"].as_str() {
        return example(root.pointer(place.trim_start_matches('#')).unwrap(), root);
    }
    if let Some(given) = schema.get("example").or_else(|| schema.get("examples").and_then(|all| all.get(0))) {
        return given.clone();
    }
    let kinds = ["oneOf", "anyOf", "allOf"];
    if let Some(first) = kinds.iter().find_map(|kind| schema.get(*kind)).and_then(Value::as_array) {
        return first.iter().find(|inner| inner["type"] != "null").map_or(Value::Null, |inner| example(inner, root));
    }
    let is = |name: &str| {
        schema["type"] == name || schema["type"].as_array().is_some_and(|all| all.iter().any(|t| t == name))
    };
    if is("object") {
        let fields = schema["properties"].as_object().cloned().unwrap_or_default();
        return fields
            .into_iter()
            .map(|(name, field)| (name, example(&field, root)))
            .collect::<serde_json::Map<_, _>>()
            .into();
    }
    if is("array") {
        return Value::Array(Vec::new());
    }
    Value::Null
}

/// A reader copies the examples: each must at least be of the form that the route reads, whatever the rules then say.
#[test]
fn the_example_of_every_field_is_read() {
    let description = description();
    over_every_engine(stage, async |http| {
        for row in ROUTES {
            let Some((code, role)) = somebody(row) else { continue };
            let sample = sample(http, row, role).await.unwrap();
            let Carries::Json(body) = &sample.carries else { continue };
            let content = &description["paths"][row.path][row.method]["requestBody"]["content"]["application/json"];
            let schema = &content["schema"];
            let shown = match content.get("example") {
                Some(whole) => whole.clone(),
                None => example(schema, &description),
            };
            let known: BTreeSet<&String> =
                shown.as_object().unwrap_or_else(|| panic!("{row:?}: {shown}")).keys().collect();
            for name in body.as_object().unwrap().keys() {
                assert!(known.contains(name), "{} {}: {name} is not described", row.method, row.path);
            }
            for (name, value) in shown.as_object().unwrap().clone() {
                // An object of which nothing more is said is no example.
                if value.is_null() || value == json!({}) {
                    continue;
                }
                let mut with_example = body.clone();
                with_example[&name] = value.clone();
                let mut sample = sample.clone();
                sample.carries = Carries::Json(with_example);
                let answer = http.send(sample.request(http, Some((code, role))).await).await;
                let what = format!("{} {} {name} = {value}: {answer:?}", row.method, row.path);
                assert!(answer.status < 500, "{what}");
                // Of two fields that exclude each other, the other is named.
                let named =
                    answer.status == 400 && answer.json()["field"].as_str().is_none_or(|at| at.starts_with(&name));
                assert!(!named, "{what}");
            }
        }
    });
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    over_every_engine(
        |_| (),
        async |http| {
            let moved = http.anonymous().get("/docs").await;
            assert_eq!((moved.status, moved.header("Location")), (308, Some("/docs/")));
            let page = http.anonymous().get("/docs/").await;
            assert_eq!(page.status, 200);
            assert!(page.header("Content-Security-Policy").unwrap().contains("default-src 'self'"));
            let text = page.text();
            for outside in ["src=\"http", "href=\"http", "src=\"//", "href=\"//"] {
                assert!(!text.contains(outside), "{outside}");
            }
            let linked = text.split(['"', '\'']).filter(|part| [".js", ".css"].iter().any(|end| part.ends_with(end)));
            let mut files = 0;
            for file in linked {
                let answer = http.anonymous().get(&format!("/docs/{}", file.trim_start_matches("./"))).await;
                assert_eq!(answer.status, 200, "{file}");
                files += 1;
            }
            assert!(files > 0);
            let served = http.anonymous().get("/api/v1/openapi.json").await.done();
            assert_eq!(served, description());
        },
    );
}

#[test]
fn every_answer_is_guarded_and_named() {
    over_every_engine(stage, async |http| {
        let receipt = format!("/programmes/HDF21/receipts/{}", http.world.receipts()[0].number);
        for (accept, path) in [("*/*", "/auth/me"), ("text/html", &receipt), ("*/*", "/nothing"), ("*/*", "/docs/")] {
            let answer = http.region_admin().get_as(accept, path).await;
            for (name, value) in [
                ("X-Content-Type-Options", "nosniff"),
                ("X-Frame-Options", "DENY"),
                ("Referrer-Policy", "no-referrer"),
                ("Cache-Control", "no-store"),
            ] {
                assert_eq!(answer.header(name), Some(value), "{path}");
            }
            assert!(answer.header("Content-Security-Policy").is_some() && answer.header("X-Request-Id").is_some());
        }
        let first = http.send(http.anonymous().request(Method::GET, "/health").await).await;
        let second = http.send(http.anonymous().request(Method::GET, "/health").await).await;
        assert_ne!(first.header("X-Request-Id"), second.header("X-Request-Id"));
    });
}

#[test]
fn what_a_problem_points_at_explains_it() {
    over_every_engine(
        |_| (),
        async |http| {
            let nobody = http.anonymous();
            let (page, told) = (nobody.get("/refus").await, nobody.get("/auth/me").await.json());
            assert_eq!((page.status, page.header("Content-Type")), (200, Some("text/html; charset=utf-8")));
            assert_eq!(
                (&told["type"], &told["title"]),
                (&json!("/refus#token_missing"), &json!("Connexion nécessaire"))
            );
            let text = page.text();
            for code in catalogue::all().map(|entry| entry.code) {
                assert_eq!(text.matches(&format!("id=\"{code}\"")).count(), 1, "{code}");
            }
            // A sentence names facts between braces: none is known here.
            let body = text.split_once("<body>").unwrap().1;
            assert!(!body.contains(['{', '}']) && body.contains("Le pass … "));
            let english = nobody.request(Method::GET, "/auth/me").await.insert_header(("Accept-Language", "en"));
            assert_eq!(http.send(english).await.json()["title"], "Unauthorized");
        },
    );
}
