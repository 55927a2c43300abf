//! Issuers' statements, one of them as a document to be signed, and their differences. A provider sees that there are
//! statements, and the differences of its own passes.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::acts::issuer_statements::statement_number;
use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::documents::{Form, accepted};
use super::super::envelope::{List, PageQuery, limit, query};
use super::super::problem::Problem;
use super::super::statements::{answer, day_asked, heading, read};
use super::own_statement::{OwnStatement, own_lines};
use super::{cursor, party};
use crate::auth::Action;
use crate::documents::{ReconciledLine, Reconciliation, Statement, StatementWord};
use crate::domain::ids::VenueId;
use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;
use crate::domain::statements::{IssuerStatement, LineStatus, StatementLine};
use crate::domain::time::Day;
use crate::reports::{self, Counter, Request, StatementStory};
use crate::store::{DifferenceFilter, Reads};

/// A statement; figures only for who sees the whole programme.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IssuerStatement)]
struct IssuerStatementJson {
    #[schema(example = 3)]
    number: i64,
    #[schema(example = "HDF21-HDF-2021-000042")]
    receipt: String,
    #[schema(example = "APTIC")]
    issuer: String,
    #[schema(example = "2021-10")]
    month: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    figures: Option<StatementFigures>,
}

/// What a statement amounts to.
#[derive(Debug, Serialize, ToSchema)]
struct StatementFigures {
    /// SHA-256 of the file.
    file_hash: String,
    lines: i64,
    matched_passes: i64,
    unchanged_lines: i64,
    /// What the issuer says it has paid, unchanged lines left out.
    stated_cents: i64,
    open_differences: i64,
}

fn statement_json((statement, receipt): (IssuerStatement, String), whole: bool) -> IssuerStatementJson {
    let figures = whole.then(|| StatementFigures {
        file_hash: statement.file_hash.clone(),
        lines: statement.lines,
        matched_passes: statement.matched,
        unchanged_lines: statement.unchanged,
        stated_cents: statement.stated.get(),
        open_differences: statement.open,
    });
    IssuerStatementJson {
        number: statement.number,
        receipt,
        issuer: statement.issuer.to_string(),
        month: statement.month.to_string(),
        corrects: statement.corrects,
        figures,
    }
}

/// Statements in order of number.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/issuer-statements", tag = "claims",
    params(("programme" = String, Path), PageQuery), responses((status = 200, body = List<IssuerStatementJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path).await?;
    let asked = query::<PageQuery>(&request)?;
    let (limit, after) = (asked.page()?.limit, cursor(asked.after.as_deref())?);
    let whole = signed_in.scope().is_none();
    let list = app
        .read(move |tx| {
            let found = tx.statements(programme.no, after, limit)?;
            let items = found.into_iter().map(|found| statement_json(found, whole)).collect();
            Ok(List::new(items, limit, |last: &IssuerStatementJson| last.number.to_string()))
        })
        .await?;
    Ok(HttpResponse::Ok().json(list))
}

/// A difference between the issuer, the ledger and the venue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DifferenceJson {
    /// Its number in the statement: the line of the file, or one after the last.
    #[schema(example = 12)]
    pub(super) number: i64,
    /// `matched` or `unchanged` among a provider's own lines; else `not_redeemed`, `not_payable`, `paid_twice`, `venue_differs`, `amount_differs`, `day_differs`, `absent`, `disputed`.
    #[schema(example = "amount_differs")]
    class: &'static str,
    #[schema(example = "HDF21-000123-10/04")]
    serial: String,
    /// Whose venue spent the pass, says the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<SaidJson>,
    /// `open`, `resolved` or `corrected`.
    #[schema(example = "open")]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<&'static str>,
    /// The receipt that resolved or corrected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<String>,
}

/// What the issuer says of a pass.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IssuerSays)]
struct SaidJson {
    #[schema(example = "LIEUX")]
    venue: String,
    redeemed_on: String,
    paid_on: String,
    amount_cents: i64,
}

