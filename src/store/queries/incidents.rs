//! Incidents: who handed a booklet out, what replaced it, and which receipt moved a thing last.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::sql;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl,
    SelectableHelper,
};
use diesel::sql_types::BigInt;

use super::super::super::cell::{Cell, stored_row};
use super::super::super::error::StoreError;
use super::super::super::incident_doors::IncidentReads;
use super::super::super::rows::{BookletRow, mac};
use super::super::super::schema::{
    applications, balances, booklets, hand_outs, letters, passes, receipt_items, receipts, replacements,
};
use super::super::super::stored::{Appended, written_down};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all};
use super::stock::{read_booklets, read_passes};
use crate::domain::applications::ApplicationState;
use crate::domain::erasure::NOBODY;
use crate::domain::facts::Balance;
use crate::domain::ids::{BatchId, BookletId, ItemId, OrderId, ProgrammeNo};
use crate::domain::incidents::Given;
use crate::domain::money::Cents;
use crate::domain::movement::{Kind, Record};
use crate::domain::party::Holder;
use crate::domain::programme::Order;
use crate::domain::short_code::ShortCode;
use crate::domain::stock::{Booklet, Pass};

stored_row! {
    struct ReplacementRow<'a> in "replacements" {
        replacement_id: i64,
        original_id: i64,
        programme_no: i64,
        number: &'a str,
        office: &'a str,
        fingerprint: &'a [u8],
    }
}

/// A booklet, and the number, office and person of its hand-out; nobody where the person was erased.
type GivenColumns = (i64, String, String, Option<Vec<u8>>);

fn read_given((booklet, number, office, fingerprint): GivenColumns) -> Result<(BookletId, Given), StoreError> {
    let fingerprint = fingerprint.map_or(Ok(NOBODY), |fingerprint| mac(&fingerprint))?;
    let given = Given { number, office: ShortCode::parse(&office)?, fingerprint };
    Ok((BookletId(booklet), given))
}

impl IncidentReads for Conn {
    fn last_moves(
        &mut self,
        programme: ProgrammeNo,
        items: &BTreeSet<ItemId>,
    ) -> Result<BTreeMap<ItemId, i64>, StoreError> {
        let items: Vec<Cell<'_>> = items.iter().map(|item| item.0.into()).collect();
        let rows: Vec<(i64, i64)> = by_keys(&items, |items| {
            Ok(receipt_items::table
                .filter(receipt_items::programme_no.eq(programme.0))
                .filter(among(receipt_items::item, items))
                .group_by(receipt_items::item)
                .select((receipt_items::item, sql::<BigInt>("MAX(receipt_items.position)")))
                .load(self)?)
        })?;
        Ok(rows.into_iter().map(|(item, position)| (ItemId(item), position)).collect())
    }

    fn given(
        &mut self,
        programme: ProgrammeNo,
        booklets: &BTreeSet<BookletId>,
    ) -> Result<BTreeMap<BookletId, Given>, StoreError> {
        let items: Vec<Cell<'_>> = booklets.iter().map(|booklet| booklet.item().0.into()).collect();
        let rows: Vec<GivenColumns> = by_keys(&items, |items| {
            let by_receipt = receipts::programme_no
                .eq(receipt_items::programme_no)
                .and(receipts::position.eq(receipt_items::position));
            let joined = receipt_items::table
                .inner_join(receipts::table.on(by_receipt))
                .left_join(hand_outs::table.on(hand_outs::number.eq(receipts::number)));
            Ok(joined
                .filter(receipt_items::programme_no.eq(programme.0))
                .filter(among(receipt_items::item, items))
                .filter(receipts::kind.eq(Kind::HandOut.as_str()))
                .select((receipt_items::item, receipts::number, receipts::office, hand_outs::fingerprint.nullable()))
                .load(self)?)
        })?;
        let of_booklet = |(item, number, office, fingerprint)| (ItemId(item).booklet().0, number, office, fingerprint);
        let ids: Vec<Cell<'_>> = booklets.iter().map(|booklet| booklet.0.into()).collect();
        // Mailed to somebody, come back and mailed or handed to somebody else: what follows counts.
        let mut given: Vec<GivenColumns> = by_keys(&ids, |ids| {
            let of_letter =
                letters::programme_no.eq(applications::programme_no).and(letters::application.eq(applications::number));
            let mailed = letters::table
                .inner_join(applications::table.on(of_letter))
                .inner_join(receipts::table.on(receipts::number.eq(applications::last_receipt)));
            Ok(mailed
                .filter(letters::programme_no.eq(programme.0))
                .filter(among(letters::booklet_id, ids))
                .filter(applications::state.eq(ApplicationState::Delivered.as_str()))
                .order(letters::dispatch)
                .select((letters::booklet_id, receipts::number, receipts::office, applications::fingerprint.nullable()))
                .load(self)?)
        })?;
        given.extend(rows.into_iter().map(of_booklet));
        given.extend(by_keys(&ids, |ids| -> Result<Vec<GivenColumns>, StoreError> {
            Ok(replacements::table
                .filter(replacements::programme_no.eq(programme.0))
                .filter(among(replacements::replacement_id, ids))
                .select((
                    replacements::replacement_id,
                    replacements::number,
                    replacements::office,
                    replacements::fingerprint.nullable(),
                ))
                .load(self)?)
        })?);
        given.into_iter().map(read_given).collect()
    }

