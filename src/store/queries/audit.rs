//! What an audit reads: projections in pages by key.

use diesel::dsl::sql;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};
use diesel::sql_types::{BigInt, Bool, Text};

use super::super::super::audit_doors::{
    AuditReads, ReceiptColumns, StoredBalance, StoredBatch, StoredBooklet, StoredEntry,
};
use super::super::super::error::StoreError;
use super::super::super::schema::{
    balances, batches, booklets, entries, passes, receipt_items, receipts, redemptions, replies, seals, series,
};
use super::Conn;
use crate::domain::ids::{BatchId, BookletId, ItemId, PassId, ProgrammeNo};
use crate::domain::time::Day;

type BatchColumns = (i64, String, String, Option<Vec<u8>>, bool);
type EntryColumns = (i64, i64, String, i64, String, String, i64, i64, i64);

/// Whether the columns of a receipt differ from its entries, which the audit has held against the sealed lines.
const UNLIKE_ENTRIES: &str = "receipts.booklets <> CAST(COALESCE(SUM(entries.booklets), 0) AS BIGINT) \
     OR receipts.passes <> CAST(COALESCE(SUM(entries.passes), 0) AS BIGINT) \
     OR receipts.value_cents <> CAST(COALESCE(SUM(entries.value_cents), 0) AS BIGINT) \
     OR receipts.day <> MIN(entries.day) OR COUNT(NULLIF(entries.kind, receipts.kind)) > 0";

/// The last booklet number a programme can have, as an identifier.
fn last_booklet(programme: ProgrammeNo) -> BookletId {
    BookletId::new(programme, crate::domain::serial::LAST_NUMBER)
}

impl AuditReads for Conn {
    fn balances_page(
        &mut self,
        programme: ProgrammeNo,
        after: Option<(&str, i64)>,
        limit: i64,
    ) -> Result<Vec<StoredBalance>, StoreError> {
        let mut query = balances::table
            .filter(balances::programme_no.eq(programme.0))
            .select((balances::holder, balances::batch_id, balances::booklets, balances::passes, balances::value_cents))
            .into_boxed();
        if let Some((holder, batch)) = after {
            let same_holder = balances::holder.eq(holder).and(balances::batch_id.gt(batch));
            query = query.filter(balances::holder.gt(holder).or(same_holder));
        }
        let rows: Vec<(String, i64, i64, i64, i64)> =
            query.order((balances::holder, balances::batch_id)).limit(limit).load(self)?;
        let read = |(holder, batch, booklets, passes, value_cents)| StoredBalance {
            holder,
            batch,
            booklets,
            passes,
            value_cents,
        };
        Ok(rows.into_iter().map(read).collect())
    }

    fn entries_between(
        &mut self,
        programme: ProgrammeNo,
        first: i64,
        last: i64,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let rows: Vec<EntryColumns> = entries::table
            .filter(entries::programme_no.eq(programme.0))
            .filter(entries::position.between(first, last))
            .order((entries::position, entries::line))
            .select((
                entries::position,
                entries::line,
                entries::day,
                entries::batch_id,
                entries::from_holder,
                entries::to_holder,
                entries::booklets,
                entries::passes,
                entries::value_cents,
            ))
            .load(self)?;
        let read = |(position, line, day, batch, from, to, booklets, passes, value_cents)| StoredEntry {
            position,
            line,
            day,
            batch,
            from,
            to,
            booklets,
            passes,
            value_cents,
        };
        Ok(rows.into_iter().map(read).collect())
    }

    fn receipts_unlike_entries(
        &mut self,
        programme: ProgrammeNo,
        limit: i64,
    ) -> Result<Vec<(i64, ReceiptColumns, ReceiptColumns)>, StoreError> {
        let same_receipt =
            entries::programme_no.eq(receipts::programme_no).and(entries::position.eq(receipts::position));
        let stored = (receipts::booklets, receipts::passes, receipts::value_cents, receipts::day, receipts::kind);
        Ok(receipts::table
            .left_join(entries::table.on(same_receipt))
            .filter(receipts::programme_no.eq(programme.0))
            .group_by((receipts::position, stored))
            .having(sql::<Bool>(UNLIKE_ENTRIES))
            .order(receipts::position)
            .limit(limit)
            .select((
                receipts::position,
                stored,
                (
                    sql::<BigInt>("CAST(COALESCE(SUM(entries.booklets), 0) AS BIGINT)"),
                    sql::<BigInt>("CAST(COALESCE(SUM(entries.passes), 0) AS BIGINT)"),
                    sql::<BigInt>("CAST(COALESCE(SUM(entries.value_cents), 0) AS BIGINT)"),
                    sql::<Text>("COALESCE(MIN(entries.day), receipts.day)"),
                    sql::<Text>("COALESCE(MIN(NULLIF(entries.kind, receipts.kind)), receipts.kind)"),
                ),
            ))
            .load(self)?)
    }

