//! What a group of acts changed, written as sets: new rows in multi-row inserts, changed rows in guarded updates
//! that name what they expect to find.

use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};

use super::super::super::cell::{Cell, stored_row};
use super::super::super::doors::StockWrites;
use super::super::super::error::StoreError;
use super::super::super::rows::{BatchRow, BookletRow, DispatchRow, ExceptionRow, HandOutRow, OrderRow, RedemptionRow};
use super::super::super::schema::{batches, orders};
use super::super::super::stored::{Appended, written_down};
use super::super::writing::Writing;
use super::Conn;
use super::closings::save_closings;
use super::devices::save_offline_uses;
use super::fragment::{insert_all, update_from};
use super::incidents::save_replacements;
use super::stock::print_nonce;
use crate::domain::facts::Facts;
use crate::domain::ids::{BatchId, ProgrammeNo};
use crate::domain::movement::Record;
use crate::domain::stock::CodeMac;

stored_row! {
    struct PassRow<'a> in "passes" {
        id: i64,
        code_mac: &'a [u8],
        holder: Option<String>,
    }
}

stored_row! {
    struct PersonRow<'a> in "people" {
        programme_no: i64,
        fingerprint: &'a [u8],
        passes: i64,
    }
}

stored_row! {
    struct SeriesRow<'a> in "series" {
        programme_no: i64,
        office: &'a str,
        year: i64,
        last_number: i64,
    }
}

stored_row! {
    struct BalanceRow in "balances" {
        programme_no: i64,
        holder: String,
        batch_id: i64,
        booklets: i64,
        passes: i64,
        value_cents: i64,
    }
}

impl StockWrites for Conn {
    fn take_print_nonce(&mut self, batch: BatchId) -> Result<Option<CodeMac>, StoreError> {
        let nonce = print_nonce(self, batch)?;
        let waiting = batches::table.find(batch.0).filter(batches::print_nonce.is_not_null());
        let taken = diesel::update(waiting).set(batches::print_nonce.eq(None::<Vec<u8>>)).execute(self)?;
        Ok(nonce.filter(|_| taken == 1))
    }
}

/// Writes what the acts changed. A batch and an order are written at once, what they bring and everything else in sets.
pub(super) fn save(out: &mut Writing<'_>, facts: &Facts, granted: &[Appended]) -> Result<(), StoreError> {
    let programme = facts.programme.no;
    super::erasure::save_erasures(out.conn(), programme, granted)?;
    super::people_keys::save(out.conn(), programme, granted)?;
    super::follow_ups::end(out.conn(), granted)?;
    super::nonces::destroy_served(out.conn(), facts)?;
    save_orders(out.conn(), programme, facts)?;
    save_deliveries(out, programme, facts, granted)?;
    save_booklets(out, facts)?;
    save_passes(out, facts)?;
    save_custody(out, programme, facts)?;
    save_people(out, programme, facts)?;
    super::duplicates::save(out, programme, granted)?;
    super::nonces::save(out, programme, facts, granted)?;
    super::follow_ups::save(out, programme, facts, granted)?;
    save_redemptions(out, programme, facts)?;
    save_replacements(out, programme, granted)?;
    save_offline_uses(out, programme, granted)?;
    super::applications::save(out, programme, facts, granted)?;
    super::claims::save(out, programme, facts, granted)?;
    super::payments::save(out, programme, facts, granted)?;
    super::statements::save(out, programme, facts, granted)?;
    super::ends::save(out, facts)?;
    save_balances(out, programme, facts)?;
    save_closings(out, programme, granted)?;
    save_series(out, programme, facts)
}

fn save_orders(conn: &mut Conn, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    for (id, row) in facts.orders.changed() {
        let after = OrderRow::new(programme, &row.now);
        match &row.loaded {
            // A handful per programme and year: an act places or touches one.
            None => {
                diesel::insert_into(orders::table).values(after).execute(conn)?;
            }
            Some(before) => {
                let expected = orders::table
                    .find(id.0)
                    .filter(orders::deliveries.eq(before.deliveries))
                    .filter(orders::delivered_booklets.eq(before.delivered_booklets));
                let changed = diesel::update(expected).set(after).execute(conn)?;
                if changed != 1 {
                    return Err(StoreError::guard("orders", 1, changed));
                }
            }
        }
    }
    Ok(())
}

