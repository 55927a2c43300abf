//! What every group of acts looks at before anyone decides: two looks, each one question where questions travel. The
//! second depends on the first. What never lives here: SQL.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use super::stored::{Journal, StoredReply};
use crate::domain::facts::Balance;
use crate::domain::ids::{BatchId, ProgrammeNo, UserId, VenueId};
use crate::domain::party::{Holder, Organisation, Venue};
use crate::domain::programme::{Order, Programme};
use crate::domain::short_code::ShortCode;
use crate::domain::standing::Standing;
use crate::domain::stock::{Booklet, CodeMac, Pass};

type Found<T> = Result<T, StoreError>;

/// What is looked for first.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub key_digests: &'a BTreeSet<String>,
    pub users: &'a BTreeSet<UserId>,
    pub venues: &'a BTreeSet<VenueId>,
    pub codes: &'a BTreeSet<CodeMac>,
}

/// What was found of it.
#[derive(Debug)]
pub struct Seen {
    pub programme: Programme,
    pub journal: Journal,
    pub replies: Vec<StoredReply>,
    /// Those that are active in an active organisation, with that organisation.
    pub users: Vec<(UserId, Standing, Organisation)>,
    pub venues: Vec<Venue>,
    /// As of [`StockReads::passes_by_code`](super::StockReads::passes_by_code).
    pub passes: Vec<(Pass, CodeMac, Booklet)>,
    /// The programme's own orders, of these booklets.
    pub orders: Vec<Order>,
}

/// How far every holder in sight and every office's numbering have come.
#[derive(Debug)]
pub struct Standings {
    /// What the holders have of each batch in sight.
    pub balances: Vec<((Holder, BatchId), Balance)>,
    /// What they have of all batches together; those that never had anything are not there.
    pub holdings: BTreeMap<Holder, Balance>,
    pub series: Vec<((ShortCode, i32), i64)>,
}

/// The two looks.
pub trait LookReads {
    /// What is asked from here on in this transaction looks rows up by key, as a group of acts does: none of it is worth
    /// planning anew. A question that the connection has planned already, for a list say, keeps its plan.
    fn by_key_only(&mut self) -> Found<()>;
    /// `None` where there is no such programme, or no journal of it.
    fn look(&mut self, programme: ProgrammeNo, wanted: Wanted<'_>) -> Found<Option<Seen>>;
    fn standings(
        &mut self,
        programme: ProgrammeNo,
        holders: &BTreeSet<Holder>,
        batches: &BTreeSet<BatchId>,
        offices: &BTreeSet<ShortCode>,
    ) -> Found<Standings>;
}