pub(super) fn difference_json(programme: &Programme, line: StatementLine) -> DifferenceJson {
    DifferenceJson {
        number: line.number,
        class: line.class.as_str(),
        serial: line.pass.item().printed(&programme.code),
        provider: line.provider.map(|provider| provider.to_string()),
        issuer: line.said.map(|said| SaidJson {
            venue: said.venue.to_string(),
            redeemed_on: said.redeemed_on.to_string(),
            paid_on: said.paid_on.to_string(),
            amount_cents: said.amount.get(),
        }),
        status: line.status.as_str(),
        resolution: line.resolution.map(crate::domain::statements::Resolution::as_str),
        closed_by: line.closed_by,
    }
}

/// Which differences are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DifferenceQuery {
    /// Only those that are `open`, `resolved` or `corrected`.
    #[param(value_type = Option<String>, example = "open")]
    status: Option<LineStatus>,
    /// Rows of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// The differences of a statement in order of number; a provider's own. The report `issuer-differences` gives those of all
/// statements as CSV and as a workbook, for any past day.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/issuer-statements/{statement}/differences", tag = "claims",
    params(("programme" = String, Path), ("statement" = i64, Path), DifferenceQuery),
    responses((status = 200, body = List<DifferenceJson>)))]
pub(in crate::http) async fn differences(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let statement = statement_number(&path.1)?;
    let asked = query::<DifferenceQuery>(&request)?;
    let (limit, after) = (limit(asked.limit)?, cursor(asked.after.as_deref())?);
    let filter = DifferenceFilter { provider: party(&signed_in), status: asked.status, with_agreed: false };
    let list = app
        .read(move |tx| {
            if tx.statements_among(programme.no, &[statement].into())?.is_empty() {
                return Err(Problem::new("statement_unknown").about("statement", statement));
            }
            let found = tx.differences(programme.no, statement, &filter, after, limit)?;
            let items = found.into_iter().map(|line| difference_json(&programme, line)).collect();
            Ok(List::new(items, limit, |last: &DifferenceJson| last.number.to_string()))
        })
        .await?;
    Ok(HttpResponse::Ok().json(list))
}

/// On which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReconciliationQuery {
    /// The last business day that counts; today when not said.
    #[param(value_type = Option<String>, example = "2021-12-31")]
    as_of: Option<Day>,
}

/// A counter of a statement.
#[derive(Debug, Serialize, ToSchema)]
struct CounterJson {
    /// `matched`, `unrecognised`, `unpaid` or `otherwise`.
    #[schema(example = "unpaid")]
    counter: &'static str,
    #[schema(example = "Utilisés au registre, non payés par l'émetteur")]
    label: &'static str,
    passes: i64,
    /// What the issuer says it has paid for them.
    issuer_cents: i64,
    /// What they are worth, says the ledger.
    ledger_cents: i64,
    open_differences: i64,
}

/// A statement held against the ledger, in four counters.
#[derive(Debug, Serialize, ToSchema)]
struct IssuerReconciliation {
    statement: i64,
    receipt: String,
    issuer: String,
    month: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<i64>,
    as_of: String,
    file_hash: String,
    lines: i64,
    unchanged_lines: i64,
    stated_cents: i64,
    counters: Vec<CounterJson>,
    open_differences: i64,
    /// The last position of the journal that counts, and the hash there.
    position: i64,
    head: String,
}

fn reconciliation_json(story: &StatementStory, as_of: Day) -> IssuerReconciliation {
    let counter = |counter: Counter| {
        let counted = story.counted(counter);
        CounterJson {
            counter: counter.as_str(),
            label: counter.label(),
            passes: counted.passes,
            issuer_cents: counted.issuer_cents,
            ledger_cents: counted.ledger_cents,
            open_differences: counted.open,
        }
    };
    IssuerReconciliation {
        statement: story.number,
        receipt: story.receipt.clone(),
        issuer: story.issuer.clone(),
        month: story.month.clone(),
        corrects: story.corrects,
        as_of: as_of.to_string(),
        file_hash: story.file_hash.clone(),
        lines: story.lines,
        unchanged_lines: story.unchanged,
        stated_cents: story.stated.get(),
        counters: Counter::ALL.map(counter).into(),
        open_differences: story.open(),
        position: story.position,
        head: story.head.clone(),
    }
}

