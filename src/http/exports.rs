//! Reports as JSON, exports as CSV, both streamed; and the verification of the chain. What never lives here: a
//! figure (see `reports`).

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};

use super::app::{App, blocking};
use super::caller::SignedIn;
use super::envelope::query;
use super::problem::Problem;
use crate::audit;
use crate::auth::Action;
use crate::domain::time::Day;
use crate::receipts::seal::{self, key_id};
use crate::reports::{self, CsvOptions, Delimiter, Export, Format, Headers, LastLine, Money, ReportError, Request};

/// Chunks that may wait for a slow reader; more would be memory.
const CHUNKS_AHEAD: usize = 4;

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
    fn csv(&self) -> Result<CsvOptions, Problem> {
        let wrong = || Problem::new("query_malformed").about("detail", "delimiter : « , » ou « ; »").field("delimiter");
        Ok(CsvOptions {
            delimiter: match self.delimiter.as_deref() {
                None | Some(",") => Delimiter::Comma,
                Some(";") => Delimiter::Semicolon,
                Some(_) => return Err(wrong()),
            },
            byte_order_mark: self.bom,
            money: if self.decimal_comma { Money::DecimalComma } else { Money::Cents },
            headers: if self.labels { Headers::Labels } else { Headers::Names },
            last_line: if self.no_totals { LastLine::None } else { LastLine::Totals },
        })
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        if let ReportError::Store(_) = &error {
            return Self::internal(&error);
        }
        let problem = Self::new(error.code());
        match error.field() {
            Some(field) => problem.about("parameter", field).field(field),
            None => problem,
        }
    }
}

async fn open(
    app: &web::Data<App>,
    (programme, name): (String, String),
    signed_in: &SignedIn,
    asked: ReportQuery,
    format: Format,
) -> Result<Export, Problem> {
    signed_in.require(Action::ReadReports)?;
    let programme = signed_in.programme(app, &programme).await?.code.clone();
    let today = app.clock.now().day();
    let as_of = asked.as_of.unwrap_or(today);
    if as_of > today {
        // What is not over yet cannot have the same answer twice.
        return Err(Problem::new("date_in_future").about("date", as_of.french()).field("as_of"));
    }
    let request = Request {
        programme,
        as_of,
        scope: signed_in.scope().map(|_| signed_in.organisation.code.clone()),
        from: asked.from,
        holder: asked.holder,
        serial: asked.serial,
        grain: asked.grain,
    };
    let store = Arc::clone(&app.store);
    blocking(move || Ok(Export::new(reports::open(&name, &store, &request)?, format))).await
}

/// Sends the chunks as they are read: memory stays the same however long the report.
fn streamed(mut export: Export, attachment: bool) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(export.content_type());
    if attachment {
        let disposition = format!("attachment; filename=\"{}\"", export.file_name());
        response.insert_header((header::CONTENT_DISPOSITION, disposition));
    }
    let (chunks, read) = mpsc::channel::<Result<Bytes, std::io::Error>>(CHUNKS_AHEAD);
    drop(actix_web::rt::task::spawn_blocking(move || {
        for chunk in export.by_ref() {
            let chunk = chunk.map(Bytes::from).map_err(std::io::Error::other);
            // The reader has gone away: there is nobody to read for.
            if chunks.blocking_send(chunk).is_err() {
                return;
            }
        }
    }));
    response.streaming(stream::unfold(read, |mut read| async { read.recv().await.map(|chunk| (chunk, read)) }))
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
    let export = open(&app, path.into_inner(), &signed_in, asked, Format::Json).await?;
    Ok(streamed(export, false))
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
    let export = open(&app, path.into_inner(), &signed_in, asked, format).await?;
    Ok(streamed(export, true))
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
    let mut export = open(&app, path.into_inner(), &signed_in, asked, format).await?;
    let text = blocking(move || {
        export.write_to(&mut std::io::sink()).map_err(|error| Problem::internal(&error))?;
        export.manifest().ok_or(Problem::new("internal_error"))
    })
    .await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}

/// What a verification found.
#[derive(Debug, Serialize, ToSchema)]
struct VerificationJson {
    /// Whether chain, seals, business rules and projections all hold.
    verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
    /// The key that seals now: compare it with the one published.
    seal_key_id: String,
    seal_public_key: String,
    /// The first break, in French.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_break: Option<String>,
}

/// Walk the chain and its seals, replay the business rules, compare with the projections.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/verification", tag = "receipts",
    params(("programme" = String, Path)), responses((status = 200, body = VerificationJson)))]
pub(super) async fn verification(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::Verify)?;
    let programme = signed_in.programme(&app, &path).await?;
    let shared = app.clone();
    let json = blocking(move || {
        let key = shared.keys.seal_key().verifying_key();
        let verified = audit::verify(&shared.store, &[key], &programme, &mut |_, _| {});
        let (seal_key_id, seal_public_key) = (key_id(&key), seal::write_key(&key));
        match verified {
            Ok(verified) => Ok(VerificationJson {
                verified: true,
                receipts: Some(verified.receipts),
                head: Some(verified.head),
                seal_key_id,
                seal_public_key,
                first_break: None,
            }),
            Err(audit::AuditError::Store(error)) => Err(error.into()),
            Err(broken) => Ok(VerificationJson {
                verified: false,
                receipts: None,
                head: None,
                seal_key_id,
                seal_public_key,
                first_break: Some(broken.to_string()),
            }),
        }
    })
    .await?;
    Ok(HttpResponse::Ok().json(json))
}
