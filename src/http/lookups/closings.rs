//! The closings of a programme.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{List, limit, query};
use super::super::problem::Problem;
use super::cursor;
use crate::auth::Action;
use crate::domain::closing::Period;
use crate::store::StoredClosing;

/// Which closings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ClosingsQuery {
    limit: Option<i64>,
    after: Option<String>,
    /// Only days, months or years: `day`, `month` or `year`.
    #[param(value_type = Option<String>)]
    period: Option<Period>,
}

/// A period that is closed. Its totals are in its receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Closing)]
struct ClosingJson {
    #[schema(example = "day")]
    period: &'static str,
    #[schema(example = "2026-11-25")]
    first_day: String,
    #[schema(example = "2026-11-25")]
    last_day: String,
    /// One more than `last_position` where nothing was recorded.
    first_position: i64,
    last_position: i64,
    /// Of its receipt.
    #[schema(example = "HDF21-HDF-2026-000042")]
    number: String,
    position: i64,
}

/// Closings in the order in which they were made.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/closings", tag = "closings",
    params(("programme" = String, Path), ClosingsQuery), responses((status = 200, body = List<ClosingJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path).await?.no;
    let asked: ClosingsQuery = query(&request)?;
    let (limit, after) = (limit(asked.limit)?, cursor(asked.after.as_deref())?);
    let read = app.read(move |tx| {
        let stored = tx.closings(programme, asked.period, after, limit)?;
        let positions: BTreeSet<i64> = stored.iter().map(|closing| closing.position).collect();
        Ok((stored, tx.numbers_at(programme, &positions)?))
    });
    let (stored, numbers) = read.await?;
    let mut numbers: BTreeMap<i64, String> = numbers.into_iter().collect();
    let List { items, next } = List::new(stored, limit, |last: &StoredClosing| last.position.to_string());
    let json = |closing: StoredClosing| ClosingJson {
        period: closing.period.as_str(),
        first_day: closing.first_day.to_string(),
        last_day: closing.last_day.to_string(),
        first_position: closing.first_position,
        last_position: closing.last_position,
        number: numbers.remove(&closing.position).unwrap_or_default(),
        position: closing.position,
    };
    Ok(HttpResponse::Ok().json(List { items: items.into_iter().map(json).collect(), next }))
}
