//! Receipts, their entries and items, seals, replies, and the journal row that orders them all.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};

use super::super::super::cell::{Cell, stored_row};
use super::super::super::doors::{JournalReads, JournalWrites};
use super::super::super::error::StoreError;
use super::super::super::rows::JournalRow;
use super::super::super::schema::{entries, journals, receipt_items, receipts, replies, seals};
use super::super::super::stored::{
    Appended, GroupRecord, Journal, ReceiptFilter, Recorded, StoredReceipt, StoredReply, StoredSeal,
};
use super::super::writing::Writing;
use super::Conn;
use super::closings::last_position;
use super::fragment::{among, by_keys, insert_all, update_from};
use super::refused;
use super::stock_write::save;
use crate::domain::ids::{BookletId, ProgrammeNo};
use crate::domain::short_code::ShortCode;
use crate::domain::time::{Day, Instant};

pub(super) type ReceiptColumns = (i64, String, String, String, String);
pub(super) const COLUMNS: (receipts::position, receipts::number, receipts::kind, receipts::hash, receipts::body) =
    (receipts::position, receipts::number, receipts::kind, receipts::hash, receipts::body);

pub(super) fn stored((position, number, kind, hash, body): ReceiptColumns) -> StoredReceipt {
    StoredReceipt { position, number, kind, hash, body }
}

pub(in crate::store) type ReplyColumns = (String, String, i64, String);
pub(in crate::store) const REPLY: (replies::key_digest, replies::fingerprint, replies::at_millis, replies::outcome) =
    (replies::key_digest, replies::fingerprint, replies::at_millis, replies::outcome);

pub(in crate::store) fn read_reply((key_digest, fingerprint, at, outcome): ReplyColumns) -> StoredReply {
    StoredReply { key_digest, fingerprint, at: Instant::from_millis(at), outcome }
}

pub(in crate::store) fn read_journal(row: JournalRow) -> Result<Journal, StoreError> {
    let counters = row.counters()?;
    Ok(Journal { position: row.position, head: row.head, at: Instant::from_millis(row.at_millis), counters })
}

/// The holders under which an organisation appears in entries.
pub(super) fn holders_of(party: &ShortCode) -> Vec<String> {
    ["prescriber", "provider", "claimed", "paid"].iter().map(|kind| format!("{kind}:{party}")).collect()
}

impl JournalReads for Conn {
    fn journal(&mut self, programme: ProgrammeNo) -> Result<Option<Journal>, StoreError> {
        let row = journals::table.find(programme.0).select(JournalRow::as_select()).first(self).optional()?;
        row.map(read_journal).transpose()
    }

    fn replies(&mut self, key_digests: &BTreeSet<String>) -> Result<Vec<StoredReply>, StoreError> {
        let digests: Vec<Cell<'_>> = key_digests.iter().map(|digest| digest.as_str().into()).collect();
        let rows: Vec<ReplyColumns> = by_keys(&digests, |digests| {
            Ok(replies::table.filter(among(replies::key_digest, digests)).select(REPLY).load(self)?)
        })?;
        Ok(rows.into_iter().map(read_reply).collect())
    }

    fn receipt(&mut self, programme: ProgrammeNo, number: &str) -> Result<Option<StoredReceipt>, StoreError> {
        let found = receipts::table.filter(receipts::number.eq(number)).filter(receipts::programme_no.eq(programme.0));
        Ok(found.select(COLUMNS).first(self).optional()?.map(stored))
    }

    fn receipt_at(&mut self, programme: ProgrammeNo, position: i64) -> Result<Option<StoredReceipt>, StoreError> {
        let found = receipts::table.find((programme.0, position));
        Ok(found.select(COLUMNS).first(self).optional()?.map(stored))
    }

    fn receipts(
        &mut self,
        programme: ProgrammeNo,
        after: i64,
        limit: i64,
        filter: &ReceiptFilter,
    ) -> Result<Vec<StoredReceipt>, StoreError> {
        let mut query = receipts::table.select(COLUMNS).into_boxed();
        query = query.filter(receipts::programme_no.eq(programme.0)).filter(receipts::position.gt(after));
        if let Some(party) = &filter.party {
            let named = entries::table
                .filter(entries::programme_no.eq(receipts::programme_no))
                .filter(entries::position.eq(receipts::position))
                .filter(
                    entries::from_holder.eq_any(holders_of(party)).or(entries::to_holder.eq_any(holders_of(party))),
                );
            query = query.filter(receipts::office.eq(party.as_str()).or(diesel::dsl::exists(named)));
        }
        if let Some(kind) = &filter.kind {
            query = query.filter(receipts::kind.eq(kind));
        }
        if let Some(day) = filter.from_day {
            query = query.filter(receipts::day.ge(day.to_string()));
        }
        if let Some(day) = filter.until_day {
            query = query.filter(receipts::day.le(day.to_string()));
        }
        let rows: Vec<ReceiptColumns> = query.order(receipts::position).limit(limit).load(self)?;
        Ok(rows.into_iter().map(stored).collect())
    }

