//! What a group of acts changed, written as sets: new rows in multi-row inserts, changed rows in guarded updates
//! that name what they expect to find.

use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};

use super::super::super::doors::StockWrites;
use super::super::super::error::StoreError;
use super::super::super::rows::{BatchRow, BookletRow, DispatchRow, ExceptionRow, HandOutRow, OrderRow, RedemptionRow};
use super::super::super::schema::{
    balances, batches, booklets, dispatches, exceptions, hand_outs, orders, passes, people, redemptions, series,
};
use super::super::super::stored::Appended;
use super::fragment::{Cell, update_from};
use super::journal::insert_all;
use super::stock::print_nonce;
use super::{Conn, MOST_BINDS};
use crate::domain::facts::Facts;
use crate::domain::ids::{BatchId, ProgrammeNo};
use crate::domain::movement::Record;
use crate::domain::stock::CodeMac;

#[derive(diesel::Insertable)]
#[diesel(table_name = passes, treat_none_as_default_value = false)]
struct PassRow<'a> {
    id: i64,
    code_mac: &'a [u8],
    holder: Option<String>,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = people, treat_none_as_default_value = false)]
struct PersonRow<'a> {
    programme_no: i64,
    fingerprint: &'a [u8],
    passes: i64,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = series, treat_none_as_default_value = false)]
struct SeriesRow<'a> {
    programme_no: i64,
    office: &'a str,
    year: i64,
    last_number: i64,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = balances, treat_none_as_default_value = false)]
struct BalanceRow {
    programme_no: i64,
    holder: String,
    batch_id: i64,
    booklets: i64,
    passes: i64,
    value_cents: i64,
}

impl StockWrites for Conn {
    fn save(&mut self, facts: &Facts, granted: &[Appended]) -> Result<(), StoreError> {
        let programme = facts.programme.no;
        save_orders(self, programme, facts)?;
        save_deliveries(self, programme, facts, granted)?;
        save_booklets(self, facts)?;
        save_passes(self, facts)?;
        save_custody(self, programme, facts)?;
        save_people(self, programme, facts)?;
        save_redemptions(self, programme, facts)?;
        save_balances(self, programme, facts)?;
        save_series(self, programme, facts)
    }

    fn take_print_nonce(&mut self, batch: BatchId) -> Result<Option<CodeMac>, StoreError> {
        let nonce = print_nonce(self, batch)?;
        let waiting = batches::table.find(batch.0).filter(batches::print_nonce.is_not_null());
        let taken = diesel::update(waiting).set(batches::print_nonce.eq(None::<Vec<u8>>)).execute(self)?;
        Ok(nonce.filter(|_| taken == 1))
    }
}

