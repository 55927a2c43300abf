//! What a device noted without a network: each line is signed, has its own verdict, and is recorded at most once however often
//! it is sent. What never lives here: a rule; a line is an ordinary redemption.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, web};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{self, keyed};
use super::super::problem::Problem;
use super::{Asked, Submitted, submit};
use crate::devices::{public_key, signed};
use crate::domain::code::PassCode;
use crate::domain::device::Device;
use crate::domain::ids::{BookletId, DeviceId, PassId};
use crate::domain::offline;
use crate::domain::party::Service;
use crate::domain::programme::Programme;
use crate::domain::redemption::Redeem;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::serial::PassSerial;
use crate::domain::territory::CommuneCode;
use crate::domain::time::{Day, Instant};
use crate::domain::visit::{Offline, SignedLine, Visit};
use crate::ledger::{Answer, Outcome, RequestKey};

/// Lines of one upload: more would not fit into a body.
const MOST_LINES: usize = 100;
/// Counters that are named as missing at most.
const MOST_MISSING: usize = 1_000;

/// The queue of a device, or a part of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct UploadBody {
    #[schema(value_type = String, format = "uuid")]
    device_id: DeviceId,
    /// 1 to 100, in any order: they are taken in that of their counters.
    lines: Vec<LineBody>,
}

/// A redemption as the device noted it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct LineBody {
    /// The device's own count of its lines, from 1.
    #[schema(example = 7)]
    counter: i64,
    /// By the device's clock.
    #[schema(example = "2026-11-24T09:30:00.000Z")]
    scanned_at: String,
    #[schema(value_type = String, example = "maitrise_des_outils_numeriques_du_quotidien")]
    service: Service,
    #[schema(value_type = String, example = "2026-11-24")]
    performed_on: Day,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    performed_in: Option<CommuneCode>,
    /// As typed or scanned, just as they were signed.
    codes: Vec<String>,
    #[serde(default)]
    first_visit: Option<bool>,
    #[serde(default)]
    minutes: Option<u16>,
    #[serde(default)]
    participants: Option<u16>,
    /// Ed25519 over the line's text (see the documentation), 128 hexadecimal digits in lower case.
    signature: String,
}

/// What became of each line.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct UploadJson {
    verdicts: Vec<VerdictJson>,
    /// Counters below the highest that came which never came: lines that are still on the device, or lost with it.
    missing_counters: Vec<i64>,
}

/// What became of one line.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct VerdictJson {
    counter: i64,
    /// `recorded`, `recorded_before`, `over_limit`: enter its passes on line, `refused` for good, or `again`: send this line once
    /// more.
    #[schema(example = "recorded")]
    verdict: &'static str,
    /// Number of the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "HDF21-LIEUX-2026-000042")]
    receipt: Option<String>,
    /// Why not, as a stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "already_redeemed")]
    code: Option<&'static str>,
    /// Why not, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Where a pass was spent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<ConflictJson>,
}

/// The redemption that came before. Of another organisation only the day is told.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ConflictJson {
    #[schema(example = "HDF21-000123-10/04")]
    serial: String,
    #[schema(example = true)]
    own: bool,
    #[schema(example = "2026-11-23")]
    day: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<String>,
}

/// Record what a device noted without a network. Every line has its own verdict, and one that was recorded is not recorded
/// twice, however often it is sent.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/offline-redemptions", tag = "venue", request_body = UploadBody,
    params(("programme" = String, Path)),
    responses((status = 200, description = "A verdict per line", body = UploadJson)))]
