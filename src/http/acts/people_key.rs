//! The key under which people are recognised: which one is in use, who proposes the next, who puts it in use. What never lives
//! here: a key.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::restore::ConfirmationBody;
use super::{Asked, DryRun, Recorded, record};
use crate::auth::Action;
use crate::domain::people_key::{NamedKey, PeopleKeys, RenewPeopleKey};
use crate::http::app::{App, blocking};
use crate::http::caller::SignedIn;
use crate::http::envelope::{self, ActRequest};
use crate::http::problem::Problem;
use crate::http::recognition::finds;

/// A key that is proposed, and by whom.
#[derive(Debug, Serialize, ToSchema)]
struct PeopleKeyProposalJson {
    #[schema(example = 2)]
    number: u8,
    digest: String,
    /// As receipts name this person.
    #[schema(example = "9f86d081884c7d65")]
    proposed_by: String,
}

/// Under which key people of a programme are recognised.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PeopleKeyJson {
    /// The number of the key in use.
    #[schema(example = 1)]
    number: u8,
    /// What tells it from another of its number; not there while the first key was never renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    /// The keys that this server holds, the highest first.
    #[schema(example = json!([2, 1]))]
    held: Vec<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<PeopleKeyProposalJson>,
}

impl PeopleKeyJson {
    fn new(app: &App, keys: PeopleKeys) -> Self {
        let number = keys.in_use();
        let proposal = keys.proposal.map(|proposal| PeopleKeyProposalJson {
            number: proposal.key.number,
            digest: proposal.key.digest,
            proposed_by: proposal.pseudonym,
        });
        Self { number, digest: keys.renewed.map(|key| key.digest), held: app.keys.people().numbers(), proposal }
    }
}

/// The key in use, those that this server holds, and what is proposed.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/people-key", tag = "people",
    params(("programme" = String, Path)), responses((status = 200, body = PeopleKeyJson)))]
pub(in crate::http) async fn state(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::Verify)?;
    let no = signed_in.programme(&app, &path).await?.no;
    let keys = app.read(move |tx| Ok(tx.people_keys(no)?)).await?;
    Ok(HttpResponse::Ok().json(PeopleKeyJson::new(&app, keys)))
}

/// The key to be put in use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PeopleKeyBody {
    /// As `recepisse people-keys renew` numbered it.
    #[schema(example = 2)]
    number: u8,
}

/// The digest of a key that this server must hold: what nobody holds would recognise nobody.
async fn held(app: &web::Data<App>, number: u8) -> Result<NamedKey, Problem> {
    let shared = app.clone();
    let digest = blocking(move || {
        let ring = shared.keys.people();
        ring.reload().map_err(|error| Problem::internal(&error))?;
        Ok(ring.digest(number))
    });
    let missing = || Problem::new("people_key_not_held").about("number", number).field("number");
    Ok(NamedKey { number, digest: digest.await?.ok_or_else(missing)? })
}

/// Propose the next key. It recognises nobody until somebody else confirms it.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/people-key", tag = "people", request_body = PeopleKeyBody,
    params(("programme" = String, Path)), responses((status = 200, body = PeopleKeyJson)))]
pub(in crate::http) async fn propose(
    app: web::Data<App>,
    path: web::Path<String>,
    asked: envelope::Asked<PeopleKeyBody>,
) -> Result<HttpResponse, Problem> {
    let envelope::Asked { signed_in, body } = asked;
    let programme = signed_in.programme(&app, &path).await?;
    let key = held(&app, body.number).await?;
    let (no, actor) = (programme.no, signed_in.caller.actor().clone());
    let keys = app
        .write(move |tx| {
            let keys = tx.people_keys(no)?;
            let proposal = keys.propose(key, actor.user, actor.pseudonym)?;
            tx.keep_people_key_proposal(no, &proposal)?;
            Ok::<_, Problem>(PeopleKeys { proposal: Some(proposal), ..keys })
        })
        .await?;
    tracing::warn!(programme = %programme.code, number = body.number, "a key of people is proposed");
    Ok(HttpResponse::Ok().json(PeopleKeyJson::new(&app, keys)))
}

/// Put the key that somebody else has proposed in use, on every server: one that lacks it refuses to recognise people until it
/// has it.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/people-key/confirmation", tag = "people",
    request_body = ConfirmationBody, params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn confirm(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<ConfirmationBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body: ConfirmationBody {}, key, dry_run } = request;
    let no = programme.no;
    let proposed = app.read(move |tx| Ok(tx.people_keys(no)?)).await?.proposal;
    if let Some(named) = proposed.map(|proposal| proposal.key) {
        let (shared, number) = (app.clone(), named.number);
        if !blocking(move || Ok(finds(shared.keys.people(), Some(&named)))).await? {
            return Err(Problem::new("people_key_not_held").about("number", number));
        }
    }
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, RenewPeopleKey).await
}
