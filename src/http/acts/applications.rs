//! Applications: filed, completed, decided upon, ended. Name and address stop here: what goes further is a fingerprint, a
//! commitment, and bytes that are closed.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::dossier;
use super::super::envelope::{ActRequest, Asked as Question};
use super::super::problem::Problem;
use super::super::receipt_json::read;
use super::super::recognition::{Recognised, recognise};
use super::commitment::{Drawn, draw};
use super::follow_ups::FollowUpBody;
use super::handout::{BeneficiaryBody, ProofBody, commune, identity, shown};
use super::orientation::{OrientationBody, told};
use super::{Asked, DryRun, Recorded, Submitted, record, respond, submit};
use crate::domain::applications::{Application, Complete, Decide, Decision, End, EndReason, File, RefusalReason};
use crate::domain::identity::Identity;
use crate::domain::orientation::Orientation;
use crate::domain::party::OrganisationKind;
use crate::domain::programme::Programme;
use crate::domain::sex::Sex;
use crate::domain::text::{Label, Reference};
use crate::dossiers::{Address, Dossier, Owner};
use crate::keys::Purpose;
use crate::ledger::{Answer, Outcome};
use crate::store::Reads;

/// Lines of an address at most.
const ADDRESS_LINES: usize = 4;

/// Where the letter goes. Kept closed, and erased once it has served.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AddressBody {
    /// One to four lines, without name, postal code and locality.
    #[schema(value_type = Vec<String>, example = json!(["3 rue des Tilleuls"]))]
    lines: Vec<Label>,
    #[schema(example = "59600")]
    postal_code: String,
    #[schema(value_type = String, example = "Maubeuge")]
    locality: Label,
}

impl AddressBody {
    fn address(self) -> Result<Address, Problem> {
        let digits = self.postal_code.len() == 5 && self.postal_code.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            return Err(Problem::new("text_malformed").field("address.postal_code"));
        }
        if self.lines.is_empty() || self.lines.len() > ADDRESS_LINES {
            return Err(Problem::out_of_range("address.lines", 1, ADDRESS_LINES));
        }
        Ok(Address { lines: self.lines, postal_code: self.postal_code, locality: self.locality })
    }
}

/// An application for a booklet.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ApplicationBody {
    /// As the sender numbers it: the same reference with the same content is answered with the same receipt.
    #[schema(value_type = String, example = "AID-2026-004711")]
    external_reference: Reference,
    applicant: BeneficiaryBody,
    address: AddressBody,
    /// Passes of the booklet: the whole entitlement, or half of it. When not said, half of it on the platform and all of
    /// it at a prescriber's.
    #[serde(default)]
    #[schema(example = 5)]
    passes: Option<u32>,
    /// The ground that is claimed; any that holds when not said.
    #[serde(default)]
    #[schema(example = "job_seeker")]
    ground: Option<String>,
    /// `female`, `male` or `other`, where the person says it: never asked for, kept for the figures alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "female")]
    sex: Option<Sex>,
    #[serde(default)]
    statuses: Vec<String>,
    #[serde(default)]
    proofs: Vec<ProofBody>,
    /// Where the person is told to go, and what for: on the letter that goes with the booklet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    orientation: Option<OrientationBody>,
    /// Where the person agrees to be reminded of a booklet that they do not start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    follow_up: Option<FollowUpBody>,
}

