//! Programmes, their rules and mandates, and venues.

use serde_json::{Value, json};

use super::{Cast, SIRETS, cast, refused, with, without};
use crate::domain::ids::{OrganisationId, ProgrammeNo};
use crate::domain::party::OrganisationKind;
use crate::receipts::chain::genesis;
use crate::store::StoreError;

#[actix_web::test]
async fn a_programme_opens_with_a_journal_and_rules() {
    let Cast { stage, admin, prescriber, .. } = cast();
    let new = stage.programme(&admin).await;
    assert_eq!((new.status, new.header("Location")), (201, "/api/v1/programmes/HDF21"), "{new:?}");
    assert_eq!((&new.body["grace_days"], new.body["services"].as_array().unwrap().len()), (&json!(30), 7));
    assert_eq!(stage.get(&prescriber.1, "/api/v1/programmes/HDF21").await.body, new.body);
    assert_eq!(stage.get(&prescriber.1, "/api/v1/programmes").await.body["items"], json!([new.body]));
    let journal = stage.app.store.read::<_, StoreError>(|tx| tx.journal(ProgrammeNo(1)));
    assert_eq!(journal.unwrap().unwrap().head, genesis("HDF21"));
    let rules = stage.get(&prescriber.1, "/api/v1/programmes/HDF21/rule-sets").await;
    assert_eq!(rules.body["items"][0]["version"], "hdf-2021-1");
    refused(&stage.programme(&admin).await, (409, "programme_code_taken"), "code");
}

#[actix_web::test]
async fn a_programme_that_makes_no_sense_is_refused_by_field() {
    let Cast { stage, admin, prescriber, .. } = cast();
    let fine = || {
        json!({ "code": "HDF22", "label": "Pass", "sponsor_id": stage.region.to_string(), "face_value_cents": 1000,
            "entitlement_passes": 10, "payer": "region", "distribution_from": "2026-09-01",
            "distribution_until": "2027-12-31" })
    };
    for (body, problem, field) in [
        (with(fine(), "sponsor_id", json!(prescriber.0)), (422, "sponsor_not_own"), "sponsor_id"),
        (with(fine(), "face_value_cents", json!(0)), (422, "quantity_out_of_range"), "face_value_cents"),
        (with(fine(), "face_value_cents", json!(10.5)), (400, "body_malformed"), "face_value_cents"),
        (with(fine(), "entitlement_passes", json!(0)), (422, "quantity_out_of_range"), "entitlement_passes"),
        (with(fine(), "grace_days", json!(400)), (422, "quantity_out_of_range"), "grace_days"),
        (with(fine(), "distribution_until", json!("2026-08-31")), (422, "dates_out_of_order"), "distribution_until"),
        (with(fine(), "distribution_until", json!("31/12/2026")), (400, "date_malformed"), "distribution_until"),
        (with(fine(), "services", json!([])), (422, "service_list_empty"), "services"),
        (with(fine(), "services", json!(["vente"])), (400, "service_unknown"), "services[0]"),
        (
            with(fine(), "territory", json!({ "departments": ["99"] })),
            (422, "territory_unknown"),
            "territory.departments",
        ),
        (with(fine(), "rule_set", json!({ "version": "1" })), (400, "rule_set_malformed"), "rule_set"),
    ] {
        refused(&stage.post(&admin, "/api/v1/programmes", body).await, problem, field);
    }
    let elsewhere = with(fine(), "territory", json!({ "epcis": ["200043396"], "communes": ["59392"] }));
    assert_eq!(stage.post(&admin, "/api/v1/programmes", elsewhere).await.status, 201);
}

#[actix_web::test]
async fn a_programme_changes_under_its_version() {
    let Cast { stage, admin, .. } = cast();
    let new = stage.programme(&admin).await;
    let path = new.header("Location");
    let longer = json!({ "distribution_until": "2028-06-30", "territory": { "regions": ["32"] } });
    let changed = stage.patch(&admin, path, "\"1\"", longer.clone()).await;
    assert_eq!((changed.status, changed.text("distribution_until")), (200, "2028-06-30"));
    assert_eq!(stage.patch(&admin, path, "\"1\"", longer).await.problem(), (412, "version_conflict"));
    let value = stage.patch(&admin, path, "\"2\"", json!({ "face_value_cents": 500 })).await;
    refused(&value, (400, "body_malformed"), "face_value_cents");
    let closed = stage.patch(&admin, path, "\"2\"", json!({ "active": false })).await;
    assert_eq!(closed.body["active"], false);
    assert_eq!(stage.get(&admin, "/api/v1/programmes/NULLE").await.problem(), (404, "programme_unknown"));
}

