//! What the doors hand over: rows in the words of the journal and of access. What never lives here: SQL.

use std::sync::Arc;

use super::error::StoreError;
use crate::domain::closing::Period;
use crate::domain::facts::{Counters, Facts};
use crate::domain::ids::{BatchId, ProgrammeNo, UserId};
use crate::domain::items::read_items;
use crate::domain::money::Cents;
use crate::domain::movement::{Kind, Line, Movement, Record};
use crate::domain::party::{Holder, Role};
use crate::domain::refusal::Malformed;
use crate::domain::short_code::ShortCode;
use crate::domain::time::{Day, Instant};
use crate::receipts::{self, Body, Receipt, canonical};

/// A refresh token as stored: only its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRefresh {
    pub digest: String,
    pub session: String,
    pub user: UserId,
    pub expires: Instant,
    pub used: bool,
    pub revoked: bool,
}

/// A request as the log of accesses keeps it: who, when and which address, never what was in a query or a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedAccess {
    /// A version 7 UUID: in order of time.
    pub id: String,
    pub at: Instant,
    pub user: UserId,
    pub role: Role,
    pub method: String,
    /// The address as the table of routes has it.
    pub route: String,
    /// The address that was asked for, without its query.
    pub path: String,
    /// HTTP status of the answer.
    pub status: i64,
    pub programme: Option<String>,
    /// The receipt that left as a document.
    pub number: Option<String>,
    /// In which form something left: `html`, `pdf`, `csv` or `xml`; `person`, where what is known of somebody was told.
    pub form: Option<String>,
}

/// How often a receipt left as a document of one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copies {
    pub form: String,
    pub count: i64,
    pub first: Instant,
    pub last: Instant,
}

/// How often a receipt left as a page or a PDF by people of one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiesByRole {
    pub number: String,
    pub role: Role,
    pub html: i64,
    pub pdf: i64,
    pub first: Instant,
    pub last: Instant,
}

/// The journal row: where the programme's journal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    pub position: i64,
    pub head: String,
    pub at: Instant,
    pub counters: Counters,
}

/// The answer once given to an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReply {
    pub key_digest: String,
    pub fingerprint: String,
    pub at: Instant,
    /// JSON text of the ledger's own making.
    pub outcome: String,
}

/// That nothing before a group's record had failed unseen. Only [`JournalWrites::record`](super::JournalWrites::record) says
/// so, and nothing may be asked of the transaction after it: an error there would be seen by nobody.
#[derive(Debug)]
#[must_use]
pub struct Recorded(pub(super) ());

/// The signature over the head of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSeal {
    pub position: i64,
    pub hash: String,
    pub key_id: String,
    pub signature: String,
}

/// A closing as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredClosing {
    pub period: Period,
    pub first_day: Day,
    pub last_day: Day,
    /// One more than `last_position` where nothing was recorded.
    pub first_position: i64,
    pub last_position: i64,
    /// Of its own receipt.
    pub position: i64,
}

/// What a witness has signed of a journal's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCosignature {
    /// The name of its key.
    pub witness: String,
    /// Of the tree.
    pub origin: String,
    /// Receipts in the tree that it signed.
    pub size: i64,
    /// Seconds since 1970.
    pub signed_at_seconds: i64,
    /// The line of a signed note.
    pub line: String,
}

/// A receipt as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReceipt {
    pub position: i64,
    pub number: String,
    pub kind: String,
    pub hash: String,
    /// The sealed bytes.
    pub body: String,
}

impl StoredReceipt {
    /// What it says.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the bytes are not a receipt's.
    pub fn said(&self) -> Result<Body, StoreError> {
        canonical::read(&self.body).map_err(|found| StoreError::Corrupt(found.at(self.position).to_string()))
    }
}

/// Which receipts a list shows.
#[derive(Debug, Clone, Default)]
pub struct ReceiptFilter {
    /// Only those that this organisation issued or that name it as a holder.
    pub party: Option<ShortCode>,
    pub kind: Option<String>,
    pub from_day: Option<Day>,
    pub until_day: Option<Day>,
}

/// A refused scan, ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredScan {
    pub id: String,
    pub at: Instant,
    pub day: Day,
    pub office: String,
    pub venue: String,
    pub service: String,
    pub code: String,
    pub serials: String,
    pub unknown_codes: i64,
}

/// Somebody who was sent away, ready to be kept without the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRefusedHandOut {
    pub id: String,
    pub at: Instant,
    pub day: Day,
    pub office: String,
    pub code: String,
    pub rule_version: String,
    /// Codes with a space between them.
    pub lacking: String,
}

/// A granted act, ready to be appended.
#[derive(Debug, Clone)]
pub struct Appended {
    pub receipt: Arc<Receipt>,
    pub movement: Movement,
    pub at: Instant,
    pub day: Day,
}

impl Appended {
    /// A receipt that was granted by another register, as it is appended to this one: its lines are its movement.
    ///
    /// # Errors
    /// [`Malformed`] for a kind, a batch, a holder or a serial that this program does not know.
    pub fn carried(programme: ProgrammeNo, receipt: Receipt) -> Result<Self, Malformed> {
        let body = receipt.body();
        let line = |line: &receipts::Line| {
            let items = line.items.iter().map(|text| read_items(programme, text));
            Ok::<_, Malformed>(Line {
                batch: BatchId::parse(programme, &line.batch)?,
                from: Holder::parse(programme, &line.from)?,
                to: Holder::parse(programme, &line.to)?,
                items: items.collect::<Result<Vec<_>, _>>()?.concat(),
                booklets: line.booklets,
                passes: line.passes,
                value: Cents::new(line.cents),
            })
        };
        let lines = body.lines.iter().map(line).collect::<Result<_, _>>()?;
        let movement = Movement::new(Kind::parse(&body.kind)?).lines(lines);
        let (at, day) = (Instant::parse(&body.at)?, Day::parse(&body.day)?);
        Ok(Self { receipt: Arc::new(receipt), movement, at, day })
    }
}

/// What the acts of a group wrote down, record by record in order, each with the receipt of its act.
pub(super) fn written_down(granted: &[Appended]) -> impl Iterator<Item = (&receipts::Body, &Record)> {
    granted.iter().flat_map(|appended| appended.movement.records.iter().map(|record| (appended.receipt.body(), record)))
}

/// Everything that a group of acts writes.
#[derive(Debug, Clone, Copy)]
pub struct GroupRecord<'a> {
    /// The journal as the group found it.
    pub before: &'a Journal,
    /// The journal as the group leaves it.
    pub after: &'a Journal,
    pub granted: &'a [Appended],
    /// Written is the difference between what was loaded and what stands; every changed row must still be as loaded.
    pub facts: &'a Facts,
    /// Over the head, where receipts were appended.
    pub seal: Option<&'a StoredSeal>,
    pub scans: &'a [StoredScan],
    pub refused_hand_outs: &'a [StoredRefusedHandOut],
    pub replies: &'a [StoredReply],
}

/// Where a list goes on: after this key, at most so many rows.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub after: Option<String>,
    pub limit: i64,
}

impl Page {
    /// All programmes of an installation: their numbers have four digits.
    pub const ALL_PROGRAMMES: Self = Self { after: None, limit: 9_999 };
}
