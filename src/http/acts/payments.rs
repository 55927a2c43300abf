//! Payments ordered. A payment's file is made before the order, from the same facts, so that its hash is sealed with it.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::app::{App, blocking};
use super::super::envelope::ActRequest;
use super::super::problem::Problem;
use super::{Asked, DryRun, Recorded, record, replayed};
use crate::domain::text::Reference;
use crate::domain::time::Day;
use crate::payment_file::{self, Wish};

/// Which claims are paid, and under which numbers.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PaymentBody {
    /// Approved claims by number, 1 to 500: one transfer each.
    #[schema(example = json!([3, 5, 8]))]
    claims: Vec<i64>,
    /// Number of the mandat de paiement.
    #[schema(value_type = String, example = "2021-MP-4711")]
    payment_order: Reference,
    /// Number of the bordereau of mandats.
    #[schema(value_type = Option<String>, example = "2021-BJ-118")]
    bordereau: Option<Reference>,
    /// Number of the engagement.
    #[schema(value_type = Option<String>, example = "2021-E-00042")]
    engagement: Option<Reference>,
    /// When the bank is asked to pay.
    #[schema(value_type = String, example = "2099-11-08")]
    execute_on: Day,
    /// Whether what a provider was overpaid is taken off its first claim here; so it is when not said.
    #[schema(example = true)]
    #[serde(default = "yes")]
    net_overpayments: bool,
}

const fn yes() -> bool {
    true
}

/// Order the payment of approved claims. A dry run shows what would be paid.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/payments", tag = "claims", request_body = PaymentBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn order(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<PaymentBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    if let Some(answer) = replayed(&app, &programme, key.as_ref()).await? {
        return Ok(answer);
    }
    let (shared, of) = (app.clone(), programme.clone());
    let PaymentBody { claims, payment_order, bordereau, engagement, execute_on, net_overpayments: net } = body;
    let wish = Wish { claims, payment_order, bordereau, engagement, execute_on, net };
    let act = blocking(move || {
        let now = shared.clock.now();
        shared.store.read(|tx| Ok(payment_file::prepare(tx, &shared.keys, &of, wish, now)?))
    });
    let act = act.await?;
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}
