//! Rapprochement: the identity an auditor recomputes, per batch and per order. What was bought is read from the
//! sealed bytes of the delivery receipts; where it is now, from the entries of all receipts. The gap between them
//! is zero, in passes and in cents, or something was tampered with.

use std::collections::BTreeMap;

use super::figures::{ISSUE, KINDS, Quantity, kind_of};
use super::question::{Question, mention};
use super::table::{Column, Report, Row, Value, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::ids::{BatchId, ProgrammeNo};
use crate::domain::movement::Kind;
use crate::receipts::Body;
use crate::store::{BodyFilter, Reads, StoreError, Window};

macro_rules! columns {
    ($($first:expr),+) => { &[
        $($first),+,
        Column::integer("bought_passes", "Pass achetés"),
        Column::integer("store_passes", "Réserve"),
        Column::integer("transit_passes", "Acheminement"),
        Column::integer("prescribers_passes", "Prescripteurs"),
        Column::integer("circulation_passes", "Circulation"),
        Column::integer("redeemed_passes", "Utilisés"),
        Column::integer("claimed_passes", "Demandés"),
        Column::integer("paid_passes", "Payés"),
        Column::integer("blocked_passes", "Bloqués"),
        Column::integer("lost_passes", "Perdus"),
        Column::integer("expired_passes", "Périmés"),
        Column::integer("destroyed_passes", "Détruits"),
        Column::integer("credited_passes", "En avoir"),
        Column::integer("gap_passes", "Écart en pass"),
        Column::cents("bought_cents", "Valeur achetée"),
        Column::cents("store_cents", "Valeur en réserve"),
        Column::cents("transit_cents", "Valeur en acheminement"),
        Column::cents("prescribers_cents", "Valeur chez les prescripteurs"),
        Column::cents("circulation_cents", "Valeur en circulation"),
        Column::cents("redeemed_cents", "Valeur utilisée"),
        Column::cents("claimed_cents", "Valeur demandée"),
        Column::cents("paid_cents", "Valeur payée"),
        Column::cents("blocked_cents", "Valeur bloquée"),
        Column::cents("lost_cents", "Valeur perdue"),
        Column::cents("expired_cents", "Valeur périmée"),
        Column::cents("destroyed_cents", "Valeur détruite"),
        Column::cents("credited_cents", "Valeur en avoir"),
        Column::cents("gap_cents", "Écart de valeur"),
    ] };
}

/// `batch`: `<order>-<delivery>`. The twelve places add up to what was bought, and the gap is zero.
const BATCH_COLUMNS: &[Column] = columns![Column::text("batch", "Lot"), Column::text("order_number", "Commande")];

/// `ordered_passes`: what the order asked for; what is not bought yet has not been delivered.
const ORDER_COLUMNS: &[Column] =
    columns![Column::text("order_number", "Commande"), Column::integer("ordered_passes", "Pass commandés")];

pub(super) const BY_BATCH: Entry = Entry {
    name: "reconciliation",
    title: "Rapprochement par lot",
    columns: BATCH_COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[],
    open: open_batches,
};

pub(super) const BY_ORDER: Entry = Entry {
    name: "reconciliation-orders",
    title: "Rapprochement par commande",
    columns: ORDER_COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[],
    open: open_orders,
};

/// Receipts per page: those of a delivery may be long.
const PAGE: i64 = 50;

/// What was bought and where it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Identity {
    pub(super) bought: Quantity,
    /// By kind of holder; the counter-account is not among them.
    held: BTreeMap<String, Quantity>,
}

impl Identity {
    pub(super) fn held(&self, kind: &str) -> Quantity {
        self.held.get(kind).copied().unwrap_or_default()
    }

    pub(super) fn gap(&self) -> Quantity {
        self.held.values().fold(self.bought, |gap, quantity| gap.minus(*quantity))
    }

    /// Bought is what is somewhere, in passes and in cents.
    pub(super) fn holds(&self) -> bool {
        let gap = self.gap();
        gap.passes == 0 && gap.cents == 0
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.bought = self.bought.plus(other.bought);
        for (kind, quantity) in &other.held {
            self.post(kind, |held| held.plus(*quantity));
        }
    }

    /// The same with everything at these kinds of holders moved to one.
    pub(super) fn moved(&self, from: &[&str], to: &str) -> Self {
        let mut moved = self.clone();
        let all = from.iter().fold(Quantity::default(), |sum, kind| sum.plus(self.held(kind)));
        for kind in from {
            moved.post(kind, |held| held.minus(held));
        }
        moved.post(to, |held| held.plus(all));
        moved
    }

    fn post(&mut self, holder: &str, change: impl FnOnce(Quantity) -> Quantity) {
        let kind = kind_of(holder);
        if kind != ISSUE {
            let held = self.held.entry(kind.to_owned()).or_default();
            *held = change(*held);
        }
    }

    fn cells(&self) -> impl Iterator<Item = Value> + '_ {
        let places = || KINDS.iter().filter(|(kind, _)| *kind != ISSUE).map(|(kind, _)| self.held(kind));
        let passes = std::iter::once(self.bought).chain(places()).chain([self.gap()]).map(|it| it.passes.into());
        let cents = std::iter::once(self.bought).chain(places()).chain([self.gap()]).map(|it| it.value().into());
        passes.chain(cents)
    }
}

