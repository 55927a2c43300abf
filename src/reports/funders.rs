//! The statement per funder: of each order, what each of them has committed, and how much of it was used, can still be
//! used, or has ended unused and is to be given back. Shares are split by largest remainder, so that they sum to the cent
//! (the State's call of 2019: what is not used is repayable). What never lives here: how a cent is split.

use super::ends::{USED, by_order};
use super::orders::stories;
use super::question::Question;
use super::reconciliation::Identity;
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::funding::split;
use crate::domain::money::Cents;
use crate::domain::programme::{FundingShare, Order};
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

/// What one funder bears of an order, in cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) funder: String,
    pub(super) basis_points: i64,
    pub(super) committed: i64,
    pub(super) used: i64,
    /// Ended unused, to be given back; of it, what the issuer has given back.
    pub(super) ended: i64,
    pub(super) credited: i64,
    fees: i64,
}

/// The parts of one order: each sum of the order is split once, so that the parts sum to it.
pub(super) fn parts(order: &Order, identity: &Identity) -> Vec<Part> {
    let committed = order.value().map_or(0, Cents::get);
    let used = value(identity, &USED);
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
    let part = |(((((share, committed), used), ended), credited), fees)| {
        let share: &FundingShare = share;
        let (funder, basis_points) = (share.funder.to_string(), i64::from(share.basis_points));
        Part { funder, basis_points, committed, used, ended, credited, fees }
    };
    parts.map(part).collect()
}

fn line(order: &Order, part: Part) -> Row {
    row![
        order.number.to_string(),
        part.funder,
        part.basis_points,
        Cents::new(part.committed),
        Cents::new(part.used),
        Cents::new(part.committed - part.used - part.ended),
        Cents::new(part.ended),
        Cents::new(part.credited),
        Cents::new(part.fees),
    ]
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let rows = question.store.read(|tx| {
        // An order counts from the day on which it is recorded: the day that is typed into it may be an earlier one, and a
        // past day would then have another answer.
        let (by_order, placed) = (by_order(tx, question.whole())?, stories(tx, question.whole())?);
        let orders = tx.orders(question.programme.no)?;
        let none = Identity::default();
        let lines = |order: &Order| {
            let parts = parts(order, by_order.get(&order.id.sequence()).unwrap_or(&none));
            parts.into_iter().map(|part| line(order, part)).collect::<Vec<Row>>()
        };
        let orders = orders.iter().filter(|order| placed.contains_key(&order.id.sequence()));
        Ok::<_, StoreError>(orders.flat_map(lines).collect::<Vec<Row>>())
    })?;
    Ok(question.report(whole(rows)))
}
