//! What a granted act does: lines from holder to holder, and what is written down about them. Lines name both
//! sides, so that a movement sums to zero by construction. What never lives here: the decision to grant it.

mod kind;
mod record;

use std::collections::BTreeMap;

pub use self::kind::Kind;
pub use self::record::{Batch, Dispatch, Exception, HandOut, Record, Redemption, Replaced};

use super::duplicates::Noticed;
use super::ids::{BatchId, ItemId};
use super::money::Cents;
use super::party::{Holder, Service};
use super::stock::CodeMac;
use super::text::Label;
use super::time::Day;

/// One change of hands within one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub batch: BatchId,
    pub from: Holder,
    pub to: Holder,
    /// What moved, sorted; whole booklets or passes, never both.
    pub items: Vec<ItemId>,
    pub booklets: i64,
    pub passes: i64,
    pub value: Cents,
}

/// A value of a receipt's mentions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mention {
    Text(String),
    Number(i64),
}

impl From<i64> for Mention {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

macro_rules! text_mention {
    ($($kind:ty),+) => { $(impl From<$kind> for Mention { fn from(value: $kind) -> Self { Self::Text(value.to_string()) } })+ };
}
text_mention!(&str, String, Day, Service, &Label, &super::text::Reference, &super::short_code::ShortCode);

/// What a receipt says besides its lines, by stable name.
pub type Mentions = BTreeMap<&'static str, Mention>;

/// A granted act: everything there is to write, and nothing else will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub kind: Kind,
    pub lines: Vec<Line>,
    pub mentions: Mentions,
    /// The number of the receipt that this one undoes.
    pub corrects: Option<String>,
    pub records: Vec<Record>,
}

impl Movement {
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self { kind, lines: Vec::new(), mentions: Mentions::new(), corrects: None, records: Vec::new() }
    }

    /// Adds a mention.
    #[must_use]
    pub fn mention(mut self, name: &'static str, value: impl Into<Mention>) -> Self {
        self.mentions.insert(name, value.into());
        self
    }

    /// Adds a mention where there is something to say.
    #[must_use]
    pub fn mention_some(self, name: &'static str, value: Option<impl Into<Mention>>) -> Self {
        match value {
            Some(value) => self.mention(name, value),
            None => self,
        }
    }

    /// Adds what must be written besides the lines.
    #[must_use]
    pub fn records(mut self, records: Vec<Record>) -> Self {
        self.records.extend(records);
        self
    }

    /// Adds what there is to write down besides the lines.
    #[must_use]
    pub fn record(mut self, record: Record) -> Self {
        self.records.push(record);
        self
    }

    /// Adds the lines.
    #[must_use]
    pub fn lines(mut self, lines: Vec<Line>) -> Self {
        self.lines.extend(lines);
        self
    }

    /// The epoch that the movement opens, where it opens one.
    #[must_use]
    pub fn epoch(&self) -> Option<i64> {
        self.records.iter().find_map(|record| match record {
            Record::Restored { epoch } => Some(*epoch),
            _ => None,
        })
    }

    /// Whether it is about a person who may be somebody else who is known: whoever asked is warned.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.records.iter().any(|record| matches!(record, Record::Noticed(noticed) if noticed.doubtful))
    }

    /// Keeps what the salt of the commitment was derived from, where it is kept.
    #[must_use]
    pub(in crate::domain) fn committed(self, person: CodeMac, nonce: Option<CodeMac>) -> Self {
        match nonce {
            Some(nonce) => self.record(Record::Committed { person, nonce }),
            None => self,
        }
    }

    /// Says and writes what was noticed of a person, if anything was.
    #[must_use]
    pub(in crate::domain) fn noticed(self, noticed: Noticed) -> Self {
        if noticed.is_nothing() { self } else { self.record(Record::Noticed(Box::new(noticed))) }
    }

    /// Booklets, passes and value of all lines together; `None` where they exceed an `i64`.
    #[must_use]
    pub fn total(&self) -> Option<(i64, i64, Cents)> {
        self.lines.iter().try_fold((0_i64, 0_i64, Cents::ZERO), |(booklets, passes, value), line| {
            Some((booklets.checked_add(line.booklets)?, passes.checked_add(line.passes)?, value.plus(line.value)?))
        })
    }
}