    fn booklets_page(
        &mut self,
        programme: ProgrammeNo,
        after: BookletId,
        limit: i64,
    ) -> Result<Vec<StoredBooklet>, StoreError> {
        let rows: Vec<(i64, i64, i64, String, i64, Option<String>)> = booklets::table
            .filter(booklets::id.gt(after.0))
            .filter(booklets::id.le(last_booklet(programme).0))
            .order(booklets::id)
            .limit(limit)
            .select((
                booklets::id,
                booklets::batch_id,
                booklets::size,
                booklets::holder,
                booklets::passes_left,
                booklets::handed_out_on,
            ))
            .load(self)?;
        let read = |(id, batch, size, holder, passes_left, handed_out_on): (_, _, _, _, _, Option<String>)| {
            let handed_out_on = handed_out_on.as_deref().map(Day::parse).transpose()?;
            Ok(StoredBooklet { id: BookletId(id), batch, size, holder, passes_left, handed_out_on })
        };
        rows.into_iter().map(read).collect()
    }

    fn departed_page(
        &mut self,
        programme: ProgrammeNo,
        after: PassId,
        limit: i64,
    ) -> Result<Vec<(PassId, String)>, StoreError> {
        let rows: Vec<(i64, Option<String>)> = passes::table
            .filter(passes::id.gt(after.0))
            .filter(passes::id.le(last_booklet(programme).pass(99).0))
            .filter(passes::holder.is_not_null())
            .order(passes::id)
            .limit(limit)
            .select((passes::id, passes::holder))
            .load(self)?;
        Ok(rows.into_iter().map(|(id, holder)| (PassId(id), holder.unwrap_or_default())).collect())
    }

    fn passes_page(
        &mut self,
        programme: ProgrammeNo,
        after: PassId,
        limit: i64,
    ) -> Result<Vec<(PassId, Vec<u8>)>, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> = passes::table
            .filter(passes::id.gt(after.0))
            .filter(passes::id.le(last_booklet(programme).pass(99).0))
            .order(passes::id)
            .limit(limit)
            .select((passes::id, passes::code_mac))
            .load(self)?;
        Ok(rows.into_iter().map(|(id, code_mac)| (PassId(id), code_mac)).collect())
    }

    fn all_batches(&mut self, programme: ProgrammeNo) -> Result<Vec<StoredBatch>, StoreError> {
        let rows: Vec<BatchColumns> = batches::table
            .filter(batches::programme_no.eq(programme.0))
            .order(batches::id)
            .select((batches::id, batches::delivered_on, batches::note, batches::print_nonce, batches::generated))
            .load(self)?;
        let read = |(id, delivered_on, note, print_nonce, generated)| StoredBatch {
            id: BatchId(id),
            delivered_on,
            note,
            print_nonce,
            generated,
        };
        Ok(rows.into_iter().map(read).collect())
    }

    fn moves_page(
        &mut self,
        programme: ProgrammeNo,
        (ItemId(item), position): (ItemId, i64),
        limit: i64,
    ) -> Result<Vec<(ItemId, i64)>, StoreError> {
        // Both conditions on the item: the first is where the index is entered.
        let further = receipt_items::item.gt(item).or(receipt_items::position.gt(position));
        let rows: Vec<(i64, i64)> = receipt_items::table
            .filter(receipt_items::programme_no.eq(programme.0))
            .filter(receipt_items::item.ge(item).and(further))
            .order((receipt_items::item, receipt_items::position))
            .limit(limit)
            .select((receipt_items::item, receipt_items::position))
            .load(self)?;
        Ok(rows.into_iter().map(|(item, position)| (ItemId(item), position)).collect())
    }

    fn receipt_places(
        &mut self,
        programme: ProgrammeNo,
        first: i64,
        last: i64,
    ) -> Result<Vec<(i64, String, String)>, StoreError> {
        Ok(receipts::table
            .filter(receipts::programme_no.eq(programme.0))
            .filter(receipts::position.between(first, last))
            .order(receipts::position)
            .select((receipts::at_millis, receipts::day, receipts::office))
            .load(self)?)
    }

    fn stray_seals(&mut self, limit: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let sealed = receipts::programme_no.eq(seals::programme_no).and(receipts::position.eq(seals::position));
        Ok(seals::table
            .left_join(receipts::table.on(sealed))
            .filter(receipts::position.is_null())
            .order((seals::programme_no, seals::position))
            .limit(limit)
            .select((seals::programme_no, seals::position))
            .load(self)?)
    }

    fn mistyped(&mut self) -> Result<Vec<String>, StoreError> {
        super::mistyped(self)
    }

    fn whole_series(&mut self, programme: ProgrammeNo) -> Result<Vec<(String, i64, i64)>, StoreError> {
        Ok(series::table
            .filter(series::programme_no.eq(programme.0))
            .order((series::office, series::year))
            .select((series::office, series::year, series::last_number))
            .load(self)?)
    }

    fn count_redemptions(&mut self, programme: ProgrammeNo) -> Result<(i64, i64), StoreError> {
        let all = redemptions::table.filter(redemptions::programme_no.eq(programme.0));
        let reversed = all.filter(redemptions::reversed.eq(true));
        Ok((all.count().get_result(self)?, reversed.count().get_result(self)?))
    }

    fn count_replies(&mut self, programme: ProgrammeNo) -> Result<i64, StoreError> {
        Ok(replies::table.filter(replies::programme_no.eq(programme.0)).count().get_result(self)?)
    }
}
