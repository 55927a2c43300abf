//! Open data of a programme that says so: anybody reads it without signing in. Each file is made once a day, up to the evening
//! before, and kept. What never lives here: a figure, or what is masked (see `reports`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::exports::refused;
use super::places::finder::cached;
use super::problem::Problem;
use crate::domain::programme::Programme;
use crate::domain::publication::PublicationRules;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;
use crate::reports::{self, CsvOptions, DATASETS, Dataset, Export, Format, LEAST_SHOWN, LastLine, Request};

const LICENCE: &str = "Licence Ouverte / Open Licence 2.0 (Etalab)";
const LICENCE_ADDRESS: &str = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/";

/// Programme, dataset and extension.
type Name = (ShortCode, &'static str, &'static str);

/// The day until which a file counts, and the rules by which it was made.
type Version = (Day, PublicationRules);

#[derive(Debug)]
struct MadeFile {
    version: Version,
    bytes: Arc<Vec<u8>>,
}

/// The files of a day, as they were made.
#[derive(Debug, Default)]
pub(super) struct Made(Mutex<BTreeMap<Name, MadeFile>>);

impl Made {
    fn get(&self, name: &Name, version: Version) -> Option<Arc<Vec<u8>>> {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made.get(name).filter(|known| known.version == version)?;
        Some(Arc::clone(&known.bytes))
    }

    fn keep(&self, name: Name, version: Version, bytes: Arc<Vec<u8>>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, MadeFile { version, bytes });
    }
}

/// A column of a dataset.
#[derive(Debug, Serialize, ToSchema)]
struct DatasetColumn {
    #[schema(example = "white_zone")]
    name: &'static str,
    #[schema(example = "Zone blanche")]
    label: &'static str,
    /// `text`, `integer`, `cents` (euro cents), `date` or `instant`.
    #[schema(example = "integer")]
    kind: &'static str,
}

/// A table that anybody may read.
#[derive(Debug, Serialize, ToSchema)]
struct DatasetView {
    #[schema(example = "intercommunalites")]
    name: &'static str,
    title: &'static str,
    description: &'static str,
    columns: Vec<DatasetColumn>,
    /// Where its files are.
    files: Vec<String>,
}

/// What a programme publishes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenData {
    title: String,
    publisher: String,
    /// The first day that counts.
    #[schema(example = "2021-09-01")]
    from: String,
    /// The last day that counts: the day before this one.
    #[schema(example = "2026-11-25")]
    until: String,
    /// Days between two versions.
    #[schema(example = 1)]
    renewed_every_days: u32,
    licence: &'static str,
    licence_address: &'static str,
    /// Counts of people below this are left out, and what would give one away.
    #[schema(example = 5)]
    smallest_count: i64,
    source: String,
    datasets: Vec<DatasetView>,
}

/// The programme and its rules, where it publishes.
async fn published(app: &App, code: &str) -> Result<(Programme, PublicationRules), Problem> {
    let code = ShortCode::parse(code).map_err(|_| Problem::new("open_data_unpublished"))?;
    app.read(move |tx| {
        let programme = tx.programme(&code)?.ok_or_else(|| Problem::new("open_data_unpublished"))?;
        let rules = tx.publication_rules(programme.no)?.unwrap_or_default().0;
        if rules.open_data { Ok((programme, rules)) } else { Err(Problem::new("open_data_unpublished")) }
    })
    .await
}

/// The last day that is over.
fn until(app: &App) -> Day {
    app.clock.now().day().minus_days(1)
}

/// What a programme publishes: period, columns, files, licence.
#[utoipa::path(get, path = "/api/v1/public/programmes/{programme}/open-data", tag = "open data", security(()),
    summary = "Describe the open data", params(("programme" = String, Path, example = "HDF21")),
    responses((status = 200, description = "The datasets", body = OpenData)))]
