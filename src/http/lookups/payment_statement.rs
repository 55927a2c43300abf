//! The état liquidatif of a payment: its figures, or the document to be signed. What never lives here: a figure (see
//! `reports`), or how a page looks (see `documents`).

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::documents::{Form, accepted};
use super::super::envelope::query;
use super::super::problem::Problem;
use super::super::statements::{answer, day_asked, heading, read, text};
use crate::auth::Action;
use crate::documents::{PaidLine, PaymentFact, Statement};
use crate::domain::money::Cents;
use crate::domain::time::Day;
use crate::reports::{self, Request, Value};

/// On which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PaymentStatementQuery {
    /// The last business day that counts; today when not said.
    #[param(value_type = Option<String>, example = "2021-11-08")]
    as_of: Option<Day>,
}

/// One transfer of an état liquidatif.
#[derive(Debug, Serialize, ToSchema)]
struct PaidLineJson {
    #[schema(example = "HDF21-P7-L1")]
    transfer: String,
    provider: String,
    registration: String,
    claim: String,
    month: String,
    passes: i64,
    claim_cents: i64,
    netted_cents: i64,
    amount_cents: i64,
    #[schema(example = "FR76 •••• 0189")]
    account: String,
}

/// What is owed to whom by one payment.
#[derive(Debug, Serialize, ToSchema)]
struct PaymentStatement {
    payment: i64,
    as_of: String,
    lines: Vec<PaidLineJson>,
    amount_cents: i64,
    position: i64,
    head: String,
}

/// One row of the report.
fn paid(row: &[Value]) -> Option<PaidLine> {
    let [transfer, provider, registration, claim, month, passes, claimed, netted, amount, account, due_on] = row else {
        return None;
    };
    let cents = |value: &Value| Cents::new(value.number().unwrap_or_default());
    Some(PaidLine {
        transfer: text(transfer),
        provider: text(provider),
        registration: text(registration),
        claim: text(claim),
        month: text(month),
        passes: passes.number().unwrap_or_default(),
        claimed: cents(claimed),
        netted: cents(netted),
        amount: cents(amount),
        account: text(account),
        due_on: if let Value::Day(day) = due_on { Some(*day) } else { None },
    })
}

/// In French, those of the payment that its receipt says.
fn facts(parameters: &[(&'static str, String)]) -> Vec<PaymentFact> {
    let labels = [
        ("payment_order", "Mandat de paiement"),
        ("bordereau", "Bordereau"),
        ("engagement", "Engagement"),
        ("execute_on", "À exécuter le"),
        ("file_hash", "Empreinte du fichier de virements"),
    ];
    let said = |(name, label): (&str, &'static str)| {
        let (_, value) = parameters.iter().find(|(known, _)| *known == name)?;
        let day = Day::parse(value).map(Day::french);
        Some((label, day.unwrap_or_else(|_| value.clone())))
    };
    labels.into_iter().filter_map(said).collect()
}

/// The état liquidatif of a payment: as JSON, or to be signed by `Accept: text/html` or `application/pdf`. The report
/// `payment-statement` gives it as CSV and as a workbook.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/payments/{payment}/statement", tag = "claims",
    params(("programme" = String, Path), ("payment" = i64, Path), PaymentStatementQuery),
    responses((status = 200, description = "The statement", content(
        (PaymentStatement = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let unknown = || Problem::new("payment_unknown").about("payment", &path.1);
    let (number, form) = (path.1.parse::<i64>().map_err(|_| unknown())?, accepted(&request)?);
    let as_of = day_asked(&app, query::<PaymentStatementQuery>(&request)?.as_of)?;
    let asked = Request { payment: Some(number), ..Request::new(programme.code.clone(), as_of) };
    let (meta, lines) = read(&app, move |store| {
        let mut report = reports::open("payment-statement", store, &asked)?;
        let rows = (report.pages)()?.unwrap_or_default();
        Ok((report.meta, rows.iter().filter_map(|row| paid(row)).collect::<Vec<PaidLine>>()))
    })
    .await?;
    if lines.is_empty() {
        return Err(unknown());
    }
    if form == Form::Json {
        let amount_cents = lines.iter().map(|line| line.amount.get()).sum();
        let json = |line: PaidLine| PaidLineJson {
            transfer: line.transfer,
            provider: line.provider,
            registration: line.registration,
            claim: line.claim,
            month: line.month,
            passes: line.passes,
            claim_cents: line.claimed.get(),
            netted_cents: line.netted.get(),
            amount_cents: line.amount.get(),
            account: line.account,
        };
        return Ok(HttpResponse::Ok().json(PaymentStatement {
            payment: number,
            as_of: as_of.to_string(),
            lines: lines.into_iter().map(json).collect(),
            amount_cents,
            position: meta.position,
            head: meta.head,
        }));
    }
    let (facts, of) = (facts(&meta.parameters), programme.clone());
    let heading = app.read(move |tx| heading(tx, &of, (meta.position, meta.head), as_of)).await?;
    let statement = Statement::payment(heading, number, &facts, &lines);
    Ok(answer(&statement, form, &format!("{}-etat-liquidatif-{number}-{as_of}", programme.code)))
}