fn save_deliveries(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    facts: &Facts,
    granted: &[Appended],
) -> Result<(), StoreError> {
    for (_, record) in written_down(granted) {
        let Record::BatchDelivered { batch, booklets: delivered, .. } = record else { continue };
        let row = BatchRow::new(programme, batch);
        diesel::insert_into(batches::table).values(row).execute(out.conn())?;
        let now = |new: &crate::domain::stock::NewBooklet| facts.booklets.get(&new.id).map(BookletRow::from);
        let rows: Vec<BookletRow> = delivered.iter().filter_map(now).collect();
        insert_all(out, &rows)?;
        let mut rows: Vec<PassRow<'_>> = Vec::new();
        for new in delivered {
            for (code_mac, rank) in new.code_macs.iter().zip(1_u8..) {
                let pass = new.id.pass(rank);
                let holder = facts.passes.get(&pass).and_then(|pass| pass.holder.as_ref()).map(ToString::to_string);
                rows.push(PassRow { id: pass.0, code_mac, holder });
            }
        }
        insert_all(out, &rows)?;
    }
    Ok(())
}

/// Booklets that changed hands, and those that only lost or regained passes: the second are many and leave the index
/// of holders alone.
fn save_booklets(out: &mut Writing<'_>, facts: &Facts) -> Result<(), StoreError> {
    let mut moved = Vec::new();
    let mut counted = Vec::new();
    for (id, row) in facts.booklets.changed() {
        let Some(before) = &row.loaded else { continue };
        let (holder, passes_left) = (before.holder.to_string(), i64::from(before.passes_left));
        let now = &row.now;
        if before.holder == now.holder && before.handed_out_on == now.handed_out_on {
            counted.push([Cell::Number(id.0), holder.into(), passes_left.into(), i64::from(now.passes_left).into()]);
        } else {
            moved.push([
                Cell::Number(id.0),
                holder.into(),
                passes_left.into(),
                i64::from(now.passes_left).into(),
                now.holder.to_string().into(),
                now.handed_out_on.map(|day| day.to_string()).into(),
            ]);
        }
    }
    let unchanged = "booklets.id = v.column1 AND booklets.holder = v.column2 AND booklets.passes_left = v.column3";
    update_from(out, "booklets", "UPDATE booklets SET passes_left = v.column4", &counted, unchanged)?;
    update_from(
        out,
        "booklets",
        "UPDATE booklets SET passes_left = v.column4, holder = v.column5, handed_out_on = v.column6",
        &moved,
        unchanged,
    )
}

