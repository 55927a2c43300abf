//! What reports read: sums and pages over the journal, and the state tables counted another way.

use std::collections::{BTreeMap, BTreeSet};

use diesel::IntoSql;
use diesel::dsl::{exists, sql};
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper};
use diesel::sql_types::{BigInt, Bool};

use super::super::super::cell::Cell;
use super::super::super::error::StoreError;
use super::super::super::report_doors::{
    BodyFilter, Flow, HandOutFact, Held, ItemEvent, JudgedHandOut, ReceiptHead, ReceiptSums, RefusedHandOutRow,
    ReportReads, ScanFilter, ScanRow, Window,
};
use super::super::super::rows::BookletRow;
use super::super::super::schema::{balances, booklets, entries, passes, receipt_items, receipts, refused_scans};
use super::super::super::stored::StoredReceipt;
use super::Conn;
use super::closings::last_position;
use super::fragment::{among, by_keys};
use super::journal::{COLUMNS, ReceiptColumns, holders_of, stored};
use super::stock::{booklets_of, read_booklets, read_passes};
use super::{hand_outs, refused};
use crate::domain::ids::{BatchId, BookletId, ProgrammeNo};
use crate::domain::movement::Kind;
use crate::domain::orientation::Orientation;
use crate::domain::party::Holder;
use crate::domain::short_code::ShortCode;
use crate::domain::stock::{Booklet, Pass};
use crate::domain::time::{Day, Instant};

type HeadColumns = (i64, String, String, i64, String, String, (i64, i64, i64), String);
type FlowColumns = (String, i64, String, String, (i64, i64, i64, i64));
type OwnHeldColumns = (Option<String>, i64, (i64, i64, i64));
type HeldColumns = (String, i64, (i64, i64, i64));

fn head((position, number, kind, at, day, office, sums, hash): HeadColumns) -> Result<ReceiptHead, StoreError> {
    let (booklets, passes, value_cents) = sums;
    let (at, day) = (Instant::from_millis(at), Day::parse(&day)?);
    Ok(ReceiptHead { position, number, kind, at, day, office, booklets, passes, value_cents, hash })
}

fn held((holder, batch, (booklets, passes, value_cents)): HeldColumns) -> Held {
    Held { holder, batch: BatchId(batch), booklets, passes, value_cents }
}

impl ReportReads for Conn {
    fn position_before(&mut self, programme: ProgrammeNo, day: Day) -> Result<i64, StoreError> {
        last_position(self, programme, |recorded| recorded < day)
    }

    fn flows(&mut self, window: Window, holder: Option<&Holder>) -> Result<Vec<Flow>, StoreError> {
        // Bound as a value, so that one statement serves every holder and the whole programme.
        let (all, name) = (holder.is_none(), holder.map(ToString::to_string).unwrap_or_default());
        let sums = (
            sql::<BigInt>("CAST(SUM(entries.booklets) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(entries.passes) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(entries.value_cents) AS BIGINT)"),
            sql::<BigInt>("MAX(entries.position)"),
        );
        let key = (entries::kind, entries::batch_id, entries::from_holder, entries::to_holder);
        let rows: Vec<FlowColumns> = entries::table
            .filter(entries::programme_no.eq(window.programme.0))
            .filter(entries::position.gt(window.after))
            .filter(entries::position.le(window.until))
            .filter(all.into_sql::<Bool>().or(entries::from_holder.eq(name.clone())).or(entries::to_holder.eq(name)))
            .group_by(key)
            .select((entries::kind, entries::batch_id, entries::from_holder, entries::to_holder, sums))
            .load(self)?;
        let flow = |(kind, batch, from, to, (booklets, passes, value_cents, last_position)): FlowColumns| Flow {
            kind,
            batch: BatchId(batch),
            from,
            to,
            booklets,
            passes,
            value_cents,
            last_position,
        };
        Ok(rows.into_iter().map(flow).collect())
    }