    fn held_of_order(
        &mut self,
        programme: ProgrammeNo,
        order: OrderId,
    ) -> Result<BTreeMap<Holder, Balance>, StoreError> {
        let rows: Vec<(String, i64, i64, i64)> = balances::table
            .filter(balances::programme_no.eq(programme.0))
            .filter(balances::batch_id.between(order.batch(0).0, order.batch(BatchId::LAST_SEQUENCE).0))
            .group_by(balances::holder)
            .select((
                balances::holder,
                sql::<BigInt>("CAST(SUM(balances.booklets) AS BIGINT)"),
                sql::<BigInt>("CAST(SUM(balances.passes) AS BIGINT)"),
                sql::<BigInt>("CAST(SUM(balances.value_cents) AS BIGINT)"),
            ))
            .load(self)?;
        let read = |(holder, booklets, passes, value): (String, i64, i64, i64)| {
            Ok((Holder::parse(programme, &holder)?, Balance { booklets, passes, value: Cents::new(value) }))
        };
        rows.into_iter().map(read).collect()
    }

    fn sweep(
        &mut self,
        order: &Order,
        holders: &BTreeSet<Holder>,
        most: u32,
    ) -> Result<(Vec<Booklet>, Vec<Pass>), StoreError> {
        let programme = order.id.programme();
        let holders: Vec<String> = holders.iter().map(ToString::to_string).collect();
        let rows: Vec<BookletRow> = booklets::table
            .filter(booklets::batch_id.between(order.id.batch(0).0, order.id.batch(BatchId::LAST_SEQUENCE).0))
            .filter(booklets::passes_left.gt(0))
            .filter(booklets::holder.eq_any(&holders))
            .order(booklets::id)
            .limit(most.into())
            .select(BookletRow::as_select())
            .load(self)?;
        let ends = [order.range.first(), order.range.last()].map(|number| BookletId::new(programme, number));
        let [first, last] = ends;
        let alone: Vec<(i64, Option<String>)> = passes::table
            .filter(passes::id.between(first.pass(1).0, last.pass(99).0))
            .filter(passes::holder.eq_any(&holders))
            .order(passes::id)
            .limit(most.into())
            .select((passes::id, passes::holder))
            .load(self)?;
        Ok((read_booklets(programme, rows)?, read_passes(programme, alone)?))
    }
}

/// Writes down what replaced what.
pub(super) fn save_replacements(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    granted: &[Appended],
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (body, record) in written_down(granted) {
        let Record::Replaced(replaced) = record else { continue };
        rows.push(ReplacementRow {
            replacement_id: replaced.replacement.0,
            original_id: replaced.original.0,
            programme_no: programme.0,
            number: &body.number,
            office: replaced.office.as_str(),
            fingerprint: &replaced.fingerprint,
        });
    }
    insert_all(out, &rows)
}
