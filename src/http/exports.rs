//! Reports as JSON, exports as CSV, both streamed. What never lives here: a figure (see `reports`).

use std::fmt::Display;
use std::io;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::rt;
use actix_web::rt::task::JoinHandle;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::access_log::Handed;
use super::app::App;
use super::caller::SignedIn;
use super::envelope::query;
use super::problem::Problem;
use super::reading::Reading;
use super::statements::day_asked;
use super::table_options::TableQuery;
use crate::auth::Action;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;
use crate::reports::{self, CsvOptions, Export, Format, ReportError, Request};
use crate::store::StoreError;

/// What is asked of a report.
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a query string")]
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportQuery {
    /// The last business day that counts; today when not said.
    #[param(value_type = Option<String>, example = "2026-11-24")]
    as_of: Option<Day>,
    /// The first business day of the period, for reports that have one.
    #[param(value_type = Option<String>)]
    from: Option<Day>,
    /// A holder as receipts write it, such as `prescriber:MAUB`.
    holder: Option<String>,
    /// A booklet's or a pass's serial.
    serial: Option<String>,
    /// `month` or `day`.
    grain: Option<String>,
    /// What a sample is drawn from: any text.
    seed: Option<String>,
    /// How many receipts a sample draws.
    #[param(minimum = 1, maximum = 1000)]
    size: Option<u32>,
    /// The short code of an issuer.
    issuer: Option<String>,
    /// Number of a payment.
    payment: Option<i64>,
    /// Territories: how far is near, in kilometres; 10 when not said.
    #[param(minimum = 1, maximum = 100)]
    within_km: Option<u32>,
    /// Hand-outs and territories: no count of people from 1 to 4, nor what would give one away.
    #[serde(default)]
    masked: bool,
    /// CSV: `,` (when not said) or `;`.
    delimiter: Option<String>,
    /// CSV: with a byte order mark.
    #[serde(default)]
    bom: bool,
    /// CSV: euros with a decimal comma instead of whole cents.
    #[serde(default)]
    decimal_comma: bool,
    /// CSV: French labels instead of stable names.
    #[serde(default)]
    labels: bool,
    /// CSV: without the last line of totals (they are in the manifest).
    #[serde(default)]
    no_totals: bool,
}

impl ReportQuery {
    pub(super) fn csv(&self) -> Result<CsvOptions, Problem> {
        let Self { bom, decimal_comma, labels, no_totals, .. } = *self;
        TableQuery { delimiter: self.delimiter.clone(), bom, decimal_comma, labels, no_totals }.csv()
    }
}

fn wrong_issuer() -> Problem {
    let name = reports::Parameter::Issuer.name();
    Problem::new("parameter_malformed").about("parameter", name).about("accepted", reports::ISSUER).field(name)
}

/// What to tell whoever asked, of a report that cannot be given.
pub(super) fn refused(reading: &Reading, error: &ReportError) -> Problem {
    if let ReportError::Store(error) = error {
        return reading.problem(error);
    }
    let problem = match error {
        ReportError::ParameterMalformed(_, accepted) => Problem::new(error.code()).about("accepted", accepted),
        ReportError::PaymentUnknown(payment) => Problem::new(error.code()).about("payment", payment),
        _ => Problem::new(error.code()),
    };
    match error.field() {
        Some(field) => problem.about("parameter", field).field(field),
        None => problem,
    }
}

/// A report that is asked for, and may be opened more than once.
#[derive(Clone)]
pub(super) struct Asked {
    reading: Arc<Reading>,
    name: String,
    request: Request,
    format: Format,
}

impl Asked {
    pub(super) async fn new(
        app: &web::Data<App>,
        (programme, name): (String, String),
        signed_in: &SignedIn,
        asked: ReportQuery,
        format: Format,
    ) -> Result<Self, Problem> {
        signed_in.require(Action::ReadReports)?;
        let programme = signed_in.programme(app, &programme).await?.code.clone();
        let as_of = day_asked(app, asked.as_of)?;
        let request = Request {
            programme,
            as_of,
            scope: signed_in.scope().map(|_| signed_in.organisation.code.clone()),
            from: asked.from,
            holder: asked.holder,
            serial: asked.serial,
            grain: asked.grain,
            seed: asked.seed,
            size: asked.size,
            issuer: asked.issuer.as_deref().map(ShortCode::parse).transpose().map_err(|_| wrong_issuer())?,
            payment: asked.payment,
            within_km: asked.within_km,
            masked: asked.masked,
        };
        Ok(Self { reading: Arc::clone(&app.reading), name, request, format })
    }

