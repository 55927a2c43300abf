//! Booklets that leave by tracked letter, and what the carrier says of them. Each file is judged line by line before
//! anything is recorded; all of it is, or nothing.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::super::app::{App, blocking};
use super::super::caller::{SignedIn, permitted};
use super::super::envelope::{ActRequest, act_key, query, read_bytes, require_type};
use super::super::limits::IMPORT_BYTES;
use super::super::problem::{LineVerdict, Problem};
use super::letter_file::{self, Named, Row, fates, refused, tracking, verdict};
use super::{Asked, DryRun, Recorded, facts_for, record, replayed};
use crate::domain::applications::{Application, ApplicationState};
use crate::domain::facts::{Facts, Needs};
use crate::domain::mailing::{Fate, LETTERS_PER_ACT, Mail, ReportLetters};
use crate::domain::programme::Programme;
use crate::domain::text::Reference;
use crate::domain::time::Day;
use crate::ledger::RequestKey;
use crate::store::{ApplicationFilter, Reads, StoreError};

/// Booklets to be mailed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct MailingBody {
    /// The order whose booklets are mailed.
    #[schema(value_type = String, example = "CMD-2026-0042")]
    order: Reference,
    /// Only these; when not said, every accepted application for a booklet of this size, the first thousand.
    #[serde(default)]
    #[schema(example = json!([12, 13]))]
    applications: Option<BTreeSet<i64>>,
    /// Number of the carrier's deposit slip.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "BD-2026-118")]
    carrier_reference: Option<Reference>,
}

/// Mail one booklet to each applicant: out of the store, with the carrier until it says what became of each letter.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/mailings", tag = "applications", request_body = MailingBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn mail(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<MailingBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    if let Some(answer) = replayed(&app, &programme, key.as_ref()).await? {
        return Ok(answer);
    }
    let MailingBody { order, applications, carrier_reference } = body;
    let are_all_who_wait = applications.is_none();
    let applications = if let Some(named) = applications {
        named
    } else {
        let (of, order) = (programme.clone(), order.clone());
        app.read(move |tx| Ok(waiting(tx, &of, &order)?)).await?
    };
    let act = Mail { applications, are_all_who_wait, order, carrier_reference };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// Accepted applications for a booklet of the size of an order's.
fn waiting(
    tx: &mut (impl Reads + ?Sized),
    programme: &Programme,
    order: &Reference,
) -> Result<BTreeSet<i64>, StoreError> {
    let Some(order) = tx.orders_by_number(programme.no, &BTreeSet::from([order.clone()]))?.pop() else {
        return Ok(BTreeSet::new());
    };
    let filter = ApplicationFilter { office: None, state: Some(ApplicationState::Accepted) };
    let accepted = tx.applications(programme.no, &filter, 0, i64::MAX)?;
    let fits = |application: &&Application| application.passes == i64::from(order.passes_per_booklet);
    Ok(accepted.iter().filter(fits).map(|application| application.number).take(LETTERS_PER_ACT).collect())
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileQuery {
    #[serde(default)]
    dry_run: bool,
}

/// A table of the carrier with what surrounds it.
pub(in crate::http) struct CarrierFile {
    signed_in: SignedIn,
    key: Option<RequestKey>,
    dry_run: bool,
    bytes: Vec<u8>,
}

impl FromRequest for CarrierFile {
    type Error = Problem;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let signed_in = permitted(&request).await?;
            let FileQuery { dry_run } = query(&request)?;
            require_type(&request, "text/csv")?;
            let bytes = read_bytes(&request, &mut payload, IMPORT_BYTES).await?;
            let key = act_key(&request, &signed_in, dry_run, &Sha256::digest(&bytes))?;
            Ok(Self { signed_in, key, dry_run, bytes })
        })
    }
}

/// The verdict on a table of tracking numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct TrackingVerdict {
    dry_run: bool,
    /// Letters whose number is kept, or would be.
    letters: usize,
    wrong_lines: usize,
    lines: Vec<LineVerdict>,
}

/// Record the carrier's numbers of the letters of one sending, line by line. The same file again changes nothing.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/mailings/{number}/tracking", tag = "applications",
    request_body(content = String, content_type = "text/csv", example = "application,tracking\r\n12,6A12345678901\r\n"),
    params(("programme" = String, Path), ("number" = i64, Path)),
    responses((status = 200, description = "Kept, or what a dry run found", body = TrackingVerdict)))]
