//! Booklets in people's hands, one after the other: when each was handed out or reached somebody by mail, and what of it was
//! spent. What never lives here: what a report makes of them.

use std::collections::BTreeMap;

use super::ReportError;
use super::letters::{Delivered, delivered};
use super::question::Question;
use crate::domain::ids::{BookletId, ItemId};
use crate::domain::movement::Kind;
use crate::domain::time::Day;
use crate::store::ItemEvent;

const PAGE: i64 = 5_000;

/// The hand-out of a booklet: the position of its receipt, and the application where it came by mail.
pub(super) type Origin = (i64, Option<i64>);

/// A booklet in people's hands.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) booklet: BookletId,
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

    const fn given(booklet: BookletId, office: String, handed_out_on: Day, origin: Origin) -> Self {
        Self { booklet, office, handed_out_on, origin, redeemed: 0, expired: false, first_used_on: None }
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

/// Follows every booklet that was handed out, page by page in order of serial.
pub(super) fn each_use(question: &Question, tell: impl FnMut(Use)) -> Result<(), ReportError> {
    let letters = question.store.read(|tx| delivered(tx, question, question.whole()))?;
    let letters = letters.into_iter().map(|letter| (letter.booklet, letter)).collect();
    let (mut after, mut walk) = ((0, 0), Walk { letters, current: None, tell });
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

/// The walk over events in order of serial, with the letters still to come.
struct Walk<T> {
    letters: BTreeMap<BookletId, Delivered>,
    current: Option<Use>,
    tell: T,
}

impl<T: FnMut(Use)> Walk<T> {
    fn follow(&mut self, event: ItemEvent) {
        let booklet = ItemId(event.item).booklet();
        while let Some(letter) = self.letters.first_entry().filter(|next| *next.key() <= booklet) {
            let mailed = Use::mailed(letter.remove());
            self.next(Some(mailed));
        }
        if event.kind == Kind::HandOut.as_str() {
            return self.next(Some(Use::new(event)));
        }
        let Some(current) = self.current.as_mut().filter(|current| current.booklet == booklet) else { return };
        match Kind::parse(&event.kind) {
            Ok(Kind::Expiry) => current.expired = true,
            kind => {
                current.redeemed += if kind == Ok(Kind::Reversal) { -1 } else { 1 };
                current.first_used_on = Some(current.first_used_on.map_or(event.day, |first| first.min(event.day)));
            }
        }
    }

    fn next(&mut self, booklet: Option<Use>) {
        if let Some(done) = std::mem::replace(&mut self.current, booklet) {
            (self.tell)(done);
        }
    }

    fn end(mut self) {
        while let Some((_, letter)) = self.letters.pop_first() {
            self.next(Some(Use::mailed(letter)));
        }
        self.next(None);
    }
}