    pub(super) fn open(&self) -> Result<Export, Problem> {
        let open = if self.format == Format::GeoJson { reports::open_map } else { reports::open };
        let opened = open(&self.name, &self.reading.store()?, &self.request);
        Ok(Export::new(opened.map_err(|error| refused(&self.reading, &error))?, self.format))
    }

    /// Under which form the answer is kept among the accesses, if it is: a file whatever it holds, a view where it tells of
    /// people.
    fn handed(&self, attachment: bool) -> Option<Handed> {
        let of_people = || reports::CATALOGUE.iter().any(|entry| entry.name == self.name && entry.tells_of_people());
        let form = match attachment {
            true => self.format.extension(),
            false if of_people() && !self.request.masked => "json",
            false => return None,
        };
        Some(Handed { form, number: None })
    }

    /// The export, and what its bytes hash to where the day is closed: they are then written once before they are sent.
    async fn opened(self) -> Result<(Export, Option<[u8; 32]>), Problem> {
        let reading = Arc::clone(&self.reading);
        let open = move || {
            let export = self.open()?;
            if !export.report().meta.closed {
                return Ok((export, None));
            }
            let mut written = self.open()?;
            written.write_to(&mut io::sink()).map_err(|error| Problem::internal(&error))?;
            Ok((export, written.digest()))
        };
        reading.turn(open).await
    }
}

/// Where the journal ended in the database that was read, and when that was recorded: how stale the answer may be.
pub(super) fn told(response: &mut HttpResponseBuilder, export: &Export) {
    if let Some((position, at)) = export.report().meta.seen {
        response.insert_header(("Ledger-Position", position.to_string()));
        response.insert_header(("Ledger-As-Of", at.to_string()));
    }
}

/// What the bytes of an answer hash to (RFC 9530).
pub(super) fn repr_digest(digest: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64_STANDARD.encode(digest))
}

/// A chunk being read, with the export it comes from.
type Step = JoinHandle<Result<(Option<Chunk>, Export), Problem>>;
type Chunk = Result<Vec<u8>, StoreError>;

/// Reads the next chunk while the one before it is being sent.
fn ahead(reading: Arc<Reading>, mut export: Export) -> Step {
    rt::spawn(async move { reading.turn(move || Ok((export.next(), export))).await })
}

/// Sends the chunks as they are read: memory stays the same however long the report, and neither a thread nor a
/// connection waits for a slow reader. After an error the answer is cut off, which no reader takes for its end.
async fn streamed(app: &App, asked: Asked, attachment: bool) -> Result<HttpResponse, Problem> {
    let entered = app.reading.enter()?;
    let handed = asked.handed(attachment);
    let (export, digest) = asked.opened().await?;
    let mut response = HttpResponse::Ok();
    if let Some(handed) = handed {
        response.extensions_mut().insert(handed);
    }
    response.content_type(export.content_type());
    told(&mut response, &export);
    if let Some(digest) = digest {
        response.insert_header(("Repr-Digest", repr_digest(&digest)));
    }
    if attachment {
        let disposition = format!("attachment; filename=\"{}\"", export.file_name());
        response.insert_header((header::CONTENT_DISPOSITION, disposition));
    }
    let reading = Arc::clone(&app.reading);
    let first = ahead(Arc::clone(&reading), export);
    let chunks = stream::unfold(Some((first, reading, entered)), |state| async {
        let (step, reading, entered) = state?;
        match step.await {
            Ok(Ok((Some(Ok(bytes)), export))) => {
                let next = ahead(Arc::clone(&reading), export);
                Some((Ok(Bytes::from(bytes)), Some((next, reading, entered))))
            }
            Ok(Ok((Some(Err(error)), _))) => Some((Err(cut_off(&error)), None)),
            Ok(Ok((None, _))) => None,
            Ok(Err(problem)) => Some((Err(cut_off(&problem)), None)),
            Err(panicked) => Some((Err(cut_off(&panicked)), None)),
        }
    });
    Ok(response.streaming(chunks))
}

