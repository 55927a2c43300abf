//! Dispatches and returns, and what of them is still in transit.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{List, limit, query};
use super::super::problem::Problem;
use super::super::receipt_json::read;
use super::{PastPageQuery, cursor, party};
use crate::auth::Action;
use crate::domain::facts::Pick;
use crate::domain::items::read_items;
use crate::domain::movement::Dispatch;
use crate::domain::party::Holder;
use crate::domain::programme::Programme;
use crate::domain::stock::Booklet;
use crate::domain::time::Day;
use crate::store::{BodyFilter, Reads, Window};

/// Receipts read at once: that of a dispatch may be long.
const RECEIPTS: i64 = 50;

/// Booklets on their way, or arrived.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dispatch)]
struct DispatchJson {
    #[schema(example = 7)]
    number: i64,
    #[schema(example = "store")]
    from: String,
    #[schema(example = "prescriber:MAUB")]
    to: String,
    /// How many were sent.
    booklets: i64,
    /// How many are still in transit; 0 once all are accounted for.
    in_transit_booklets: i64,
    /// Their serials.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    in_transit: Vec<String>,
}

/// The same as it stood at the end of the stretch of the journal; `None` where it had not been sent.
fn then(
    tx: &mut dyn Reads,
    programme: &Programme,
    dispatch: &Dispatch,
    (window, with_serials): (Window, bool),
) -> Result<Option<DispatchJson>, Problem> {
    let holder = Holder::Transit(dispatch.number);
    let (transit, mut left, mut numbers, mut after) = (holder.to_string(), 0_i64, BTreeSet::new(), 0);
    loop {
        let filter = BodyFilter { kinds: &[], holder: Some(&holder) };
        let receipts = tx.receipt_bodies(Window { after, ..window }, filter, RECEIPTS)?;
        let Some(last) = receipts.last() else { break };
        after = last.position;
        for receipt in receipts {
            let receipt = read(receipt)?;
            for line in receipt.body().lines.iter().filter(|line| line.to == transit || line.from == transit) {
                let sent = line.to == transit;
                left += if sent { line.booklets } else { -line.booklets };
                for item in line.items.iter().filter(|_| with_serials) {
                    let items = read_items(programme.no, item)?;
                    if sent {
                        numbers.extend(items);
                    } else {
                        numbers.retain(|number| !items.contains(number));
                    }
                }
            }
        }
    }
    if after == 0 {
        return Ok(None);
    }
    Ok(Some(DispatchJson {
        number: dispatch.number,
        from: dispatch.from.to_string(),
        to: dispatch.to.to_string(),
        booklets: dispatch.booklets,
        in_transit_booklets: left,
        in_transit: numbers.into_iter().map(|item| item.printed(&programme.code)).collect(),
    }))
}

/// The stretch of the journal up to the end of a day.
fn until(tx: &mut dyn Reads, programme: &Programme, as_of: Day) -> Result<Window, Problem> {
    Ok(Window { programme: programme.no, after: 0, until: tx.position_on(programme.no, as_of)? })
}

fn dispatch_json(
    tx: &mut dyn Reads,
    programme: &Programme,
    dispatch: &Dispatch,
    with_serials: bool,
) -> Result<DispatchJson, Problem> {
    let holder = Holder::Transit(dispatch.number);
    let holdings = tx.holdings_of(programme.no, &BTreeSet::from([holder.clone()]))?;
    let left = holdings.get(&holder).map_or(0, |holding| holding.booklets);
    let mut in_transit = Vec::new();
    if with_serials && left > 0 {
        let count = u32::try_from(left).unwrap_or(u32::MAX);
        let pick = Pick { holder, order: None, count };
        in_transit = tx.pick(programme.no, &pick, None)?;
    }
    let printed = |booklet: Booklet| booklet.id.item().printed(&programme.code);
    Ok(DispatchJson {
        number: dispatch.number,
        from: dispatch.from.to_string(),
        to: dispatch.to.to_string(),
        booklets: dispatch.booklets,
        in_transit_booklets: left,
        in_transit: in_transit.into_iter().map(printed).collect(),
    })
}

/// Dispatches and returns, in order of number.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/dispatches", tag = "custody",
    params(("programme" = String, Path), PastPageQuery), responses((status = 200, body = List<DispatchJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path).await?;
    let asked = query::<PastPageQuery>(&request)?;
    let (limit, after, as_of) = (limit(asked.limit)?, cursor(asked.after.as_deref())?, asked.as_of);
    let party = party(&signed_in);
    let list = app
        .read(move |tx| {
            let found = tx.dispatches(programme.no, party.as_ref(), after, limit)?;
            let window = as_of.map(|as_of| until(tx, &programme, as_of)).transpose()?;
            let mut items = Vec::new();
            for dispatch in &found {
                items.extend(match window {
                    Some(window) => then(tx, &programme, dispatch, (window, false))?,
                    None => Some(dispatch_json(tx, &programme, dispatch, false)?),
                });
            }
            Ok(List::new(items, limit, |last| last.number.to_string()))
        })
        .await?;
    Ok(HttpResponse::Ok().json(list))
}

/// One dispatch, with the serials still in transit.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/dispatches/{number}", tag = "custody",
    params(("programme" = String, Path), ("number" = i64, Path), PastPageQuery),
    responses((status = 200, body = DispatchJson)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let as_of = query::<PastPageQuery>(&request)?.as_of;
    let unknown = || Problem::new("dispatch_unknown").about("dispatch", &path.1);
    let number: i64 = path.1.parse().map_err(|_| unknown())?;
    let party = party(&signed_in).map(Holder::Prescriber);
    let found = app
        .read(move |tx| {
            let known = tx.dispatches_among(programme.no, &BTreeSet::from([number]))?.pop();
            let seen = |dispatch: &Dispatch| {
                party.as_ref().is_none_or(|party| &dispatch.from == party || &dispatch.to == party)
            };
            match (known.filter(seen), as_of) {
                (Some(dispatch), None) => dispatch_json(tx, &programme, &dispatch, true).map(Some),
                (Some(dispatch), Some(as_of)) => {
                    let window = until(tx, &programme, as_of)?;
                    then(tx, &programme, &dispatch, (window, true))
                }
                (None, _) => Ok(None),
            }
        })
        .await?;
    Ok(HttpResponse::Ok().json(found.ok_or_else(unknown)?))
}
