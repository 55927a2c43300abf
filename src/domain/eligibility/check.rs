//! Whether a rule document makes sense, before anybody is judged by it. What never lives here: judging.

use std::collections::BTreeSet;
use std::fmt;

use super::rules::{Age, Condition, Document, PlaceList, ResidesIn, Status, Wording};
use crate::domain::refusal::Malformed;
use crate::domain::territory::{self, CommuneCode};

/// In bytes; a document of this size would name every commune of a region.
const LONGEST_DOCUMENT: usize = 65_536;
const DEEPEST: usize = 8;
const LONGEST_CODE: usize = 40;
const LONGEST_TEXT: usize = 200;
const OLDEST: u8 = 120;
const LONGEST_FRESHNESS: u8 = 120;

/// Why a rule document is refused. `Display` says it in French.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSetError {
    detail: String,
}

impl RuleSetError {
    fn new(detail: impl Into<String>) -> Self {
        Self { detail: detail.into() }
    }

    /// The refusal it stands for: its code is the API's.
    #[must_use]
    pub const fn malformed(&self) -> Malformed {
        Malformed::RuleSet
    }
}

impl fmt::Display for RuleSetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for RuleSetError {}

/// A shorthand: `Err` with this sentence unless `holds`.
fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), RuleSetError> {
    if holds { Ok(()) } else { Err(RuleSetError::new(otherwise())) }
}

pub(super) fn read(json: &str) -> Result<Document, RuleSetError> {
    require(json.len() <= LONGEST_DOCUMENT, || "Le document de règles dépasse 64 Kio.".to_owned())?;
    let mut source = serde_json::Deserializer::from_str(json);
    let document = serde_path_to_error::deserialize(&mut source).map_err(|error| {
        RuleSetError::new(format!("Le document de règles ne se lit pas, à « {} » : {}.", error.path(), error.inner()))
    })?;
    source.end().map_err(|_| RuleSetError::new("Le document de règles est suivi d'un autre texte."))?;
    Ok(document)
}

pub(super) fn check(document: &Document) -> Result<(), RuleSetError> {
    code(&document.version, "La version")?;
    text(&document.label, "L'intitulé")?;
    require(document.valid_until.is_none_or(|last| document.valid_from <= last), || {
        "La fin de validité précède le début.".to_owned()
    })?;
    let named = Named { kinds: proof_kinds(document)?, lists: lists(document)? };
    condition(&document.rule, &named, 0)?;
    require(names_a_ground(&document.rule), || {
        "La règle peut être remplie sans qu'aucun motif soit retenu : chaque voie doit passer par un motif.".to_owned()
    })?;
    let mut grounds = BTreeSet::new();
    for ground in document.rule.grounds() {
        require(grounds.insert(&ground.code), || format!("Le motif « {} » est décrit deux fois.", ground.code))?;
    }
    Ok(())
}

/// Whether everybody who fulfils the condition does so on a ground: a receipt must be able to say on which.
fn names_a_ground(rule: &Condition) -> bool {
    match rule {
        Condition::All(parts) => parts.iter().any(names_a_ground),
        Condition::Any(parts) => parts.iter().all(names_a_ground),
        Condition::Ground(_) => true,
        Condition::ResidesIn(_) | Condition::Age(_) | Condition::Status(_) | Condition::Without(_) => false,
    }
}

/// What a condition may name: the document's proof kinds and lists.
struct Named<'d> {
    kinds: BTreeSet<&'d str>,
    lists: BTreeSet<&'d str>,
}

