//! What is read and written of people who may be one: their likenesses, the pairs that were noticed and what the Region found.
//! What never lives here: SQL, or what follows from a finding.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use crate::domain::duplicates::{PossibleDuplicate, Verdict};
use crate::domain::ids::{ProgrammeNo, UserId};
use crate::domain::stock::CodeMac;
use crate::domain::text::Label;
use crate::domain::time::Day;

type Found<T> = Result<T, StoreError>;

/// What the Region found of a pair, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub verdict: Verdict,
    pub reason: Label,
    pub reviewer: UserId,
    pub on: Day,
}

/// A pair as the Region reviews it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticedPair {
    pub pair: PossibleDuplicate,
    /// Of the act by which it was noticed.
    pub receipt: String,
    pub review: Option<Review>,
}

/// How many pairs wait, and what was found of the others. Pairs of people who were erased are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PairCounts {
    pub waiting: i64,
    pub same: i64,
    pub different: i64,
}

/// Likenesses and pairs.
pub trait DuplicateReads {
    /// The people who have each of these likenesses; those that nobody has are not there.
    fn people_alike(
        &mut self,
        programme: ProgrammeNo,
        likenesses: &BTreeSet<CodeMac>,
    ) -> Found<BTreeMap<CodeMac, BTreeSet<CodeMac>>>;
    /// The pairs of which one of these people is a part.
    fn duplicates_of(&mut self, programme: ProgrammeNo, people: &BTreeSet<CodeMac>) -> Found<Vec<NoticedPair>>;
    /// The last number given; 0 before the first.
    fn last_duplicate(&mut self, programme: ProgrammeNo) -> Found<i64>;
    /// Pairs in order of number after one: those that wait (`Some(None)`), those found to be something, or all.
    fn duplicates(
        &mut self,
        programme: ProgrammeNo,
        verdict: Option<Option<Verdict>>,
        after: i64,
        limit: i64,
    ) -> Found<Vec<NoticedPair>>;
    fn duplicate(&mut self, programme: ProgrammeNo, number: i64) -> Found<Option<NoticedPair>>;
    fn duplicate_counts(&mut self, programme: ProgrammeNo) -> Found<PairCounts>;
}

/// What the Region says besides acts.
pub trait DuplicateWrites {
    /// Keeps what was found of a pair, in the place of what was found before; `false` where there is no such pair.
    fn keep_review(&mut self, programme: ProgrammeNo, number: i64, review: &Review) -> Found<bool>;
}
