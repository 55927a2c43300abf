//! What leaves for the carrier: the labels of a sending, and its manifest. Labels are one of the two places where a name
//! comes out again; each time it is noted. What never lives here: a decision, or the letter itself (see `letters`).

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::super::access_log::Handed;
use super::super::app::{App, blocking};
use super::super::caller::SignedIn;
use super::super::dossier;
use super::super::envelope::query;
use super::super::problem::Problem;
use super::super::table_options::TableQuery;
use crate::auth::Action;
use crate::domain::applications::{Application, ApplicationState};
use crate::domain::ids::BookletId;
use crate::domain::mailing::ReturnCause;
use crate::domain::money::Cents;
use crate::domain::party::Holder;
use crate::domain::programme::Programme;
use crate::domain::time::Day;
use crate::dossiers::Dossier;
use crate::reports::{self, CameBack, Column, CsvOptions, Headers, LastLine, Row, Value};
use crate::store::{Letter, Reads};

const LABELS: &[Column] = &[
    Column::text("application", "Demande"),
    Column::text("booklet", "Carnet"),
    Column::text("name", "Nom"),
    Column::text("line_1", "Ligne 1"),
    Column::text("line_2", "Ligne 2"),
    Column::text("line_3", "Ligne 3"),
    Column::text("line_4", "Ligne 4"),
    Column::text("postal_code", "Code postal"),
    Column::text("locality", "Localité"),
];

/// `outcome`: the state of the application, or `sent_again` where another letter has taken the place of this one. `cause`: why
/// it came back, or `lost`.
const MANIFEST: &[Column] = &[
    Column::text("application", "Demande"),
    Column::text("booklet", "Carnet"),
    Column::integer("passes", "Pass"),
    Column::cents("value_cents", "Valeur"),
    Column::text("tracking", "Suivi"),
    Column::text("outcome", "Suite"),
    Column::date("since", "Depuis le"),
    Column::text("cause", "Cause"),
];

/// A letter of a sending, with its application.
struct Sent {
    letter: Letter,
    application: Application,
    /// Whether the carrier still has it.
    is_on_its_way: bool,
}

/// The letters of a sending.
fn sent(tx: &mut dyn Reads, programme: &Programme, text: &str) -> Result<(i64, Vec<Sent>), Problem> {
    let unknown = || Problem::new("dispatch_unknown").about("dispatch", text);
    let dispatch: i64 = text.parse().map_err(|_| unknown())?;
    let letters = tx.letters_of(programme.no, dispatch)?;
    let numbers: BTreeSet<i64> = letters.iter().map(|letter| letter.application).collect();
    let found = tx.applications_among(programme.no, &numbers)?;
    let mut known: BTreeMap<i64, Application> = found.into_iter().map(|known| (known.number, known)).collect();
    let booklets: BTreeSet<BookletId> = letters.iter().map(|letter| letter.booklet).collect();
    let booklets = tx.booklets_among(programme.no, &booklets)?;
    let transit = Holder::Transit(dispatch);
    let with_carrier: BTreeSet<BookletId> =
        booklets.into_iter().filter(|booklet| booklet.holder == transit).map(|booklet| booklet.id).collect();
    let with_application = |letter: Letter| {
        let application = known.remove(&letter.application)?;
        Some(Sent { is_on_its_way: with_carrier.contains(&letter.booklet), letter, application })
    };
    let sent: Vec<Sent> = letters.into_iter().filter_map(with_application).collect();
    if sent.is_empty() { Err(unknown()) } else { Ok((dispatch, sent)) }
}

fn table(name: &str, bytes: Vec<u8>) -> HttpResponse {
    let disposition = (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
    let mut response = HttpResponse::Ok();
    response.extensions_mut().insert(Handed { form: "csv", number: None });
    response.content_type("text/csv; charset=utf-8; header=present").insert_header(disposition).body(bytes)
}

/// The labels of a sending: names and addresses of the letters that are still on their way, and of no other. No line of
/// totals: a mail merge would make a label of it.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/mailings/{number}/labels.csv", tag = "applications",
    params(("programme" = String, Path), ("number" = i64, Path), TableQuery),
    responses((status = 200, description = "The table", content_type = "text/csv", body = String)))]
