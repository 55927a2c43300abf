//! "If everything stopped on this day": what would expire, what the issuer would credit, and what each funder would get
//! back, to the cent, by the same split as the statement of funders. Nothing is written. What never lives here: a split.

use super::ends::{UNUSED, by_order};
use super::funders::{Part, parts};
use super::orders::stories;
use super::question::Question;
use super::reconciliation::Identity;
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::money::Cents;
use crate::domain::programme::Order;
use crate::store::StoreError;

/// Per order and funder; the columns of the order repeat what holds for all of its funders together, and are not summed.
/// `would_expire`: what nobody has used; `credit`: what the issuer then owes, what awaited a credit note before included.
/// `used`, `credited` and `to_repay` are the funder's own parts: `to_repay` is what `funders` says once all has expired.
const COLUMNS: &[Column] = &[
    Column::text("order_number", "Commande"),
    Column::text("funder", "Financeur"),
    Column::integer("basis_points", "Part en points de base").running(),
    Column::integer("would_expire_passes", "Pass qui périmeraient (commande)").running(),
    Column::cents("would_expire_cents", "Valeur qui périmerait (commande)").running(),
    Column::cents("credit_cents", "Avoir à demander (commande)").running(),
    Column::cents("committed_cents", "Valeur faciale engagée"),
    Column::cents("used_cents", "Utilisée"),
    Column::cents("not_delivered_cents", "Ni utilisée ni livrée"),
    Column::cents("to_repay_cents", "À rendre au financeur"),
    Column::cents("credited_cents", "Dont déjà rendue par l'émetteur"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "stop-simulation",
    title: "Simulation d'arrêt : avoir et reversements",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[],
    open,
};

fn open(question: &Question) -> Result<Report, ReportError> {
    let rows = question.store.read(|tx| {
        let (by_order, placed) = (by_order(tx, question.whole())?, stories(tx, question.whole())?);
        let orders = tx.orders(question.programme.no)?;
        let none = Identity::default();
        let placed = orders.iter().filter(|order| placed.contains_key(&order.id.sequence()));
        let rows = placed.flat_map(|order| lines(order, by_order.get(&order.id.sequence()).unwrap_or(&none)));
        Ok::<_, StoreError>(rows.collect::<Vec<Row>>())
    })?;
    Ok(question.report(whole(rows)))
}

fn lines(order: &Order, now: &Identity) -> Vec<Row> {
    let then = now.moved(&UNUSED, "expired");
    let would_expire = then.held("expired").minus(now.held("expired"));
    let line = |part: Part| {
        row![
            order.number.to_string(),
            part.funder,
            part.basis_points,
            would_expire.passes,
            would_expire.value(),
            then.held("expired").value(),
            Cents::new(part.committed),
            Cents::new(part.used),
            Cents::new(part.committed - part.used - part.ended),
            Cents::new(part.ended),
            Cents::new(part.credited),
        ]
    };
    parts(order, &then).into_iter().map(line).collect()
}