pub(in crate::http) async fn upload(
    app: web::Data<App>,
    path: web::Path<String>,
    asked: envelope::Asked<UploadBody>,
) -> Result<HttpResponse, Problem> {
    let envelope::Asked { signed_in, body: UploadBody { device_id, mut lines } } = asked;
    let programme = signed_in.programme(&app, &path).await?;
    if !(1..=MOST_LINES).contains(&lines.len()) {
        return Err(Problem::out_of_range("lines", 1, MOST_LINES));
    }
    if let Some(place) = lines.iter().position(|line| line.counter < 1) {
        return Err(Problem::out_of_range(format!("lines[{place}].counter"), 1, i64::MAX));
    }
    let mut device = own_device(&app, &signed_in, device_id).await?;
    let not_active = || Problem::new("device_not_active").about("device", &device.label).field("device_id");
    let key = device.trusted_key(app.clock.now()).ok_or_else(not_active)?;
    let key = public_key(key).map_err(|error| Problem::internal(&error.code()))?;
    let office = signed_in.organisation.code.to_string();
    app.limits.may_try_codes(&office)?;
    lines.sort_by_key(|line| line.counter);
    let mut verdicts = Vec::with_capacity(lines.len());
    let queue = Queue { app: &app, signed_in: &signed_in, programme: &programme, device: &device, key };
    let mut came = BTreeSet::new();
    for line in &lines {
        let verdict = queue.verdict(line).await;
        if verdict.code == Some(Code::CodeUnknown.as_str()) {
            app.limits.wrong_code(&office);
        }
        if verdict.code != Some("signature_invalid") {
            came.insert(line.counter);
        }
        verdicts.push(verdict);
    }
    let missing_counters = queue.missing(&came).await?;
    device.used_at = Some(app.clock.now());
    device.counter = came.last().copied().unwrap_or_default().max(device.counter);
    app.write(move |tx| Ok(tx.use_device(&device)?)).await?;
    Ok(HttpResponse::Ok().json(UploadJson { verdicts, missing_counters }))
}

async fn own_device(app: &web::Data<App>, signed_in: &SignedIn, id: DeviceId) -> Result<Device, Problem> {
    let provider = signed_in.organisation.id;
    app.read(move |tx| {
        let unknown = || Problem::new("device_unknown").field("device_id");
        let device = tx.device(id)?.ok_or_else(unknown)?;
        let venue = tx.venue(device.venue)?.filter(|venue| venue.provider == provider);
        venue.map(|_| device).ok_or_else(unknown)
    })
    .await
}

/// The lines of one device, being taken in.
struct Queue<'q> {
    app: &'q web::Data<App>,
    signed_in: &'q SignedIn,
    programme: &'q Programme,
    device: &'q Device,
    key: VerifyingKey,
}

