//! Orders as their receipts tell them, from the purchase to the expiry. What never lives here: what is stored.

use std::collections::BTreeMap;

use crate::domain::programme::{self, Order as Stored};
use crate::domain::serial::BookletSerial;
use crate::receipts::{Body, Text};

/// An order as its receipts tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) number: String,
    ordered_on: String,
    pub(super) issuer_code: Option<String>,
    first: u32,
    last: u32,
    passes_per_booklet: i64,
    face_cents: i64,
    fees_cents: i64,
    funding: String,
    validity_end: String,
    grace_end: String,
    deliveries: i64,
    delivered_booklets: i64,
    /// The mandat de paiement, and the moment of the receipt that names it.
    activation: Option<(String, String)>,
    hand_outs_suspended: bool,
    redemptions_suspended: bool,
    expired_on: Option<String>,
    acknowledged_on: Option<String>,
}

impl Order {
    /// The same from its row, where the issuer stands by an identifier, and the issuer's code.
    pub(super) fn stored(order: Stored, issuer_code: Option<String>) -> Self {
        Self {
            issuer_code,
            ordered_on: order.ordered_on.to_string(),
            first: order.range.first(),
            last: order.range.last(),
            passes_per_booklet: order.passes_per_booklet.into(),
            face_cents: order.face_value.get(),
            fees_cents: order.fees.get(),
            funding: programme::funding_text(&order.funding),
            validity_end: order.validity_end.to_string(),
            grace_end: order.grace_end.to_string(),
            deliveries: order.deliveries,
            delivered_booklets: order.delivered_booklets,
            activation: order
                .activation
                .map(|activation| (activation.payment_order.to_string(), activation.at.to_string())),
            hand_outs_suspended: order.suspended.hand_outs,
            redemptions_suspended: order.suspended.redemptions,
            expired_on: order.expired_on.map(|day| day.to_string()),
            acknowledged_on: order.acknowledged_on.map(|day| day.to_string()),
            number: order.number.to_string(),
        }
    }

    fn placed<T: Text>(body: &Body<T>) -> Self {
        let said = |mention| body.mentioned_text(mention).unwrap_or_default().to_owned();
        let serial = |mention| BookletSerial::parse(&said(mention)).map_or(0, |serial| serial.number());
        Self {
            number: said("order_number"),
            ordered_on: said("ordered_on"),
            issuer_code: body.mentioned_text("issuer_code").map(str::to_owned),
            first: serial("first_serial"),
            last: serial("last_serial"),
            passes_per_booklet: body.mentioned_number("passes_per_booklet").unwrap_or_default(),
            face_cents: body.face_cents,
            fees_cents: body.mentioned_number("fees_cents").unwrap_or_default(),
            funding: said("funding"),
            validity_end: said("validity_end"),
            grace_end: said("grace_end"),
            ..Self::default()
        }
    }
}

/// Takes the next receipt of orders in, whatever it says of them.
pub(super) fn take<T: Text>(orders: &mut BTreeMap<i64, Order>, body: &Body<T>) {
    let kind = &*body.kind;
    if kind == "order" {
        orders.insert(body.mentioned_number("order").unwrap_or_default(), Order::placed(body));
        return;
    }
    if kind == "suspension" || kind == "resumption" {
        suspend(orders, body, kind == "suspension");
        return;
    }
    let Some(order) = body.mentioned_number("order").and_then(|sequence| orders.get_mut(&sequence)) else { return };
    let said = |mention| body.mentioned_text(mention).unwrap_or_default().to_owned();
    match kind {
        "delivery" => {
            order.deliveries += 1;
            order.delivered_booklets += body.total.booklets;
        }
        "activation" => order.activation = Some((said("payment_order"), (*body.at).to_owned())),
        "prorogation" => {
            (order.validity_end, order.grace_end) = (said("validity_end"), said("grace_end"));
            order.acknowledged_on = None;
        }
        "acknowledgement" => order.acknowledged_on = Some((*body.day).to_owned()),
        "expiry" => order.expired_on = order.expired_on.take().or_else(|| Some((*body.day).to_owned())),
        _ => {}
    }
}

fn suspend<T: Text>(orders: &mut BTreeMap<i64, Order>, body: &Body<T>, suspended: bool) {
    let scope = body.mentioned_text("scope").unwrap_or_default();
    for sequence in
        body.mentioned_text("orders").unwrap_or_default().split(' ').filter_map(|number| number.parse().ok())
    {
        let Some(order) = orders.get_mut(&sequence) else { continue };
        if scope != "redemptions" {
            order.hand_outs_suspended = suspended;
        }
        if scope != "hand_outs" {
            order.redemptions_suspended = suspended;
        }
    }
}
