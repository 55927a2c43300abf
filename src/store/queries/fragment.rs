//! The statements diesel has no words for: many rows written at once, many rows changed at once, each to its own value
//! and each only if it still is what it was, and many keys looked for. Their texts are few, so that the engine prepares
//! each once: neither diesel's own batches nor its updates are ever kept prepared.
//! What never lives here: how an engine is handed a set; that is the engine's `sets`.

use std::borrow::Cow;

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool};

use super::super::super::cell::{Cell, StoredRow};
use super::super::super::error::StoreError;
use super::super::sets::{Keys, Rows};
use super::super::writing::Writing;
use super::{Conn, Db};

/// A statement around a set of rows.
#[derive(Debug)]
pub(in crate::store) struct AroundRows<'a> {
    pub(in crate::store) table: &'static str,
    pub(in crate::store) before: Cow<'static, str>,
    pub(in crate::store) rows: Rows<'a>,
    pub(in crate::store) after: [&'static str; 2],
}

impl QueryId for AroundRows<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<Conn> for AroundRows<'_> {}

impl QueryFragment<Db> for AroundRows<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.push_sql(&self.before);
        self.rows.walk_ast(out.reborrow())?;
        self.after.iter().for_each(|text| out.push_sql(text));
        Ok(())
    }
}

/// Inserts all `rows`.
pub(super) fn insert_all<R: StoredRow>(out: &mut Writing<'_>, rows: &[R]) -> Result<(), StoreError> {
    let mut cells = Vec::with_capacity(rows.len() * R::COLUMNS.len());
    for row in rows {
        row.put(&mut cells);
    }
    let into = format!("INSERT INTO {} ({}) ", R::TABLE, R::COLUMNS.join(", "));
    for rows in Rows::sets(&cells, R::COLUMNS.len()) {
        out.write(AroundRows { table: R::TABLE, before: Cow::Owned(into.clone()), rows, after: ["", ""] })?;
    }
    Ok(())
}

/// Changes all `rows` or fails with a conflict: every row must still be what the `after` clause says it was. The rows
/// are called `v`, their cells `column1`, `column2`, …
pub(super) fn update_from<const N: usize>(
    out: &mut Writing<'_>,
    table: &'static str,
    change: &'static str,
    rows: &[[Cell<'_>; N]],
    after: &'static str,
) -> Result<(), StoreError> {
    for rows in Rows::sets(rows.as_flattened(), N) {
        let before = Cow::Owned(format!("{change} FROM ("));
        out.write(AroundRows { table, before, rows, after: [") AS v WHERE ", after] })?;
    }
    Ok(())
}

/// Whether a column has one of the keys.
#[derive(Debug, Clone)]
pub(in crate::store) struct Among<'a, C> {
    column: C,
    keys: Keys<'a>,
}

/// Whether `column` has one of the keys.
pub(in crate::store) const fn among<C>(column: C, keys: Keys<'_>) -> Among<'_, C> {
    Among { column, keys }
}

/// Loads the rows of all `keys`, in as many statements as the engine needs.
pub(super) fn by_keys<'a, R>(
    keys: &'a [Cell<'a>],
    mut load: impl FnMut(Keys<'a>) -> Result<Vec<R>, StoreError>,
) -> Result<Vec<R>, StoreError> {
    let mut rows = Vec::new();
    for keys in Keys::sets(keys) {
        rows.append(&mut load(keys)?);
    }
    Ok(rows)
}

impl<C: QueryFragment<Db>> QueryFragment<Db> for Among<'_, C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        self.keys.walk_ast(out)
    }
}

impl<C> QueryId for Among<'_, C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> Expression for Among<'_, C> {
    type SqlType = Bool;
}

impl<C: SelectableExpression<QS>, QS> SelectableExpression<QS> for Among<'_, C> {}
impl<C: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for Among<'_, C> {}

impl<C> ValidGrouping<()> for Among<'_, C> {
    type IsAggregate = is_aggregate::No;
}

/// The sum of a column of integers, as an integer: PostgreSQL's own is none.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct SumOf<C>(C);

/// The sum of a column of integers.
pub(in crate::store) const fn sum_of<C>(column: C) -> SumOf<C> {
    SumOf(column)
}

impl<C: QueryFragment<Db>> QueryFragment<Db> for SumOf<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.push_sql("CAST(SUM(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS BIGINT)");
        Ok(())
    }
}

impl<C: 'static> QueryId for SumOf<C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: Expression<SqlType = BigInt>> Expression for SumOf<C> {
    type SqlType = BigInt;
}

impl<C: SelectableExpression<QS>, QS> SelectableExpression<QS> for SumOf<C> where Self: AppearsOnTable<QS> {}
impl<C: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for SumOf<C> where Self: Expression {}

impl<C, G> ValidGrouping<G> for SumOf<C> {
    type IsAggregate = is_aggregate::Yes;
}
