//! What an archive carries of a database besides the sealed receipts: which tables, which of their columns, and what
//! stands in a rebuilt register for what is never carried (people, secrets, names of agents). What never lives here: SQL,
//! a file, or a receipt, which is carried in its own bytes.

mod applications;
mod columns;
mod journal;
mod left_out;
mod money;
mod parties;
mod places;
mod stock;
mod tables;

use sha2::{Digest, Sha256};

pub use self::left_out::{FROM_THE_JOURNAL, LEFT_OUT};
pub use self::stock::code_instead;
pub use self::tables::TABLES;

use super::error::StoreError;
use super::stored::{Appended, StoredSeal};
use crate::domain::ids::ProgrammeNo;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Number,
    Text,
    Flag,
    /// Written as hexadecimal digits.
    Bytes,
}

/// What stands for a value that is not carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    Nothing,
    Value(&'static str),
    /// The row's first column, with this after it.
    KeyAnd(&'static str),
    /// 64 hexadecimal digits that nobody's secret gives: SHA-256 over the table's name and the row's first column.
    Digest,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// `None` where the archive carries the value itself.
    pub instead: Option<Instead>,
}

/// Which rows belong to a programme: those whose column lies within both ends.
type Range = (&'static str, fn(ProgrammeNo) -> (i64, i64));

/// A table that is carried.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    pub name: &'static str,
    /// What its rows are, in French.
    pub title: &'static str,
    /// `None` for what all programmes of a register share.
    pub(super) of: Option<Range>,
    /// In this order rows are written: numbers or texts.
    pub(super) order: &'static [&'static str],
    pub columns: &'static [Column],
    /// Whether the rows are written from the receipts: only an archive of a whole journal has them, as they stand at its end.
    pub derived: bool,
}

impl Table {
    /// The columns that the archive has.
    pub fn carried(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().filter(|column| column.instead.is_none())
    }

    /// The values of a whole row, in the order of the columns, from those that the archive has; `None` is no value.
    pub(super) fn whole(&self, row: &[Option<String>]) -> Vec<Option<String>> {
        let key = row.first().cloned().flatten().unwrap_or_default();
        let mut values = row.iter().cloned();
        let value = |column: &Column| match column.instead {
            None => values.next().flatten(),
            Some(Instead::Nothing) => None,
            Some(Instead::Value(value)) => Some(value.to_owned()),
            Some(Instead::KeyAnd(after)) => Some(format!("{key}{after}")),
            Some(Instead::Digest) => Some(hex::encode(instead(self.name, &key))),
        };
        self.columns.iter().map(value).collect()
    }
}

/// See [`Instead::Digest`].
fn instead(table: &str, key: &str) -> [u8; 32] {
    Sha256::digest(format!("{table}\n{key}\n")).into()
}

/// A row as an archive has it: the carried columns in order, `None` for no value.
pub type CarriedRow = Vec<Option<String>>;

/// Rows as they come from the database, one at a time.
pub type CarriedRows<'a> = Box<dyn Iterator<Item = Result<CarriedRow, StoreError>> + 'a>;

/// Reads for an archive.
pub trait CarriedReads {
    /// All rows of the programme in the order of the table, the same on both engines: read once, however many they are, and
    /// never held at once.
    fn carried_rows(&mut self, table: &Table, programme: ProgrammeNo) -> Result<CarriedRows<'_>, StoreError>;
}

/// Writes into an empty register.
pub trait CarriedWrites {
    /// Inserts rows as [`CarriedReads::carried_rows`] gave them.
    fn load_rows(&mut self, table: &Table, rows: &[CarriedRow]) -> Result<(), StoreError>;
    /// Inserts receipts with their entries and items, and the seals among them.
    fn load_receipts(
        &mut self,
        programme: ProgrammeNo,
        receipts: &[Appended],
        seals: &[StoredSeal],
    ) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_was_carried_is_made_whole() {
        let users = TABLES.iter().find(|table| table.name == "users").unwrap();
        let row = ["u1", "o1", "auditor"].map(|value| Some(value.to_owned()));
        let whole = users.whole(&row);
        assert_eq!(whole.len(), users.columns.len());
        let of = |name: &str| {
            let place = users.columns.iter().position(|column| column.name == name).unwrap();
            whole[place].as_deref()
        };
        assert_eq!((of("id"), of("organisation_id"), of("role")), (Some("u1"), Some("o1"), Some("auditor")));
        assert_eq!((of("email"), of("active")), (Some("u1@archive.invalid"), Some("false")));
        assert_eq!(of("last_failure_millis"), None);
    }

    #[test]
    fn no_two_passes_of_a_rebuilt_register_share_a_digest() {
        let passes = TABLES.iter().find(|table| table.name == "passes").unwrap();
        let digest = |id: &str| passes.whole(&[Some(id.to_owned()), None])[1].clone().unwrap();
        assert_eq!(digest("100").len(), 64);
        assert_ne!(digest("100"), digest("101"));
    }
}
