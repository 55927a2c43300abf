//! One handler per act: body → act → ledger → receipt. What never lives here: a rule; what an act may do is
//! decided in `domain`.

pub(super) mod allocations;
pub(super) mod applications;
pub(super) mod bank;
pub(super) mod claims;
pub(super) mod closing;
mod commitment;
pub(super) mod contradiction;
pub(super) mod custody;
pub(super) mod destruction;
pub(super) mod ends;
pub(super) mod erasure;
mod file_request;
pub(super) mod follow_ups;
pub(super) mod handout;
pub(super) mod import;
pub(super) mod incidents;
pub(super) mod issuer_statements;
mod letter_file;
pub(super) mod letters;
pub(super) mod offline;
pub(super) mod orientation;
pub(super) mod overpayments;
mod pass_file;
pub(super) mod payees;
pub(super) mod payments;
pub(super) mod people_key;
pub(super) mod print;
pub(super) mod redemption;
pub(super) mod restore;
pub(super) mod supply;

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpResponse, ResponseError, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::{App, blocking};
use super::caller::SignedIn;
use super::problem::{Problem, trace_id};
use super::receipt_json::ReceiptJson;
use crate::domain::act::Act;
use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::{BookletId, PassId, ProgrammeNo};
use crate::domain::movement::{Mention, Movement};
use crate::domain::programme::Programme;
use crate::domain::serial::{BookletSerial, PassSerial, SerialRange};
use crate::ledger::{Answer, Outcome, Preview, RequestKey, Submission, prefetch};
use crate::receipts::Receipt;
use crate::store::Reads;

/// The header of an answer that was given before.
const REPLAYED: (&str, &str) = ("idempotent-replay", "true");

/// Booklets that one request may name.
const MOST_NAMED: usize = 100_000;

/// The answer to a recorded act.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Recorded {
    receipt: ReceiptJson,
    /// What the paper must print and the ledger does not keep.
    #[serde(skip_serializing_if = "Option::is_none")]
    paper: Option<handout::PaperJson>,
    /// What whoever asked ought to know, though it was recorded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning>,
}

/// Something to know of an act that was recorded, or would be.
#[derive(Debug, Serialize, ToSchema)]
struct Warning {
    /// Stable.
    #[schema(example = "possible_same_person")]
    code: &'static str,
    /// In the language asked for.
    detail: String,
}

impl Warning {
    fn of_doubt(doubtful: bool) -> Vec<Self> {
        if !doubtful {
            return Vec::new();
        }
        let detail = Problem::new("possible_same_person").sentence();
        vec![Self { code: "possible_same_person", detail }]
    }
}

/// What a dry run would have recorded.
#[expect(clippy::struct_field_names, reason = "the field is named by the API")]
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DryRun {
    #[schema(example = true)]
    dry_run: bool,
    #[schema(example = "redemption")]
    kind: String,
    booklets: i64,
    passes: i64,
    value_cents: i64,
    lines: Vec<DryLine>,
    #[schema(value_type = Object)]
    mentions: BTreeMap<&'static str, serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DryLine {
    batch: String,
    from: String,
    to: String,
    booklets: i64,
    passes: i64,
    value_cents: i64,
}

/// Where and how an act is asked.
pub(super) struct Asked<'a> {
    pub(super) app: &'a web::Data<App>,
    pub(super) signed_in: &'a SignedIn,
    pub(super) programme: &'a Programme,
    pub(super) key: Option<RequestKey>,
    pub(super) dry_run: bool,
}

/// Submits the act and answers 201 with its receipt, or what a dry run would have done.
pub(super) async fn record(asked: Asked<'_>, act: impl Act + 'static) -> Result<HttpResponse, Problem> {
    let programme = asked.programme;
    match submit(asked, act).await? {
        Submitted::Tried(preview) => Ok(preview),
        Submitted::Answered(answer) => Ok(respond(programme, answer, |_| None)),
    }
}

/// What became of an act.
pub(super) enum Submitted {
    /// A dry run: the answer says what it would have done.
    Tried(HttpResponse),
    Answered(Answer),
}

/// Submits the act.
pub(super) async fn submit(asked: Asked<'_>, act: impl Act + 'static) -> Result<Submitted, Problem> {
    let permit = asked.signed_in.caller.permit(act.kind())?;
    let submission = Submission::new(permit, asked.programme.no, Box::new(act), asked.key)?.traced(trace_id());
    if asked.dry_run {
        let app = asked.app.clone();
        let preview = blocking(move || Ok(app.ledger.dry_run(&submission)?)).await??;
        return Ok(Submitted::Tried(HttpResponse::Ok().json(DryRun::from(preview))));
    }
    Ok(Submitted::Answered(asked.app.ledger.submit(submission).await?))
}