fn proof_kinds(document: &Document) -> Result<BTreeSet<&str>, RuleSetError> {
    let (mut kinds, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for kind in &document.proof_kinds {
        for name in std::iter::once(&kind.code).chain(&kind.aliases) {
            code(name, "Le code d'un justificatif")?;
            require(taken.insert(name), || format!("Le justificatif « {name} » est décrit deux fois."))?;
        }
        wording(&kind.label, "Le nom d'un justificatif")?;
        let article = |label: &str| label.starts_with("un ") || label.starts_with("une ");
        require(kind.label.texts().into_iter().all(article), || {
            format!("Le nom du justificatif « {} » doit commencer par « un » ou « une ».", kind.code)
        })?;
        kinds.insert(kind.code.as_str());
    }
    Ok(kinds)
}

fn condition(rule: &Condition, named: &Named<'_>, depth: usize) -> Result<(), RuleSetError> {
    require(depth < DEEPEST, || format!("La règle dépasse {DEEPEST} niveaux."))?;
    match rule {
        Condition::All(_) => {}
        Condition::Any(parts) => {
            require(!parts.is_empty(), || "Une liste « any » est vide : personne n'y répondrait.".to_owned())?;
        }
        Condition::ResidesIn(places) => residence(places, &named.lists)?,
        Condition::Age(age) => ages(age)?,
        Condition::Status(wanted) => status(wanted)?,
        Condition::Without(unwanted) => {
            status(unwanted)?;
            require(unwanted.proofs.is_empty(), || {
                format!("La situation « {} » ne doit pas être : aucun justificatif ne le montre.", unwanted.code)
            })?;
        }
        Condition::Ground(ground) => {
            code(&ground.code, "Le code d'un motif")?;
            wording(&ground.label, "L'intitulé d'un motif")?;
            require(ground.condition.grounds().is_empty(), || {
                format!("Le motif « {} » en contient un autre.", ground.code)
            })?;
        }
    }
    for proof in rule.proofs() {
        require(named.kinds.contains(proof.kind.as_str()), || {
            format!("Le justificatif « {} » n'est pas décrit dans « proof_kinds ».", proof.kind)
        })?;
        require(proof.max_age_months.is_none_or(|months| (1..=LONGEST_FRESHNESS).contains(&months)), || {
            format!("L'ancienneté du justificatif « {} » doit être de 1 à {LONGEST_FRESHNESS} mois.", proof.kind)
        })?;
    }
    rule.parts().iter().try_for_each(|part| condition(part, named, depth + 1))
}

fn status(status: &Status) -> Result<(), RuleSetError> {
    code(&status.code, "Le code d'une situation")?;
    wording(&status.label, "L'intitulé d'une situation")?;
    status.aliases.iter().try_for_each(|alias| code(alias, "Le code d'une situation"))
}

fn lists(document: &Document) -> Result<BTreeSet<&str>, RuleSetError> {
    let mut codes = BTreeSet::new();
    for list in &document.lists {
        code(&list.code, "Le code d'une liste")?;
        wording(&list.label, "Le nom d'une liste")?;
        require(codes.insert(list.code.as_str()), || format!("La liste « {} » est décrite deux fois.", list.code))?;
        editions(list)?;
    }
    Ok(codes)
}

fn editions(list: &PlaceList) -> Result<(), RuleSetError> {
    let name = &list.code;
    let ordered = list.editions.is_sorted_by(|one, next| one.from < next.from);
    require(ordered && !list.editions.is_empty(), || {
        format!(
            "La liste « {name} » demande ses éditions dans l'ordre de leurs dates ; seule la première peut n'en pas avoir."
        )
    })?;
    for edition in &list.editions {
        require(!edition.communes.is_empty() || !edition.neighbourhoods.is_empty(), || {
            format!("Une édition de la liste « {name} » ne nomme ni commune ni quartier.")
        })?;
        require_known(&edition.communes)?;
    }
    Ok(())
}

/// Every commune is one of today or has become one.
fn require_known(communes: &[CommuneCode]) -> Result<(), RuleSetError> {
    let unknown = communes.iter().find(|code| territory::today(code).is_empty());
    unknown.map_or(Ok(()), |code| Err(RuleSetError::new(format!("Le territoire « {code} » n'existe pas."))))
}

fn residence(places: &ResidesIn, known: &BTreeSet<&str>) -> Result<(), RuleSetError> {
    let ResidesIn { regions, departments, epcis, communes, lists, proofs: _ } = places;
    let count = regions.len() + departments.len() + epcis.len() + communes.len() + lists.len();
    require(count > 0, || "Une condition de résidence ne nomme aucun territoire.".to_owned())?;
    let unknown_region = regions.iter().find(|code| territory::region(code).is_none());
    let unknown_department = departments.iter().find(|code| territory::department(code).is_none());
    let unknown_epci = epcis.iter().find(|siren| territory::epci(siren).is_none());
    let unknown = unknown_region.or(unknown_department).or(unknown_epci);
    require(unknown.is_none(), || {
        format!("Le territoire « {} » n'existe pas.", unknown.map(String::as_str).unwrap_or_default())
    })?;
    let undescribed = lists.iter().find(|code| !known.contains(code.as_str()));
    require(undescribed.is_none(), || {
        format!(
            "La liste « {} » n'est pas décrite dans « lists ».",
            undescribed.map(String::as_str).unwrap_or_default()
        )
    })?;
    require_known(communes)
}

fn ages(age: &Age) -> Result<(), RuleSetError> {
    let (from, to) = (age.from.unwrap_or(0), age.to.unwrap_or(OLDEST));
    let bounded = age.from.is_some() || age.to.is_some();
    require(bounded && from <= to && to <= OLDEST, || {
        format!("Une condition d'âge demande « from », « to » ou les deux, dans l'ordre, de 0 à {OLDEST} ans.")
    })
}

fn code(code: &str, what: &str) -> Result<(), RuleSetError> {
    let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte));
    require(plain && (1..=LONGEST_CODE).contains(&code.len()), || {
        format!("{what} doit avoir 1 à {LONGEST_CODE} lettres sans accent, chiffres, « _ », « - », « . » ou « / ».")
    })
}

