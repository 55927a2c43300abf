//! What acts decide on: orders, booklets, passes, dispatches, people, balances, series.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};

use super::super::super::cell::Cell;
use super::super::super::doors::StockReads;
use super::super::super::error::StoreError;
use super::super::super::rows::{BookletRow, DispatchRow, ExceptionRow, OrderRow, RedemptionRow, corrupt, mac};
use super::super::super::schema::{
    balances, batches, booklets, dispatches, exceptions, orders, passes, people, redemptions, series,
};
use super::Conn;
use super::fragment::{SumOf, among, by_keys, sum_of};
use crate::domain::facts::{Balance, Pick};
use crate::domain::ids::{BatchId, BookletId, OrderId, PassId, ProgrammeNo};
use crate::domain::money::Cents;
use crate::domain::movement::{Batch, Dispatch, Exception, Redemption};
use crate::domain::party::Holder;
use crate::domain::programme::Order;
use crate::domain::short_code::ShortCode;
use crate::domain::stock::{Booklet, CodeMac, Pass};
use crate::domain::text::Reference;
use crate::domain::time::Day;

pub(in crate::store) fn read_booklets(
    programme: ProgrammeNo,
    rows: Vec<BookletRow>,
) -> Result<Vec<Booklet>, StoreError> {
    rows.into_iter().map(|row| row.read(programme)).collect()
}

pub(in crate::store) fn read_passes(
    programme: ProgrammeNo,
    rows: Vec<(i64, Option<String>)>,
) -> Result<Vec<Pass>, StoreError> {
    let read = |(id, holder): (i64, Option<String>)| {
        let holder = holder.map(|holder| Holder::parse(programme, &holder)).transpose()?;
        Ok(Pass { id: PassId(id), holder })
    };
    rows.into_iter().map(read).collect()
}

/// The identifiers of the programme's booklets: its first and the one before the next programme's.
pub(super) const fn booklets_of(programme: ProgrammeNo) -> (i64, i64) {
    (programme.0 * 10_000_000, programme.0 * 10_000_000 + 9_999_999)
}

pub(in crate::store) fn holder_cells(holders: &BTreeSet<Holder>) -> Vec<Cell<'static>> {
    holders.iter().map(|holder| holder.to_string().into()).collect()
}

pub(in crate::store) type BalanceColumns = (String, i64, i64, i64, i64);
pub(in crate::store) const BALANCE: (
    balances::holder,
    balances::batch_id,
    balances::booklets,
    balances::passes,
    balances::value_cents,
) = (balances::holder, balances::batch_id, balances::booklets, balances::passes, balances::value_cents);

pub(in crate::store) fn read_balance(
    programme: ProgrammeNo,
    (holder, batch, booklets, passes, value): BalanceColumns,
) -> Result<((Holder, BatchId), Balance), StoreError> {
    let holder = Holder::parse(programme, &holder)?;
    Ok(((holder, BatchId(batch)), Balance { booklets, passes, value: Cents::new(value) }))
}

/// A holder with the sums of its balances.
pub(in crate::store) type HoldingColumns = (String, i64, i64, i64);
pub(in crate::store) const HOLDING: (
    balances::holder,
    SumOf<balances::booklets>,
    SumOf<balances::passes>,
    SumOf<balances::value_cents>,
) = (balances::holder, sum_of(balances::booklets), sum_of(balances::passes), sum_of(balances::value_cents));

pub(in crate::store) fn read_holding(
    programme: ProgrammeNo,
    (holder, booklets, passes, value): HoldingColumns,
) -> Result<(Holder, Balance), StoreError> {
    Ok((Holder::parse(programme, &holder)?, Balance { booklets, passes, value: Cents::new(value) }))
}

pub(in crate::store) type SeriesColumns = (String, i64, i64);
pub(in crate::store) const SERIES: (series::office, series::year, series::last_number) =
    (series::office, series::year, series::last_number);

pub(in crate::store) fn read_series(
    (office, year, last): SeriesColumns,
) -> Result<((ShortCode, i32), i64), StoreError> {
    let year = i32::try_from(year).map_err(|_| corrupt("year of a series"))?;
    Ok(((ShortCode::parse(&office)?, year), last))
}

