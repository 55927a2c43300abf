//! Bordereau d'emploi et de versement (CGCT R.1611-11) : every line of every receipt of one holder in a period,
//! without netting, with the balance after it.

use super::figures::Quantity;
use super::question::{Parameter, Question, day};
use super::table::{Column, Report, Row, row};
use super::{Access, Entry, ReportError};
use crate::domain::money::Cents;
use crate::receipts::Body;
use crate::store::{BodyFilter, StoreError, Window};

/// `booklets`, `passes` and `value_cents` are positive for what came in and negative for what went out; `balance_*`
/// is what the holder has after the line. `serials`: as sealed in the receipt.
const COLUMNS: &[Column] = &[
    Column::text("number", "Récépissé"),
    Column::date("day", "Date"),
    Column::text("kind", "Nature"),
    Column::text("direction", "Sens"),
    Column::text("counterpart", "Contrepartie"),
    Column::text("batch", "Lot"),
    Column::text("serials", "Numéros de série"),
    Column::integer("booklets", "Carnets"),
    Column::integer("passes", "Pass"),
    Column::cents("value_cents", "Valeur"),
    Column::integer("balance_booklets", "Solde en carnets").running(),
    Column::integer("balance_passes", "Solde en pass").running(),
    Column::cents("balance_cents", "Solde en valeur").running(),
];

pub(super) const ENTRY: Entry = Entry {
    name: "movements",
    title: "Bordereau d'emploi et de versement",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From, Parameter::Holder],
    open,
};

/// Receipts per page: their bytes may be long.
const PAGE: i64 = 200;

struct Cursor {
    after: i64,
    balance: Quantity,
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let holder = question.holder()?;
    let name = holder.to_string();
    let balance = question.store.read(|tx| {
        let mut balance = Quantity::default();
        for flow in tx.flows(question.before(), Some(&holder))? {
            let quantity = Quantity::from(&flow);
            balance = if flow.to == name { balance.plus(quantity) } else { balance.minus(quantity) };
        }
        Ok::<_, StoreError>(balance)
    })?;
    let window = question.window;
    let about = name.clone();
    let pages = question.pages(Cursor { after: window.after, balance }, move |tx, cursor| {
        let filter = BodyFilter { holder: Some(&holder), kinds: &[] };
        let receipts = tx.receipt_bodies(Window { after: cursor.after, ..window }, filter, PAGE)?;
        let Some(last) = receipts.last() else { return Ok(None) };
        cursor.after = last.position;
        let mut rows = Vec::new();
        for receipt in &receipts {
            lines(&receipt.said()?, &name, &mut cursor.balance, &mut rows)?;
        }
        Ok(Some(rows))
    });
    Ok(question.report_about(Parameter::Holder, about, pages))
}

fn lines(body: &Body, holder: &str, balance: &mut Quantity, rows: &mut Vec<Row>) -> Result<(), StoreError> {
    for line in &body.lines {
        let quantity = Quantity::from(line);
        let (direction, counterpart, moved) = if line.to == holder {
            ("in", &line.from, quantity)
        } else if line.from == holder {
            ("out", &line.to, Quantity::default().minus(quantity))
        } else {
            continue;
        };
        *balance = balance.plus(moved);
        rows.push(row![
            body.number.as_str(),
            day(&body.day)?,
            body.kind.as_str(),
            direction,
            counterpart.as_str(),
            line.batch.as_str(),
            line.items.join(" "),
            moved.booklets,
            moved.passes,
            Cents::new(moved.cents),
            balance.booklets,
            balance.passes,
            balance.value(),
        ]);
    }
    Ok(())
}
