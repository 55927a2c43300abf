//! The French words for the stable names that a receipt uses. What never lives here: which of them a document shows.

mod mentions;

pub(super) use self::mentions::{Form, List, MENTIONS};

use crate::domain::closing::Period;
use crate::domain::mailing::ReturnCause;
use crate::domain::month::Month;
use crate::domain::movement::Kind;
use crate::domain::party::{Role, Service};
use crate::domain::territory::{self, CommuneCode};
use crate::domain::time::{Day, Instant};

/// How the paper of a hand-out proves to whom it was given; the three lines follow.
pub(super) const RECIPE: &str = "Ce papier seul porte le sel de l'engagement. Pour prouver à qui il a été remis, calculez le \
     SHA-256 de ces trois lignes, sans retour à la fin (nom et prénom en minuscules, sans accent, espace ni trait d'union) ; \
     le résultat est l'engagement :";

/// `24/11/2026`, or the text as it stands where it is no day.
pub(super) fn day(text: &str) -> String {
    Day::parse(text).map_or_else(|_| text.to_owned(), Day::french)
}

/// `24/11/2026 à 11:06`, Paris time.
pub(super) fn moment(text: &str) -> String {
    Instant::parse(text).map_or_else(|_| text.to_owned(), Instant::french)
}

/// The name of the commune with this INSEE code.
pub(super) fn commune(code: &str) -> String {
    let known = CommuneCode::parse(code).ok().and_then(|code| territory::commune(&code));
    known.map_or_else(|| format!("commune {code}"), |commune| commune.name.to_owned())
}

/// The label of the national standard.
pub(super) fn service(name: &str) -> String {
    Service::parse(name).map_or_else(|_| name.to_owned(), |service| service.label().to_owned())
}

/// The capacity in which somebody acts.
pub(super) fn role(name: &str) -> String {
    let french = Role::parse(name).ok().map(|role| match role {
        Role::RegionAdmin => "responsable du dispositif",
        Role::RegionFinance => "service des finances de la Région",
        Role::Accountant => "comptable public",
        Role::PrescriberAgent => "agent du prescripteur",
        Role::VenueAgent => "agent de la structure",
        Role::Auditor => "auditeur",
        Role::Platform => "plateforme des aides (compte machine)",
    });
    french.unwrap_or(name).to_owned()
}

/// Why booklets come back, why a redemption is undone, why passes are out of use or back, or why receipts were lost: a word may
/// mean something else on another kind of receipt.
pub(super) fn reason(kind: Option<Kind>, name: &str) -> String {
    let of_kind = match (kind, name) {
        (Some(Kind::DestructionProposal | Kind::Destruction), "end_of_validity") => "fin de validité passée",
        (Some(Kind::DestructionProposal | Kind::Destruction), "damaged") => "papier inutilisable",
        (Some(Kind::Replacement), "damaged") => "carnet inutilisable",
        (Some(Kind::IssuerResolution), "accepted") => "admis comme l'émetteur le dit",
        _ => return usual_reason(name),
    };
    of_kind.to_owned()
}