    fn receipt_heads(
        &mut self,
        window: Window,
        party: Option<&ShortCode>,
        limit: i64,
    ) -> Result<Vec<ReceiptHead>, StoreError> {
        let mut query = receipts::table.into_boxed();
        query = query.filter(receipts::programme_no.eq(window.programme.0));
        query = query.filter(receipts::position.gt(window.after)).filter(receipts::position.le(window.until));
        if let Some(party) = party {
            let holders = holders_of(party);
            let named = entries::table
                .filter(entries::programme_no.eq(receipts::programme_no))
                .filter(entries::position.eq(receipts::position))
                .filter(entries::from_holder.eq_any(holders.clone()).or(entries::to_holder.eq_any(holders)));
            query = query.filter(receipts::office.eq(party.as_str()).or(exists(named)));
        }
        let columns = (
            receipts::position,
            receipts::number,
            receipts::kind,
            receipts::at_millis,
            receipts::day,
            receipts::office,
            (receipts::booklets, receipts::passes, receipts::value_cents),
            receipts::hash,
        );
        let rows: Vec<HeadColumns> = query.order(receipts::position).limit(limit).select(columns).load(self)?;
        rows.into_iter().map(head).collect()
    }

    fn receipt_bodies(
        &mut self,
        window: Window,
        filter: BodyFilter<'_>,
        limit: i64,
    ) -> Result<Vec<StoredReceipt>, StoreError> {
        let mut query = receipts::table.select(COLUMNS).into_boxed();
        query = query.filter(receipts::programme_no.eq(window.programme.0));
        query = query.filter(receipts::position.gt(window.after)).filter(receipts::position.le(window.until));
        if !filter.kinds.is_empty() {
            let kinds: Vec<&str> = filter.kinds.iter().map(|kind| kind.as_str()).collect();
            query = query.filter(receipts::kind.eq_any(kinds));
        }
        if let Some(holder) = filter.holder {
            let holder = holder.to_string();
            let named = entries::table
                .filter(entries::programme_no.eq(receipts::programme_no))
                .filter(entries::position.eq(receipts::position))
                .filter(entries::from_holder.eq(holder.clone()).or(entries::to_holder.eq(holder)));
            query = query.filter(exists(named));
        }
        let rows: Vec<ReceiptColumns> = query.order(receipts::position).limit(limit).load(self)?;
        Ok(rows.into_iter().map(stored).collect())
    }

    fn receipts_numbered(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<String>,
    ) -> Result<Vec<StoredReceipt>, StoreError> {
        let numbers: Vec<Cell<'_>> = numbers.iter().map(|number| number.as_str().into()).collect();
        let mut rows: Vec<ReceiptColumns> = by_keys(&numbers, |numbers| {
            let found = receipts::table.filter(among(receipts::number, numbers));
            Ok(found.filter(receipts::programme_no.eq(programme.0)).select(COLUMNS).load(self)?)
        })?;
        rows.sort_unstable_by_key(|row| row.0);
        Ok(rows.into_iter().map(stored).collect())
    }

    fn numbers_at(
        &mut self,
        programme: ProgrammeNo,
        positions: &BTreeSet<i64>,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let positions: Vec<Cell<'_>> = positions.iter().map(|position| (*position).into()).collect();
        by_keys(&positions, |positions| {
            let found = receipts::table.filter(receipts::programme_no.eq(programme.0));
            let found = found.filter(among(receipts::position, positions));
            Ok(found.select((receipts::position, receipts::number)).load(self)?)
        })
    }

    fn receipt_sums(&mut self, window: Window) -> Result<ReceiptSums, StoreError> {
        let sums: (i64, i64, i64, i64) = receipts::table
            .filter(receipts::programme_no.eq(window.programme.0))
            .filter(receipts::position.gt(window.after))
            .filter(receipts::position.le(window.until))
            .select((
                sql::<BigInt>("COUNT(*)"),
                sql::<BigInt>("CAST(COALESCE(SUM(receipts.booklets), 0) AS BIGINT)"),
                sql::<BigInt>("CAST(COALESCE(SUM(receipts.passes), 0) AS BIGINT)"),
                sql::<BigInt>("CAST(COALESCE(SUM(receipts.value_cents), 0) AS BIGINT)"),
            ))
            .first(self)?;
        let (receipts, booklets, passes, value_cents) = sums;
        Ok(ReceiptSums { receipts, booklets, passes, value_cents })
    }

