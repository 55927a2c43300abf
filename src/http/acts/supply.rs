//! Orders, deliveries by quantity, activation.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::app::{App, blocking};
use super::super::envelope::ActRequest;
use super::super::problem::Problem;
use super::{Asked, DryRun, RangeBody, Recorded, booklet_ids, record, replayed};
use crate::domain::ids::{BookletId, OrganisationId};
use crate::domain::money::Cents;
use crate::domain::programme::{FundingShare, Order, Programme};
use crate::domain::serial::BookletSerial;
use crate::domain::supply::{Activate, PlaceOrder, TakeDelivery};
use crate::domain::text::Reference;
use crate::domain::time::Day;
use crate::issuing::new_booklets;
use crate::store::Reads;

/// An order of booklets from an issuer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct OrderBody {
    /// As the purchasing system numbers it.
    #[schema(value_type = String, example = "CMD-2026-001")]
    number: Reference,
    #[schema(value_type = String, example = "2026-11-02")]
    ordered_on: Day,
    #[schema(value_type = String, format = "uuid")]
    issuer_id: OrganisationId,
    /// 1 to 1 000 000.
    #[schema(example = 500)]
    booklets: u32,
    /// 1 to 99.
    #[schema(example = 10)]
    passes_per_booklet: u8,
    /// Must be the programme's.
    #[schema(value_type = i64, example = 1000)]
    face_value_cents: Cents,
    /// What the issuer asks besides the face value.
    #[serde(default)]
    #[schema(value_type = i64, example = 200_000)]
    fees_cents: Cents,
    /// Must make 10 000 basis points.
    #[schema(value_type = Vec<FundingBody>)]
    funding: Vec<FundingShare>,
    /// Printed on the passes.
    #[schema(value_type = String, example = "2027-12-31")]
    validity_end: Day,
}

/// Part of an order's cost borne by one funder.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes FundingShare to readers of the API")]
pub(in crate::http) struct FundingBody {
    #[schema(example = "État (ANCT)")]
    funder: String,
    #[schema(example = 6500)]
    basis_points: u32,
}

/// Order booklets. Their serials are reserved at once, so that the issuer can print them.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/orders", tag = "supply", request_body = OrderBody,
    params(("programme" = String, Path, example = "HDF21")),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn place_order(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<OrderBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let act = PlaceOrder {
        number: body.number,
        ordered_on: body.ordered_on,
        issuer: body.issuer_id,
        booklets: body.booklets,
        passes_per_booklet: body.passes_per_booklet,
        face_value: body.face_value_cents,
        fees: body.fees_cents,
        funding: body.funding,
        validity_end: body.validity_end,
    };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// A delivery whose codes are generated here. Name a quantity (the next serials of the order) or a range.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct DeliveryBody {
    /// How many of the order's booklets were announced, lowest serials first.
    #[serde(default)]
    #[schema(example = 500)]
    booklets: Option<u32>,
    /// Instead of a quantity.
    #[serde(default)]
    range: Option<RangeBody>,
    #[schema(value_type = String, example = "2026-11-20")]
    delivered_on: Day,
    #[schema(value_type = String, example = "BL-7781")]
    delivery_note: Reference,
    /// Announced but not there: they stay with the issuer and may come later.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    missing: Vec<BookletSerial>,
    /// There but unusable: taken in charge and blocked at once.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    damaged: Vec<BookletSerial>,
}

