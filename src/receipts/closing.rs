//! What a closing's receipt says, read back. What never lives here: whether it is true; that is [`super::replay`].

use super::{Body, Mention, Text};
use crate::domain::activity::{Activity, Sums};
use crate::domain::closing::{Closed, Period};
use crate::domain::time::Day;

fn text<'b, T: Text>(body: &'b Body<T>, name: &str) -> Option<&'b str> {
    match body.mentions.get(name)? {
        Mention::Text(text) => Some(text),
        Mention::Number(_) => None,
    }
}

/// The period, its last day, and what later closings take from this one; `hash` is that of the receipt.
#[must_use]
pub fn read<T: Text>(body: &Body<T>, hash: &str) -> Option<(Period, Day, Closed)> {
    let Some(Mention::Number(last_position)) = body.mentions.get("last_position") else { return None };
    let sums = |name| text(body, name).unwrap_or_default();
    let perpetual =
        Activity { kinds: Sums::parse(sums("perpetual_by_kind"))?, holders: Sums::parse(sums("perpetual_by_holder"))? };
    let closed = Closed {
        number: (*body.number).to_owned(),
        hash: hash.to_owned(),
        last_position: *last_position,
        last_hash: text(body, "last_hash")?.to_owned(),
        perpetual,
    };
    let (period, last_day) = (Period::parse(text(body, "period")?).ok()?, Day::parse(text(body, "last_day")?).ok()?);
    Some((period, last_day, closed))
}
