//! What an issuer says it has paid for the passes of one provider: that provider's own lines of a statement, and what they amount
//! to. What never lives here: anything of another's.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::documents::Form;
use super::super::envelope::{List, PageQuery, query};
use super::super::problem::Problem;
use super::cursor;
use super::issuer_statements::{DifferenceJson, difference_json};
use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;
use crate::domain::statements::{LineClass, LineStatus, StatementLine};
use crate::store::{DifferenceFilter, Reads};

/// Lines counted at a time.
const PAGE: i64 = 1_000;

/// A provider's own lines of a statement.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnStatement {
    #[schema(example = 3)]
    statement: i64,
    #[schema(example = "APTIC")]
    issuer: String,
    #[schema(example = "2021-10")]
    month: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<i64>,
    #[serde(flatten)]
    sums: Sums,
    /// In order of number.
    lines: Vec<DifferenceJson>,
    /// What to pass as `after` for the next page of lines; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What all of its lines amount to, on whatever page.
#[derive(Debug, Default, Serialize, ToSchema)]
struct Sums {
    /// Passes that the issuer says it has paid, said before left out.
    paid_passes: i64,
    /// What it says it has paid for them.
    stated_cents: i64,
    /// Those of them that agree with the ledger.
    matched_passes: i64,
    open_differences: i64,
}

impl Sums {
    fn add(&mut self, line: &StatementLine) {
        if let Some(said) = line.said.as_ref().filter(|_| line.class != LineClass::Unchanged) {
            // What a venue disputes is a line beside that of the issuer, which says it already.
            let counts = i64::from(line.class != LineClass::Disputed);
            self.paid_passes += counts;
            self.stated_cents = self.stated_cents.saturating_add(counts * said.amount.get());
        }
        self.matched_passes += i64::from(line.class == LineClass::Matched);
        self.open_differences += i64::from(line.status == LineStatus::Open);
    }
}

fn sums(tx: &mut dyn Reads, programme: &Programme, statement: i64, filter: &DifferenceFilter) -> Result<Sums, Problem> {
    let (mut sums, mut after) = (Sums::default(), 0);
    loop {
        let page = tx.differences(programme.no, statement, filter, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(sums) };
        after = last.number;
        for line in &page {
            sums.add(line);
        }
    }
}

pub(super) async fn own_lines(
    app: &web::Data<App>,
    programme: Arc<Programme>,
    (number, own): (i64, ShortCode),
    form: Form,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    // What is signed is of the whole statement.
    if form != Form::Json {
        return Err(Problem::new("not_in_scope"));
    }
    let asked = query::<PageQuery>(request)?;
    let (limit, after) = (asked.page()?.limit, cursor(asked.after.as_deref())?);
    let filter = DifferenceFilter { provider: Some(own), status: None, with_agreed: true };
    let read = move |tx: &mut dyn Reads| {
        let found = tx.statements_among(programme.no, &[number].into())?.pop();
        let statement = found.ok_or_else(|| Problem::new("statement_unknown").about("statement", number))?;
        let lines = tx.differences(programme.no, number, &filter, after, limit)?;
        let lines = lines.into_iter().map(|line| difference_json(&programme, line)).collect();
        let List { items, next } = List::new(lines, limit, |last: &DifferenceJson| last.number.to_string());
        Ok(OwnStatement {
            statement: number,
            issuer: statement.issuer.to_string(),
            month: statement.month.to_string(),
            corrects: statement.corrects,
            sums: sums(tx, &programme, number, &filter)?,
            lines: items,
            next,
        })
    };
    Ok(HttpResponse::Ok().json(app.read(read).await?))
}
