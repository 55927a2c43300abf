//! What was looked at: the accesses of a user, and the copies of a receipt.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{List, PageQuery, query};
use super::super::problem::Problem;
use super::super::reference::{listed, page, users};
use super::receipts::seen_receipt;
use crate::auth::{Action, may};
use crate::store::{Copies, LoggedAccess};

/// A request that was kept: no query string, no body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Access)]
struct AccessJson {
    #[schema(example = "2026-11-26T14:03:21.123Z")]
    at: String,
    #[schema(example = "auditor")]
    role: String,
    #[schema(example = "GET")]
    method: String,
    /// As the description of the API has it.
    #[schema(example = "/api/v1/programmes/{programme}/receipts/{number}")]
    route: String,
    /// As it was asked for.
    #[schema(example = "/api/v1/programmes/HDF21/receipts/HDF21-MAUB-2026-000042")]
    path: String,
    #[schema(example = 200)]
    status: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "HDF21")]
    programme: Option<String>,
    /// The receipt that left as a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "HDF21-MAUB-2026-000042")]
    number: Option<String>,
    /// In which form something left: `html`, `pdf`, `csv`, `xlsx` or `xml`; `json`, where what was read may be about one
    /// person; `person`, where what is known of somebody was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pdf")]
    form: Option<String>,
}

impl From<LoggedAccess> for AccessJson {
    fn from(access: LoggedAccess) -> Self {
        let LoggedAccess { at, role, method, route, path, status, programme, number, form, .. } = access;
        Self { at: at.to_string(), role: role.to_string(), method, route, path, status, programme, number, form }
    }
}

/// How often a receipt left as a document, since accesses are kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptCopies)]
struct CopiesJson {
    #[schema(example = "HDF21-MAUB-2026-000042")]
    number: String,
    /// All forms together.
    #[schema(example = 2)]
    copies: i64,
    #[schema(example = 0)]
    html: i64,
    #[schema(example = 2)]
    pdf: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_at: Option<String>,
}

impl CopiesJson {
    fn new(number: String, copies: &[Copies]) -> Self {
        let of = |form: &str| copies.iter().filter(|copies| copies.form == form).map(|copies| copies.count).sum();
        Self {
            number,
            copies: copies.iter().map(|copies| copies.count).sum(),
            html: of("html"),
            pdf: of("pdf"),
            first_at: copies.iter().map(|copies| copies.first).min().map(|at| at.to_string()),
            last_at: copies.iter().map(|copies| copies.last).max().map(|at| at.to_string()),
        }
    }
}

/// What a user looked at, the newest last: every request of an auditor, and every receipt that anybody took as a document
/// or file as an export. An auditor sees their own.
#[utoipa::path(get, path = "/api/v1/users/{id}/accesses", tag = "reference",
    params(("id" = String, Path, description = "Identifier of the user"), PageQuery),
    responses((status = 200, description = "A page of accesses", body = List<AccessJson>)))]
pub(in crate::http) async fn of_user(
    app: web::Data<App>,
    id: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadAccesses)?;
    let asked: PageQuery = query(&request)?;
    let page = page(asked.after.as_deref(), asked.limit, crate::domain::ids::UserId::parse)?;
    let user = users::find(&app, &id, &signed_in).await?.id;
    let own = signed_in.caller.actor().user == user;
    if !(own || may(signed_in.caller.role(), Action::Administer)) {
        return Err(Problem::new("not_found"));
    }
    app.accesses.settle().await;
    let wanted = page.clone();
    let rows = app.read(move |tx| Ok(tx.accesses(user, &wanted)?)).await?;
    Ok(listed(rows, &page, |access| access.id.clone(), AccessJson::from))
}

/// How often a receipt was printed or downloaded as a document, first and last.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/receipts/{number}/copies", tag = "receipts",
    params(("programme" = String, Path), ("number" = String, Path, example = "HDF21-MAUB-2026-000042")),
    responses((status = 200, description = "Its copies", body = CopiesJson)))]
pub(in crate::http) async fn of_receipt(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let receipt = seen_receipt(&app, &programme, path.1.clone(), &signed_in).await?;
    app.accesses.settle().await;
    let number = receipt.body().number.clone();
    let wanted = number.clone();
    let copies = app.read(move |tx| Ok(tx.copies(&wanted)?)).await?;
    Ok(HttpResponse::Ok().json(CopiesJson::new(number, &copies)))
}
