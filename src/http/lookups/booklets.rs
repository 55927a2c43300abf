//! One booklet, and its chain of hands.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{List, query};
use super::super::problem::Problem;
use super::super::receipt_json::{ReceiptJson, read};
use super::party;
use crate::auth::Action;
use crate::domain::ids::BookletId;
use crate::domain::party::Holder;
use crate::domain::programme::Programme;
use crate::domain::serial::BookletSerial;
use crate::domain::short_code::ShortCode;
use crate::domain::stock::Booklet;
use crate::domain::time::Day;
use crate::receipts::Receipt;
use crate::reports::{booklet_then, order_then};
use crate::store::{Reads, Window};

/// A booklet as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Booklet)]
struct BookletJson {
    #[schema(example = "HDF21-000123-10")]
    serial: String,
    batch: String,
    order: String,
    /// Another organisation is named to its own people and to the Region's only.
    #[schema(example = "circulation")]
    holder: String,
    passes: u8,
    passes_left: u8,
    active: bool,
    validity_end: String,
    grace_end: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    handed_out_on: Option<String>,
    /// Passes that left the booklet, with where they are.
    #[schema(value_type = Vec<Object>)]
    departed: Vec<DepartedJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DepartedJson {
    serial: String,
    holder: String,
}

fn booklet_id(programme: &Programme, text: &str) -> Result<BookletId, Problem> {
    let serial = BookletSerial::parse(text)?;
    if serial.programme() != &programme.code {
        return Err(Problem::new("booklet_unknown").about("serial", serial));
    }
    Ok(BookletId::new(programme.no, serial.number()))
}

/// A prescriber or a venue sees a booklet that a receipt of its own names, and of its receipts those only: the others
/// tell why the person received it, and where else they go.
fn seen_booklet(
    tx: &mut dyn Reads,
    programme: &Programme,
    id: BookletId,
    party: Option<&ShortCode>,
) -> Result<(Booklet, Vec<Receipt>), Problem> {
    let unknown = || Problem::new("booklet_unknown").about("serial", id.item().printed(&programme.code));
    let booklet = tx.booklets_among(programme.no, &BTreeSet::from([id]))?.pop().ok_or_else(unknown)?;
    let mut seen = Vec::new();
    for receipt in tx.receipts_of_booklet(id)? {
        let own = match party {
            Some(party) => tx.receipt_concerns(programme.no, receipt.position, party)?,
            None => true,
        };
        if own {
            seen.push(read(receipt)?);
        }
    }
    if seen.is_empty() && party.is_some() {
        return Err(unknown());
    }
    Ok((booklet, seen))
}

/// A holder as it may be seen: another organisation than one's own is not named.
fn shown(holder: &Holder, party: Option<&ShortCode>) -> String {
    let text = holder.to_string();
    match (party, text.split_once(':')) {
        (Some(party), Some((_, code))) if code != party.as_str() => holder.kind().to_owned(),
        _ => text,
    }
}

/// A booklet: where it is, and where its passes are.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/booklets/{serial}", tag = "receipts",
    params(("programme" = String, Path), ("serial" = String, Path), HistoryQuery),
    responses((status = 200, body = BookletJson)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let id = booklet_id(&programme, &path.1)?;
    let party = party(&signed_in);
    let as_of = query::<HistoryQuery>(&request)?.as_of;
    let json = app
        .read(move |tx| {
            let json = booklet_json(tx, &programme, id, party.as_ref())?;
            match as_of {
                Some(as_of) => then(tx, &programme, (id, party.as_ref()), (json, as_of)),
                None => Ok(json),
            }
        })
        .await?;
    Ok(HttpResponse::Ok().json(json))
}

/// The same as it stood at the end of a day.
fn then(
    tx: &mut dyn Reads,
    programme: &Programme,
    (id, party): (BookletId, Option<&ShortCode>),
    (now, as_of): (BookletJson, Day),
) -> Result<BookletJson, Problem> {
    let until = as_of.to_string();
    let receipts = tx.receipts_of_booklet(id)?.into_iter().map(read).collect::<Result<Vec<Receipt>, Problem>>()?;
    let bodies = receipts.iter().map(Receipt::body).filter(|body| body.day <= until);
    let unknown = || Problem::new("booklet_unknown").about("serial", &now.serial);
    let then = booklet_then(&programme.code, id.number(), bodies)?.ok_or_else(unknown)?;
    let asked = Window { programme: programme.no, after: 0, until: tx.position_on(programme.no, as_of)? };
    let order = order_then(tx, asked, &now.order)?.ok_or_else(unknown)?;
    let gone = u8::try_from(then.departed.len()).unwrap_or(u8::MAX);
    let serial = |rank: u8| id.pass(rank).item().printed(&programme.code);
    let seen = |holder: &str| Ok::<_, Problem>(shown(&Holder::parse(programme.no, holder)?, party));
    let departed =
        then.departed.iter().map(|(rank, holder)| Ok(DepartedJson { serial: serial(*rank), holder: seen(holder)? }));
    Ok(BookletJson {
        holder: seen(&then.holder)?,
        passes_left: now.passes.saturating_sub(gone),
        active: order.activated.is_some(),
        validity_end: order.validity_end.to_string(),
        grace_end: order.grace_end.to_string(),
        handed_out_on: then.handed_out_on.map(|day| day.to_string()),
        departed: departed.collect::<Result<_, Problem>>()?,
        ..now
    })
}

fn booklet_json(
    tx: &mut dyn Reads,
    programme: &Programme,
    id: BookletId,
    party: Option<&ShortCode>,
) -> Result<BookletJson, Problem> {
    let (booklet, _) = seen_booklet(tx, programme, id, party)?;
    let order = tx.orders_among(&BTreeSet::from([booklet.batch.order()]))?.pop().ok_or(Problem::new("not_found"))?;
    let departed = tx.passes_of(id, programme.no)?.into_iter().filter_map(|pass| {
        let serial = pass.id.item().printed(&programme.code);
        pass.holder.map(|holder| DepartedJson { serial, holder: shown(&holder, party) })
    });
    Ok(BookletJson {
        serial: id.item().printed(&programme.code),
        batch: booklet.batch.to_string(),
        order: order.number.to_string(),
        holder: shown(&booklet.holder, party),
        passes: booklet.size,
        passes_left: booklet.passes_left,
        active: order.activation.is_some(),
        validity_end: order.validity_end.to_string(),
        grace_end: order.grace_end.to_string(),
        handed_out_on: booklet.handed_out_on.map(|day| day.to_string()),
        departed: departed.collect(),
    })
}

/// Up to when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct HistoryQuery {
    /// The last business day that counts.
    #[param(value_type = Option<String>, example = "2026-11-24")]
    as_of: Option<Day>,
}

/// The chain of hands of a booklet: every receipt that moved it or one of its passes. A prescriber or a provider reads
/// its own part.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/booklets/{serial}/history", tag = "receipts",
    params(("programme" = String, Path), ("serial" = String, Path), HistoryQuery), responses((status = 200, body = List<ReceiptJson>)))]
pub(in crate::http) async fn history(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let id = booklet_id(&programme, &path.1)?;
    let party = party(&signed_in);
    let receipts = app.read(move |tx| Ok(seen_booklet(tx, &programme, id, party.as_ref())?.1)).await?;
    let until = query::<HistoryQuery>(&request)?.as_of.map(|day| day.to_string());
    let counts = |receipt: &&Receipt| until.as_ref().is_none_or(|until| receipt.body().day <= *until);
    let items = receipts.iter().filter(counts).map(ReceiptJson::from).collect();
    Ok(HttpResponse::Ok().json(List { items, next: None }))
}