/// File an application of somebody: it is judged by the rules of the day, and acknowledged by a receipt.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/applications", tag = "applications",
    request_body = ApplicationBody, params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn file(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<ApplicationBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let content = serde_json::to_vec(&body).map_err(|error| Problem::internal(&error))?;
    let content = app.keys.mac(Purpose::Commitment, &[b"content of an application", &content]);
    if let Some((answer, lost)) =
        filed_before(&app, &signed_in, &programme, (&body.external_reference, content)).await?
    {
        if let Some(application) = lost.filter(|_| !dry_run) {
            dossier::renew(&app, &programme, application, to_keep(body, None)?).await?;
        }
        return Ok(answer);
    }
    let orientation = told(&app, &programme, (body.orientation, key.as_ref())).await?.map(|told| told.orientation);
    let who = identity(&body.applicant).map_err(|problem| problem.field("applicant"))?;
    let who = (recognise(&app, &programme, &who, dry_run.into()).await?, who);
    let act = to_file(&app, (&signed_in, &programme), who, (body, content, orientation))?;
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// The answer that was given when the same organisation sent the same content under the same reference; and the application,
/// where it is open and its dossier was lost with what it was closed under: a backup was put back.
async fn filed_before(
    app: &App,
    signed_in: &SignedIn,
    programme: &Programme,
    (reference, content): (&Reference, [u8; 32]),
) -> Result<Option<(HttpResponse, Option<Application>)>, Problem> {
    let (no, office, reference) = (programme.no, signed_in.organisation.code.clone(), reference.clone());
    let found = app
        .read(move |tx| {
            let known = tx.application_by_reference(no, &office, &reference)?;
            let Some(same) = known.filter(|application| application.content == content) else { return Ok(None) };
            let Some(stored) = tx.receipt(no, &same.filed_by)? else { return Ok(None) };
            let lost = same.state.is_open() && tx.nonce_of(&same.filed_by)?.is_none();
            Ok(Some((stored, lost.then_some(same))))
        })
        .await?;
    let Some((stored, lost)) = found else { return Ok(None) };
    let outcome = Outcome::Granted(std::sync::Arc::new(read(stored)?));
    Ok(Some((respond(programme, Answer { outcome, doubtful: false, replayed: true }, |_| None), lost)))
}

/// What is kept of what was sent, until it has served.
fn to_keep(body: ApplicationBody, orientation: Option<Orientation>) -> Result<Dossier, Problem> {
    let ApplicationBody { applicant, address, statuses, proofs, .. } = body;
    Ok(Dossier {
        commune: commune(&applicant.commune, "applicant.commune")?,
        family_name: applicant.family_name,
        given_name: applicant.given_name,
        birth: applicant.birth_date,
        neighbourhood: applicant.neighbourhood,
        address: address.address()?,
        statuses,
        proofs: shown(proofs),
        salt: String::new(),
        orientation,
    })
}

fn to_file(
    app: &App,
    (signed_in, programme): (&SignedIn, &Programme),
    (person, identity): (Recognised, Identity),
    (mut body, content, orientation): (ApplicationBody, [u8; 32], Option<Orientation>),
) -> Result<File, Problem> {
    let (office, reference) = (signed_in.organisation.code.clone(), body.external_reference.clone());
    let (ground, passes, sex) = (body.ground.clone(), body.passes, body.sex);
    let follow_up = body.follow_up.take().map(|agreed| agreed.consent_of_applicant(app, programme)).transpose()?;
    let Drawn { committed, nonce } = draw(app, programme, &identity);
    let dossier = Dossier { salt: committed.salt, ..to_keep(body, orientation)? };
    let owner = Owner { programme: &programme.code, office: &office, reference: &reference, nonce: &nonce };
    let closed = dossier.close(&app.keys, app.entropy.as_ref(), owner).map_err(|error| Problem::internal(&error))?;
    Ok(File {
        fingerprint: person.fingerprint,
        likenesses: person.likenesses,
        office,
        reference,
        content,
        commitment: committed.commitment,
        nonce: Some(nonce),
        situation: dossier.situation(),
        sex,
        ground,
        passes,
        dossier: closed,
        follow_up,
        sponsor: programme.sponsor,
    })
}

/// The number in an address.
pub(in crate::http) fn number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::new("application_unknown").about("application", text))
}

/// An application that the caller may see, with its dossier.
pub(in crate::http) fn opened(
    tx: &mut (impl Reads + ?Sized),
    app: &App,
    programme: &Programme,
    (signed_in, number): (&SignedIn, i64),
) -> Result<(Application, Dossier), Problem> {
    let unknown = || Problem::new("application_unknown").about("application", number);
    let known = tx.applications_among(programme.no, &BTreeSet::from([number]))?.pop();
    let of_the_region = signed_in.caller.role().kind() == OrganisationKind::Region;
    let own = |application: &Application| of_the_region || application.office == signed_in.organisation.code;
    let application = known.filter(own).ok_or_else(unknown)?;
    if application.is_nobodys() && application.state.is_open() {
        let of_nobody = Problem::new("applicant_unknown").about("application", number);
        return Err(of_nobody.about("office", &application.office));
    }
    let erased = || Problem::new("dossier_erased").about("application", number);
    let dossier = dossier::open(tx, &app.keys, programme, &application)?.ok_or_else(erased)?;
    Ok((application, dossier))
}

