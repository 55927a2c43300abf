//! Eligibility rules of a programme: dated documents. A version once stored never changes; decisions name it.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Asked, created, taken};
use crate::auth::Action;
use crate::domain::eligibility::RuleSet;
use crate::domain::programme::Programme;
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::{DryRunQuery, List, query};
use crate::http::problem::Problem;
use crate::reports::{Counts, SeenAgain, hindsight};
use crate::store::ReferenceReads;

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

/// Decisions that would stand by other rules, that would not, and of which too little is kept to tell.
#[derive(Debug, Serialize, ToSchema)]
struct SeenAgainCounts {
    still: i64,
    undetermined: i64,
    lost: i64,
}

/// Rules that were tried on the hand-outs so far, each judged on its own day. Nothing is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct RuleSetTried {
    #[schema(value_type = Object)]
    rule_set: RuleSet,
    decisions: i64,
    #[serde(flatten)]
    all: SeenAgainCounts,
    /// By the ground on which people received their booklets.
    by_ground: BTreeMap<String, SeenAgainCounts>,
    /// By the condition that would undo a decision, or might: `residence`, `age`, or a status.
    by_condition: BTreeMap<String, SeenAgainCounts>,
}

impl From<Counts> for SeenAgainCounts {
    fn from(Counts { still, undetermined, lost }: Counts) -> Self {
        Self { still, undetermined, lost }
    }
}

impl RuleSetTried {
    fn new(rule_set: RuleSet, SeenAgain { all, by_ground, by_condition }: SeenAgain) -> Self {
        let told =
            |counts: BTreeMap<String, Counts>| counts.into_iter().map(|(name, sum)| (name, sum.into())).collect();
        let decisions = all.still + all.undetermined + all.lost;
        Self { rule_set, decisions, all: all.into(), by_ground: told(by_ground), by_condition: told(by_condition) }
    }
}

/// Stores a new version of the rules. Of several that apply on a day, the one in force last counts. With `?dry_run=true`
/// nothing is stored: the answer says how many of the people served so far would have been by these rules.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/rule-sets", tag = "reference",
    operation_id = "create_rule_set", summary = "Add eligibility rules",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21"),
        ("dry_run" = Option<bool>, Query, description = "Only try: who would change?")),
    request_body(content = Value, example = json!({
        "version": "hdf-2027-1", "label": "Règles de 2027", "valid_from": "2027-01-01",
        "proof_kinds": [{ "code": "identity_document", "label": "une pièce d'identité" }],
        "rule": { "ground": { "code": "senior", "label": "60 ans ou plus", "condition": { "age": {
            "from": 60, "proofs": [{ "kind": "identity_document" }] } } } } })),
    responses((status = 201, description = "Stored; the document as it was read", body = Value,
        headers(("Location" = String, description = "The list in which it stands"))),
        (status = 200, description = "Dry run", body = RuleSetTried)))]
pub(in crate::http) async fn create(
    app: web::Data<App>,
    code: web::Path<String>,
    http: HttpRequest,
    asked: Asked<Value>,
) -> Result<HttpResponse, Problem> {
    let programme = asked.signed_in.programme(&app, &code).await?;
    let new = rule_set(&asked.body)?;
    if query::<DryRunQuery>(&http)?.dry_run {
        let tried = app.read(move |tx| {
            not_taken(tx, &programme, &new)?;
            let seen = hindsight(tx, &programme, &new)?;
            Ok(RuleSetTried::new(new, seen))
        });
        return Ok(HttpResponse::Ok().json(tried.await?));
    }
    let (rules, of) = (new.clone(), programme.clone());
    app.write(move |tx| {
        not_taken(tx, &of, &new)?;
        tx.insert_rule_set(of.no, &new).map_err(taken("rule_set_version_taken"))
    })
    .await?;
    Ok(created(&format!("/api/v1/programmes/{}/rule-sets", programme.code), 1, &rules))
}

fn not_taken<T: ReferenceReads + ?Sized>(tx: &mut T, programme: &Programme, new: &RuleSet) -> Result<(), Problem> {
    if tx.rule_sets(programme.no)?.iter().any(|known| known.version() == new.version()) {
        return Err(Problem::new("rule_set_version_taken").field("version"));
    }
    Ok(())
}

/// Reads a rule document.
///
/// # Errors
/// 400 with the place and the reason.
pub(super) fn rule_set(document: &Value) -> Result<RuleSet, Problem> {
    let malformed = |error| Problem::new("rule_set_malformed").about("detail", error);
    RuleSet::parse(&document.to_string()).map_err(malformed)
}
