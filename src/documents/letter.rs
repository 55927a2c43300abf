//! The letter that goes with what becomes of an application: what is missing, the refusal and how to dispute it, or what
//! goes with the booklet. A page to print, one for each person. What never lives here: a decision, or where it is kept.

use askama::Template;

use super::html::hash_of;
use super::pdf;
use super::phrases::{RECIPE, spaced};
use crate::domain::applications::{Application, ApplicationState, RefusalReason};
use crate::domain::distribution::DistributionRules;
use crate::domain::eligibility::RuleSet;
use crate::domain::identity::Identity;
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

/// A letter, ready to be laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterView {
    pub(super) sender: Vec<String>,
    pub(super) recipient: Vec<String>,
    /// `Lille, le 24/11/2026`.
    pub(super) dated: String,
    pub(super) subject: String,
    pub(super) parts: Vec<Part>,
    /// The text whose SHA-256 is the commitment in the receipt, line by line.
    pub(super) recipe: Vec<String>,
    /// What becomes of name and address.
    pub(super) privacy: String,
}

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
    pub today: Day,
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
        Self {
            sender: sender.collect(),
            recipient: [name].into_iter().chain(lines).chain([city]).collect(),
            dated: format!("{place}, le {}", around.today.french()),
            subject: spaced(&format!(
                "Objet : votre demande de pass numérique n° {} (référence {})",
                application.number, application.reference
            )),
            parts: parts(application, around),
            recipe: recipe(dossier),
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
        ApplicationState::Received => vec![missing(application, received, around)],
        ApplicationState::Refused => refusal(application, received, around),
        ApplicationState::Accepted | ApplicationState::Mailed | ApplicationState::Returned => {
            vec![booklet(application, received, around)]
        }
        ApplicationState::Complete
        | ApplicationState::Withdrawn
        | ApplicationState::Expired
        | ApplicationState::Delivered => {
            let state = format!("À ce jour, votre demande est {}.", application.state.french());
            vec![body(&[received, state], Vec::new())]
        }
    }
}

