//! Présentations refusées: each time a venue presented passes and was told no. Nothing moved, but it happened.

use super::question::{Parameter, Question};
use super::table::{Column, Report, row};
use super::{Access, Entry, ReportError};
use crate::store::{ScanFilter, ScanRow};

/// `code`: the stable code of the refusal. `unknown_codes`: how many of the codes presented belong to no pass.
const COLUMNS: &[Column] = &[
    Column::instant("at", "Enregistré à (UTC)"),
    Column::date("day", "Date"),
    Column::text("office", "Structure"),
    Column::text("venue_id", "Identifiant du lieu"),
    Column::text("service", "Service"),
    Column::text("code", "Motif"),
    Column::text("serials", "Pass présentés"),
    Column::integer("unknown_codes", "Codes inconnus"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "refused-scans",
    title: "Présentations refusées",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From],
    open,
};

const PAGE: i64 = 1_000;

#[expect(clippy::unnecessary_wraps, reason = "every entry of the catalogue opens the same way")]
fn open(question: &Question) -> Result<Report, ReportError> {
    let programme = question.programme.no;
    let first = ScanFilter {
        office: question.request.scope.clone(),
        from_day: question.request.from,
        until_day: Some(question.request.as_of),
        after: None,
    };
    let line = |scan: ScanRow| {
        let serials = scan.serials.replace(',', " ");
        row![scan.at, scan.day, scan.office, scan.venue, scan.service, scan.code, serials, scan.unknown_codes]
    };
    let pages = question.pages(first, move |tx, filter| {
        let scans = tx.refused_scans(programme, filter, PAGE)?;
        let Some(last) = scans.last() else { return Ok(None) };
        filter.after = Some(last.id.clone());
        Ok(Some(scans.into_iter().map(line).collect()))
    });
    Ok(question.report(pages))
}
