//! Statements of issuers: what was said of passes, what spent them, and what the acts of a group changed of it.

use std::collections::BTreeSet;

use diesel::dsl::max;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper};

use super::super::super::cell::Cell;
use super::super::super::error::StoreError;
use super::super::super::report_doors::ReportReads;
use super::super::super::rows::{RedemptionRow, StatementLineRow, StatementRow, corrupt};
use super::super::super::schema::{issuer_lines, issuer_statements, receipt_items, receipts, redemptions};
use super::super::super::statement_doors::{DifferenceFilter, StatementReads};
use super::super::super::stored::Appended;
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all, update_from};
use crate::domain::facts::Facts;
use crate::domain::ids::{ItemId, PassId, ProgrammeNo};
use crate::domain::month::Month;
use crate::domain::movement::{Kind, Record, Redemption};
use crate::domain::statements::{IssuerStatement, LineClass, StatementLine, StatementRecord};

fn read_lines(rows: Vec<StatementLineRow>) -> Result<Vec<StatementLine>, StoreError> {
    rows.into_iter().map(StatementLine::try_from).collect()
}

impl StatementReads for Conn {
    fn last_statement(&mut self, programme: ProgrammeNo) -> Result<i64, StoreError> {
        let of_programme = issuer_statements::table.filter(issuer_statements::programme_no.eq(programme.0));
        let last: Option<i64> = of_programme.select(max(issuer_statements::number)).first(self)?;
        Ok(last.unwrap_or(0))
    }

    fn issuer_files_among(
        &mut self,
        programme: ProgrammeNo,
        hashes: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let hashes: Vec<Cell<'_>> = hashes.iter().map(|hash| hash.as_str().into()).collect();
        let found: Vec<String> = by_keys(&hashes, |hashes| {
            let of_programme = issuer_statements::table.filter(issuer_statements::programme_no.eq(programme.0));
            let found = of_programme.filter(among(issuer_statements::file_hash, hashes));
            Ok(found.select(issuer_statements::file_hash).load(self)?)
        })?;
        Ok(found.into_iter().collect())
    }

    fn statements_among(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<i64>,
    ) -> Result<Vec<IssuerStatement>, StoreError> {
        let numbers: Vec<Cell<'_>> = numbers.iter().map(|number| (*number).into()).collect();
        let rows: Vec<StatementRow> = by_keys(&numbers, |numbers| {
            let of_programme = issuer_statements::table.filter(issuer_statements::programme_no.eq(programme.0));
            let found = of_programme.filter(among(issuer_statements::number, numbers));
            Ok(found.select(StatementRow::as_select()).load(self)?)
        })?;
        rows.into_iter().map(IssuerStatement::try_from).collect()
    }