fn save_orders(conn: &mut Conn, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    let mut new = Vec::new();
    for (id, row) in facts.orders.changed() {
        let after = OrderRow::new(programme, &row.now);
        match &row.loaded {
            None => new.push(after),
            // A handful per programme and year: a delivery or an activation touches one.
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
    insert_all!(conn, orders::table, 17, new);
    Ok(())
}

fn save_deliveries(
    conn: &mut Conn,
    programme: ProgrammeNo,
    facts: &Facts,
    granted: &[Appended],
) -> Result<(), StoreError> {
    for record in granted.iter().flat_map(|appended| &appended.movement.records) {
        let Record::BatchDelivered { batch, booklets: delivered, .. } = record else { continue };
        let row = BatchRow::new(programme, batch);
        diesel::insert_into(batches::table).values(row).execute(conn)?;
        let now = |new: &crate::domain::stock::NewBooklet| facts.booklets.get(&new.id).map(BookletRow::from);
        let rows: Vec<BookletRow> = delivered.iter().filter_map(now).collect();
        insert_all!(conn, booklets::table, 6, rows);
        let mut rows: Vec<PassRow<'_>> = Vec::new();
        for new in delivered {
            for (code_mac, rank) in new.code_macs.iter().zip(1_u8..) {
                let pass = new.id.pass(rank);
                let holder = facts.passes.get(&pass).and_then(|pass| pass.holder.as_ref()).map(ToString::to_string);
                rows.push(PassRow { id: pass.0, code_mac, holder });
            }
        }
        insert_all!(conn, passes::table, 3, rows);
    }
    Ok(())
}

fn save_booklets(conn: &mut Conn, facts: &Facts) -> Result<(), StoreError> {
    let to_cells = |(id, row): (&crate::domain::ids::BookletId, &crate::domain::facts::Row<_>)| {
        let (before, now): (&crate::domain::stock::Booklet, &crate::domain::stock::Booklet) =
            (row.loaded.as_ref()?, &row.now);
        Some([
            Cell::Number(id.0),
            before.holder.to_string().into(),
            i64::from(before.passes_left).into(),
            now.holder.to_string().into(),
            i64::from(now.passes_left).into(),
            now.handed_out_on.map(|day| day.to_string()).into(),
        ])
    };
    let rows: Vec<[Cell; 6]> = facts.booklets.changed().filter_map(to_cells).collect();
    update_from(
        conn,
        "booklets",
        "UPDATE booklets SET holder = v.column4, passes_left = v.column5, handed_out_on = v.column6",
        &rows,
        "booklets.id = v.column1 AND booklets.holder = v.column2 AND booklets.passes_left = v.column3",
    )
}

fn save_passes(conn: &mut Conn, facts: &Facts) -> Result<(), StoreError> {
    let to_cells = |(id, row): (&crate::domain::ids::PassId, &crate::domain::facts::Row<_>)| {
        let (before, now): (&crate::domain::stock::Pass, &crate::domain::stock::Pass) =
            (row.loaded.as_ref()?, &row.now);
        let text = |holder: &Option<crate::domain::party::Holder>| holder.as_ref().map(ToString::to_string);
        Some([Cell::Number(id.0), text(&before.holder).into(), text(&now.holder).into()])
    };
    let rows: Vec<[Cell; 3]> = facts.passes.changed().filter_map(to_cells).collect();
    update_from(
        conn,
        "passes",
        "UPDATE passes SET holder = v.column3",
        &rows,
        "passes.id = v.column1 AND passes.holder IS NOT DISTINCT FROM v.column2",
    )
}

fn save_custody(conn: &mut Conn, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    let opened = facts.dispatches.changed().map(|(_, row)| DispatchRow::new(programme, &row.now));
    let rows: Vec<DispatchRow> = opened.collect();
    insert_all!(conn, dispatches::table, 5, rows);
    Ok(())
}

fn save_people(conn: &mut Conn, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    let mut new = Vec::new();
    let mut known = Vec::new();
    for (fingerprint, row) in facts.people.changed() {
        match row.loaded {
            None => new.push(PersonRow { programme_no: programme.0, fingerprint, passes: row.now }),
            Some(before) => known.push([
                Cell::Number(programme.0),
                Cell::Bytes(fingerprint.to_vec()),
                before.into(),
                row.now.into(),
            ]),
        }
    }
    insert_all!(conn, people::table, 3, new);
    update_from(
        conn,
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
    insert_all!(conn, exceptions::table, 7, granted);
    update_from(
        conn,
        "exceptions",
        "UPDATE exceptions SET used = TRUE",
        &used,
        "exceptions.programme_no = v.column1 AND exceptions.number = v.column2 AND NOT exceptions.used",
    )?;
    let kept = facts.hand_outs.iter().map(|(stamp, hand_out)| HandOutRow::new(programme, stamp, hand_out));
    let rows: Vec<HandOutRow<'_>> = kept.collect();
    insert_all!(conn, hand_outs::table, 13, rows);
    Ok(())
}

fn save_redemptions(conn: &mut Conn, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    let mut new = Vec::new();
    let mut reversed = Vec::new();
    for (number, row) in facts.redemptions.changed() {
        match row.loaded {
            None => new.push(RedemptionRow::new(programme, number, &row.now)),
            Some(_) => reversed.push([Cell::from(number.clone())]),
        }
    }
    insert_all!(conn, redemptions::table, 9, new);
    update_from(
        conn,
        "redemptions",
        "UPDATE redemptions SET reversed = TRUE",
        &reversed,
        "redemptions.number = v.column1 AND NOT redemptions.reversed",
    )
}

fn save_balances(conn: &mut Conn, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
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
    insert_all!(conn, balances::table, 6, new);
    update_from(
        conn,
        "balances",
        "UPDATE balances SET booklets = v.column6, passes = v.column7, value_cents = v.column8",
        &known,
        "balances.programme_no = v.column1 AND balances.holder = v.column2 AND balances.batch_id = v.column3 \
         AND balances.passes = v.column4 AND balances.value_cents = v.column5",
    )
}

fn save_series(conn: &mut Conn, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
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
    insert_all!(conn, series::table, 4, new);
    update_from(
        conn,
        "series",
        "UPDATE series SET last_number = v.column5",
        &known,
        "series.programme_no = v.column1 AND series.office = v.column2 AND series.year = v.column3 \
         AND series.last_number = v.column4",
    )
}
