//! The letter that goes with what becomes of an application: what is missing, the refusal and how to dispute it, or what
//! goes with the booklet. A page to print, one for each person. What never lives here: a decision, or where it is kept.

#[cfg(test)]
mod tests;

use askama::Template;

use super::html::hash_of;
use super::pdf;
use super::phrases::{self, RECIPE, spaced};
use crate::domain::applications::{Application, ApplicationState, RefusalReason};
use crate::domain::distribution::DistributionRules;
use crate::domain::eligibility::RuleSet;
use crate::domain::identity::Identity;
use crate::domain::mailing::ReturnCause;
use crate::domain::party::Organisation;
use crate::domain::programme::Programme;
use crate::domain::territory;
use crate::domain::time::Day;
use crate::dossiers::Dossier;

const STYLE: &str = include_str!("templates/letter.css");

/// Within how many months a refusal may be disputed (code de justice administrative, art. R. 421-1).
const APPEAL: &str = "deux mois";

/// A title with the lines under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// None for the body of the letter.
    pub(super) title: Option<&'static str>,
    pub(super) paragraphs: Vec<String>,
    /// A list after the paragraphs.
    pub(super) points: Vec<String>,
}

/// Where whoever decides signs. The register keeps no name of an agent: they write it (code des relations entre le public et
/// l'administration, art. L. 212-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signing {
    pub(super) office: String,
    pub(super) author: &'static str,
    pub(super) mark: &'static str,
}

/// A letter, ready to be laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterView {
    pub(super) sender: Vec<String>,
    pub(super) recipient: Vec<String>,
    /// `Lille, le 24/11/2026`: the day of a decision is that of its receipt.
    pub(super) dated: String,
    pub(super) subject: String,
    pub(super) parts: Vec<Part>,
    /// Of a decision only.
    pub(super) signing: Option<Signing>,
    /// The text whose SHA-256 is the commitment in the receipt, line by line.
    pub(super) recipe: Vec<String>,
    /// When a decision of an earlier day was printed.
    pub(super) printed: Option<String>,
    /// What becomes of name and address.
    pub(super) privacy: String,
}

/// What stands before a telephone number in the lines of a place.
pub const PHONE: &str = "tél.";

/// What a letter is made from, besides the application and the person.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    pub programme: &'a Programme,
    pub sponsor: &'a Organisation,
    pub rules: &'a DistributionRules,
    /// Those by which the application was judged.
    pub eligibility: Option<&'a RuleSet>,
    /// Serial of the booklet that goes with the letter, and the last day on which it may be used.
    pub booklet: Option<(&'a str, Option<Day>)>,
    pub places: Places<'a>,
    pub today: Day,
}

