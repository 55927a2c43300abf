//! Closings: those made so far, what happened on a day, and where a day ends in the journal.

use std::collections::BTreeSet;

use diesel::dsl::{max, sql};
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use diesel::sql_types::BigInt;

use super::super::super::cell::stored_row;
use super::super::super::doors::{ClosingReads, JournalReads};
use super::super::super::error::StoreError;
use super::super::super::report_doors::{ReportReads, Window};
use super::super::super::rows::corrupt;
use super::super::super::schema::{closings, receipts};
use super::super::super::stored::{Appended, StoredClosing, written_down};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::insert_all;
use crate::domain::activity::Activity;
use crate::domain::closing::{Books, DayEnd, Period};
use crate::domain::ids::ProgrammeNo;
use crate::domain::movement::Record;
use crate::domain::time::Day;
use crate::receipts::{canonical, closing};

type Columns = (String, String, String, i64, i64, i64);
const COLUMNS: (
    closings::period,
    closings::first_day,
    closings::last_day,
    closings::first_position,
    closings::last_position,
    closings::position,
) = (
    closings::period,
    closings::first_day,
    closings::last_day,
    closings::first_position,
    closings::last_position,
    closings::position,
);

fn stored(
    (period, first_day, last_day, first_position, last_position, position): Columns,
) -> Result<StoredClosing, StoreError> {
    let (period, first_day, last_day) = (Period::parse(&period)?, Day::parse(&first_day)?, Day::parse(&last_day)?);
    Ok(StoredClosing { period, first_day, last_day, first_position, last_position, position })
}

impl ClosingReads for Conn {
    fn books(&mut self, programme: ProgrammeNo, asked: &BTreeSet<(Period, Day)>) -> Result<Books, StoreError> {
        let opened_on: Option<String> =
            receipts::table.find((programme.0, 1)).select(receipts::day).first(self).optional()?;
        let opened_on = opened_on.map(|day| Day::parse(&day)).transpose()?;
        let mut books = Books::new(opened_on);
        let mut positions = BTreeSet::new();
        for period in Period::ALL {
            let last = closings::table.filter(closings::programme_no.eq(programme.0));
            let last = last.filter(closings::period.eq(period.as_str())).select(max(closings::position));
            positions.extend(last.first::<Option<i64>>(self)?);
        }
        for (period, of) in asked {
            let Some(part) = period.part() else { continue };
            let end = closings::table.find((programme.0, part.as_str(), period.around(*of).1.to_string()));
            positions.extend(end.select(closings::position).first::<i64>(self).optional()?);
        }
        for position in positions {
            let receipt = self.receipt_at(programme, position)?.ok_or_else(|| corrupt("closings.position"))?;
            let body = canonical::borrow(&receipt.body).map_err(|found| StoreError::Corrupt(found.to_string()))?;
            let read = closing::read(&body, &receipt.hash).ok_or_else(|| corrupt("a closing that cannot be read"))?;
            books.note(read.0, read.1, read.2);
        }
        Ok(books)
    }

    fn day_end(&mut self, programme: ProgrammeNo, day: Day) -> Result<Option<DayEnd>, StoreError> {
        let (after, until) = (self.position_before(programme, day)?, self.position_on(programme, day)?);
        if until == after {
            return Ok(None);
        }
        let sums = (
            sql::<BigInt>("COUNT(*)"),
            sql::<BigInt>("CAST(SUM(receipts.passes) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(receipts.value_cents) AS BIGINT)"),
        );
        let kinds: Vec<(String, (i64, i64, i64))> = receipts::table
            .filter(receipts::programme_no.eq(programme.0))
            .filter(receipts::position.gt(after))
            .filter(receipts::position.le(until))
            .group_by(receipts::kind)
            .select((receipts::kind, sums))
            .load(self)?;
        let mut activity = Activity::default();
        for (kind, (count, passes, cents)) in kinds {
            activity.receipts(&kind, count, (passes, cents));
        }
        for flow in self.flows(Window { programme, after, until }, None)? {
            activity.line(&flow.from, &flow.to, (flow.passes, flow.value_cents));
        }
        let last = self.receipt_at(programme, until)?.ok_or_else(|| corrupt("receipts.position"))?;
        Ok(Some(DayEnd { position: until, hash: last.hash, activity }))
    }

    fn closings(
        &mut self,
        programme: ProgrammeNo,
        period: Option<Period>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<StoredClosing>, StoreError> {
        let mut query = closings::table.select(COLUMNS).into_boxed();
        query = query.filter(closings::programme_no.eq(programme.0)).filter(closings::position.gt(after));
        if let Some(period) = period {
            query = query.filter(closings::period.eq(period.as_str()));
        }
        let rows: Vec<Columns> = query.order(closings::position).limit(limit).load(self)?;
        rows.into_iter().map(stored).collect()
    }

    fn closed_until(&mut self, programme: ProgrammeNo) -> Result<Option<Day>, StoreError> {
        let days = closings::table.filter(closings::programme_no.eq(programme.0));
        let days = days.filter(closings::period.eq(Period::Day.as_str()));
        let last: Option<String> =
            days.order(closings::position.desc()).select(closings::last_day).first(self).optional()?;
        Ok(last.map(|day| Day::parse(&day)).transpose()?)
    }
}

stored_row! {
    struct ClosingRow<'a> in "closings" {
        programme_no: i64,
        period: &'a str,
        last_day: String,
        first_day: String,
        first_position: i64,
        last_position: i64,
        position: i64,
    }
}

/// The closings that a group made.
pub(super) fn save_closings(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    granted: &[Appended],
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (body, record) in written_down(granted) {
        let Record::Closed(closing) = record else { continue };
        rows.push(ClosingRow {
            programme_no: programme.0,
            period: closing.period.as_str(),
            last_day: closing.last_day.to_string(),
            first_day: closing.first_day.to_string(),
            first_position: closing.first_position,
            last_position: closing.last_position,
            position: body.position,
        });
    }
    insert_all(out, &rows)
}

/// The last position whose business day is `early`: days never go back along the journal, so it is found by halving, in
/// a number of looks that does not grow with what was recorded since.
pub(super) fn last_position(
    conn: &mut Conn,
    programme: ProgrammeNo,
    early: impl Fn(Day) -> bool,
) -> Result<i64, StoreError> {
    let whole = receipts::table.filter(receipts::programme_no.eq(programme.0)).select(max(receipts::position));
    let (mut found, mut last) = (0, whole.first::<Option<i64>>(conn)?.unwrap_or(0));
    // Mostly it is the very last: today's question, or that of a day after the last receipt.
    let mut look = last;
    while found < last {
        let day: Option<String> =
            receipts::table.find((programme.0, look)).select(receipts::day).first(conn).optional()?;
        let day = day.ok_or_else(|| StoreError::Corrupt(format!("no receipt at {look}")))?;
        if early(Day::parse(&day)?) {
            found = look;
        } else {
            last = look - 1;
        }
        look = found + (last - found + 1) / 2;
    }
    Ok(found)
}
