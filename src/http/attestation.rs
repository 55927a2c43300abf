//! What a provider's venues spent in a period, to be booked in its own accounts. What never lives here: a figure (see
//! `reports`), or how a page looks (see `documents`).

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::caller::SignedIn;
use super::documents::{Form, accepted};
use super::envelope::query;
use super::problem::Problem;
use super::statements::{answer, day_asked, heading, read, text};
use crate::auth::Action;
use crate::documents::{Attested, Statement};
use crate::domain::money::Cents;
use crate::domain::party::OrganisationKind;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;
use crate::reports::{self, Request, Value};

/// Receipts of one attestation at most: a month of the busiest venue is a tenth of it.
const MOST_LINES: usize = 5_000;

/// Of whom, and of which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AttestationQuery {
    /// Code of the provider; the caller's own organisation when not said.
    #[param(value_type = Option<String>, example = "LIEUX")]
    provider: Option<ShortCode>,
    #[param(value_type = String, example = "2026-11-01")]
    from: Day,
    /// The last day that counts; today when not said.
    #[param(value_type = Option<String>, example = "2026-11-30")]
    as_of: Option<Day>,
}

/// One redemption, or its reversal.
#[derive(Debug, Serialize, ToSchema)]
struct AttestedJson {
    receipt: String,
    venue: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    performed_on: Option<String>,
    passes: i64,
    value_cents: i64,
}

/// What was spent.
#[derive(Debug, Serialize, ToSchema)]
struct Attestation {
    provider: String,
    from: String,
    as_of: String,
    lines: Vec<AttestedJson>,
    passes: i64,
    value_cents: i64,
}

/// One row of the report of redemptions.
fn attested(row: &[Value]) -> Option<Attested> {
    let [number, _, _, _, _, _, venue, _, _, performed_on, _, passes, value] = row else { return None };
    let performed_on = if let Value::Day(day) = performed_on { Some(*day) } else { None };
    let (number, venue) = (text(number), text(venue));
    let value = Cents::new(value.number().unwrap_or_default());
    Some(Attested { number, venue, performed_on, passes: passes.number().unwrap_or_default(), value })
}

/// What a provider's venues spent in a period, receipt by receipt, reversals below zero: as JSON, or to be signed by `Accept:
/// text/html` or `application/pdf`. A public venue books it in its own régie de recettes.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/attestation", tag = "venue",
    params(("programme" = String, Path), AttestationQuery),
    responses((status = 200, description = "What was spent", content(
        (Attestation = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf")))))]
pub(super) async fn attest(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReports)?;
    let programme = signed_in.programme(&app, &path).await?;
    let form = accepted(&request)?;
    let AttestationQuery { provider, from, as_of } = query::<AttestationQuery>(&request)?;
    let as_of = day_asked(&app, as_of)?;
    let own = signed_in.organisation.code.clone();
    let code = provider.unwrap_or_else(|| own.clone());
    let unknown = || Problem::new("provider_unknown").field("provider");
    if signed_in.scope().is_some() && code != own {
        return Err(unknown());
    }
    let wanted = code.clone();
    let known = app.read(move |tx| Ok(tx.organisation_by_code(&wanted)?)).await?;
    let known = known.filter(|known| known.kinds.contains(&OrganisationKind::Provider)).ok_or_else(unknown)?;
    let asked = Request { scope: Some(code.clone()), from: Some(from), ..Request::new(programme.code.clone(), as_of) };
    let (meta, lines) = read(&app, move |store| {
        let mut report = reports::open("redemption-lines", store, &asked)?;
        let mut lines: Vec<Attested> = Vec::new();
        while let Some(rows) = (report.pages)()?.filter(|_| lines.len() <= MOST_LINES) {
            lines.extend(rows.iter().filter_map(|row| attested(row)));
        }
        Ok((report.meta, lines))
    })
    .await?;
    if lines.len() > MOST_LINES {
        return Err(Problem::out_of_range("from", 0, MOST_LINES));
    }
    if form == Form::Json {
        let json = |line: &Attested| AttestedJson {
            receipt: line.number.clone(),
            venue: line.venue.clone(),
            performed_on: line.performed_on.map(|day| day.to_string()),
            passes: line.passes,
            value_cents: line.value.get(),
        };
        let (passes, value_cents) =
            lines.iter().fold((0, 0), |(passes, cents), line| (passes + line.passes, cents + line.value.get()));
        return Ok(HttpResponse::Ok().json(Attestation {
            provider: code.to_string(),
            from: from.to_string(),
            as_of: as_of.to_string(),
            lines: lines.iter().map(json).collect(),
            passes,
            value_cents,
        }));
    }
    let of = programme.clone();
    let heading = app.read(move |tx| heading(tx, &of, (meta.position, meta.head), as_of)).await?;
    let statement = Statement::attestation(heading, known.name.as_str(), from, &lines);
    Ok(answer(&statement, form, &format!("{}-attestation-{code}-{as_of}", programme.code)))
}
