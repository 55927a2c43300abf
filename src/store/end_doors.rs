//! What is read and written of how orders end. What never lives here: SQL.

use super::error::StoreError;
use crate::domain::end_calendar::EndRules;
use crate::domain::ids::ProgrammeNo;

type Found<T> = Result<T, StoreError>;

/// The rules of the calendar.
pub trait EndReads {
    /// The rules with their version; `None` while nobody has set any.
    fn end_rules(&mut self, programme: ProgrammeNo) -> Found<Option<(EndRules, i64)>>;
}

/// What is set besides acts.
pub trait EndWrites {
    /// Keeps the rules in place of those of version `before`, 0 for none; `false` where that is not the version.
    fn keep_end_rules(&mut self, programme: ProgrammeNo, rules: &EndRules, before: i64) -> Found<bool>;
}
