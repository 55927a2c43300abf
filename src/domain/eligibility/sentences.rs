//! The French of a verdict: what was asked, what was shown, what is missing. Every function returns whole
//! sentences. What never lives here: the birth date, a name, and any decision.

use super::assess::{Flaw, Question, Shown, editions};
use super::rules::{Age, Ground, Proof, ResidesIn, Status};
use super::situation::Reason;
use crate::domain::territory;
use crate::domain::words;

/// Asked, shown, missing.
type Sentences = (String, String, Option<String>);

/// More places than this are counted, not named.
const MOST_PLACES: usize = 5;

pub(super) fn residence(question: &Question<'_>, wanted: &ResidesIn, inside: bool, shown: &Shown<'_>) -> Sentences {
    let lives = format!("habiter {}", territories(question, wanted));
    let commune = question.situation.commune;
    let quarter = quarter(question, wanted);
    let (seen, elsewhere) = match question.places.as_slice() {
        [] => (
            format!("Commune déclarée : {commune}, inconnue."),
            format!("Une commune connue : le code {commune} n'est celui d'aucune commune."),
        ),
        [place, ..] => {
            let name = format!("{} ({})", place.name, place.code);
            let region = territory::region(place.region).map_or(place.region, |region| region.name);
            (
                format!("Commune déclarée : {name}, région {region}{quarter}."),
                format!("{} : {name}, région {region}{quarter}, n'en fait pas partie.", capital(&lives)),
            )
        }
    };
    let missing = [(!inside).then_some(elsewhere), missing_proof(question, &wanted.proofs, shown)];
    (asked(question, &lives, &wanted.proofs), with_document(question, seen, shown), join(missing))
}

pub(super) fn age(question: &Question<'_>, wanted: &Age, shown: &Shown<'_>) -> Sentences {
    let range = match (wanted.from, wanted.to) {
        (Some(from), Some(to)) => format!("avoir entre {from} et {to} ans"),
        (Some(from), None) => format!("avoir {} ou plus", years(from.into())),
        (None, Some(to)) => format!("avoir {} au plus", years(to.into())),
        (None, None) => String::new(),
    };
    let seen = format!("Âge au {} : {}.", question.on.french(), years(question.age));
    let young = wanted.from.filter(|from| question.age < i32::from(*from));
    let old = wanted.to.filter(|to| question.age > i32::from(*to));
    let missing = [
        young.map(|from| format!("L'âge de {} n'est pas encore atteint.", years(from.into()))),
        old.map(|to| format!("L'âge de {} est dépassé.", years(to.into()))),
        missing_proof(question, &wanted.proofs, shown),
    ];
    (asked(question, &range, &wanted.proofs), with_document(question, seen, shown), join(missing))
}

pub(super) fn status(question: &Question<'_>, wanted: &Status, declared: bool, shown: &Shown<'_>) -> Sentences {
    let label = wanted.label.on(question.on);
    let seen = if declared { "Situation déclarée." } else { "Situation non déclarée." };
    let undeclared = !declared && matches!(shown, Shown::NotAsked);
    let missing = [
        undeclared.then(|| format!("Déclarer cette situation : {label}.")),
        missing_proof(question, &wanted.proofs, shown),
    ];
    (asked(question, label, &wanted.proofs), with_document(question, seen.to_owned(), shown), join(missing))
}

pub(super) fn without(question: &Question<'_>, wanted: &Status, declared: bool) -> Sentences {
    let label = format!("ne pas {}", wanted.label.on(question.on));
    let (seen, missing) = if declared {
        ("Situation déclarée.", Some(format!("{} : cette situation a été déclarée.", capital(&label))))
    } else {
        ("Situation non déclarée.", None)
    };
    (asked(question, &label, &[]), seen.to_owned(), missing)
}

/// The neighbourhood that was said, where the rule asks for one: `, quartier QN05901M`.
fn quarter(question: &Question<'_>, wanted: &ResidesIn) -> String {
    let asked = editions(question.rules, wanted, question.on).any(|edition| !edition.neighbourhoods.is_empty());
    match question.situation.neighbourhood {
        _ if !asked => String::new(),
        Some(code) => format!(", quartier {code}"),
        None => ", aucun quartier prioritaire indiqué".to_owned(),
    }
}

pub(super) fn summary(question: &Question<'_>, eligible: bool, ground: Option<&Ground>, reasons: &[Reason]) -> String {
    let label = |ground: &Ground| ground.label.on(question.on).to_owned();
    let version = &question.rules.version;
    if eligible {
        let by = ground.map(|ground| format!(", au motif « {} »", label(ground))).unwrap_or_default();
        let grounds = question.rules.rule.grounds();
        let other = grounds.into_iter().find(|other| {
            question.asked == Some(other.code.as_str()) && ground.is_none_or(|kept| kept.code != other.code)
        });
        let instead = other.map(|other| format!(" Le motif demandé, « {} », n'est pas établi.", label(other)));
        return format!("La personne a droit au pass{by} (règle {version}).{}", instead.unwrap_or_default());
    }
    let mut sentences = vec![format!("La personne n'a pas droit au pass (règle {version}).")];
    let (mut current, mut tried) = (None, 0);
    for reason in reasons {
        let Some(missing) = &reason.missing else { continue };
        let heading = question.rules.rule.grounds().into_iter().find(|it| Some(&it.code) == reason.ground.as_ref());
        if let Some(sentence) = sentences.last_mut().filter(|_| current == Some(&reason.ground)) {
            *sentence = format!("{} ; {}", sentence.trim_end_matches('.'), as_clause(missing));
            continue;
        }
        tried += usize::from(heading.is_some());
        let of_what = heading.map_or("toute demande".to_owned(), |it| format!("le motif « {} »", label(it)));
        sentences.push(format!("Pour {of_what}, il manque ceci : {}", as_clause(missing)));
        current = Some(&reason.ground);
    }
    if tried > 1 {
        sentences.push("Un seul motif suffit.".to_owned());
    }
    sentences.join(" ")
}