fn cut_off(cause: &dyn Display) -> io::Error {
    tracing::error!(%cause, "a report was cut off");
    io::Error::other(cause.to_string())
}

/// What can be asked for.
#[derive(Debug, Serialize, ToSchema)]
struct ReportEntry {
    name: &'static str,
    title: &'static str,
    /// Whether prescribers and providers may ask for their own part.
    own_part: bool,
    parameters: Vec<&'static str>,
    columns: Vec<ColumnEntry>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ColumnEntry {
    name: &'static str,
    label: &'static str,
}

/// The reports there are, with their columns.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/reports", tag = "reports",
    params(("programme" = String, Path)), responses((status = 200, body = Vec<ReportEntry>)))]
pub(super) async fn catalogue(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReports)?;
    signed_in.programme(&app, &path).await?;
    let to_entry = |entry: &reports::Entry| ReportEntry {
        name: entry.name,
        title: entry.title,
        own_part: entry.access == reports::Access::OwnPart,
        parameters: entry.parameters.iter().map(|parameter| parameter.name()).collect(),
        columns: entry.columns.iter().map(|column| ColumnEntry { name: column.name, label: column.label }).collect(),
    };
    Ok(HttpResponse::Ok().json(reports::CATALOGUE.iter().map(to_entry).collect::<Vec<_>>()))
}

/// A report as JSON.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/reports/{name}", tag = "reports",
    params(("programme" = String, Path), ("name" = String, Path, example = "use-account"), ReportQuery),
    responses((status = 200, description = "Columns, rows, totals", body = serde_json::Value)))]
pub(super) async fn report(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: ReportQuery = query(&request)?;
    // They change nothing here, but a wrong one is refused all the same.
    asked.csv()?;
    let asked = Asked::new(&app, path.into_inner(), &signed_in, asked, Format::Json).await?;
    streamed(&app, asked, false).await
}

/// A report as CSV, with control totals and the head of the journal in its last line.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/exports/{name}.csv", tag = "reports",
    params(("programme" = String, Path), ("name" = String, Path, example = "use-account"), ReportQuery),
    responses((status = 200, description = "The file", content_type = "text/csv", body = String)))]
pub(super) async fn export(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: ReportQuery = query(&request)?;
    let format = Format::Csv(asked.csv()?);
    let asked = Asked::new(&app, path.into_inner(), &signed_in, asked, format).await?;
    streamed(&app, asked, true).await
}

/// A report with positions as `GeoJSON`: a point for each row, its columns as properties.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/exports/{name}.geojson", tag = "reports",
    params(("programme" = String, Path), ("name" = String, Path, example = "territories"), ReportQuery),
    responses((status = 200, description = "The file", content_type = "application/geo+json", body = String)))]
pub(super) async fn map(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let asked: ReportQuery = query(&request)?;
    // They change nothing here, but a wrong one is refused all the same.
    asked.csv()?;
    let asked = Asked::new(&app, path.into_inner(), &signed_in, asked, Format::GeoJson).await?;
    streamed(&app, asked, true).await
}

/// What a control file beside the export says: rows, sums, hash of the bytes, position and head.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/exports/{name}.manifest.json", tag = "reports",
    params(("programme" = String, Path), ("name" = String, Path), ReportQuery),
    responses((status = 200, description = "The manifest of the same export", body = serde_json::Value)))]
pub(super) async fn manifest(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: ReportQuery = query(&request)?;
    let format = Format::Csv(asked.csv()?);
    let asked = Asked::new(&app, path.into_inner(), &signed_in, asked, format).await?;
    let _entered = app.reading.enter()?;
    let mut export = app.reading.turn(move || asked.open()).await?;
    let mut response = HttpResponse::Ok();
    told(&mut response, &export);
    let read = move || {
        export.write_to(&mut io::sink()).map_err(|error| Problem::internal(&error))?;
        export.manifest().ok_or(Problem::new("internal_error"))
    };
    let text = app.reading.turn(read).await?;
    Ok(response.content_type("application/json").body(text))
}
