//! What is known of people is erased: of everybody whose time is over, or of one person who asks; and told to that person.
//! Names stop here: what goes further is a fingerprint.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Asked, DryRun, Recorded, record};
use crate::domain::act::band_in_words;
use crate::domain::applications::Application;
use crate::domain::erasure::{Erase, Known, PEOPLE_PER_ERASURE, RetentionRules, Whom};
use crate::domain::identity::Identity;
use crate::domain::programme::Programme;
use crate::domain::stock::CodeMac;
use crate::domain::time::Day;
use crate::dossiers::{Address, Dossier, Owner};
use crate::http::access_log::Handed;
use crate::http::app::App;
use crate::http::envelope::{self, ActRequest};
use crate::http::problem::Problem;
use crate::keys::Keys;
use crate::people::fingerprint;
use crate::store::{HeldHandOut, HeldOfPerson, Reads};

/// A person who has shown who they are. Normalised, fingerprinted and forgotten.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PersonBody {
    #[schema(example = "Lefèvre")]
    family_name: String,
    #[schema(example = "Zoé")]
    given_name: String,
    #[schema(value_type = String, example = "1958-03-14")]
    birth_date: Day,
}

impl PersonBody {
    fn fingerprint(&self, app: &App, programme: &Programme) -> Result<CodeMac, Problem> {
        let identity = Identity::new(&self.family_name, &self.given_name, self.birth_date);
        let identity = identity.map_err(|malformed| Problem::from(malformed).field("person"))?;
        Ok(fingerprint(&app.keys, &programme.code, &identity))
    }
}

/// Whom to erase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ErasureBody {
    /// One person who asks; everybody whose time is over when not said.
    #[serde(default)]
    person: Option<PersonBody>,
    /// People at most, 1 to 1,000, where no person is named; who is left is for the next erasure, as the mention `more` says.
    #[serde(default = "most")]
    #[schema(default = 1_000)]
    most: u32,
}

const fn most() -> u32 {
    PEOPLE_PER_ERASURE
}

/// Erase what is known of people: of those without contact for as long as the programme's retention, or of one person on
/// request. The receipt counts and names nobody; every receipt that was issued stays true. A dry run says how many.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/erasures", tag = "people", request_body = ErasureBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn erase(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<ErasureBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let whom = if let Some(person) = body.person {
        Whom::Person(person.fingerprint(&app, &programme)?)
    } else {
        let (no, today) = (programme.no, app.clock.now().day());
        let rules = app.read(move |tx| Ok(tx.retention_rules(no)?.unwrap_or_default().0)).await?;
        Whom::Overdue { since: rules.limit(today), most: body.most }
    };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, Erase { whom }).await
}

/// What statistics keep of one hand-out to the person.
#[derive(Debug, Serialize, ToSchema)]
struct HeldHandOutJson {
    /// Its receipt, which says where it was and which booklets.
    receipt: String,
    day: String,
    ground: String,
    rule_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_issued_on: Option<String>,
    /// `0-17`, `18-25`, `26-59` or `60+`.
    age_band: String,
    commune: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    neighbourhood: Option<String>,
    booklets: i64,
    passes: i64,
}

/// An exception granted to the person.
#[derive(Debug, Serialize, ToSchema)]
struct HeldExceptionJson {
    number: i64,
    granted_on: String,
    passes: i64,
    reason: String,
    used: bool,
}

/// Name and address, as long as they are kept to write to the person.
#[derive(Debug, Serialize, ToSchema)]
struct HeldDossierJson {
    family_name: String,
    given_name: String,
    birth_date: String,
    address: Vec<String>,
    statuses: Vec<String>,
    /// Kinds of the proofs that were shown.
    proofs: Vec<String>,
}

/// An application of the person.
#[derive(Debug, Serialize, ToSchema)]
struct HeldApplicationJson {
    number: i64,
    /// Code of the organisation that sent it, and how that one numbers it.
    office: String,
    external_reference: String,
    received_on: String,
    state: &'static str,
    state_on: String,
    passes: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ground: Option<String>,
    rule_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_issued_on: Option<String>,
    /// Conditions that were not met.
    missing: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// `0-17`, `18-25`, `26-59` or `60+`.
    age_band: String,
    commune: String,
    /// The carrier's number of the last letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dossier: Option<HeldDossierJson>,
}

/// Everything that the register holds of a person in a programme.
#[derive(Debug, Serialize, ToSchema)]
struct HeldJson {
    known: bool,
    /// Counted towards the entitlement.
    passes: i64,
    hand_outs: Vec<HeldHandOutJson>,
    applications: Vec<HeldApplicationJson>,
    exceptions: Vec<HeldExceptionJson>,
    /// Receipts by which a booklet of theirs was replaced.
    replacements: Vec<String>,
    /// The last hand-out, replacement, exception, application or redemption.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_contact: Option<String>,
    /// When all this is erased, unless there is another contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_until: Option<String>,
    /// To be told to the person besides.
    notice: &'static str,
}

const NOTICE: &str = "Aucune copie de pièce n'est conservée. Nom, date de naissance et adresse ne le sont que d'une demande en cours, \
    chiffrés, le temps d'écrire à la personne ; elle est reconnue autrement par une empreinte calculée avec une clé secrète. \
    Le responsable du traitement est la Région.";

