//! An event: something that happened, once, under an identifier that is for ever. What never lives here: who is told.

use serde::Serialize;

use super::applications::Told;
use crate::domain::ids::ProgrammeNo;
use crate::domain::places::ChangeKind;
use crate::domain::short_code::ShortCode;
use crate::store::{PlaceChange, Reads, ReceiptHead, StoreError, Window};

/// Something that happened, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where it stands among those of its topic: what a cursor counts.
    pub position: i64,
    pub body: EventBody,
}

/// What is told of it. The same event always has the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventBody {
    /// Told twice, it is the same event: `HDF21:42`, `places:7`, `HDF21:42:applications`.
    pub id: String,
    /// `receipt.hand_out`, `place.changed`, `applications.changed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// UTC, milliseconds.
    pub occurred_at: String,
    #[serde(flatten)]
    pub about: About,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum About {
    Receipt {
        programme: String,
        position: i64,
        receipt: String,
        day: String,
        office: String,
        booklets: i64,
        passes: i64,
        value_cents: i64,
        hash: String,
    },
    Applications {
        programme: String,
        position: i64,
        receipt: String,
        day: String,
        applications: Vec<Told>,
    },
    Place {
        no: i64,
        place_id: String,
        change: ChangeKind,
    },
}

impl Event {
    /// The event of a receipt.
    #[must_use]
    pub fn of_receipt(programme: &ShortCode, head: ReceiptHead) -> Self {
        let ReceiptHead { position, number, kind, at, day, office, booklets, passes, value_cents, hash } = head;
        let about = About::Receipt {
            programme: programme.to_string(),
            position,
            receipt: number,
            day: day.to_string(),
            office,
            booklets,
            passes,
            value_cents,
            hash,
        };
        let (id, kind) = (format!("{programme}:{position}"), format!("receipt.{kind}"));
        Self { position, body: EventBody { id, kind, occurred_at: at.to_string(), about } }
    }

    /// The event of a change of the registry of places.
    #[must_use]
    pub fn of_place(change: &PlaceChange) -> Self {
        let PlaceChange { no, place, kind, at } = change;
        let about = About::Place { no: *no, place_id: place.to_string(), change: *kind };
        let (id, kind) = (format!("places:{no}"), format!("place.{kind}"));
        Self { position: *no, body: EventBody { id, kind, occurred_at: at.to_string(), about } }
    }

    /// The kind of its receipt, where it is of one.
    #[must_use]
    pub fn receipt_kind(&self) -> Option<&str> {
        self.body.kind.strip_prefix("receipt.")
    }
}

/// What the journal holds after a position; none where that is its end.
pub(super) fn ahead(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    after: i64,
) -> Result<Option<Window>, StoreError> {
    let until = tx.journal(programme)?.map_or(0, |journal| journal.position);
    Ok((until > after).then_some(Window { programme, after, until }))
}

/// Up to where the journal was looked at: to the last that was found, where there may be more than was asked for.
pub(super) fn seen<T>(found: &[T], position: impl Fn(&T) -> i64, (limit, window): (i64, Window)) -> i64 {
    let full = i64::try_from(found.len()).is_ok_and(|count| count >= limit);
    found.last().filter(|_| full).map_or(window.until, position)
}

/// Events of a programme's receipts after a position, at most `limit`: those that `party` issued or that name it, where it
/// is given. And up to where the journal was looked at: what is not among them before that is none of the party's.
///
/// # Errors
/// [`StoreError`].
pub fn of_receipts(
    tx: &mut (impl Reads + ?Sized),
    (programme, code): (ProgrammeNo, &ShortCode),
    (after, limit): (i64, i64),
    party: Option<&ShortCode>,
) -> Result<(Vec<Event>, i64), StoreError> {
    let Some(window) = ahead(tx, programme, after)? else { return Ok((Vec::new(), after)) };
    let heads = tx.receipt_heads(window, party, limit)?;
    let seen = seen(&heads, |head| head.position, (limit, window));
    Ok((heads.into_iter().map(|head| Event::of_receipt(code, head)).collect(), seen))
}

/// The same of the registry of places.
pub(super) fn of_places(
    tx: &mut (impl Reads + ?Sized),
    (after, limit): (i64, i64),
) -> Result<(Vec<Event>, i64), StoreError> {
    let changes = tx.place_changes(after, limit)?;
    let seen = changes.last().map_or(after, |last| last.no);
    Ok((changes.iter().map(Event::of_place).collect(), seen))
}
