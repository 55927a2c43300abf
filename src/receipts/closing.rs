//! What a closing's receipt says, read back. What never lives here: whether it is true; that is [`super::replay`].

use super::{Body, Mention, Text};
use crate::domain::activity::{Activity, Sums};
use crate::domain::closing::{Closed, Period};
use crate::domain::time::Day;

/// The period, its last day, and what later closings take from this one; `hash` is that of the receipt.
#[must_use]
pub fn read<T: Text>(body: &Body<T>, hash: &str) -> Option<(Period, Day, Closed)> {
    let Some(Mention::Number(last_position)) = body.mentions.get("last_position") else { return None };
    let sums = |name| body.mentioned_text(name).unwrap_or_default();
    let perpetual =
        Activity { kinds: Sums::parse(sums("perpetual_by_kind"))?, holders: Sums::parse(sums("perpetual_by_holder"))? };
    let closed = Closed {
        number: (*body.number).to_owned(),
        hash: hash.to_owned(),
        last_position: *last_position,
        last_hash: body.mentioned_text("last_hash")?.to_owned(),
        perpetual,
    };
    let (period, last_day) =
        (Period::parse(body.mentioned_text("period")?).ok()?, Day::parse(body.mentioned_text("last_day")?).ok()?);
    Some((period, last_day, closed))
}
