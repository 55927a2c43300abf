//! Eligibility verdicts, exceptions and hand-outs. Names stop here: what goes further is a fingerprint and a
//! commitment.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::documents::{Form, accepted, render};
use super::super::envelope::{self, ActRequest};
use super::super::problem::Problem;
use super::super::recognition::{Recognised, recognise};
use super::commitment::draw;
use super::follow_ups::FollowUpBody;
use super::orientation::{OrientationBody, told};
use super::{Asked, DryRun, Recorded, Submitted, booklet_ids, record, respond, submit};
use crate::documents::{Beneficiary, Paper};
use crate::domain::eligibility::{ShownProof, Situation, Verdict};
use crate::domain::handout::{GrantException, HandOut, check_eligibility as judge};
use crate::domain::identity::Identity;
use crate::domain::serial::BookletSerial;
use crate::domain::sex::Sex;
use crate::domain::territory::{self, CommuneCode, NeighbourhoodCode};
use crate::domain::text::Label;
use crate::domain::time::Day;
use crate::ledger::Outcome;
use crate::people::Commitment;

/// A proof that was seen, not copied.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ProofBody {
    /// A kind of the rules in force.
    #[schema(example = "job_seeker_attestation")]
    kind: String,
    /// The date on the proof.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-10-30")]
    issued_on: Option<Day>,
}

/// Who asks, without a name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ApplicantBody {
    #[schema(value_type = String, example = "1958-03-14")]
    birth_date: Day,
    /// INSEE code of the commune of residence.
    #[schema(value_type = String, example = "59392")]
    commune: String,
    /// Code of the priority neighbourhood (QPV) of the address, where the rules ask.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "QN05901M")]
    neighbourhood: Option<NeighbourhoodCode>,
}

/// Who receives. The name is normalised, fingerprinted and forgotten.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct BeneficiaryBody {
    #[schema(example = "Lefèvre")]
    pub(super) family_name: String,
    #[schema(example = "Zoé")]
    pub(super) given_name: String,
    #[schema(value_type = String, example = "1958-03-14")]
    pub(super) birth_date: Day,
    /// INSEE code of the commune of residence.
    #[schema(value_type = String, example = "59392")]
    pub(super) commune: String,
    /// Code of the priority neighbourhood (QPV) of the address, where the rules ask.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "QN05901M")]
    pub(super) neighbourhood: Option<NeighbourhoodCode>,
}

/// A question of eligibility.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct EligibilityBody {
    applicant: ApplicantBody,
    /// The ground that is claimed; any that holds when not said.
    #[serde(default)]
    #[schema(example = "senior")]
    ground: Option<String>,
    #[serde(default)]
    statuses: Vec<String>,
    #[serde(default)]
    proofs: Vec<ProofBody>,
    /// Judged as of this day; today when not said.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    on: Option<Day>,
}

/// The commune of an INSEE code, or a refusal that says what the code may have meant.
pub(super) fn commune(code: &str, field: &str) -> Result<CommuneCode, Problem> {
    let problem = |detail: String| Problem::new("commune_unknown").about("detail", detail).field(field);
    let commune = territory::resolve(code).map_err(|unknown| problem(unknown.to_string()))?;
    Ok(commune.code)
}

/// The proofs that were seen.
pub(super) fn shown(proofs: Vec<ProofBody>) -> Vec<ShownProof> {
    proofs.into_iter().map(|proof| ShownProof { kind: proof.kind, issued_on: proof.issued_on }).collect()
}

fn situation(
    birth: Day,
    (commune, neighbourhood): (CommuneCode, Option<NeighbourhoodCode>),
    statuses: Vec<String>,
    proofs: Vec<ProofBody>,
) -> Situation {
    let statuses = statuses.into_iter().collect::<BTreeSet<_>>();
    Situation { birth, commune, neighbourhood, statuses, proofs: shown(proofs) }
}