    fn statements(
        &mut self,
        programme: ProgrammeNo,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(IssuerStatement, String)>, StoreError> {
        let rows: Vec<StatementRow> = issuer_statements::table
            .filter(issuer_statements::programme_no.eq(programme.0))
            .filter(issuer_statements::number.gt(after))
            .order(issuer_statements::number)
            .limit(limit)
            .select(StatementRow::as_select())
            .load(self)?;
        let read = |row: StatementRow| {
            let receipt = row.receipt.clone();
            Ok((IssuerStatement::try_from(row)?, receipt))
        };
        rows.into_iter().map(read).collect()
    }

    fn statement_lines_of(&mut self, passes: &BTreeSet<PassId>) -> Result<Vec<StatementLine>, StoreError> {
        let passes: Vec<Cell<'_>> = passes.iter().map(|pass| pass.0.into()).collect();
        read_lines(by_keys(&passes, |passes| {
            // A pass is of one programme: by that alone, an engine would read all of its lines for each key.
            let found = issuer_lines::table.filter(among(issuer_lines::pass_id, passes));
            Ok(found.select(StatementLineRow::as_select()).load(self)?)
        })?)
    }

    fn statement_lines(
        &mut self,
        programme: ProgrammeNo,
        statement: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<StatementLine>, StoreError> {
        let rows = issuer_lines::table
            .filter(issuer_lines::programme_no.eq(programme.0))
            .filter(issuer_lines::statement.eq(statement))
            .filter(issuer_lines::number.gt(after))
            .order(issuer_lines::number)
            .limit(limit)
            .select(StatementLineRow::as_select())
            .load(self)?;
        read_lines(rows)
    }

    fn differences(
        &mut self,
        programme: ProgrammeNo,
        statement: i64,
        filter: &DifferenceFilter,
        after: i64,
        limit: i64,
    ) -> Result<Vec<StatementLine>, StoreError> {
        let none = [LineClass::Matched, LineClass::Unchanged].map(LineClass::as_str);
        let mut query = issuer_lines::table.select(StatementLineRow::as_select()).into_boxed();
        query = query.filter(issuer_lines::programme_no.eq(programme.0).and(issuer_lines::statement.eq(statement)));
        query = query.filter(issuer_lines::number.gt(after));
        if !filter.with_agreed {
            query = query.filter(issuer_lines::class.ne_all(none));
        }
        if let Some(provider) = &filter.provider {
            query = query.filter(issuer_lines::provider.eq(provider.to_string()));
        }
        if let Some(status) = filter.status {
            query = query.filter(issuer_lines::status.eq(status.as_str()));
        }
        read_lines(query.order(issuer_lines::number).limit(limit).load(self)?)
    }

    fn redemptions_of_month(
        &mut self,
        programme: ProgrammeNo,
        month: Month,
    ) -> Result<Vec<(String, Redemption)>, StoreError> {
        let after = self.position_before(programme, month.first_day())?;
        let before = self.position_before(programme, month.end())?;
        let rows: Vec<RedemptionRow> = receipts::table
            .inner_join(redemptions::table.on(redemptions::number.eq(receipts::number)))
            .filter(receipts::programme_no.eq(programme.0))
            .filter(receipts::position.gt(after).and(receipts::position.le(before)))
            .filter(receipts::kind.eq(Kind::Redemption.as_str()))
            .filter(redemptions::reversed.eq(false))
            .select(RedemptionRow::as_select())
            .load(self)?;
        rows.into_iter().map(|row| Ok((row.number.clone(), Redemption::try_from(row)?))).collect()
    }

    fn moves_of_passes(
        &mut self,
        programme: ProgrammeNo,
        passes: &BTreeSet<PassId>,
        until: i64,
    ) -> Result<Vec<(PassId, i64)>, StoreError> {
        let items: Vec<Cell<'_>> = passes.iter().map(|pass| pass.item().0.into()).collect();
        // Of one table: joined to receipts, an engine that has not counted its rows yet reads all of these for each key.
        let rows: Vec<(i64, i64)> = by_keys(&items, |items| {
            Ok(receipt_items::table
                .filter(among(receipt_items::item, items))
                .filter(receipt_items::programme_no.eq(programme.0))
                .filter(receipt_items::position.le(until))
                .order((receipt_items::item, receipt_items::position))
                .select((receipt_items::item, receipt_items::position))
                .load(self)?)
        })?;
        let pass = |(item, position): (i64, i64)| ItemId(item).pass().map(|pass| (pass, position));
        Ok(rows.into_iter().filter_map(pass).collect())
    }
}

/// The number of the receipt by which a statement was taken in.
fn taken_by(granted: &[Appended], number: i64) -> Result<&str, StoreError> {
    let taken = |record: &Record| match record {
        Record::Statements(StatementRecord::Taken(statement, ..)) => statement.number == number,
        _ => false,
    };
    let receipt = granted.iter().find(|appended| appended.movement.records.iter().any(taken));
    let number = receipt.map(|appended| appended.receipt.body().number.as_str());
    number.ok_or_else(|| corrupt("a statement without a receipt"))
}

/// Writes the statements that a group took in, and what it changed of them.
pub(super) fn save(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    facts: &Facts,
    granted: &[Appended],
) -> Result<(), StoreError> {
    let (mut new, mut known) = (Vec::new(), Vec::new());
    for (number, row) in facts.statements.statements.changed() {
        let now = &row.now;
        match &row.loaded {
            None => new.push(StatementRow::new(programme, now, taken_by(granted, *number)?)),
            Some(before) => known.push([
                Cell::Number(programme.0),
                (*number).into(),
                before.last_line.into(),
                before.open.into(),
                now.last_line.into(),
                now.open.into(),
            ]),
        }
    }
    insert_all(out, &new)?;
    update_from(
        out,
        "issuer_statements",
        "UPDATE issuer_statements SET last_line = v.column5, open_differences = v.column6",
        &known,
        "issuer_statements.programme_no = v.column1 AND issuer_statements.number = v.column2 \
         AND issuer_statements.last_line = v.column3 AND issuer_statements.open_differences = v.column4",
    )?;
    save_lines(out, programme, facts)
}

fn save_lines(out: &mut Writing<'_>, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    let (mut new, mut closed) = (Vec::new(), Vec::new());
    for ((statement, number), row) in facts.statements.lines.changed() {
        let now = &row.now;
        match &row.loaded {
            None => new.push(StatementLineRow::new(programme, now)),
            Some(before) => closed.push([
                Cell::Number(programme.0),
                (*statement).into(),
                (*number).into(),
                before.status.as_str().into(),
                now.status.as_str().into(),
                now.resolution.map(|resolution| resolution.to_string()).into(),
                now.closed_by.clone().into(),
            ]),
        }
    }
    insert_all(out, &new)?;
    update_from(
        out,
        "issuer_lines",
        "UPDATE issuer_lines SET status = v.column5, resolution = v.column6, closed_by = v.column7",
        &closed,
        "issuer_lines.programme_no = v.column1 AND issuer_lines.statement = v.column2 \
         AND issuer_lines.number = v.column3 AND issuer_lines.status = v.column4",
    )
}
