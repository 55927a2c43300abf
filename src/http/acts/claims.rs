//! Claims: made by a provider or for it, approved, rejected in part, suspended and resumed by the Region's finance service.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::ActRequest;
use super::super::problem::Problem;
use super::{Asked, DryRun, Recorded, pass_ids, record};
use crate::domain::act::Act;
use crate::domain::claims::{Approve, MakeClaim, Reject, RejectionReason, Resume, Suspend, SuspensionReason};
use crate::domain::ids::{OrganisationId, PassId};
use crate::domain::month::Month;
use crate::domain::programme::Programme;
use crate::domain::serial::PassSerial;
use crate::domain::text::Reference;

/// What is claimed: the ledger knows the rest.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ClaimBody {
    /// The caller's own organisation when not said.
    #[schema(value_type = Option<String>, example = "018f2d5e-0000-7000-8000-000000000001")]
    provider_id: Option<OrganisationId>,
    /// A month that is over; what was left out of earlier ones comes with it.
    #[schema(value_type = String, example = "2021-10")]
    month: Month,
    /// Passes rejected in an earlier claim, presented again.
    #[schema(value_type = Vec<String>, example = json!(["HDF21-000123-10/04"]))]
    #[serde(default)]
    again: Vec<PassSerial>,
}

/// Which passes are not paid, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RejectionBody {
    #[schema(value_type = Vec<String>, example = json!(["HDF21-000123-10/04"]))]
    passes: Vec<PassSerial>,
    #[schema(value_type = String, example = "evidence_missing")]
    reason: RejectionReason,
    /// The letter or file that says more.
    #[schema(value_type = Option<String>, example = "COURRIER-2021-118")]
    reference: Option<Reference>,
}

/// Why a claim waits.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SuspensionBody {
    #[schema(value_type = String, example = "passes_disputed")]
    reason: SuspensionReason,
    /// The passes in dispute; the whole claim where none is named.
    #[schema(value_type = Vec<String>, example = json!(["HDF21-000123-10/04"]))]
    #[serde(default)]
    passes: Vec<PassSerial>,
    /// The letter that tells the provider.
    #[schema(value_type = Option<String>, example = "COURRIER-2021-118")]
    reference: Option<Reference>,
}

/// Nothing more to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NothingBody {}

/// The passes behind serials of the field with this name.
pub(super) fn claimed(
    programme: &Programme,
    serials: &[PassSerial],
    field: &'static str,
) -> Result<Vec<PassId>, Problem> {
    pass_ids(programme, serials, |serial| Problem::new("pass_not_in_claim").about("serial", serial).field(field))
}

/// A number that no claim can have is an address that leads nowhere.
pub(super) fn claim_number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::new("claim_unknown").about("claim", text))
}

async fn submit<A: Act + 'static, B>(
    app: &web::Data<App>,
    programme: &Programme,
    asked: ActRequest<B>,
    act: A,
) -> Result<HttpResponse, Problem> {
    let ActRequest { signed_in, key, dry_run, .. } = asked;
    record(Asked { app, signed_in: &signed_in, programme, key, dry_run }, act).await
}

fn own(signed_in: &SignedIn) -> OrganisationId {
    signed_in.caller.actor().organisation
}

/// Claim what a provider's venues have taken by the end of a month. A dry run shows what would be claimed.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/claims", tag = "claims", request_body = ClaimBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn claim(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<ClaimBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let provider = request.body.provider_id.unwrap_or_else(|| own(&request.signed_in));
    let again = claimed(&programme, &request.body.again, "again")?;
    let act = MakeClaim { provider, month: request.body.month, again };
    submit(&app, &programme, request, act).await
}

/// Approve a claim as it stands.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/claims/{claim}/approval", tag = "claims",
    request_body = NothingBody, params(("programme" = String, Path), ("claim" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn approve(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<NothingBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let NothingBody {} = request.body;
    submit(&app, &programme, request, Approve { claim: claim_number(&path.1)? }).await
}

/// Take passes out of a claim: they are not paid. Approvals given before are void.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/claims/{claim}/rejection", tag = "claims",
    request_body = RejectionBody, params(("programme" = String, Path), ("claim" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn reject(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<RejectionBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let passes = claimed(&programme, &request.body.passes, "passes")?;
    let (reason, reference) = (request.body.reason, request.body.reference.clone());
    let act = Reject { claim: claim_number(&path.1)?, passes, reason, reference };
    submit(&app, &programme, request, act).await
}

/// Stop the delay of a claim while something is asked of the provider or disputed.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/claims/{claim}/suspension", tag = "claims",
    request_body = SuspensionBody, params(("programme" = String, Path), ("claim" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn suspend(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<SuspensionBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let passes = claimed(&programme, &request.body.passes, "passes")?;
    let (reason, reference) = (request.body.reason, request.body.reference.clone());
    let act = Suspend { claim: claim_number(&path.1)?, reason, passes, reference };
    submit(&app, &programme, request, act).await
}

/// Let the delay of a claim run again: it is due as many days later as it stood still.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/claims/{claim}/resumption", tag = "claims",
    request_body = NothingBody, params(("programme" = String, Path), ("claim" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn resume(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<NothingBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let NothingBody {} = request.body;
    submit(&app, &programme, request, Resume { claim: claim_number(&path.1)? }).await
}
