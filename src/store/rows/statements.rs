//! Statements of issuers as their tables hold them. What never lives here: a query.

use diesel::prelude::{Queryable, Selectable};

use super::super::cell::stored_row;
use super::super::error::StoreError;
use super::super::schema::{issuer_lines, issuer_statements};
use super::{corrupt, day, optional};
use crate::domain::ids::{PassId, ProgrammeNo};
use crate::domain::money::Cents;
use crate::domain::month::Month;
use crate::domain::short_code::ShortCode;
use crate::domain::statements::{
    IssuerStatement, LineClass, LineStatus, Resolution, Said, StatementLine, VenueReference,
};

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = issuer_statements)]
    pub(in crate::store) struct StatementRow in "issuer_statements" {
        programme_no: i64,
        number: i64,
        pub(in crate::store) receipt: String,
        issuer: String,
        month: String,
        corrects: i64,
        file_hash: String,
        lines_hash: String,
        file_lines: i64,
        matched: i64,
        unchanged: i64,
        stated_cents: i64,
        last_line: i64,
        open_differences: i64,
    }
}

impl StatementRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, statement: &IssuerStatement, receipt: &str) -> Self {
        Self {
            programme_no: programme.0,
            number: statement.number,
            receipt: receipt.to_owned(),
            issuer: statement.issuer.to_string(),
            month: statement.month.to_string(),
            corrects: statement.corrects.unwrap_or(0),
            file_hash: statement.file_hash.clone(),
            lines_hash: statement.lines_hash.clone(),
            file_lines: statement.lines,
            matched: statement.matched,
            unchanged: statement.unchanged,
            stated_cents: statement.stated.get(),
            last_line: statement.last_line,
            open_differences: statement.open,
        }
    }
}

impl TryFrom<StatementRow> for IssuerStatement {
    type Error = StoreError;
    fn try_from(row: StatementRow) -> Result<Self, StoreError> {
        Ok(Self {
            number: row.number,
            issuer: ShortCode::parse(&row.issuer)?,
            month: Month::parse(&row.month)?,
            corrects: (row.corrects > 0).then_some(row.corrects),
            file_hash: row.file_hash,
            lines_hash: row.lines_hash,
            lines: row.file_lines,
            matched: row.matched,
            unchanged: row.unchanged,
            stated: Cents::new(row.stated_cents),
            last_line: row.last_line,
            open: row.open_differences,
        })
    }
}

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = issuer_lines)]
    pub(in crate::store) struct StatementLineRow in "issuer_lines" {
        programme_no: i64,
        statement: i64,
        number: i64,
        pass_id: i64,
        provider: Option<String>,
        venue: Option<String>,
        redeemed_on: Option<String>,
        paid_on: Option<String>,
        amount_cents: i64,
        class: String,
        status: String,
        resolution: Option<String>,
        closed_by: Option<String>,
    }
}

impl StatementLineRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, line: &StatementLine) -> Self {
        let said = line.said.as_ref();
        Self {
            programme_no: programme.0,
            statement: line.statement,
            number: line.number,
            pass_id: line.pass.0,
            provider: line.provider.as_ref().map(ToString::to_string),
            venue: said.map(|said| said.venue.to_string()),
            redeemed_on: said.map(|said| said.redeemed_on.to_string()),
            paid_on: said.map(|said| said.paid_on.to_string()),
            amount_cents: said.map_or(0, |said| said.amount.get()),
            class: line.class.to_string(),
            status: line.status.to_string(),
            resolution: line.resolution.map(|resolution| resolution.to_string()),
            closed_by: line.closed_by.clone(),
        }
    }
}

impl TryFrom<StatementLineRow> for StatementLine {
    type Error = StoreError;
    fn try_from(row: StatementLineRow) -> Result<Self, StoreError> {
        let said = match (row.venue, row.redeemed_on, row.paid_on) {
            (Some(venue), Some(redeemed_on), Some(paid_on)) => Some(Said {
                venue: VenueReference::parse(&venue)?,
                redeemed_on: day(&redeemed_on)?,
                paid_on: day(&paid_on)?,
                amount: Cents::new(row.amount_cents),
            }),
            (None, None, None) => None,
            _ => return Err(corrupt("a line of an issuer's statement")),
        };
        Ok(Self {
            statement: row.statement,
            number: row.number,
            pass: PassId(row.pass_id),
            provider: optional(row.provider.as_deref(), ShortCode::parse)?,
            said,
            class: LineClass::parse(&row.class)?,
            status: LineStatus::parse(&row.status)?,
            resolution: optional(row.resolution.as_deref(), Resolution::parse)?,
            closed_by: row.closed_by,
        })
    }
}