/// Where passes can be spent, line by line.
#[derive(Debug, Clone, Copy)]
pub enum Places<'a> {
    /// What was chosen with the person.
    Chosen(&'a [String]),
    /// What is nearest to where they live.
    Nearest(&'a [String]),
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Page<'a> {
    view: &'a LetterView,
    style: &'static str,
    recipe: &'static str,
}

/// The letter as a whole page: A4 when printed, no script, no address outside the page.
#[must_use]
pub fn letter(view: &LetterView) -> String {
    let page = Page { view, style: STYLE, recipe: RECIPE };
    // Writing to a String cannot fail.
    page.render().unwrap_or_default()
}

/// The letter as a PDF file of A4 pages. The same view gives the same bytes.
#[must_use]
pub fn letter_pdf(view: &LetterView) -> Vec<u8> {
    pdf::letter::file(view)
}

/// What a `Content-Security-Policy` allows for the letter's own style.
#[must_use]
pub fn letter_style_hash() -> String {
    hash_of(STYLE)
}

impl LetterView {
    #[must_use]
    pub fn new(application: &Application, dossier: &Dossier, around: Circumstances<'_>) -> Self {
        let sponsor = around.sponsor;
        let place = territory::commune(&sponsor.commune).map(|commune| commune.name).unwrap_or_default();
        let street = sponsor.address.as_ref().map(ToString::to_string);
        let sender = [sponsor.name.to_string()].into_iter().chain(street).chain([place.to_owned()]);
        let address = &dossier.address;
        let name = format!("{} {}", dossier.given_name, dossier.family_name.to_uppercase());
        let lines = address.lines.iter().map(ToString::to_string);
        let city = format!("{} {}", address.postal_code, address.locality.as_str().to_uppercase());
        let refused = application.state == ApplicationState::Refused;
        let dated = if refused { application.state_on } else { around.today };
        let printed = format!("Courrier imprimé le {}.", around.today.french());
        Self {
            sender: sender.collect(),
            recipient: [name].into_iter().chain(lines).chain([city]).collect(),
            dated: format!("{place}, le {}", dated.french()),
            subject: spaced(&format!(
                "Objet : votre demande de pass numérique n° {} (référence {})",
                application.number, application.reference
            )),
            parts: parts(application, around),
            signing: refused.then(|| Signing {
                office: sponsor.name.to_string(),
                author: "Nom, prénom et qualité de l'auteur de la décision\u{a0}:",
                mark: "Signature\u{a0}:",
            }),
            recipe: recipe(dossier),
            printed: (dated != around.today).then_some(printed),
            privacy: spaced(&format!(
                "Données personnelles : responsable du traitement, {}. Vos nom et adresse sont conservés chiffrés le temps \
                 de vous écrire, puis effacés. Le registre garde, à part et pour un temps limité, le motif, la nature du \
                 justificatif, la tranche d'âge, la commune, le sexe s'il a été dit et une empreinte qui évite les doublons. Accès, \
                 rectification, opposition : {}{} ; réclamation : CNIL.",
                sponsor.name,
                sponsor.name,
                sponsor.email.as_ref().map(|email| format!(" ({email})")).unwrap_or_default(),
            )),
        }
    }
}

fn body(paragraphs: &[String], points: Vec<String>) -> Part {
    Part { title: None, paragraphs: paragraphs.iter().map(|text| spaced(text)).collect(), points }
}

fn parts(application: &Application, around: Circumstances<'_>) -> Vec<Part> {
    let received = format!(
        "Nous avons reçu le {} votre demande de carnet de pass numérique ; l'accusé de réception porte le n° {}.",
        application.received_on.french(),
        application.filed_by
    );
    match application.state {
        ApplicationState::Received => missing(application, received, around),
        ApplicationState::Refused => refusal(application, received, around),
        ApplicationState::Accepted => {
            [accepted(application, received, around)].into_iter().chain(places(around.places)).collect()
        }
        ApplicationState::Mailed => {
            [booklet(application, received, around)].into_iter().chain(places(around.places)).collect()
        }
        ApplicationState::Returned => vec![returned(application, received, around)],
        ApplicationState::Complete
        | ApplicationState::Withdrawn
        | ApplicationState::Expired
        | ApplicationState::Delivered => {
            let state = format!("À ce jour, votre demande est {}.", application.state.french());
            vec![body(&[received, state], Vec::new())]
        }
    }
}

/// What is to be shown, then until when.
fn missing(application: &Application, received: String, around: Circumstances<'_>) -> Vec<Part> {
    let until = application.state_on.plus_days(around.rules.completion_days);
    let proofs = proofs_missing(application, around);
    let which =
        if proofs.is_empty() { "les pièces qui vous ont été demandées." } else { "les pièces suivantes :" };
    let ask = format!(
        "Il y manque encore de quoi établir votre droit. Merci de faire parvenir, par l'organisme auprès duquel vous avez fait \
         votre demande, {which}"
    );
    let delay = format!(
        "Sans ces pièces au {} inclus, votre demande deviendra caduque ; vous pourrez alors en déposer une autre.",
        until.french()
    );
    vec![body(&[received, ask], proofs), body(&[delay], Vec::new())]
}

/// The proofs that an application lacks, as far as it is known which.
fn proofs_missing(application: &Application, around: Circumstances<'_>) -> Vec<String> {
    let missing = &application.assessed.missing;
    let residence = missing.iter().any(|code| code == "residence");
    let grounds = around.eligibility.map(|rules| rules.grounds(application.assessed.on)).unwrap_or_default();
    let situation = missing.iter().any(|code| code != "residence") && !grounds.is_empty();
    let labels: Vec<String> = grounds.into_iter().map(|ground| ground.label).collect();
    let end = if situation { " ;" } else { "." };
    let home = residence.then(|| format!("un justificatif de votre domicile{end}"));
    let other = situation.then(|| format!("un justificatif de l'une de ces situations : {}.", labels.join(" ; ")));
    home.into_iter().chain(other).map(|text| spaced(&text)).collect()
}

/// Why, in a sentence that can be read out.
const fn why(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::NotEligible => {
            "la situation que vous avez justifiée ne remplit pas les conditions du dispositif"
        }
        RefusalReason::Incomplete => "les pièces demandées ne nous sont pas parvenues",
        RefusalReason::AlreadyServed => "vous avez déjà reçu tous les pass auxquels une personne a droit",
        RefusalReason::OtherChannel => {
            "vous avez déjà reçu un carnet d'un prescripteur, et une personne ne reçoit de pass que par une seule voie"
        }
        RefusalReason::DistributionOver => "la distribution des carnets est terminée",
        RefusalReason::NoneLeft => "tous les carnets prévus pour les demandes individuelles ont été attribués",
    }
}

