//! Incidents: who handed a booklet out, what replaced it, and which receipt moved a thing last.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::sql;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};
use diesel::sql_types::BigInt;

use super::super::super::cell::{Cell, stored_row};
use super::super::super::error::StoreError;
use super::super::super::incident_doors::IncidentReads;
use super::super::super::rows::mac;
use super::super::super::schema::{hand_outs, receipt_items, receipts, replacements};
use super::super::super::stored::Appended;
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all};
use crate::domain::ids::{BookletId, ItemId, ProgrammeNo};
use crate::domain::incidents::Given;
use crate::domain::movement::Record;
use crate::domain::short_code::ShortCode;

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

/// A booklet, and the number, office and person of its hand-out.
type GivenColumns = (i64, String, String, Vec<u8>);

fn read_given((booklet, number, office, fingerprint): GivenColumns) -> Result<(BookletId, Given), StoreError> {
    let given = Given { number, office: ShortCode::parse(&office)?, fingerprint: mac(&fingerprint)? };
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
                .inner_join(hand_outs::table.on(hand_outs::number.eq(receipts::number)));
            Ok(joined
                .filter(receipt_items::programme_no.eq(programme.0))
                .filter(among(receipt_items::item, items))
                .select((receipt_items::item, receipts::number, receipts::office, hand_outs::fingerprint))
                .load(self)?)
        })?;
        let of_booklet = |(item, number, office, fingerprint)| (ItemId(item).booklet().0, number, office, fingerprint);
        let mut given: Vec<GivenColumns> = rows.into_iter().map(of_booklet).collect();
        let ids: Vec<Cell<'_>> = booklets.iter().map(|booklet| booklet.0.into()).collect();
        given.extend(by_keys(&ids, |ids| -> Result<Vec<GivenColumns>, StoreError> {
            Ok(replacements::table
                .filter(replacements::programme_no.eq(programme.0))
                .filter(among(replacements::replacement_id, ids))
                .select((
                    replacements::replacement_id,
                    replacements::number,
                    replacements::office,
                    replacements::fingerprint,
                ))
                .load(self)?)
        })?);
        given.into_iter().map(read_given).collect()
    }
}

/// Writes down what replaced what.
pub(super) fn save_replacements(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    granted: &[Appended],
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for appended in granted {
        for record in &appended.movement.records {
            let Record::Replaced(replaced) = record else { continue };
            rows.push(ReplacementRow {
                replacement_id: replaced.replacement.0,
                original_id: replaced.original.0,
                programme_no: programme.0,
                number: &appended.receipt.body().number,
                office: replaced.office.as_str(),
                fingerprint: &replaced.fingerprint,
            });
        }
    }
    insert_all(out, &rows)
}
