//! Receipts, as a list and one by one.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::documents::{Form, accepted, render};
use super::super::envelope::{List, limit, query};
use super::super::problem::Problem;
use super::super::receipt_json::{ReceiptJson, read};
use super::{cursor, party};
use crate::auth::Action;
use crate::domain::movement::Kind;
use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;
use crate::receipts::Receipt;
use crate::store::{ReceiptFilter, StoredReceipt};

/// Which receipts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ReceiptsQuery {
    limit: Option<i64>,
    after: Option<String>,
    /// Only this kind, such as `hand_out`.
    #[param(value_type = Option<String>)]
    kind: Option<Kind>,
    /// From this business day on.
    #[param(value_type = Option<String>)]
    from: Option<Day>,
    /// Up to this business day.
    #[param(value_type = Option<String>)]
    as_of: Option<Day>,
}

/// Receipts in the order of the journal.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/receipts", tag = "receipts",
    params(("programme" = String, Path), ReceiptsQuery), responses((status = 200, body = List<ReceiptJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path).await?;
    let asked: ReceiptsQuery = query(&request)?;
    let (limit, after) = (limit(asked.limit)?, cursor(asked.after.as_deref())?);
    let filter = ReceiptFilter {
        party: party(&signed_in),
        kind: asked.kind.map(|kind| kind.to_string()),
        from_day: asked.from,
        until_day: asked.as_of,
    };
    let stored = app.read(move |tx| Ok(tx.receipts(programme.no, after, limit, &filter)?)).await?;
    let next = |last: &StoredReceipt| last.position.to_string();
    let List { items, next } = List::new(stored, limit, next);
    let items =
        items.into_iter().map(|stored| Ok(ReceiptJson::from(&read(stored)?))).collect::<Result<Vec<_>, Problem>>()?;
    Ok(HttpResponse::Ok().json(List { items, next }))
}

/// One receipt: as JSON, or as a document by `Accept: text/html` or `application/pdf`.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/receipts/{number}", tag = "receipts",
    params(("programme" = String, Path), ("number" = String, Path, example = "HDF21-MAUB-2026-000042")),
    responses((status = 200, description = "The receipt", content(
        (ReceiptJson = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let receipt = find_receipt(&app, &programme, path.1.clone(), party(&signed_in)).await?;
    match accepted(&request)? {
        Form::Json => Ok(HttpResponse::Ok().json(ReceiptJson::from(&receipt))),
        form => render(&app, &programme, receipt, form, None).await,
    }
}

/// The receipt with this number, as far as the caller may see it.
pub(in crate::http) async fn seen_receipt(
    app: &App,
    programme: &Programme,
    number: String,
    signed_in: &SignedIn,
) -> Result<Receipt, Problem> {
    find_receipt(app, programme, number, party(signed_in)).await
}

async fn find_receipt(
    app: &App,
    programme: &Programme,
    number: String,
    party: Option<ShortCode>,
) -> Result<Receipt, Problem> {
    let no = programme.no;
    let stored = app
        .read(move |tx| {
            let stored = tx.receipt(no, &number)?.ok_or(Problem::new("not_found"))?;
            let seen = match &party {
                Some(party) => tx.receipt_concerns(no, stored.position, party)?,
                None => true,
            };
            if seen { Ok(stored) } else { Err(Problem::new("not_found")) }
        })
        .await?;
    read(stored)
}
