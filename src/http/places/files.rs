//! The published places as files of the national standard, for everybody. What never lives here: how such a file is written
//! (see `cartography`).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::finder::cached;
use crate::cartography::{self, Exported, Version};
use crate::domain::places::directory::Directory;
use crate::http::app::App;
use crate::http::envelope::query;
use crate::http::problem::Problem;

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct FileQuery {
    /// `1.0.2` (when not said), or `0.1`, the only one that has words for "takes passes".
    #[param(example = "1.0.2")]
    version: Option<String>,
    /// Adds the programmes whose passes are taken and the activities of third places.
    #[serde(default)]
    extended: bool,
    /// Only places where a pass can be spent.
    #[serde(default)]
    accepts_passes: bool,
}

fn exported(directory: &Directory, accepting: bool) -> Vec<Exported<'_>> {
    let wanted = directory.all().filter(|listed| !accepting || listed.accepts_passes());
    let place = |listed: &'_ crate::domain::places::directory::Listed| {
        listed.programmes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    wanted
        .map(|listed| Exported { id: listed.id.to_string(), sheet: &listed.sheet, programmes: place(listed) })
        .collect()
}

fn version(asked: Option<&str>) -> Result<Version, Problem> {
    match asked {
        None | Some("1.0.2" | "1") => Ok(Version::V1),
        Some("0.1") => Ok(Version::V01),
        Some(_) => Err(Problem::new("query_malformed").about("detail", "version : 1.0.2 ou 0.1").field("version")),
    }
}

/// The published places as a CSV file of the national standard.
#[utoipa::path(get, path = "/api/v1/public/places.csv", tag = "places", summary = "Take the places as CSV",
    security(()), params(FileQuery),
    responses((status = 200, description = "The file", content_type = "text/csv", body = String)))]
pub(in crate::http) async fn csv(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asked: FileQuery = query(&request)?;
    let version = version(asked.version.as_deref())?;
    let (directory, _) = app.directory().await?;
    let _entered = app.reading.enter()?;
    let write = move || Ok(cartography::csv(&exported(&directory, asked.accepts_passes), version, asked.extended));
    let bytes = app.reading.turn(write).await?;
    Ok(as_file(cached(&request, "text/csv; charset=utf-8", bytes), "csv"))
}

/// The published places as JSON of the national standard (version 1.0.2).
#[utoipa::path(get, path = "/api/v1/public/places.json", tag = "places", summary = "Take the places as JSON",
    security(()), params(FileQuery),
    responses((status = 200, description = "The file", content_type = "application/json", body = String)))]
pub(in crate::http) async fn json(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asked: FileQuery = query(&request)?;
    if version(asked.version.as_deref())? != Version::V1 {
        return Err(Problem::new("query_malformed").about("detail", "version : 1.0.2 en JSON").field("version"));
    }
    let (directory, _) = app.directory().await?;
    let _entered = app.reading.enter()?;
    let write = move || Ok(cartography::json(&exported(&directory, asked.accepts_passes), asked.extended));
    let bytes = app.reading.turn(write).await?;
    Ok(as_file(cached(&request, "application/json", bytes), "json"))
}

fn as_file(mut response: HttpResponse, ending: &str) -> HttpResponse {
    let disposition = format!("attachment; filename=\"lieux-de-mediation-numerique.{ending}\"");
    if let Ok(value) = disposition.parse() {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