    fn uses_of_items(
        &mut self,
        window: Window,
        (item, position): (i64, i64),
        limit: i64,
    ) -> Result<Vec<ItemEvent>, StoreError> {
        let (first, last) = items_of(window.programme);
        let kinds = [Kind::HandOut, Kind::Redemption, Kind::Reversal, Kind::Expiry].map(Kind::as_str);
        let of_receipt =
            receipts::programme_no.eq(receipt_items::programme_no).and(receipts::position.eq(receipt_items::position));
        let rows: Vec<(i64, i64, String, String, String)> = receipt_items::table
            .inner_join(receipts::table.on(of_receipt))
            .filter(receipt_items::programme_no.eq(window.programme.0))
            .filter(receipt_items::item.between(first.max(item), last))
            .filter(receipt_items::item.gt(item).or(receipt_items::position.gt(position)))
            .filter(receipt_items::position.gt(window.after))
            .filter(receipt_items::position.le(window.until))
            .filter(receipts::kind.eq_any(kinds))
            .order((receipt_items::item, receipt_items::position))
            .limit(limit)
            .select((receipt_items::item, receipt_items::position, receipts::kind, receipts::office, receipts::day))
            .load(self)?;
        let event = |(item, position, kind, office, day): (i64, i64, String, String, String)| {
            Ok(ItemEvent { item, position, kind, office, day: Day::parse(&day)? })
        };
        rows.into_iter().map(event).collect()
    }

    fn hand_out_facts(
        &mut self,
        window: Window,
        office: Option<&ShortCode>,
        limit: i64,
    ) -> Result<Vec<HandOutFact>, StoreError> {
        hand_outs::facts(self, window, office, limit)
    }

    fn orientations(
        &mut self,
        programme: ProgrammeNo,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, Orientation)>, StoreError> {
        hand_outs::orientations(self, programme, after, limit)
    }

    fn kept_decisions(
        &mut self,
        programme: ProgrammeNo,
        after: i64,
        limit: i64,
    ) -> Result<Vec<JudgedHandOut>, StoreError> {
        hand_outs::decisions(self, programme, after, limit)
    }

    fn refused_scans(
        &mut self,
        programme: ProgrammeNo,
        filter: &ScanFilter,
        limit: i64,
    ) -> Result<Vec<ScanRow>, StoreError> {
        refused::scans(self, programme, filter, limit)
    }

    fn refused_hand_outs(
        &mut self,
        programme: ProgrammeNo,
        filter: &ScanFilter,
        limit: i64,
    ) -> Result<Vec<RefusedHandOutRow>, StoreError> {
        refused::hand_outs(self, programme, filter, limit)
    }

    fn refused_scans_count(&mut self, programme: ProgrammeNo) -> Result<i64, StoreError> {
        Ok(refused_scans::table.filter(refused_scans::programme_no.eq(programme.0)).count().get_result(self)?)
    }

    fn booklets_after(&mut self, programme: ProgrammeNo, after: i64, limit: i64) -> Result<Vec<Booklet>, StoreError> {
        let (first, last) = booklets_of(programme);
        // One lower bound: of two, SQLite may go by the one that makes every page read all the pages before it.
        let found = booklets::table.filter(booklets::id.between(first.max(after.saturating_add(1)), last));
        let rows: Vec<BookletRow> =
            found.order(booklets::id).limit(limit).select(BookletRow::as_select()).load(self)?;
        read_booklets(programme, rows)
    }

    fn passes_between(
        &mut self,
        programme: ProgrammeNo,
        first: BookletId,
        last: BookletId,
    ) -> Result<Vec<Pass>, StoreError> {
        let found = passes::table.filter(passes::id.between(first.item().0, last.pass(99).0));
        let rows: Vec<(i64, Option<String>)> =
            found.order(passes::id).select((passes::id, passes::holder)).load(self)?;
        read_passes(programme, rows)
    }

