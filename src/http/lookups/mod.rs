//! Reading one and reading many: orders, dispatches, receipts, booklets. Every query is scoped; what lies outside
//! a caller's scope answers 404, as if it did not exist.

pub(super) mod accesses;
pub(super) mod booklets;
pub(super) mod claims;
pub(super) mod closings;
pub(super) mod dispatches;
pub(super) mod orders;
pub(super) mod payees;
pub(super) mod payments;
pub(super) mod receipts;

use super::caller::SignedIn;
use super::problem::Problem;
use super::shape;
use crate::domain::short_code::ShortCode;

/// The organisation code to which a caller's reading is limited.
fn party(signed_in: &SignedIn) -> Option<ShortCode> {
    signed_in.scope().map(|_| signed_in.organisation.code.clone())
}

/// A cursor is the last number of the page before.
fn cursor(text: Option<&str>) -> Result<i64, Problem> {
    let wrong = || Problem::new("query_malformed").about("detail", shape::no_continuation()).field("after");
    text.map_or(Ok(0), |text| text.parse().map_err(|_| wrong()))
}
