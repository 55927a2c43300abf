//! What the register holds of one person, told to them through whoever answers for the Region. That it was asked is kept, without
//! the person. What never lives here: an erasure.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::access_log::Handed;
use super::super::acts::erasure::PersonBody;
use super::super::app::App;
use super::super::dossier;
use super::super::envelope::Asked;
use super::super::problem::Problem;
use super::follow_ups::ContactJson;
use crate::domain::act::band_in_words;
use crate::domain::applications::Application;
use crate::domain::duplicates::DuplicateFacts;
use crate::domain::movement::Exception;
use crate::domain::party::Service;
use crate::domain::programme::Programme;
use crate::domain::sex::Sex;
use crate::domain::stock::CodeMac;
use crate::dossiers::{Address, Dossier};
use crate::http::recognition::Met;
use crate::keys::Keys;
use crate::ledger::duplicate_facts;
use crate::store::{HeldHandOut, Letter, NoticedPair, Reads};

/// What statistics keep of one hand-out to the person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldHandOutJson {
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
    /// `female`, `male` or `other`, where the person said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    sex: Option<&'static str>,
    /// Where they were told to go: a place of the registry, a venue.
    #[serde(skip_serializing_if = "Option::is_none")]
    oriented_place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oriented_venue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    need: Option<&'static str>,
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

/// A letter that was sent to the person.
#[derive(Debug, Serialize, ToSchema)]
struct HeldLetterJson {
    /// Number of the sending.
    mailing: i64,
    #[schema(example = "HDF21-000123-10")]
    booklet: String,
    /// The carrier's number, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<String>,
}

/// An application of the person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldApplicationJson {
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
    /// `female`, `male` or `other`, where the person said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    sex: Option<&'static str>,
    letters: Vec<HeldLetterJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dossier: Option<HeldDossierJson>,
}

/// Somebody else looked like the person, and what the Region found.
#[derive(Debug, Serialize, ToSchema)]
struct HeldLikenessJson {
    found_on: String,
    /// `same` or `different`; nothing until the Region has looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
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
    /// What they agreed to be reminded of.
    follow_ups: Vec<ContactJson>,
    possible_duplicates: Vec<HeldLikenessJson>,
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
    chiffrés, le temps d'écrire à la personne ; un contact ne l'est que si elle accepte d'être rappelée ; elle est reconnue autrement par une empreinte calculée avec une clé secrète. \
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
            sex: held.sex.map(Sex::as_str),
            oriented_place: held.orientation.and_then(|to| to.place).map(|place| place.to_string()),
            oriented_venue: held.orientation.and_then(|to| to.venue).map(|venue| venue.to_string()),
            need: held.orientation.and_then(|to| to.need).map(Service::as_str),
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
    /// With its letters and its dossier, where there still are some.
    pub(super) fn read(
        tx: &mut (impl Reads + ?Sized),
        keys: &Keys,
        programme: &Programme,
        held: Application,
    ) -> Result<Self, Problem> {
        let letters = tx.letters_to(programme.no, held.number)?.into_iter();
        let letter = |(mailing, Letter { booklet, tracking, .. }): (i64, Letter)| HeldLetterJson {
            mailing,
            booklet: booklet.item().printed(&programme.code),
            tracking,
        };
        let dossier = match dossier::open(tx, keys, programme, &held) {
            // Nobody can read it any more: it is as good as erased.
            Err(problem) if problem.code() == "dossier_lost" => None,
            opened => opened?,
        };
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
            sex: held.sex.map(Sex::as_str),
            letters: letters.map(letter).collect(),
            dossier: dossier.map(HeldDossierJson::from),
        })
    }
}

impl From<Exception> for HeldExceptionJson {
    fn from(exception: Exception) -> Self {
        Self {
            number: exception.number,
            granted_on: exception.granted_on.to_string(),
            passes: exception.passes,
            reason: exception.reason.to_string(),
            used: exception.used,
        }
    }
}

impl From<NoticedPair> for HeldLikenessJson {
    fn from(noticed: NoticedPair) -> Self {
        Self {
            found_on: noticed.pair.found_on.to_string(),
            verdict: noticed.review.as_ref().map(|review| review.verdict.as_str()),
            reason: noticed.review.map(|review| review.reason.to_string()),
        }
    }
}

impl HeldJson {
    /// Under every spelling that the Region found to be this person's.
    fn read(
        tx: &mut (impl Reads + ?Sized),
        keys: &Keys,
        programme: &Programme,
        person: CodeMac,
    ) -> Result<Self, Problem> {
        let no = programme.no;
        let asked = BTreeSet::from([person]);
        let pairs = DuplicateFacts::of(duplicate_facts::pairs(tx, no, &asked)?);
        let everyone = pairs.everyone(&person);
        let rules = tx.retention_rules(no)?.unwrap_or_default().0;
        let known = tx.known_of(no, &everyone)?;
        let last = known.values().filter_map(|known| known.last_contact).max();
        let mut told = Self {
            known: !known.is_empty(),
            passes: 0,
            hand_outs: Vec::new(),
            applications: Vec::new(),
            exceptions: Vec::new(),
            replacements: Vec::new(),
            follow_ups: Vec::new(),
            possible_duplicates: Vec::new(),
            last_contact: last.map(|day| day.to_string()),
            kept_until: last.map(|day| rules.over_on(day).minus_days(1).to_string()),
            notice: NOTICE,
        };
        let noticed = tx.duplicates_of(no, &everyone)?.into_iter();
        told.possible_duplicates.extend(noticed.map(HeldLikenessJson::from));
        for person in everyone {
            let held = tx.held_of_person(no, &person)?;
            told.passes = told.passes.saturating_add(held.passes.unwrap_or(0));
            told.hand_outs.extend(held.hand_outs.into_iter().map(HeldHandOutJson::from));
            for application in held.applications {
                told.applications.push(HeldApplicationJson::read(tx, keys, programme, application)?);
            }
            told.exceptions.extend(held.exceptions.into_iter().map(HeldExceptionJson::from));
            told.replacements.extend(held.replacements);
            for follow_up in held.follow_ups {
                told.follow_ups.push(ContactJson::read(tx, keys, programme, follow_up)?);
            }
        }
        Ok(told)
    }
}

/// What the register holds of a person who asks (right of access), told by whoever answers for the Region. That it was asked
/// is kept among the accesses, without the person.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/access-requests", tag = "people", request_body = PersonBody,
    params(("programme" = String, Path)), responses((status = 200, body = HeldJson)))]
pub(in crate::http) async fn held(
    app: web::Data<App>,
    path: web::Path<String>,
    asked: Asked<PersonBody>,
) -> Result<HttpResponse, Problem> {
    let programme = asked.signed_in.programme(&app, &path).await?;
    let person = asked.body.fingerprint(&app, &programme, Met::Now).await?;
    let keys = Arc::clone(&app.keys);
    let told = app.read(move |tx| HeldJson::read(tx, &keys, &programme, person)).await?;
    let mut response = HttpResponse::Ok().json(told);
    response.extensions_mut().insert(Handed { form: "person", number: None });
    Ok(response)
}