    fn booklets_moved_after(
        &mut self,
        first: BookletId,
        last: BookletId,
        position: i64,
    ) -> Result<BTreeSet<BookletId>, StoreError> {
        let rows: Vec<i64> = receipt_items::table
            .filter(receipt_items::item.between(first.item().0, last.pass(99).0))
            .filter(receipt_items::position.gt(position))
            .select(receipt_items::item)
            .load(self)?;
        Ok(rows.into_iter().map(|item| crate::domain::ids::ItemId(item).booklet()).collect())
    }

    fn moves_of_booklets(
        &mut self,
        first: BookletId,
        last: BookletId,
        position: i64,
    ) -> Result<BTreeMap<BookletId, BTreeSet<i64>>, StoreError> {
        let rows: Vec<(i64, i64)> = receipt_items::table
            .filter(receipt_items::item.between(first.item().0, last.pass(99).0))
            .filter(receipt_items::position.le(position))
            .select((receipt_items::item, receipt_items::position))
            .load(self)?;
        let mut moves: BTreeMap<BookletId, BTreeSet<i64>> = BTreeMap::new();
        for (item, position) in rows {
            moves.entry(crate::domain::ids::ItemId(item).booklet()).or_default().insert(position);
        }
        Ok(moves)
    }

    fn receipts_at(
        &mut self,
        programme: ProgrammeNo,
        positions: &BTreeSet<i64>,
    ) -> Result<Vec<StoredReceipt>, StoreError> {
        let positions: Vec<Cell<'_>> = positions.iter().map(|position| (*position).into()).collect();
        let mut rows: Vec<ReceiptColumns> = by_keys(&positions, |positions| {
            let found = receipts::table.filter(receipts::programme_no.eq(programme.0));
            Ok(found.filter(among(receipts::position, positions)).select(COLUMNS).load(self)?)
        })?;
        rows.sort_unstable_by_key(|row| row.0);
        Ok(rows.into_iter().map(stored).collect())
    }

    fn balances_kept(&mut self, programme: ProgrammeNo) -> Result<Vec<Held>, StoreError> {
        let rows: Vec<HeldColumns> = balances::table
            .filter(balances::programme_no.eq(programme.0))
            .select((
                balances::holder,
                balances::batch_id,
                (balances::booklets, balances::passes, balances::value_cents),
            ))
            .load(self)?;
        Ok(rows.into_iter().map(held).collect())
    }

    fn booklets_counted(&mut self, programme: ProgrammeNo) -> Result<Vec<Held>, StoreError> {
        let (first, last) = booklets_of(programme);
        let counts = (
            sql::<BigInt>("COUNT(*)"),
            sql::<BigInt>("CAST(SUM(booklets.passes_left) AS BIGINT)"),
            sql::<BigInt>("CAST(0 AS BIGINT)"),
        );
        let rows: Vec<HeldColumns> = booklets::table
            .filter(booklets::id.between(first, last))
            .group_by((booklets::holder, booklets::batch_id))
            .select((booklets::holder, booklets::batch_id, counts))
            .load(self)?;
        Ok(rows.into_iter().map(held).collect())
    }

    fn passes_counted(&mut self, programme: ProgrammeNo) -> Result<Vec<Held>, StoreError> {
        let (first, last) = items_of(programme);
        let counts =
            (sql::<BigInt>("CAST(0 AS BIGINT)"), sql::<BigInt>("COUNT(*)"), sql::<BigInt>("CAST(0 AS BIGINT)"));
        let rows: Vec<OwnHeldColumns> = passes::table
            .inner_join(booklets::table.on(booklets::id.eq(passes::id / 100)))
            .filter(passes::id.between(first, last))
            .filter(passes::holder.is_not_null())
            .group_by((passes::holder, booklets::batch_id))
            .select((passes::holder, booklets::batch_id, counts))
            .load(self)?;
        let own = |(holder, batch, counts): OwnHeldColumns| Some(held((holder?, batch, counts)));
        Ok(rows.into_iter().filter_map(own).collect())
    }
}

/// The identifiers of the programme's booklets and passes as items.
const fn items_of(programme: ProgrammeNo) -> (i64, i64) {
    let (first, last) = booklets_of(programme);
    (first * 100, last * 100 + 99)
}