/// What was missing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CompletionBody {
    /// The ground that is claimed; any that holds when not said.
    #[serde(default)]
    ground: Option<String>,
    #[serde(default)]
    statuses: Vec<String>,
    /// A proof takes the place of one of the same kind.
    #[serde(default)]
    proofs: Vec<ProofBody>,
}

/// Complete an application: it is judged again, by the rules of today.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/applications/{application}/completion",
    tag = "applications", request_body = CompletionBody,
    params(("programme" = String, Path), ("application" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn complete(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<CompletionBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let (shared, of, who, asked) = (app.clone(), programme.clone(), signed_in.clone(), number(&path.1)?);
    let (application, mut dossier) = app.read(move |tx| opened(tx, &shared, &of, (&who, asked))).await?;
    dossier.add(body.statuses, shown(body.proofs));
    let (fingerprint, situation) = (application.fingerprint, dossier.situation());
    let office = signed_in.organisation.code.clone();
    let act = Complete { application: asked, office, fingerprint, situation, ground: body.ground };
    let asking = Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run };
    let answer = match submit(asking, act).await? {
        Submitted::Tried(preview) => return Ok(preview),
        Submitted::Answered(answer) => answer,
    };
    if matches!(answer.outcome, Outcome::Granted(_)) {
        dossier::keep(&app, &programme, application, dossier).await?;
    }
    Ok(respond(&programme, answer, |_| None))
}

/// The Region's decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct DecisionBody {
    decision: DecisionWord,
    /// With `refuse`: `not_eligible`, `incomplete`, `already_served`, `other_channel`, `distribution_over` or `none_left`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "not_eligible")]
    reason: Option<RefusalReason>,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DecisionWord {
    Accept,
    Refuse,
}

impl DecisionBody {
    /// A refusal has a reason, an acceptance has none.
    fn decision(&self) -> Result<Decision, Problem> {
        match (self.decision, self.reason) {
            (DecisionWord::Accept, None) => Ok(Decision::Accept),
            (DecisionWord::Refuse, Some(reason)) => Ok(Decision::Refuse(reason)),
            (DecisionWord::Accept, Some(_)) | (DecisionWord::Refuse, None) => {
                let detail = "reason : avec refuse, et avec lui seul";
                Err(Problem::new("body_malformed").about("detail", detail).field("decision"))
            }
        }
    }
}

/// Accept an application, or refuse it for a reason: the letter says how to dispute a refusal.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/applications/{application}/decision",
    tag = "applications", request_body = DecisionBody,
    params(("programme" = String, Path), ("application" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn decide(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<DecisionBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let act = Decide { application: number(&path.1)?, decision: body.decision()? };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// Why an application ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct EndBody {
    /// `withdrawn`, or `expired` once the delay has passed.
    #[schema(value_type = String, example = "withdrawn")]
    reason: EndReason,
}

/// End an application without a booklet: what was reserved is free again.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/applications/{application}/end", tag = "applications",
    request_body = EndBody, params(("programme" = String, Path), ("application" = i64, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn end(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<EndBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let act = End { application: number(&path.1)?, reason: body.reason };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// Correct the address of an application, as long as it is kept.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/applications/{application}/address", tag = "reference",
    request_body = AddressBody, params(("programme" = String, Path), ("application" = i64, Path)),
    responses((status = 204, description = "The address is kept in the place of the one before")))]
pub(in crate::http) async fn correct_address(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    asked: Question<AddressBody>,
) -> Result<HttpResponse, Problem> {
    let programme = asked.signed_in.programme(&app, &path.0).await?;
    let address = asked.body.address()?;
    let (shared, of, who, number) = (app.clone(), programme.clone(), asked.signed_in, number(&path.1)?);
    let (application, mut dossier) = app.read(move |tx| opened(tx, &shared, &of, (&who, number))).await?;
    dossier.address = address;
    if dossier::keep(&app, &programme, application, dossier).await? {
        return Ok(HttpResponse::NoContent().finish());
    }
    Err(Problem::new("dossier_erased").about("application", number))
}
