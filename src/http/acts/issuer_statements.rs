//! An issuer's statement taken in, passes of it disputed by their venue, and differences decided on by the Region.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::super::app::{App, blocking};
use super::super::envelope::ActRequest;
use super::super::problem::{LineVerdict, Problem};
use super::bank::{unread_line, verdict};
use super::file_request::{FileQuery, FileRequest};
use super::{Asked, DryRun, Recorded, facts_for, pass_ids, record, replayed};
use crate::banking::{StatementFile, statement_in};
use crate::domain::act::{Act, item_text};
use crate::domain::facts::Needs;
use crate::domain::month::Month;
use crate::domain::programme::Programme;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::serial::PassSerial;
use crate::domain::short_code::ShortCode;
use crate::domain::statements::{
    Dispute, DisputeReason, ImportStatement, Judge, Resolution, ResolutionReason, Resolve, Told,
};
use crate::domain::text::Reference;
use crate::payment_file;

/// Whose statement it is, and of which month.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct StatementQuery {
    /// Short code of the issuer.
    #[param(value_type = String, example = "APTIC")]
    issuer: ShortCode,
    /// A month that is over.
    #[param(value_type = String, example = "2021-10")]
    month: Month,
    /// The statement of the same month that this one corrects.
    corrects: Option<i64>,
    /// Check the file and write nothing.
    #[serde(default)]
    dry_run: bool,
}

impl FileQuery for StatementQuery {
    const TYPES: &'static [&'static str] = &["text/csv"];

    fn dry_run(&self) -> bool {
        self.dry_run
    }
}

/// What a venue disputes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct DisputeBody {
    #[schema(value_type = Vec<String>, example = json!(["HDF21-000123-10/04"]))]
    passes: Vec<PassSerial>,
    #[schema(value_type = String, example = "not_received")]
    reason: DisputeReason,
    /// The letter or file that says more.
    #[schema(value_type = Option<String>, example = "COURRIER-2021-118")]
    reference: Option<Reference>,
}

/// How differences are resolved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ResolutionBody {
    /// By their numbers in the statement.
    #[schema(example = json!([12, 40]))]
    differences: Vec<i64>,
    /// `accepted` (as the issuer says), `issuer_corrects` or `venue_corrects`.
    #[schema(value_type = String, example = "issuer_corrects")]
    resolution: Resolution,
    #[schema(value_type = String, example = "evidence_seen")]
    reason: ResolutionReason,
    /// The letter or file that says more.
    #[schema(value_type = Option<String>, example = "COURRIER-2021-118")]
    reference: Option<Reference>,
}

/// Take in what an issuer says it has paid for the passes spent in a month, one line for each pass. What agrees with the
/// ledger is paid; everything else is a difference. A line that was taken in before spoils the whole file.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/issuer-statements", tag = "claims",
    request_body(content = String, content_type = "text/csv",
        example = "serial;venue;redeemed_on;paid_on;amount\r\nHDF21-000001-85/01;LIEUX;2021-10-12;2021-11-05;10,00\r\n"),
    params(("programme" = String, Path), StatementQuery),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn take(
    app: web::Data<App>,
    path: web::Path<String>,
    request: FileRequest<StatementQuery>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let FileRequest { signed_in, query, key, bytes } = request;
    if let Some(answer) = replayed(&app, &programme, key.as_ref()).await? {
        return Ok(answer);
    }
    let dry_run = query.dry_run;
    let (shared, of) = (app.clone(), programme.clone());
    let act = blocking(move || judge(&shared, &of, &query, &bytes)).await?;
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// What all lines hash to: see `docs/RECEIPT-FORMAT.md`.
fn lines_hash(programme: &Programme, lines: &[Told]) -> String {
    let text: String = lines.iter().map(|told| told.text(&told.pass.item().printed(&programme.code))).collect();
    payment_file::hash(text.as_bytes())
}

fn judge(app: &App, programme: &Programme, query: &StatementQuery, bytes: &[u8]) -> Result<ImportStatement, Problem> {
    let unread = |_| Problem::new("issuer_file_unreadable").field("file");
    let StatementFile { lines, unread } = statement_in(programme, bytes).map_err(unread)?;
    let mut wrong: Vec<LineVerdict> =
        unread.into_iter().map(|line| unread_line(line, "issuer_line_malformed")).collect();
    let act = app.store.read(|tx| {
        let issuer = tx.organisation_by_code(&query.issuer)?;
        let issuer = issuer.ok_or_else(|| Problem::new("issuer_unknown").field("issuer"))?.id;
        let (file_hash, lines_hash) = (payment_file::hash(bytes), lines_hash(programme, &lines));
        let act =
            ImportStatement { issuer, month: query.month, corrects: query.corrects, file_hash, lines_hash, lines };
        let mut needs = Needs::default();
        act.needs(&mut needs);
        let facts = facts_for(tx, programme.no, &needs)?;
        if facts.statements.files.contains(&act.file_hash) {
            return Err(Problem::from(Refusal::new(Code::IssuerFileTaken).field("file")));
        }
        let mut judge = Judge::new(&facts, issuer, query.month, query.corrects.is_some());
        wrong.extend(act.lines.iter().filter_map(|told| {
            let refusal = judge.judge(told).err()?;
            let line = usize::try_from(told.number).unwrap_or(usize::MAX);
            Some(verdict(line, item_text(&facts, told.pass.item()), &refusal))
        }));
        Ok::<_, Problem>(act)
    })?;
    if wrong.is_empty() {
        return Ok(act);
    }
    wrong.sort_by_key(|verdict| verdict.line);
    Err(Problem::new("import_malformed").lines(wrong))
}

/// A number that no statement can have is an address that leads nowhere.
pub(in crate::http) fn statement_number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::new("statement_unknown").about("statement", text))
}

/// Dispute passes that an issuer says it has paid for them to the caller's own venues.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/issuer-statements/{statement}/disputes", tag = "claims",
    request_body = DisputeBody, params(("programme" = String, Path), ("statement" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn dispute(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<DisputeBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let statement = statement_number(&path.1)?;
    let DisputeBody { passes, reason, reference } = body;
    let foreign = |serial: &PassSerial| {
        let problem = Problem::new("pass_not_in_statement").about("serial", serial);
        problem.about("statement", statement).field("passes")
    };
    let act = Dispute { statement, passes: pass_ids(&programme, &passes, foreign)?, reason, reference };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// Decide on differences of a statement: believe the issuer, or have the issuer or the venue put them right.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/issuer-statements/{statement}/resolutions", tag = "claims",
    request_body = ResolutionBody, params(("programme" = String, Path), ("statement" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn resolve(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<ResolutionBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let ResolutionBody { differences, resolution, reason, reference } = body;
    let act = Resolve { statement: statement_number(&path.1)?, differences, resolution, reason, reference };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}
