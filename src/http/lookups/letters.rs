//! The letter that goes with a decision: with labels, the only place where a name comes out again; each time it is noted.
//! What never lives here: a decision, or a list of letters (see `mailings`).

use std::collections::BTreeSet;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::super::access_log::Handed;
use super::super::acts::applications::{number, opened};
use super::super::acts::orientation::{lines, nearest};
use super::super::app::{App, blocking};
use super::super::caller::SignedIn;
use super::super::documents::{Form, accepted};
use super::super::problem::Problem;
use crate::auth::Action;
use crate::documents::{LetterCircumstances, LetterPlaces, LetterView, letter, letter_pdf, letter_style_hash};
use crate::domain::applications::Application;
use crate::domain::eligibility::RuleSet;
use crate::domain::places::directory::Directory;
use crate::domain::programme::Programme;
use crate::domain::time::Day;
use crate::dossiers::Dossier;
use crate::store::Reads;

/// The letter to the applicant, ready to print: what is missing, the refusal with how to dispute it, or what goes with
/// the booklet; as a page, or as a PDF of A4 pages with `Accept: application/pdf`.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/applications/{application}/letter", tag = "applications",
    params(("programme" = String, Path), ("application" = i64, Path)),
    responses((status = 200, description = "The letter", content((String = "text/html"), (Vec<u8> = "application/pdf")))))]
pub(in crate::http) async fn letter_to(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::TakeLabels)?;
    let form = accepted(&request)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let (shared, of, who, asked) = (app.clone(), programme.clone(), signed_in.clone(), number(&path.1)?);
    let today = app.clock.now().day();
    let (directory, _) = app.directory().await?;
    let view = app
        .read(move |tx| {
            let (application, dossier) = opened(tx, &shared, &of, (&who, asked))?;
            let (chosen, near) = places(tx, &of, &dossier, (&directory, today))?;
            let sponsor = tx.organisation(of.sponsor)?.ok_or(Problem::new("not_found"))?;
            let (rules, _) = tx.distribution_rules(of.no)?.unwrap_or_default();
            let versions = tx.rule_sets(of.no)?;
            let judged_by = |rules: &&RuleSet| rules.version() == application.assessed.rule_version;
            let booklet = booklet(tx, &of, &application)?;
            let around = LetterCircumstances {
                programme: &of,
                sponsor: &sponsor,
                rules: &rules,
                eligibility: versions.iter().find(judged_by),
                booklet: booklet.as_ref().map(|(serial, until)| (serial.as_str(), *until)),
                places: if chosen.is_empty() { LetterPlaces::Nearest(&near) } else { LetterPlaces::Chosen(&chosen) },
                today,
            };
            Ok(LetterView::new(&application, &dossier, around))
        })
        .await?;
    let by = &signed_in.caller.actor().pseudonym;
    tracing::info!(programme = %programme.code, application = asked, by, "a letter is taken");
    let mut response = HttpResponse::Ok();
    if form == Form::Pdf {
        let name = format!("inline; filename=\"{}-demande-{asked}.pdf\"", programme.code);
        let bytes = blocking(move || Ok(letter_pdf(&view))).await?;
        response.extensions_mut().insert(Handed { form: "pdf", number: None });
        response.content_type("application/pdf").insert_header((header::CONTENT_DISPOSITION, name));
        return Ok(response.body(bytes));
    }
    let policy = format!("default-src 'none'; style-src {}; frame-ancestors 'none'", letter_style_hash());
    response.extensions_mut().insert(Handed { form: "html", number: None });
    Ok(response
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(letter(&view)))
}

/// What was chosen with the person, as it is today; where no place was, what is nearest to them.
fn places(
    tx: &mut (impl Reads + ?Sized),
    programme: &Programme,
    dossier: &Dossier,
    (directory, today): (&Directory, Day),
) -> Result<(Vec<String>, Vec<String>), Problem> {
    let chosen = dossier.orientation.filter(|to| to.place.is_some() || to.venue.is_some());
    if let Some(orientation) = chosen {
        return Ok((lines(tx, orientation, today)?, Vec::new()));
    }
    let need = dossier.orientation.and_then(|to| to.need);
    Ok((Vec::new(), nearest(directory, programme, (dossier.commune, need))))
}

/// The booklet that goes with the letter, and the last day on which it may be used.
fn booklet(
    tx: &mut (impl Reads + ?Sized),
    programme: &Programme,
    application: &Application,
) -> Result<Option<(String, Option<Day>)>, Problem> {
    let Some((id, _)) = application.letter else { return Ok(None) };
    let found = tx.booklets_among(programme.no, &BTreeSet::from([id]))?.pop();
    let orders = found.map(|booklet| booklet.batch.order()).into_iter().collect();
    let until = tx.orders_among(&orders)?.pop().map(|order| order.validity_end);
    Ok(Some((id.item().printed(&programme.code), until)))
}
