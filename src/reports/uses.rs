//! Booklets in people's hands, one after the other: when each was handed out or reached somebody by mail, and what of it was
//! spent. One that took the place of another goes on as that one. What never lives here: what a report makes of them.

use std::collections::BTreeMap;

use super::ReportError;
use super::letters::{Delivered, delivered};
use super::question::Question;
use super::replaced::{Replaced, Replacement, replaced};
use crate::domain::ids::{BookletId, ItemId};
use crate::domain::movement::Kind;
use crate::domain::time::Day;
use crate::store::{ItemEvent, StoreError};

const PAGE: i64 = 5_000;

/// The hand-out of a booklet: the position of its receipt, and the application where it came by mail.
pub(super) type Origin = (i64, Option<i64>);

/// A booklet in people's hands.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) booklet: BookletId,
    /// Those that took its place, one after the other.
    pub(super) replacements: Vec<BookletId>,
    /// Who handed it out, or had it mailed.
    pub(super) office: String,
    /// The day of the hand-out, or on which the letter arrived.
    pub(super) handed_out_on: Day,
    pub(super) origin: Origin,
    /// Passes spent, reversals deducted.
    pub(super) redeemed: i64,
    /// Whether some of it expired unspent.
    pub(super) expired: bool,
    /// The first day on which a pass was spent or given back.
    first_used_on: Option<Day>,
}

impl Use {
    fn new(event: ItemEvent) -> Self {
        let ItemEvent { item, position, office, day, .. } = event;
        Self::given(ItemId(item).booklet(), office, day, (position, None))
    }

    fn mailed(letter: Delivered) -> Self {
        Self::given(letter.booklet, letter.office, letter.on, (letter.position, Some(letter.application)))
    }

    fn in_place_of_another(replacement: Replacement) -> Self {
        let Replacement { booklet, position, office, day, .. } = replacement;
        Self::given(booklet, office, day, (position, None))
    }

    const fn given(booklet: BookletId, office: String, handed_out_on: Day, origin: Origin) -> Self {
        let replacements = Vec::new();
        Self { booklet, replacements, office, handed_out_on, origin, redeemed: 0, expired: false, first_used_on: None }
    }

    /// Goes on as another booklet, which took its place.
    fn going_on_as(mut self, other: &Self) -> Self {
        self.replacements.push(other.booklet);
        self.redeemed += other.redeemed;
        self.expired |= other.expired;
        self.first_used_on = [self.first_used_on, other.first_used_on].into_iter().flatten().min();
        self
    }

    /// It and those that took its place.
    pub(super) fn booklets(&self) -> impl Iterator<Item = &BookletId> {
        std::iter::once(&self.booklet).chain(&self.replacements)
    }

    /// The day of first use, where a pass that was spent still is.
    pub(super) fn started_on(&self) -> Option<Day> {
        self.first_used_on.filter(|_| self.redeemed > 0)
    }

    /// Days from the hand-out to the first use.
    pub(super) fn days_to_first_use(&self) -> Option<u32> {
        Some(self.started_on()?.days_since(self.handed_out_on))
    }
}

/// Follows every booklet that was handed out, page by page in order of serial; those that were replaced come last.
pub(super) fn each_use(question: &Question, tell: impl FnMut(Use)) -> Result<(), ReportError> {
    let whole = question.whole();
    let (letters, replaced) =
        question.store.read(|tx| Ok::<_, StoreError>((delivered(tx, question, whole)?, replaced(tx, whole)?)))?;
    let mailed = letters.into_iter().map(Use::mailed);
    let replacing = replaced.replacements.iter().cloned().map(Use::in_place_of_another);
    let others = mailed.chain(replacing).map(|given| (given.booklet, given)).collect();
    let (mut after, mut walk) = ((0, 0), Walk { others, replaced, families: BTreeMap::new(), current: None, tell });
    loop {
        let events = question.store.read(|tx| tx.uses_of_items(question.whole(), after, PAGE))?;
        let Some(last) = events.last() else { break };
        after = (last.item, last.position);
        for event in events {
            walk.follow(event);
        }
    }
    walk.end();
    Ok(())
}

/// The walk over events in order of serial.
struct Walk<T> {
    /// Booklets that no receipt of a hand-out gave, still to come: by mail, or in the place of another.
    others: BTreeMap<BookletId, Use>,
    replaced: Replaced,
    /// By the booklet of the hand-out, those that one person had one after the other.
    families: BTreeMap<BookletId, Vec<Use>>,
    current: Option<Use>,
    tell: T,
}

impl<T: FnMut(Use)> Walk<T> {
    fn follow(&mut self, event: ItemEvent) {
        let booklet = ItemId(event.item).booklet();
        while let Some(other) = self.others.first_entry().filter(|next| *next.key() <= booklet) {
            let given = other.remove();
            self.next(Some(given));
        }
        if event.kind == Kind::HandOut.as_str() {
            return self.next(Some(Use::new(event)));
        }
        let Some(current) = self.current.as_mut().filter(|current| current.booklet == booklet) else { return };
        match Kind::parse(&event.kind) {
            Ok(Kind::Expiry) => current.expired |= !self.replaced.is_void(ItemId(event.item)),
            kind => {
                current.redeemed += if kind == Ok(Kind::Reversal) { -1 } else { 1 };
                current.first_used_on = Some(current.first_used_on.map_or(event.day, |first| first.min(event.day)));
            }
        }
    }

    fn next(&mut self, booklet: Option<Use>) {
        let Some(done) = std::mem::replace(&mut self.current, booklet) else { return };
        match self.replaced.first_of(done.booklet) {
            None => (self.tell)(done),
            Some(first) => self.families.entry(first).or_default().push(done),
        }
    }

    fn end(mut self) {
        while let Some((_, given)) = self.others.pop_first() {
            self.next(Some(given));
        }
        self.next(None);
        for mut family in self.families.into_values() {
            family.sort_by_key(|one| one.origin);
            if let Some(whole) = family.into_iter().reduce(|whole, next| whole.going_on_as(&next)) {
                (self.tell)(whole);
            }
        }
    }
}
