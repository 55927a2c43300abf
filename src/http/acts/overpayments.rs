//! What was paid and ought not to have been: stated by the Region's finance service, and asked for by a titre de recette
//! where no later payment is lessened by it.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::envelope::ActRequest;
use super::super::problem::Problem;
use super::claims::{NothingBody, claim_number, claimed};
use super::{Asked, DryRun, Recorded, record};
use crate::domain::claims::RejectionReason;
use crate::domain::ids::OrganisationId;
use crate::domain::money::Cents;
use crate::domain::payments::{NoteOverpayment, Offset, OrderRevenue};
use crate::domain::serial::PassSerial;
use crate::domain::text::Reference;

/// Which passes ought not to have been paid, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct OverpaymentBody {
    #[schema(value_type = Vec<String>, example = json!(["HDF21-000123-10/04"]))]
    passes: Vec<PassSerial>,
    #[schema(value_type = String, example = "paid_otherwise")]
    reason: RejectionReason,
    /// The letter or file that says more.
    #[schema(value_type = Option<String>, example = "COURRIER-2021-118")]
    reference: Option<Reference>,
}

/// What a provider is asked for apart.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RevenueOrderBody {
    #[schema(value_type = String, example = "018f2d5e-0000-7000-8000-000000000001")]
    provider_id: OrganisationId,
    /// Whole cents, at most what the provider owes.
    #[schema(value_type = i64, example = 3000)]
    amount_cents: Cents,
    /// Number of the titre de recette.
    #[schema(value_type = String, example = "2021-TR-0042")]
    number: Reference,
}

/// State that passes of a paid claim ought not to have been paid. They go back to what the provider has redeemed, and their
/// value is taken off its next payment unless a revenue order asks for it.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/claims/{claim}/overpayments", tag = "claims",
    request_body = OverpaymentBody, params(("programme" = String, Path), ("claim" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn note(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<OverpaymentBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let OverpaymentBody { passes, reason, reference } = body;
    let passes = claimed(&programme, &passes, "passes")?;
    let act = NoteOverpayment { claim: claim_number(&path.1)?, passes, reason, reference };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// Settle a claim against what its provider owes: nothing is paid to the bank, the debt is less by its value.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/claims/{claim}/offset", tag = "claims",
    request_body = NothingBody, params(("programme" = String, Path), ("claim" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn offset(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<NothingBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body: NothingBody {}, key, dry_run } = request;
    let act = Offset { claim: claim_number(&path.1)? };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// Ask a provider for what it was overpaid, by a titre de recette.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/revenue-orders", tag = "claims",
    request_body = RevenueOrderBody, params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn order_revenue(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<RevenueOrderBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let RevenueOrderBody { provider_id: provider, amount_cents: amount, number } = body;
    let act = OrderRevenue { provider, amount, number };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}
