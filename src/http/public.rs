//! What anybody may ask: whether a receipt on paper is one of the journal, and what a refusal means. No account, no
//! personal data.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::places::page::shown;
use super::problem::Problem;
use super::receipt_json::read;
use crate::documents;
use crate::domain::movement::Kind;
use crate::domain::short_code::ShortCode;

/// Hexadecimal digits of the hash that the paper shows: 64 bits that nobody guesses.
const DIGITS: usize = 16;

/// A receipt of the journal, as anybody holding its paper may see it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PublicReceipt {
    #[schema(example = true)]
    genuine: bool,
    number: String,
    title: &'static str,
    /// Business day.
    day: String,
    office: String,
    booklets: i64,
    passes: i64,
    value_cents: i64,
    hash: String,
}

/// What every refusal means: where the `type` of a problem points.
pub(super) async fn refusals(request: HttpRequest) -> HttpResponse {
    shown(&request, documents::refusals())
}

/// Is this receipt genuine? The token is its number, a dot and the first 16 digits of its hash, as the QR code
/// of the paper says.
#[utoipa::path(get, path = "/verify/{token}", tag = "receipts", security(()),
    params(("token" = String, Path, example = "HDF21-MAUB-2026-000042.9f86d081884c7d65")),
    responses((status = 200, body = PublicReceipt)))]
pub(super) async fn verify(app: web::Data<App>, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let unknown = || Problem::new("receipt_not_genuine");
    let (number, digits) = path.split_once('.').ok_or_else(unknown)?;
    if digits.len() != DIGITS {
        return Err(unknown());
    }
    let programme = number.split('-').next().and_then(|code| ShortCode::parse(code).ok()).ok_or_else(unknown)?;
    let (number, digits) = (number.to_owned(), digits.to_owned());
    let stored = app
        .read(move |tx| {
            let programme = tx.programme(&programme)?.ok_or_else(|| Problem::new("receipt_not_genuine"))?;
            let stored = tx.receipt(programme.no, &number)?;
            stored.filter(|stored| stored.hash.starts_with(&digits)).ok_or_else(|| Problem::new("receipt_not_genuine"))
        })
        .await?;
    let receipt = read(stored)?;
    let body = receipt.body();
    Ok(HttpResponse::Ok().json(PublicReceipt {
        genuine: true,
        number: body.number.clone(),
        title: Kind::parse(&body.kind).map(Kind::title).unwrap_or_default(),
        day: body.day.clone(),
        office: body.office.name.clone(),
        booklets: body.total.booklets,
        passes: body.total.passes,
        value_cents: body.total.cents,
        hash: receipt.hash().to_owned(),
    }))
}
