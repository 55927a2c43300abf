//! Charts of reports: a picture, or a page with the same figures in a table. What never lives here: a figure (see `reports`), or
//! how a picture looks (see `documents`).

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::app::App;
use super::caller::SignedIn;
use super::envelope::query;
use super::problem::Problem;
use super::statements::{day_asked, heading, read};
use crate::auth::Action;
use crate::documents::Chart;
use crate::domain::month::Month;
use crate::domain::time::Day;
use crate::reports::{self, Request};

/// On which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ChartQuery {
    /// The last business day that counts; today when not said.
    #[param(value_type = Option<String>, example = "2026-11-24")]
    as_of: Option<Day>,
    /// Territories: no count of people from 1 to 4, nor what would give one away.
    #[serde(default)]
    masked: bool,
}

async fn drawn(
    app: &web::Data<App>,
    (programme, name): (String, String),
    signed_in: &SignedIn,
    request: &HttpRequest,
) -> Result<Chart, Problem> {
    signed_in.require(Action::ReadReports)?;
    let programme = Arc::clone(&signed_in.programme(app, &programme).await?);
    let asked: ChartQuery = query(request)?;
    let as_of = day_asked(app, asked.as_of)?;
    let request = Request {
        scope: signed_in.scope().map(|_| signed_in.organisation.code.clone()),
        masked: asked.masked,
        ..Request::new(programme.code.clone(), as_of)
    };
    let figures = read(app, move |store| reports::draw(&name, store, &request)).await?;
    let journal = (figures.meta.position, figures.meta.head.clone());
    let heading = app.read(move |tx| heading(tx, &programme, journal, as_of)).await?;
    Ok(Chart {
        sponsor: heading.sponsor,
        programme: heading.programme,
        title: figures.title.to_owned(),
        as_of,
        series: figures.series.into_iter().map(str::to_owned).collect(),
        bars: figures.bars.into_iter().map(|bars| (in_words(bars.label), bars.values)).collect(),
        position: heading.position,
        head: heading.head,
    })
}

/// A month as people read it; any other label as it is.
fn in_words(label: String) -> String {
    Month::parse(&label).map_or(label, Month::french)
}

/// A chart as a picture: `uses-by-month`, `starts-by-month`, `booklets-by-epci` or `funnel`.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/charts/{name}.svg", tag = "reports",
    params(("programme" = String, Path), ("name" = String, Path, example = "funnel"), ChartQuery),
    responses((status = 200, description = "The picture", content_type = "image/svg+xml", body = String)))]
pub(super) async fn picture(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let chart = drawn(&app, path.into_inner(), &signed_in, &request).await?;
    let policy = format!("default-src 'none'; style-src {}", Chart::style_hashes());
    let mut response = HttpResponse::Ok();
    response.content_type("image/svg+xml").insert_header((header::CONTENT_SECURITY_POLICY, policy));
    Ok(response.body(chart.svg()))
}

/// The same on a page, with its figures in a table.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/charts/{name}.html", tag = "reports",
    params(("programme" = String, Path), ("name" = String, Path, example = "funnel"), ChartQuery),
    responses((status = 200, description = "The page", content_type = "text/html", body = String)))]
pub(super) async fn page(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let chart = drawn(&app, path.into_inner(), &signed_in, &request).await?;
    let policy = format!("default-src 'none'; style-src {}; frame-ancestors 'none'", Chart::style_hashes());
    let mut response = HttpResponse::Ok();
    response.content_type("text/html; charset=utf-8").insert_header((header::CONTENT_SECURITY_POLICY, policy));
    Ok(response.body(chart.html()))
}
