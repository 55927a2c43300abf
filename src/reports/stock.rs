//! Stocks et remises par prescripteur: what each received, holds and handed out, and what became of the booklets
//! it handed out, counted from the receipts of the booklets themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::Quantity;
use super::question::Question;
use super::table::{Column, Report, Row, row, whole};
use super::uses::{Use, each_use};
use super::{Access, Entry, ReportError};
use crate::domain::movement::Kind;
use crate::domain::party::Holder;
use crate::domain::programme::Order;
use crate::domain::time::Day;
use crate::store::{Flow, Reads, StoreError};

/// Booklets handed out are `untouched` (no pass spent) or `started` (one at least), and those started may be
/// `exhausted` (all spent); `dormant` ones are untouched and were handed out more than [`DORMANT_DAYS`] days before.
/// Passes given back by a reversal count as not spent.
const COLUMNS: &[Column] = &[
    Column::text("prescriber", "Prescripteur"),
    Column::integer("received_booklets", "Carnets reçus"),
    Column::integer("in_transit_booklets", "Carnets en route"),
    Column::integer("on_hand_booklets", "Carnets en dépôt"),
    Column::integer("handed_out_booklets", "Carnets remis"),
    Column::integer("returned_booklets", "Carnets restitués"),
    Column::integer("passed_on_booklets", "Carnets transmis à un autre prescripteur"),
    Column::integer("untouched_booklets", "Carnets non entamés"),
    Column::integer("started_booklets", "Carnets entamés"),
    Column::integer("exhausted_booklets", "Carnets épuisés"),
    Column::integer("dormant_booklets", "Carnets dormants"),
    Column::integer("on_hand_passes", "Pass en dépôt"),
    Column::integer("handed_out_passes", "Pass remis"),
    Column::integer("redeemed_passes", "Pass utilisés"),
    Column::cents("on_hand_cents", "Valeur en dépôt"),
    Column::date("last_hand_out_on", "Dernière remise"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "stock",
    title: "Stocks et remises par prescripteur",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[],
    open,
};

/// After so many days without a pass spent, a booklet handed out is dormant.
const DORMANT_DAYS: u32 = 60;

/// One prescriber's line.
#[derive(Debug, Default)]
pub(super) struct Line {
    received: Quantity,
    pub(super) in_transit: Quantity,
    pub(super) on_hand: Quantity,
    handed_out: Quantity,
    returned: Quantity,
    passed_on: Quantity,
    untouched: i64,
    started: i64,
    exhausted: i64,
    dormant: i64,
    redeemed_passes: i64,
    last_hand_out: Option<Day>,
}

/// By the prescriber's code.
pub(super) type Lines = BTreeMap<String, Line>;

/// What each prescriber received, holds and gave, and what is on its way to it.
pub(super) fn held(tx: &mut dyn Reads, question: &Question) -> Result<Lines, StoreError> {
    let mut lines = Lines::new();
    let flows = tx.flows(question.whole(), None)?;
    custody(&mut lines, &flows);
    in_transit(tx, question, &mut lines, &flows)?;
    Ok(lines)
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let (mut lines, orders) =
        question.store.read(|tx| Ok::<_, StoreError>((held(tx, question)?, tx.orders(question.programme.no)?)))?;
    each_use(question, |booklet| used(question, &mut lines, &orders, booklet))?;
    if let Some(scope) = &question.request.scope {
        lines.retain(|prescriber, _| prescriber == scope.as_str());
    }
    Ok(question.report(whole(lines.iter().map(row_of).collect())))
}

fn row_of((prescriber, line): (&String, &Line)) -> Row {
    row![
        prescriber.as_str(),
        line.received.booklets,
        line.in_transit.booklets,
        line.on_hand.booklets,
        line.handed_out.booklets,
        line.returned.booklets,
        line.passed_on.booklets,
        line.untouched,
        line.started,
        line.exhausted,
        line.dormant,
        line.on_hand.passes,
        line.handed_out.passes,
        line.redeemed_passes,
        line.on_hand.value(),
        line.last_hand_out,
    ]
}

fn custody(lines: &mut Lines, flows: &[Flow]) {
    for flow in flows {
        let quantity = Quantity::from(flow);
        if let Some(code) = flow.to.strip_prefix("prescriber:") {
            let line = lines.entry(code.to_owned()).or_default();
            line.received = line.received.plus(quantity);
            line.on_hand = line.on_hand.plus(quantity);
        }
        if let Some(code) = flow.from.strip_prefix("prescriber:") {
            let line = lines.entry(code.to_owned()).or_default();
            line.on_hand = line.on_hand.minus(quantity);
            match Kind::parse(&flow.kind) {
                Ok(Kind::HandOut) => line.handed_out = line.handed_out.plus(quantity),
                Ok(Kind::Return) => line.returned = line.returned.plus(quantity),
                Ok(Kind::Dispatch | Kind::Allocation) => line.passed_on = line.passed_on.plus(quantity),
                _ => {}
            }
        }
    }
}

/// What is in transit belongs to the line of whoever it is sent to, which the dispatch says.
fn in_transit(tx: &mut dyn Reads, question: &Question, lines: &mut Lines, flows: &[Flow]) -> Result<(), StoreError> {
    let mut open: BTreeMap<i64, Quantity> = BTreeMap::new();
    let number = |holder: &str| holder.strip_prefix("transit:").and_then(|number| number.parse::<i64>().ok());
    for flow in flows {
        if let Some(transit) = number(&flow.to) {
            let held = open.entry(transit).or_default();
            *held = held.plus(Quantity::from(flow));
        }
        if let Some(transit) = number(&flow.from) {
            let held = open.entry(transit).or_default();
            *held = held.minus(Quantity::from(flow));
        }
    }
    open.retain(|_, held| held.passes != 0);
    let numbers: BTreeSet<i64> = open.keys().copied().collect();
    for dispatch in tx.dispatches_among(question.programme.no, &numbers)? {
        if let (Holder::Prescriber(code), Some(held)) = (&dispatch.to, open.get(&dispatch.number)) {
            let line = lines.entry(code.to_string()).or_default();
            line.in_transit = line.in_transit.plus(*held);
        }
    }
    Ok(())
}

/// What became of one booklet, on the line of whoever handed it out; what came by mail is on nobody's.
fn used(question: &Question, lines: &mut Lines, orders: &[Order], done: Use) {
    let (_, None) = done.origin else { return };
    let line = lines.entry(done.office).or_default();
    line.last_hand_out = line.last_hand_out.max(Some(done.handed_out_on));
    line.redeemed_passes += done.redeemed;
    if done.redeemed <= 0 {
        line.untouched += 1;
        line.dormant += i64::from(done.handed_out_on.plus_days(DORMANT_DAYS) < question.request.as_of);
        return;
    }
    line.started += 1;
    let order = orders.iter().find(|order| order.range.contains(done.booklet.number()));
    line.exhausted += i64::from(order.is_some_and(|order| i64::from(order.passes_per_booklet) == done.redeemed));
}
