//! Eligibility rules of a programme: dated documents. A version once stored never changes; decisions name it.

use actix_web::{HttpResponse, web};
use serde_json::Value;

use super::{Asked, created, taken};
use crate::auth::Action;
use crate::domain::eligibility::RuleSet;
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::List;
use crate::http::problem::Problem;

/// Lists the rule documents of a programme, by the day from which they apply.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/rule-sets", tag = "reference",
    operation_id = "list_rule_sets", summary = "List eligibility rules",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21")),
    responses((status = 200, description = "Every version", body = List<Value>,
        example = json!({ "items": [{
            "version": "hdf-2021-1", "label": "Pass numérique des Hauts-de-France", "valid_from": "2020-01-01",
            "proof_kinds": [{ "code": "identity_document", "label": "une pièce d'identité" }],
            "rule": { "ground": { "code": "senior", "label": "60 ans ou plus", "condition": { "age": {
                "from": 60, "proofs": [{ "kind": "identity_document" }] } } } } }] }))))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    code: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let programme = signed_in.programme(&app, &code).await?;
    let rule_sets = app.read(move |tx| Ok(tx.rule_sets(programme.no)?)).await?;
    Ok(HttpResponse::Ok().json(List { items: rule_sets, next: None }))
}

/// Stores a new version of the rules. Of several that apply on a day, the one in force last counts.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/rule-sets", tag = "reference",
    operation_id = "create_rule_set", summary = "Add eligibility rules",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21")),
    request_body(content = Value, example = json!({
        "version": "hdf-2027-1", "label": "Règles de 2027", "valid_from": "2027-01-01",
        "proof_kinds": [{ "code": "identity_document", "label": "une pièce d'identité" }],
        "rule": { "ground": { "code": "senior", "label": "60 ans ou plus", "condition": { "age": {
            "from": 60, "proofs": [{ "kind": "identity_document" }] } } } } })),
    responses((status = 201, description = "Stored; the document as it was read", body = Value,
        headers(("Location" = String, description = "The list in which it stands")))))]
pub(in crate::http) async fn create(
    app: web::Data<App>,
    code: web::Path<String>,
    asked: Asked<Value>,
) -> Result<HttpResponse, Problem> {
    let programme = asked.signed_in.programme(&app, &code).await?;
    let new = rule_set(&asked.body)?;
    let (rules, no) = (new.clone(), programme.no);
    app.write(move |tx| {
        if tx.rule_sets(no)?.iter().any(|known| known.version() == new.version()) {
            return Err(Problem::new("rule_set_version_taken").field("version"));
        }
        tx.insert_rule_set(no, &new).map_err(taken("rule_set_version_taken"))
    })
    .await?;
    Ok(created(&format!("/api/v1/programmes/{}/rule-sets", programme.code), 1, &rules))
}

/// Reads a rule document.
///
/// # Errors
/// 400 with the place and the reason.
pub(super) fn rule_set(document: &Value) -> Result<RuleSet, Problem> {
    let malformed = |error| Problem::new("rule_set_malformed").about("detail", error);
    RuleSet::parse(&document.to_string()).map_err(malformed)
}