impl StockReads for Conn {
    fn orders_by_number(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<Reference>,
    ) -> Result<Vec<Order>, StoreError> {
        let numbers: Vec<&str> = numbers.iter().map(Reference::as_str).collect();
        let found = orders::table.filter(orders::programme_no.eq(programme.0)).filter(orders::number.eq_any(numbers));
        let rows: Vec<OrderRow> = found.select(OrderRow::as_select()).load(self)?;
        rows.into_iter().map(Order::try_from).collect()
    }

    fn orders_among(&mut self, ids: &BTreeSet<OrderId>) -> Result<Vec<Order>, StoreError> {
        let ids: Vec<Cell<'_>> = ids.iter().map(|id| id.0.into()).collect();
        let rows: Vec<OrderRow> = by_keys(&ids, |ids| {
            Ok(orders::table.filter(among(orders::id, ids)).select(OrderRow::as_select()).load(self)?)
        })?;
        rows.into_iter().map(Order::try_from).collect()
    }

    fn orders(&mut self, programme: ProgrammeNo) -> Result<Vec<Order>, StoreError> {
        let found = orders::table.filter(orders::programme_no.eq(programme.0)).order(orders::id);
        let rows: Vec<OrderRow> = found.select(OrderRow::as_select()).load(self)?;
        rows.into_iter().map(Order::try_from).collect()
    }

    fn batches_of(&mut self, order: OrderId) -> Result<Vec<Batch>, StoreError> {
        let rows: Vec<(i64, String, String, Option<Vec<u8>>)> = batches::table
            .filter(batches::id.between(order.batch(0).0, order.batch(999).0))
            .order(batches::id)
            .select((batches::id, batches::delivered_on, batches::note, batches::print_nonce))
            .load(self)?;
        let read = |(id, delivered_on, note, nonce): (i64, String, String, Option<Vec<u8>>)| {
            let print_nonce = nonce.as_deref().map(mac).transpose()?;
            Ok(Batch { id: BatchId(id), delivered_on: Day::parse(&delivered_on)?, note, print_nonce })
        };
        rows.into_iter().map(read).collect()
    }

    fn booklets_of_batch(&mut self, programme: ProgrammeNo, batch: BatchId) -> Result<Vec<Booklet>, StoreError> {
        let found = booklets::table.filter(booklets::batch_id.eq(batch.0)).order(booklets::id);
        read_booklets(programme, found.select(BookletRow::as_select()).load(self)?)
    }

    fn booklets_among(
        &mut self,
        programme: ProgrammeNo,
        ids: &BTreeSet<BookletId>,
    ) -> Result<Vec<Booklet>, StoreError> {
        let (first, last) = booklets_of(programme);
        let own: Vec<Cell<'_>> = ids.iter().filter(|id| (first..=last).contains(&id.0)).map(|id| id.0.into()).collect();
        let rows = by_keys(&own, |ids| {
            let found = booklets::table.filter(among(booklets::id, ids));
            Ok(found.select(BookletRow::as_select()).load(self)?)
        })?;
        read_booklets(programme, rows)
    }

    fn pick(
        &mut self,
        programme: ProgrammeNo,
        pick: &Pick,
        order: Option<OrderId>,
    ) -> Result<Vec<Booklet>, StoreError> {
        let (first, last) = booklets_of(programme);
        let mut query = booklets::table.select(BookletRow::as_select()).into_boxed();
        query = query.filter(booklets::holder.eq(pick.holder.to_string())).filter(booklets::id.between(first, last));
        if let Some(order) = order {
            query = query.filter(booklets::batch_id.between(order.batch(0).0, order.batch(999).0));
        }
        let rows: Vec<BookletRow> = query.order(booklets::id).limit(pick.count.into()).load(self)?;
        read_booklets(programme, rows)
    }

