//! What an archive carries, table by table: read as texts, written back from them. Both statements are made from the
//! table's description, never from what somebody says.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};

use super::super::super::carried::{CarriedReads, CarriedRow, CarriedRows, CarriedWrites, Column, Kind, Table};
use super::super::super::cell::Cell;
use super::super::super::error::StoreError;
use super::super::super::stored::{Appended, StoredSeal};
use super::super::sets::Rows;
use super::super::writing::Writing;
use super::fragment::AroundRows;
use super::journal::{append, insert_seals};
use super::{BYTE_ORDER, Conn, OneByOne, bytes_of, hex_of};
use crate::domain::ids::ProgrammeNo;

/// Between two values: no text of the register may hold a control character.
const BETWEEN: char = '\u{1f}';
/// A value that is not there: no text of the register is this one.
const NOTHING: &str = "\u{1e}";

#[derive(Debug, QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn as_text(column: &Column) -> String {
    let name = column.name;
    let text = match column.kind {
        Kind::Number | Kind::Text => format!("CAST({name} AS TEXT)"),
        Kind::Flag => format!("CASE WHEN {name} IS NULL THEN NULL WHEN {name} THEN 'true' ELSE 'false' END"),
        Kind::Bytes => hex_of(name),
    };
    format!("COALESCE({text}, '{NOTHING}')")
}

/// The carried text `column<place>` of a row, as the column takes it.
fn from_text(column: &Column, place: usize) -> String {
    match column.kind {
        Kind::Number => format!("CAST(v.column{place} AS BIGINT)"),
        Kind::Text => format!("v.column{place}"),
        Kind::Flag => format!("(v.column{place} = 'true')"),
        Kind::Bytes => bytes_of(&format!("v.column{place}")),
    }
}

impl CarriedReads for Conn {
    fn carried_rows(&mut self, table: &Table, programme: ProgrammeNo) -> Result<CarriedRows<'_>, StoreError> {
        let texts: Vec<String> = table.carried().map(as_text).collect();
        let line = texts.join(&format!(" || '{BETWEEN}' || "));
        let within = table.of.map_or(String::new(), |(column, range)| {
            let (first, last) = range(programme);
            format!(" WHERE {column} BETWEEN {first} AND {last}")
        });
        let is_text = |name: &str| table.columns.iter().any(|one| one.name == name && one.kind == Kind::Text);
        let key = |name: &&str| if is_text(name) { format!("{name}{BYTE_ORDER}") } else { (*name).to_owned() };
        let order: Vec<String> = table.order.iter().map(key).collect();
        let query = format!("SELECT {line} AS line FROM {}{within} ORDER BY {}", table.name, order.join(", "));
        let lines = diesel::sql_query(query).load_iter::<Line, OneByOne>(self)?;
        let (name, width) = (table.name, texts.len());
        let value = |text: &str| (text != NOTHING).then(|| text.to_owned());
        Ok(Box::new(lines.map(move |line| {
            let row: CarriedRow = line?.line.split(BETWEEN).map(value).collect();
            let mixed = || StoreError::Corrupt(format!("a row of {name} holds a control character"));
            if row.len() == width { Ok(row) } else { Err(mixed()) }
        })))
    }
}

impl CarriedWrites for Conn {
    fn load_rows(&mut self, table: &Table, rows: &[CarriedRow]) -> Result<(), StoreError> {
        let cells: Vec<Cell<'_>> = rows.iter().flat_map(|row| table.whole(row)).map(Cell::from).collect();
        let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let values: Vec<String> =
            table.columns.iter().zip(1..).map(|(column, place)| from_text(column, place)).collect();
        let into = format!("INSERT INTO {} ({}) SELECT {} FROM (", table.name, names.join(", "), values.join(", "));
        let mut out = Writing::on(self);
        for rows in Rows::sets(&cells, table.columns.len()) {
            out.write(AroundRows {
                table: table.name,
                before: into.clone().into(),
                rows,
                after: [") AS v", " WHERE TRUE"],
            })?;
        }
        out.end()
    }

    fn load_receipts(
        &mut self,
        programme: ProgrammeNo,
        receipts: &[Appended],
        seals: &[StoredSeal],
    ) -> Result<(), StoreError> {
        let mut out = Writing::on(self);
        append(&mut out, programme, receipts)?;
        insert_seals(&mut out, programme, seals)?;
        out.end()
    }
}
