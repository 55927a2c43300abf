//! One request per route that a caller with the right role is granted, over the stage of `stage`. What never lives here: an
//! expectation.

mod incidents;
mod money;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use recepisse::clock::Entropy as _;
use recepisse::domain::movement::Kind;
use recepisse::domain::party::Role;
use recepisse::http::RouteRow;
use serde_json::{Value, json};

use self::incidents::incident;
use super::devices::{enrolment_of_the_waiting, known_queue, revocation_of_the_known};
use super::stage::{AGREED, issuer_file, person, version};
pub(crate) use super::stage::{EVERYBODY, beneficiary, mandate_of, proofs, stage, supply_fourmies};
use crate::harness::{Http, World, printed_code};

/// What a request carries.
#[derive(Debug, Clone)]
pub(crate) enum Carries {
    Nothing,
    Json(Value),
    Csv(String),
}

/// A request that may be granted.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) carries: Carries,
    /// For a change: the version read.
    pub(crate) version: Option<i64>,
}

/// The sample of a route for a caller of this role (an act may name other things for another sender); none when the
/// table below has been forgotten.
pub(crate) async fn sample(http: &Http<'_>, row: &RouteRow, role: Role) -> Option<Sample> {
    let (path, carries) = match row.method {
        "get" => (reading(http.world, row.path, role)?, Carries::Nothing),
        "patch" => {
            let (path, body) = changing(http.world, row.path, role)?;
            (path, Carries::Json(body))
        }
        _ => setting_up(http.world, row.path, role).or_else(|| acting(http.world, row.path, role))?,
    };
    let method = Method::from_bytes(row.method.to_uppercase().as_bytes()).unwrap();
    let version = match row.method {
        "patch" if path.contains("/webhooks/") => Some(super::feeds::version(http.world, role)),
        "patch" => Some(version(http, &path).await),
        _ => None,
    };
    Some(Sample { method, path, carries, version })
}

/// Eight hexadecimal digits that make a created thing new each time.
fn mark(world: &World) -> String {
    let name = world.entropy.uuid(world.now());
    name.simple().to_string().to_uppercase()[24..].to_owned()
}

fn reading(world: &World, route: &str, role: Role) -> Option<String> {
    let programme = "/api/v1/programmes/HDF21";
    let path = match route {
        "/health"
        | "/"
        | "/lieux"
        | "/refus"
        | "/ready"
        | "/metrics"
        | "/docs"
        | "/api/v1/openapi.json"
        | "/api/v1/auth/me"
        | "/api/v1/organisations"
        | "/api/v1/users"
        | "/api/v1/programmes"
        | "/api/v1/venues"
        | "/api/v1/commune-figures" => route.to_owned(),
        "/docs/{file:.*}" => "/docs/".to_owned(),
        "/verify/{token}" => {
            let receipt = &world.receipts()[0];
            format!("/verify/{}.{}", receipt.number, &receipt.hash[..16])
        }
        "/api/v1/organisations/{id}" => format!("/api/v1/organisations/{}", world.organisation("MAUB")),
        "/api/v1/users/{id}" => format!("/api/v1/users/{}", world.user("FOURM", Role::PrescriberAgent)),
        "/api/v1/users/{id}/accesses" => format!("/api/v1/users/{}/accesses", world.user("CRC", Role::Auditor)),
        "/api/v1/venues/{id}" => format!("/api/v1/venues/{}", world.venue("Maubeuge")),
        "/api/v1/venues/{id}/devices" => format!("/api/v1/venues/{}/devices", world.venue("Maubeuge")),
        "/api/v1/communes" => format!("{route}?q=maub"),
        route if route.starts_with("/api/v1/webhooks") => route.replace("{id}", super::feeds::id_for(role)),
        route if route.starts_with("/api/v1/public/place") || route.starts_with("/api/v1/place") => {
            route.replace("{id}", super::places::OPEN)
        }
        route if route.starts_with("/api/v1/public/programmes/") => {
            route.replace("{programme}", "HDF21").replace("{file}", "publics.csv")
        }
        "/api/v1/communes/{code}" => "/api/v1/communes/59392".to_owned(),
        _ => {
            let rest = route.strip_prefix("/api/v1/programmes/{programme}")?;
            let rest = match rest {
                "/mandates/{id}" => format!("/mandates/{}", mandate_of(world, "MAUB").id),
                "/receipts/{number}" | "/receipts/{number}/copies" => {
                    let kind =
                        |kind: Kind| world.receipts().iter().find(|receipt| receipt.kind == kind.to_string()).cloned();
                    // The one receipt that both a prescriber and a provider may be party to does not exist: each
                    // sees its own.
                    rest.replace("{number}", &kind(Kind::HandOut)?.number)
                }
                "/receipts/{number}/proof" => {
                    return Some(reading(world, &route.replace("/proof", ""), role)? + "/proof");
                }
                "/attestation" => return Some(format!("{programme}/attestation?from=2021-10-01&provider=LIEUX")),
                "/execution-report" => return Some(format!("{programme}/execution-report?year=2021")),
                "/offline-conditions" => super::devices::conditions_of_the_known(),
                "/tree/inclusion" => return Some(format!("{programme}/tree/inclusion?position=1")),
                _ => named(world, rest),
            };
            format!("{programme}{rest}")
        }
    };
    Some(path)
}

