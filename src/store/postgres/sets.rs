//! Sets of rows and of keys as PostgreSQL takes them: one array for each column, so that one prepared statement serves
//! any number of rows. The twin of `sqlite/sets.rs`. What never lives here: a table.

use std::borrow::Cow;

use diesel::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, Text};

use super::Db;
use crate::store::cell::Cell;

/// Rows or keys of one statement at most, and rows that wait to be written together: a delivery of half a million passes as
/// one statement is held four times over on its way, half a gigabyte.
pub(super) const MOST_ROWS: usize = 4_096;

/// The cells of one column.
#[derive(Debug, Clone)]
enum Column<'a> {
    Numbers(Vec<i64>),
    Texts(Vec<Option<Cow<'a, str>>>),
    Bytes(Vec<Cow<'a, [u8]>>),
    Flags(Vec<bool>),
}

impl<'a> Column<'a> {
    /// The kind of the first cell is that of all: a column has one type.
    fn of(cells: impl Iterator<Item = &'a Cell<'a>> + Clone) -> Self {
        let first = cells.clone().next();
        let mut column = match first {
            Some(Cell::Text(_)) => Self::Texts(Vec::new()),
            Some(Cell::Bytes(_)) => Self::Bytes(Vec::new()),
            Some(Cell::Flag(_)) => Self::Flags(Vec::new()),
            Some(Cell::Number(_)) | None => Self::Numbers(Vec::new()),
        };
        cells.for_each(|cell| column.push(cell));
        column
    }

    fn push(&mut self, cell: &'a Cell<'a>) {
        match (self, cell) {
            (Self::Numbers(numbers), Cell::Number(number)) => numbers.push(*number),
            (Self::Texts(texts), Cell::Text(text)) => texts.push(text.as_deref().map(Cow::Borrowed)),
            (Self::Bytes(all), Cell::Bytes(bytes)) => all.push(Cow::Borrowed(bytes)),
            (Self::Flags(flags), Cell::Flag(flag)) => flags.push(*flag),
            // Columns would get different lengths, and the count of rows would convict the statement.
            (_, _) => debug_assert!(false, "a column of two types"),
        }
    }

    fn into_owned(self) -> Column<'static> {
        match self {
            Self::Numbers(numbers) => Column::Numbers(numbers),
            Self::Texts(texts) => {
                let owned = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
                Column::Texts(texts.into_iter().map(owned).collect())
            }
            Self::Bytes(all) => Column::Bytes(all.into_iter().map(|bytes| Cow::Owned(bytes.into_owned())).collect()),
            Self::Flags(flags) => Column::Flags(flags),
        }
    }

    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Db>) -> QueryResult<()> {
        match self {
            Self::Numbers(numbers) => out.push_bind_param::<Array<BigInt>, _>(numbers),
            Self::Texts(texts) => out.push_bind_param::<Array<Nullable<Text>>, _>(texts),
            Self::Bytes(bytes) => out.push_bind_param::<Array<Binary>, _>(bytes),
            Self::Flags(flags) => out.push_bind_param::<Array<Bool>, _>(flags),
        }
    }
}

/// Rows as the source of one statement: columns `column1`, `column2`, …
#[derive(Debug)]
pub(in crate::store) struct Rows<'a> {
    columns: Vec<Column<'a>>,
    length: usize,
}

impl<'a> Rows<'a> {
    /// Splits rows of so many cells into sets of as many as one statement takes; none for no rows.
    pub(in crate::store) fn sets(cells: &'a [Cell<'a>], width: usize) -> impl Iterator<Item = Self> {
        cells.chunks(MOST_ROWS * width).map(move |cells| {
            let column = |place| Column::of(cells.iter().skip(place).step_by(width));
            Self { columns: (0..width).map(column).collect(), length: cells.len() / width }
        })
    }

    pub(in crate::store) const fn len(&self) -> usize {
        self.length
    }

    /// The same, kept beyond the rows that they came from.
    pub(in crate::store) fn into_owned(self) -> Rows<'static> {
        let columns = self.columns.into_iter().map(Column::into_owned).collect();
        Rows { columns, length: self.length }
    }
}

impl QueryFragment<Db> for Rows<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.push_sql("SELECT * FROM unnest(");
        for (place, column) in self.columns.iter().enumerate() {
            if place > 0 {
                out.push_sql(",");
            }
            column.bind(&mut out)?;
        }
        for place in 1..=self.columns.len() {
            out.push_sql(if place == 1 { ") AS r (column" } else { ", column" });
            out.push_sql(&place.to_string());
        }
        out.push_sql(")");
        Ok(())
    }
}

/// Keys to look for.
#[derive(Debug, Clone)]
pub(in crate::store) struct Keys<'a>(Option<Column<'a>>);

impl<'a> Keys<'a> {
    /// Splits keys into sets for one statement each; none for no keys.
    pub(in crate::store) fn sets(keys: &'a [Cell<'a>]) -> impl Iterator<Item = Self> {
        keys.chunks(MOST_ROWS).map(Self::all)
    }

    /// All keys as one set, which may be empty.
    pub(in crate::store) fn all(keys: &'a [Cell<'a>]) -> Self {
        Self((!keys.is_empty()).then(|| Column::of(keys.iter())))
    }
}

/// What follows a column that has one of the keys: ` = ANY(…)`.
impl QueryFragment<Db> for Keys<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.push_sql(" = ANY(");
        match &self.0 {
            Some(keys) => keys.bind(&mut out)?,
            // Of whatever type the column is.
            None => out.push_sql("'{}'"),
        }
        out.push_sql(")");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_rows_is_one_array_for_each_column() {
        let cells = [1.into(), "a".into(), 2.into(), Cell::Text(None)];
        let sets: Vec<Rows<'_>> = Rows::sets(&cells, 2).collect();
        let [rows] = sets.as_slice() else { panic!("one set") };
        assert_eq!(rows.len(), 2);
        assert!(matches!(&rows.columns[0], Column::Numbers(numbers) if *numbers == [1, 2]));
        assert!(matches!(&rows.columns[1], Column::Texts(texts) if *texts == [Some("a".into()), None]));
        assert_eq!(Rows::sets(&[], 2).count(), 0);
    }

    #[test]
    fn rows_beyond_what_one_statement_takes_are_another_set() {
        let cells: Vec<Cell<'_>> = vec![1_i64.into(); 3 * MOST_ROWS + 3];
        let lengths: Vec<usize> = Rows::sets(&cells, 3).map(|rows| rows.len()).collect();
        assert_eq!(lengths, [MOST_ROWS, 1]);
    }
}