/// Whether the reason for a refusal is that something was not shown: which, is then part of the reasons.
const fn lacks_proofs(reason: RefusalReason) -> bool {
    match reason {
        RefusalReason::NotEligible | RefusalReason::Incomplete => true,
        RefusalReason::AlreadyServed
        | RefusalReason::OtherChannel
        | RefusalReason::DistributionOver
        | RefusalReason::NoneLeft => false,
    }
}

/// The refusal with its ground in law and in fact, and how to dispute it (code des relations entre le public et
/// l'administration, art. L. 211-2, L. 211-5, L. 411-2 and L. 411-7; code de justice administrative, art. R. 421-1 and R. 421-5).
fn refusal(application: &Application, received: String, around: Circumstances<'_>) -> Vec<Part> {
    let reason = application.reason.as_deref().and_then(|reason| RefusalReason::parse(reason).ok());
    let rule = around.eligibility.map(|rules| format!("« {} », ", rules.document().label)).unwrap_or_default();
    let decision = format!(
        "Après examen, cette demande est refusée, pour le motif suivant : {}. La règle appliquée est {rule}version {}, en vigueur le \
         {}. La décision est du {} et enregistrée sous le n° {}.",
        reason.map_or("motif porté sur la décision", why),
        application.assessed.rule_version,
        application.assessed.on.french(),
        application.state_on.french(),
        application.last_receipt,
    );
    let proofs = if reason.is_some_and(lacks_proofs) { proofs_missing(application, around) } else { Vec::new() };
    let lacking = "Au jour de la décision, il manque à votre demande :".to_owned();
    let facts = (!proofs.is_empty()).then(|| body(&[lacking], proofs));
    let again = format!(
        "Le recours gracieux fait courir de nouveau, une fois, le délai pour saisir le tribunal : vous disposez de {APPEAL} à \
         compter de la réponse. L'absence de réponse pendant {APPEAL} vaut rejet de votre recours. (Code des relations entre \
         le public et l'administration, art. L. 411-2 et L. 411-7 ; code de justice administrative, art. R. 421-1 et R. 421-5.)"
    );
    let parts = [body(&[received, decision], Vec::new())].into_iter().chain(facts);
    parts.chain([appeal(around), body(&[again], Vec::new())]).collect()
}

/// Before whom a refusal may be disputed. Nothing is said of who sends it but their name: it may be of any gender and number.
fn appeal(around: Circumstances<'_>) -> Part {
    let sponsor = around.sponsor;
    let own = || {
        let commune = territory::commune(&sponsor.commune).map(|commune| commune.name.to_owned());
        sponsor.address.iter().map(ToString::to_string).chain(commune).collect::<Vec<_>>().join(", ")
    };
    let address = around.rules.appeal_address.as_ref().map_or_else(own, ToString::to_string);
    let address = if address.is_empty() { String::new() } else { format!(", {address}") };
    let intro =
        format!("Si vous contestez cette décision, vous pouvez, dans les {APPEAL} qui suivent sa notification :");
    let ways = [
        format!(
            "en demander le réexamen (recours gracieux), par lettre, avec une copie de ce courrier et toute pièce utile, à l'adresse \
             suivante : {}{address} ;",
            sponsor.name
        ),
        format!(
            "ou saisir le {}, par courrier ou par Télérecours citoyens (www.telerecours.fr).",
            around.rules.appeal_court
        ),
    ];
    let points = ways.iter().map(|text| spaced(text)).collect();
    Part { title: Some("Voies et délais de recours"), paragraphs: vec![spaced(&intro)], points }
}