#[expect(clippy::too_many_lines, reason = "a table of words")]
fn usual_reason(name: &str) -> String {
    let french = match name {
        "unused" => "carnets non utilisés",
        "retention" => "durée de conservation écoulée",
        "request" => "demande de la personne",
        "follow_up" => "fin du suivi pour lequel des coordonnées étaient gardées",
        "phone" => "par téléphone",
        "email" => "par courriel",
        "letter" => "par lettre",
        "reminded" => "rappel fait",
        "revoked" => "accord retiré par la personne",
        "end_of_validity" => "fin de validité proche",
        "damaged" => "carnets endommagés",
        "returned" => "carnets revenus, à ne plus remettre",
        "misprinted" => "erreur d'impression (codes ou numéros)",
        "recalled" => "rappel par la Région",
        "end_of_mandate" => "fin de la convention ou de la régie",
        "entered_by_mistake" => "saisie par erreur ou en double",
        "service_not_performed" => "prestation non réalisée",
        "wrong_pass" => "autre pass que celui voulu",
        "storage_failure" => "panne de stockage",
        "restored_from_backup" => "retour à une sauvegarde",
        "replica_promoted" => "réplique en retard mise en service",
        "operator_error" => "erreur d'exploitation",
        "service_not_payable" => "prestation que les pass ne paient pas",
        "issuer_corrects" => "l'émetteur corrige",
        "venue_corrects" => "le lieu corrige",
        "evidence_seen" => "pièces vues",
        "issuer_mistaken" => "erreur reconnue par l'émetteur",
        "venue_mistaken" => "erreur reconnue par le lieu",
        "recorded_late" => "prestation enregistrée en retard",
        "insignificant" => "montant sans enjeu",
        "not_received" => "paiement non reçu",
        "other_amount" => "autre montant reçu",
        "evidence_missing" => "justificatif demandé et non reçu",
        "evidence_contradicts" => "justificatif qui contredit l'utilisation",
        "paid_otherwise" => "prestation payée par ailleurs",
        "evidence_asked" => "justificatif demandé",
        "passes_disputed" => "pass contestés",
        "payee_incomplete" => "coordonnées de paiement à compléter",
        "check_under_way" => "contrôle sur place en cours",
        "association" => "association",
        "public_body" => "organisme public",
        "company" => "société",
        "cooperative" => "coopérative",
        "foundation" => "fondation",
        "sole_trader" => "entreprise individuelle",
        "drill" => "exercice de restauration",
        "wrong_details" => "service ou date erronés",
        "suspected_fraud" => "soupçon de fraude",
        "holder_request" => "opposition demandée par la personne",
        "issuer_request" => "demande de l'émetteur",
        "precaution" => "mesure de précaution",
        "lost" => "perte",
        "erased" => "données effacées : l'identité saisie ce jour n'a pas pu être comparée",
        "stolen" => "vol",
        "disaster" => "sinistre (incendie, eau)",
        "lost_in_post" => "perte à l'acheminement",
        "missing_at_stock_take" => "manquant à l'inventaire",
        "unfounded" => "opposition sans objet",
        "found_again" => "pass retrouvés",
        "cleared_up" => "situation éclaircie",
        "issuer_failure" => "défaillance de l'émetteur",
        "security" => "fuite de codes ou de papier",
        "decision" => "décision de la Région",
        "hand_outs" => "remises",
        "redemptions" => "utilisations",
        "everything" => "remises et utilisations",
        "dormant_stock" => "stock dormant",
        "need" => "besoin ailleurs",
        "equal" => "parts égales",
        "population" => "population légale des communes desservies",
        "qpv" => "habitants des quartiers prioritaires (QPV)",
        "other" => "autre clé, selon la décision",
        "received" => "reçue",
        "completed" => "complétée",
        "platform" => "plateforme des aides individuelles",
        "prescriber" => "prescripteur",
        "accepted" => "acceptée",
        "refused" => "refusée",
        "withdrawn" => "retirée par la personne",
        "expired" => "caduque, faute de suite dans le délai",
        "not_eligible" => "conditions non remplies",
        "incomplete" => "pièces non produites dans le délai",
        "already_served" => "droit déjà entièrement servi",
        "other_channel" => "carnet déjà reçu d'un prescripteur",
        "distribution_over" => "distribution terminée",
        "none_left" => "carnets épuisés",
        other => return ReturnCause::parse(other).map_or_else(|_| other.to_owned(), |cause| cause.french().to_owned()),
    };
    french.to_owned()
}

/// A condition that every rule may ask; those of one rule have their words there.
pub(super) fn condition(code: &str) -> Option<&'static str> {
    match code {
        "residence" => Some("lieu de résidence"),
        "age" => Some("âge"),
        _ => None,
    }
}

/// The form of a bank's file.
pub(super) fn file_format(name: &str) -> String {
    let french = match name {
        "camt.053" => "relevé de compte (camt.053)",
        "pain.002" => "compte rendu de virements (pain.002)",
        "csv" => "tableau (CSV)",
        other => other,
    };
    french.to_owned()
}

/// What a closing covers.
pub(super) fn period(name: &str) -> String {
    let french = Period::parse(name).ok().map(|period| match period {
        Period::Day => "journée",
        Period::Month => "mois",
        Period::Year => "année",
    });
    french.unwrap_or(name).to_owned()
}

/// `4 980`, with narrow no-break spaces.
pub(super) fn count(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut text = if count < 0 { "-".to_owned() } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// `1 carnet`, `12 carnets`.
pub(super) fn booklets(number: i64) -> String {
    format!("{} carnet{}", count(number), if number > 1 { "s" } else { "" })
}

/// A month as people write it, `août 2026`; another text as it is.
pub(super) fn month(text: &str) -> String {
    Month::parse(text).map_or_else(|_| text.to_owned(), Month::french)
}

/// French spacing: what stands before a colon, a semicolon or a closing quote stays on its line, and so does a number
/// after `n°`.
pub(super) fn spaced(text: &str) -> String {
    let mut text = text.to_owned();
    for (loose, tight) in [
        (" :", "\u{a0}:"),
        (" ;", "\u{a0};"),
        (" ?", "\u{a0}?"),
        (" !", "\u{a0}!"),
        (" €", "\u{a0}€"),
        (" »", "\u{a0}»"),
        (" %", "\u{a0}%"),
        ("« ", "«\u{a0}"),
        ("n° ", "n°\u{a0}"),
    ] {
        text = text.replace(loose, tight);
    }
    text
}

/// A SIRET in the groups people read, an RNA number as it is, each with its name.
pub(super) fn registration(number: &str) -> String {
    if number.starts_with('W') {
        return format!("RNA {number}");
    }
    match (number.get(..3), number.get(3..6), number.get(6..9), number.get(9..)) {
        (Some(one), Some(two), Some(three), Some(rest)) if number.len() == 14 => {
            format!("SIRET\u{a0}{one}\u{a0}{two}\u{a0}{three}\u{a0}{rest}")
        }
        _ => format!("Immatriculation {number}"),
    }
}

#[cfg(test)]
mod tests;