/// What is missing, one sentence or several, within another sentence: `l'âge de 60 ans n'est pas encore atteint ; une pièce….`
fn as_clause(missing: &str) -> String {
    missing.split(". ").map(lower).collect::<Vec<_>>().join(" ; ")
}

/// `Habiter la région Hauts-de-France. À présenter : un justificatif de domicile ou une attestation….`
fn asked(question: &Question<'_>, what: &str, proofs: &[Proof]) -> String {
    let what = capital(what);
    if proofs.is_empty() { format!("{what}.") } else { format!("{what}. À présenter : {}.", any(question, proofs)) }
}

/// The same sentence as an alternative to the one before it: `Ou bien : une attestation….`
pub(super) fn alternative(missing: &str) -> String {
    format!("Ou bien : {}", lower(missing))
}

/// Adds the document shown to what was declared.
fn with_document(question: &Question<'_>, declared: String, shown: &Shown<'_>) -> String {
    let (label, issued_on) = match shown {
        Shown::NotAsked => return declared,
        Shown::Nothing => return format!("{declared} Aucun des documents demandés."),
        Shown::Accepted(kind, proof) => (kind.label.on(question.on), proof.issued_on),
        Shown::Refused(proof, shown, _) => (name(question, proof), shown.issued_on),
    };
    let date = issued_on.map(|day| format!(" du {}", day.french())).unwrap_or_default();
    format!("{declared} {}{date}.", capital(label))
}

/// `Une attestation d'inscription à France Travail de moins de trois mois ; celle présentée date du 12/03/2026.`
fn missing_proof(question: &Question<'_>, proofs: &[Proof], shown: &Shown<'_>) -> Option<String> {
    match shown {
        Shown::NotAsked | Shown::Accepted(..) => None,
        Shown::Nothing => Some(format!("{}.", capital(&any(question, proofs)))),
        Shown::Refused(proof, _, flaw) => {
            let it = if name(question, proof).starts_with("une ") { "celle présentée" } else { "celui présenté" };
            let flaw = match flaw {
                Flaw::TooOld(day) => format!("{it} date du {}", day.french()),
                Flaw::InFuture(day) => format!("{it} porte une date à venir, le {}", day.french()),
                Flaw::Undated => format!("la date de {it} n'est pas indiquée"),
            };
            Some(format!("{} ; {flaw}.", capital(&with_freshness(question, proof))))
        }
    }
}

fn name<'a>(question: &Question<'a>, proof: &Proof) -> &'a str {
    let kind = question.rules.proof_kinds.iter().find(|kind| kind.code == proof.kind);
    kind.map_or("", |kind| kind.label.on(question.on))
}

fn with_freshness(question: &Question<'_>, proof: &Proof) -> String {
    let name = name(question, proof);
    match proof.max_age_months {
        None => name.to_owned(),
        Some(1) => format!("{name} de moins d'un mois"),
        Some(months) => format!("{name} de moins de {} mois", words::number(months.into())),
    }
}

fn any(question: &Question<'_>, proofs: &[Proof]) -> String {
    or(&proofs.iter().map(|proof| with_freshness(question, proof)).collect::<Vec<_>>())
}

/// `a`, `a ou b`, `a, b ou c`.
fn or(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} ou {last}", first.join(", ")),
    }
}

fn territories(question: &Question<'_>, wanted: &ResidesIn) -> String {
    let regions = wanted.regions.iter().filter_map(|code| territory::region(code));
    let departments = wanted.departments.iter().filter_map(|code| territory::department(code));
    let epcis = wanted.epcis.iter().filter_map(|siren| territory::epci(siren));
    let of_the_rule = question.rules.lists.iter().filter(|list| wanted.lists.contains(&list.code));
    let lists = of_the_rule.map(|list| list.label.on(question.on).to_owned());
    let commune = |code| territory::commune(code).map_or_else(|| format!("{code}"), |it| it.name.to_owned());
    let mut names: Vec<String> = regions
        .map(|region| format!("la région {}", region.name))
        .chain(departments.map(|department| format!("le département {}", department.name)))
        .chain(epcis.map(|epci| format!("l'intercommunalité {}", epci.name)))
        .chain(lists)
        .chain(wanted.communes.iter().map(|code| format!("la commune {} ({code})", commune(code))))
        .collect();
    if names.len() > MOST_PLACES {
        let others = names.len() - MOST_PLACES + 1;
        names.truncate(MOST_PLACES - 1);
        names.push(format!("l'un des {others} autres territoires de la règle"));
    }
    or(&names)
}

fn years(count: i32) -> String {
    format!("{count} an{}", if count > 1 { "s" } else { "" })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

fn join<const PARTS: usize>(parts: [Option<String>; PARTS]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
