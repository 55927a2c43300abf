//! The orders of a programme.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::acts::supply::{find_order, order_number};
use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::List;
use super::super::problem::Problem;
use crate::auth::Action;
use crate::domain::ids::BookletId;
use crate::domain::programme::{FundingShare, Order, Programme};

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

/// The orders of a programme.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/orders", tag = "supply", params(("programme" = String, Path)),
    responses((status = 200, body = List<OrderJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path).await?;
    let no = programme.no;
    let orders = app.read(move |tx| Ok(tx.orders(no)?)).await?;
    let items = orders.into_iter().map(|order| order_json(&programme, order)).collect();
    Ok(HttpResponse::Ok().json(List { items, next: None }))
}

/// One order.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/orders/{order}", tag = "supply",
    params(("programme" = String, Path), ("order" = String, Path)), responses((status = 200, body = OrderJson)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let number = order_number(&path.1)?;
    let of = programme.clone();
    let order = app.read(move |tx| find_order(tx, &of, &number)).await?;
    Ok(HttpResponse::Ok().json(order_json(&programme, order)))
}