pub(in crate::http) async fn track(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: CarrierFile,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let CarrierFile { dry_run, bytes, .. } = request;
    let unknown = || Problem::new("dispatch_unknown").about("dispatch", &path.1);
    let dispatch: i64 = path.1.parse().map_err(|_| unknown())?;
    let rows = tracking(&bytes);
    let of = programme.clone();
    let (rows, lines) = app.read(move |tx| judge_tracking(tx, &of, dispatch, rows)).await?;
    if lines.is_empty() {
        return Err(unknown());
    }
    let wrong_lines = lines.iter().filter(|line| line.verdict != "ok").count();
    if wrong_lines > 0 && !dry_run {
        return Err(Problem::new("import_malformed").lines(lines.into_iter().filter(|l| l.verdict != "ok").collect()));
    }
    let letters = lines.len() - wrong_lines;
    if !dry_run {
        let no = programme.no;
        app.write(move |tx| {
            for (application, tracking) in rows.iter().filter_map(|row| row.read.as_ref().ok()) {
                tx.keep_tracking(no, (dispatch, *application), tracking)?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(HttpResponse::Ok().json(TrackingVerdict { dry_run, letters, wrong_lines, lines }))
}

type Tracked = Row<(i64, Reference)>;

/// Each letter is of the sending and named once, each number is of one letter.
fn judge_tracking(
    tx: &mut dyn Reads,
    programme: &Programme,
    dispatch: i64,
    rows: Vec<Tracked>,
) -> Result<(Vec<Tracked>, Vec<LineVerdict>), Problem> {
    let letters: BTreeSet<i64> =
        tx.letters_of(programme.no, dispatch)?.into_iter().map(|letter| letter.application).collect();
    if letters.is_empty() {
        return Ok((rows, Vec::new()));
    }
    let numbers = rows.iter().filter_map(|row| row.read.as_ref().ok()).map(|(_, tracking)| tracking.to_string());
    let taken = tx.tracked(programme.no, &numbers.collect())?;
    let (mut named, mut used) = (BTreeMap::new(), BTreeMap::new());
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let code = match &row.read {
            Err(code) => *code,
            Ok((application, _)) if !letters.contains(application) => "letter_unknown",
            Ok((application, tracking)) => {
                let elsewhere = taken.get(tracking.as_str()).is_some_and(|other| other != application);
                if named.contains_key(application) {
                    "letter_named_twice"
                } else if elsewhere || used.insert(tracking.clone(), row.line).is_some() {
                    "tracking_taken"
                } else {
                    named.insert(*application, row.line);
                    "ok"
                }
            }
        };
        let first = row.read.as_ref().ok().and_then(|(application, _)| named.get(application)).copied();
        lines.push(verdict(row.line, &row.text, code, &[("line", first.unwrap_or_default().to_string())]));
    }
    Ok((rows, lines))
}

/// Record what the carrier says of letters: each is in the person's hands, or back in the store.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/letter-reports", tag = "applications",
    request_body(content = String, content_type = "text/csv",
        example = "letter,outcome,date,cause\r\n6A12345678901,delivered,2026-11-26,\r\n13,returned,,unknown_at_address\r\n"),
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn report(
    app: web::Data<App>,
    path: web::Path<String>,
    request: CarrierFile,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let CarrierFile { signed_in, key, dry_run, bytes } = request;
    if let Some(answer) = replayed(&app, &programme, key.as_ref()).await? {
        return Ok(answer);
    }
    let (shared, of, today) = (app.clone(), programme.clone(), app.clock.now().day());
    let act = blocking(move || judge_report(&shared, &of, &fates(&bytes), today)).await?;
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

fn judge_report(
    app: &App,
    programme: &Programme,
    rows: &[Row<(Named, Fate)>],
    today: Day,
) -> Result<ReportLetters, Problem> {
    if rows.len() > LETTERS_PER_ACT {
        return Err(Problem::out_of_range("letters", 1, LETTERS_PER_ACT));
    }
    app.store.read(|tx| {
        let tracking = rows.iter().filter_map(|row| match &row.read {
            Ok((Named::Tracking(number), _)) => Some(number.clone()),
            _ => None,
        });
        let tracked = tx.tracked(programme.no, &tracking.collect())?;
        let resolve = |named: &Named| match named {
            Named::Application(number) => Some(*number),
            Named::Tracking(number) => tracked.get(number).copied(),
        };
        let mut needs = Needs::default();
        let numbers = rows.iter().filter_map(|row| resolve(&row.read.as_ref().ok()?.0));
        needs.applications.numbers.extend(numbers);
        let facts = facts_for(tx, programme.no, &needs)?;
        let (mut letters, mut seen, mut wrong) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for row in rows {
            match judge_line(&facts, row, resolve, (&seen, today)) {
                Ok((application, fate)) => {
                    seen.insert(application, row.line);
                    letters.insert(application, fate);
                }
                Err(verdict) => wrong.push(verdict),
            }
        }
        if wrong.is_empty() {
            Ok(ReportLetters { letters })
        } else {
            Err(Problem::new("import_malformed").lines(wrong))
        }
    })
}

/// The application of a line and what became of its letter, or what is wrong with it.
fn judge_line(
    facts: &Facts,
    row: &Row<(Named, Fate)>,
    resolve: impl Fn(&Named) -> Option<i64>,
    (seen, today): (&BTreeMap<i64, u64>, Day),
) -> Result<(i64, Fate), LineVerdict> {
    let said = |code: &'static str, facts: &[(&str, String)]| letter_file::verdict(row.line, &row.text, code, facts);
    let (named, fate) = row.read.as_ref().map_err(|code| said(code, &[]))?;
    let application = resolve(named).ok_or_else(|| said("letter_unknown", &[]))?;
    if let Some(line) = seen.get(&application) {
        return Err(said("letter_named_twice", &[("line", line.to_string())]));
    }
    let checked = ReportLetters::check(facts, application, *fate, today);
    checked.map(|_| (application, *fate)).map_err(|refusal| refused(row.line, &row.text, &refusal))
}
