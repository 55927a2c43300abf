//! The tree over a journal as others see it: checkpoints, proofs, and what witnesses send back. What never lives here: a
//! hash (see `receipts::merkle`), or which witness is trusted (a setting).

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::{App, blocking};
use super::caller::SignedIn;
use super::envelope::{Asked, query};
use super::lookups::receipts::seen_receipt;
use super::problem::Problem;
use crate::auth::Action;
use crate::domain::programme::Programme;
use crate::domain::time::Instant;
use crate::receipts::merkle::Hash;
use crate::receipts::note::{SignatureLine, encode, proof};
use crate::tree::{Cosigned, Tree, extend, keep};

/// Which tree.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TreeQuery {
    /// Receipts in the tree; all there are when not said.
    size: Option<u64>,
    /// Inclusion: the position of the receipt.
    position: Option<u64>,
    /// Consistency, witnessing: receipts in the older tree; none when not said.
    old: Option<u64>,
}

/// A witness's last signature.
#[derive(Debug, Serialize, ToSchema)]
struct WitnessJson {
    #[schema(example = "payeur.example/w1")]
    witness: String,
    /// Receipts in the tree that it signed.
    size: i64,
    #[schema(example = "2026-11-26T00:05:00.000Z")]
    signed_at: String,
}

/// How far the tree goes, and who else has seen it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tree)]
struct TreeJson {
    #[schema(example = "recepisse/HDF21")]
    origin: String,
    /// Receipts.
    size: u64,
    /// Base64.
    root: String,
    /// `witnessed` where a witness has signed this very tree, `behind` where only an earlier one, else `unwitnessed`.
    #[schema(example = "unwitnessed")]
    state: &'static str,
    witnesses: Vec<WitnessJson>,
}

/// A proof, as hashes in base64 from the leaf's side up.
#[derive(Debug, Serialize, ToSchema)]
struct ProofJson {
    size: u64,
    root: String,
    hashes: Vec<String>,
}

/// Works on the tree that is asked for, once its complete blocks are kept.
async fn with_tree<T: Send + 'static>(
    app: &web::Data<App>,
    programme: &Programme,
    size: Option<u64>,
    work: impl FnOnce(&mut Tree<'_>) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let (app, programme) = (app.clone(), programme.clone());
    blocking(move || {
        extend(&app.store, programme.no)?;
        app.store.read(|tx| match Tree::of(tx, &programme, size)? {
            Ok(mut tree) => work(&mut tree),
            Err(_) => Err(beyond(size)),
        })
    })
    .await
}

fn beyond(size: Option<u64>) -> Problem {
    Problem::new("tree_size_unknown").about("size", size.unwrap_or_default()).field("size")
}

fn plain(text: String) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text)
}

/// What these hashes prove is proven of this tree.
fn proven(tree: &mut Tree<'_>, hashes: &[Hash]) -> Result<ProofJson, Problem> {
    let checkpoint = tree.checkpoint()?;
    let hashes = hashes.iter().map(encode).collect();
    Ok(ProofJson { size: checkpoint.size, root: encode(&checkpoint.root), hashes })
}

/// How far the tree over the journal goes, and whether a witness has seen it.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/tree", tag = "receipts",
    params(("programme" = String, Path)), responses((status = 200, body = TreeJson)))]
pub(super) async fn state(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    let programme = signed_in.programme(&app, &path).await?;
    let json = with_tree(&app, &programme, None, |tree| {
        let (checkpoint, seen) = (tree.checkpoint()?, tree.witnessed()?);
        let this = seen.iter().any(|kept| u64::try_from(kept.size) == Ok(checkpoint.size));
        let state = match (this, seen.is_empty()) {
            (true, _) => "witnessed",
            (false, false) => "behind",
            (false, true) => "unwitnessed",
        };
        let witnesses = seen.into_iter().map(|kept| WitnessJson {
            signed_at: Instant::from_millis(0).plus_seconds(kept.signed_at_seconds).to_string(),
            witness: kept.witness,
            size: kept.size,
        });
        let root = encode(&checkpoint.root);
        Ok(TreeJson { origin: checkpoint.origin, size: checkpoint.size, root, state, witnesses: witnesses.collect() })
    });
    Ok(HttpResponse::Ok().json(json.await?))
}

/// The checkpoint of the tree, as a signed note.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/checkpoint", tag = "receipts",
    params(("programme" = String, Path), TreeQuery),
    responses((status = 200, description = "The note", content_type = "text/plain", body = String)))]
pub(super) async fn checkpoint(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let programme = signed_in.programme(&app, &path).await?;
    let (asked, shared): (TreeQuery, _) = (query(&request)?, app.clone());
    let note = with_tree(&app, &programme, asked.size, move |tree| Ok(tree.note(&shared.keys)?.to_string()));
    Ok(plain(note.await?))
}

