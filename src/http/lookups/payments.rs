//! Payments, their transfers, and the file for the bank.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::access_log::Handed;
use super::super::app::{App, blocking};
use super::super::caller::SignedIn;
use super::super::envelope::{List, PageQuery, query};
use super::super::problem::Problem;
use super::cursor;
use crate::auth::Action;
use crate::domain::payments::{Payment, PaymentLine, end_to_end_id};
use crate::domain::programme::Programme;
use crate::payment_file;
use crate::store::Reads;

/// A payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Payment)]
struct PaymentJson {
    #[schema(example = 7)]
    number: i64,
    #[schema(example = "2021-MP-4711")]
    payment_order: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bordereau: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    engagement: Option<String>,
    #[schema(example = "2021-11-08")]
    execute_on: String,
    total_cents: i64,
    /// SHA-256 of the file for the bank, as the receipt seals it.
    file_hash: String,
    /// Only where one payment is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    transfers: Vec<TransferJson>,
}

/// One transfer of a payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transfer)]
struct TransferJson {
    #[schema(example = "HDF21-P7-L1")]
    end_to_end_id: String,
    claim: i64,
    #[schema(example = "Les lieux numériques de l'Avesnois")]
    provider: String,
    #[schema(example = "FR76 •••• 0189")]
    account: String,
    amount_cents: i64,
    /// What the provider had been overpaid and was taken off.
    #[serde(skip_serializing_if = "is_zero")]
    netted_cents: i64,
    /// `ordered`, `executed`, `rejected` or `returned`.
    #[schema(example = "executed")]
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_on: Option<String>,
    /// Why the bank did not pay, or sent it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
const fn is_zero(cents: &i64) -> bool {
    *cents == 0
}

/// A transfer with the names that are shown of it.
struct Settled {
    line: PaymentLine,
    provider: String,
    account: String,
}

fn payment_json(payment: &Payment, transfers: Vec<TransferJson>) -> PaymentJson {
    PaymentJson {
        number: payment.number,
        payment_order: payment.payment_order.to_string(),
        bordereau: payment.bordereau.as_ref().map(ToString::to_string),
        engagement: payment.engagement.as_ref().map(ToString::to_string),
        execute_on: payment.execute_on.to_string(),
        total_cents: payment.total.get(),
        file_hash: payment.file_hash.clone(),
        transfers,
    }
}

fn settled(tx: &mut dyn Reads, programme: &Programme, number: i64) -> Result<Vec<Settled>, Problem> {
    let lines = tx.payment_lines(programme.no, number)?;
    let claims = tx.claims_among(programme.no, &lines.iter().map(|line| line.claim).collect())?;
    let payees = tx.payees_among(programme.no, &lines.iter().map(|line| line.payee).collect())?;
    let providers = tx.organisations_among(&claims.iter().map(|claim| claim.provider).collect())?;
    let settle = |line: PaymentLine| {
        let claim = claims.iter().find(|claim| claim.number == line.claim);
        let claim = claim.ok_or_else(|| Problem::internal(&"a transfer without a claim"))?;
        let payee = payees.iter().find(|payee| payee.number == line.payee);
        let provider = providers.iter().find(|provider| provider.id == claim.provider);
        Ok(Settled {
            provider: provider.map(|provider| provider.name.to_string()).unwrap_or_default(),
            account: payee.map(|payee| payee.masked.clone()).unwrap_or_default(),
            line,
        })
    };
    lines.into_iter().map(settle).collect()
}

fn transfer_json(programme: &Programme, settled: Settled) -> TransferJson {
    let line = settled.line;
    TransferJson {
        end_to_end_id: end_to_end_id(&programme.code, line.payment, line.line),
        claim: line.claim,
        provider: settled.provider,
        account: settled.account,
        amount_cents: line.amount.get(),
        netted_cents: line.netted.get(),
        state: line.state.as_str(),
        state_on: line.state_on.map(|day| day.to_string()),
        reason: line.reason.map(|reason| reason.to_string()),
    }
}

/// The payment with this number.
fn known(tx: &mut dyn Reads, programme: &Programme, text: &str) -> Result<Payment, Problem> {
    let unknown = || Problem::new("payment_unknown").about("payment", text);
    let number = text.parse().map_err(|_| unknown())?;
    tx.payment(programme.no, number)?.ok_or_else(unknown)
}

/// Payments in order of number.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/payments", tag = "claims",
    params(("programme" = String, Path), PageQuery), responses((status = 200, body = List<PaymentJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path).await?;
    let page = query::<PageQuery>(&request)?.page()?;
    let after = cursor(page.after.as_deref())?;
    let found = app.read(move |tx| Ok(tx.payments(programme.no, after, page.limit)?)).await?;
    let items = found.iter().map(|payment| payment_json(payment, Vec::new())).collect();
    Ok(HttpResponse::Ok().json(List::new(items, page.limit, |last: &PaymentJson| last.number.to_string())))
}

/// One payment, with what has become of each transfer.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/payments/{payment}", tag = "claims",
    params(("programme" = String, Path), ("payment" = i64, Path)), responses((status = 200, body = PaymentJson)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let shown = app
        .read(move |tx| {
            let payment = known(tx, &programme, &path.1)?;
            let settled = settled(tx, &programme, payment.number)?;
            let transfers = settled.into_iter().map(|settled| transfer_json(&programme, settled)).collect();
            Ok(payment_json(&payment, transfers))
        })
        .await?;
    Ok(HttpResponse::Ok().json(shown))
}

/// The file of a payment for the bank (`pain.001.001.09`): the same bytes each time, those whose hash is sealed.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/payments/{payment}/file", tag = "claims",
    params(("programme" = String, Path), ("payment" = i64, Path)),
    responses((status = 200, description = "The file", content_type = "application/xml", body = String)))]
pub(in crate::http) async fn file(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::TakePaymentFile)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let (shared, of) = (app.clone(), programme.clone());
    let (number, text) = blocking(move || {
        shared.store.read(|tx| {
            let payment = known(tx, &of, &path.1)?;
            let lines = tx.payment_lines(of.no, payment.number)?;
            let ordered: Vec<payment_file::Ordered> =
                lines.iter().map(|line| (line.claim, line.payee, line.amount)).collect();
            let text = payment_file::make(tx, &shared.keys, &of, &payment, &ordered)?;
            if payment_file::hash(text.as_bytes()) != payment.file_hash {
                return Err(Problem::internal(&"a payment file is not the one that was sealed"));
            }
            Ok((payment.number, text))
        })
    })
    .await?;
    let by = &signed_in.caller.actor().pseudonym;
    tracing::info!(programme = %programme.code, payment = number, by, "a payment file is taken");
    let name = format!("attachment; filename=\"{}-P{number}.xml\"", programme.code);
    let disposition = (header::CONTENT_DISPOSITION, name);
    let mut response = HttpResponse::Ok();
    response.extensions_mut().insert(Handed { form: "xml", number: None });
    Ok(response.content_type("application/xml").insert_header(disposition).body(text))
}