/// A route with something of the stage in each place.
fn named(world: &World, rest: &str) -> String {
    rest.replace("{order}", "CMD-1")
        .replace("/mailings/{number}", "/mailings/3")
        .replace("/possible-duplicates/{number}", "/possible-duplicates/1")
        .replace("{number}", "2")
        .replace("{serial}", &world.serial(1))
        .replace("{claim}", "1")
        .replace("{hand_out}", AGREED)
        .replace("{statement}", "1")
        .replace("{issuer}", "APTIC")
        .replace("{payment}", "1")
        .replace("{application}", "2")
        .replace("/reports/{name}", "/reports/use-account")
        .replace("/exports/{name}.geojson", "/exports/territories.geojson")
        .replace("/exports/{name}", "/exports/use-account")
        .replace("/charts/{name}", "/charts/starts-by-month")
}

fn changing(world: &World, route: &str, role: Role) -> Option<(String, Value)> {
    let answer = match route {
        "/api/v1/organisations/{id}" => (reading(world, route, role)?, json!({ "phone": "03 27 00 00 00" })),
        "/api/v1/users/{id}" => (reading(world, route, role)?, json!({ "display_name": "Ana Duval" })),
        "/api/v1/venues/{id}" => (reading(world, route, role)?, json!({ "mobile": false })),
        "/api/v1/webhooks/{id}" => (reading(world, route, role)?, json!({ "active": true })),
        "/api/v1/programmes/{programme}" => (reading(world, route, role)?, json!({ "label": "Pass numérique" })),
        "/api/v1/programmes/{programme}/mandates/{id}" => {
            (reading(world, route, role)?, json!({ "ceiling_booklets": 300 }))
        }
        "/api/v1/programmes/{programme}/claim-rules" => (reading(world, route, role)?, json!({ "due_days": 45 })),
        "/api/v1/programmes/{programme}/end-rules" => (reading(world, route, role)?, json!({ "alert_days": 45 })),
        "/api/v1/programmes/{programme}/distribution-rules" => {
            (reading(world, route, role)?, json!({ "completion_days": 45 }))
        }
        "/api/v1/programmes/{programme}/retention-rules" => (reading(world, route, role)?, json!({ "months": 36 })),
        "/api/v1/programmes/{programme}/offline-rules" => {
            (reading(world, route, role)?, json!({ "max_offline_hours": 24 }))
        }
        "/api/v1/programmes/{programme}/follow-up-rules" => (reading(world, route, role)?, json!({ "reminders": 1 })),
        "/api/v1/programmes/{programme}/publication-rules" => {
            (reading(world, route, role)?, json!({ "within_km": 15 }))
        }
        _ => return None,
    };
    Some(answer)
}