pub(in crate::http) async fn labels(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::TakeLabels)?;
    let options = CsvOptions { last_line: LastLine::None, ..query::<TableQuery>(&request)?.csv()? };
    let programme = signed_in.programme(&app, &path.0).await?;
    let (shared, of) = (app.clone(), programme.clone());
    let (dispatch, bytes) = blocking(move || {
        shared.store.read(|tx| {
            let (dispatch, sent) = sent(tx, &of, &path.1)?;
            let mut rows = Vec::with_capacity(sent.len());
            for Sent { letter, application, .. } in sent.into_iter().filter(|sent| sent.is_on_its_way) {
                let dossier = dossier::open(tx, &shared.keys, &of, &application)?;
                rows.extend(dossier.map(|dossier| label(&of, &letter, &dossier)));
            }
            Ok::<_, Problem>((dispatch, reports::table_text(LABELS, &rows, "", options)?))
        })
    })
    .await?;
    let by = &signed_in.caller.actor().pseudonym;
    tracing::info!(programme = %programme.code, mailing = dispatch, by, "labels are taken");
    Ok(table(&format!("{}-E{dispatch}-etiquettes.csv", programme.code), bytes))
}

fn label(programme: &Programme, letter: &Letter, dossier: &Dossier) -> Row {
    let mut lines = dossier.address.lines.iter().map(|line| line.as_str().to_owned());
    let mut line = || Value::from(lines.next());
    vec![
        letter.application.to_string().into(),
        letter.booklet.item().printed(&programme.code).into(),
        format!("{} {}", dossier.given_name, dossier.family_name.to_uppercase()).into(),
        line(),
        line(),
        line(),
        line(),
        dossier.address.postal_code.clone().into(),
        dossier.address.locality.as_str().to_uppercase().into(),
    ]
}

/// The manifest of a sending, without a name: what was handed to the carrier, and what became of each letter.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/mailings/{number}/manifest.csv", tag = "applications",
    params(("programme" = String, Path), ("number" = i64, Path), TableQuery),
    responses((status = 200, description = "The table", content_type = "text/csv", body = String)))]
pub(in crate::http) async fn manifest(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let options = query::<TableQuery>(&request)?.csv()?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let of = programme.clone();
    let read = move |tx: &mut dyn Reads| {
        let (dispatch, sent) = sent(tx, &of, &path.1)?;
        let back = reports::came_back(tx, of.no, dispatch)?;
        Ok((dispatch, sent, back))
    };
    let (dispatch, sent, back) = app.read(read).await?;
    let row = |sent: &Sent| {
        let back = back.get(&(sent.letter.application, sent.letter.booklet));
        manifest_row(&programme, sent, outcome(sent, dispatch, back), options.headers)
    };
    let rows: Vec<Row> = sent.iter().map(row).collect();
    let control = format!("#total mailing={dispatch} letters={}", rows.len());
    let bytes = reports::table_text(MANIFEST, &rows, &control, options)?;
    Ok(table(&format!("{}-E{dispatch}-bordereau.csv", programme.code), bytes))
}

/// What became of a letter.
#[derive(Clone, Copy)]
enum Outcome {
    /// As the application says.
    Of(ApplicationState, Day),
    CameBack(CameBack),
    /// The carrier has lost it, and no other has left yet.
    Lost(Day),
    /// Another has left since it came back, or since it was lost.
    SentAgain(Option<CameBack>),
}

fn outcome(sent: &Sent, dispatch: i64, back: Option<&CameBack>) -> Outcome {
    let application = &sent.application;
    let is_current = application.letter == Some((sent.letter.booklet, dispatch));
    match back {
        back if !is_current => Outcome::SentAgain(back.copied()),
        Some(back) => Outcome::CameBack(*back),
        None if application.state == ApplicationState::Mailed && !sent.is_on_its_way => {
            Outcome::Lost(application.state_on)
        }
        None => Outcome::Of(application.state, application.state_on),
    }
}

fn manifest_row(programme: &Programme, sent: &Sent, outcome: Outcome, headers: Headers) -> Row {
    let said = |code: &'static str, french: &'static str| if headers == Headers::Labels { french } else { code };
    let state = |state: ApplicationState| said(state.as_str(), state.french());
    let cause = |cause: ReturnCause| said(cause.as_str(), cause.french());
    let (lost, again) = (said("lost", "carnet perdu"), said("sent_again", "remplacée par une nouvelle lettre"));
    let (outcome, since, cause) = match outcome {
        Outcome::Of(reached, on) => (state(reached), Some(on), None),
        Outcome::CameBack(back) => (state(ApplicationState::Returned), Some(back.on), Some(cause(back.cause))),
        Outcome::Lost(on) => (state(ApplicationState::Mailed), Some(on), Some(lost)),
        Outcome::SentAgain(Some(back)) => (again, Some(back.on), Some(cause(back.cause))),
        Outcome::SentAgain(None) => (again, None, Some(lost)),
    };
    let passes = sent.application.passes;
    vec![
        sent.letter.application.to_string().into(),
        sent.letter.booklet.item().printed(&programme.code).into(),
        passes.into(),
        programme.face_value.times(passes).unwrap_or(Cents::ZERO).into(),
        sent.letter.tracking.clone().into(),
        outcome.into(),
        since.into(),
        cause.into(),
    ]
}
