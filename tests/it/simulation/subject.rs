//! What is put to the test: something that answers groups of requests and can be looked into. What never lives here: what
//! it ought to answer.

use std::collections::BTreeMap;

use recepisse::domain::ids::ProgrammeNo;
use recepisse::domain::refusal::Refusal;

use super::applications::{Filed, Had};
use super::ends;
use super::money::Purse;
use super::people::Reminded;
use super::script::{Balances, Change, Pass, Request, Stock};
use super::statements::Lines;

/// What a request is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    Answer(Answer),
    /// The same answer as before, under the same key.
    Replay(Answer),
    KeyReused,
    Forbidden,
    WrongClock(&'static str),
    /// What nobody ought to be told.
    Broken(String),
}

/// What a receipt says by name besides what it moves; nothing where it is only foretold.
pub(super) type Said = BTreeMap<String, String>;

/// The same from its mentions, with numbers in the place of serials where the model foretells them.
pub(super) fn said<'m>(programme: ProgrammeNo, mentions: impl Iterator<Item = (&'m str, String)>) -> Said {
    let plain = |(name, mention): (&str, String)| match name {
        "gaps" => (name.to_owned(), ends::plain_gaps(programme, &mention)),
        _ => (name.to_owned(), mention),
    };
    mentions.map(plain).collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The receipt's bytes are empty where none are made.
    Granted {
        number: String,
        position: i64,
        bytes: String,
        said: Said,
    },
    Refused(Refusal),
}

impl Answer {
    /// What would be granted: nothing is numbered, and nothing is written.
    pub(super) fn rehearsed() -> Self {
        Self::Granted { number: String::new(), position: 0, bytes: String::new(), said: Said::new() }
    }
}

/// Everything there is to know at the end of a life.
#[derive(Debug, Clone, Default)]
pub(super) struct Legacy {
    /// Where the receipts alone lead to.
    pub(super) balances: Balances,
    pub(super) stock: Stock,
    /// The journal, receipt by receipt; empty where none is made.
    pub(super) journal: Vec<String>,
    /// Groups that left a receipt, where it is known.
    pub(super) seals: Option<usize>,
}

pub(super) trait Subject {
    /// Answers a group, in order.
    fn write(&mut self, group: &[Request]) -> Vec<Told>;
    /// What the request would be told now: `Ok` when it would be granted.
    fn rehearse(&mut self, request: &Request) -> Told;
    /// Why a pass cannot be spent; `None` when it can.
    fn look(&mut self, code: Pass) -> Option<String>;
    fn change(&mut self, change: &Change);
    /// Seconds.
    fn time_passes(&mut self, seconds: i64);
    /// Seconds, forward or back.
    fn clock_is_set(&mut self, seconds: i64);
    fn restart(&mut self);
    /// The balances as they are kept.
    fn balances(&mut self) -> Result<Balances, String>;
    /// What is kept of claims and payments.
    fn purse(&mut self) -> Result<Purse, String>;
    /// What is kept of the words of issuers.
    fn lines(&mut self) -> Result<Lines, String>;
    /// Passes that each person has had or that are reserved for them, of those who have any.
    fn had(&mut self) -> Result<Had, String>;
    /// Who may be reminded, and who was.
    fn reminded(&mut self) -> Result<Reminded, String>;
    /// How each application stands.
    fn filed(&mut self) -> Result<Filed, String>;
    /// Where everything is, if it can be told cheaply.
    fn stock(&mut self) -> Result<Option<Stock>, String>;
    /// The last will: what the whole life comes to, recomputed.
    fn legacy(&mut self) -> Result<Legacy, String>;
}