/// The answer once given under this key, for handlers that look at the state before they ask the ledger: the state
/// that the first attempt found is no longer there.
pub(super) async fn replayed(
    app: &web::Data<App>,
    programme: &Programme,
    key: Option<&RequestKey>,
) -> Result<Option<HttpResponse>, Problem> {
    let Some(key) = key.cloned() else { return Ok(None) };
    let (shared, no) = (app.clone(), programme.no);
    let answer = blocking(move || Ok(shared.ledger.replay(no, &key)?)).await?;
    Ok(answer.map(|answer| respond(programme, answer, |_| None)))
}

/// What the ledger would decide on, for whoever judges a file or a wish before it is asked for.
///
/// # Errors
/// `programme_unknown`.
fn facts_for(tx: &mut dyn Reads, programme: ProgrammeNo, needs: &Needs) -> Result<Facts, Problem> {
    prefetch::facts(tx, programme, needs)?.ok_or(Problem::new("programme_unknown"))
}

pub(super) fn respond(
    programme: &Programme,
    answer: Answer,
    paper: impl FnOnce(&Receipt) -> Option<handout::PaperJson>,
) -> HttpResponse {
    let mut response = match answer.outcome {
        Outcome::Granted(receipt) => {
            let number = &receipt.body().number;
            let location = format!("/api/v1/programmes/{}/receipts/{number}", programme.code);
            let warnings = Warning::of_doubt(answer.doubtful);
            let recorded = Recorded { receipt: ReceiptJson::from(&*receipt), paper: paper(&receipt), warnings };
            HttpResponse::Created().insert_header((header::LOCATION, location)).json(recorded)
        }
        Outcome::Refused(refusal) => Problem::from(refusal).error_response(),
    };
    if answer.replayed {
        let (name, value) = REPLAYED;
        response.headers_mut().insert(header::HeaderName::from_static(name), header::HeaderValue::from_static(value));
    }
    response
}

impl From<Preview> for DryRun {
    fn from(preview: Preview) -> Self {
        let Movement { kind, lines, mentions, .. } = &preview.movement;
        let (booklets, passes, value) = preview.movement.total().unwrap_or_default();
        let mention = |(name, mention): (&&'static str, &Mention)| {
            let value = match mention {
                Mention::Text(text) => text.clone().into(),
                Mention::Number(number) => (*number).into(),
            };
            (*name, value)
        };
        let to_line = |line: &crate::domain::movement::Line| DryLine {
            batch: line.batch.to_string(),
            from: line.from.to_string(),
            to: line.to.to_string(),
            booklets: line.booklets,
            passes: line.passes,
            value_cents: line.value.get(),
        };
        Self {
            dry_run: true,
            kind: kind.to_string(),
            booklets,
            passes,
            value_cents: value.get(),
            lines: lines.iter().map(to_line).collect(),
            mentions: mentions.iter().map(mention).collect(),
            warnings: Warning::of_doubt(preview.movement.is_doubtful()),
        }
    }
}

/// A run of booklets, both ends included.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RangeBody {
    #[schema(value_type = String, example = "HDF21-000001-85")]
    first: BookletSerial,
    #[schema(value_type = String, example = "HDF21-000050-35")]
    last: BookletSerial,
}

/// The passes of the programme behind serials, or what is to be said of one of another's.
pub(super) fn pass_ids(
    programme: &Programme,
    serials: &[PassSerial],
    unknown: impl Fn(&PassSerial) -> Problem,
) -> Result<Vec<PassId>, Problem> {
    let find = |serial: &PassSerial| {
        let booklet = serial.booklet();
        let own = booklet.programme() == &programme.code;
        own.then(|| BookletId::new(programme.no, booklet.number()).pass(serial.rank())).ok_or_else(|| unknown(serial))
    };
    serials.iter().map(find).collect()
}

/// Finds the booklets of the programme behind serials and ranges.
pub(super) fn booklet_ids(
    programme: &Programme,
    serials: &[BookletSerial],
    ranges: &[RangeBody],
) -> Result<Vec<BookletId>, Problem> {
    let foreign = |serial: &BookletSerial| Problem::new("booklet_unknown").about("serial", serial).field("booklets");
    let own = |serial: &BookletSerial| {
        if serial.programme() == &programme.code { Ok(serial.number()) } else { Err(foreign(serial)) }
    };
    let mut numbers = serials.iter().map(own).collect::<Result<Vec<u32>, _>>()?;
    for RangeBody { first, last } in ranges {
        own(first)?;
        own(last)?;
        let range = SerialRange::between(first, last)?;
        if numbers.len().saturating_add(usize::try_from(range.len()).unwrap_or(usize::MAX)) > MOST_NAMED {
            return Err(Problem::out_of_range("booklets", 1, MOST_NAMED));
        }
        numbers.extend(range.numbers());
    }
    Ok(numbers.into_iter().map(|number| BookletId::new(programme.no, number)).collect())
}
