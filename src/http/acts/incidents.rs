//! Oppositions, losses, what brings passes back, and replacements.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::commitment::draw;
use super::handout::{BeneficiaryBody, identity};
use super::{Asked, DryRun, RangeBody, Recorded, Submitted, booklet_ids, pass_ids, record, respond, submit};
use crate::domain::incidents::{Block, BlockReason, BringBack, DeclareLoss, LossReason, ReleaseReason};
use crate::domain::items::Named;
use crate::domain::movement::Kind;
use crate::domain::programme::Programme;
use crate::domain::replacement::{Replace, ReplacementReason};
use crate::domain::serial::{BookletSerial, PassSerial};
use crate::domain::text::{ReceiptNumber, Reference};
use crate::domain::time::Day;
use crate::http::app::App;
use crate::http::envelope::ActRequest;
use crate::http::problem::Problem;
use crate::http::recognition::recognise;

/// Which booklets, with the passes still in them, and which single passes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ItemsBody {
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["HDF21-000123-10"]))]
    booklets: Vec<BookletSerial>,
    #[serde(default)]
    ranges: Vec<RangeBody>,
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["HDF21-000124-07/03"]))]
    passes: Vec<PassSerial>,
}

impl ItemsBody {
    pub(super) fn named(&self, programme: &Programme) -> Result<Named, Problem> {
        let unknown = |serial: &PassSerial| Problem::new("pass_unknown").about("serial", serial).field("passes");
        Ok(Named {
            booklets: booklet_ids(programme, &self.booklets, &self.ranges)?,
            passes: pass_ids(programme, &self.passes, unknown)?,
        })
    }
}

/// Passes that must not be handed out or spent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct BlockBody {
    items: ItemsBody,
    #[schema(value_type = String, example = "suspected_fraud")]
    reason: BlockReason,
}

/// Block booklets or passes wherever they are in use. Only somebody else can unblock them.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/blocks", tag = "incidents", request_body = BlockBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn block(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<BlockBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let act = Block { items: body.items.named(&programme)?, reason: body.reason };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// Passes that are lost or stolen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct LossBody {
    items: ItemsBody,
    #[schema(value_type = String, example = "stolen")]
    reason: LossReason,
    #[schema(value_type = String, example = "2026-11-20")]
    noticed_on: Day,
    /// Number of the complaint or of the carrier's inquiry.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "PV-2026-118")]
    complaint: Option<Reference>,
    /// Number of the stock-take that missed them.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "HDF21-MAUB-2026-000051")]
    stock_take: Option<ReceiptNumber>,
}

/// Declare passes lost or stolen: what a prescriber has or has handed out, anything for the Region.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/losses", tag = "incidents", request_body = LossBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn declare_loss(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<LossBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let LossBody { items, reason, noticed_on, complaint, stock_take } = body;
    let act = DeclareLoss { items: items.named(&programme)?, reason, noticed_on, complaint, stock_take };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// What comes back into use, of what one receipt took.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ReleaseBody {
    /// Everything that is still there, where nothing is named.
    #[serde(default)]
    items: ItemsBody,
    #[schema(value_type = String, example = "cleared_up")]
    reason: ReleaseReason,
}

/// Unblock what a block, a delivery or an acceptance has blocked: it goes back to where it was. By a second person.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/blocks/{number}/release", tag = "incidents",
    request_body = ReleaseBody, params(("programme" = String, Path), ("number" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn release(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<ReleaseBody>,
) -> Result<HttpResponse, Problem> {
    bring_back(app, path, request, Kind::Unblock).await
}

/// What was declared lost is there again: it goes back to where it was. By a second person.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/losses/{number}/recovery", tag = "incidents",
    request_body = ReleaseBody, params(("programme" = String, Path), ("number" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn recover(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<ReleaseBody>,
) -> Result<HttpResponse, Problem> {
    bring_back(app, path, request, Kind::Found).await
}

async fn bring_back(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<ReleaseBody>,
    kind: Kind,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let unknown = |_| Problem::new("withdrawal_unknown").about("number", &path.1);
    let number = ReceiptNumber::parse(&path.1).map_err(unknown)?;
    let act = BringBack { kind, number, items: body.items.named(&programme)?, reason: body.reason };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// Another booklet for somebody whose booklet is lost or unusable.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ReplacementBody {
    /// The person who received the original.
    beneficiary: BeneficiaryBody,
    #[schema(value_type = String, example = "HDF21-000123-10")]
    original: BookletSerial,
    /// A whole booklet of one's own stock.
    #[schema(value_type = String, example = "HDF21-000124-07")]
    replacement: BookletSerial,
    #[schema(value_type = String, example = "lost")]
    reason: ReplacementReason,
}

/// Replace a booklet: the original is blocked for ever, the person receives as many passes as were left in it.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/replacements", tag = "incidents",
    request_body = ReplacementBody, params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn replace(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<ReplacementBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let identity = identity(&body.beneficiary)?;
    let drawn = draw(&app, &programme, &identity);
    let one = |serial: BookletSerial| booklet_ids(&programme, &[serial], &[]);
    let (original, replacement) = (one(body.original)?, one(body.replacement)?);
    let (Some(original), Some(replacement)) = (original.first(), replacement.first()) else {
        return Err(Problem::new("selection_empty"));
    };
    let act = Replace {
        original: *original,
        replacement: *replacement,
        fingerprint: recognise(&app, &programme, &identity, dry_run.into()).await?.fingerprint,
        commitment: drawn.committed.commitment,
        nonce: Some(drawn.nonce),
        reason: body.reason,
    };
    let asked = Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run };
    let answer = match submit(asked, act).await? {
        Submitted::Tried(preview) => return Ok(preview),
        Submitted::Answered(answer) => answer,
    };
    let committed = drawn.of_answer(&app, &programme, &identity, &answer).await?;
    Ok(respond(&programme, answer, |_| committed.map(Into::into)))
}
