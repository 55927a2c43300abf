//! Accounts on which providers are paid, masked, with their whole history.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{List, limit, query};
use super::super::problem::Problem;
use super::{cursor, one_provider};
use crate::auth::Action;
use crate::domain::ids::OrganisationId;
use crate::domain::payments::Payee;
use crate::domain::time::Day;

/// An account on which a provider is paid, or was, or may be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Payee)]
pub(in crate::http) struct PayeeJson {
    #[schema(example = 4)]
    number: i64,
    provider_id: String,
    #[schema(example = "association")]
    legal_form: &'static str,
    /// Never more than its ends.
    #[schema(example = "FR76 •••• 0189")]
    account: String,
    /// `proposed`, `confirmed` (not in force yet), `in_force` or `superseded`.
    #[schema(example = "in_force")]
    state: &'static str,
    proposed_on: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_on: Option<String>,
    /// From when it is paid on.
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_on: Option<String>,
}

impl PayeeJson {
    /// `in_force`: the number of the one that is.
    pub(in crate::http) fn new(payee: &Payee, in_force: Option<i64>, today: Day) -> Self {
        let later = in_force.is_some_and(|number| number > payee.number);
        let state = match payee.confirmed {
            _ if in_force == Some(payee.number) => "in_force",
            _ if later => "superseded",
            Some((_, _, from)) if from > today => "confirmed",
            Some(_) => "superseded",
            None => "proposed",
        };
        Self {
            number: payee.number,
            provider_id: payee.provider.to_string(),
            legal_form: payee.legal_form.as_str(),
            account: payee.masked.clone(),
            state,
            proposed_on: payee.proposed_on.to_string(),
            confirmed_on: payee.confirmed.map(|(_, on, _)| on.to_string()),
            effective_on: payee.confirmed.map(|(_, _, from)| from.to_string()),
        }
    }
}

/// What a list of accounts may be limited to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PayeeQuery {
    /// Only those of one provider.
    #[param(value_type = Option<String>)]
    provider_id: Option<OrganisationId>,
    /// Rows of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Accounts in order of number, the ones that are no longer in force too.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/payees", tag = "reference",
    params(("programme" = String, Path), PayeeQuery), responses((status = 200, body = List<PayeeJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path).await?;
    let asked = query::<PayeeQuery>(&request)?;
    let (limit, after) = (limit(asked.limit)?, cursor(asked.after.as_deref())?);
    let (provider, today) = (one_provider(&signed_in, asked.provider_id), app.clock.now().day());
    let list = app
        .read(move |tx| {
            let found = provider.map_or(Ok(Vec::new()), |provider| tx.payees(programme.no, provider, after, limit))?;
            let providers = found.iter().map(|payee| payee.provider).collect();
            let all = tx.payees_of(programme.no, &providers)?;
            let in_force = |payee: &Payee| {
                let same = all.iter().filter(|other| other.provider == payee.provider && other.is_in_force(today));
                same.map(|other| other.number).max()
            };
            let items = found.iter().map(|payee| PayeeJson::new(payee, in_force(payee), today)).collect();
            Ok(List::new(items, limit, |last: &PayeeJson| last.number.to_string()))
        })
        .await?;
    Ok(HttpResponse::Ok().json(list))
}
