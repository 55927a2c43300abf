//! Rows on their way into a statement: their cells, and which table and columns they are for. What never lives here:
//! how an engine is handed a set of rows; that is in `sqlite/sets.rs` and `postgres/sets.rs`.

use std::borrow::Cow;

/// One value of a row, borrowed from it where it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Cell<'a> {
    Number(i64),
    Text(Option<Cow<'a, str>>),
    Bytes(Cow<'a, [u8]>),
    Flag(bool),
}

/// A field of a row as a cell.
pub(in crate::store) trait AsCell {
    fn cell(&self) -> Cell<'_>;
}

impl AsCell for i64 {
    fn cell(&self) -> Cell<'_> {
        Cell::Number(*self)
    }
}

impl AsCell for bool {
    fn cell(&self) -> Cell<'_> {
        Cell::Flag(*self)
    }
}

impl AsCell for String {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(Some(Cow::Borrowed(self)))
    }
}

impl AsCell for &str {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(Some(Cow::Borrowed(self)))
    }
}

impl AsCell for Option<String> {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self.as_deref().map(Cow::Borrowed))
    }
}

impl AsCell for Vec<u8> {
    fn cell(&self) -> Cell<'_> {
        Cell::Bytes(Cow::Borrowed(self))
    }
}

impl AsCell for &[u8] {
    fn cell(&self) -> Cell<'_> {
        Cell::Bytes(Cow::Borrowed(self))
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(Cow::Borrowed(text)))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(Cow::Owned(text)))
    }
}

impl From<Option<String>> for Cell<'_> {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.map(Cow::Owned))
    }
}

impl<'a> From<&'a [u8; 32]> for Cell<'a> {
    fn from(digest: &'a [u8; 32]) -> Self {
        Self::Bytes(Cow::Borrowed(digest))
    }
}

/// A row that is inserted in sets.
pub(in crate::store) trait StoredRow {
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];

    /// Appends the cells, in the order of the columns.
    fn put<'a>(&'a self, cells: &mut Vec<Cell<'a>>);
}

/// Declares a row whose fields are called like the columns they go into, and says which table has them.
macro_rules! stored_row {
    (
        $(#[$meta:meta])*
        $vis:vis struct $row:ident $(<$life:lifetime>)? in $table:literal {
            $($field_vis:vis $column:ident: $type:ty),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis struct $row $(<$life>)? {
            $($field_vis $column: $type),+
        }

        impl $(<$life>)? $crate::store::cell::StoredRow for $row $(<$life>)? {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];

            fn put<'c>(&'c self, cells: &mut Vec<$crate::store::cell::Cell<'c>>) {
                use $crate::store::cell::AsCell as _;
                cells.extend([$(self.$column.cell()),+]);
            }
        }
    };
}
pub(in crate::store) use stored_row;
