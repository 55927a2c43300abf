//! What is read and written of how orders end. What never lives here: SQL.

use std::collections::BTreeSet;

use super::error::StoreError;
use crate::domain::destruction::Proposal;
use crate::domain::end_calendar::EndRules;
use crate::domain::ids::ProgrammeNo;

type Found<T> = Result<T, StoreError>;

/// The rules of the calendar, and what is proposed to be destroyed.
pub trait EndReads {
    /// The rules with their version; `None` while nobody has set any.
    fn end_rules(&mut self, programme: ProgrammeNo) -> Found<Option<(EndRules, i64)>>;
    /// The number of the last proposal of destruction; 0 before the first.
    fn last_destruction(&mut self, programme: ProgrammeNo) -> Found<i64>;
    fn destructions_among(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<i64>) -> Found<Vec<Proposal>>;
    /// Proposals in order of number after one.
    fn destructions(&mut self, programme: ProgrammeNo, after: i64, limit: i64) -> Found<Vec<Proposal>>;
}

/// What is set besides acts.
pub trait EndWrites {
    /// Keeps the rules in place of those of version `before`, 0 for none; `false` where that is not the version.
    fn keep_end_rules(&mut self, programme: ProgrammeNo, rules: &EndRules, before: i64) -> Found<bool>;
}