fn text(text: &str, what: &str) -> Result<(), RuleSetError> {
    let clean = !text.trim().is_empty() && text.trim() == text && !text.chars().any(char::is_control);
    require(clean && text.chars().count() <= LONGEST_TEXT, || {
        format!("{what} doit avoir 1 à {LONGEST_TEXT} caractères, sans espace au bord ni retour à la ligne.")
    })
}

fn wording(wording: &Wording, what: &str) -> Result<(), RuleSetError> {
    wording.texts().into_iter().try_for_each(|it| text(it, what))?;
    let Wording::Dated(texts) = wording else { return Ok(()) };
    let ordered = texts.is_sorted_by(|one, next| one.from < next.from);
    require(ordered && texts.first().is_some_and(|first| first.from.is_none()), || {
        format!("{what} a plusieurs textes : le premier sans date, les suivants dans l'ordre de leurs dates.")
    })
}

#[cfg(test)]
mod tests {
    use super::super::RuleSet;

    /// A document with this rule and one proof kind.
    fn document(rule: &str) -> String {
        format!(
            r#"{{"version":"v1","label":"Essai","valid_from":"2026-01-01",
            "proof_kinds":[{{"code":"card","label":"une carte"}}],"rule":{rule}}}"#
        )
    }

    #[test]
    fn documents_that_make_no_sense_are_refused_with_their_reason() {
        let deep = format!("{}{}{}", r#"{"all":["#.repeat(9), r#"{"age":{"from":1}}"#, "]}".repeat(9));
        let ground =
            |code: &str| format!(r#"{{"ground":{{"code":"{code}","label":"x","condition":{{"age":{{"from":1}}}}}}}}"#);
        for (rule, reason) in [
            (r#"{"any":[]}"#.to_owned(), "vide"),
            (r#"{"age":{}}"#.to_owned(), "âge"),
            (r#"{"age":{"from":30,"to":20}}"#.to_owned(), "âge"),
            (r#"{"age":{"from":-1}}"#.to_owned(), "rule.age.from"),
            (r#"{"age":{"from":1,"sex":"f"}}"#.to_owned(), "unknown field"),
            (r#"{"income":{}}"#.to_owned(), "unknown variant"),
            (r#"{"resides_in":{}}"#.to_owned(), "aucun territoire"),
            (r#"{"resides_in":{"regions":["33"]}}"#.to_owned(), "« 33 »"),
            (r#"{"resides_in":{"communes":["59999"]}}"#.to_owned(), "« 59999 »"),
            (r#"{"age":{"from":1,"proofs":[{"kind":"paper"}]}}"#.to_owned(), "« paper »"),
            (r#"{"age":{"from":1,"proofs":[{"kind":"card","max_age_months":0}]}}"#.to_owned(), "mois"),
            (r#"{"status":{"code":"é","label":"x"}}"#.to_owned(), "situation"),
            (r#"{"status":{"code":"x","label":""}}"#.to_owned(), "intitulé"),
            (r#"{"status":{"code":"x","label":[{"from":"2024-01-01","text":"x"}]}}"#.to_owned(), "dates"),
            (r#"{"status":{"code":"x","label":[]}}"#.to_owned(), "dates"),
            (format!(r#"{{"any":[{},{}]}}"#, ground("a"), ground("a")), "deux fois"),
            (format!(r#"{{"ground":{{"code":"b","label":"x","condition":{}}}}}"#, ground("a")), "contient un autre"),
            (deep, "niveaux"),
        ] {
            let refused = RuleSet::parse(&document(&rule)).unwrap_err();
            assert!(refused.to_string().contains(reason), "{rule}: {refused}");
            assert_eq!(refused.malformed().code(), "rule_set_malformed");
        }
        for wrong in [
            String::new(),
            "[]".to_owned(),
            document(r#"{"all":[]}"#) + "{}",
            " ".repeat(70_000),
            document(r#"{"all":[]}"#).replace("une carte", "carte"),
            document(r#"{"all":[]}"#).replace("\"valid_from\"", "\"valid_until\":\"2025-12-31\",\"valid_from\""),
            document(r#"{"all":[]}"#).replace("\"v1\"", "\"\""),
        ] {
            assert!(RuleSet::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
