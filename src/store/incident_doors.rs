//! What one may ask of the database about incidents. Implemented once per engine from one text. What never lives here:
//! SQL.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use crate::domain::ids::{BookletId, ItemId, ProgrammeNo};
use crate::domain::incidents::Given;

type Found<T> = Result<T, StoreError>;

/// Who had what, and what became of it last.
pub trait IncidentReads {
    /// The position of the last receipt that moved each of these items; items that none moved are not there.
    fn last_moves(&mut self, programme: ProgrammeNo, items: &BTreeSet<ItemId>) -> Found<BTreeMap<ItemId, i64>>;
    /// The hand-out, or the replacement, by which each of these booklets reached somebody.
    fn given(&mut self, programme: ProgrammeNo, booklets: &BTreeSet<BookletId>) -> Found<BTreeMap<BookletId, Given>>;
}