fn setting_up(world: &World, route: &str, role: Role) -> Option<(String, Carries)> {
    let mark = mark(world);
    let body = match route {
        "/api/v1/auth/login" => {
            json!({ "email": "prescriber_agent@fourm.example", "password": crate::harness::PASSWORD })
        }
        "/api/v1/auth/refresh" => json!({ "refresh_token": "0".repeat(64) }),
        "/api/v1/auth/logout" => return Some((route.to_owned(), Carries::Nothing)),
        "/api/v1/organisations" => json!({ "code": format!("N{mark}"), "kinds": ["prescriber"], "name": "CCAS",
            "rna": format!("W{:09}", u32::from_str_radix(&mark[1..], 16).unwrap()), "commune": "59324" }),
        "/api/v1/users" => json!({ "email": format!("u{mark}@maub.example"), "display_name": "Ana Duval",
            "organisation_id": world.organisation("MAUB"), "role": "prescriber_agent",
            "password": "la péniche passe sous le vieux pont" }),
        "/api/v1/programmes" => json!({ "code": format!("P{mark}"), "label": "Pass numérique",
            "sponsor_id": world.organisation("HDF"), "face_value_cents": 1000, "entitlement_passes": 10,
            "distribution_from": "2021-09-01", "distribution_until": "2022-12-31", "payer": "issuer" }),
        "/api/v1/programmes/{programme}/rule-sets" => json!({ "version": format!("rules-{mark}"),
            "label": "Règles", "valid_from": "2027-01-01",
            "proof_kinds": [{ "code": "identity_document", "label": "une pièce d'identité" }],
            "rule": { "ground": { "code": "senior", "label": "60 ans ou plus", "condition": { "age": {
                "from": 60, "proofs": [{ "kind": "identity_document" }] } } } } }),
        "/api/v1/programmes/{programme}/mandates" => json!({ "prescriber_id": world.organisation("HIRSON"),
            "kind": "mandate_agreement", "number": format!("CONV-{mark}"), "signed_on": "2021-06-15",
            "signatory": "Claire Lenoir, présidente", "starts_on": "2021-07-16", "ends_on": "2023-06-30",
            "accountant_opinion_on": "2021-07-16", "ceiling_booklets": 500, "ceiling_cents": 5_000_000 }),
        "/api/v1/webhooks" => json!({ "url": "https://1.1.1.1/told", "topic": "receipts", "programme": "HDF21" }),
        "/api/v1/webhooks/{id}/secret" | "/api/v1/webhooks/{id}/replay" => {
            let body = if route.ends_with("replay") { json!({ "after": 1 }) } else { json!({}) };
            return Some((route.replace("{id}", super::feeds::id_for(role)), Carries::Json(body)));
        }
        "/api/v1/commune-figures" => {
            let file = "code_insee,population,population_60_plus\n59392,28767,6980\n".to_owned();
            return Some((format!("{route}?edition=2021-01-01"), Carries::Csv(file)));
        }
        "/api/v1/place-imports" => {
            return Some((format!("{route}?create_look_alikes=true"), Carries::Csv(super::places::file(&mark))));
        }
        route if route.starts_with("/api/v1/places") => {
            return super::places::asking(world, route).map(|(path, body)| (path, Carries::Json(body)));
        }
        "/api/v1/venues/{id}/devices" => {
            return Some((reading(world, route, role)?, Carries::Json(json!({ "label": "Tablette" }))));
        }
        "/api/v1/devices/enrolments" => enrolment_of_the_waiting(),
        "/api/v1/devices/{id}/revocation" => return Some((revocation_of_the_known(), Carries::Nothing)),
        "/api/v1/programmes/{programme}/trainings" => {
            json!({ "user_id": world.user("MAUB", Role::PrescriberAgent), "trained_on": "2021-09-20" })
        }
        "/api/v1/venues" => json!({ "provider_id": world.organisation("LIEUX"), "name": "Espace numérique",
            "commune": "59392", "services": ["aide_aux_demarches_administratives"] }),
        _ => return None,
    };
    Some((route.replace("{programme}", "HDF21"), Carries::Json(body)))
}

