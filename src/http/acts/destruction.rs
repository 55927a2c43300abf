//! Minutes of destruction: proposed by the Region, signed by the public accountant. What never lives here: a rule.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::claims::NothingBody;
use super::incidents::ItemsBody;
use super::{Asked, DryRun, Recorded, record};
use crate::auth::Action;
use crate::domain::destruction::{Destroy, DestructionReason, Proposal, ProposeDestruction};
use crate::domain::programme::Programme;
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::{ActRequest, List, limit, query};
use crate::http::lookups::cursor;
use crate::http::problem::Problem;

/// What is to be destroyed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct DestructionBody {
    items: ItemsBody,
    #[schema(value_type = String, example = "end_of_validity")]
    reason: DestructionReason,
}

/// A proposal of destruction.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Destruction)]
struct DestructionJson {
    #[schema(example = 1)]
    number: i64,
    #[schema(example = "end_of_validity")]
    reason: &'static str,
    /// Serials, and runs of serials.
    #[schema(example = json!(["HDF21-000200-82..HDF21-000219-25"]))]
    items: Vec<String>,
    /// As receipts name this person.
    #[schema(example = "9f86d081884c7d65")]
    proposed_by: String,
    #[schema(example = "2028-03-01")]
    proposed_on: String,
    /// The minutes, once they are signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "HDF21-HDF-2028-000042")]
    receipt: Option<String>,
}

impl DestructionJson {
    fn new(programme: &Programme, proposal: Proposal) -> Self {
        Self {
            number: proposal.number,
            reason: proposal.reason.as_str(),
            items: proposal.items.printed(programme),
            proposed_by: proposal.proposer_pseudonym,
            proposed_on: proposal.proposed_on.to_string(),
            receipt: proposal.receipt,
        }
    }
}

/// Propose to destroy booklets or passes that have expired, are blocked, or lie in the Region's store. Nothing is destroyed
/// until the public accountant has signed. The receipt's mention `proposal` is the number to sign.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/destructions", tag = "ends", request_body = DestructionBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn propose(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<DestructionBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body: DestructionBody { items, reason }, key, dry_run } = request;
    let items = items.named(&programme)?;
    let asked = Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run };
    record(asked, ProposeDestruction { items, reason }).await
}

/// A page of proposals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DestructionQuery {
    /// Rows of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Proposals of destruction in order of number, signed or not.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/destructions", tag = "ends",
    params(("programme" = String, Path), DestructionQuery), responses((status = 200, body = List<DestructionJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path).await?;
    let asked = query::<DestructionQuery>(&request)?;
    let (limit, after, no) = (limit(asked.limit)?, cursor(asked.after.as_deref())?, programme.no);
    let found = app.read(move |tx| Ok(tx.destructions(no, after, limit)?)).await?;
    let List { items, next } = List::new(found, limit, |last: &Proposal| last.number.to_string());
    let items = items.into_iter().map(|proposal| DestructionJson::new(&programme, proposal)).collect();
    Ok(HttpResponse::Ok().json(List { items, next }))
}

/// Sign the minutes of a destruction that somebody else has proposed: what it names is destroyed.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/destructions/{destruction}/signature", tag = "ends",
    request_body = NothingBody, params(("programme" = String, Path), ("destruction" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn sign(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<NothingBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let unknown = || Problem::new("destruction_unknown").about("destruction", &path.1);
    let (number, no) = (path.1.parse::<i64>().map_err(|_| unknown())?, programme.no);
    let found = app.read(move |tx| Ok(tx.destructions_among(no, &BTreeSet::from([number]))?)).await?;
    let Proposal { number, items, .. } = found.into_iter().next().ok_or_else(unknown)?;
    let ActRequest { signed_in, body: NothingBody {}, key, dry_run } = request;
    let asked = Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run };
    record(asked, Destroy { proposal: number, items }).await
}