/// Judge a situation by the rules in force. Nothing is written, no name is asked.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/eligibility-checks", tag = "hand-out",
    request_body = EligibilityBody, params(("programme" = String, Path)),
    responses((status = 200, description = "The verdict, with its reasons in French", body = serde_json::Value)))]
pub(in crate::http) async fn check_eligibility(
    app: web::Data<App>,
    path: web::Path<String>,
    asked: envelope::Asked<EligibilityBody>,
) -> Result<HttpResponse, Problem> {
    let programme = asked.signed_in.programme(&app, &path).await?;
    let body = asked.body;
    let on = body.on.unwrap_or_else(|| app.clock.now().day());
    let commune = commune(&body.applicant.commune, "applicant.commune")?;
    let place = (commune, body.applicant.neighbourhood);
    let situation = situation(body.applicant.birth_date, place, body.statuses, body.proofs);
    let judged =
        app.read(move |tx| Ok(judge(&tx.rule_sets(programme.no)?, &situation, body.ground.as_deref(), on)?)).await;
    // The rule speaks of the beneficiary of a hand-out; here the person is called the applicant.
    let verdict: Verdict = judged.map_err(|problem: Problem| match problem.code() {
        "birth_date_impossible" => problem.field("applicant.birth_date"),
        _ => problem,
    })?;
    Ok(HttpResponse::Ok().json(verdict))
}

/// A hand-out of booklets to a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct HandOutBody {
    beneficiary: BeneficiaryBody,
    /// The ground that is claimed; any that holds when not said.
    #[serde(default)]
    #[schema(example = "senior")]
    ground: Option<String>,
    #[serde(default)]
    statuses: Vec<String>,
    proofs: Vec<ProofBody>,
    #[schema(value_type = Vec<String>, example = json!(["HDF21-000123-10"]))]
    booklets: Vec<BookletSerial>,
    /// `female`, `male` or `other`, where the person says it: never asked for, kept for the figures alone.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "female")]
    sex: Option<Sex>,
    /// Where the person is told to go, and what for: on the paper, and for the programme's figures.
    #[serde(default)]
    orientation: Option<OrientationBody>,
    /// Number of the exception that covers what exceeds the entitlement.
    #[serde(default)]
    exception: Option<i64>,
    /// Where the person agrees to be reminded of what they do not start.
    #[serde(default)]
    follow_up: Option<FollowUpBody>,
}

/// What the paper must print and the ledger does not keep.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PaperJson {
    /// Proves, with the person's identity, that this receipt is theirs.
    #[schema(example = "3f0c7a5c0f1f4a0e9f7d1c5b2a6e8d40")]
    salt: String,
    /// The commitment in the receipt: SHA-256 of tag, salt and normalised identity.
    commitment: String,
    /// Where to go: address, opening hours, next session, need.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    orientation: Vec<String>,
    /// What the person is told about their data.
    notice: &'static str,
}

/// On a paper that cannot carry it, what the JSON has among its `warnings`.
const WARNED: (&str, &str) = ("recepisse-warning", "possible_same_person");

const NOTICE: &str = "Vos nom, prénom et date de naissance ne sont pas conservés : une empreinte chiffrée empêche une \
    double remise. Sont gardés à part, et effaçables, le motif, la nature du justificatif, la tranche d'âge et la \
    commune, le sexe s'il est dit, le lieu et le besoin d'orientation ; si vous acceptez d'être rappelé(e), votre contact, chiffré, jusqu'à votre \
    première visite ou jusqu'à ce que vous retiriez cet accord. Pour exercer vos droits, adressez-vous à la Région, responsable du traitement.";

pub(super) fn identity(body: &BeneficiaryBody) -> Result<Identity, Problem> {
    let refuse = |malformed| Problem::from(malformed).field("beneficiary");
    Identity::new(&body.family_name, &body.given_name, body.birth_date).map_err(refuse)
}