/// What a witness that signed the tree of `old` receipts is asked, in a file for `recepisse witness`.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/checkpoint/witnessing", tag = "receipts",
    params(("programme" = String, Path), TreeQuery),
    responses((status = 200, description = "The request", content_type = "text/plain", body = String)))]
pub(super) async fn witnessing(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::Verify)?;
    let programme = signed_in.programme(&app, &path).await?;
    let (asked, shared): (TreeQuery, _) = (query(&request)?, app.clone());
    let old = asked.old.unwrap_or(0);
    let asking = with_tree(&app, &programme, asked.size, move |tree| {
        Ok(tree.request(&shared.keys, old)?.ok_or_else(|| beyond(Some(old)))?.to_string())
    });
    Ok(plain(asking.await?))
}

/// What a witness has signed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CosignatureBody {
    /// Receipts in the tree that it signed.
    #[schema(example = 1030)]
    size: u64,
    /// The line that it wrote: `— name base64`.
    #[schema(example = "— payeur.example/w1 AAAA")]
    cosignature: String,
}

/// Hand in what a witness has signed.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/checkpoint/witnessing", tag = "receipts",
    request_body = CosignatureBody, params(("programme" = String, Path)), responses((status = 200, body = TreeJson)))]
pub(super) async fn witnessed(
    app: web::Data<App>,
    path: web::Path<String>,
    asked: Asked<CosignatureBody>,
) -> Result<HttpResponse, Problem> {
    let Asked { signed_in, body } = asked;
    let programme = signed_in.programme(&app, &path).await?;
    let not_ours = || Problem::new("cosignature_not_ours").field("cosignature");
    let line = SignatureLine::parse(body.cosignature.trim_end()).ok_or_else(not_ours)?;
    let (shared, of) = (app.clone(), programme.clone());
    let kept = blocking(move || Ok(keep(&shared.store, &of, &shared.witnesses, (body.size, &line))?)).await?;
    match kept {
        Cosigned::Kept => state(app, path, signed_in).await,
        Cosigned::NotOurs => Err(not_ours()),
        Cosigned::Older => Err(Problem::new("cosignature_older").field("size")),
    }
}

/// That a receipt is in the tree.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/tree/inclusion", tag = "receipts",
    params(("programme" = String, Path), TreeQuery), responses((status = 200, body = ProofJson)))]
pub(super) async fn inclusion(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::Verify)?;
    let programme = signed_in.programme(&app, &path).await?;
    let asked: TreeQuery = query(&request)?;
    let position = asked.position.ok_or(Problem::new("parameter_missing").about("parameter", "position"))?;
    let json = with_tree(&app, &programme, asked.size, move |tree| {
        let hashes = tree.inclusion(position)?.ok_or_else(|| beyond(Some(position)))?;
        proven(tree, &hashes)
    });
    Ok(HttpResponse::Ok().json(json.await?))
}

/// That the tree only grew.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/tree/consistency", tag = "receipts",
    params(("programme" = String, Path), TreeQuery), responses((status = 200, body = ProofJson)))]
pub(super) async fn consistency(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::Verify)?;
    let programme = signed_in.programme(&app, &path).await?;
    let asked: TreeQuery = query(&request)?;
    let old = asked.old.unwrap_or(0);
    let json = with_tree(&app, &programme, asked.size, move |tree| {
        let hashes = tree.consistency(old)?.ok_or_else(|| beyond(Some(old)))?;
        proven(tree, &hashes)
    });
    Ok(HttpResponse::Ok().json(json.await?))
}

/// The proof that a receipt is in the tree, in a file that anybody checks offline.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/receipts/{number}/proof", tag = "receipts",
    params(("programme" = String, Path), ("number" = String, Path), TreeQuery),
    responses((status = 200, description = "The proof", content_type = "text/plain", body = String)))]
pub(super) async fn of_receipt(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let receipt = seen_receipt(&app, &programme, path.1.clone(), &signed_in).await?;
    let position = u64::try_from(receipt.body().position).unwrap_or_default();
    let (asked, shared): (TreeQuery, _) = (query(&request)?, app.clone());
    let bytes = receipt.bytes().to_owned();
    let file = with_tree(&app, &programme, asked.size, move |tree| {
        let path = tree.inclusion(position)?.ok_or_else(|| beyond(Some(position)))?;
        Ok(proof(bytes.as_bytes(), position.saturating_sub(1), &path, &tree.note(&shared.keys)?))
    });
    let disposition = format!("attachment; filename=\"{}.tlog-proof\"", receipt.body().number);
    let mut response = plain(file.await?);
    let value =
        actix_web::http::header::HeaderValue::from_str(&disposition).map_err(|error| Problem::internal(&error))?;
    response.headers_mut().insert(actix_web::http::header::CONTENT_DISPOSITION, value);
    Ok(response)
}
