//! Closings: one handler. What never lives here: which period may be closed.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Asked, DryRun, Recorded, record};
use crate::domain::closing::{Close, Period};
use crate::domain::time::Day;
use crate::http::app::App;
use crate::http::envelope::ActRequest;
use crate::http::problem::Problem;

/// The period to close.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ClosingBody {
    /// `day`, `month` or `year`.
    #[schema(value_type = String, example = "day")]
    period: Period,
    /// Any day of the period.
    #[schema(value_type = String, example = "2026-11-25")]
    of: Day,
}

/// Close a day, a month or a year that is over: its totals, and those since the beginning. Nothing enters it any more.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/closings", tag = "closings", request_body = ClosingBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn close(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<ClosingBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body: ClosingBody { period, of }, key, dry_run } = request;
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, Close { period, of }).await
}