#[actix_web::test]
async fn rules_are_added_as_new_versions() {
    let Cast { stage, admin, .. } = cast();
    stage.programme(&admin).await;
    let path = "/api/v1/programmes/HDF21/rule-sets";
    let rules = json!({ "version": "hdf-2027-1", "label": "Règles de 2027", "valid_from": "2027-01-01",
        "proof_kinds": [{ "code": "identity_document", "label": "une pièce d'identité" }],
        "rule": { "ground": { "code": "senior", "label": "60 ans ou plus", "condition": { "age": {
            "from": 60, "proofs": [{ "kind": "identity_document" }] } } } } });
    let added = stage.post(&admin, path, rules.clone()).await;
    assert_eq!((added.status, &added.body), (201, &rules), "{added:?}");
    assert_eq!(stage.get(&admin, path).await.body["items"].as_array().unwrap().len(), 2);
    refused(&stage.post(&admin, path, rules.clone()).await, (409, "rule_set_version_taken"), "version");
    let nonsense = stage.post(&admin, path, with(rules, "valid_until", json!("2020-01-01"))).await;
    assert_eq!(nonsense.problem(), (400, "rule_set_malformed"));
    assert!(nonsense.text("detail").contains("La fin de validité précède le début."), "{nonsense:?}");
}

fn mandate(prescriber: OrganisationId) -> Value {
    json!({ "prescriber_id": prescriber.to_string(), "kind": "mandate_agreement", "number": "CONV-1",
        "signed_on": "2026-09-15", "signatory": "Claire Lenoir", "starts_on": "2026-10-15", "ends_on": "2027-12-31",
        "accountant_opinion_on": "2026-10-15", "opinion_is_tacit": true, "ceiling_booklets": 500,
        "ceiling_cents": 5_000_000 })
}

