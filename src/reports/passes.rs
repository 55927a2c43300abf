//! État des pass: one row per pass, where it was at the end of the day, for any number of passes in constant
//! memory. The present state is read page by page; a booklet that moved after the day is followed again through
//! its receipts up to it, so that the file shows one moment although venues go on working.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::question::{Question, day};
use super::table::{Column, Report, Row, row};
use super::trace::Trace;
use super::{Access, Entry, ReportError};
use crate::domain::ids::{BatchId, BookletId, OrderId};
use crate::domain::money::Cents;
use crate::domain::programme::{Order, Programme};
use crate::domain::stock::{Booklet, Pass};
use crate::domain::time::Day;
use crate::receipts::Body;
use crate::store::{Reads, StoreError};

const COLUMNS: &[Column] = &[
    Column::text("serial", "Pass"),
    Column::text("booklet", "Carnet"),
    Column::text("batch", "Lot"),
    Column::text("order_number", "Commande"),
    Column::text("holder", "Détenteur"),
    Column::date("handed_out_on", "Remis le"),
    Column::date("validity_end", "Fin de validité"),
    Column::cents("value_cents", "Valeur"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "passes",
    title: "État des pass",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[],
    open,
};

/// Booklets per page: at most ten thousand passes or so.
const PAGE: i64 = 250;

type Orders = BTreeMap<OrderId, Order>;

fn open(question: &Question) -> Result<Report, ReportError> {
    let orders = question.store.read(|tx| tx.orders(question.programme.no))?;
    let orders: Arc<Orders> = Arc::new(orders.into_iter().map(|order| (order.id, order)).collect());
    let (programme, until) = (question.programme.clone(), question.window.until);
    let pages = question.pages(0_i64, move |tx, after| {
        let booklets = tx.booklets_after(programme.no, *after, PAGE)?;
        let (Some(first), Some(last)) = (booklets.first(), booklets.last()) else { return Ok(None) };
        *after = last.id.0;
        let passes = tx.passes_between(programme.no, first.id, last.id)?;
        let moved = tx.booklets_moved_after(first.id, last.id, until)?;
        let mut rows = Vec::with_capacity(passes.len());
        let states = states(tx, &programme, &booklets, &moved, until)?;
        for pass in &passes {
            rows.extend(states.get(&pass.id.booklet()).and_then(|state| line(&programme, &orders, state, pass)));
        }
        Ok(Some(rows))
    });
    Ok(question.report(pages))
}

/// A booklet as it was: as its row says, or as its receipts say where it has moved since.
enum State<'b> {
    Row(&'b Booklet),
    Traced(BatchId, Trace),
}

fn states<'b>(
    tx: &mut dyn Reads,
    programme: &Programme,
    booklets: &'b [Booklet],
    moved: &BTreeSet<BookletId>,
    until: i64,
) -> Result<BTreeMap<BookletId, State<'b>>, StoreError> {
    let mut states = BTreeMap::new();
    let past = if moved.is_empty() { Past::default() } else { Past::read(tx, programme, booklets, (moved, until))? };
    for booklet in booklets {
        let state = if moved.contains(&booklet.id) {
            State::Traced(booklet.batch, past.trace(programme, booklet.id)?)
        } else {
            State::Row(booklet)
        };
        states.insert(booklet.id, state);
    }
    Ok(states)
}

/// The receipts of a page of booklets up to the day, each read once: they are few where many booklets went together.
#[derive(Default)]
struct Past {
    positions_of: BTreeMap<BookletId, BTreeSet<i64>>,
    bodies: BTreeMap<i64, Body>,
}

impl Past {
    fn read(
        tx: &mut dyn Reads,
        programme: &Programme,
        booklets: &[Booklet],
        (moved, until): (&BTreeSet<BookletId>, i64),
    ) -> Result<Self, StoreError> {
        let (Some(first), Some(last)) = (booklets.first(), booklets.last()) else { return Ok(Self::default()) };
        let mut positions_of = tx.moves_of_booklets(first.id, last.id, until)?;
        positions_of.retain(|booklet, _| moved.contains(booklet));
        let positions = positions_of.values().flatten().copied().collect();
        let receipts = tx.receipts_at(programme.no, &positions)?;
        let bodies = receipts.iter().map(|receipt| Ok((receipt.position, receipt.said()?)));
        Ok(Self { positions_of, bodies: bodies.collect::<Result<_, StoreError>>()? })
    }

    fn trace(&self, programme: &Programme, booklet: BookletId) -> Result<Trace, StoreError> {
        let mut trace = Trace::default();
        let positions = self.positions_of.get(&booklet).into_iter().flatten();
        for body in positions.filter_map(|position| self.bodies.get(position)) {
            trace.follow_receipt(&programme.code, body, booklet.number(), day(&body.day)?);
        }
        Ok(trace)
    }
}

fn line(programme: &Programme, orders: &Orders, state: &State<'_>, pass: &Pass) -> Option<Row> {
    let (batch, holder, handed_out_on): (BatchId, String, Option<Day>) = match state {
        State::Row(booklet) => {
            let holder = pass.holder.as_ref().unwrap_or(&booklet.holder);
            (booklet.batch, holder.to_string(), booklet.handed_out_on)
        }
        // Without a holder the booklet was not there yet.
        State::Traced(batch, trace) => (*batch, trace.holder_of(pass.id.rank())?.to_owned(), trace.handed_out_on),
    };
    let order = orders.get(&batch.order());
    Some(row![
        pass.id.item().printed(&programme.code),
        pass.id.booklet().item().printed(&programme.code),
        batch.to_string(),
        order.map(|order| order.number.to_string()),
        holder,
        handed_out_on,
        order.map(|order| order.validity_end),
        order.map_or(Cents::ZERO, |order| order.face_value),
    ])
}
