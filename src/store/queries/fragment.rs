//! The one statement diesel has no words for: many rows changed at once, each to its own value and each only if
//! it still is what it was. `UPDATE … FROM (VALUES …)` is the same text on both engines.

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Nullable, Text};

use super::super::super::error::StoreError;
use super::{Conn, Db, MOST_BINDS};

/// A bound value of a row.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    Number(i64),
    Text(Option<String>),
    Bytes(Vec<u8>),
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

struct FromValues<'a, const N: usize> {
    before: &'static str,
    rows: &'a [[Cell; N]],
    after: &'static str,
}

impl<const N: usize> QueryId for FromValues<'_, N> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<const N: usize> RunQueryDsl<Conn> for FromValues<'_, N> {}

impl<const N: usize> QueryFragment<Db> for FromValues<'_, N> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(self.before);
        out.push_sql(" FROM (VALUES ");
        for (index, row) in self.rows.iter().enumerate() {
            out.push_sql(if index == 0 { "(" } else { ",(" });
            for (index, cell) in row.iter().enumerate() {
                if index > 0 {
                    out.push_sql(",");
                }
                match cell {
                    Cell::Number(number) => out.push_bind_param::<BigInt, _>(number)?,
                    Cell::Text(text) => out.push_bind_param::<Nullable<Text>, _>(text)?,
                    Cell::Bytes(bytes) => out.push_bind_param::<Binary, _>(bytes)?,
                }
            }
            out.push_sql(")");
        }
        out.push_sql(") AS v WHERE ");
        out.push_sql(self.after);
        Ok(())
    }
}

/// Changes all `rows` or fails with a conflict: every row must still be what the `after` clause says it was.
pub(super) fn update_from<const N: usize>(
    conn: &mut Conn,
    table: &'static str,
    before: &'static str,
    rows: &[[Cell; N]],
    after: &'static str,
) -> Result<(), StoreError> {
    for rows in rows.chunks((MOST_BINDS / N).min(500)) {
        let changed = FromValues { before, rows, after }.execute(conn)?;
        if changed != rows.len() {
            return Err(StoreError::guard(table, rows.len(), changed));
        }
    }
    Ok(())
}
