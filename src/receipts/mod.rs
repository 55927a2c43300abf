//! Receipts: their exact bytes, the chain they form, the seal on its head, and the replay that recomputes the
//! whole account from them. `docs/RECEIPT-FORMAT.md` says the same for people who do not read our code.
//! What never lives here: SQL, HTTP, a clock, a file, a random source. Bytes in, a verdict out.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::ops::Deref;

pub mod canonical;
pub mod chain;
pub mod closing;
pub mod journal_file;
pub mod merkle;
pub mod note;
mod reading;
pub mod replay;
pub mod seal;
mod signed_head;
pub mod witness;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod second_opinion;
#[cfg(test)]
mod tamper_tests;

pub use signed_head::SignedHead;

/// The version of the format that this code writes, and the only one it reads.
pub const VERSION: i64 = 1;

/// The epoch in which every journal starts. Each declared restore opens a higher one, so that a number given before
/// the loss is never given again.
pub const FIRST_EPOCH: i64 = 1;

/// The number of a receipt for people: `HDF21-MAUB-2026-000042`, after a declared restore `HDF21-MAUB-2026E2-000043`.
#[must_use]
pub fn number(programme: &str, office: &str, (year, epoch): (i32, i64), running: i64) -> String {
    let epoch = if epoch <= FIRST_EPOCH { String::new() } else { format!("E{epoch}") };
    format!("{programme}-{office}-{year}{epoch}-{running:06}")
}

/// A text of a receipt: its own, or borrowed from the bytes where millions are read and none is kept.
pub trait Text: Deref<Target = str> + Borrow<str> + Ord {}

impl Text for String {}
impl Text for Cow<'_, str> {}

/// What one receipt says. Plain values: whether they make sense is for [`replay`] to find out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound = "T: serde::Deserialize<'de> + Ord"))]
pub struct Body<T = String> {
    /// [`VERSION`].
    pub v: i64,
    /// Short code of the programme: each has its own journal.
    pub programme: T,
    /// Place in the journal, from 1 without gaps.
    pub position: i64,
    /// For people: see [`number()`], without gaps per office and year.
    pub number: T,
    /// What happened, among the kinds that [`replay`] knows.
    pub kind: T,
    /// The moment of recording, UTC to the millisecond.
    pub at: T,
    /// The business day of `at`: the civil date in Europe/Paris.
    pub day: T,
    pub office: Office<T>,
    pub agent: Agent<T>,
    /// Face value of one pass in cents.
    pub face_cents: i64,
    /// What changed hands; empty where the receipt only records something.
    pub lines: Vec<Line<T>>,
    pub total: Total,
    /// Every holder that the lines touch, sorted by its text.
    pub holdings: Vec<Holding<T>>,
    /// What else must be said, by stable name.
    pub mentions: BTreeMap<T, Mention<T>>,
    /// The number of the earlier receipt that this one undoes.
    #[cfg_attr(test, serde(default))]
    pub corrects: Option<T>,
    /// Hash of the previous receipt, or [`chain::genesis`].
    pub prev: T,
}

impl<T: Text> Body<T> {
    /// The text that is mentioned under this name; none where there is none, or a number.
    #[must_use]
    pub fn mentioned_text(&self, name: &str) -> Option<&str> {
        match self.mentions.get(name)? {
            Mention::Text(text) => Some(text),
            Mention::Number(_) => None,
        }
    }

    /// The number that is mentioned under this name; none where there is none, or a text.
    #[must_use]
    pub fn mentioned_number(&self, name: &str) -> Option<i64> {
        match self.mentions.get(name)? {
            Mention::Number(number) => Some(*number),
            Mention::Text(_) => None,
        }
    }
}

/// The organisation that issues the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct Office<T = String> {
    pub code: T,
    pub name: T,
    /// SIRET or RNA number.
    pub registration: T,
    /// INSEE code of its commune.
    pub commune: T,
}

/// Who acted for the office, without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct Agent<T = String> {
    /// 16 lower-case hexadecimal digits.
    pub pseudonym: T,
    pub role: T,
}

/// One change of hands within one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct Line<T = String> {
    /// `<order>-<delivery>`.
    pub batch: T,
    pub from: T,
    pub to: T,
    /// Whole booklets; 0 where single passes move.
    pub booklets: i64,
    pub passes: i64,
    pub cents: i64,
    /// Serials of booklets, runs of them, or serials of passes.
    pub items: Vec<T>,
}

/// The sums of all lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct Total {
    pub booklets: i64,
    pub passes: i64,
    pub cents: i64,
}

/// Passes of the whole programme with one holder, around the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct Holding<T = String> {
    pub holder: T,
    pub before: i64,
    pub after: i64,
}

/// The value of a mention.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(untagged))]
pub enum Mention<T = String> {
    Text(T),
    Number(i64),
}

impl<T: Text> std::fmt::Display for Mention<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// A receipt: what it says, the bytes that are sealed, and their hash. The three cannot disagree, because the
/// only ways to one are [`chain::seal_receipt`], [`chain::read_receipt`] and [`chain::borrow_receipt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt<T = String> {
    body: Body<T>,
    bytes: T,
    hash: T,
}

impl<T: Text> Receipt<T> {
    #[must_use]
    pub const fn body(&self) -> &Body<T> {
        &self.body
    }

    /// The canonical text, as it is stored and exported.
    #[must_use]
    pub fn bytes(&self) -> &str {
        &self.bytes
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// What the paper shows to be checked by: the number, a dot and the first 16 digits of the hash.
    #[must_use]
    pub fn token(&self) -> String {
        let digits: String = self.hash.chars().take(16).collect();
        format!("{}.{digits}", &*self.body.number)
    }
}

/// The last receipt of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// 0 for an empty journal.
    pub position: i64,
    /// Hash of that receipt, or [`chain::genesis`].
    pub hash: String,
    /// When it was recorded, in milliseconds since 1970; `i64::MIN` for an empty journal.
    pub at_millis: i64,
}

impl Head {
    /// The head of the journal of `programme` before its first receipt.
    #[must_use]
    pub fn genesis(programme: &str) -> Self {
        Self { position: 0, hash: chain::genesis(programme), at_millis: i64::MIN }
    }
}

/// The first place where a journal is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rupture à la position {position}, code {code} : {detail}")]
pub struct Break {
    /// The place in the journal; 0 for what concerns the file as a whole, or a receipt looked at alone.
    pub position: i64,
    /// Stable name of the rule that was broken, listed in `docs/RECEIPT-FORMAT.md`.
    pub code: &'static str,
    /// What was found, in French.
    pub detail: String,
}

impl Break {
    /// A break whose place the caller knows and names with [`Break::at`].
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { position: 0, code, detail: detail.into() }
    }

    /// The same break, at `position`.
    #[must_use]
    pub fn at(self, position: i64) -> Self {
        Self { position, ..self }
    }
}

/// Whether `text` is exactly `digits` lower-case hexadecimal digits.
#[must_use]
pub fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
