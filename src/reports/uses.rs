//! Booklets in people's hands, one after the other: when each was handed out, and what of it was spent. What never lives here:
//! what a report makes of them.

use super::ReportError;
use super::question::Question;
use crate::domain::ids::{BookletId, ItemId};
use crate::domain::movement::Kind;
use crate::domain::time::Day;
use crate::store::ItemEvent;

const PAGE: i64 = 5_000;

/// A booklet in people's hands.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) booklet: BookletId,
    /// Of the receipt by which it was handed out.
    pub(super) position: i64,
    pub(super) prescriber: String,
    pub(super) handed_out_on: Day,
    /// Passes spent, reversals deducted.
    pub(super) redeemed: i64,
    /// The first day on which a pass was spent or given back.
    pub(super) first_used_on: Option<Day>,
}

/// Follows every booklet that was handed out, page by page in order of serial.
pub(super) fn each_use(question: &Question, mut tell: impl FnMut(Use)) -> Result<(), ReportError> {
    let mut after = (0, 0);
    let mut current: Option<Use> = None;
    loop {
        let events = question.store.read(|tx| tx.uses_of_items(question.whole(), after, PAGE))?;
        let Some(last) = events.last() else { break };
        after = (last.item, last.position);
        for event in events {
            if let Some(done) = follow(&mut current, event) {
                tell(done);
            }
        }
    }
    current.into_iter().for_each(tell);
    Ok(())
}

/// Takes an event in; the booklet before it, once the next one begins.
fn follow(current: &mut Option<Use>, event: ItemEvent) -> Option<Use> {
    let booklet = ItemId(event.item).booklet();
    if event.kind == Kind::HandOut.as_str() {
        let (position, prescriber, handed_out_on) = (event.position, event.office, event.day);
        return current.replace(Use { booklet, position, prescriber, handed_out_on, redeemed: 0, first_used_on: None });
    }
    if let Some(current) = current.as_mut().filter(|current| current.booklet == booklet) {
        current.redeemed += if event.kind == Kind::Reversal.as_str() { -1 } else { 1 };
        current.first_used_on = Some(current.first_used_on.map_or(event.day, |first| first.min(event.day)));
    }
    None
}