/// A statement held against the ledger, as it stood on a day: as JSON, or to be signed by `Accept: text/html` or
/// `application/pdf`. A provider is answered with its own lines, in pages (`limit`, `after`), and what they amount to.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/issuer-statements/{statement}", tag = "claims",
    params(("programme" = String, Path), ("statement" = i64, Path), ReconciliationQuery),
    responses((status = 200, description = "The statement", content(
        (IssuerReconciliation = "application/json"), (OwnStatement = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReceipts)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let (number, form) = (statement_number(&path.1)?, accepted(&request)?);
    if let Some(own) = party(&signed_in) {
        return own_lines(&app, programme, (number, own), form, &request).await;
    }
    let as_of = day_asked(&app, query::<ReconciliationQuery>(&request)?.as_of)?;
    let asked = Request::new(programme.code.clone(), as_of);
    let story = read(&app, move |store| reports::issuer_statement(store, &asked, number)).await?;
    let story = story.ok_or_else(|| Problem::new("statement_unknown").about("statement", number))?;
    if form == Form::Json {
        return Ok(HttpResponse::Ok().json(reconciliation_json(&story, as_of)));
    }
    let of = programme.clone();
    let (heading, said) = app
        .read(move |tx| {
            let heading = heading(tx, &of, (story.position, story.head.clone()), as_of)?;
            Ok((heading, reconciliation(tx, &story)?))
        })
        .await?;
    let statement = Statement::reconciliation(heading, &said);
    Ok(answer(&statement, form, &format!("{}-etat-emetteur-{number}-{as_of}", programme.code)))
}

/// Names by the codes that stand in a statement, and by what an issuer calls a venue.
#[derive(Debug, Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(tx: &mut (impl Reads + ?Sized), story: &StatementStory) -> Result<Self, Problem> {
        let differences = &story.differences;
        let providers = differences.iter().map(|difference| difference.provider.clone());
        let venues = differences.iter().filter_map(|difference| Some(difference.said.as_ref()?.venue.to_string()));
        let wanted: BTreeSet<String> = providers.chain(venues).chain([story.issuer.clone()]).collect();
        let mut names = Self::default();
        for text in wanted {
            let name = match (ShortCode::parse(&text), VenueId::parse(&text.to_ascii_lowercase())) {
                (Ok(code), _) => {
                    tx.organisation_by_code(&code)?.map(|organisation| format!("{} ({code})", organisation.name))
                }
                // Nobody reads the identifier of a venue.
                (Err(_), Ok(id)) => tx.venue(id)?.map(|venue| venue.name.to_string()),
                (Err(_), Err(_)) => None,
            };
            names.0.extend(name.map(|name| (text, name)));
        }
        Ok(names)
    }

    /// `Le Bus numérique (BUSNUM)`; what nobody knows, as it is.
    fn called(&self, text: &str) -> String {
        self.0.get(text).cloned().unwrap_or_else(|| text.to_owned())
    }
}

fn line(difference: &reports::DifferenceStory, names: &Names, face: i64) -> ReconciledLine {
    let said = difference.said.as_ref();
    let spent = difference.spent.as_ref();
    ReconciledLine {
        number: difference.number,
        class: difference.class,
        serial: difference.serial.clone(),
        provider: names.called(&difference.provider),
        issuer: StatementWord {
            cents: said.map(|said| said.amount.get()),
            on: said.map(|said| said.redeemed_on),
            venue: said.map(|said| names.called(said.venue.as_str())),
        },
        ledger: StatementWord {
            cents: spent.map(|_| face),
            on: spent.and_then(|spent| spent.performed_on),
            venue: spent.map(|spent| spent.venue.clone()),
        },
        resolution: difference.resolution.clone(),
        corrected: difference.status == LineStatus::Corrected,
    }
}

fn reconciliation(tx: &mut (impl Reads + ?Sized), story: &StatementStory) -> Result<Reconciliation, Problem> {
    let counter = |counter: Counter| {
        let counted = story.counted(counter);
        (counter.label(), [counted.passes, counted.issuer_cents, counted.ledger_cents, counted.open])
    };
    let names = Names::of(tx, story)?;
    Ok(Reconciliation {
        number: story.number,
        issuer: names.called(&story.issuer),
        month: story.month.clone(),
        corrects: story.corrects,
        receipt: story.receipt.clone(),
        lines: story.lines,
        stated: story.stated,
        file_hash: story.file_hash.clone(),
        counters: Counter::ALL.map(counter),
        differences: story.differences.iter().map(|one| line(one, &names, story.face.get())).collect(),
    })
}
