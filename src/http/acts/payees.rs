//! Accounts on which providers are paid: proposed by the provider or for it, confirmed by the Region's finance service.
//! Here an account is read, closed and gone; no answer shows one.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::envelope::{self, ActRequest};
use super::super::lookups::payees::PayeeJson;
use super::super::problem::Problem;
use super::claims::NothingBody;
use super::{Asked, DryRun, Recorded, record};
use crate::domain::account::{Account, Bic, Iban};
use crate::domain::ids::OrganisationId;
use crate::domain::party::{OrganisationKind, Role};
use crate::domain::payments::{ConfirmPayee, LegalForm, Payee};
use crate::domain::programme::Programme;
use crate::domain::text::Label;
use crate::payees::{Owner, close, commit};
use crate::store::Writes;

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
    params(("programme" = String, Path)), responses((status = 201, body = PayeeJson)))]
pub(in crate::http) async fn propose(
    app: web::Data<App>,
    path: web::Path<String>,
    asked: envelope::Asked<PayeeBody>,
) -> Result<HttpResponse, Problem> {
    let envelope::Asked { signed_in, body } = asked;
    let programme = signed_in.programme(&app, &path).await?;
    let actor = signed_in.caller.actor().clone();
    let provider = body.provider_id.unwrap_or(actor.organisation);
    let unknown = || Problem::new("provider_unknown").field("provider_id");
    if actor.role == Role::VenueAgent && provider != actor.organisation {
        return Err(unknown());
    }
    let account = Account { holder: body.holder, iban: body.iban, bic: body.bic };
    let today = app.clock.now().day();
    let (shared, of, legal_form) = (app.clone(), programme.clone(), body.legal_form);
    let payee = app
        .write(move |tx| {
            let known = tx.organisation(provider)?.filter(|provider| provider.active);
            if !known.is_some_and(|provider| provider.kinds.contains(&OrganisationKind::Provider)) {
                return Err(unknown());
            }
            let number = tx.last_payee(of.no)? + 1;
            let owner = Owner { programme: &of.code, payee: number };
            let internal = |error: crate::payees::Unopened| Problem::internal(&error);
            let payee = Payee {
                number,
                provider,
                legal_form,
                masked: account.iban.masked(),
                commitment: commit(&shared.keys, owner, &account).map_err(internal)?,
                proposer: actor.user,
                proposer_pseudonym: actor.pseudonym,
                proposed_on: today,
                confirmed: None,
            };
            let closed = close(&shared.keys, shared.entropy.as_ref(), owner, &account).map_err(internal)?;
            keep(tx, &of, &payee, &closed)?;
            Ok(payee)
        })
        .await?;
    let location = (header::LOCATION, format!("/api/v1/programmes/{}/payees", programme.code));
    Ok(HttpResponse::Created().insert_header(location).json(PayeeJson::new(&payee, None, today)))
}

fn keep(tx: &mut (impl Writes + ?Sized), programme: &Programme, payee: &Payee, closed: &[u8]) -> Result<(), Problem> {
    // Two proposals at the same moment would take the same number: one of them is told to ask again.
    tx.insert_payee(programme.no, payee, closed)
        .map_err(|error| if error.is_conflict() { Problem::new("too_busy").retry_after(1) } else { error.into() })
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