/// An order as its receipt says.
#[derive(Debug, Default)]
struct Ordered {
    number: String,
    passes: i64,
}

type Batches = BTreeMap<BatchId, Identity>;
/// By running number.
type Orders = BTreeMap<i64, Ordered>;

/// The identity of every batch up to the end of the window.
pub(super) fn identities(tx: &mut dyn Reads, window: Window) -> Result<Batches, StoreError> {
    let mut batches = Batches::new();
    each_body(tx, window, &[Kind::Delivery], |body| {
        for line in &body.lines {
            let batch = BatchId::parse(window.programme, &line.batch)?;
            let identity = batches.entry(batch).or_default();
            identity.bought = identity.bought.plus(Quantity::from(line));
        }
        Ok(())
    })?;
    for flow in tx.flows(window, None)? {
        let (identity, quantity) = (batches.entry(flow.batch).or_default(), Quantity::from(&flow));
        identity.post(&flow.from, |held| held.minus(quantity));
        identity.post(&flow.to, |held| held.plus(quantity));
    }
    Ok(batches)
}

fn orders(tx: &mut dyn Reads, window: Window) -> Result<Orders, StoreError> {
    let mut orders = Orders::new();
    each_body(tx, window, &[Kind::Order], |body| {
        let passes = body
            .mentioned_number("booklets")
            .zip(body.mentioned_number("passes_per_booklet"))
            .map(|(n, each)| n.saturating_mul(each));
        let ordered = Ordered { number: mention(body, "order_number"), passes: passes.unwrap_or(0) };
        orders.insert(body.mentioned_number("order").unwrap_or(0), ordered);
        Ok(())
    })?;
    Ok(orders)
}

/// Shows `take` every receipt of these kinds, in order.
pub(super) fn each_body(
    tx: &mut dyn Reads,
    window: Window,
    kinds: &[Kind],
    mut take: impl FnMut(&Body) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut after = window.after;
    loop {
        let receipts = tx.receipt_bodies(Window { after, ..window }, BodyFilter { kinds, holder: None }, PAGE)?;
        let Some(last) = receipts.last() else { return Ok(()) };
        after = last.position;
        for receipt in &receipts {
            take(&receipt.said()?)?;
        }
    }
}

fn read(question: &Question) -> Result<(Batches, Orders), ReportError> {
    question.store.read(|tx| Ok((identities(tx, question.whole())?, orders(tx, question.whole())?)))
}

fn open_batches(question: &Question) -> Result<Report, ReportError> {
    let (batches, orders) = read(question)?;
    let line = |(batch, identity): (&BatchId, &Identity)| -> Row {
        let order = orders.get(&batch.order().sequence()).map(|order| order.number.clone());
        let mut cells = row![batch.to_string(), order];
        cells.extend(identity.cells());
        cells
    };
    let mut report = question.report(whole(batches.iter().map(line).collect()));
    report.meta.holds = Some(batches.values().all(Identity::holds));
    Ok(report)
}

fn open_orders(question: &Question) -> Result<Report, ReportError> {
    let (batches, orders) = read(question)?;
    let mut sums: BTreeMap<i64, Identity> = orders.keys().map(|order| (*order, Identity::default())).collect();
    for (batch, identity) in &batches {
        sums.entry(batch.order().sequence()).or_default().add(identity);
    }
    let unknown = Ordered::default();
    let line = |(order, identity): (&i64, &Identity)| -> Row {
        let ordered = orders.get(order).unwrap_or(&unknown);
        let mut cells = row![ordered.number.as_str(), ordered.passes];
        cells.extend(identity.cells());
        cells
    };
    let mut report = question.report(whole(sums.iter().map(line).collect()));
    report.meta.holds = Some(batches.values().all(Identity::holds));
    Ok(report)
}

/// What a whole programme bought and where it is.
pub(super) fn of_programme(
    tx: &mut dyn Reads,
    programme: ProgrammeNo,
    until: i64,
) -> Result<(Identity, bool), StoreError> {
    let batches = identities(tx, Window { programme, after: 0, until })?;
    let mut sum = Identity::default();
    for identity in batches.values() {
        sum.add(identity);
    }
    Ok((sum, batches.values().all(Identity::holds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cent_or_one_pass_too_few_is_a_gap() {
        let bought = Quantity { booklets: 1, passes: 5, cents: 5000 };
        let mut identity = Identity { bought, ..Identity::default() };
        assert!(!identity.holds());
        identity.post("issue:1-1", |held| held.minus(bought));
        identity.post("store", |held| held.plus(Quantity { passes: 3, cents: 3000, ..Quantity::default() }));
        identity.post("provider:LIEUX", |held| held.plus(Quantity { passes: 2, cents: 1999, ..Quantity::default() }));
        assert_eq!((identity.gap().passes, identity.gap().cents, identity.holds()), (0, 1, false));
        identity.post("provider:CSC", |held| held.plus(Quantity { cents: 1, ..Quantity::default() }));
        assert!(identity.holds());
        assert_eq!(identity.held("provider").passes, 2);
    }

    #[test]
    fn a_line_has_a_cell_per_column() {
        assert_eq!(Identity::default().cells().count() + 2, BATCH_COLUMNS.len());
        assert_eq!(BATCH_COLUMNS.len(), ORDER_COLUMNS.len());
    }
}
