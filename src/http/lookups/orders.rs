//! The orders of a programme.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::acts::supply::order_number;
use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{List, limit, query};
use super::super::problem::Problem;
use super::super::statements;
use super::{PastPageQuery, cursor};
use crate::auth::Action;
use crate::domain::ids::BookletId;
use crate::domain::programme::{FundingShare, Order, Programme};
use crate::domain::time::Day;
use crate::reports::{self, OrderStory, Request};

/// An order, as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
struct OrderJson {
    number: String,
    ordered_on: String,
    issuer_id: String,
    booklets: i64,
    passes_per_booklet: u8,
    face_value_cents: i64,
    fees_cents: i64,
    #[schema(value_type = Vec<Object>)]
    funding: Vec<FundingShare>,
    validity_end: String,
    /// Last day on which venues may redeem.
    grace_end: String,
    first_serial: String,
    last_serial: String,
    deliveries: i64,
    delivered_booklets: i64,
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_order: Option<String>,
    /// Stopped for the time being.
    hand_outs_suspended: bool,
    redemptions_suspended: bool,
    /// When its unused passes began to expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2028-01-31")]
    expired_on: Option<String>,
}

fn order_json(programme: &Programme, order: Order) -> OrderJson {
    let printed = |number| BookletId::new(programme.no, number).item().printed(&programme.code);
    OrderJson {
        number: order.number.to_string(),
        ordered_on: order.ordered_on.to_string(),
        issuer_id: order.issuer.to_string(),
        booklets: order.booklets(),
        passes_per_booklet: order.passes_per_booklet,
        face_value_cents: order.face_value.get(),
        fees_cents: order.fees.get(),
        validity_end: order.validity_end.to_string(),
        grace_end: order.grace_end.to_string(),
        first_serial: printed(order.range.first()),
        last_serial: printed(order.range.last()),
        deliveries: order.deliveries,
        delivered_booklets: order.delivered_booklets,
        active: order.activation.is_some(),
        payment_order: order.activation.map(|activation| activation.payment_order.to_string()),
        funding: order.funding,
        hand_outs_suspended: order.suspended.hand_outs,
        redemptions_suspended: order.suspended.redemptions,
        expired_on: order.expired_on.map(|day| day.to_string()),
    }
}

/// On which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OrderQuery {
    /// The last business day that counts; as it stands now when not said.
    #[param(value_type = Option<String>, example = "2026-11-24")]
    as_of: Option<Day>,
}

/// The order as its receipts up to a day tell it; what never changes is as it stands now.
fn told(order: Order, story: &OrderStory) -> Order {
    let activation = order.activation.filter(|_| story.activated.is_some());
    Order {
        validity_end: story.validity_end,
        grace_end: story.grace_end,
        deliveries: story.deliveries,
        delivered_booklets: story.delivered_booklets,
        activation,
        suspended: story.suspended,
        expired_on: story.expiries.first().map(|told| told.day),
        acknowledged_on: story.acknowledged.as_ref().map(|told| told.day),
        ..order
    }
}

/// The orders that there were on the day asked for, as they stood.
async fn read(app: &web::Data<App>, programme: &Programme, as_of: Option<Day>) -> Result<Vec<Order>, Problem> {
    let no = programme.no;
    let orders = app.read(move |tx| Ok(tx.orders(no)?)).await?;
    let Some(as_of) = as_of else { return Ok(orders) };
    let asked = Request::new(programme.code.clone(), as_of);
    let stories = statements::read(app, move |store| reports::order_stories(store, &asked)).await?;
    let then = |order: Order| stories.get(&order.id.sequence()).map(|story| told(order, story));
    Ok(orders.into_iter().filter_map(then).collect())
}

/// The orders of a programme, in order of number.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/orders", tag = "supply",
    params(("programme" = String, Path), PastPageQuery),
    responses((status = 200, body = List<OrderJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path).await?;
    let asked = query::<PastPageQuery>(&request)?;
    let (limit, after) = (limit(asked.limit)?, cursor(asked.after.as_deref())?);
    let mut orders = read(&app, &programme, asked.as_of).await?;
    orders.retain(|order| order.id.sequence() > after);
    orders.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let List { items, next } = List::new(orders, limit, |last| last.id.sequence().to_string());
    let items = items.into_iter().map(|order| order_json(&programme, order)).collect();
    Ok(HttpResponse::Ok().json(List { items, next }))
}

/// One order.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/orders/{order}", tag = "supply",
    params(("programme" = String, Path), ("order" = String, Path), OrderQuery),
    responses((status = 200, body = OrderJson)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let number = order_number(&path.1)?;
    let orders = read(&app, &programme, query::<OrderQuery>(&request)?.as_of).await?;
    let order = orders.into_iter().find(|order| order.number == number);
    let order = order.ok_or_else(|| Problem::new("order_unknown").about("order", &number))?;
    Ok(HttpResponse::Ok().json(order_json(&programme, order)))
}