    fn receipt_concerns(
        &mut self,
        programme: ProgrammeNo,
        position: i64,
        party: &ShortCode,
    ) -> Result<bool, StoreError> {
        let issued = receipts::table.find((programme.0, position)).filter(receipts::office.eq(party.as_str()));
        let named = entries::table
            .filter(entries::programme_no.eq(programme.0))
            .filter(entries::position.eq(position))
            .filter(entries::from_holder.eq_any(holders_of(party)).or(entries::to_holder.eq_any(holders_of(party))));
        Ok(diesel::select(diesel::dsl::exists(issued)).get_result::<bool>(self)?
            || diesel::select(diesel::dsl::exists(named)).get_result::<bool>(self)?)
    }

    fn seals(&mut self, programme: ProgrammeNo, after: i64, until: i64) -> Result<Vec<StoredSeal>, StoreError> {
        let rows: Vec<(i64, String, String, String)> = seals::table
            .filter(seals::programme_no.eq(programme.0))
            .filter(seals::position.gt(after))
            .filter(seals::position.le(until))
            .order(seals::position)
            .select((seals::position, seals::hash, seals::key_id, seals::signature))
            .load(self)?;
        let read = |(position, hash, key_id, signature)| StoredSeal { position, hash, key_id, signature };
        Ok(rows.into_iter().map(read).collect())
    }

    fn receipts_of_booklet(&mut self, booklet: BookletId) -> Result<Vec<StoredReceipt>, StoreError> {
        let whole = booklet.item().0;
        let positions = receipt_items::table
            .filter(receipt_items::item.between(whole, whole + 99))
            .select(receipt_items::position)
            .distinct();
        let programme: Option<i64> = receipt_items::table
            .filter(receipt_items::item.between(whole, whole + 99))
            .select(receipt_items::programme_no)
            .first(self)
            .optional()?;
        let Some(programme) = programme else { return Ok(Vec::new()) };
        let rows: Vec<ReceiptColumns> = receipts::table
            .filter(receipts::programme_no.eq(programme))
            .filter(receipts::position.eq_any(positions))
            .order(receipts::position)
            .select(COLUMNS)
            .load(self)?;
        Ok(rows.into_iter().map(stored).collect())
    }

    fn position_on(&mut self, programme: ProgrammeNo, day: Day) -> Result<i64, StoreError> {
        last_position(self, programme, |recorded| recorded <= day)
    }
}

stored_row! {
    struct ReceiptRow<'a> in "receipts" {
        programme_no: i64,
        position: i64,
        number: &'a str,
        kind: &'a str,
        at_millis: i64,
        day: String,
        office: &'a str,
        booklets: i64,
        passes: i64,
        value_cents: i64,
        hash: &'a str,
        body: &'a str,
    }
}

stored_row! {
    struct EntryRow<'a> in "entries" {
        programme_no: i64,
        position: i64,
        line: i64,
        day: String,
        kind: &'a str,
        batch_id: i64,
        from_holder: String,
        to_holder: String,
        booklets: i64,
        passes: i64,
        value_cents: i64,
    }
}

stored_row! {
    struct ItemRow in "receipt_items" {
        item: i64,
        programme_no: i64,
        position: i64,
    }
}

stored_row! {
    struct SealRow<'a> in "seals" {
        programme_no: i64,
        position: i64,
        hash: &'a str,
        key_id: &'a str,
        signature: &'a str,
    }
}

stored_row! {
    struct ReplyRow<'a> in "replies" {
        key_digest: &'a str,
        fingerprint: &'a str,
        programme_no: i64,
        at_millis: i64,
        outcome: &'a str,
    }
}

/// Takes a programme's lock: the first statement of every group. Whoever comes through sees what all before have written.
pub(super) fn through_the_door(programme: ProgrammeNo) -> String {
    format!("UPDATE journals SET door = door + 1 WHERE programme_no = {}", programme.0)
}

