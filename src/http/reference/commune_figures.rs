//! Figures of communes over HTTP: editions of how many people live in each, and how many are 60 or over. What never lives here:
//! what a white zone is (see `domain::reach`), or how a line is read (see `commune_file`).

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::commune_file::{FileError, Line, read};
use crate::auth::Action;
use crate::catalogue;
use crate::domain::territory::CommuneFigures;
use crate::domain::time::Day;
use crate::http::app::{App, blocking};
use crate::http::caller::{SignedIn, permitted};
use crate::http::envelope::{List, query, read_bytes, require_type};
use crate::http::limits::IMPORT_BYTES;
use crate::http::problem::{LineVerdict, Problem};

/// How a file is taken.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct FiguresQuery {
    /// The day from which these figures count.
    #[param(value_type = String, example = "2026-01-01")]
    edition: Day,
    /// Say what would be kept and write nothing.
    #[serde(default)]
    dry_run: bool,
}

/// The file with what surrounds it.
pub(in crate::http) struct FiguresFile {
    query: FiguresQuery,
    bytes: Vec<u8>,
}

impl FromRequest for FiguresFile {
    type Error = Problem;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            permitted(&request).await?;
            let query = query(&request)?;
            require_type(&request, "text/csv")?;
            let bytes = read_bytes(&request, &mut payload, IMPORT_BYTES).await?;
            Ok(Self { query, bytes })
        })
    }
}

/// Figures that count from a day on, summed.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct CommuneEdition {
    /// The day from which they count, until a later edition has the commune.
    #[schema(example = "2026-01-01")]
    edition: String,
    #[schema(example = 3_782)]
    communes: i64,
    #[schema(example = 5_983_823)]
    population: i64,
    /// Inhabitants of 60 and over.
    #[schema(example = 1_538_000)]
    residents_60_plus: i64,
}

/// What became of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct FiguresImport {
    dry_run: bool,
    /// What the file says.
    #[serde(flatten)]
    edition: CommuneEdition,
    /// Communes of the file with a position.
    #[schema(example = 3_782)]
    positions: usize,
}

/// The editions there are, the earliest first.
#[utoipa::path(get, path = "/api/v1/commune-figures", tag = "reference", summary = "List editions of commune figures",
    responses((status = 200, description = "The editions", body = List<CommuneEdition>)))]
pub(in crate::http) async fn list(app: web::Data<App>, signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let editions = app.read(|tx| Ok(tx.commune_editions()?)).await?;
    let items = editions.into_iter().map(|edition| CommuneEdition {
        edition: edition.from.to_string(),
        communes: edition.communes,
        population: edition.population,
        residents_60_plus: edition.seniors,
    });
    Ok(HttpResponse::Ok().json(List { items: items.collect::<Vec<_>>(), next: None }))
}

/// Takes an edition, or a part of one: CSV with `code_insee`, `population`, `population_60_plus` and, if one likes, `latitude`
/// and `longitude`. A commune that the edition already has is replaced; the same file twice changes nothing.
#[utoipa::path(post, path = "/api/v1/commune-figures", tag = "reference", summary = "Import commune figures",
    request_body(content = String, content_type = "text/csv"), params(FiguresQuery),
    responses((status = 200, description = "What was kept", body = FiguresImport)))]
pub(in crate::http) async fn import(app: web::Data<App>, file: FiguresFile) -> Result<HttpResponse, Problem> {
    let FiguresFile { query, bytes } = file;
    let lines = blocking(move || read(&bytes).map_err(|error| unreadable(&error))).await?;
    let wrong: Vec<LineVerdict> = lines.iter().filter_map(verdict).collect();
    if !wrong.is_empty() {
        return Err(Problem::new("commune_file_refused").lines(wrong));
    }
    let figures: Vec<CommuneFigures> = lines.into_iter().filter_map(|line| line.read.ok()).collect();
    let positions = figures.iter().filter(|figures| figures.position.is_some()).count();
    let edition = CommuneEdition {
        edition: query.edition.to_string(),
        communes: i64::try_from(figures.len()).unwrap_or(i64::MAX),
        population: figures.iter().map(|figures| figures.population).sum(),
        residents_60_plus: figures.iter().map(|figures| figures.seniors).sum(),
    };
    if !query.dry_run {
        app.write(move |tx| Ok(tx.keep_commune_figures(query.edition, &figures)?)).await?;
    }
    Ok(HttpResponse::Ok().json(FiguresImport { dry_run: query.dry_run, edition, positions }))
}

fn unreadable(error: &FileError) -> Problem {
    Problem::new("commune_file_malformed").about("detail", error)
}

/// What is wrong with a line, in words.
fn verdict(line: &Line) -> Option<LineVerdict> {
    let wrong = line.read.as_ref().err()?;
    let fact = |name: &str| (name == "detail").then_some(wrong.detail.as_str());
    let detail = catalogue::fill(catalogue::find(wrong.code).french, fact);
    Some(LineVerdict { line: line.number, serial: line.shown.clone(), verdict: wrong.code, detail: Some(detail) })
}
