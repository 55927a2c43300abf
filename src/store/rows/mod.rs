//! Rows: primitives as the tables hold them, and the way to and from the domain. A value the domain cannot read
//! is a corrupt database, never a default. What never lives here: a query.

mod access;
mod applications;
mod claims;
mod devices;
mod feeds;
mod figures;
mod payments;
mod places;
mod reference;
mod statements;
mod stock;

use std::collections::BTreeSet;

pub(super) use access::AccessRow;
pub(super) use applications::ApplicationRow;
pub(super) use claims::{ClaimRow, approvals};
pub(super) use devices::DeviceRow;
pub(super) use feeds::{DeadLetterRow, WebhookRow};
pub(super) use figures::FiguresRow;
pub(super) use payments::{PayeeRow, PaymentLineRow, PaymentRow};
pub(super) use places::{DecisionRow, PlaceChangeRow, PlaceRow, RevisionRow, SessionRow};
pub(super) use reference::{MandateRow, OrganisationRow, ProgrammeRow, UserRow, VenueRow};
pub(super) use statements::{StatementLineRow, StatementRow};
pub(super) use stock::{
    BatchRow, BookletRow, DispatchRow, ExceptionRow, HandOutRow, JournalRow, OrderRow, RedemptionRow,
};

use super::error::StoreError;
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::party::Role;
use crate::domain::refusal::Malformed;
use crate::domain::stock::CodeMac;
use crate::domain::text::{Email, Label};
use crate::domain::time::{Day, Instant};

/// A user as the access functions need it; the password hash never leaves `store` and `auth`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub display_name: Label,
    pub organisation: OrganisationId,
    pub role: Role,
    pub password_hash: String,
    pub active: bool,
    /// Consecutive failed sign-ins.
    pub failures: i64,
    pub last_failure: Option<Instant>,
    /// Counts the changes; the `ETag` of the user.
    pub version: i64,
    /// The last day on which the account may be used.
    pub valid_until: Option<Day>,
}

pub(super) fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}

fn joined<T: Copy + Into<String>>(set: &BTreeSet<T>) -> String {
    set.iter().map(|item| (*item).into()).collect::<Vec<String>>().join(",")
}

fn split<T: Ord>(text: &str, parse: impl Fn(&str) -> Result<T, Malformed>) -> Result<BTreeSet<T>, StoreError> {
    text.split(',').filter(|part| !part.is_empty()).map(|part| Ok(parse(part)?)).collect()
}

fn day(text: &str) -> Result<Day, StoreError> {
    Ok(Day::parse(text)?)
}

fn optional<T>(text: Option<&str>, parse: impl Fn(&str) -> Result<T, Malformed>) -> Result<Option<T>, StoreError> {
    Ok(text.map(parse).transpose()?)
}

pub(super) fn mac(bytes: &[u8]) -> Result<CodeMac, StoreError> {
    CodeMac::try_from(bytes).map_err(|_| corrupt("a digest is not 32 bytes long"))
}
