//! A delivery by the issuer's file: `serial,code`, one line per pass, with a verdict per line. All lines are taken
//! or none; a dry run writes nothing and says the same.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::super::app::{App, blocking};
use super::super::caller::{SignedIn, permitted};
use super::super::envelope::{act_key, query, read_bytes, require_type};
use super::super::limits::IMPORT_BYTES;
use super::super::problem::{LineVerdict, Problem};
use super::pass_file::{self, Line, OK, Ordered};
use super::supply::{find_order, order_number};
use super::{Asked, Recorded, booklet_ids, record, replayed};
use crate::domain::ids::BookletId;
use crate::domain::programme::Programme;
use crate::domain::serial::{BookletSerial, PassSerial};
use crate::domain::stock::{CodeMac, NewBooklet};
use crate::domain::supply::TakeDelivery;
use crate::domain::text::Reference;
use crate::domain::time::Day;
use crate::ledger::RequestKey;
use crate::store::Reads;

/// About the delivery.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ImportQuery {
    #[param(value_type = String, example = "2026-11-20")]
    delivered_on: Day,
    #[param(value_type = String, example = "BL-7781")]
    delivery_note: Reference,
    /// Serials of booklets that were announced and are not there, joined by commas.
    #[serde(default)]
    missing: String,
    /// Serials of booklets in the file that are unusable, joined by commas.
    #[serde(default)]
    damaged: String,
    /// Check the file and write nothing.
    #[serde(default)]
    dry_run: bool,
}

/// The verdict on a file.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ImportVerdict {
    dry_run: bool,
    booklets: usize,
    passes: usize,
    wrong_lines: usize,
    lines: Vec<LineVerdict>,
}

/// The file with what surrounds it.
pub(in crate::http) struct ImportRequest {
    signed_in: SignedIn,
    query: ImportQuery,
    key: Option<RequestKey>,
    bytes: Vec<u8>,
}

impl FromRequest for ImportRequest {
    type Error = Problem;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let signed_in = permitted(&request).await?;
            let query: ImportQuery = query(&request)?;
            require_type(&request, "text/csv")?;
            let bytes = read_bytes(&request, &mut payload, IMPORT_BYTES).await?;
            let key = act_key(&request, &signed_in, query.dry_run, &Sha256::digest(&bytes))?;
            Ok(Self { signed_in, query, key, bytes })
        })
    }
}

/// Take booklets in charge by the issuer's file.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/orders/{order}/deliveries/import", tag = "supply",
    request_body(content = String, content_type = "text/csv", example = "serial,code\r\nHDF21-000001-85/01,7K3M-Q9TX-2WHB-5CTW\r\n"),
    params(("programme" = String, Path), ("order" = String, Path), ImportQuery),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = ImportVerdict)))]
pub(in crate::http) async fn import(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ImportRequest,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ImportRequest { signed_in, query, key, bytes } = request;
    if let Some(answer) = replayed(&app, &programme, key.as_ref()).await? {
        return Ok(answer);
    }
    let dry_run = query.dry_run;
    let number = order_number(&path.1)?;
    let (shared, of) = (app.clone(), programme.clone());
    let Judged { verdict, act } = blocking(move || judge(&shared, &of, &number, (&bytes, &query))).await?;
    let asked = Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run };
    match (dry_run, verdict.wrong_lines) {
        (false, 0) => record(asked, act).await,
        (false, _) => {
            let wrong = verdict.lines.into_iter().filter(|line| line.verdict != OK).collect();
            Err(Problem::new("import_malformed").lines(wrong))
        }
        (true, wrong) => {
            // Right lines may still make a delivery that is refused: the trial says so, as the delivery would.
            if wrong == 0 {
                record(asked, act).await?;
            }
            Ok(HttpResponse::Ok().json(verdict))
        }
    }
}

/// The verdict on a file, and the delivery it makes when every line is right.
struct Judged {
    verdict: ImportVerdict,
    act: TakeDelivery,
}

fn judge(
    app: &App,
    programme: &Programme,
    number: &Reference,
    (bytes, query): (&[u8], &ImportQuery),
) -> Result<Judged, Problem> {
    let mut lines = pass_file::read(bytes, |code| app.keys.code_mac(code));
    let missing = named(programme, &query.missing)?;
    let damaged = named(programme, &query.damaged)?;
    let order = app.store.read(|tx| {
        let order = find_order(tx, programme, number)?;
        let order = Ordered {
            programme: programme.code.clone(),
            number: order.number,
            range: order.range,
            passes_per_booklet: order.passes_per_booklet,
        };
        pass_file::check(&order, &mut lines);
        check_against_stock(tx, programme, &mut lines)?;
        Ok::<_, Problem>(order)
    })?;
    let received = group(programme, &lines);
    let wrong_lines = lines.iter().filter(|line| line.read.is_err()).count();
    let verdict = ImportVerdict {
        dry_run: query.dry_run,
        booklets: received.len(),
        passes: lines.len() - wrong_lines,
        wrong_lines,
        lines: lines.into_iter().map(|line| line.verdict(&order)).collect(),
    };
    let act = TakeDelivery {
        order: number.clone(),
        delivered_on: query.delivered_on,
        note: query.delivery_note.clone(),
        received,
        missing,
        damaged,
        print_nonce: None,
    };
    Ok(Judged { verdict, act })
}

fn named(programme: &Programme, joined: &str) -> Result<Vec<BookletId>, Problem> {
    let serials = joined.split(',').filter(|text| !text.trim().is_empty()).map(BookletSerial::parse);
    booklet_ids(programme, &serials.collect::<Result<Vec<_>, _>>()?, &[])
}

/// Booklets not delivered before, codes not known before.
fn check_against_stock(
    tx: &mut (impl Reads + ?Sized),
    programme: &Programme,
    lines: &mut [Line],
) -> Result<(), Problem> {
    let id = |serial: &PassSerial| BookletId::new(programme.no, serial.booklet().number());
    let read = || lines.iter().filter_map(|line| line.read.as_ref().ok());
    let ids: BTreeSet<BookletId> = read().map(|(serial, _)| id(serial)).collect();
    let macs: BTreeSet<CodeMac> = read().map(|(_, mac)| *mac).collect();
    let delivered: BTreeSet<BookletId> =
        tx.booklets_among(programme.no, &ids)?.into_iter().map(|booklet| booklet.id).collect();
    let known: BTreeSet<CodeMac> = tx.passes_by_code(programme.no, &macs)?.into_iter().map(|(_, mac, _)| mac).collect();
    for line in lines {
        let Ok((serial, mac)) = &line.read else { continue };
        if delivered.contains(&id(serial)) {
            line.read = Err("booklet_already_delivered");
        } else if known.contains(mac) {
            line.read = Err("code_taken");
        }
    }
    Ok(())
}

fn group(programme: &Programme, lines: &[Line]) -> Vec<NewBooklet> {
    let mut booklets: BTreeMap<u32, BTreeMap<u8, CodeMac>> = BTreeMap::new();
    for (serial, mac) in lines.iter().filter_map(|line| line.read.as_ref().ok()) {
        booklets.entry(serial.booklet().number()).or_default().insert(serial.rank(), *mac);
    }
    let to_booklet = |(number, macs): (u32, BTreeMap<u8, CodeMac>)| NewBooklet {
        id: BookletId::new(programme.no, number),
        code_macs: macs.into_values().collect(),
    };
    booklets.into_iter().map(to_booklet).collect()
}
