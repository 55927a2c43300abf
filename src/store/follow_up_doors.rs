//! What is read and written of follow-ups, and of how often a programme reminds. What never lives here: SQL, or what is closed.

use std::collections::BTreeSet;

use super::error::StoreError;
use crate::domain::follow_up::{FollowUp, FollowUpRules};
use crate::domain::ids::ProgrammeNo;
use crate::domain::stock::CodeMac;

type Found<T> = Result<T, StoreError>;

/// Follow-ups; they are written with the acts that make them.
pub trait FollowUpReads {
    /// The rules with their version; `None` while nobody has set any.
    fn follow_up_rules(&mut self, programme: ProgrammeNo) -> Found<Option<(FollowUpRules, i64)>>;
    /// Those of these hand-outs, by the numbers of their receipts.
    fn follow_ups_among(&mut self, programme: ProgrammeNo, hand_outs: &BTreeSet<String>) -> Found<Vec<FollowUp>>;
    /// Those of these people.
    fn follow_ups_of(&mut self, programme: ProgrammeNo, people: &BTreeSet<CodeMac>) -> Found<Vec<FollowUp>>;
    /// All of them, in order of hand-out after one.
    fn follow_ups(&mut self, programme: ProgrammeNo, after: &str, limit: i64) -> Found<Vec<FollowUp>>;
    /// How the person of a hand-out is reached, as it was closed.
    fn contact(&mut self, hand_out: &str) -> Found<Option<Vec<u8>>>;
}

/// What is set besides acts.
pub trait FollowUpWrites {
    /// Keeps the rules in place of those of version `before`, 0 for none; `false` where that is not the version.
    fn keep_follow_up_rules(&mut self, programme: ProgrammeNo, rules: FollowUpRules, before: i64) -> Found<bool>;
}
