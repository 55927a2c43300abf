//! Copies of receipts: which receipts left the register as a page or a PDF, how often, first and last when, and by people of
//! which role. What never lives here: who; the log of accesses says that to whoever may read it.

use super::question::Question;
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::store::CopiesByRole;

/// One row for each receipt and role.
const COLUMNS: &[Column] = &[
    Column::text("number", "Récépissé"),
    Column::text("role", "Rôle de qui l'a sorti"),
    Column::integer("copies", "Sorties"),
    Column::integer("html", "dont pages"),
    Column::integer("pdf", "dont PDF"),
    Column::instant("first_at", "Première"),
    Column::instant("last_at", "Dernière"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "copies",
    title: "Récépissés sortis : réimpressions et téléchargements",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[],
    open,
};

fn open(question: &Question) -> Result<Report, ReportError> {
    let (programme, as_of) = (&question.programme.code, question.request.as_of);
    let copies = question.store.read(|tx| tx.copies_by_role(programme, as_of))?;
    Ok(question.report(whole(copies.into_iter().map(line).collect())))
}

fn line(copies: CopiesByRole) -> Row {
    let CopiesByRole { number, role, html, pdf, first, last } = copies;
    row![number, role.as_str(), html.saturating_add(pdf), html, pdf, first, last]
}
