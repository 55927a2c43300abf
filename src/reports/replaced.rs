//! Booklets that took the place of others in people's hands: to which hand-out they belong, through any number of replacements.
//! Receipts say it, so that erasure changes no figure. What never lives here: why one was replaced, or a person.

use std::collections::{BTreeMap, BTreeSet};

use super::question::mention;
use super::reconciliation::each_body;
use crate::domain::ids::{BookletId, ItemId, ProgrammeNo};
use crate::domain::items::read_items;
use crate::domain::movement::Kind;
use crate::domain::serial::read_booklet;
use crate::domain::time::Day;
use crate::receipts::Body;
use crate::store::{Reads, StoreError, Window};

/// A booklet that was given in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replacement {
    pub(super) booklet: BookletId,
    /// The booklet of the hand-out.
    pub(super) first: BookletId,
    /// Of the receipt.
    pub(super) position: i64,
    pub(super) office: String,
    pub(super) day: Day,
}

/// Every replacement of a window.
#[derive(Debug, Default)]
pub(super) struct Replaced {
    /// By booklet, the one of the hand-out: of those that replace, and of those that were replaced.
    firsts: BTreeMap<BookletId, BookletId>,
    /// In the order of the receipts.
    pub(super) replacements: Vec<Replacement>,
    /// Booklets that were replaced, and passes of replacements that are never to be spent: nobody loses what of them expires.
    void: BTreeSet<ItemId>,
}

/// Every replacement of a window.
pub(super) fn replaced(tx: &mut dyn Reads, window: Window) -> Result<Replaced, StoreError> {
    let mut all = Replaced::default();
    each_body(tx, window, &[Kind::Replacement], |body| all.take(window.programme, body))?;
    Ok(all)
}

impl Replaced {
    /// The booklet of the hand-out to which a booklet belongs, where there were several.
    pub(super) fn first_of(&self, booklet: BookletId) -> Option<BookletId> {
        self.firsts.get(&booklet).copied()
    }

    /// Whether a thing is out of everybody's hands since a replacement.
    pub(super) fn is_void(&self, item: ItemId) -> bool {
        self.void.contains(&item)
    }

    fn take(&mut self, programme: ProgrammeNo, body: &Body) -> Result<(), StoreError> {
        let unreadable = || StoreError::Corrupt(format!("what receipt {} replaces cannot be read", body.number));
        let (_, original) = read_booklet(&mention(body, "original")).ok_or_else(unreadable)?;
        let original = BookletId::new(programme, original);
        let first = self.first_of(original).unwrap_or(original);
        self.firsts.insert(original, first);
        for line in &body.lines {
            for item in
                line.items.iter().map(|text| read_items(programme, text)).collect::<Result<Vec<_>, _>>()?.concat()
            {
                if line.to != "circulation" {
                    self.void.insert(item);
                    continue;
                }
                let (booklet, position) = (item.booklet(), body.position);
                let (office, day) = (body.office.code.clone(), Day::parse(&body.day)?);
                self.firsts.insert(booklet, first);
                self.replacements.push(Replacement { booklet, first, position, office, day });
            }
        }
        Ok(())
    }
}