fn save_passes(out: &mut Writing<'_>, facts: &Facts) -> Result<(), StoreError> {
    let to_cells = |(id, row): (&crate::domain::ids::PassId, &crate::domain::facts::Row<_>)| {
        let (before, now): (&crate::domain::stock::Pass, &crate::domain::stock::Pass) =
            (row.loaded.as_ref()?, &row.now);
        let text = |holder: &Option<crate::domain::party::Holder>| holder.as_ref().map(ToString::to_string);
        Some([Cell::Number(id.0), text(&before.holder).into(), text(&now.holder).into()])
    };
    let rows: Vec<[Cell<'_>; 3]> = facts.passes.changed().filter_map(to_cells).collect();
    update_from(
        out,
        "passes",
        "UPDATE passes SET holder = v.column3",
        &rows,
        "passes.id = v.column1 AND passes.holder IS NOT DISTINCT FROM v.column2",
    )
}

fn save_custody(out: &mut Writing<'_>, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    let opened = facts.dispatches.changed().map(|(_, row)| DispatchRow::new(programme, &row.now));
    let rows: Vec<DispatchRow> = opened.collect();
    insert_all(out, &rows)?;
    Ok(())
}

fn save_people(out: &mut Writing<'_>, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    let mut new = Vec::new();
    let mut known = Vec::new();
    for (fingerprint, row) in facts.people.changed() {
        match row.loaded {
            None => new.push(PersonRow { programme_no: programme.0, fingerprint, passes: row.now }),
            Some(before) => {
                known.push([Cell::Number(programme.0), Cell::from(fingerprint), before.into(), row.now.into()]);
            }
        }
    }
    insert_all(out, &new)?;
    update_from(
        out,
        "people",
        "UPDATE people SET passes = v.column4",
        &known,
        "people.programme_no = v.column1 AND people.fingerprint = v.column2 AND people.passes = v.column3",
    )?;
    let mut granted = Vec::new();
    let mut used = Vec::new();
    for (number, row) in facts.exceptions.changed() {
        match row.loaded {
            None => granted.push(ExceptionRow::new(programme, &row.now)),
            Some(_) => used.push([Cell::Number(programme.0), Cell::Number(*number)]),
        }
    }
    insert_all(out, &granted)?;
    update_from(
        out,
        "exceptions",
        "UPDATE exceptions SET used = TRUE",
        &used,
        "exceptions.programme_no = v.column1 AND exceptions.number = v.column2 AND NOT exceptions.used",
    )?;
    let kept = facts.hand_outs.iter().map(|(stamp, hand_out)| HandOutRow::new(programme, stamp, hand_out));
    let rows: Vec<HandOutRow<'_>> = kept.collect();
    insert_all(out, &rows)?;
    Ok(())
}

fn save_redemptions(out: &mut Writing<'_>, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    let mut new = Vec::new();
    let mut reversed = Vec::new();
    for (number, row) in facts.redemptions.changed() {
        match row.loaded {
            None => new.push(RedemptionRow::new(programme, number, &row.now)),
            Some(_) => reversed.push([Cell::from(number.clone())]),
        }
    }
    insert_all(out, &new)?;
    update_from(
        out,
        "redemptions",
        "UPDATE redemptions SET reversed = TRUE",
        &reversed,
        "redemptions.number = v.column1 AND NOT redemptions.reversed",
    )
}

fn save_balances(out: &mut Writing<'_>, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    let mut new = Vec::new();
    let mut known = Vec::new();
    for ((holder, batch), row) in facts.balances.changed() {
        let now = row.now;
        match row.loaded {
            None => new.push(BalanceRow {
                programme_no: programme.0,
                holder: holder.to_string(),
                batch_id: batch.0,
                booklets: now.booklets,
                passes: now.passes,
                value_cents: now.value.get(),
            }),
            Some(before) => known.push([
                Cell::Number(programme.0),
                holder.to_string().into(),
                Cell::Number(batch.0),
                before.passes.into(),
                before.value.get().into(),
                now.booklets.into(),
                now.passes.into(),
                now.value.get().into(),
            ]),
        }
    }
    insert_all(out, &new)?;
    update_from(
        out,
        "balances",
        "UPDATE balances SET booklets = v.column6, passes = v.column7, value_cents = v.column8",
        &known,
        "balances.programme_no = v.column1 AND balances.holder = v.column2 AND balances.batch_id = v.column3 \
         AND balances.passes = v.column4 AND balances.value_cents = v.column5",
    )
}

fn save_series(out: &mut Writing<'_>, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    let mut new = Vec::new();
    let mut known = Vec::new();
    for ((office, year), row) in facts.series.changed() {
        let year = i64::from(*year);
        match row.loaded {
            None => {
                new.push(SeriesRow { programme_no: programme.0, office: office.as_str(), year, last_number: row.now });
            }
            Some(before) => known.push([
                Cell::Number(programme.0),
                office.to_string().into(),
                year.into(),
                before.into(),
                row.now.into(),
            ]),
        }
    }
    insert_all(out, &new)?;
    update_from(
        out,
        "series",
        "UPDATE series SET last_number = v.column5",
        &known,
        "series.programme_no = v.column1 AND series.office = v.column2 AND series.year = v.column3 \
         AND series.last_number = v.column4",
    )
}
