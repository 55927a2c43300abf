//! Methods, addresses, queries and headers that are wrong: each gets a clear 4xx problem, and nothing is written.

use actix_web::http::Method;
use recepisse::domain::party::Role;
use recepisse::http::ROUTES;
use serde_json::json;

use super::bad_input::{clear, rows, somebody};
use super::requests::{sample, stage};
use crate::harness::over_every_engine;

#[test]
fn a_wrong_method_says_which_are_right_and_a_wrong_address_is_unknown() {
    over_every_engine(stage, async |http| {
        let before = rows(http);
        for row in ROUTES {
            let role = somebody(row).map_or(Role::RegionAdmin, |(_, role)| role);
            let path = sample(http, row, role).await.unwrap().path;
            for method in
                [Method::PUT, Method::DELETE, Method::PATCH, Method::POST, Method::from_bytes(b"BREW").unwrap()]
            {
                let name = method.as_str().to_lowercase();
                if ROUTES.iter().any(|other| other.path == row.path && other.method == name) {
                    continue;
                }
                let answer = http.send(http.region_admin().request(method, &path).await).await;
                clear(&answer, &format!("{name} {path}"));
                assert_eq!(answer.status, 405, "{name} {path}: {answer:?}");
                assert!(answer.header("Allow").unwrap().contains(&row.method.to_uppercase()), "{answer:?}");
            }
        }
        for path in [
            "/nothing",
            "/api",
            "/api/v1",
            "/api/v1/",
            "/api/v2/users",
            "/api/v1/users/",
            "/api/v1//users",
            "/api/v1/programmes/HDF21/nothing",
            "/docs/../etc/passwd",
            "/%00",
            "/api/v1/programmes/%FF/orders",
            "/api/v1/programmes/HDF21/receipts/%00",
            "/api/v1/programmes/HDF21/receipts/%FF%FE",
            "/api/v1/programmes/HDF21/dispatches/abc",
            "/api/v1/programmes/HDF21/dispatches/99999999999999999999",
            "/api/v1/programmes/HDF21/dispatches/-1",
            "/api/v1/programmes/HDF21/orders/%00",
            "/api/v1/users/1",
            "/api/v1/programmes/HDF21/orders/%F0%9F%98%80",
            "/api/v1/organisations/..%2F..",
            "/api/v1/venues/%27%20OR%201=1",
            "/api/v1/programmes/HDF21/booklets/HDF21-000001-00",
            "/api/v1/programmes/HDF21/booklets/x/history",
            "/api/v1/programmes/HDF21/mandates/x",
            "/api/v1/communes/99999",
            "/api/v1/communes/%00",
            "/verify/x",
            "/verify/HDF21-%00.0000000000000000",
            "/verify/HDF21-HDF-2021-000001.%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9",
            "/api/v1/programmes/HDF21/reports/%00",
            "/api/v1/programmes/HDF21/exports/x.csv",
            "/docs/%00",
            "/docs/nothing.js",
        ] {
            let request = http.region_admin().request(Method::GET, "/health").await.uri(path);
            clear(&http.send(request).await, path);
        }
        assert_eq!(rows(http), before);
    });
}

#[test]
fn a_wrong_query_is_refused() {
    over_every_engine(stage, async |http| {
        let lists = [
            "/organisations",
            "/users",
            "/programmes",
            "/venues",
            "/programmes/HDF21/mandates",
            "/programmes/HDF21/receipts",
            "/programmes/HDF21/dispatches",
        ];
        for path in lists {
            for query in [
                "limit=0",
                "limit=-1",
                "limit=201",
                "limit=99999999999999999999",
                "limit=1.5",
                "limit=x",
                "limit=",
                "inconnu=1",
                "limit=1&limit=2",
                "after=%00",
                "after=%FF",
                "after=x'--",
                "limit",
            ] {
                clear(&http.region_admin().get(&format!("{path}?{query}")).await, &format!("{path}?{query}"));
            }
        }
        let p = "/programmes/HDF21";
        for query in [
            "as_of=2026-02-30",
            "as_of=0000-01-01",
            "as_of=hier",
            "from=%00",
            "inconnu=1",
            "bom=peut-etre",
            "delimiter=%7C",
            "holder=%00",
            "holder=nobody",
            "serial=x",
            "grain=century",
            "serial=%00",
            "kind=%00",
        ] {
            for path in ["/reports/use-account", "/exports/use-account.csv", "/exports/use-account.manifest.json"] {
                clear(&http.region_admin().get(&format!("{p}{path}?{query}")).await, &format!("{path}?{query}"));
            }
        }
        for query in ["kind=%00", "kind=%27", "from=x", "as_of=9999-99-99"] {
            clear(&http.region_admin().get(&format!("{p}/receipts?{query}")).await, query);
        }
        for query in ["", "?q=", "?q=%00", "?postal_code=", "?x=1"] {
            let answer = http.region_admin().get(&format!("/communes{query}")).await;
            assert!(
                answer.status < 500 && (answer.status != 200 || query.contains("postal") || query.contains("%00")),
                "{query} {answer:?}"
            );
        }
        let body = json!({ "booklets": 1, "delivered_on": "2021-10-04", "delivery_note": "BL-2" });
        for query in ["dry_run=1", "dry_run=oui", "dry_run=true&x=1", "inconnu=true"] {
            let path = format!("{p}/orders/CMD-2/deliveries?{query}");
            clear(&http.region_admin().post(&path, body.clone()).await, &path);
        }
    });
}

#[test]
fn headers_that_are_missing_or_wrong_are_refused() {
    over_every_engine(stage, async |http| {
        let before = rows(http);
        let path = "/programmes/HDF21/orders";
        let order = super::requests::order_body(http.world, "CMD-9");
        let admin = http.region_admin();
        let bare = admin.request(Method::POST, path).await.set_json(&order);
        http.send(bare).await.is_refused(400, "idempotency_key_missing");
        for key in ["court", "", "avec des espaces dedans", "é".repeat(20).as_str(), "x".repeat(65).as_str()] {
            let answer = admin.post_under(key, path, order.clone()).await;
            clear(&answer, key);
            answer.is_refused(400, "idempotency_key_malformed");
        }
        let user = format!("/users/{}", http.world.user("FOURM", Role::PrescriberAgent));
        let change = json!({ "display_name": "Ana" });
        let bare = admin.request(Method::PATCH, &user).await.set_json(&change);
        http.send(bare).await.is_refused(428, "if_match_missing");
        for version in [0, 99, -1, i64::MAX] {
            admin.patch(&user, version, change.clone()).await.is_refused(412, "version_conflict");
        }
        for accept in ["text/csv", "image/png", "x", ""] {
            let receipt = format!("/programmes/HDF21/receipts/{}", http.world.receipts()[0].number);
            clear(&admin.get_as(accept, &receipt).await, accept);
        }
        assert_eq!(rows(http), before);
    });
}