impl From<HeldHandOut> for HeldHandOutJson {
    fn from(held: HeldHandOut) -> Self {
        let age_band = band_in_words(&held.age_band).to_owned();
        Self {
            receipt: held.number,
            day: held.day.to_string(),
            ground: held.ground,
            rule_version: held.rule_version,
            proof: held.proof_kind,
            proof_issued_on: held.proof_issued_on.map(|day| day.to_string()),
            age_band,
            commune: held.commune,
            neighbourhood: held.neighbourhood,
            booklets: held.booklets,
            passes: held.passes,
        }
    }
}

impl From<Dossier> for HeldDossierJson {
    fn from(dossier: Dossier) -> Self {
        let Address { lines, postal_code, locality } = dossier.address;
        let last = format!("{postal_code} {locality}");
        Self {
            family_name: dossier.family_name,
            given_name: dossier.given_name,
            birth_date: dossier.birth.to_string(),
            address: lines.iter().map(ToString::to_string).chain([last]).collect(),
            statuses: dossier.statuses,
            proofs: dossier.proofs.into_iter().map(|proof| proof.kind).collect(),
        }
    }
}

impl HeldApplicationJson {
    /// With its last letter and its dossier, where there still are some.
    fn read(
        tx: &mut (impl Reads + ?Sized),
        keys: &Keys,
        programme: &Programme,
        held: Application,
    ) -> Result<Self, Problem> {
        let letters = held.letter.map(|(_, dispatch)| tx.letters_of(programme.no, dispatch)).transpose()?;
        let own = letters.unwrap_or_default().into_iter().find(|letter| letter.application == held.number);
        let owner = Owner { programme: &programme.code, fingerprint: &held.fingerprint };
        let stored = tx.dossier(programme.no, held.number)?;
        let dossier = stored.map(|stored| Dossier::open(keys, owner, &stored)).transpose();
        let dossier = dossier.map_err(|error| Problem::internal(&error))?;
        let Application { assessed, state, age_band, .. } = held;
        Ok(Self {
            number: held.number,
            office: held.office.to_string(),
            external_reference: held.reference.to_string(),
            received_on: held.received_on.to_string(),
            state: state.as_str(),
            state_on: held.state_on.to_string(),
            passes: held.passes,
            ground: assessed.ground,
            rule_version: assessed.rule_version,
            proof: assessed.proof_kind,
            proof_issued_on: assessed.proof_issued_on.map(|day| day.to_string()),
            missing: assessed.missing,
            reason: held.reason,
            age_band: band_in_words(&age_band).to_owned(),
            commune: held.commune,
            tracking: own.and_then(|letter| letter.tracking),
            dossier: dossier.map(HeldDossierJson::from),
        })
    }
}

impl HeldJson {
    fn new(
        (held, applications): (HeldOfPerson, Vec<HeldApplicationJson>),
        known: Option<&Known>,
        rules: RetentionRules,
    ) -> Self {
        let last = known.and_then(|known| known.last_contact);
        let exceptions = held.exceptions.into_iter().map(|exception| HeldExceptionJson {
            number: exception.number,
            granted_on: exception.granted_on.to_string(),
            passes: exception.passes,
            reason: exception.reason.to_string(),
            used: exception.used,
        });
        Self {
            known: known.is_some(),
            passes: held.passes.unwrap_or(0),
            hand_outs: held.hand_outs.into_iter().map(HeldHandOutJson::from).collect(),
            applications,
            exceptions: exceptions.collect(),
            replacements: held.replacements,
            last_contact: last.map(|day| day.to_string()),
            kept_until: last.map(|day| rules.over_on(day).minus_days(1).to_string()),
            notice: NOTICE,
        }
    }
}

/// What the register holds of a person who asks (right of access), told by whoever answers for the Region. That it was asked
/// is kept among the accesses, without the person.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/access-requests", tag = "people", request_body = PersonBody,
    params(("programme" = String, Path)), responses((status = 200, body = HeldJson)))]
pub(in crate::http) async fn held(
    app: web::Data<App>,
    path: web::Path<String>,
    asked: envelope::Asked<PersonBody>,
) -> Result<HttpResponse, Problem> {
    let programme = asked.signed_in.programme(&app, &path).await?;
    let (person, no) = (asked.body.fingerprint(&app, &programme)?, programme.no);
    let keys = Arc::clone(&app.keys);
    let told = app
        .read(move |tx| {
            let rules = tx.retention_rules(no)?.unwrap_or_default().0;
            let known = tx.known_of(no, &BTreeSet::from([person]))?;
            let mut held = tx.held_of_person(no, &person)?;
            let applications = std::mem::take(&mut held.applications).into_iter();
            let applications = applications.map(|held| HeldApplicationJson::read(tx, &keys, &programme, held));
            let applications = applications.collect::<Result<_, Problem>>()?;
            Ok(HeldJson::new((held, applications), known.get(&person), rules))
        })
        .await?;
    let mut response = HttpResponse::Ok().json(told);
    response.extensions_mut().insert(Handed { form: "person", number: None });
    Ok(response)
}
