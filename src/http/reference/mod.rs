//! Reference data over HTTP: organisations, users, programmes with their rules and mandates, venues, communes. Here:
//! what these routes share. What never lives here: SQL, or a movement of passes.

pub(super) mod claim_rules;
pub(super) mod commune_figures;
mod commune_file;
pub(super) mod communes;
pub(super) mod devices;
pub(super) mod distribution_rules;
pub(super) mod end_rules;
pub(super) mod follow_up_rules;
pub(super) mod mandates;
pub(super) mod offline_rules;
pub(super) mod organisations;
pub(super) mod programmes;
pub(super) mod publication_rules;
pub(super) mod retention_rules;
pub(super) mod rule_sets;
mod rules;
pub(super) mod trainings;
pub(super) mod users;
pub(super) mod venues;

#[cfg(test)]
pub(super) mod stage;
#[cfg(test)]
mod tests;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::{Deserialize, Deserializer, Serialize};

use super::envelope::{Asked, List, etag};
use super::problem::Problem;
use super::shape;
use crate::domain::ids::OrganisationId;
use crate::domain::party::{Organisation, OrganisationKind};
use crate::domain::refusal::Malformed;
use crate::domain::territory::{self, CommuneCode};
use crate::domain::time::Day;
use crate::store::{Page, StoreError};

/// Another Region's house, and its people, do not exist for a Region's administrator.
pub(super) fn not_anothers(own: OrganisationId, organisation: &Organisation) -> bool {
    organisation.id == own || !organisation.kinds.contains(&OrganisationKind::Region)
}

/// A change to a value that may be absent: a field left out keeps it, `null` clears it.
#[derive(Debug, Default)]
pub(super) enum Change<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T> Change<T> {
    fn apply(self, to: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *to = None,
            Self::Set(value) => *to = Some(value),
        }
    }
}

/// Replaces a value by the one given, if one is.
fn replace<T>(value: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *value = given;
    }
}

/// The version after the one that the caller read.
///
/// # Errors
/// 412 when it is no longer the current one.
pub(super) fn next_version(current: i64, read: i64) -> Result<i64, Problem> {
    if current == read { Ok(current.saturating_add(1)) } else { Err(Problem::new("version_conflict")) }
}

/// What an update that names its version says when it found nothing to change.
fn updated(found: bool) -> Result<(), Problem> {
    if found { Ok(()) } else { Err(Problem::new("version_conflict")) }
}

/// The answer to a unique key that said no after every check above it had passed: the value belongs to somebody else.
fn taken(code: &'static str) -> impl FnOnce(StoreError) -> Problem {
    move |error| if error.is_conflict() { Problem::new(code) } else { error.into() }
}

/// 201 with the address of what was created.
fn created(location: &str, version: i64, view: &impl Serialize) -> HttpResponse {
    let location = (header::LOCATION, location.to_owned());
    HttpResponse::Created().insert_header(location).insert_header(etag(version)).json(view)
}

/// 200 with the version of what is shown.
fn shown(version: i64, view: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(version)).json(view)
}

/// Where a list of rows with an identifier goes on.
///
/// # Errors
/// 400 when the cursor is none of ours or the limit is out of range.
pub(super) fn page<T>(
    after: Option<&str>,
    limit: Option<i64>,
    parse: impl FnOnce(&str) -> Result<T, Malformed>,
) -> Result<Page, Problem>
where
    T: ToString,
{
    let unreadable = |_| Problem::new("query_malformed").about("detail", shape::no_continuation()).field("after");
    let after = after.map(parse).transpose().map_err(unreadable)?.map(|after| after.to_string());
    Ok(Page { after, limit: super::envelope::limit(limit)? })
}

/// A page of rows as they are shown.
pub(super) fn listed<T, V>(
    rows: Vec<T>,
    page: &Page,
    key: impl FnOnce(&T) -> String,
    view: impl Fn(T) -> V,
) -> HttpResponse
where
    V: Serialize,
{
    let List { items, next } = List::new(rows, page.limit, key);
    HttpResponse::Ok().json(List { items: items.into_iter().map(view).collect(), next })
}

/// The commune that an INSEE code of the request names.
///
/// # Errors
/// 400 with what may have been meant.
pub(super) fn commune(text: &str) -> Result<CommuneCode, Problem> {
    let unknown = |unknown| Problem::new("commune_unknown").about("detail", unknown).field("commune");
    territory::resolve(text).map(|commune| commune.code).map_err(unknown)
}

/// # Errors
/// 422 when `last` is before `first`.
fn in_order(first: Day, last: Day, field: &'static str) -> Result<(), Problem> {
    if first <= last { Ok(()) } else { Err(Problem::new("dates_out_of_order").field(field)) }
}

/// # Errors
/// 422 when the number is outside what makes sense for the field.
fn within<T: PartialOrd + Copy + ToString>(
    number: T,
    (least, most): (T, T),
    field: &'static str,
) -> Result<(), Problem> {
    if least <= number && number <= most { Ok(()) } else { Err(Problem::out_of_range(field, least, most)) }
}
