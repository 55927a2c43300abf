//! Journal des récépissés: every receipt in order with its hash, for whoever checks the series and the chain.

use super::question::{Parameter, Question};
use super::table::{Column, Report, row};
use super::{Access, Entry, ReportError};
use crate::domain::money::Cents;
use crate::store::{ReceiptHead, Window};

const COLUMNS: &[Column] = &[
    Column::text("number", "Récépissé"),
    Column::integer("position", "Position"),
    Column::text("kind", "Nature"),
    Column::instant("at", "Enregistré à (UTC)"),
    Column::date("day", "Date"),
    Column::text("office", "Organisme"),
    Column::integer("booklets", "Carnets"),
    Column::integer("passes", "Pass"),
    Column::cents("value_cents", "Valeur"),
    Column::text("hash", "Empreinte"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "receipts",
    title: "Journal des récépissés",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From],
    open,
};

const PAGE: i64 = 1_000;

#[expect(clippy::unnecessary_wraps, reason = "every entry of the catalogue opens the same way")]
fn open(question: &Question) -> Result<Report, ReportError> {
    let (window, scope) = (question.window, question.request.scope.clone());
    let line = |head: ReceiptHead| {
        let value = Cents::new(head.value_cents);
        row![
            head.number,
            head.position,
            head.kind,
            head.at,
            head.day,
            head.office,
            head.booklets,
            head.passes,
            value,
            head.hash
        ]
    };
    let pages = question.pages(window.after, move |tx, after| {
        let heads = tx.receipt_heads(Window { after: *after, ..window }, scope.as_ref(), PAGE)?;
        let Some(last) = heads.last() else { return Ok(None) };
        *after = last.position;
        Ok(Some(heads.into_iter().map(line).collect()))
    });
    Ok(question.report(pages))
}
