//! When something of a booklet was spent: told by the receipts. What never lives here: what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{max, min};
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};

use super::super::super::cell::Cell;
use super::super::super::error::StoreError;
use super::super::super::schema::{booklets, receipt_items, receipts};
use super::Conn;
use super::fragment::{among, by_keys};
use crate::domain::ids::{BookletId, ItemId, ProgrammeNo};
use crate::domain::movement::Kind;
use crate::domain::time::Day;

/// The first and the last redemption, reversed or not, of a pass of each of these booklets; those without are not there.
pub(super) fn redemption_days(
    conn: &mut Conn,
    programme: ProgrammeNo,
    booklets: &BTreeSet<BookletId>,
) -> Result<BTreeMap<BookletId, (Day, Day)>, StoreError> {
    let keys: Vec<Cell<'_>> = booklets.iter().map(|booklet| booklet.0.into()).collect();
    let sizes: Vec<(i64, i64)> = by_keys(&keys, |keys| {
        let found = booklets::table.filter(among(booklets::id, keys)).select((booklets::id, booklets::size));
        Ok(found.load(conn)?)
    })?;
    let passes: Vec<Cell<'_>> = sizes
        .into_iter()
        .flat_map(|(id, size)| (1..=u8::try_from(size).unwrap_or(u8::MAX)).map(move |rank| BookletId(id).pass(rank)))
        .map(|pass| pass.0.into())
        .collect();
    let rows: Vec<(i64, Option<String>, Option<String>)> = by_keys(&passes, |passes| {
        let by_receipt =
            receipts::programme_no.eq(receipt_items::programme_no).and(receipts::position.eq(receipt_items::position));
        Ok(receipt_items::table
            .inner_join(receipts::table.on(by_receipt))
            .filter(receipt_items::programme_no.eq(programme.0))
            .filter(among(receipt_items::item, passes))
            .filter(receipts::kind.eq(Kind::Redemption.as_str()))
            .group_by(receipt_items::item)
            .select((receipt_items::item, min(receipts::day), max(receipts::day)))
            .load(conn)?)
    })?;
    let mut days = BTreeMap::<BookletId, (Day, Day)>::new();
    for (item, first, last) in rows {
        let Some((first, last)) = first.zip(last) else { continue };
        let (first, last) = (Day::parse(&first)?, Day::parse(&last)?);
        let of_booklet = days.entry(ItemId(item).booklet()).or_insert((first, last));
        *of_booklet = (first.min(of_booklet.0), last.max(of_booklet.1));
    }
    Ok(days)
}
