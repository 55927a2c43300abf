//! What one may ask of the database about incidents. Implemented once per engine from one text. What never lives here:
//! SQL.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use crate::domain::facts::Balance;
use crate::domain::ids::{BookletId, ItemId, OrderId, ProgrammeNo};
use crate::domain::incidents::Given;
use crate::domain::party::Holder;
use crate::domain::programme::Order;
use crate::domain::stock::{Booklet, Pass};

type Found<T> = Result<T, StoreError>;

/// Who had what, and what became of it last.
pub trait IncidentReads {
    /// The position of the last receipt that moved each of these items; items that none moved are not there.
    fn last_moves(&mut self, programme: ProgrammeNo, items: &BTreeSet<ItemId>) -> Found<BTreeMap<ItemId, i64>>;
    /// The hand-out, or the replacement, by which each of these booklets reached somebody.
    fn given(&mut self, programme: ProgrammeNo, booklets: &BTreeSet<BookletId>) -> Found<BTreeMap<BookletId, Given>>;
    /// What each holder has of an order.
    fn held_of_order(&mut self, programme: ProgrammeNo, order: OrderId) -> Found<BTreeMap<Holder, Balance>>;
    /// Booklets with passes left, and single passes, of an order with these holders: at most so many of each, lowest
    /// numbers first.
    fn sweep(&mut self, order: &Order, holders: &BTreeSet<Holder>, most: u32) -> Found<(Vec<Booklet>, Vec<Pass>)>;
}