fn acting(world: &World, route: &str, role: Role) -> Option<(String, Carries)> {
    let rest = route.strip_prefix("/api/v1/programmes/{programme}")?;
    let at = |rest: &str| format!("/api/v1/programmes/HDF21{rest}");
    let json = |rest: &str, body: Value| Some((at(rest), Carries::Json(body)));
    match rest {
        "/orders" => json(rest, order_body(world, &format!("CMD-{}", mark(world)))),
        "/orders/{order}/deliveries" => json(
            "/orders/CMD-2/deliveries",
            json!({ "booklets": 1, "delivered_on": "2021-10-04", "delivery_note": "BL-2" }),
        ),
        "/orders/{order}/deliveries/import" => Some((
            at("/orders/CMD-2/deliveries/import?delivered_on=2021-10-04&delivery_note=BL-9"),
            Carries::Csv(issuer_file(world, 9)),
        )),
        "/orders/{order}/deliveries/{delivery}/print-file" => {
            Some((at("/orders/CMD-3/deliveries/1/print-file"), Carries::Nothing))
        }
        "/orders/{order}/activation" => json("/orders/CMD-3/activation", json!({ "payment_order": "2021-MP-1" })),
        "/dispatches" => {
            let booklets = match role {
                Role::PrescriberAgent => json!({ "serials": [world.serial(4)] }),
                _ => json!({ "count": 1, "order": "CMD-1" }),
            };
            json(rest, json!({ "prescriber_id": world.organisation("FOURM"), "booklets": booklets }))
        }
        "/dispatches/{number}/acceptance" => json("/dispatches/2/acceptance", json!({})),
        "/returns" => json(rest, json!({ "booklets": { "serials": [world.serial(3)] }, "reason": "unused" })),
        "/eligibility-checks" => {
            json(rest, json!({ "applicant": { "birth_date": "1955-03-14", "commune": "59392" }, "proofs": proofs() }))
        }
        "/entitlement-exceptions" => {
            json(rest, json!({ "beneficiary": beneficiary(), "passes": 10, "reason": "Dégât des eaux" }))
        }
        "/hand-outs" => {
            json(rest, json!({ "beneficiary": beneficiary(), "proofs": proofs(), "booklets": [world.serial(3)] }))
        }
        "/passes/check" => json(rest, json!({ "code": printed_code(1, 9).grouped() })),
        "/people-key" => json(rest, json!({ "number": 2 })),
        "/people-key/confirmation" | "/restore/confirmation" => json(rest, json!({})),
        "/restore" => json(rest, json!({ "reason": "drill" })),
        "/checkpoint/witnessing" => json(rest, json!({ "size": 1, "cosignature": "\u{2014} w AAAA" })),
        "/closings" => json(rest, json!({ "period": "day", "of": "2021-10-04" })),
        "/redemptions" => json(rest, redemption_body(world, 2, &[1, 2])),
        "/offline-redemptions" => json(rest, known_queue(world)),
        "/redemptions/{number}/reversal" => {
            json("/redemptions/HDF21-LIEUX-2021-000001/reversal", json!({ "reason": "entered_by_mistake" }))
        }
        _ => applying(world, rest, role).or_else(|| of_people(rest)).or_else(|| incident(world, rest)),
    }
}