#[actix_web::test]
async fn a_prescriber_sees_its_own_mandates_only() {
    let Cast { stage, admin, prescriber, provider } = cast();
    stage.programme(&admin).await;
    let path = "/api/v1/programmes/HDF21/mandates";
    let other = stage.organisation("JEUM", &[OrganisationKind::Prescriber], SIRETS[2]);
    let own = stage.post(&admin, path, mandate(prescriber.0)).await;
    assert_eq!((own.status, &own.body["in_force"]), (201, &json!(true)), "{own:?}");
    let foreign = stage.post(&admin, path, with(mandate(other), "number", json!("CONV-2"))).await;
    assert_eq!(stage.get(&prescriber.1, path).await.body["items"], json!([own.body]));
    assert_eq!(stage.get(&prescriber.1, own.header("Location")).await.body, own.body);
    assert_eq!(stage.get(&prescriber.1, foreign.header("Location")).await.problem(), (404, "not_found"));
    assert_eq!(stage.get(&provider.1, path).await.body["items"], json!([]));
    assert_eq!(stage.get(&admin, path).await.body["items"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn a_mandate_that_makes_no_sense_is_refused_by_field() {
    let Cast { stage, admin, prescriber, provider, .. } = cast();
    stage.programme(&admin).await;
    let path = "/api/v1/programmes/HDF21/mandates";
    let fine = || mandate(prescriber.0);
    let (early, tacit) = (json!("2026-10-14"), "accountant_opinion_on");
    for (body, problem, field) in [
        (with(fine(), "prescriber_id", json!(provider.0)), (422, "prescriber_unknown"), "prescriber_id"),
        (with(fine(), "ends_on", json!("2026-10-14")), (422, "dates_out_of_order"), "ends_on"),
        (with(fine(), tacit, early.clone()), (422, "tacit_opinion_too_early"), tacit),
        (without(fine(), tacit), (422, "tacit_opinion_too_early"), tacit),
        (with(fine(), "ceiling_booklets", json!(-1)), (422, "quantity_out_of_range"), "ceiling_booklets"),
        (with(fine(), "ceiling_cents", json!(-1)), (422, "quantity_out_of_range"), "ceiling_cents"),
        (with(fine(), "number", json!("n°1")), (400, "identifier_malformed"), "number"),
    ] {
        refused(&stage.post(&admin, path, body).await, problem, field);
    }
    let given = with(with(fine(), tacit, early), "opinion_is_tacit", json!(false));
    assert_eq!(stage.post(&admin, path, given).await.status, 201);
    refused(&stage.post(&admin, path, fine()).await, (409, "mandate_number_taken"), "number");
}

#[actix_web::test]
async fn a_revoked_mandate_is_no_longer_in_force() {
    let Cast { stage, admin, prescriber, .. } = cast();
    stage.programme(&admin).await;
    let new = stage.post(&admin, "/api/v1/programmes/HDF21/mandates", mandate(prescriber.0)).await;
    let change = json!({ "revoked_on": "2026-11-24", "ceiling_booklets": 10 });
    let revoked = stage.patch(&admin, new.header("Location"), "\"1\"", change).await;
    assert_eq!((revoked.status, &revoked.body["in_force"]), (200, &json!(false)), "{revoked:?}");
    assert_eq!(revoked.body["ceiling_booklets"], 10);
    let late = stage.patch(&admin, new.header("Location"), "\"1\"", json!({})).await;
    assert_eq!(late.problem(), (412, "version_conflict"));
}

fn venue() -> Value {
    json!({ "name": "Espace de la gare", "commune": "59392",
        "services": ["aide_aux_demarches_administratives", "parentalite_et_education_avec_le_numerique"] })
}

#[actix_web::test]
async fn a_provider_registers_its_own_venues_and_the_region_approves_them() {
    let Cast { stage, admin, provider, prescriber } = cast();
    let (path, leo) = ("/api/v1/venues", &provider.1);
    refused(&stage.post(leo, path, with(venue(), "approved", json!(true))).await, (403, "forbidden"), "approved");
    let foreign = with(venue(), "provider_id", json!(prescriber.0));
    refused(&stage.post(leo, path, foreign.clone()).await, (404, "not_found"), "provider_id");
    refused(&stage.post(&admin, path, foreign).await, (422, "provider_unknown"), "provider_id");
    refused(&stage.post(&admin, path, venue()).await, (422, "provider_unknown"), "provider_id");
    let new = stage.post(leo, path, venue()).await;
    assert_eq!((new.status, &new.body["approved"]), (201, &json!(false)), "{new:?}");
    let one = new.header("Location");
    let own = stage.patch(leo, one, "\"1\"", json!({ "approved": true })).await;
    refused(&own, (403, "forbidden"), "approved");
    let approved = stage.patch(&admin, one, "\"1\"", json!({ "approved": true })).await;
    assert_eq!((approved.status, &approved.body["approved"]), (200, &json!(true)));
    let listed = stage.get(&prescriber.1, &format!("{path}?provider={}", provider.0)).await;
    assert_eq!(listed.body["items"], json!([approved.body]));
    let none = stage.get(&prescriber.1, &format!("{path}?provider={}", prescriber.0)).await;
    assert_eq!(none.body["items"], json!([]));
}

#[actix_web::test]
async fn an_approval_covers_what_the_region_saw() {
    let Cast { stage, admin, provider, .. } = cast();
    let leo = &provider.1;
    let new = stage
        .post(&admin, "/api/v1/venues", with(with(venue(), "provider_id", json!(provider.0)), "approved", json!(true)))
        .await;
    let one = new.header("Location");
    let fewer = json!({ "services": ["aide_aux_demarches_administratives"] });
    let fewer = stage.patch(leo, one, "\"1\"", fewer).await;
    assert_eq!((fewer.status, &fewer.body["approved"]), (200, &json!(true)), "{fewer:?}");
    let more = json!({ "services": ["aide_aux_demarches_administratives", "loisirs_et_creations_numeriques"] });
    let more = stage.patch(leo, one, "\"2\"", more).await;
    assert_eq!((more.status, &more.body["approved"]), (200, &json!(false)));
    let moved = stage.patch(&admin, one, "\"3\"", json!({ "commune": "59324", "approved": true })).await;
    assert_eq!((moved.text("commune"), &moved.body["approved"]), ("59324", &json!(true)));
}

#[actix_web::test]
async fn a_foreign_venue_cannot_be_changed() {
    let Cast { stage, admin, provider, .. } = cast();
    let other = stage.organisation("AUTRE", &[OrganisationKind::Provider], SIRETS[2]);
    let new = stage.post(&admin, "/api/v1/venues", with(venue(), "provider_id", json!(other))).await;
    let change = stage.patch(&provider.1, new.header("Location"), "\"1\"", json!({ "name": "À moi" })).await;
    assert_eq!(change.problem(), (404, "venue_unknown"));
    assert_eq!(stage.get(&provider.1, new.header("Location")).await.body, new.body);
}
