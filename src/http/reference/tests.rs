//! Organisations, users, communes, and what every route of reference data has in common.

mod schemes;

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::stage::{Answer, PASSWORD, Stage};
use crate::domain::ids::OrganisationId;
use crate::domain::party::{OrganisationKind, Role};

const SIRETS: [&str; 3] = ["90000001900019", "78412345700011", "13000548100010"];

/// A stage with a prescriber and a provider, and tokens of the administrator and of an agent of each.
struct Cast {
    stage: Stage,
    admin: String,
    prescriber: (OrganisationId, String),
    provider: (OrganisationId, String),
}

fn cast() -> Cast {
    let stage = Stage::new();
    let ccas = stage.organisation("MAUB", &[OrganisationKind::Prescriber], SIRETS[0]);
    let club = stage.organisation("CLUB", &[OrganisationKind::Provider], SIRETS[1]);
    let ana = stage.user("ana@ccas.example", ccas, Role::PrescriberAgent);
    let leo = stage.user("leo@club.example", club, Role::VenueAgent);
    let (admin, ana, leo) = (stage.token(stage.admin), stage.token(ana), stage.token(leo));
    Cast { stage, admin, prescriber: (ccas, ana), provider: (club, leo) }
}

fn organisation(code: &str, siret: &str) -> Value {
    json!({ "code": code, "kinds": ["prescriber"], "name": "CCAS de Jeumont", "siret": siret, "commune": "59324",
        "email": "ccas@jeumont.example", "phone": "03 27 00 00 00" })
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

fn without(mut body: Value, field: &str) -> Value {
    body.as_object_mut().unwrap().remove(field);
    body
}

#[track_caller]
fn refused(answer: &Answer, problem: (u16, &str), field: &str) {
    assert_eq!((answer.problem(), answer.body["field"].as_str()), (problem, Some(field)), "{answer:?}");
}

#[actix_web::test]
async fn an_organisation_is_registered_read_and_changed() {
    let Cast { stage, admin, .. } = cast();
    let new = stage.post(&admin, "/api/v1/organisations", organisation("JEUM", SIRETS[2])).await;
    assert_eq!((new.status, new.header("ETag")), (201, "\"1\""), "{new:?}");
    let address = new.header("Location");
    let read = stage.get(&admin, address).await;
    assert_eq!((read.status, &read.body), (200, &new.body));
    let change = json!({ "name": "CCAS", "phone": null, "add_kinds": ["provider"] });
    let changed = stage.patch(&admin, address, read.header("ETag"), change.clone()).await;
    assert_eq!((changed.status, changed.header("ETag")), (200, "\"2\""), "{changed:?}");
    assert_eq!(changed.body["contact"], json!({ "address": null, "email": "ccas@jeumont.example", "phone": null }));
    assert_eq!(changed.body["kinds"], json!(["prescriber", "provider"]));
    assert_eq!(stage.patch(&admin, address, "\"1\"", change.clone()).await.problem(), (412, "version_conflict"));
    let bare = TestRequest::patch().uri(address).insert_header(("Authorization", format!("Bearer {admin}")));
    assert_eq!(stage.call(bare.set_json(change)).await.problem(), (428, "if_match_missing"));
    assert_eq!(stage.get(&admin, address).await.body, changed.body);
}

#[actix_web::test]
async fn a_code_and_a_registration_belong_to_one_organisation() {
    let Cast { stage, admin, prescriber, .. } = cast();
    let path = "/api/v1/organisations";
    let same_code = stage.post(&admin, path, organisation("MAUB", SIRETS[2])).await;
    refused(&same_code, (409, "organisation_code_taken"), "code");
    let same_siret = stage.post(&admin, path, organisation("JEUM", SIRETS[0])).await;
    assert_eq!(same_siret.problem(), (409, "organisation_code_taken"));
    let one = format!("{path}/{}", prescriber.0);
    let moved = stage.patch(&admin, &one, "\"1\"", json!({ "siret": SIRETS[1] })).await;
    assert_eq!(moved.problem(), (409, "organisation_code_taken"));
    assert_eq!(stage.post(&admin, path, organisation("JEUM", SIRETS[2])).await.status, 201);
}

#[actix_web::test]
async fn an_organisation_that_makes_no_sense_is_refused_by_field() {
    let Cast { stage, admin, .. } = cast();
    let fine = || organisation("JEUM", SIRETS[2]);
    for (body, problem, field) in [
        (with(fine(), "code", json!("jeum")), (400, "short_code_malformed"), "code"),
        (with(fine(), "kinds", json!([])), (422, "organisation_kind_missing"), "kinds"),
        (with(fine(), "kinds", json!(["king"])), (400, "identifier_malformed"), "kinds[0]"),
        (with(fine(), "siret", json!("90000001900018")), (400, "siret_malformed"), "siret"),
        (with(fine(), "rna", json!("W595001234")), (422, "registration_not_single"), "rna"),
        (without(fine(), "siret"), (422, "registration_not_single"), "siret"),
        (with(fine(), "commune", json!("59720")), (400, "commune_unknown"), "commune"),
        (with(fine(), "email", json!("ccas")), (400, "email_malformed"), "email"),
        (with(fine(), "surprise", json!(1)), (400, "body_malformed"), "surprise"),
    ] {
        refused(&stage.post(&admin, "/api/v1/organisations", body).await, problem, field);
    }
    let postal = stage.post(&admin, "/api/v1/organisations", with(fine(), "commune", json!("59720"))).await;
    assert!(postal.text("detail").contains("Louvroil (59365)"), "{postal:?}");
}

#[actix_web::test]
async fn everybody_sees_who_takes_part_and_only_their_own_contact() {
    let Cast { stage, admin, prescriber, provider } = cast();
    let seen = stage.get(&prescriber.1, "/api/v1/organisations").await;
    let items = seen.body["items"].as_array().unwrap();
    let contacts = items.iter().map(|item| (item["code"].as_str().unwrap(), item.get("contact").is_some()));
    let contacts: Vec<_> = contacts.collect();
    assert_eq!(contacts.len(), 3);
    for known in [("HDF", false), ("MAUB", true), ("CLUB", false)] {
        assert!(contacts.contains(&known), "{contacts:?}");
    }
    let foreign = format!("/api/v1/organisations/{}", provider.0);
    assert!(stage.get(&prescriber.1, &foreign).await.body.get("contact").is_none());
    assert!(stage.get(&admin, &foreign).await.body.get("contact").is_some());
}

#[actix_web::test]
async fn a_list_goes_on_where_the_page_before_ended() {
    let Cast { stage, admin, .. } = cast();
    let first = stage.get(&admin, "/api/v1/organisations?limit=2").await;
    assert_eq!(first.body["items"].as_array().unwrap().len(), 2);
    let rest = stage.get(&admin, &format!("/api/v1/organisations?limit=2&after={}", first.text("next"))).await;
    assert_eq!((rest.body["items"].as_array().unwrap().len(), rest.body.get("next")), (1, None));
    for wrong in ["limit=0", "limit=201", "limit=x", "after=%00", "after=moi", "page=2"] {
        for list in ["organisations", "users", "venues", "programmes"] {
            let answer = stage.get(&admin, &format!("/api/v1/{list}?{wrong}")).await;
            assert_eq!(answer.problem(), (400, "query_malformed"), "{list}?{wrong}");
        }
    }
}

#[actix_web::test]
async fn who_may_not_is_told_so_before_the_body_is_read() {
    let Cast { stage, prescriber, provider, .. } = cast();
    for (path, token) in [
        ("/api/v1/organisations", &prescriber.1),
        ("/api/v1/users", &prescriber.1),
        ("/api/v1/programmes", &provider.1),
        ("/api/v1/programmes/HDF21/mandates", &provider.1),
        ("/api/v1/programmes/HDF21/rule-sets", &provider.1),
        ("/api/v1/venues", &prescriber.1),
    ] {
        let nonsense = TestRequest::post().uri(path).insert_header(("Content-Type", "application/json"));
        assert_eq!(stage.call(nonsense.set_payload("{")).await.problem(), (401, "token_missing"), "{path}");
        let nonsense = TestRequest::post().uri(path).insert_header(("Content-Type", "application/json"));
        let nonsense = nonsense.insert_header(("Authorization", format!("Bearer {token}")));
        assert_eq!(stage.call(nonsense.set_payload("{")).await.problem(), (403, "forbidden"), "{path}");
    }
    assert_eq!(stage.get(&prescriber.1, "/api/v1/users").await.problem(), (403, "forbidden"));
}

fn user(organisation: OrganisationId) -> Value {
    json!({ "email": "eva@ccas.example", "display_name": "Eva Roux", "organisation_id": organisation.to_string(),
        "role": "prescriber_agent", "password": "la péniche passe sous le vieux pont" })
}

#[actix_web::test]
async fn a_user_is_created_and_signs_in_and_the_hash_is_never_shown() {
    let Cast { stage, admin, prescriber, .. } = cast();
    let new = stage.post(&admin, "/api/v1/users", user(prescriber.0)).await;
    assert_eq!(new.status, 201, "{new:?}");
    assert!(!new.body.to_string().contains("argon2") && new.body.get("password_hash").is_none());
    assert_eq!(stage.get(&admin, new.header("Location")).await.body, new.body);
    let list = stage.get(&admin, &format!("/api/v1/users?organisation={}", prescriber.0)).await;
    assert_eq!(list.body["items"].as_array().unwrap().len(), 2);
    let body = json!({ "email": "eva@ccas.example", "password": "la péniche passe sous le vieux pont" });
    assert_eq!(stage.call(TestRequest::post().uri("/api/v1/auth/login").set_json(body)).await.status, 200);
}

#[actix_web::test]
async fn a_user_that_makes_no_sense_is_refused_by_field() {
    let Cast { stage, admin, prescriber, .. } = cast();
    let fine = || user(prescriber.0);
    let nowhere = json!("019acd0c-5f2e-7a10-8c4d-2f6b1f0e9a77");
    for (body, problem, field) in [
        (with(fine(), "email", json!("ANA@ccas.example")), (409, "email_taken"), "email"),
        (with(fine(), "role", json!("venue_agent")), (422, "role_not_for_organisation"), "role"),
        (with(fine(), "organisation_id", nowhere), (404, "organisation_unknown"), "organisation_id"),
        (with(fine(), "password", json!("trop court")), (422, "password_too_short"), "password"),
        (with(fine(), "password", json!("aaaaaaaaaaaaaaaa")), (422, "password_too_common"), "password"),
        (with(fine(), "role", json!("king")), (400, "identifier_malformed"), "role"),
    ] {
        refused(&stage.post(&admin, "/api/v1/users", body).await, problem, field);
    }
}

#[actix_web::test]
async fn another_password_role_or_a_disabled_account_ends_the_sessions() {
    let Cast { stage, admin, prescriber, .. } = cast();
    let new = stage.post(&admin, "/api/v1/users", user(prescriber.0)).await;
    let address = new.header("Location");
    let id = crate::domain::ids::UserId::parse(new.text("id")).unwrap();
    let (before, mut version) = (stage.token(id), new.header("ETag").to_owned());
    let renamed = stage.patch(&admin, address, &version, json!({ "display_name": "Eva Roux-Petit" })).await;
    version = renamed.header("ETag").to_owned();
    assert_eq!(stage.get(&before, "/api/v1/auth/me").await.status, 200);
    let secret = stage.patch(&admin, address, &version, json!({ "password": PASSWORD })).await;
    assert_eq!(secret.status, 200, "{secret:?}");
    assert_eq!(stage.get(&before, "/api/v1/auth/me").await.problem(), (401, "token_invalid"));
    let again = stage.token(id);
    let disabled = stage.patch(&admin, address, secret.header("ETag"), json!({ "active": false })).await;
    assert_eq!((disabled.status, &disabled.body["active"]), (200, &json!(false)));
    assert_eq!(stage.get(&again, "/api/v1/auth/me").await.status, 401);
}

#[actix_web::test]
async fn nobody_disables_or_demotes_themselves() {
    let Cast { stage, admin, .. } = cast();
    let own = format!("/api/v1/users/{}", stage.admin);
    refused(&stage.patch(&admin, &own, "\"1\"", json!({ "active": false })).await, (422, "own_account"), "active");
    let demoted = stage.patch(&admin, &own, "\"1\"", json!({ "role": "region_finance" })).await;
    refused(&demoted, (422, "own_account"), "role");
    let region = format!("/api/v1/organisations/{}", stage.region);
    refused(&stage.patch(&admin, &region, "\"1\"", json!({ "active": false })).await, (422, "own_account"), "active");
    assert_eq!(stage.patch(&admin, &own, "\"1\"", json!({ "display_name": "Zoé" })).await.status, 200);
}

#[actix_web::test]
async fn communes_are_found_and_a_former_code_names_its_successor() {
    let Cast { stage, prescriber, .. } = cast();
    let ana = &prescriber.1;
    let found = stage.get(ana, "/api/v1/communes?q=MAUB").await;
    assert_eq!(found.body["items"][0]["code"], "59392", "{found:?}");
    let one = stage.get(ana, "/api/v1/communes/59392").await;
    assert_eq!(one.body["department"], json!({ "code": "59", "name": "Nord" }));
    assert_eq!(one.body["epci"]["name"], "CA Maubeuge Val de Sambre");
    let former = stage.get(ana, "/api/v1/communes/01018").await;
    assert_eq!(former.problem(), (404, "commune_not_found"));
    assert!(former.text("detail").contains("(01033)"), "{former:?}");
    for wrong in ["", "?q=", "?q=--", "?nom=x"] {
        assert_eq!(stage.get(ana, &format!("/api/v1/communes{wrong}")).await.problem(), (400, "query_malformed"));
    }
    for (strange, code) in [("%00", "path_malformed"), ("XXXXX", "commune_not_found"), ("99999", "commune_not_found")] {
        let answer = stage.get(ana, &format!("/api/v1/communes/{strange}")).await;
        assert_eq!(answer.problem(), (404, code), "{strange}");
    }
}

#[actix_web::test]
async fn an_identifier_that_is_none_leads_nowhere() {
    let Cast { stage, admin, .. } = cast();
    stage.programme(&admin).await;
    let absent = "019acd0c-5f2e-7a10-8c4d-2f6b1f0e9a77";
    for id in ["1", "%C3%A9", absent] {
        for (path, code) in [
            ("organisations", "organisation_unknown"),
            ("users", "not_found"),
            ("venues", "venue_unknown"),
            ("programmes/HDF21/mandates", "not_found"),
        ] {
            let path = format!("/api/v1/{path}/{id}");
            assert_eq!(stage.get(&admin, &path).await.problem(), (404, code), "{path}");
            assert_eq!(stage.patch(&admin, &path, "\"1\"", json!({})).await.problem(), (404, code), "{path}");
        }
    }
}
