//! Payments: their transfers, the file for the bank, and the état liquidatif that goes with the mandat de paiement.

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
use crate::domain::money::Cents;
use crate::domain::payments::{Payment, PaymentLine, end_to_end_id};
use crate::domain::programme::Programme;
use crate::payment_file;
use crate::reports::formula_safe;
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
    /// `ordered`, `executed`, `rejected` or `returned`.
    #[schema(example = "executed")]
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_on: Option<String>,
    /// Why the bank did not pay, or sent it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A line of the état liquidatif.
struct Settled {
    line: PaymentLine,
    provider: String,
    registration: String,
    account: String,
    month: String,
    passes: i64,
    due_on: String,
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
            registration: provider.map(|provider| provider.registration.to_string()).unwrap_or_default(),
            account: payee.map(|payee| payee.masked.clone()).unwrap_or_default(),
            month: claim.month.to_string(),
            passes: claim.passes,
            due_on: claim.due_on.to_string(),
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

/// The état liquidatif of a payment: what is owed to whom, claim by claim, and the total.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/payments/{payment}/statement.csv", tag = "claims",
    params(("programme" = String, Path), ("payment" = i64, Path)),
    responses((status = 200, description = "The table", content_type = "text/csv", body = String)))]
pub(in crate::http) async fn statement(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let table = app
        .read(move |tx| {
            let payment = known(tx, &programme, &path.1)?;
            let settled = settled(tx, &programme, payment.number)?;
            table(&programme, &payment, settled).map_err(|error| Problem::internal(&error))
        })
        .await?;
    Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").body(table))
}

fn table(programme: &Programme, payment: &Payment, lines: Vec<Settled>) -> Result<Vec<u8>, csv::Error> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(Vec::new());
    csv.write_record([
        "transfer",
        "provider",
        "registration",
        "claim",
        "month",
        "passes",
        "amount_cents",
        "account",
        "due_on",
    ])?;
    let (mut passes, mut total) = (0_i64, Cents::ZERO);
    for settled in lines {
        let line = &settled.line;
        passes = passes.saturating_add(settled.passes);
        total = total.plus(line.amount).unwrap_or(total);
        csv.write_record([
            end_to_end_id(&programme.code, line.payment, line.line),
            formula_safe(&settled.provider).into_owned(),
            settled.registration,
            line.claim.to_string(),
            settled.month,
            settled.passes.to_string(),
            line.amount.get().to_string(),
            settled.account,
            settled.due_on,
        ])?;
    }
    let of = |name: &str, value: Option<&crate::domain::text::Reference>| {
        value.map(|value| format!(" {name}={value}")).unwrap_or_default()
    };
    let last = format!(
        "#total payment={} payment_order={}{}{} file_hash={}",
        payment.number,
        payment.payment_order,
        of("bordereau", payment.bordereau.as_ref()),
        of("engagement", payment.engagement.as_ref()),
        payment.file_hash,
    );
    let sums = [passes.to_string(), total.get().to_string()];
    csv.write_record([last.as_str(), "", "", "", "", &sums[0], &sums[1], "", ""])?;
    csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