/// Hand booklets out to an eligible person. With `Accept: text/html` or `application/pdf` the answer is the paper
/// itself, names and salt included: the only moment at which it can be printed whole.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/hand-outs", tag = "hand-out", request_body = HandOutBody,
    params(("programme" = String, Path)),
    responses((status = 201, description = "Recorded", content(
        (Recorded = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf"))),
        (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn hand_out(
    app: web::Data<App>,
    path: web::Path<String>,
    http: HttpRequest,
    request: ActRequest<HandOutBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let form = accepted(&http)?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let identity = identity(&body.beneficiary)?;
    let drawn = draw(&app, &programme, &identity);
    let commune = commune(&body.beneficiary.commune, "beneficiary.commune")?;
    let place = (commune, body.beneficiary.neighbourhood);
    let told = told(&app, &programme, (body.orientation, key.as_ref())).await?;
    let (orientation, lines) = told.map(|told| (told.orientation, told.lines)).unzip();
    let lines = lines.unwrap_or_default();
    let follow_up = body.follow_up.map(|agreed| agreed.consent(&app, &programme, &drawn.nonce)).transpose()?;
    let Recognised { fingerprint, likenesses } = recognise(&app, &programme, &identity, dry_run.into()).await?;
    let act = HandOut {
        fingerprint,
        likenesses,
        commitment: drawn.committed.commitment,
        nonce: Some(drawn.nonce),
        situation: situation(body.beneficiary.birth_date, place, body.statuses, body.proofs),
        ground: body.ground,
        booklets: booklet_ids(&programme, &body.booklets, &[])?,
        sex: body.sex,
        orientation,
        exception: body.exception,
        follow_up,
    };
    let asked = Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run };
    let answer = match submit(asked, act).await? {
        Submitted::Tried(preview) => return Ok(preview),
        Submitted::Answered(answer) => answer,
    };
    let committed = drawn.of_answer(&app, &programme, &identity, &answer).await?;
    if let (Outcome::Granted(receipt), Form::Html | Form::Pdf) = (&answer.outcome, form) {
        let beneficiary = Some(named(body.beneficiary));
        let paper = committed.map(|committed| Paper { salt: committed.salt, beneficiary, orientation: lines });
        let mut response = render(&app, &programme, receipt.as_ref().clone(), form, paper).await?;
        *response.status_mut() = StatusCode::CREATED;
        if answer.doubtful {
            let (name, value) = WARNED;
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        return Ok(response);
    }
    let paper = committed.map(|committed| PaperJson { orientation: lines, ..committed.into() });
    Ok(respond(&programme, answer, |_| paper))
}

impl From<Commitment> for PaperJson {
    fn from(committed: Commitment) -> Self {
        let commitment = hex::encode(committed.commitment);
        Self { salt: committed.salt, commitment, orientation: Vec::new(), notice: NOTICE }
    }
}

/// The names go through to the paper and are kept nowhere.
fn named(body: BeneficiaryBody) -> Beneficiary {
    Beneficiary { family_name: body.family_name, given_name: body.given_name, birth: body.birth_date }
}

/// Leave for one person to receive more than the entitlement, once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ExceptionBody {
    beneficiary: BeneficiaryBody,
    /// How many passes beyond the entitlement, 1 to 99.
    #[schema(example = 10)]
    passes: u8,
    /// Kept in the database, not in the receipt.
    #[schema(value_type = String, example = "Carnet détruit dans un dégât des eaux, déclaration du 12/11/2026")]
    reason: Label,
}

/// Grant an exception. The hand-out then names its number; a prescriber cannot grant it to itself.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/entitlement-exceptions", tag = "hand-out",
    request_body = ExceptionBody, params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn grant_exception(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<ExceptionBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let identity = identity(&body.beneficiary)?;
    let act = GrantException {
        fingerprint: recognise(&app, &programme, &identity, dry_run.into()).await?.fingerprint,
        passes: body.passes,
        reason: body.reason,
    };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}