/// Take booklets in charge; serials and codes are made here, and a print file is ready to leave once.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/orders/{order}/deliveries", tag = "supply",
    request_body = DeliveryBody, params(("programme" = String, Path), ("order" = String, Path, example = "CMD-2026-001")),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn deliver(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<DeliveryBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let number = order_number(&path.1)?;
    if let Some(answer) = replayed(&app, &programme, key.as_ref()).await? {
        return Ok(answer);
    }
    let mut nonce = [0; 32];
    app.entropy.fill(&mut nonce);
    let (shared, of) = (app.clone(), programme.clone());
    let act = blocking(move || prepare(&shared, &of, number, body, nonce)).await?;
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// Finds which booklets the delivery means, and makes their codes.
fn prepare(
    app: &App,
    programme: &Programme,
    number: Reference,
    body: DeliveryBody,
    nonce: [u8; 32],
) -> Result<TakeDelivery, Problem> {
    let missing = booklet_ids(programme, &body.missing, &[])?;
    let damaged = booklet_ids(programme, &body.damaged, &[])?;
    let (order, announced) = app.store.read(|tx| {
        let order = find_order(tx, programme, &number)?;
        let announced = match (body.booklets, &body.range) {
            (Some(count), None) => undelivered(tx, programme, &order, count)?,
            (None, Some(range)) => booklet_ids(programme, &[], std::slice::from_ref(range))?,
            _ => {
                let detail = "booklets ou range, l'un des deux";
                return Err(Problem::new("body_malformed").about("detail", detail).field("booklets"));
            }
        };
        Ok((order, announced))
    })?;
    let absent: BTreeSet<&BookletId> = missing.iter().collect();
    if let Some(other) = missing.iter().find(|id| !announced.contains(id)) {
        let serial = other.item().printed(&programme.code);
        return Err(Problem::new("booklet_not_in_order")
            .about("serial", serial)
            .about("order", &number)
            .field("missing"));
    }
    let there = announced.iter().filter(|id| !absent.contains(id)).map(|id| id.number());
    let received = new_booklets(&app.keys, &nonce, programme.no, there, order.passes_per_booklet);
    Ok(TakeDelivery {
        order: number,
        delivered_on: body.delivered_on,
        note: body.delivery_note,
        received,
        missing,
        damaged,
        print_nonce: Some(nonce),
    })
}

/// The order's next `count` booklets that were not taken in charge yet.
fn undelivered(
    tx: &mut (impl Reads + ?Sized),
    programme: &Programme,
    order: &Order,
    count: u32,
) -> Result<Vec<BookletId>, Problem> {
    let all: BTreeSet<BookletId> = order.range.numbers().map(|number| BookletId::new(programme.no, number)).collect();
    let here: BTreeSet<BookletId> = if order.delivered_booklets == 0 {
        BTreeSet::new()
    } else {
        tx.booklets_among(programme.no, &all)?.into_iter().map(|booklet| booklet.id).collect()
    };
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    let next: Vec<BookletId> = all.difference(&here).copied().take(wanted).collect();
    if next.len() < wanted {
        let problem = Problem::new("not_enough_booklets").field("booklets");
        return Err(problem.about("available", next.len()).about("wanted", count));
    }
    Ok(next)
}

/// The order of the address, or 404.
pub(in crate::http) fn find_order(
    tx: &mut (impl Reads + ?Sized),
    programme: &Programme,
    number: &Reference,
) -> Result<Order, Problem> {
    let found = tx.orders_by_number(programme.no, &BTreeSet::from([number.clone()]))?.pop();
    found.ok_or_else(|| Problem::new("order_unknown").about("order", number))
}

/// Reads an order's number from the address.
pub(in crate::http) fn order_number(text: &str) -> Result<Reference, Problem> {
    Reference::parse(text).map_err(|_| Problem::new("order_unknown").about("order", text))
}

/// The payment order that covers the face value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ActivationBody {
    /// Number of the payment order (mandat de paiement).
    #[schema(value_type = String, example = "2026-MP-01893")]
    payment_order: Reference,
}

/// Activate an order: its passes can be handed out and spent from here on.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/orders/{order}/activation", tag = "supply",
    request_body = ActivationBody, params(("programme" = String, Path), ("order" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn activate(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<ActivationBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let act = Activate { order: order_number(&path.1)?, payment_order: body.payment_order };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}