impl JournalWrites for Conn {
    fn enter(&mut self, programme: ProgrammeNo) -> Result<(), StoreError> {
        Ok(self.batch_execute(&through_the_door(programme))?)
    }

    fn record(&mut self, programme: ProgrammeNo, record: &GroupRecord<'_>) -> Result<Recorded, StoreError> {
        let mut out = Writing::on(self);
        append(&mut out, programme, record.granted)?;
        save(&mut out, record.facts, record.granted)?;
        insert_seals(&mut out, programme, record.seal.map(std::slice::from_ref).unwrap_or_default())?;
        refused::insert_scans(&mut out, programme, record.scans)?;
        refused::insert_hand_outs(&mut out, programme, record.refused_hand_outs)?;
        insert_replies(&mut out, programme, record.replies)?;
        store_head(&mut out, programme, (record.before, record.after))?;
        out.end()?;
        Ok(Recorded(()))
    }
}

fn store_head(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    (before, after): (&Journal, &Journal),
) -> Result<(), StoreError> {
    let row = [
        programme.0.into(),
        before.position.into(),
        after.position.into(),
        after.head.as_str().into(),
        after.at.millis().into(),
        i64::from(after.counters.booklet).into(),
        after.counters.order.into(),
        after.counters.dispatch.into(),
        after.counters.exception.into(),
        after.counters.epoch.into(),
    ];
    update_from(
        out,
        "journals",
        "UPDATE journals SET position = v.column3, head = v.column4, at_millis = v.column5, \
         last_booklet = v.column6, last_order = v.column7, last_dispatch = v.column8, last_exception = v.column9, \
         epoch = v.column10",
        &[row],
        "journals.programme_no = v.column1 AND journals.position = v.column2",
    )
}

pub(super) fn append(out: &mut Writing<'_>, programme: ProgrammeNo, granted: &[Appended]) -> Result<(), StoreError> {
    let mut receipt_rows = Vec::with_capacity(granted.len());
    let mut entry_rows = Vec::new();
    let mut item_rows = Vec::new();
    for appended in granted {
        let (body, receipt) = (appended.receipt.body(), &appended.receipt);
        receipt_rows.push(ReceiptRow {
            programme_no: programme.0,
            position: body.position,
            number: &body.number,
            kind: &body.kind,
            at_millis: appended.at.millis(),
            day: appended.day.to_string(),
            office: &body.office.code,
            booklets: body.total.booklets,
            passes: body.total.passes,
            value_cents: body.total.cents,
            hash: receipt.hash(),
            body: receipt.bytes(),
        });
        for (line, number) in appended.movement.lines.iter().zip(1_i64..) {
            entry_rows.push(EntryRow {
                programme_no: programme.0,
                position: body.position,
                line: number,
                day: appended.day.to_string(),
                kind: &body.kind,
                batch_id: line.batch.0,
                from_holder: line.from.to_string(),
                to_holder: line.to.to_string(),
                booklets: line.booklets,
                passes: line.passes,
                value_cents: line.value.get(),
            });
            let to_row = |item: &crate::domain::ids::ItemId| ItemRow {
                item: item.0,
                programme_no: programme.0,
                position: body.position,
            };
            item_rows.extend(line.items.iter().map(to_row));
        }
    }
    insert_all(out, &receipt_rows)?;
    insert_all(out, &entry_rows)?;
    insert_all(out, &item_rows)?;
    Ok(())
}

pub(super) fn insert_seals(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    seals: &[StoredSeal],
) -> Result<(), StoreError> {
    let to_row = |seal| {
        let StoredSeal { position, hash, key_id, signature }: &StoredSeal = seal;
        SealRow { programme_no: programme.0, position: *position, hash, key_id, signature }
    };
    let rows: Vec<SealRow<'_>> = seals.iter().map(to_row).collect();
    insert_all(out, &rows)
}

fn insert_replies(out: &mut Writing<'_>, programme: ProgrammeNo, stored: &[StoredReply]) -> Result<(), StoreError> {
    let to_row = |reply| {
        let StoredReply { key_digest, fingerprint, at, outcome }: &StoredReply = reply;
        ReplyRow { key_digest, fingerprint, programme_no: programme.0, at_millis: at.millis(), outcome }
    };
    let rows: Vec<ReplyRow<'_>> = stored.iter().map(to_row).collect();
    insert_all(out, &rows)?;
    Ok(())
}
