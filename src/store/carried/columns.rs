//! How a column of a table is described, and which rows belong to a programme. What never lives here: a table.

use super::{Column, Instead, Kind, Range, Table};
use crate::domain::ids::BookletId;
use crate::domain::serial::LAST_NUMBER;

pub(super) const fn carried(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, instead: None }
}
pub(super) const fn number(name: &'static str) -> Column {
    carried(name, Kind::Number)
}
pub(super) const fn text(name: &'static str) -> Column {
    carried(name, Kind::Text)
}
pub(super) const fn flag(name: &'static str) -> Column {
    carried(name, Kind::Flag)
}
pub(super) const fn left(name: &'static str, kind: Kind, instead: Instead) -> Column {
    Column { name, kind, instead: Some(instead) }
}

pub(super) const PROGRAMME: Option<Range> = Some(("programme_no", |programme| (programme.0, programme.0)));
pub(super) const NUMBERED: Option<Range> = Some(("no", |programme| (programme.0, programme.0)));
pub(super) const BY_BOOKLET: Option<Range> =
    Some(("id", |programme| (BookletId::new(programme, 0).0, BookletId::new(programme, LAST_NUMBER).0)));
pub(super) const BY_PASS: Option<Range> = Some(("id", |programme| {
    (BookletId::new(programme, 0).pass(0).0, BookletId::new(programme, LAST_NUMBER).pass(99).0)
}));

/// A programme's own settings: one document, with a version that counts the changes.
pub(super) const fn rules(name: &'static str, title: &'static str) -> Table {
    const COLUMNS: &[Column] = &[number("programme_no"), text("document"), number("version")];
    Table { name, title, of: PROGRAMME, order: &["programme_no"], derived: false, columns: COLUMNS }
}