/// What is to be shown, and until when.
fn missing(application: &Application, received: String, around: Circumstances<'_>) -> Part {
    let until = application.state_on.plus_days(around.rules.completion_days);
    let lacks = |code: &str| application.assessed.missing.iter().any(|missing| missing == code);
    let mut points = Vec::new();
    if lacks("residence") {
        points.push("un justificatif de votre domicile ;".to_owned());
    }
    let grounds = around.eligibility.map(|rules| rules.grounds(application.assessed.on)).unwrap_or_default();
    if application.assessed.missing.iter().any(|code| code != "residence") && !grounds.is_empty() {
        let labels: Vec<String> = grounds.into_iter().map(|ground| ground.label).collect();
        points.push(spaced(&format!("un justificatif de l'une de ces situations : {}.", labels.join(" ; "))));
    }
    let ask = "Il y manque encore de quoi établir votre droit. Merci de faire parvenir, par l'organisme auprès duquel vous \
               avez fait votre demande, les pièces suivantes :";
    let delay = format!(
        "Sans ces pièces au {} inclus, votre demande deviendra caduque ; vous pourrez alors en déposer une autre.",
        until.french()
    );
    body(&[received, delay, ask.to_owned()], points)
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

/// The refusal with its ground, and how to dispute it (code des relations entre le public et l'administration, art.
/// L. 211-2, L. 411-2 and L. 411-7; code de justice administrative, art. R. 421-1 and R. 421-5).
fn refusal(application: &Application, received: String, around: Circumstances<'_>) -> Vec<Part> {
    let reason = application.reason.as_deref().and_then(|reason| RefusalReason::parse(reason).ok());
    let decision = format!(
        "Après examen, la Région ne peut lui donner une suite favorable, pour le motif suivant : {}. La règle appliquée est \
         la version {}, en vigueur le {}. La décision est enregistrée sous le n° {}.",
        reason.map_or("motif porté sur la décision", why),
        application.assessed.rule_version,
        application.assessed.on.french(),
        application.last_receipt,
    );
    let address = around.rules.appeal_address.as_ref().map_or_else(
        || around.sponsor.address.as_ref().map(ToString::to_string).unwrap_or_default(),
        ToString::to_string,
    );
    let address = if address.is_empty() { String::new() } else { format!(", {address}") };
    let intro =
        format!("Si vous contestez cette décision, vous pouvez, dans les {APPEAL} qui suivent sa notification :");
    let again = format!(
        "Le recours gracieux fait courir de nouveau, une fois, le délai pour saisir le tribunal : vous disposez de {APPEAL} à \
         compter de la réponse. L'absence de réponse pendant {APPEAL} vaut rejet de votre recours. (Code des relations entre \
         le public et l'administration, art. L. 411-2 et L. 411-7 ; code de justice administrative, art. R. 421-1 et R. 421-5.)"
    );
    let appeal = Part {
        title: Some("Voies et délais de recours"),
        paragraphs: [again, intro].iter().map(|text| spaced(text)).collect(),
        points: [
            format!(
                "demander à la Région de la réexaminer (recours gracieux), par lettre adressée à {}{address}, avec une copie \
                 de ce courrier et toute pièce utile ;",
                around.sponsor.name
            ),
            format!(
                "ou saisir le {}, par courrier ou par Télérecours citoyens (www.telerecours.fr).",
                around.rules.appeal_court
            ),
        ]
        .iter()
        .map(|text| spaced(text))
        .collect(),
    };
    vec![body(&[received, decision], Vec::new()), appeal]
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
    let pays =
        "Remettez vos pass, un à un, dans un lieu agréé : ils y paient une aide au numérique, parmi ces services :";
    let services = around.programme.services.iter().map(|service| service.label().to_owned()).collect();
    body(&[received, accepted, keep.to_owned(), pays.to_owned()], services)
}

/// The lines that `sha256sum` wants: the same as [`crate::people::commit`].
fn recipe(dossier: &Dossier) -> Vec<String> {
    let identity = Identity::new(&dossier.family_name, &dossier.given_name, dossier.birth);
    let text = identity.map(|identity| identity.fingerprint_text()).unwrap_or_default();
    vec!["recepisse-commitment-1".to_owned(), dossier.salt.clone(), text]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::applications::{Assessed, Channel};
    use crate::domain::eligibility;
    use crate::domain::ids::{OrganisationId, ProgrammeNo};
    use crate::domain::money::Cents;
    use crate::domain::party::{OrganisationKind, Registration, Service};
    use crate::domain::programme::{Payer, Territory};
    use crate::domain::short_code::ShortCode;
    use crate::domain::territory::CommuneCode;
    use crate::domain::text::{Label, Reference};
    use crate::dossiers::Address;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn label(text: &str) -> Label {
        Label::parse(text).unwrap()
    }

    fn region() -> Organisation {
        Organisation {
            id: OrganisationId::parse("018f2d5e-0000-7000-8000-000000000001").unwrap(),
            code: ShortCode::parse("HDF").unwrap(),
            kinds: BTreeSet::from([OrganisationKind::Region]),
            name: label("Région Hauts-de-France"),
            registration: Registration::parse("20005374200017").unwrap(),
            commune: CommuneCode::parse("59350").unwrap(),
            address: Some(label("151 avenue du Président-Hoover")),
            email: None,
            phone: None,
            active: true,
            version: 1,
        }
    }

    fn programme() -> Programme {
        Programme {
            no: ProgrammeNo(1),
            code: ShortCode::parse("HDF21").unwrap(),
            label: label("Pass numérique"),
            sponsor: region().id,
            face_value: Cents::new(1_000),
            entitlement_passes: 10,
            distribution_from: day("2026-01-01"),
            distribution_until: day("2026-12-31"),
            grace_days: 30,
            payer: Payer::Region,
            territory: Territory::default(),
            services: Service::payable_by_default(),
            active: true,
            version: 1,
        }
    }

    fn application(state: ApplicationState, reason: Option<&str>) -> Application {
        Application {
            number: 12,
            office: ShortCode::parse("AIDES").unwrap(),
            reference: Reference::parse("AID-4711").unwrap(),
            content: [0; 32],
            channel: Channel::Platform,
            fingerprint: [1; 32],
            age_band: "60+".to_owned(),
            commune: "59392".to_owned(),
            sex: None,
            received_on: day("2026-11-02"),
            passes: 5,
            assessed: Assessed {
                on: day("2026-11-02"),
                rule_version: "hdf-2021-1".to_owned(),
                ground: None,
                proof_kind: None,
                proof_issued_on: None,
                missing: vec!["residence".to_owned(), "job_seeker".to_owned()],
            },
            state,
            state_on: day("2026-11-02"),
            reason: reason.map(str::to_owned),
            letter: None,
            filed_by: "HDF21-AIDES-2026-000007".to_owned(),
            last_receipt: "HDF21-HDF-2026-000042".to_owned(),
        }
    }

    fn written(state: ApplicationState, reason: Option<&str>) -> String {
        letter(&view(state, reason))
    }

    fn view(state: ApplicationState, reason: Option<&str>) -> LetterView {
        let (programme, sponsor, rules) = (programme(), region(), DistributionRules::default());
        let dossier = Dossier {
            family_name: "Lefèvre <b>".to_owned(),
            given_name: "Zoé".to_owned(),
            birth: day("1958-03-14"),
            commune: CommuneCode::parse("59392").unwrap(),
            neighbourhood: None,
            address: Address {
                lines: vec![label("3 rue des Tilleuls")],
                postal_code: "59600".to_owned(),
                locality: label("Maubeuge"),
            },
            statuses: Vec::new(),
            proofs: Vec::new(),
            salt: "ab".repeat(16),
        };
        let around = Circumstances {
            programme: &programme,
            sponsor: &sponsor,
            rules: &rules,
            eligibility: Some(eligibility::hdf_2021()),
            booklet: Some(("HDF21-000123-10", Some(day("2026-12-31")))),
            today: day("2026-11-24"),
        };
        LetterView::new(&application(state, reason), &dossier, around)
    }

    #[test]
    fn a_letter_is_a_pdf_of_a4_pages_too_with_the_address_and_the_way_to_dispute() {
        for (state, reason, pages) in
            [(ApplicationState::Refused, Some("not_eligible"), 1..=2), (ApplicationState::Mailed, None, 1..=1)]
        {
            let view = view(state, reason);
            let bytes = letter_pdf(&view);
            assert_eq!(bytes, letter_pdf(&view));
            let text = String::from_utf8_lossy(&bytes);
            assert!(text.starts_with("%PDF-1.7") && text.contains("[0 0 595.28 841.89]"), "{text}");
            assert!(pages.contains(&text.matches("/Type /Page\n").count()));
            assert!(text.contains("(3 rue des Tilleuls)") && text.contains("(59600 MAUBEUGE)"));
            // In the letters of Windows-1252, as a page shows what is not ASCII.
            let disputed = text.contains(&hex::encode_upper(b"Voies et d\xe9lais de recours"));
            assert_eq!(disputed, state == ApplicationState::Refused);
        }
    }

    #[test]
    fn a_refusal_says_why_and_how_to_dispute_it() {
        let text = written(ApplicationState::Refused, Some("not_eligible"));
        for wanted in [
            "ne remplit pas les conditions",
            "Voies et délais de recours",
            "tribunal administratif",
            "recours gracieux",
            "deux mois",
            "R. 421-5",
            "HDF21-HDF-2026-000042",
        ] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        for reason in RefusalReason::ALL {
            assert!(
                written(ApplicationState::Refused, Some(reason.as_str()))
                    .contains(&why(*reason).replace('\'', "&#39;"))
            );
        }
    }

    #[test]
    fn what_is_missing_is_named_with_the_day_until_which_it_may_come() {
        let text = written(ApplicationState::Received, None);
        assert!(text.contains("justificatif de votre domicile") && text.contains("01/01/2027"), "{text}");
    }

    #[test]
    fn the_letter_with_the_booklet_proves_whose_it_is() {
        let text = written(ApplicationState::Mailed, None);
        assert!(text.contains("HDF21-000123-10") && text.contains("31/12/2026"), "{text}");
        assert!(text.contains(&"ab".repeat(16)) && text.contains("identity-1|"), "{text}");
        assert!(!text.contains("<b>"), "a name is text and nothing else");
    }
}
