//! What a bank says of our transfers: a `camt.053`, a `pain.002` or a table. Every line is judged before anything is
//! taken in, and all of it is or nothing.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::super::app::{App, blocking};
use super::super::problem::{LineVerdict, Problem};
use super::file_request::{FileQuery, FileRequest};
use super::{Asked, DryRun, Recorded, facts_for, record, replayed};
use crate::banking::{Answers, UnreadLine, answers_in};
use crate::catalogue;
use crate::domain::facts::{Facts, Needs};
use crate::domain::money::Cents;
use crate::domain::payments::{BankReturn, LineState, PaymentLine, Reading, Told, end_to_end_id};
use crate::domain::programme::Programme;
use crate::domain::refusal::{Code, Refusal};
use crate::payment_file;
use crate::store::Reads;

/// Whether only to try.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct BankQuery {
    #[serde(default)]
    dry_run: bool,
}

impl FileQuery for BankQuery {
    const TYPES: &'static [&'static str] = &["text/csv", "application/xml", "text/xml"];

    fn dry_run(&self) -> bool {
        self.dry_run
    }
}

/// Take in what the bank says of the transfers it was given. Each file once; a wrong line spoils the whole file.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/bank-returns", tag = "claims",
    request_body(content = String, content_type = "text/csv",
        example = "end_to_end_id,outcome,date,amount_cents,reason\r\nHDF21-P1-L1,executed,2021-11-08,3000,\r\n"),
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn take(
    app: web::Data<App>,
    path: web::Path<String>,
    request: FileRequest<BankQuery>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let FileRequest { signed_in, query: BankQuery { dry_run }, key, bytes } = request;
    if let Some(answer) = replayed(&app, &programme, key.as_ref()).await? {
        return Ok(answer);
    }
    let (shared, of) = (app.clone(), programme.clone());
    let act = blocking(move || judge(&shared, &of, &bytes)).await?;
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

fn judge(app: &App, programme: &Programme, bytes: &[u8]) -> Result<BankReturn, Problem> {
    let unread = |_| Problem::new("bank_file_unreadable").field("file");
    let Answers { format, mut told, whole, unread: lines } = answers_in(&programme.code, bytes).map_err(unread)?;
    let file_hash = payment_file::hash(bytes);
    let mut wrong: Vec<LineVerdict> = lines.into_iter().map(|line| unread_line(line, "bank_line_malformed")).collect();
    app.store.read(|tx| {
        if !tx.bank_files_among(programme.no, &BTreeSet::from([file_hash.clone()]))?.is_empty() {
            return Err(Problem::from(Refusal::new(Code::BankFileTaken).field("file")));
        }
        for answer in &whole {
            match spread(tx, programme, answer)? {
                Ok(lines) => told.extend(lines),
                Err(refusal) => wrong.push(verdict(answer.place, String::new(), &refusal)),
            }
        }
        let mut needs = Needs::default();
        needs.payments.lines.extend(told.iter().map(|told| told.transfer));
        let facts = facts_for(tx, programme.no, &needs)?;
        wrong.extend(refused(&facts, programme, &told));
        Ok::<_, Problem>(())
    })?;
    if wrong.is_empty() {
        return Ok(BankReturn { file_hash, format, told });
    }
    wrong.sort_by_key(|verdict| verdict.line);
    Err(Problem::new("import_malformed").lines(wrong))
}

/// What is said of a whole payment, said of each of its transfers.
fn spread(tx: &mut dyn Reads, programme: &Programme, answer: &Told) -> Result<Result<Vec<Told>, Refusal>, Problem> {
    let lines = tx.payment_lines(programme.no, answer.transfer.0)?;
    let open: Vec<_> = lines.into_iter().filter(|line| line.state == LineState::Ordered).collect();
    let about = |code: Code| Refusal::new(code).about("transfer", format!("{}-P{}", programme.code, answer.transfer.0));
    if open.is_empty() {
        return Ok(Err(about(Code::TransferUnknown)));
    }
    let total = open.iter().fold(0_i64, |sum, line| sum.saturating_add(line.amount.get()));
    if answer.amount.is_some_and(|amount| amount.get() != total) {
        return Ok(Err(about(Code::TransferAmount).about("wanted", Cents::new(total).figures())));
    }
    let told =
        |line: &PaymentLine| Told { transfer: (line.payment, line.line), amount: Some(line.amount), ..answer.clone() };
    Ok(Ok(open.iter().map(told).collect()))
}

/// What is to be said of a line that cannot be read.
pub(super) fn unread_line(UnreadLine { line, text, column }: UnreadLine, code: &'static str) -> LineVerdict {
    let entry = catalogue::find(code);
    let detail = catalogue::fill(entry.french, |name| column.filter(|_| name == "column"));
    let line = u64::try_from(line).unwrap_or(u64::MAX);
    LineVerdict { line, serial: text, verdict: entry.code, detail: Some(detail) }
}

/// Every line that says what cannot be.
fn refused(facts: &Facts, programme: &Programme, told: &[Told]) -> Vec<LineVerdict> {
    let mut reading = Reading::new(facts);
    let judge = |told: &Told| {
        let refusal = reading.take(told).err()?;
        Some(verdict(told.place, end_to_end_id(&programme.code, told.transfer.0, told.transfer.1), &refusal))
    };
    told.iter().filter_map(judge).collect()
}

pub(super) fn verdict(line: usize, serial: String, refusal: &Refusal) -> LineVerdict {
    LineVerdict {
        line: u64::try_from(line).unwrap_or(u64::MAX),
        serial,
        verdict: refusal.code.as_str(),
        detail: Some(catalogue::fill(catalogue::find(refusal.code.as_str()).french, |name| refusal.detail(name))),
    }
}