/// The same for applications and letters.
fn applying(world: &World, rest: &str, role: Role) -> Option<(String, Carries)> {
    let own = if role == Role::Platform { 4 } else { 3 };
    let at = |rest: &str| format!("/api/v1/programmes/HDF21{rest}");
    let json = |rest: &str, body: Value| Some((at(rest), Carries::Json(body)));
    match rest {
        "/applications" => json(
            rest,
            json!({ "external_reference": format!("DEM-1{}", mark(world)), "applicant": beneficiary(),
                "address": address(), "proofs": proofs() }),
        ),
        "/applications/{application}/completion" => {
            json(&format!("/applications/{own}/completion"), json!({ "proofs": proofs() }))
        }
        "/applications/{application}/decision" => json("/applications/1/decision", json!({ "decision": "accept" })),
        "/applications/{application}/end" => {
            json(&format!("/applications/{own}/end"), json!({ "reason": "withdrawn" }))
        }
        "/applications/{application}/address" => json(&format!("/applications/{own}/address"), address()),
        "/allocations" | "/allocations/simulation" => json(
            rest,
            json!({ "order": "CMD-1", "booklets": 1, "weighting": "population",
                "prescribers": [{ "prescriber_id": world.organisation("FOURM") }] }),
        ),
        "/reallocations" => json(
            rest,
            json!({ "moves": [{ "from_prescriber_id": world.organisation("MAUB"),
                "to_prescriber_id": world.organisation("FOURM"), "booklets": 1 }], "reason": "dormant_stock" }),
        ),
        "/mailings" => json(rest, json!({ "order": "CMD-4", "applications": [5] })),
        "/mailings/{number}/tracking" => {
            let line = "application,tracking\r\n2,6A12345678901\r\n";
            Some((at("/mailings/3/tracking"), Carries::Csv(line.to_owned())))
        }
        "/letter-reports" => {
            let line = "letter,outcome,date,cause\r\n2,delivered,2021-10-04,\r\n";
            Some((at(rest), Carries::Csv(line.to_owned())))
        }
        _ => None,
    }
}

fn address() -> Value {
    json!({ "lines": ["3 rue des Tilleuls"], "postal_code": "59600", "locality": "Maubeuge" })
}

/// The same for what is known of people.
fn of_people(rest: &str) -> Option<(String, Carries)> {
    let json = |rest: &str, body: Value| Some((format!("/api/v1/programmes/HDF21{rest}"), Carries::Json(body)));
    match rest {
        "/erasures" => json(rest, json!({ "person": person() })),
        "/access-requests" => json(rest, person()),
        "/follow-ups/{hand_out}/reminders" | "/follow-ups/{hand_out}/revocation" => {
            json(&rest.replace("{hand_out}", AGREED), json!({}))
        }
        "/possible-duplicates/{number}/review" => json(
            "/possible-duplicates/1/review",
            json!({ "verdict": "different", "reason": "Sœurs jumelles : livrets de famille vus" }),
        ),
        _ => None,
    }
}

pub(crate) fn order_body(world: &World, number: &str) -> Value {
    json!({ "number": number, "ordered_on": "2021-10-04", "issuer_id": world.organisation("APTIC"), "booklets": 2,
        "passes_per_booklet": 10, "face_value_cents": 1000, "fees_cents": 200,
        "funding": [{ "funder": "État", "basis_points": 10_000 }], "validity_end": "2023-06-30" })
}

pub(crate) fn redemption_body(world: &World, booklet: u32, ranks: &[u8]) -> Value {
    let codes: Vec<String> = ranks.iter().map(|rank| printed_code(booklet, *rank).grouped()).collect();
    json!({ "venue_id": world.venue("Maubeuge"), "codes": codes, "service": "aide_aux_demarches_administratives",
        "performed_on": "2021-10-04" })
}

impl Sample {
    /// The request of somebody, under a key of its own.
    pub(crate) async fn request(&self, http: &Http<'_>, who: Option<(&str, Role)>) -> TestRequest {
        let client = who.map_or_else(|| http.anonymous(), |(code, role)| http.who(code, role));
        let mut request = client.request(self.method.clone(), &self.path).await;
        if self.method == Method::POST {
            request = request.insert_header(("Idempotency-Key", http.key()));
        }
        if let Some(version) = self.version {
            request = request.insert_header(("If-Match", format!("\"{version}\"")));
        }
        match &self.carries {
            Carries::Nothing => request,
            Carries::Json(body) => request.set_json(body),
            Carries::Csv(file) => request.insert_header(("Content-Type", "text/csv")).set_payload(file.clone()),
        }
    }
}
