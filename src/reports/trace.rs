//! One booklet followed through its receipts: where it is, and where each of its passes is, after each of them.
//! What never lives here: the present state tables; this is the second way to the same answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::refusal::Malformed;
use crate::domain::serial::{BookletSerial, PassSerial, SerialRange};
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;
use crate::receipts::{Body, Line};

/// What of a booklet a line moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Touch {
    /// The booklet with the passes that still go with it.
    Booklet,
    /// Single passes, by rank.
    Passes(BTreeSet<u8>),
}

/// What the line moves of booklet `number`; `None` where it does not concern it.
pub(super) fn touch(programme: &ShortCode, line: &Line, number: u32) -> Option<Touch> {
    let mut ranks = BTreeSet::new();
    for item in &line.items {
        if let Some((first, last)) = item.split_once("..") {
            let ends = (BookletSerial::parse(first), BookletSerial::parse(last));
            if let (Ok(first), Ok(last)) = ends
                && first.programme() == programme
                && SerialRange::between(&first, &last).is_ok_and(|range| range.contains(number))
            {
                return Some(Touch::Booklet);
            }
        } else if let Ok(pass) = PassSerial::parse(item) {
            if pass.booklet().programme() == programme && pass.booklet().number() == number {
                ranks.insert(pass.rank());
            }
        } else if BookletSerial::parse(item).is_ok_and(|it| it.programme() == programme && it.number() == number) {
            return Some(Touch::Booklet);
        }
    }
    (!ranks.is_empty()).then_some(Touch::Passes(ranks))
}

/// Where a booklet and its passes are.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// `None` before the delivery.
    pub(super) holder: Option<String>,
    pub(super) handed_out_on: Option<Day>,
    /// Passes that left the booklet, by rank.
    own: BTreeMap<u8, String>,
}

impl Trace {
    /// Where the pass is.
    pub(super) fn holder_of(&self, rank: u8) -> Option<&str> {
        self.own.get(&rank).or(self.holder.as_ref()).map(String::as_str)
    }

    /// Whether the pass has left its booklet.
    pub(super) fn is_apart(&self, rank: u8) -> bool {
        self.own.contains_key(&rank)
    }

    /// How many passes go with the booklet, of `size` printed.
    pub(super) fn left(&self, size: i64) -> i64 {
        size.saturating_sub(i64::try_from(self.own.len()).unwrap_or(i64::MAX))
    }

    /// Takes in a line that touches the booklet.
    pub(super) fn follow(&mut self, line: &Line, touch: &Touch, day: Day) {
        let in_circulation = line.to == "circulation";
        match touch {
            Touch::Booklet => {
                self.holder = Some(line.to.clone());
                if in_circulation {
                    self.handed_out_on = Some(day);
                }
            }
            Touch::Passes(ranks) => {
                for rank in ranks {
                    // A pass that comes back to where its booklet is goes with it again.
                    if self.holder.as_ref() == Some(&line.to) {
                        self.own.remove(rank);
                    } else {
                        self.own.insert(*rank, line.to.clone());
                    }
                }
            }
        }
    }

    /// Takes in a receipt.
    pub(super) fn follow_receipt(&mut self, programme: &ShortCode, body: &Body, number: u32, day: Day) {
        for line in &body.lines {
            if let Some(touch) = touch(programme, line, number) {
                self.follow(line, &touch, day);
            }
        }
    }
}

/// Where a booklet and its passes were after some of its receipts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookletThen {
    pub holder: String,
    pub handed_out_on: Option<Day>,
    /// Passes that had left the booklet, by rank, with where they were.
    pub departed: BTreeMap<u8, String>,
}

/// Follows a booklet through these receipts of it, in order; `None` before its delivery.
///
/// # Errors
/// [`Malformed`] for a receipt whose day cannot be read.
pub fn booklet_then<'r>(
    programme: &ShortCode,
    number: u32,
    receipts: impl Iterator<Item = &'r Body>,
) -> Result<Option<BookletThen>, Malformed> {
    let mut trace = Trace::default();
    for body in receipts {
        trace.follow_receipt(programme, body, number, Day::parse(&body.day)?);
    }
    let Trace { holder, handed_out_on, own } = trace;
    Ok(holder.map(|holder| BookletThen { holder, handed_out_on, departed: own }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serial(number: u32) -> String {
        BookletSerial::new(ShortCode::parse("HDF21").unwrap(), number).unwrap().to_string()
    }

    fn line(to: &str, items: Vec<String>) -> Line {
        let (batch, from) = ("1-1".to_owned(), "store".to_owned());
        Line { batch, from, to: to.to_owned(), booklets: 0, passes: 1, cents: 1000, items }
    }

    #[test]
    fn a_line_touches_a_booklet_alone_in_a_run_or_by_its_passes() {
        let programme = ShortCode::parse("HDF21").unwrap();
        let run = line("store", vec![format!("{}..{}", serial(3), serial(7)), serial(9)]);
        for (number, touched) in [(2, false), (3, true), (5, true), (7, true), (8, false), (9, true)] {
            assert_eq!(touch(&programme, &run, number).is_some(), touched, "{number}");
        }
        let passes = line("provider:CSC", vec![format!("{}/02", serial(4)), format!("{}/01", serial(5))]);
        assert_eq!(touch(&programme, &passes, 4), Some(Touch::Passes(BTreeSet::from([2]))));
        assert_eq!(touch(&programme, &passes, 6), None);
        assert_eq!(touch(&ShortCode::parse("HDF22").unwrap(), &passes, 4), None);
    }

    #[test]
    fn a_pass_that_was_spent_and_given_back_goes_with_its_booklet_again() {
        let day = Day::parse("2026-11-24").unwrap();
        let mut trace = Trace::default();
        trace.follow(&line("circulation", vec![serial(4)]), &Touch::Booklet, day);
        let second = Touch::Passes(BTreeSet::from([2]));
        trace.follow(&line("provider:CSC", vec![]), &second, day);
        assert_eq!((trace.holder_of(2), trace.holder_of(1)), (Some("provider:CSC"), Some("circulation")));
        assert_eq!((trace.left(10), trace.is_apart(2)), (9, true));
        trace.follow(&line("circulation", vec![]), &second, day);
        assert_eq!((trace.holder_of(2), trace.left(10)), (Some("circulation"), 10));
    }
}
