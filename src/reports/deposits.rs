//! Dépôts à suivre: what each prescriber has of each order, since when nothing was handed out there, and what will be left
//! at the end of validity if it goes on as in the last month. What never lives here: a decision; booklets are reallocated
//! by an act.

use std::collections::{BTreeMap, BTreeSet};

use super::question::{Question, day};
use super::restocking::{DAYS_OF_A_MONTH, paces};
use super::table::{Column, Report, Row, Value, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::ids::OrderId;
use crate::domain::movement::Kind;
use crate::domain::programme::Order;
use crate::domain::time::Day;
use crate::store::{Reads, StoreError, StoredReceipt};

/// `idle_days`: since the last hand-out or arrival there, whichever is later. `expected_booklets`: what would be handed out
/// until the end of validity at the pace of the last month. `alert`: `dormant` after [`IDLE_DAYS`] days, `expiring` where
/// some would be left over within [`NEAR_DAYS`] days of the end; both, or neither.
const COLUMNS: &[Column] = &[
    Column::text("prescriber", "Prescripteur"),
    Column::text("order", "Commande"),
    Column::integer("on_hand_booklets", "Carnets en dépôt"),
    Column::integer("on_hand_passes", "Pass en dépôt"),
    Column::cents("on_hand_cents", "Valeur en dépôt"),
    Column::date("last_arrival_on", "Dernière arrivée"),
    Column::date("last_hand_out_on", "Dernière remise"),
    Column::integer("idle_days", "Jours sans mouvement").running(),
    Column::date("validity_end", "Fin de validité"),
    Column::integer("days_left", "Jours restants").running(),
    Column::integer("expected_booklets", "Remises attendues, en carnets").running(),
    Column::integer("surplus_booklets", "Carnets en excédent"),
    Column::text("alert", "Alerte"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "deposits",
    title: "Dépôts dormants ou proches de la fin de validité",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[],
    open,
};

/// After so many days without a movement, a deposit is dormant.
const IDLE_DAYS: u32 = 30;
/// Within so many days of the end of validity, what will be left over is told.
const NEAR_DAYS: u32 = 90;

/// What one prescriber has of one order.
#[derive(Debug, Default)]
struct Deposit {
    booklets: i64,
    passes: i64,
    cents: i64,
    /// Positions of the last arrival, and of the last hand-out.
    arrived: i64,
    handed_out: i64,
}

type Deposits = BTreeMap<(String, OrderId), Deposit>;

fn open(question: &Question) -> Result<Report, ReportError> {
    let rows = question.store.read(|tx| {
        let deposits = deposits(tx, question)?;
        let (paces, orders) = (paces(tx, question)?, tx.orders(question.programme.no)?);
        let positions = deposits.values().flat_map(|deposit| [deposit.arrived, deposit.handed_out]);
        let receipts = tx.receipts_at(question.programme.no, &positions.filter(|place| *place > 0).collect())?;
        let day_of = |receipt: &StoredReceipt| Ok((receipt.position, day(&receipt.said()?.day)?));
        let days: BTreeMap<i64, Day> = receipts.iter().map(day_of).collect::<Result<_, StoreError>>()?;
        let line = |((prescriber, order), deposit): (&(String, OrderId), &Deposit)| {
            let order = orders.iter().find(|known| known.id == *order)?;
            let pace = paces.get(prescriber).copied().unwrap_or(0);
            let on = |position: i64| days.get(&position).copied();
            let moved = (on(deposit.arrived), on(deposit.handed_out));
            Some(row_of(prescriber, order, deposit, (moved, pace, question.request.as_of)))
        };
        Ok::<_, StoreError>(deposits.iter().filter_map(line).collect::<Vec<Row>>())
    })?;
    Ok(question.report(whole(rows)))
}

fn deposits(tx: &mut dyn Reads, question: &Question) -> Result<Deposits, StoreError> {
    let mut deposits = Deposits::new();
    for flow in tx.flows(question.whole(), None)? {
        let order = flow.batch.order();
        if let Some(code) = flow.to.strip_prefix("prescriber:") {
            let deposit = deposits.entry((code.to_owned(), order)).or_default();
            deposit.add(1, &flow);
            deposit.arrived = deposit.arrived.max(flow.last_position);
        }
        if let Some(code) = flow.from.strip_prefix("prescriber:") {
            let deposit = deposits.entry((code.to_owned(), order)).or_default();
            deposit.add(-1, &flow);
            if flow.kind == Kind::HandOut.as_str() {
                deposit.handed_out = deposit.handed_out.max(flow.last_position);
            }
        }
    }
    let may_see: BTreeSet<String> = deposits.keys().map(|(code, _)| code.clone()).collect();
    let may_see: BTreeSet<String> =
        may_see.into_iter().filter(|code| question.may_see(&format!("prescriber:{code}"))).collect();
    deposits.retain(|(code, _), deposit| deposit.booklets > 0 && may_see.contains(code));
    Ok(deposits)
}

impl Deposit {
    const fn add(&mut self, sign: i64, flow: &crate::store::Flow) {
        self.booklets += sign * flow.booklets;
        self.passes += sign * flow.passes;
        self.cents += sign * flow.value_cents;
    }
}

fn row_of(
    prescriber: &str,
    order: &Order,
    deposit: &Deposit,
    ((arrived, handed_out), pace, as_of): ((Option<Day>, Option<Day>), i64, Day),
) -> Row {
    let idle = arrived.max(handed_out).map(|moved| as_of.days_since(moved));
    let left = if as_of < order.validity_end { order.validity_end.days_since(as_of) } else { 0 };
    let expected = pace.saturating_mul(i64::from(left)) / DAYS_OF_A_MONTH;
    let surplus = deposit.booklets.saturating_sub(expected).max(0);
    let alerts = [
        idle.is_some_and(|days| days >= IDLE_DAYS).then_some("dormant"),
        (surplus > 0 && left <= NEAR_DAYS).then_some("expiring"),
    ];
    let alert: Vec<&str> = alerts.into_iter().flatten().collect();
    row![
        prescriber,
        order.number.as_str(),
        deposit.booklets,
        deposit.passes,
        crate::domain::money::Cents::new(deposit.cents),
        arrived,
        handed_out,
        idle.map_or(Value::Empty, |days| Value::Integer(i64::from(days))),
        order.validity_end,
        i64::from(left),
        expected,
        surplus,
        alert.join(" "),
    ]
}
