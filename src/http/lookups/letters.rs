//! What leaves for the carrier: labels, the manifest of a sending, and the letter that goes with a decision. Labels and
//! letters are the only places where a name comes out again; each time it is noted. What never lives here: a decision.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::super::access_log::Handed;
use super::super::acts::applications::{number, opened};
use super::super::acts::orientation::{lines, nearest};
use super::super::app::{App, blocking};
use super::super::caller::SignedIn;
use super::super::documents::{Form, accepted};
use super::super::dossier;
use super::super::problem::Problem;
use crate::auth::Action;
use crate::documents::{LetterCircumstances, LetterPlaces, LetterView, letter, letter_pdf, letter_style_hash};
use crate::domain::applications::Application;
use crate::domain::eligibility::RuleSet;
use crate::domain::places::directory::Directory;
use crate::domain::programme::Programme;
use crate::domain::time::Day;
use crate::dossiers::Dossier;
use crate::reports::formula_safe;
use crate::store::{Letter, Reads};

/// The letters of a sending, each with its application.
fn sent(
    tx: &mut (impl Reads + ?Sized),
    programme: &Programme,
    text: &str,
) -> Result<(i64, Vec<(Letter, Application)>), Problem> {
    let unknown = || Problem::new("dispatch_unknown").about("dispatch", text);
    let dispatch: i64 = text.parse().map_err(|_| unknown())?;
    let letters = tx.letters_of(programme.no, dispatch)?;
    let numbers: BTreeSet<i64> = letters.iter().map(|letter| letter.application).collect();
    let found = tx.applications_among(programme.no, &numbers)?;
    let mut known: BTreeMap<i64, Application> = found.into_iter().map(|known| (known.number, known)).collect();
    let sent: Vec<(Letter, Application)> = letters
        .into_iter()
        .filter_map(|letter| known.remove(&letter.application).map(|application| (letter, application)))
        .collect();
    if sent.is_empty() { Err(unknown()) } else { Ok((dispatch, sent)) }
}

fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(Vec::new())
}

fn finished(csv: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, csv::Error> {
    csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn table(name: &str, bytes: Vec<u8>) -> HttpResponse {
    let disposition = (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
    let mut response = HttpResponse::Ok();
    response.extensions_mut().insert(Handed { form: "csv", number: None });
    response.content_type("text/csv; charset=utf-8").insert_header(disposition).body(bytes)
}

/// The labels of a sending: names and addresses of the letters that are still on their way.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/mailings/{number}/labels.csv", tag = "applications",
    params(("programme" = String, Path), ("number" = i64, Path)),
    responses((status = 200, description = "The table", content_type = "text/csv", body = String)))]
pub(in crate::http) async fn labels(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::TakeLabels)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let (shared, of) = (app.clone(), programme.clone());
    let (dispatch, bytes) = blocking(move || {
        shared.store.read(|tx| {
            let (dispatch, sent) = sent(tx, &of, &path.1)?;
            let mut addressed = Vec::with_capacity(sent.len());
            for (letter, application) in sent {
                let dossier = dossier::open(tx, &shared.keys, &of, &application)?;
                addressed.extend(dossier.map(|dossier| (letter, dossier)));
            }
            let table = labels_of(&of, &addressed).map_err(|error| Problem::internal(&error))?;
            Ok::<_, Problem>((dispatch, table))
        })
    })
    .await?;
    let by = &signed_in.caller.actor().pseudonym;
    tracing::info!(programme = %programme.code, mailing = dispatch, by, "labels are taken");
    Ok(table(&format!("{}-E{dispatch}-etiquettes.csv", programme.code), bytes))
}

fn labels_of(programme: &Programme, addressed: &[(Letter, Dossier)]) -> Result<Vec<u8>, csv::Error> {
    let mut csv = writer();
    let head = ["application", "booklet", "name", "line_1", "line_2", "line_3", "line_4", "postal_code", "locality"];
    csv.write_record(head)?;
    for (letter, dossier) in addressed {
        let mut lines = dossier.address.lines.iter().map(|line| formula_safe(line.as_str()).into_owned());
        let mut line = || lines.next().unwrap_or_default();
        csv.write_record([
            letter.application.to_string(),
            letter.booklet.item().printed(&programme.code),
            formula_safe(&format!("{} {}", dossier.given_name, dossier.family_name.to_uppercase())).into_owned(),
            line(),
            line(),
            line(),
            line(),
            dossier.address.postal_code.clone(),
            formula_safe(&dossier.address.locality.as_str().to_uppercase()).into_owned(),
        ])?;
    }
    csv.write_record([format!("#total letters={}", addressed.len())])?;
    finished(csv)
}

/// The manifest of a sending, without a name: what was handed to the carrier, and what became of each letter.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/mailings/{number}/manifest.csv", tag = "applications",
    params(("programme" = String, Path), ("number" = i64, Path)),
    responses((status = 200, description = "The table", content_type = "text/csv", body = String)))]
pub(in crate::http) async fn manifest(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let of = programme.clone();
    let (dispatch, sent) = app.read(move |tx| sent(tx, &of, &path.1)).await?;
    let bytes = manifest_of(&programme, dispatch, &sent).map_err(|error| Problem::internal(&error))?;
    Ok(table(&format!("{}-E{dispatch}-bordereau.csv", programme.code), bytes))
}

fn manifest_of(programme: &Programme, dispatch: i64, sent: &[(Letter, Application)]) -> Result<Vec<u8>, csv::Error> {
    let mut csv = writer();
    csv.write_record(["application", "booklet", "passes", "value_cents", "tracking", "outcome", "since", "cause"])?;
    let (mut passes, mut cents) = (0_i64, 0_i64);
    for (letter, application) in sent {
        let value = programme.face_value.times(application.passes).unwrap_or_default().get();
        (passes, cents) = (passes.saturating_add(application.passes), cents.saturating_add(value));
        let current = application.letter == Some((letter.booklet, dispatch));
        let [outcome, since, cause] = if current {
            let cause = application.reason.clone().unwrap_or_default();
            [application.state.to_string(), application.state_on.to_string(), cause]
        } else {
            ["sent_again".to_owned(), String::new(), String::new()]
        };
        csv.write_record([
            letter.application.to_string(),
            letter.booklet.item().printed(&programme.code),
            application.passes.to_string(),
            value.to_string(),
            letter.tracking.clone().unwrap_or_default(),
            outcome,
            since,
            cause,
        ])?;
    }
    let total = format!("#total mailing={dispatch} letters={}", sent.len());
    csv.write_record([total, String::new(), passes.to_string(), cents.to_string()])?;
    finished(csv)
}

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