impl Queue<'_> {
    async fn verdict(&self, line: &LineBody) -> VerdictJson {
        let counter = line.counter;
        match self.take(line).await {
            Ok(Answer { outcome: Outcome::Granted(receipt), replayed, .. }) => {
                let verdict = if replayed { "recorded_before" } else { "recorded" };
                let receipt = Some(receipt.body().number.clone());
                VerdictJson { counter, verdict, receipt, code: None, detail: None, conflict: None }
            }
            Ok(Answer { outcome: Outcome::Refused(refusal), .. }) => {
                let conflict = self.conflict(&refusal).await;
                let verdict = offline::verdict(refusal.code);
                VerdictJson { verdict, conflict, ..not_recorded(counter, &Problem::from(refusal)) }
            }
            Err(problem) => not_recorded(counter, &problem),
        }
    }

    /// Lines that never came, below the highest that did: those that this queue leaves out, and no line that came in another. So a
    /// queue that is sent again because its answer was lost is told the same again.
    async fn missing(&self, came: &BTreeSet<i64>) -> Result<Vec<i64>, Problem> {
        let (before, Some((first, last))) = (self.device.counter, came.first().zip(came.last())) else {
            return Ok(Vec::new());
        };
        let within = before.saturating_add(1).min(*first)..=before.max(*last);
        let left_out = within.filter(|counter| !came.contains(counter)).take(MOST_MISSING);
        let mut missing: BTreeMap<String, i64> =
            left_out.map(|counter| (self.request_key(counter, "").digest, counter)).collect();
        let asked: BTreeSet<String> = missing.keys().cloned().collect();
        for reply in self.app.read(move |tx| Ok(tx.replies(&asked)?)).await? {
            missing.remove(&reply.key_digest);
        }
        let missing: BTreeSet<i64> = missing.into_values().collect();
        Ok(missing.into_iter().collect())
    }

    async fn take(&self, line: &LineBody) -> Result<Answer, Problem> {
        let text = self.text(line);
        if !signed(&self.key, &text, &line.signature) {
            return Err(Problem::new("signature_invalid").field("signature"));
        }
        let code = |code: &String| PassCode::parse(code).map_err(|malformed| Problem::from(malformed).field("codes"));
        let codes: Vec<PassCode> = line.codes.iter().map(code).collect::<Result<_, _>>()?;
        let scanned_at =
            Instant::parse(&line.scanned_at).map_err(|malformed| Problem::from(malformed).field("scanned_at"))?;
        let (device, floor_passes) = (self.device.id, self.device.floor_passes);
        let act = Redeem {
            venue: self.device.venue,
            codes: codes.iter().map(|code| self.app.keys.code_mac(code)).collect(),
            service: line.service,
            performed_on: line.performed_on,
            performed_in: line.performed_in,
            visit: Visit {
                first: line.first_visit,
                minutes: line.minutes,
                participants: line.participants,
                offline: Some(Offline { device, counter: line.counter, scanned_at, floor_passes }),
            },
        };
        let key = Some(self.request_key(line.counter, &text));
        let asked = Asked { app: self.app, signed_in: self.signed_in, programme: self.programme, key, dry_run: false };
        match submit(asked, act).await? {
            Submitted::Answered(answer) => Ok(answer),
            Submitted::Tried(_) => Err(Problem::internal(&"nothing was to be tried")),
        }
    }

    /// Device and counter name a line for ever, whoever brings it.
    fn request_key(&self, counter: i64, text: &str) -> RequestKey {
        let (device, counter) = (self.device.id.to_string(), counter.to_string());
        keyed(&[b"offline", device.as_bytes(), counter.as_bytes()], &[text.as_bytes()])
    }

    fn text(&self, line: &LineBody) -> String {
        let signed = SignedLine {
            device: self.device.id,
            counter: line.counter,
            scanned_at: &line.scanned_at,
            programme: &self.programme.code,
            venue: self.device.venue,
            service: line.service,
            performed_on: line.performed_on,
            performed_in: line.performed_in,
            codes: &line.codes,
            first_visit: line.first_visit,
            minutes: line.minutes,
            participants: line.participants,
        };
        signed.text()
    }

    /// Where the pass of a refusal was spent before, as far as this organisation may know.
    async fn conflict(&self, refusal: &Refusal) -> Option<ConflictJson> {
        let serial = (refusal.code == Code::AlreadyRedeemed).then(|| refusal.detail("serial")).flatten()?.to_owned();
        let parsed = PassSerial::parse(&serial).ok()?;
        let pass: PassId = BookletId::new(self.programme.no, parsed.booklet().number()).pass(parsed.rank());
        let office = self.signed_in.organisation.code.to_string();
        let found = self.app.read(move |tx| Ok(tx.last_use(pass)?));
        let last = found.await.ok().flatten()?;
        let own = last.office == office;
        Some(ConflictJson { serial, own, day: last.day.to_string(), receipt: own.then_some(last.number) })
    }
}

/// A line that was not recorded: for good, or because it is not the moment.
fn not_recorded(counter: i64, problem: &Problem) -> VerdictJson {
    let verdict = if problem.is_of_the_moment() { "again" } else { "refused" };
    let (code, detail) = (Some(problem.code()), Some(problem.sentence()));
    VerdictJson { counter, verdict, receipt: None, code, detail, conflict: None }
}
