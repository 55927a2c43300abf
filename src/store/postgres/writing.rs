//! What a group writes, as PostgreSQL takes it: one statement for all, because each would cost a way there and back while
//! every other group waits at the door. The twin of `sqlite/writing.rs`. What never lives here: a table.

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection as _;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt};

use super::queries::AroundRows;
use super::sets::MOST_ROWS;
use super::{Conn, Db};
use crate::store::error::StoreError;

/// The statements of one group. No two may touch the same row: together they see the database as it was before any.
pub(in crate::store) struct Writing<'c> {
    conn: &'c mut Conn,
    waiting: Vec<AroundRows<'static>>,
}

impl<'c> Writing<'c> {
    pub(in crate::store) const fn on(conn: &'c mut Conn) -> Self {
        Self { conn, waiting: Vec::new() }
    }

    /// For a statement of another shape, which is not put off.
    pub(in crate::store) const fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Puts the statement off until the [end](Self::end), or until as many rows wait as one statement takes.
    pub(in crate::store) fn write(&mut self, statement: AroundRows<'_>) -> Result<(), StoreError> {
        let AroundRows { table, before, rows, after } = statement;
        self.waiting.push(AroundRows { table, before, rows: rows.into_owned(), after });
        let rows: usize = self.waiting.iter().map(|waiting| waiting.rows.len()).sum();
        if rows < MOST_ROWS { Ok(()) } else { self.write_waiting() }
    }

    /// Writes all rows, every one of which must count. Where this works, no statement before it has failed: the transaction
    /// would take no other.
    pub(in crate::store) fn end(mut self) -> Result<(), StoreError> {
        if self.waiting.is_empty() { Ok(self.conn.batch_execute("SELECT 1")?) } else { self.write_waiting() }
    }

    fn write_waiting(&mut self) -> Result<(), StoreError> {
        let waiting = std::mem::take(&mut self.waiting);
        let expected: Vec<_> = waiting.iter().map(|waiting| (waiting.table, waiting.rows.len())).collect();
        let written: Vec<i64> = Together(waiting).get_result(self.conn)?;
        for ((table, expected), written) in expected.into_iter().zip(written) {
            let written = usize::try_from(written).unwrap_or_default();
            if written != expected {
                return Err(StoreError::guard(table, expected, written));
            }
        }
        Ok(())
    }
}

/// Several statements as one, which answers how many rows each has written.
#[derive(Debug)]
struct Together(Vec<AroundRows<'static>>);

impl QueryId for Together {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Together {
    type SqlType = Array<BigInt>;
}

impl RunQueryDsl<Conn> for Together {}

impl QueryFragment<Db> for Together {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        for (place, statement) in self.0.iter().enumerate() {
            out.push_sql(if place == 0 { "WITH w" } else { ", w" });
            out.push_sql(&place.to_string());
            out.push_sql(" AS (");
            statement.walk_ast(out.reborrow())?;
            out.push_sql(" RETURNING 1)");
        }
        out.push_sql(" SELECT ARRAY[");
        for place in 0..self.0.len() {
            out.push_sql(if place == 0 { "(SELECT count(*) FROM w" } else { ", (SELECT count(*) FROM w" });
            out.push_sql(&place.to_string());
            out.push_sql(")");
        }
        out.push_sql("]");
        Ok(())
    }
}
