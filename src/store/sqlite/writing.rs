//! What a group writes, as SQLite takes it: each statement as it comes, for none of them travels. The twin of
//! `postgres/writing.rs`. What never lives here: a table.

use diesel::RunQueryDsl;

use super::Conn;
use super::queries::AroundRows;
use crate::store::error::StoreError;

/// The statements of one group.
pub(in crate::store) struct Writing<'c> {
    conn: &'c mut Conn,
}

impl<'c> Writing<'c> {
    pub(in crate::store) const fn on(conn: &'c mut Conn) -> Self {
        Self { conn }
    }

    /// For a statement of another shape, which is not put off.
    pub(in crate::store) const fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Writes the rows, every one of which must count.
    pub(in crate::store) fn write(&mut self, statement: AroundRows<'_>) -> Result<(), StoreError> {
        let (table, expected) = (statement.table, statement.rows.len());
        let written = statement.execute(self.conn)?;
        if written == expected { Ok(()) } else { Err(StoreError::guard(table, expected, written)) }
    }

    /// Nothing waits.
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the other engine has something to do here")]
    pub(in crate::store) const fn end(self) -> Result<(), StoreError> {
        Ok(())
    }
}
