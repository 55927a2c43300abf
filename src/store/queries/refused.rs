//! What was refused and is a fact of its own: scans, and people who were sent away. Written once, read by day and organisation.
//! What never lives here: why it was refused.

use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};

use super::super::super::cell::stored_row;
use super::super::super::error::StoreError;
use super::super::super::report_doors::{RefusedHandOutRow, ScanFilter, ScanRow};
use super::super::super::schema::{refused_hand_outs, refused_scans};
use super::super::super::stored::{StoredRefusedHandOut, StoredScan};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::insert_all;
use crate::domain::ids::ProgrammeNo;
use crate::domain::time::{Day, Instant};

type ScanColumns = (String, i64, String, String, String, String, String, String, i64);
type SentAwayColumns = (String, String, String, String, String, String);

stored_row! {
    struct SentAwayRow<'a> in "refused_hand_outs" {
        id: &'a str,
        programme_no: i64,
        at_millis: i64,
        day: String,
        office: &'a str,
        code: &'a str,
        rule_version: &'a str,
        lacking: &'a str,
    }
}

stored_row! {
    struct ScanCells<'a> in "refused_scans" {
        id: &'a str,
        programme_no: i64,
        at_millis: i64,
        day: String,
        office: &'a str,
        venue_id: &'a str,
        service: &'a str,
        code: &'a str,
        serials: &'a str,
        unknown_codes: i64,
    }
}

/// The rows of a table that a filter lets through.
macro_rules! filtered {
    ($table:ident, $programme:expr, $filter:expr) => {{
        let mut query = $table::table.into_boxed();
        query = query.filter($table::programme_no.eq($programme.0));
        if let Some(office) = &$filter.office {
            query = query.filter($table::office.eq(office.as_str()));
        }
        if let Some(day) = $filter.from_day {
            query = query.filter($table::day.ge(day.to_string()));
        }
        if let Some(day) = $filter.until_day {
            query = query.filter($table::day.le(day.to_string()));
        }
        if let Some(after) = &$filter.after {
            query = query.filter($table::id.gt(after));
        }
        query
    }};
}

/// People who were sent away, in the order in which it was kept.
pub(super) fn hand_outs(
    conn: &mut Conn,
    programme: ProgrammeNo,
    filter: &ScanFilter,
    limit: i64,
) -> Result<Vec<RefusedHandOutRow>, StoreError> {
    let query = filtered!(refused_hand_outs, programme, filter);
    let columns = (
        refused_hand_outs::id,
        refused_hand_outs::day,
        refused_hand_outs::office,
        refused_hand_outs::code,
        refused_hand_outs::rule_version,
        refused_hand_outs::lacking,
    );
    let rows: Vec<SentAwayColumns> = query.order(refused_hand_outs::id).limit(limit).select(columns).load(conn)?;
    let sent_away = |(id, day, office, code, rule_version, lacking): SentAwayColumns| {
        Ok(RefusedHandOutRow { id, day: Day::parse(&day)?, office, code, rule_version, lacking })
    };
    rows.into_iter().map(sent_away).collect()
}

/// Scans that were refused, in the order in which they were kept.
pub(super) fn scans(
    conn: &mut Conn,
    programme: ProgrammeNo,
    filter: &ScanFilter,
    limit: i64,
) -> Result<Vec<ScanRow>, StoreError> {
    let query = filtered!(refused_scans, programme, filter);
    let columns = (
        refused_scans::id,
        refused_scans::at_millis,
        refused_scans::day,
        refused_scans::office,
        refused_scans::venue_id,
        refused_scans::service,
        refused_scans::code,
        refused_scans::serials,
        refused_scans::unknown_codes,
    );
    let rows: Vec<ScanColumns> = query.order(refused_scans::id).limit(limit).select(columns).load(conn)?;
    let scan = |(id, at, day, office, venue, service, code, serials, unknown_codes): ScanColumns| {
        let (at, day) = (Instant::from_millis(at), Day::parse(&day)?);
        Ok(ScanRow { id, at, day, office, venue, service, code, serials, unknown_codes })
    };
    rows.into_iter().map(scan).collect()
}

pub(super) fn insert_hand_outs(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    refused: &[StoredRefusedHandOut],
) -> Result<(), StoreError> {
    let to_row = |refused| {
        let StoredRefusedHandOut { id, at, day, office, code, rule_version, lacking }: &StoredRefusedHandOut = refused;
        let (programme_no, at_millis, day) = (programme.0, at.millis(), day.to_string());
        SentAwayRow { id, programme_no, at_millis, day, office, code, rule_version, lacking }
    };
    let rows: Vec<SentAwayRow<'_>> = refused.iter().map(to_row).collect();
    insert_all(out, &rows)?;
    Ok(())
}

pub(super) fn insert_scans(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    scans: &[StoredScan],
) -> Result<(), StoreError> {
    let to_row = |scan| {
        let StoredScan { id, at, day, office, venue, service, code, serials, unknown_codes }: &StoredScan = scan;
        ScanCells {
            id,
            programme_no: programme.0,
            at_millis: at.millis(),
            day: day.to_string(),
            office,
            venue_id: venue,
            service,
            code,
            serials,
            unknown_codes: *unknown_codes,
        }
    };
    let rows: Vec<ScanCells<'_>> = scans.iter().map(to_row).collect();
    insert_all(out, &rows)?;
    Ok(())
}
