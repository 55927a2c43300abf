//! What is read of issuers' statements; they are written with the acts. What never lives here: SQL.

use std::collections::BTreeSet;

use super::error::StoreError;
use crate::domain::ids::{PassId, ProgrammeNo};
use crate::domain::month::Month;
use crate::domain::movement::Redemption;
use crate::domain::short_code::ShortCode;
use crate::domain::statements::{IssuerStatement, LineStatus, StatementLine};

type Found<T> = Result<T, StoreError>;

/// Which differences of a statement are wanted.
#[derive(Debug, Clone, Default)]
pub struct DifferenceFilter {
    /// Only those of passes spent at the venues of this provider.
    pub provider: Option<ShortCode>,
    pub status: Option<LineStatus>,
    /// Also the lines that are no difference.
    pub with_agreed: bool,
}

/// Statements of issuers, their lines, and what spent passes.
pub trait StatementReads {
    /// The number of the last statement; 0 before the first.
    fn last_statement(&mut self, programme: ProgrammeNo) -> Found<i64>;
    /// Those of the hashes that are of a file taken already.
    fn issuer_files_among(&mut self, programme: ProgrammeNo, hashes: &BTreeSet<String>) -> Found<BTreeSet<String>>;
    fn statements_among(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<i64>) -> Found<Vec<IssuerStatement>>;
    /// Statements in order of number after one, with the numbers of their receipts.
    fn statements(&mut self, programme: ProgrammeNo, after: i64, limit: i64) -> Found<Vec<(IssuerStatement, String)>>;
    /// Every line and difference that was ever said of these passes, in order.
    fn statement_lines_of(&mut self, passes: &BTreeSet<PassId>) -> Found<Vec<StatementLine>>;
    /// The lines and differences of a statement in order of number after one.
    fn statement_lines(
        &mut self,
        programme: ProgrammeNo,
        statement: i64,
        after: i64,
        limit: i64,
    ) -> Found<Vec<StatementLine>>;
    /// The differences of a statement in order of number after one.
    fn differences(
        &mut self,
        programme: ProgrammeNo,
        statement: i64,
        filter: &DifferenceFilter,
        after: i64,
        limit: i64,
    ) -> Found<Vec<StatementLine>>;
    /// What was spent on the days of a month and not undone, with the numbers of the receipts.
    fn redemptions_of_month(&mut self, programme: ProgrammeNo, month: Month) -> Found<Vec<(String, Redemption)>>;
    /// The positions of the receipts that moved each of these passes alone, up to one; of each pass in order.
    fn moves_of_passes(
        &mut self,
        programme: ProgrammeNo,
        passes: &BTreeSet<PassId>,
        until: i64,
    ) -> Found<Vec<(PassId, i64)>>;
}