pub(super) async fn describe(
    app: web::Data<App>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (programme, _) = published(&app, &path).await?;
    let sponsor = programme.sponsor;
    let publisher = app.read(move |tx| Ok(tx.organisation(sponsor)?)).await?;
    let publisher = publisher.map(|publisher| publisher.name.to_string()).unwrap_or_default();
    let datasets: Result<Vec<DatasetView>, Problem> =
        DATASETS.iter().map(|dataset| view(&programme.code, dataset)).collect();
    let described = OpenData {
        title: format!("{} : données ouvertes", programme.label),
        source: format!("{publisher}, registre du {}", programme.label),
        publisher,
        from: programme.distribution_from.to_string(),
        until: until(&app).to_string(),
        renewed_every_days: 1,
        licence: LICENCE,
        licence_address: LICENCE_ADDRESS,
        smallest_count: LEAST_SHOWN,
        datasets: datasets?,
    };
    let body = serde_json::to_vec(&described).map_err(|error| Problem::internal(&error))?;
    Ok(cached(&request, "application/json", body))
}

fn view(programme: &ShortCode, dataset: &Dataset) -> Result<DatasetView, Problem> {
    let columns = dataset.columns().map_err(|error| Problem::internal(&error))?;
    let column =
        |column: &reports::Column| DatasetColumn { name: column.name, label: column.label, kind: column.kind.name() };
    let forms = ["csv", "json"].into_iter().chain(dataset.map.then_some("geojson"));
    let file = |form| format!("/api/v1/public/programmes/{programme}/open-data/{}.{form}", dataset.name);
    Ok(DatasetView {
        name: dataset.name,
        title: dataset.title,
        description: dataset.description,
        columns: columns.iter().map(column).collect(),
        files: forms.map(file).collect(),
    })
}

/// A file of a dataset: `intercommunalites.csv`, `communes.geojson`, `publics.json`, …
#[utoipa::path(get, path = "/api/v1/public/programmes/{programme}/open-data/{file}", tag = "open data", security(()),
    summary = "Read a dataset",
    params(("programme" = String, Path, example = "HDF21"), ("file" = String, Path, example = "intercommunalites.csv")),
    responses((status = 200, description = "The file", content_type = "text/csv", body = String)))]
pub(super) async fn file(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (programme, rules) = published(&app, &path.0).await?;
    let unknown = || Problem::new("dataset_unknown");
    let (name, form) = path.1.rsplit_once('.').ok_or_else(unknown)?;
    let dataset = Dataset::find(name).ok_or_else(unknown)?;
    let csv = CsvOptions { last_line: LastLine::None, ..CsvOptions::default() };
    let format = match form {
        "csv" => Format::Csv(csv),
        "json" => Format::Json,
        "geojson" if dataset.map => Format::GeoJson,
        _ => return Err(unknown()),
    };
    let asked = dataset.request(&Request::new(programme.code.clone(), until(&app)), rules.within_km);
    let (bytes, content_type) = made(&app, (dataset, rules), asked, format).await?;
    Ok(cached(&request, content_type, bytes.to_vec()))
}

/// The bytes of a file, made unless they were made for this day already.
async fn made(
    app: &web::Data<App>,
    (dataset, rules): (&'static Dataset, PublicationRules),
    asked: Request,
    format: Format,
) -> Result<(Arc<Vec<u8>>, &'static str), Problem> {
    let name = (asked.programme.clone(), dataset.name, format.extension());
    let of = (asked.as_of, rules);
    if let Some(known) = app.open_data.get(&name, of) {
        return Ok((known, format.content_type()));
    }
    let _entered = app.reading.enter()?;
    let reading = Arc::clone(&app.reading);
    let make = move || {
        let opened = reports::open(dataset.report, &reading.store()?, &asked);
        let mut export = Export::new(opened.map_err(|error| refused(&reading, &error))?, format);
        let mut bytes = Vec::new();
        export.write_to(&mut bytes).map_err(|error| Problem::internal(&error))?;
        Ok(Arc::new(bytes))
    };
    let bytes = app.reading.turn(make).await?;
    app.open_data.keep(name, of, Arc::clone(&bytes));
    Ok((bytes, format.content_type()))
}
