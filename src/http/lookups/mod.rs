//! Reading one and reading many: orders, dispatches, receipts, booklets. Every query is scoped; what lies outside
//! a caller's scope answers 404, as if it did not exist.

pub(super) mod accesses;
pub(super) mod applications;
pub(super) mod booklets;
pub(super) mod claims;
pub(super) mod closings;
pub(super) mod dispatches;
pub(super) mod duplicates;
pub(super) mod ends;
pub(super) mod follow_ups;
pub(super) mod issuer_statements;
pub(super) mod letters;
pub(super) mod mailings;
pub(super) mod offline;
pub(super) mod orders;
mod own_statement;
pub(super) mod payees;
pub(super) mod payment_statement;
pub(super) mod payments;
pub(super) mod people;
pub(super) mod prescribers;
pub(super) mod receipts;

use serde::Deserialize;
use utoipa::IntoParams;

use super::caller::SignedIn;
use super::problem::Problem;
use super::shape;
use crate::domain::ids::OrganisationId;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;

/// The organisation code to which a caller's reading is limited.
pub(super) fn party(signed_in: &SignedIn) -> Option<ShortCode> {
    signed_in.scope().map(|_| signed_in.organisation.code.clone())
}

/// Another's part was asked for by somebody who sees only their own: there is nothing to be found.
#[derive(Debug, Clone, Copy)]
struct NotTheirs;

/// The provider to whose rows a list is limited, if to any.
fn one_provider(signed_in: &SignedIn, asked: Option<OrganisationId>) -> Result<Option<OrganisationId>, NotTheirs> {
    match signed_in.scope() {
        None => Ok(asked),
        own if asked.is_none() || asked == own => Ok(own),
        Some(_) => Err(NotTheirs),
    }
}

/// Which page of a list, on which day; of one thing, only the day counts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PastPageQuery {
    /// Rows of the page, 1 to 200; 50 when not said. Of a list only.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
    /// The last business day that counts; as it stands now when not said.
    #[param(value_type = Option<String>, example = "2026-11-24")]
    as_of: Option<Day>,
}

/// A cursor is the last number of the page before.
pub(super) fn cursor(text: Option<&str>) -> Result<i64, Problem> {
    let wrong = || Problem::new("query_malformed").about("detail", shape::no_continuation()).field("after");
    text.map_or(Ok(0), |text| text.parse().map_err(|_| wrong()))
}