    fn passes_by_code(
        &mut self,
        programme: ProgrammeNo,
        codes: &BTreeSet<CodeMac>,
    ) -> Result<Vec<(Pass, CodeMac, Booklet)>, StoreError> {
        let codes: Vec<Cell<'_>> = codes.iter().map(Cell::from).collect();
        let rows: Vec<(i64, Option<String>, Vec<u8>, BookletRow)> = by_keys(&codes, |codes| {
            Ok(passes::table
                .inner_join(booklets::table.on(booklets::id.eq(passes::id / 100)))
                .filter(among(passes::code_mac, codes))
                .select((passes::id, passes::holder, passes::code_mac, BookletRow::as_select()))
                .load(self)?)
        })?;
        let read = |(id, holder, code, booklet): (i64, Option<String>, Vec<u8>, BookletRow)| {
            let holder = holder.map(|holder| Holder::parse(programme, &holder)).transpose()?;
            Ok((Pass { id: PassId(id), holder }, mac(&code)?, booklet.read(programme)?))
        };
        rows.into_iter().map(read).collect()
    }

    fn passes_among(&mut self, programme: ProgrammeNo, ids: &BTreeSet<PassId>) -> Result<Vec<Pass>, StoreError> {
        let ids: Vec<Cell<'_>> = ids.iter().map(|id| id.0.into()).collect();
        let rows = by_keys(&ids, |ids| {
            Ok(passes::table.filter(among(passes::id, ids)).select((passes::id, passes::holder)).load(self)?)
        })?;
        read_passes(programme, rows)
    }

    fn passes_of(&mut self, booklet: BookletId, programme: ProgrammeNo) -> Result<Vec<Pass>, StoreError> {
        let (first, last) = (booklet.pass(1), booklet.pass(99));
        let found = passes::table.filter(passes::id.between(first.0, last.0)).order(passes::id);
        let rows = found.select((passes::id, passes::holder)).load(self)?;
        read_passes(programme, rows)
    }

    fn dispatches_among(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<i64>,
    ) -> Result<Vec<Dispatch>, StoreError> {
        let numbers: Vec<i64> = numbers.iter().copied().collect();
        let found = dispatches::table
            .filter(dispatches::programme_no.eq(programme.0))
            .filter(dispatches::number.eq_any(numbers));
        let rows: Vec<DispatchRow> = found.select(DispatchRow::as_select()).load(self)?;
        rows.into_iter().map(DispatchRow::read).collect()
    }

    fn open_dispatches_to(&mut self, programme: ProgrammeNo, to: &Holder) -> Result<Vec<Dispatch>, StoreError> {
        let sent = dispatches::table
            .filter(dispatches::programme_no.eq(programme.0))
            .filter(dispatches::to_holder.eq(to.to_string()));
        let rows: Vec<DispatchRow> = sent.select(DispatchRow::as_select()).load(self)?;
        let sent: Vec<Dispatch> = rows.into_iter().map(DispatchRow::read).collect::<Result<_, _>>()?;
        let holders: BTreeSet<Holder> = sent.iter().map(|dispatch| Holder::Transit(dispatch.number)).collect();
        let holdings = self.holdings_of(programme, &holders)?;
        let open = |dispatch: &Dispatch| {
            holdings.get(&Holder::Transit(dispatch.number)).is_some_and(|holding| holding.passes > 0)
        };
        Ok(sent.into_iter().filter(open).collect())
    }

