//! Claims, and the passes of one. A provider sees its own, the Region all of them.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{List, limit, query};
use super::super::problem::Problem;
use super::{cursor, one_provider};
use crate::auth::Action;
use crate::domain::claims::{Claim, ClaimRules, ClaimState, ClaimedPass};
use crate::domain::ids::{OrganisationId, PassId};
use crate::domain::programme::Programme;
use crate::store::{ClaimFilter, Reads, StoreError};

/// A claim as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Claim)]
struct ClaimJson {
    #[schema(example = 12)]
    number: i64,
    /// The receipt by which it was made.
    #[schema(example = "HDF21-LIEUX-2021-000042")]
    receipt: String,
    provider_id: String,
    #[schema(example = "Les lieux numériques de l'Avesnois")]
    provider: String,
    #[schema(example = "2021-10")]
    month: String,
    #[schema(example = "approved")]
    state: &'static str,
    /// Passes that were not rejected, and their value: what is to be paid.
    passes: i64,
    value_cents: i64,
    rejected_passes: i64,
    #[schema(example = "2021-11-02")]
    claimed_on: String,
    #[schema(example = "2021-12-02")]
    due_on: String,
    /// Since when its delay stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    suspended_on: Option<String>,
    suspended_days: u32,
    /// Approvals given to it as it stands, and how many it needs.
    approvals: usize,
    approvals_needed: usize,
    /// By redemption; only where one claim is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lines: Vec<ClaimLineJson>,
}

/// The passes of one redemption in a claim.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClaimLine)]
struct ClaimLineJson {
    /// The receipt by which they were spent.
    redemption: String,
    passes: Vec<ClaimedPassJson>,
}

/// One pass of a claim.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClaimedPass)]
struct ClaimedPassJson {
    #[schema(example = "HDF21-000123-10/04")]
    serial: String,
    /// Why it is not paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<&'static str>,
}

/// What a list of claims may be limited to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ClaimQuery {
    /// Only those of one provider.
    #[param(value_type = Option<String>)]
    provider_id: Option<OrganisationId>,
    /// Only those in one state: `submitted`, `approved`, `ordered`, `paid`, `rejected`.
    #[param(value_type = Option<String>)]
    state: Option<ClaimState>,
    /// Rows of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// What is shown of claims besides themselves, read once for all of them.
struct Beside {
    rules: ClaimRules,
    /// By claim.
    receipts: BTreeMap<i64, String>,
    /// Names, by provider.
    providers: BTreeMap<OrganisationId, String>,
}

fn beside(tx: &mut dyn Reads, programme: &Programme, claims: &[Claim]) -> Result<Beside, StoreError> {
    let providers = tx.organisations_among(&claims.iter().map(|claim| claim.provider).collect())?;
    Ok(Beside {
        rules: tx.claim_rules(programme.no)?.map(|(rules, _)| rules).unwrap_or_default(),
        receipts: tx.claim_receipts(programme.no, &claims.iter().map(|claim| claim.number).collect())?,
        providers: providers.into_iter().map(|provider| (provider.id, provider.name.to_string())).collect(),
    })
}

fn claim_json(beside: &Beside, claim: &Claim) -> ClaimJson {
    ClaimJson {
        number: claim.number,
        receipt: beside.receipts.get(&claim.number).cloned().unwrap_or_default(),
        provider_id: claim.provider.to_string(),
        provider: beside.providers.get(&claim.provider).cloned().unwrap_or_default(),
        month: claim.month.to_string(),
        state: claim.state.as_str(),
        passes: claim.passes,
        value_cents: claim.value.get(),
        rejected_passes: claim.rejected_passes,
        claimed_on: claim.claimed_on.to_string(),
        due_on: claim.due_on.to_string(),
        suspended_on: claim.suspended_on.map(|day| day.to_string()),
        suspended_days: claim.suspended_days,
        approvals: claim.approvals.len(),
        approvals_needed: beside.rules.approvals_needed(claim.value),
        lines: Vec::new(),
    }
}

fn lines(programme: &Programme, passes: Vec<(PassId, ClaimedPass)>) -> Vec<ClaimLineJson> {
    let mut by_redemption: BTreeMap<String, Vec<ClaimedPassJson>> = BTreeMap::new();
    for (pass, ClaimedPass { redemption, rejected }) in passes {
        let serial = pass.item().printed(&programme.code);
        let rejected = rejected.map(crate::domain::claims::RejectionReason::as_str);
        by_redemption.entry(redemption).or_default().push(ClaimedPassJson { serial, rejected });
    }
    by_redemption.into_iter().map(|(redemption, passes)| ClaimLineJson { redemption, passes }).collect()
}

/// Claims in order of number.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/claims", tag = "claims",
    params(("programme" = String, Path), ClaimQuery), responses((status = 200, body = List<ClaimJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path).await?;
    let asked = query::<ClaimQuery>(&request)?;
    let (limit, after) = (limit(asked.limit)?, cursor(asked.after.as_deref())?);
    let filter = one_provider(&signed_in, asked.provider_id);
    let filter = filter.map(|provider| ClaimFilter { provider, state: asked.state });
    let list = app
        .read(move |tx| {
            let found = filter.map_or(Ok(Vec::new()), |filter| tx.claims(programme.no, filter, after, limit))?;
            let beside = beside(tx, &programme, &found)?;
            let items = found.iter().map(|claim| claim_json(&beside, claim)).collect();
            Ok(List::new(items, limit, |last: &ClaimJson| last.number.to_string()))
        })
        .await?;
    Ok(HttpResponse::Ok().json(list))
}

/// One claim, with its passes.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/claims/{claim}", tag = "claims",
    params(("programme" = String, Path), ("claim" = i64, Path)), responses((status = 200, body = ClaimJson)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let unknown = || Problem::new("claim_unknown").about("claim", &path.1);
    let number: i64 = path.1.parse().map_err(|_| unknown())?;
    let own = signed_in.scope();
    let found = app
        .read(move |tx| {
            let known = tx.claims_among(programme.no, &BTreeSet::from([number]))?.pop();
            let Some(claim) = known.filter(|claim| own.is_none_or(|own| claim.provider == own)) else {
                return Ok(None);
            };
            let beside = beside(tx, &programme, std::slice::from_ref(&claim))?;
            let mut shown = claim_json(&beside, &claim);
            shown.lines = lines(&programme, tx.claim_passes(programme.no, number)?);
            Ok(Some(shown))
        })
        .await?;
    Ok(HttpResponse::Ok().json(found.ok_or_else(unknown)?))
}
