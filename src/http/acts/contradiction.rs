//! An issuer's list of an order, held against the ledger. What never lives here: what a difference is.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::app::{App, blocking};
use super::super::problem::{LineVerdict, Problem};
use super::bank::{unread_line, verdict};
use super::file_request::{FileQuery, FileRequest};
use super::supply::order_number;
use super::{Asked, DryRun, Recorded, record};
use crate::banking::{ListedItem, UnreadLine, order_list_in};
use crate::domain::contradiction::{IssuerList, StateContradiction};
use crate::domain::programme::{Order, Programme};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::Reference;
use crate::payment_file;

/// Whether only to try.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct OrderListQuery {
    /// Compare and write nothing.
    #[serde(default)]
    dry_run: bool,
}

impl FileQuery for OrderListQuery {
    const TYPES: &'static [&'static str] = &["text/csv"];

    fn dry_run(&self) -> bool {
        self.dry_run
    }
}

/// Hold what the issuer says has become of each pass of an order against the ledger: one line for each pass, or for a booklet
/// with all of its passes. What differs is named in the receipt; nothing moves. A line that is not of the order spoils the file.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/orders/{order}/contradictory-statement", tag = "ends",
    request_body(content = String, content_type = "text/csv",
        example = "serial;state\r\nHDF21-000001-85/01;used\r\nHDF21-000002-82;expired\r\n"),
    params(("programme" = String, Path), ("order" = String, Path), OrderListQuery),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn state(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: FileRequest<OrderListQuery>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let FileRequest { signed_in, query, key, bytes } = request;
    let (number, dry_run) = (order_number(&path.1)?, query.dry_run);
    let (shared, of) = (app.clone(), programme.clone());
    let act = blocking(move || compare(&shared, &of, number, &bytes)).await?;
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

fn compare(app: &App, programme: &Programme, number: Reference, bytes: &[u8]) -> Result<StateContradiction, Problem> {
    let orders = app.store.read(|tx| tx.orders(programme.no))?;
    let order = orders.into_iter().find(|order| order.number == number);
    let order = order.ok_or_else(|| Problem::new("order_unknown").about("order", &number))?;
    let (mut said, mut wrong): (IssuerList, Vec<LineVerdict>) = (IssuerList::of(&order)?, Vec::new());
    let take = |line: Result<ListedItem, UnreadLine>| match line {
        Ok(listed) => {
            if let Err(refusal) = take(&order, &listed, &mut said) {
                let serial = listed.item.printed(&programme.code);
                wrong.push(verdict(listed.line, serial.clone(), &refusal.about("serial", serial)));
            }
        }
        Err(unread) => wrong.push(unread_line(unread, "order_list_line_malformed")),
    };
    order_list_in(programme, bytes, take).map_err(|_| Problem::new("order_list_unreadable").field("file"))?;
    if !wrong.is_empty() {
        return Err(Problem::new("import_malformed").lines(wrong));
    }
    Ok(StateContradiction { order: number, file_hash: payment_file::hash(bytes), said })
}

/// Takes a line in: of the order, and each pass once.
fn take(order: &Order, listed: &ListedItem, said: &mut IssuerList) -> Result<(), Refusal> {
    let booklet = listed.item.booklet();
    if !order.range.contains(booklet.number()) {
        return Err(Refusal::new(Code::BookletNotInOrder).about("order", &order.number));
    }
    match listed.item.pass() {
        Some(pass) => said.say(pass, listed.state),
        None => (1..=order.passes_per_booklet).try_for_each(|rank| said.say(booklet.pass(rank), listed.state)),
    }
}