/// What will come, where nothing goes with the letter yet.
fn accepted(application: &Application, received: String, around: Circumstances<'_>) -> Part {
    let said = format!(
        "Elle est acceptée. Vous recevrez par lettre, à l'adresse ci-dessus, un carnet de {} pass d'une valeur de {} chacun.",
        application.passes,
        around.programme.face_value.figures(),
    );
    pays(vec![received, said], around)
}

/// The booklet came back: nothing goes with this letter either.
fn returned(application: &Application, received: String, around: Circumstances<'_>) -> Part {
    let cause = application.reason.as_deref().filter(|cause| ReturnCause::parse(cause).is_ok());
    let cause = cause.map(|cause| format!(" ({})", phrases::reason(None, cause))).unwrap_or_default();
    let said = format!("Elle est acceptée, mais le courrier qui portait votre carnet nous est revenu{cause}.");
    let ask = format!(
        "Merci de faire connaître, au plus tard le {}, par l'organisme auprès duquel vous avez fait votre demande, une adresse à \
         laquelle vous pouvez le recevoir ; sans elle, votre demande deviendra caduque.",
        application.state_on.plus_days(around.rules.completion_days).french()
    );
    body(&[received, said, ask], Vec::new())
}

/// What goes with the booklet.
fn booklet(application: &Application, received: String, around: Circumstances<'_>) -> Part {
    let face = around.programme.face_value.figures();
    let (serial, until) = around.booklet.unwrap_or_default();
    let serial = if serial.is_empty() { String::new() } else { format!(" n° {serial}") };
    let accepted = format!(
        "Elle est acceptée. Vous trouverez avec ce courrier le carnet{serial} : {} pass d'une valeur de {face} chacun{}.",
        application.passes,
        until.map(|day| format!(", à utiliser jusqu'au {} inclus", day.french())).unwrap_or_default(),
    );
    let keep = "Gardez ce courrier : il prouve que ce carnet est le vôtre, et permet de le remplacer s'il se perd.";
    pays(vec![received, accepted, keep.to_owned()], around)
}

/// The same, and what passes pay.
fn pays(mut paragraphs: Vec<String>, around: Circumstances<'_>) -> Part {
    let pays =
        "Vos pass se remettent un à un, dans un lieu agréé : ils y paient une aide au numérique, parmi ces services :";
    paragraphs.push(pays.to_owned());
    let services = around.programme.services.iter().map(|service| service.label().to_owned()).collect();
    body(&paragraphs, services)
}

/// Where to go with it: people who do not know a place do not come.
fn places(places: Places<'_>) -> Option<Part> {
    let called = |lines: &[String]| lines.iter().filter(|line| line.contains(PHONE)).count();
    let (intro, lines) = match places {
        Places::Chosen(lines) => ("Voici ce qui a été choisi avec vous :", lines),
        Places::Nearest(lines) if called(lines) == 0 => ("Voici les lieux les plus proches de chez vous :", lines),
        Places::Nearest(lines) if called(lines) < lines.len() => {
            ("Voici les lieux les plus proches de chez vous ; appelez d'abord celui dont vous avez le numéro :", lines)
        }
        Places::Nearest(lines) => ("Voici les lieux les plus proches de chez vous ; appelez avant d'y aller :", lines),
    };
    let points = lines.iter().map(|line| spaced(line)).collect();
    let part = Part { title: Some("Où utiliser vos pass"), paragraphs: vec![spaced(intro)], points };
    (!lines.is_empty()).then_some(part)
}

/// The lines that `sha256sum` wants: the same as [`crate::people::commit`]; none where the salt was lost.
fn recipe(dossier: &Dossier) -> Vec<String> {
    if dossier.salt.is_empty() {
        return Vec::new();
    }
    let identity = Identity::new(&dossier.family_name, &dossier.given_name, dossier.birth);
    let text = identity.map(|identity| identity.fingerprint_text()).unwrap_or_default();
    vec!["recepisse-commitment-1".to_owned(), dossier.salt.clone(), text]
}
