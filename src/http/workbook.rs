//! A report as a workbook, made whole before it is sent: it has no end that a reader could miss. What never lives here: what
//! is in it (see `reports`).

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest as _, Sha256};

use super::access_log::Handed;
use super::app::App;
use super::caller::SignedIn;
use super::envelope::query;
use super::exports::{Asked, ReportQuery, refused, repr_digest, told};
use super::problem::Problem;
use crate::reports::{self, Format};

/// The media type of a workbook.
const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A report as a workbook: French headers, euros, totals, and a sheet that says what journal it was read from.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/exports/{name}.xlsx", tag = "reports",
    params(("programme" = String, Path), ("name" = String, Path, example = "use-account"), ReportQuery),
    responses((status = 200, description = "The file", content_type = WORKBOOK, body = Vec<u8>)))]
pub(super) async fn workbook(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: ReportQuery = query(&request)?;
    // They change nothing here, but a wrong one is refused all the same.
    asked.csv()?;
    let asked = Asked::new(&app, path.into_inner(), &signed_in, asked, Format::Json).await?;
    let _entered = app.reading.enter()?;
    let export = app.reading.turn(move || asked.open()).await?;
    let (name, closed) = (format!("{}.xlsx", export.file_stem()), export.report().meta.closed);
    let mut response = HttpResponse::Ok();
    response.extensions_mut().insert(Handed { form: "xlsx", number: None });
    told(&mut response, &export);
    let reading = Arc::clone(&app.reading);
    let write = move || reports::workbook(export.into_report()).map_err(|error| refused(&reading, &error));
    let bytes = app.reading.turn(write).await?;
    if closed {
        response.insert_header(("Repr-Digest", repr_digest(&Sha256::digest(&bytes))));
    }
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(response.content_type(WORKBOOK).insert_header((header::CONTENT_DISPOSITION, disposition)).body(bytes))
}
