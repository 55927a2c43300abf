//! Applications as they stand: those of one's own organisation, or all of them for the Region. No name and no address.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::access_log::Handed;
use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{List, limit, query};
use super::super::problem::Problem;
use super::cursor;
use crate::auth::Action;
use crate::domain::applications::{Application, ApplicationState};
use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;
use crate::store::ApplicationFilter;

/// An application as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Application)]
struct ApplicationJson {
    #[schema(example = 12)]
    number: i64,
    #[schema(example = "AID-2026-004711")]
    external_reference: String,
    /// Code of the organisation that sent it.
    #[schema(example = "AIDES")]
    office: String,
    #[schema(example = "platform")]
    channel: &'static str,
    #[schema(example = "2026-11-24")]
    received_on: String,
    /// `received`, `complete`, `accepted`, `refused`, `withdrawn`, `expired`, `mailed`, `returned`, `delivered`.
    #[schema(example = "complete")]
    state: &'static str,
    /// The state in French.
    #[schema(example = "complète, à décider")]
    state_label: &'static str,
    #[schema(example = "2026-11-24")]
    state_on: String,
    /// Passes of the booklet asked for.
    #[schema(example = 5)]
    passes: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "job_seeker")]
    ground: Option<String>,
    /// The rules by which it was judged, and on which day.
    #[schema(example = "hdf-2021-1")]
    rule_version: String,
    #[schema(example = "2026-11-24")]
    assessed_on: String,
    /// Conditions that are not met yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
    /// Why it was refused, or why its letter came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The booklet that was mailed, and the number of the sending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "HDF21-000123-10")]
    booklet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mailing: Option<i64>,
    /// The receipts by which it was filed, and by which it came to its state.
    filed_by: String,
    last_receipt: String,
}

impl ApplicationJson {
    fn new(programme: &Programme, application: Application) -> Self {
        let Application { assessed, state, letter, .. } = application;
        Self {
            number: application.number,
            external_reference: application.reference.to_string(),
            office: application.office.to_string(),
            channel: application.channel.as_str(),
            received_on: application.received_on.to_string(),
            state: state.as_str(),
            state_label: state.french(),
            state_on: application.state_on.to_string(),
            passes: application.passes,
            ground: assessed.ground,
            rule_version: assessed.rule_version,
            assessed_on: assessed.on.to_string(),
            missing: assessed.missing,
            reason: application.reason,
            booklet: letter.map(|(booklet, _)| booklet.item().printed(&programme.code)),
            mailing: letter.map(|(_, dispatch)| dispatch),
            filed_by: application.filed_by,
            last_receipt: application.last_receipt,
        }
    }
}

/// What a list of applications may be limited to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ApplicationQuery {
    /// Only those in one state.
    #[param(value_type = Option<String>)]
    state: Option<ApplicationState>,
    /// Rows of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// The organisation to whose applications the caller is limited.
fn own_office(signed_in: &SignedIn) -> Option<ShortCode> {
    signed_in.scope().map(|_| signed_in.organisation.code.clone())
}

/// What is told of people's applications: that it was read is kept.
fn shown(told: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::Ok().json(told);
    response.extensions_mut().insert(Handed { form: "json", number: None });
    response
}

/// Applications in order of number.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/applications", tag = "applications",
    params(("programme" = String, Path), ApplicationQuery),
    responses((status = 200, body = List<ApplicationJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadApplications)?;
    let programme = signed_in.programme(&app, &path).await?;
    let asked = query::<ApplicationQuery>(&request)?;
    let (limit, after) = (limit(asked.limit)?, cursor(asked.after.as_deref())?);
    let filter = ApplicationFilter { office: own_office(&signed_in), state: asked.state };
    let no = programme.no;
    let found = app.read(move |tx| Ok(tx.applications(no, &filter, after, limit)?)).await?;
    let items = found.into_iter().map(|application| ApplicationJson::new(&programme, application)).collect();
    Ok(shown(&List::new(items, limit, |last| last.number.to_string())))
}

/// One application.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/applications/{application}", tag = "applications",
    params(("programme" = String, Path), ("application" = i64, Path)),
    responses((status = 200, body = ApplicationJson)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadApplications)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let unknown = || Problem::new("application_unknown").about("application", &path.1);
    let number: i64 = path.1.parse().map_err(|_| unknown())?;
    let (no, own) = (programme.no, own_office(&signed_in));
    let found = app.read(move |tx| Ok(tx.applications_among(no, &BTreeSet::from([number]))?.pop())).await?;
    let seen = found.filter(|application| own.is_none_or(|own| own == application.office));
    Ok(shown(&ApplicationJson::new(&programme, seen.ok_or_else(unknown)?)))
}
