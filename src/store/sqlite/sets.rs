//! Sets of rows and of keys as SQLite takes them: every value bound by itself, in statements of a few lengths, so that
//! each is prepared once and then only bound. The twin of `postgres/sets.rs`. What never lives here: a table.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};

use super::Db;
use crate::store::cell::Cell;

/// Rows of one statement at most: 256 times 17 columns stays below SQLite's limit of 32 766 bound values.
const MOST_ROWS: usize = 256;
/// Keys of one statement at most.
const MOST_KEYS: usize = 1_024;

fn bind<'b>(cell: &'b Cell<'_>, out: &mut AstPass<'_, 'b, Db>) -> QueryResult<()> {
    match cell {
        Cell::Number(number) => out.push_bind_param::<BigInt, _>(number),
        Cell::Text(text) => out.push_bind_param::<Nullable<Text>, _>(text),
        Cell::Bytes(bytes) => out.push_bind_param::<Binary, _>(bytes),
        Cell::Flag(flag) => out.push_bind_param::<Bool, _>(flag),
    }
}

/// Rows as the source of one statement: `VALUES (…),(…)`, columns `column1`, `column2`, …
#[derive(Debug)]
pub(in crate::store) struct Rows<'a> {
    cells: &'a [Cell<'a>],
    width: usize,
}

impl<'a> Rows<'a> {
    /// Splits rows of so many cells into sets whose lengths are powers of two.
    pub(in crate::store) fn sets(mut cells: &'a [Cell<'a>], width: usize) -> impl Iterator<Item = Self> {
        std::iter::from_fn(move || {
            let rows = (cells.len() / width).min(MOST_ROWS);
            let length = 1_usize << rows.checked_ilog2()?;
            let (set, rest) = cells.split_at(length * width);
            cells = rest;
            Some(Self { cells: set, width })
        })
    }

    pub(in crate::store) const fn len(&self) -> usize {
        self.cells.len() / self.width
    }
}

impl QueryFragment<Db> for Rows<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.push_sql("VALUES ");
        for (place, row) in self.cells.chunks(self.width).enumerate() {
            out.push_sql(if place == 0 { "(" } else { ",(" });
            for (place, cell) in row.iter().enumerate() {
                if place > 0 {
                    out.push_sql(",");
                }
                bind(cell, &mut out)?;
            }
            out.push_sql(")");
        }
        Ok(())
    }
}

/// Keys to look for: the last is repeated until their number is a power of two.
#[derive(Debug, Clone)]
pub(in crate::store) struct Keys<'a>(Vec<Cell<'a>>);

impl<'a> Keys<'a> {
    /// Splits keys into sets for one statement each; none for no keys.
    pub(in crate::store) fn sets(keys: &[Cell<'a>]) -> impl Iterator<Item = Self> {
        keys.chunks(MOST_KEYS).map(|keys| {
            let repeated = keys.len().next_power_of_two() - keys.len();
            Self(keys.iter().chain(std::iter::repeat_n(keys.last(), repeated).flatten()).cloned().collect())
        })
    }
}

/// What follows a column that has one of the keys: ` IN (…)`.
impl QueryFragment<Db> for Keys<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        for (place, key) in self.0.iter().enumerate() {
            out.push_sql(if place == 0 { " IN (" } else { "," });
            bind(key, &mut out)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(rows: usize) -> Vec<usize> {
        let cells = vec![Cell::Number(1); rows * 3];
        Rows::sets(&cells, 3).map(|set| set.len()).collect()
    }

    #[test]
    fn rows_come_in_a_few_lengths_and_none_is_lost() {
        assert_eq!(lengths(0), Vec::<usize>::new());
        assert_eq!(lengths(1), [1]);
        assert_eq!(lengths(77), [64, 8, 4, 1]);
        assert_eq!(lengths(700), [256, 256, 128, 32, 16, 8, 4]);
        for rows in 0..1_000 {
            assert_eq!(lengths(rows).iter().sum::<usize>(), rows);
        }
    }

    #[test]
    fn keys_are_filled_up_with_the_last_of_them() {
        let keys: Vec<Cell<'_>> = (0_i64..1_027).map(Cell::from).collect();
        let sets: Vec<Vec<Cell<'_>>> = Keys::sets(&keys).map(|set| set.0).collect();
        assert_eq!(sets.iter().map(Vec::len).collect::<Vec<_>>(), [1_024, 4]);
        assert_eq!(sets[1], [1_024, 1_025, 1_026, 1_026].map(Cell::from));
        assert_eq!(Keys::sets(&[]).count(), 0);
    }
}
