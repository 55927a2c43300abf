//! What one may ask of the database about what was looked at. Implemented once per engine from one text. What never
//! lives here: SQL, or which requests are kept (see `http::access_log`).

use super::error::StoreError;
use super::stored::{Copies, CopiesByRole, LoggedAccess, Page};
use crate::domain::ids::UserId;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;

type Found<T> = Result<T, StoreError>;

/// The log of accesses.
pub trait AccessLogReads {
    /// What a user looked at, in order of their identifiers, which is that of time.
    fn accesses(&mut self, user: UserId, page: &Page) -> Found<Vec<LoggedAccess>>;
    /// How often a receipt left as a document, by form; forms in which it never did are not there.
    fn copies(&mut self, number: &str) -> Found<Vec<Copies>>;
    /// How often each receipt of a programme left as a page or a PDF up to a day, in order of number and
    /// role.
    fn copies_by_role(&mut self, programme: &ShortCode, until: Day) -> Found<Vec<CopiesByRole>>;
}

/// Additions to the log of accesses: nothing in it is ever changed.
pub trait AccessLogWrites {
    fn insert_accesses(&mut self, accesses: &[LoggedAccess]) -> Found<()>;
}
