//! Every "no" in words: stable code, status, a French and an English sentence that tell the person what to do.
//! One table, read by HTTP and by the command line. What never lives here: the decision to refuse.
//!
//! A sentence may name facts of the refusal between braces; a fact that is missing leaves a dash, a `detail` nothing.

mod acts;
mod applications;
mod claims;
mod closing;
mod incidents;
mod people;
mod places;
mod requests;
mod statements;
mod supply;
mod values;

/// One refusal as the outside sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    pub french: &'static str,
    pub english: &'static str,
}

const fn entry(code: &'static str, status: u16, french: &'static str, english: &'static str) -> Entry {
    Entry { code, status, french, english }
}

/// The entry of a code. A code that is missing here is a defect (a test holds every code against the table), and
/// is answered as an internal error.
#[must_use]
pub fn find(code: &str) -> Entry {
    let found = TABLE.iter().flat_map(|part| part.iter()).find(|entry| entry.code == code);
    found.copied().unwrap_or(INTERNAL)
}

/// Every entry.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    TABLE.iter().flat_map(|part| part.iter())
}

/// Fills the braces of a sentence.
#[must_use]
pub fn fill<'a>(sentence: &str, fact: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut filled = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(fact(name).unwrap_or(if name == "detail" { "" } else { "–" }));
        rest = after;
    }
    filled.push_str(rest);
    filled.truncate(filled.trim_end().len());
    filled
}

const INTERNAL: Entry = entry(
    "internal_error",
    500,
    "Une erreur interne s'est produite. Rien n'a été enregistré ; transmettez l'identifiant de trace à l'exploitant.",
    "An internal error occurred. Nothing was recorded; give the trace identifier to the operator.",
);

const TABLE: &[&[Entry]] = &[
    requests::REQUESTS,
    requests::ACCESS,
    values::VALUES,
    values::REFERENCE,
    values::REPORTS,
    supply::SUPPLY,
    supply::CUSTODY,
    acts::HAND_OUT,
    acts::REDEMPTION,
    applications::APPLICATIONS,
    acts::RESTORE,
    closing::CLOSING,
    incidents::INCIDENTS,
    closing::TREE,
    incidents::ENDS,
    people::PEOPLE,
    claims::CLAIMS,
    claims::PAYEES,
    claims::PAYMENTS,
    statements::STATEMENTS,
    places::PLACES,
    places::COMMUNES,
    places::FEEDS,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::refusal::Code;

    #[test]
    fn every_refusal_of_a_rule_has_its_words() {
        for code in Code::ALL {
            assert_eq!(find(code.as_str()).code, code.as_str());
        }
    }

    #[test]
    fn a_code_stands_once_and_both_languages_name_the_same_facts() {
        let mut seen = BTreeSet::new();
        for entry in all() {
            assert!(seen.insert(entry.code), "{}", entry.code);
            let facts = |text: &str| -> BTreeSet<String> {
                text.split('{').skip(1).filter_map(|part| part.split('}').next().map(str::to_owned)).collect()
            };
            assert_eq!(facts(entry.french), facts(entry.english), "{}", entry.code);
            assert!((400..600).contains(&entry.status));
        }
    }

    #[test]
    fn the_french_plural_of_pass_is_pass() {
        assert!(all().all(|entry| !entry.french.contains("passes")));
    }

    #[test]
    fn a_missing_fact_leaves_a_dash() {
        assert_eq!(fill("a {b} c {d}", |name| (name == "b").then_some("1")), "a 1 c –");
        assert_eq!(fill("a. {detail}", |_| None), "a.");
    }
}
