//! Dispatches and returns, and what of them is still in transit.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{List, PageQuery, query};
use super::super::problem::Problem;
use super::{cursor, party};
use crate::auth::Action;
use crate::domain::facts::Pick;
use crate::domain::movement::Dispatch;
use crate::domain::party::Holder;
use crate::domain::programme::Programme;
use crate::domain::stock::Booklet;
use crate::store::Reads;

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
    params(("programme" = String, Path), PageQuery), responses((status = 200, body = List<DispatchJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path).await?;
    let page = query::<PageQuery>(&request)?.page()?;
    let after = cursor(page.after.as_deref())?;
    let party = party(&signed_in);
    let list = app
        .read(move |tx| {
            let found = tx.dispatches(programme.no, party.as_ref(), after, page.limit)?;
            let items = found.iter().map(|dispatch| dispatch_json(tx, &programme, dispatch, false));
            Ok(List::new(items.collect::<Result<Vec<_>, _>>()?, page.limit, |last| last.number.to_string()))
        })
        .await?;
    Ok(HttpResponse::Ok().json(list))
}

/// One dispatch, with the serials still in transit.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/dispatches/{number}", tag = "custody",
    params(("programme" = String, Path), ("number" = i64, Path)), responses((status = 200, body = DispatchJson)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let unknown = || Problem::new("dispatch_unknown").about("dispatch", &path.1);
    let number: i64 = path.1.parse().map_err(|_| unknown())?;
    let party = party(&signed_in).map(Holder::Prescriber);
    let found = app
        .read(move |tx| {
            let known = tx.dispatches_among(programme.no, &BTreeSet::from([number]))?.pop();
            let seen = |dispatch: &Dispatch| {
                party.as_ref().is_none_or(|party| &dispatch.from == party || &dispatch.to == party)
            };
            match known.filter(seen) {
                Some(dispatch) => dispatch_json(tx, &programme, &dispatch, true).map(Some),
                None => Ok(None),
            }
        })
        .await?;
    Ok(HttpResponse::Ok().json(found.ok_or_else(unknown)?))
}
