//! A receipt as a page or a PDF: gathers the labels that a document shows besides the sealed bytes.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use super::access_log::Handed;
use super::app::{App, blocking};
use super::problem::Problem;
use crate::documents::{self, OrderReference, Paper, Party, ReceiptView, SealInfo, Surroundings};
use crate::domain::ids::OrderId;
use crate::domain::party::{Holder, Organisation, Service};
use crate::domain::programme::{Order, Programme, funding_text};
use crate::domain::short_code::ShortCode;
use crate::domain::territory;
use crate::receipts::{Body, Mention, Receipt};
use crate::store::Reads;

/// A group seals at most so many receipts at once: the seal of a receipt is no further away.
const GROUP_AT_MOST: i64 = 1024;

/// In which form a receipt is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Html,
    Pdf,
}

/// The first form that the caller accepts, in the caller's order.
///
/// # Errors
/// 406 when none of ours is among them.
fn wanted(accept: &str) -> Result<Form, Problem> {
    let ranges = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    let form = |range: &str| match range {
        "application/json" | "application/*" | "*/*" => Some(Form::Json),
        "text/html" | "text/*" => Some(Form::Html),
        "application/pdf" => Some(Form::Pdf),
        _ => None,
    };
    let mut ranges = ranges;
    ranges.find_map(form).ok_or_else(|| Problem::new("not_acceptable"))
}

/// The form that a request accepts; JSON when it does not say.
///
/// # Errors
/// 406 when none of ours is among them.
pub(super) fn accepted(request: &HttpRequest) -> Result<Form, Problem> {
    wanted(request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*"))
}

/// The document.
pub(super) async fn render(
    app: &App,
    programme: &Programme,
    receipt: Receipt,
    form: Form,
    paper: Option<Paper>,
) -> Result<HttpResponse, Problem> {
    let of = programme.clone();
    let (receipt, surroundings) = app
        .read(move |tx| {
            let surroundings = surroundings(tx, &of, receipt.body())?;
            Ok((receipt, Surroundings { paper, ..surroundings }))
        })
        .await?;
    let view = ReceiptView::new(&receipt, &surroundings);
    let number = Some(receipt.body().number.clone());
    let name = format!("inline; filename=\"{}.pdf\"", receipt.body().number);
    if form == Form::Pdf {
        let bytes = blocking(move || Ok(documents::pdf(&view))).await?;
        let mut response = HttpResponse::Ok();
        response.extensions_mut().insert(Handed { form: "pdf", number });
        return Ok(response
            .content_type("application/pdf")
            .insert_header((header::CONTENT_DISPOSITION, name))
            .body(bytes));
    }
    let policy = format!("default-src 'none'; style-src {}; frame-ancestors 'none'", documents::style_hash());
    let mut response = HttpResponse::Ok();
    response.extensions_mut().insert(Handed { form: "html", number });
    Ok(response
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(documents::html(&view)))
}

fn surroundings(tx: &mut dyn Reads, programme: &Programme, body: &Body) -> Result<Surroundings, Problem> {
    let sponsor = tx.organisation(programme.sponsor)?.ok_or(Problem::new("not_found"))?;
    let mut surroundings = Surroundings::new(programme.label.as_str(), party(&sponsor));
    surroundings.privacy_contact = sponsor.email.as_ref().map(ToString::to_string);
    surroundings.services = programme.services.iter().map(|service: &Service| service.label().to_owned()).collect();
    for code in codes(programme, body) {
        if let Some(organisation) = tx.organisation_by_code(&code)? {
            surroundings.parties.insert(code.to_string(), party(&organisation));
        }
    }
    surroundings.orders = orders(tx, programme, body)?;
    if let Some(version) = body.mentioned_text("rule_version") {
        surroundings.rules = tx.rule_sets(programme.no)?.into_iter().find(|rules| rules.version() == version);
    }
    let seals = tx.seals(programme.no, body.position - 1, body.position.saturating_add(GROUP_AT_MOST))?;
    let seal = seals.into_iter().next();
    surroundings.sealed = seal.map(|seal| SealInfo { position: seal.position, key: seal.key_id });
    Ok(surroundings)
}

fn party(organisation: &Organisation) -> Party {
    let commune = territory::commune(&organisation.commune).map(|commune| commune.name);
    let street = organisation.address.as_ref().map(ToString::to_string);
    let parts: Vec<String> = street.into_iter().chain(commune.map(str::to_owned)).collect();
    Party {
        name: organisation.name.to_string(),
        registration: Some(organisation.registration.to_string()),
        address: (!parts.is_empty()).then(|| parts.join(", ")),
    }
}

/// The organisations that the receipt names: its office, the holders of its lines, sender and destination, and those of its other
/// mentions.
fn codes(programme: &Programme, body: &Body) -> BTreeSet<ShortCode> {
    let lines = body.lines.iter().flat_map(|line| [line.from.as_str(), line.to.as_str()]);
    let named = ["destination", "sender"].into_iter().filter_map(|name| body.mentioned_text(name));
    let code = |holder: &str| match Holder::parse(programme.no, holder) {
        Ok(Holder::Prescriber(code) | Holder::Provider(code) | Holder::Claimed(code) | Holder::Paid(code)) => {
            Some(code)
        }
        _ => None,
    };
    let mentioned = documents::organisations_named(body);
    let mentioned = mentioned.iter().chain([&body.office.code]).filter_map(|code| ShortCode::parse(code).ok());
    lines.chain(named).filter_map(code).chain(mentioned).collect()
}

/// The orders that the receipt's lots, or the receipt itself, belong to.
fn orders(tx: &mut dyn Reads, programme: &Programme, body: &Body) -> Result<BTreeMap<i64, OrderReference>, Problem> {
    let of_batch = |batch: &str| batch.split('-').next().and_then(|order| order.parse::<i64>().ok());
    let mut sequences: BTreeSet<i64> = body.lines.iter().filter_map(|line| of_batch(&line.batch)).collect();
    if let Some(Mention::Number(order)) = body.mentions.get("order") {
        sequences.insert(*order);
    }
    let ids: BTreeSet<OrderId> = sequences.iter().map(|sequence| OrderId::new(programme.no, *sequence)).collect();
    let mut references = BTreeMap::new();
    for order in tx.orders_among(&ids)? {
        let issuer = tx.organisation(order.issuer)?;
        references.insert(order.id.sequence(), reference(&order, issuer.as_ref()));
    }
    Ok(references)
}

fn reference(order: &Order, issuer: Option<&Organisation>) -> OrderReference {
    OrderReference {
        number: order.number.to_string(),
        payment_order: order.activation.as_ref().map(|activation| activation.payment_order.to_string()),
        funding: Some(funding_text(&order.funding)),
        issuer: issuer.map(party),
        validity_end: Some(order.validity_end),
        grace_end: Some(order.grace_end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_first_choice_among_ours_wins() {
        for (accept, form) in [
            ("*/*", Form::Json),
            ("application/json", Form::Json),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Form::Html),
            ("application/pdf", Form::Pdf),
            ("image/png, application/pdf;q=0.5", Form::Pdf),
        ] {
            assert_eq!(wanted(accept).unwrap(), form, "{accept}");
        }
        assert_eq!(wanted("image/png").unwrap_err().code(), "not_acceptable");
    }
}
