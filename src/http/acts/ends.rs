//! The end of orders (suspension, prorogation, acknowledgement, expiry, credit note) and stock-takes.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::incidents::ItemsBody;
use super::supply::order_number;
use super::{Asked, DryRun, RangeBody, Recorded, booklet_ids, record};
use crate::domain::act::Act;
use crate::domain::custody::sender;
use crate::domain::end_calendar::Acknowledge;
use crate::domain::ends::{BOOKLETS_PER_EXPIRY, Expire, Prorogue, Scope, Suspend, SuspensionReason, TakeCredit};
use crate::domain::ids::OrganisationId;
use crate::domain::money::Cents;
use crate::domain::party::Holder;
use crate::domain::serial::BookletSerial;
use crate::domain::stock_take::TakeStock;
use crate::domain::text::Reference;
use crate::domain::time::Day;
use crate::http::app::App;
use crate::http::envelope::ActRequest;
use crate::http::problem::Problem;

/// Orders named one by one, or all of one issuer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct OrderSuspensionBody {
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["CMD-2026-001"]))]
    orders: Vec<Reference>,
    /// Instead of orders: every order of this issuer that is not suspended this way yet.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    issuer_id: Option<OrganisationId>,
    #[schema(value_type = String, example = "redemptions")]
    scope: Scope,
    #[schema(value_type = String, example = "issuer_failure")]
    reason: SuspensionReason,
}

/// Suspend hand-outs, redemptions or both of orders: fifteen days before their end, or when their issuer fails.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/suspensions", tag = "ends", request_body = OrderSuspensionBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn suspend(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<OrderSuspensionBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    if let Some(answer) = super::replayed(&app, &programme, key.as_ref()).await? {
        return Ok(answer);
    }
    let OrderSuspensionBody { mut orders, issuer_id, scope, reason } = body;
    if let Some(issuer) = issuer_id {
        let no = programme.no;
        let all = app.read(move |tx| Ok(tx.orders(no)?)).await?;
        let open = all.into_iter().filter(|order| order.issuer == issuer);
        let open = open.filter(|order| scope.applied(order.suspended, true) != order.suspended);
        orders.extend(open.map(|order| order.number));
    }
    let act = Suspend { orders, scope, reason: Some(reason) };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// What goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct OrderResumptionBody {
    #[schema(value_type = Vec<String>, example = json!(["CMD-2026-001"]))]
    orders: Vec<Reference>,
    #[schema(value_type = String, example = "redemptions")]
    scope: Scope,
}

/// Lift a suspension.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/resumptions", tag = "ends", request_body = OrderResumptionBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn resume(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<OrderResumptionBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let act = Suspend { orders: body.orders, scope: body.scope, reason: None };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// A later end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ProrogationBody {
    #[schema(value_type = String, example = "2028-06-30")]
    validity_end: Day,
}

/// What an act on one order is made from.
type OrderRequest<B> = (web::Data<App>, web::Path<(String, String)>, ActRequest<B>);

/// Records an act on the order of the address.
async fn on_order<B, A: Act + 'static>(
    (app, path, request): OrderRequest<B>,
    act: impl FnOnce(Reference, B) -> A,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let act = act(order_number(&path.1)?, body);
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// Prorogue an order: its passes are valid for longer, also those already handed out.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/orders/{order}/prorogation", tag = "ends",
    request_body = ProrogationBody, params(("programme" = String, Path), ("order" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn prorogue(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<ProrogationBody>,
) -> Result<HttpResponse, Problem> {
    let act = |order, body: ProrogationBody| Prorogue { order, validity_end: body.validity_end };
    on_order((app, path, request), act).await
}

/// Nothing to say but that it is acknowledged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AcknowledgementBody {}

/// Acknowledge that the passes of an order are about to be cancelled, and that those handed out before its end are at the
/// Region's own charge: from seven days before it, unless the programme's rules say otherwise.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/orders/{order}/acknowledgement", tag = "ends",
    request_body = AcknowledgementBody, params(("programme" = String, Path), ("order" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn acknowledge(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<AcknowledgementBody>,
) -> Result<HttpResponse, Problem> {
    on_order((app, path, request), |order, AcknowledgementBody {}| Acknowledge { order }).await
}

/// How much expires at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ExpiryBody {
    /// Booklets of this part, 1 to 20 000; the receipt's mention `more` says that something is left.
    #[serde(default)]
    #[schema(example = 20_000)]
    most: Option<u32>,
}

/// Record that what is left of an order has expired, once its grace is over. Repeat while the receipt says `more`.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/orders/{order}/expiry", tag = "ends",
    request_body = ExpiryBody, params(("programme" = String, Path), ("order" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn expire(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<ExpiryBody>,
) -> Result<HttpResponse, Problem> {
    let act = |order, body: ExpiryBody| Expire { order, most: body.most.unwrap_or(BOOKLETS_PER_EXPIRY) };
    on_order((app, path, request), act).await
}

/// What the issuer gives back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CreditNoteBody {
    /// The issuer's number.
    #[schema(value_type = String, example = "AV-2028-7")]
    credit_note: Reference,
    #[schema(value_type = String, example = "2028-02-12")]
    received_on: Day,
    /// Must be the face value of what has expired; a dry run with any amount says it.
    #[schema(value_type = i64, example = 213_000)]
    amount_cents: Cents,
    /// The part of what has expired that it is for; everything that awaits a credit note when not said.
    #[serde(default)]
    items: ItemsBody,
}

/// Record the issuer's credit note for the expired passes of an order, at face value.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/orders/{order}/credit-notes", tag = "ends",
    request_body = CreditNoteBody, params(("programme" = String, Path), ("order" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn credit(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<CreditNoteBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let CreditNoteBody { credit_note, received_on, amount_cents: amount, items } = &request.body;
    let items = items.named(&programme)?;
    let (order, credit_note) = (order_number(&path.1)?, credit_note.clone());
    let act = TakeCredit { order, credit_note, received_on: *received_on, amount: *amount, items };
    let ActRequest { signed_in, body: _, key, dry_run } = request;
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// What somebody counted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct StockTakeBody {
    /// The prescriber at which the Region counts; its own store, or a prescriber's own stock, when not said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    prescriber_id: Option<OrganisationId>,
    #[schema(value_type = String, example = "2026-11-20")]
    counted_on: Day,
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["HDF21-000123-10"]))]
    booklets: Vec<BookletSerial>,
    #[serde(default)]
    ranges: Vec<RangeBody>,
}

/// Record a stock-take: expected, counted, missing and surplus. Losses and finds are acts of their own.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/stock-takes", tag = "incidents",
    request_body = StockTakeBody, params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn take_stock(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<StockTakeBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let counted = booklet_ids(&programme, &body.booklets, &body.ranges)?;
    let own = sender(signed_in.caller.role(), &signed_in.organisation);
    let prescriber = body.prescriber_id.filter(|_| own == Holder::Store);
    let holder = match prescriber {
        None => own,
        Some(id) => {
            let found = app.read(move |tx| Ok(tx.organisation(id)?)).await?;
            let unknown = || Problem::new("prescriber_unknown").field("prescriber_id");
            Holder::Prescriber(found.ok_or_else(unknown)?.code)
        }
    };
    let act = TakeStock { holder, prescriber, counted_on: body.counted_on, counted };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}
