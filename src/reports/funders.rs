//! The statement per funder: of each order, what each of them has committed, and how much of it was used, can still be
//! used, or has ended unused and is to be given back. Shares are split by largest remainder, so that they sum to the cent
//! (the State's call of 2019: what is not used is repayable). What never lives here: how a cent is split.

use std::collections::BTreeMap;

use super::question::Question;
use super::reconciliation::{Identity, identities};
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::funding::split;
use crate::domain::money::Cents;
use crate::domain::programme::Order;
use crate::domain::time::Day;
use crate::store::StoreError;

/// Per order and funder; `committed` is the face value ordered, and used, usable and ended make it up. `to_repay` is what
/// ended, of which `credited` has come back from the issuer. Fees are the issuer's and never come back.
const COLUMNS: &[Column] = &[
    Column::text("order_number", "Commande"),
    Column::text("funder", "Financeur"),
    Column::integer("basis_points", "Part en points de base").running(),
    Column::cents("committed_cents", "Valeur faciale engagée"),
    Column::cents("used_cents", "Utilisée"),
    Column::cents("usable_cents", "Encore utilisable"),
    Column::cents("to_repay_cents", "Terminée sans usage, à rendre"),
    Column::cents("credited_cents", "Dont rendue par l'émetteur"),
    Column::cents("fees_cents", "Frais de l'émetteur"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "funders",
    title: "État par financeur",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[],
    open,
};

/// The value at these kinds of holders.
fn value(identity: &Identity, kinds: &[&str]) -> i64 {
    kinds.iter().map(|kind| identity.held(kind).cents).sum()
}

/// The lines of one order: each sum of the order is split once, so that the lines sum to it.
fn lines(order: &Order, identity: &Identity) -> Vec<Row> {
    let passes = order.booklets().saturating_mul(i64::from(order.passes_per_booklet));
    let committed = order.face_value.times(passes).map_or(0, Cents::get);
    let used = value(identity, &["provider", "claimed", "paid"]);
    let ended = value(identity, &["expired", "credited", "destroyed"]);
    let credited = value(identity, &["credited"]);
    let shares = &order.funding;
    let of_committed = split(committed, shares, None);
    let of_used = split(used, shares, Some(&of_committed));
    let rest: Vec<i64> = of_committed.iter().zip(&of_used).map(|(whole, used)| whole - used).collect();
    let of_ended = split(ended, shares, Some(&rest));
    let of_credited = split(credited, shares, Some(&of_ended));
    let of_fees = split(order.fees.get(), shares, None);
    let parts = shares.iter().zip(of_committed).zip(of_used).zip(of_ended).zip(of_credited).zip(of_fees);
    let line = |(((((share, committed), used), ended), credited), fees)| {
        let share: &crate::domain::programme::FundingShare = share;
        row![
            order.number.to_string(),
            share.funder.to_string(),
            i64::from(share.basis_points),
            Cents::new(committed),
            Cents::new(used),
            Cents::new(committed - used - ended),
            Cents::new(ended),
            Cents::new(credited),
            Cents::new(fees),
        ]
    };
    parts.map(line).collect()
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let rows = question.store.read(|tx| {
        let mut by_order: BTreeMap<i64, Identity> = BTreeMap::new();
        for (batch, identity) in &identities(tx, question.whole())? {
            by_order.entry(batch.order().0).or_default().add(identity);
        }
        let placed = |order: &Order, day: Day| order.ordered_on <= day;
        let orders = tx.orders(question.programme.no)?;
        let orders = orders.into_iter().filter(|order| placed(order, question.request.as_of));
        let none = Identity::default();
        let rows = orders.flat_map(|order| lines(&order, by_order.get(&order.id.0).unwrap_or(&none)));
        Ok::<_, StoreError>(rows.collect::<Vec<Row>>())
    })?;
    Ok(question.report(whole(rows)))
}