    fn dispatches(
        &mut self,
        programme: ProgrammeNo,
        party: Option<&ShortCode>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Dispatch>, StoreError> {
        let mut query = dispatches::table.select(DispatchRow::as_select()).into_boxed();
        query = query.filter(dispatches::programme_no.eq(programme.0)).filter(dispatches::number.gt(after));
        if let Some(party) = party {
            let holder = Holder::Prescriber(party.clone()).to_string();
            query = query.filter(dispatches::from_holder.eq(holder.clone()).or(dispatches::to_holder.eq(holder)));
        }
        let rows: Vec<DispatchRow> = query.order(dispatches::number).limit(limit).load(self)?;
        rows.into_iter().map(DispatchRow::read).collect()
    }

    fn people_among(
        &mut self,
        programme: ProgrammeNo,
        fingerprints: &BTreeSet<CodeMac>,
    ) -> Result<Vec<(CodeMac, i64)>, StoreError> {
        let fingerprints: Vec<Cell<'_>> = fingerprints.iter().map(Cell::from).collect();
        let rows: Vec<(Vec<u8>, i64)> = by_keys(&fingerprints, |fingerprints| {
            Ok(people::table
                .filter(people::programme_no.eq(programme.0))
                .filter(among(people::fingerprint, fingerprints))
                .select((people::fingerprint, people::passes))
                .load(self)?)
        })?;
        rows.into_iter().map(|(fingerprint, passes)| Ok((mac(&fingerprint)?, passes))).collect()
    }

    fn exceptions_among(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<i64>,
    ) -> Result<Vec<Exception>, StoreError> {
        let numbers: Vec<i64> = numbers.iter().copied().collect();
        let found = exceptions::table
            .filter(exceptions::programme_no.eq(programme.0))
            .filter(exceptions::number.eq_any(numbers));
        let rows: Vec<ExceptionRow> = found.select(ExceptionRow::as_select()).load(self)?;
        rows.into_iter().map(Exception::try_from).collect()
    }

    fn redemptions_among(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<String>,
    ) -> Result<Vec<(String, Redemption)>, StoreError> {
        let numbers: Vec<Cell<'_>> = numbers.iter().map(|number| number.as_str().into()).collect();
        let rows: Vec<RedemptionRow> = by_keys(&numbers, |numbers| {
            let of_programme = redemptions::table.filter(redemptions::programme_no.eq(programme.0));
            let found = of_programme.filter(among(redemptions::number, numbers));
            Ok(found.select(RedemptionRow::as_select()).load(self)?)
        })?;
        rows.into_iter().map(|row| Ok((row.number.clone(), Redemption::try_from(row)?))).collect()
    }

    fn balances_of(
        &mut self,
        programme: ProgrammeNo,
        holders: &BTreeSet<Holder>,
        batches: &BTreeSet<BatchId>,
    ) -> Result<Vec<((Holder, BatchId), Balance)>, StoreError> {
        let holders = holder_cells(holders);
        let batches: Vec<Cell<'_>> = batches.iter().map(|batch| batch.0.into()).collect();
        let rows: Vec<BalanceColumns> = by_keys(&holders, |holders| {
            by_keys(&batches, |batches| {
                Ok(balances::table
                    .filter(balances::programme_no.eq(programme.0))
                    .filter(among(balances::holder, holders.clone()))
                    .filter(among(balances::batch_id, batches))
                    .select(BALANCE)
                    .load(self)?)
            })
        })?;
        rows.into_iter().map(|row| read_balance(programme, row)).collect()
    }

    fn holdings_of(
        &mut self,
        programme: ProgrammeNo,
        holders: &BTreeSet<Holder>,
    ) -> Result<BTreeMap<Holder, Balance>, StoreError> {
        let holders = holder_cells(holders);
        let rows: Vec<HoldingColumns> = by_keys(&holders, |holders| {
            Ok(balances::table
                .filter(balances::programme_no.eq(programme.0))
                .filter(among(balances::holder, holders))
                .group_by(balances::holder)
                .select(HOLDING)
                .load(self)?)
        })?;
        rows.into_iter().map(|row| read_holding(programme, row)).collect()
    }

    fn series_of(
        &mut self,
        programme: ProgrammeNo,
        offices: &BTreeSet<ShortCode>,
    ) -> Result<Vec<((ShortCode, i32), i64)>, StoreError> {
        let offices: Vec<Cell<'_>> = offices.iter().map(|office| office.as_str().into()).collect();
        let rows: Vec<SeriesColumns> = by_keys(&offices, |offices| {
            Ok(series::table
                .filter(series::programme_no.eq(programme.0))
                .filter(among(series::office, offices))
                .select(SERIES)
                .load(self)?)
        })?;
        rows.into_iter().map(read_series).collect()
    }
}

/// The nonce of a batch whose print file has not left.
pub(super) fn print_nonce(conn: &mut Conn, batch: BatchId) -> Result<Option<CodeMac>, StoreError> {
    let nonce: Option<Option<Vec<u8>>> =
        batches::table.find(batch.0).select(batches::print_nonce).first(conn).optional()?;
    nonce.flatten().as_deref().map(mac).transpose()
}
