//! A journal that has lost receipts: what is missing, who declares it, who confirms. What never lives here: a rule, or
//! how a loss is noticed.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Asked, DryRun, Recorded, record};
use crate::auth::Action;
use crate::domain::programme::Programme;
use crate::domain::restore::{ConfirmRestore, Declaration, Loss, Point, RestoreReason, declare};
use crate::http::app::{App, blocking};
use crate::http::caller::SignedIn;
use crate::http::envelope::{self, ActRequest};
use crate::http::problem::Problem;

/// A place in the journal.
#[derive(Debug, Serialize, ToSchema)]
struct PointJson {
    #[schema(example = 1)]
    epoch: i64,
    #[schema(example = 1030)]
    position: i64,
    hash: String,
}

/// What a journal lacks of what was given out.
#[derive(Debug, Serialize, ToSchema)]
struct LossJson {
    /// Where the journal stands.
    restored: PointJson,
    /// Where it was known to have stood.
    known: PointJson,
    /// At least.
    #[schema(example = 10)]
    receipts_lost: i64,
}

/// A loss that somebody has declared and nobody has confirmed.
#[derive(Debug, Serialize, ToSchema)]
struct DeclarationJson {
    /// As receipts name this person.
    #[schema(example = "9f86d081884c7d65")]
    declared_by: String,
    #[schema(example = "restored_from_backup")]
    reason: &'static str,
}

/// Whether the journal holds everything that was given out.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct RestoreJson {
    /// Nothing is written while this is so.
    frozen: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    loss: Option<LossJson>,
    /// Of this loss; one of an earlier loss is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    declaration: Option<DeclarationJson>,
}

impl From<Point> for PointJson {
    fn from(point: Point) -> Self {
        let Point { epoch, position, hash } = point;
        Self { epoch, position, hash }
    }
}

impl RestoreJson {
    fn new(loss: Option<Loss>, declaration: Option<Declaration>) -> Self {
        let declaration = declaration.filter(|declaration| Some(&declaration.loss) == loss.as_ref());
        let declaration = declaration.map(|Declaration { pseudonym, reason, .. }| DeclarationJson {
            declared_by: pseudonym,
            reason: reason.as_str(),
        });
        let to_json = |loss: Loss| LossJson {
            receipts_lost: loss.receipts_lost(),
            restored: loss.restored.into(),
            known: loss.known.into(),
        };
        Self { frozen: loss.is_some(), loss: loss.map(to_json), declaration }
    }
}

/// What the journal lacks, as read now.
async fn loss(app: &web::Data<App>, programme: &Programme) -> Result<Option<Loss>, Problem> {
    let (app, programme) = (app.clone(), programme.clone());
    blocking(move || Ok(app.ledger.loss(&programme)?)).await
}

/// Whether the journal holds everything that was given out, and what was declared if not.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/restore", tag = "receipts",
    params(("programme" = String, Path)), responses((status = 200, body = RestoreJson)))]
pub(in crate::http) async fn state(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::Verify)?;
    let programme = signed_in.programme(&app, &path).await?;
    let loss = loss(&app, &programme).await?;
    let no = programme.no;
    let declaration = app.read(move |tx| Ok(tx.restore_declaration(no)?)).await?;
    Ok(HttpResponse::Ok().json(RestoreJson::new(loss, declaration)))
}

/// Why receipts are missing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RestoreBody {
    #[schema(value_type = String, example = "restored_from_backup")]
    reason: RestoreReason,
}

/// Declare that receipts which were given out are missing. Nothing is written until somebody else confirms it.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/restore", tag = "receipts", request_body = RestoreBody,
    params(("programme" = String, Path)), responses((status = 200, body = RestoreJson)))]
pub(in crate::http) async fn declare_loss(
    app: web::Data<App>,
    path: web::Path<String>,
    asked: envelope::Asked<RestoreBody>,
) -> Result<HttpResponse, Problem> {
    let envelope::Asked { signed_in, body } = asked;
    let programme = signed_in.programme(&app, &path).await?;
    let loss = loss(&app, &programme).await?;
    let actor = signed_in.caller.actor();
    let declaration = declare(loss.clone(), actor.user, actor.pseudonym.clone(), body.reason)?;
    let (no, kept) = (programme.no, declaration.clone());
    app.write(move |tx| Ok::<_, Problem>(tx.keep_restore_declaration(no, &kept)?)).await?;
    tracing::warn!(programme = %programme.code, by = declaration.pseudonym, "a loss is declared");
    Ok(HttpResponse::Ok().json(RestoreJson::new(loss, Some(declaration))))
}

/// Nothing to say but that it is confirmed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ConfirmationBody {}

/// Confirm the loss that somebody else has declared: writing goes on, in a new epoch.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/restore/confirmation", tag = "supply",
    request_body = ConfirmationBody, params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn confirm(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<ConfirmationBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body: ConfirmationBody {}, key, dry_run } = request;
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, ConfirmRestore).await
}
