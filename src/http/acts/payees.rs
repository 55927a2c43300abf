//! Accounts on which providers are paid: proposed by the provider or for it, confirmed by the Region's finance service.
//! Here an account is read, closed and gone; no answer shows one.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::envelope::ActRequest;
use super::super::lookups::payees::PayeeJson;
use super::super::problem::Problem;
use super::claims::NothingBody;
use super::{Asked, DryRun, REPLAYED, Recorded, record};
use crate::domain::account::{Account, Bic, Iban};
use crate::domain::ids::OrganisationId;
use crate::domain::party::{Actor, OrganisationKind, Role};
use crate::domain::payments::{ConfirmPayee, LegalForm, Payee};
use crate::domain::programme::Programme;
use crate::domain::text::Label;
use crate::payees::Proposed;
use crate::store::{Proposal, Reads};

/// On which account a provider is paid.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PayeeBody {
    /// The caller's own organisation when not said.
    #[schema(value_type = Option<String>, example = "018f2d5e-0000-7000-8000-000000000001")]
    provider_id: Option<OrganisationId>,
    #[schema(value_type = String, example = "association")]
    legal_form: LegalForm,
    /// The holder, as the bank knows it.
    #[schema(value_type = String, example = "Les lieux numériques de l'Avesnois")]
    holder: Label,
    #[schema(value_type = String, example = "FR7630006000011234567890189")]
    iban: Iban,
    #[schema(value_type = Option<String>, example = "AGRIFRPP")]
    bic: Option<Bic>,
}

impl std::fmt::Debug for PayeeBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PayeeBody")
            .field("legal_form", &self.legal_form)
            .field("iban", &self.iban)
            .finish_non_exhaustive()
    }
}

/// Propose the account on which a provider is paid. Nothing is paid on it until the Region's finance service has
/// confirmed it; a later proposal takes the place of an earlier one.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/payees", tag = "reference", request_body = PayeeBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = PayeeJson), (status = 200, description = "Dry run", body = PayeeJson)))]
pub(in crate::http) async fn propose(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<PayeeBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let (shared, of, actor) = (app.clone(), programme.clone(), signed_in.caller.actor().clone());
    let today = app.clock.now().day();
    let Some(key) = key.filter(|_| !dry_run) else {
        let (payee, _) = app.read(move |tx| proposal(tx, &shared, &of, &actor, body)).await?;
        return Ok(HttpResponse::Ok().json(PayeeJson::new(&payee, None, today)));
    };
    let (payee, replayed) = app
        .write(move |tx| {
            if let Some((payee, fingerprint)) = tx.payee_asked(of.no, &key.digest)? {
                let same = fingerprint == key.fingerprint;
                return if same { Ok((payee, true)) } else { Err(Problem::new("idempotency_key_reused")) };
            }
            let (payee, account) = proposal(tx, &shared, &of, &actor, body)?;
            let kept = Proposal { account: &account, key_digest: &key.digest, fingerprint: &key.fingerprint };
            // Two proposals at the same moment would take the same number: one of them is told to ask again.
            tx.insert_payee(of.no, &payee, kept).map_err(|error| {
                if error.is_conflict() { Problem::new("too_busy").retry_after(1) } else { error.into() }
            })?;
            Ok((payee, false))
        })
        .await?;
    let location = (header::LOCATION, format!("/api/v1/programmes/{}/payees", programme.code));
    let mut response = HttpResponse::Created();
    if replayed {
        response.insert_header(REPLAYED);
    }
    Ok(response.insert_header(location).json(PayeeJson::new(&payee, None, today)))
}

/// The payee that is proposed, and its closed account.
fn proposal(
    tx: &mut (impl Reads + ?Sized),
    app: &App,
    programme: &Programme,
    actor: &Actor,
    body: PayeeBody,
) -> Result<(Payee, Vec<u8>), Problem> {
    let provider = body.provider_id.unwrap_or(actor.organisation);
    let unknown = || Problem::new("provider_unknown").field("provider_id");
    if actor.role == Role::VenueAgent && provider != actor.organisation {
        return Err(unknown());
    }
    let known = tx.organisation(provider)?.filter(|provider| provider.active);
    if !known.is_some_and(|provider| provider.kinds.contains(&OrganisationKind::Provider)) {
        return Err(unknown());
    }
    let account = Account { holder: body.holder, iban: body.iban, bic: body.bic };
    let number = tx.last_payee(programme.no)? + 1;
    let proposed = Proposed { number, provider, legal_form: body.legal_form };
    let by = (actor, app.clock.now().day());
    let made = crate::payees::propose(&app.keys, app.entropy.as_ref(), &programme.code, proposed, &account, by);
    made.map_err(|error| Problem::internal(&error))
}

/// Confirm the account that somebody else has proposed: the provider may be paid. The first time at once; a change
/// waits for the days that the rules of claims say.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/payees/{payee}/confirmation", tag = "claims",
    request_body = NothingBody, params(("programme" = String, Path), ("payee" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn confirm(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<NothingBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let payee = path.1.parse().map_err(|_| Problem::new("payee_unknown").about("payee", &path.1))?;
    let ActRequest { signed_in, body: NothingBody {}, key, dry_run } = request;
    let asked = Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run };
    record(asked, ConfirmPayee { payee }).await
}
