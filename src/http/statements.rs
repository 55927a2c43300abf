//! What statements to be signed share, and what an issuer that fails owes. What never lives here: a figure (see `reports`), or
//! how a page looks (see `documents`).

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::caller::SignedIn;
use super::documents::{Form, accepted};
use super::envelope::query;
use super::exports::refused;
use super::problem::Problem;
use crate::auth::Action;
use crate::documents::{Heading, Owed, Statement, style_hash};
use crate::domain::money::Cents;
use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;
use crate::reports::{self, ReportError, Request, Value};
use crate::store::{Reads, Store};

/// Who stands above a statement.
pub(super) fn heading(
    tx: &mut dyn Reads,
    programme: &Programme,
    (position, head): (i64, String),
    as_of: Day,
) -> Result<Heading, Problem> {
    let sponsor = tx.organisation(programme.sponsor)?.ok_or(Problem::new("not_found"))?;
    let (sponsor, programme) = (sponsor.name.to_string(), programme.label.to_string());
    Ok(Heading { sponsor, programme, as_of, position, head })
}

/// Does a long read when its turn comes, on the database of reports.
pub(super) async fn read<T: Send + 'static>(
    app: &web::Data<App>,
    work: impl FnOnce(&Arc<Store>) -> Result<T, ReportError> + Send + 'static,
) -> Result<T, Problem> {
    let _entered = app.reading.enter()?;
    let reading = Arc::clone(&app.reading);
    app.reading.turn(move || work(&reading.store()?).map_err(|error| refused(&reading, &error))).await
}

/// The day asked for; today when none is.
///
/// # Errors
/// `date_in_future`: what is not over yet cannot have the same answer twice.
pub(super) fn day_asked(app: &App, as_of: Option<Day>) -> Result<Day, Problem> {
    let today = app.clock.now().day();
    let as_of = as_of.unwrap_or(today);
    if as_of > today {
        return Err(Problem::new("date_in_future").about("date", as_of.french()).field("as_of"));
    }
    Ok(as_of)
}

pub(super) fn answer(statement: &Statement, form: Form, name: &str) -> HttpResponse {
    if form == Form::Pdf {
        let disposition = format!("inline; filename=\"{name}.pdf\"");
        let mut response = HttpResponse::Ok();
        response.content_type("application/pdf").insert_header((header::CONTENT_DISPOSITION, disposition));
        return response.body(statement.pdf());
    }
    let policy = format!("default-src 'none'; style-src {}; frame-ancestors 'none'", style_hash());
    let mut response = HttpResponse::Ok();
    response.content_type("text/html; charset=utf-8").insert_header((header::CONTENT_SECURITY_POLICY, policy));
    response.body(statement.html())
}

/// On which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExposureQuery {
    /// The last business day that counts; today when not said.
    #[param(value_type = Option<String>, example = "2028-02-06")]
    as_of: Option<Day>,
}

/// A claim on an issuer.
#[derive(Debug, Serialize, ToSchema)]
struct OwedJson {
    /// `redeemed_unpaid`, less `overpaid_to_recover`; or of the Region `unused` or `to_credit`.
    #[schema(example = "redeemed_unpaid")]
    nature: String,
    creditor: String,
    registration: String,
    venue: String,
    /// The first service that is not paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    passes: i64,
    value_cents: i64,
}

/// What an issuer owes.
#[derive(Debug, Serialize, ToSchema)]
struct IssuerExposure {
    issuer: String,
    as_of: String,
    claims: Vec<OwedJson>,
    total_cents: i64,
}

pub(super) fn text(value: &Value) -> String {
    if let Value::Text(text) = value { text.clone() } else { String::new() }
}

/// One row of the report.
fn owed(row: &[Value]) -> Option<(String, Owed)> {
    let [nature, _, creditor, registration, venue, since, passes, value] = row else { return None };
    let french = match text(nature).as_str() {
        "unused" => "pass achetés et non utilisés",
        "to_credit" => "pass périmés en attente d'avoir",
        "overpaid_to_recover" => "trop-perçu à recouvrer, en déduction",
        _ => "pass utilisés et non payés",
    };
    let since = if let Value::Day(day) = since { Some(*day) } else { None };
    let owed = Owed {
        creditor: text(creditor),
        registration: text(registration),
        venue: text(venue),
        nature: french,
        since,
        passes: passes.number().unwrap_or_default(),
        value: Cents::new(value.number().unwrap_or_default()),
    };
    Some((text(nature), owed))
}

/// What an issuer that fails owes, creditor by creditor: as JSON, or as the annex of a declaration of claim by `Accept:
/// text/html` or `application/pdf`. The report `issuer-exposure` gives it as CSV and as a workbook.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/issuers/{issuer}/exposure", tag = "ends",
    params(("programme" = String, Path), ("issuer" = String, Path, example = "APTIC"), ExposureQuery),
    responses((status = 200, description = "What is owed", content(
        (IssuerExposure = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf")))))]
pub(super) async fn exposure(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let form = accepted(&request)?;
    let as_of = day_asked(&app, query::<ExposureQuery>(&request)?.as_of)?;
    let unknown = || Problem::new("organisation_unknown");
    let issuer = ShortCode::parse(&path.1).map_err(|_| unknown())?;
    let wanted = issuer.clone();
    let known = app.read(move |tx| Ok(tx.organisation_by_code(&wanted)?)).await?.ok_or_else(unknown)?;
    let asked = Request { issuer: Some(issuer.clone()), ..Request::new(programme.code.clone(), as_of) };
    let (meta, rows) = read(&app, move |store| {
        let mut report = reports::open("issuer-exposure", store, &asked)?;
        let rows = (report.pages)()?.unwrap_or_default();
        Ok((report.meta, rows))
    })
    .await?;
    let claims: Vec<(String, Owed)> = rows.iter().filter_map(|row| owed(row)).collect();
    if form == Form::Json {
        let json = |(nature, owed): &(String, Owed)| OwedJson {
            nature: nature.clone(),
            creditor: owed.creditor.clone(),
            registration: owed.registration.clone(),
            venue: owed.venue.clone(),
            since: owed.since.map(|day| day.to_string()),
            passes: owed.passes,
            value_cents: owed.value.get(),
        };
        let total_cents = claims.iter().map(|(_, owed)| owed.value.get()).sum();
        let (issuer, claims) = (issuer.to_string(), claims.iter().map(json).collect());
        return Ok(HttpResponse::Ok().json(IssuerExposure { issuer, as_of: as_of.to_string(), claims, total_cents }));
    }
    let of = programme.clone();
    let heading = app.read(move |tx| heading(tx, &of, (meta.position, meta.head), as_of)).await?;
    let claims: Vec<Owed> = claims.into_iter().map(|(_, owed)| owed).collect();
    let statement = Statement::exposure(heading, known.name.as_str(), &claims);
    Ok(answer(&statement, form, &format!("{}-creances-{issuer}-{as_of}", programme.code)))
}
