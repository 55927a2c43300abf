//! Booklets allocated among prescribers by one receipt: several sendings, each a transit of its own. What never lives here:
//! by what key.

use std::collections::BTreeMap;

use super::super::{Body, Break, Text};
use super::kinds::counting;
use super::records::{text, wrong};
use super::{Replay, Transit};
use crate::domain::short_code::ShortCode;

/// The sendings of a receipt: by the holder in transit, who gives and how many booklets.
#[derive(Debug, Default)]
pub(super) struct Sendings(BTreeMap<String, (String, i64)>);

fn is_prescriber(holder: &str) -> bool {
    holder.strip_prefix("prescriber:").is_some_and(ShortCode::is_one)
}

impl Replay {
    /// Opens the transits of an allocation.
    pub(super) fn allocate<T: Text>(&mut self, body: &Body<T>) -> Result<Sendings, Break> {
        let mut sendings = BTreeMap::new();
        for sending in text(body, "sendings")?.split("; ") {
            let words: Vec<&str> = sending.split(' ').collect();
            let [number, from, to, booklets] = words.as_slice() else { return Err(wrong("sendings")) };
            let (number, booklets) = (counting(number), counting(booklets));
            let (Some(number), Some(booklets)) = (number, booklets) else { return Err(wrong("sendings")) };
            if !(is_prescriber(to) && (*from == "store" || is_prescriber(from))) {
                return Err(wrong("sendings"));
            }
            if from == to {
                return Err(Break::new("same_holder", format!("{from} s'envoie à soi-même")));
            }
            let holders = &mut self.stock.holders;
            let opened = Transit { origin: holders.number(from), destination: holders.number(to) };
            if self.transits.insert(number, opened).is_some() {
                return Err(Break::new("transit_reused", format!("transit:{number} a déjà servi")));
            }
            sendings.insert(format!("transit:{number}"), ((*from).to_owned(), booklets));
        }
        Ok(Sendings(sendings))
    }
}

impl Sendings {
    /// Whether a line goes the way of one of them.
    pub(super) fn go(&self, from: &str, to: &str) -> bool {
        self.0.get(to).is_some_and(|(giver, _)| giver == from)
    }

    /// Each carries as many booklets as it says.
    pub(super) fn check<T: Text>(&self, body: &Body<T>) -> Result<(), Break> {
        let carried = |transit: &String| {
            let lines = body.lines.iter().filter(|line| *line.to == **transit);
            lines.map(|line| line.booklets).sum::<i64>()
        };
        if self.0.iter().all(|(transit, (_, booklets))| carried(transit) == *booklets) {
            return Ok(());
        }
        Err(Break::new("sendings", "un envoi n'emporte pas les carnets qu'il dit"))
    }
}
