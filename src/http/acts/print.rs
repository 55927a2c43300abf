//! The print file of a delivery: serials and codes in clear, once. After it has left nobody can make it again,
//! this program included.

use actix_web::{HttpResponse, web};

use super::super::access_log::Handed;
use super::super::app::{App, blocking};
use super::super::caller::SignedIn;
use super::super::problem::Problem;
use super::supply::{find_order, order_number};
use crate::auth::Action;
use crate::domain::programme::{Order, Programme};
use crate::domain::stock::{Booklet, CodeMac};
use crate::domain::text::Reference;
use crate::issuing::pass_code;
use crate::store::Writes;

/// Take the print file: `serial,code,face_value_cents,validity_end`, then a line of control totals. It leaves
/// once; a second request answers 410.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/orders/{order}/deliveries/{delivery}/print-file",
    tag = "supply", params(("programme" = String, Path), ("order" = String, Path), ("delivery" = i64, Path, example = 1)),
    responses((status = 200, description = "The file", content_type = "text/csv", body = String)))]
pub(in crate::http) async fn print_file(
    app: web::Data<App>,
    path: web::Path<(String, String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::TakePrintFile)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let order = order_number(&path.1)?;
    let delivery: i64 = path.2.parse().map_err(|_| Problem::new("not_found"))?;
    let name = format!("{}-{}-{delivery}.csv", programme.code, path.1.replace(['/', ' '], "-"));
    let (no, wanted) = (programme.no, programme.clone());
    // The nonce is taken inside the write door: of two requests at once only one gets the file. The file is made
    // outside: nobody else waits for it.
    let (order, nonce) = app.write(move |tx| take(tx, &wanted, &order, delivery)).await?;
    let shared = app.clone();
    let file = blocking(move || {
        let booklets = shared.store.read(|tx| tx.booklets_of_batch(no, order.id.batch(delivery)))?;
        write_file(&shared, &programme, &order, &nonce, &booklets)
    });
    let file = file.await?;
    let mut response = HttpResponse::Ok();
    response.extensions_mut().insert(Handed { form: "csv", number: None });
    Ok(response
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .body(file))
}

fn take(
    tx: &mut dyn Writes,
    programme: &Programme,
    number: &Reference,
    delivery: i64,
) -> Result<(Order, CodeMac), Problem> {
    let order = find_order(tx, programme, number)?;
    if !(1..=order.deliveries).contains(&delivery) {
        return Err(Problem::new("not_found"));
    }
    let nonce = tx.take_print_nonce(order.id.batch(delivery))?.ok_or(Problem::new("print_file_taken"))?;
    Ok((order, nonce))
}

fn write_file(
    app: &App,
    programme: &Programme,
    order: &Order,
    nonce: &[u8; 32],
    booklets: &[Booklet],
) -> Result<Vec<u8>, Problem> {
    let failed = |error: csv::Error| Problem::internal(&error);
    let mut file = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    file.write_record(["serial", "code", "face_value_cents", "validity_end"]).map_err(failed)?;
    let (value, end) = (order.face_value.to_string(), order.validity_end.to_string());
    let mut passes: i64 = 0;
    for booklet in booklets {
        for rank in 1..=booklet.size {
            let pass = booklet.id.pass(rank);
            let serial = pass.item().printed(&programme.code);
            let code = pass_code(&app.keys, nonce, pass).grouped();
            file.write_record([&serial, &code, &value, &end]).map_err(failed)?;
            passes += 1;
        }
    }
    let total = order.face_value.times(passes).map(|total| total.to_string()).unwrap_or_default();
    let totals = ["#total".to_owned(), format!("booklets={}", booklets.len()), format!("passes={passes}"), total];
    file.write_record(&totals).map_err(failed)?;
    file.into_inner().map_err(|error| Problem::internal(&error))
}
