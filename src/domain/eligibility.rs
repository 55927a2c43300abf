//! Who may receive passes: rules as data, versioned by date, judged on a situation at a day. A verdict says what
//! was asked, what was shown and what is missing, in French, so that it can be read out. What never lives here:
//! names, copies of documents, and the moment (the day is handed in).

mod assess;
mod check;
mod hindsight;
mod rules;
mod sentences;
mod situation;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

pub use check::RuleSetError;
pub use hindsight::{Hindsight, KeptDecision};
pub use rules::{
    Age, Choice, Condition, DatedText, Document, Edition, Ground, PlaceList, Proof, ProofKind, ResidesIn, Status,
    Wording,
};
pub use situation::{Reason, ShownProof, Situation, Unassessable, Verdict};

use serde::{Deserialize, Serialize};

use super::time::Day;

/// A programme's eligibility rules during one period: a checked [`Document`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct RuleSet(Document);

impl RuleSet {
    /// Reads a JSON document; unknown fields are refused.
    ///
    /// # Errors
    /// [`RuleSetError`] with the place and the reason, in French.
    pub fn parse(json: &str) -> Result<Self, RuleSetError> {
        check::read(json).and_then(Self::try_from)
    }

    /// The document, as it can be stored and shown.
    #[must_use]
    pub const fn document(&self) -> &Document {
        &self.0
    }

    /// The version that a decision keeps.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// Whether the rules apply on this day, both ends of the period included.
    #[must_use]
    pub fn applies(&self, on: Day) -> bool {
        self.0.valid_from <= on && self.0.valid_until.is_none_or(|last| on <= last)
    }

    /// The grounds with their labels of that day, in the document's order.
    #[must_use]
    pub fn grounds(&self, on: Day) -> Vec<Choice> {
        let choice = |ground: &Ground| Choice { code: ground.code.clone(), label: ground.label.on(on).to_owned() };
        self.0.rule.grounds().into_iter().map(choice).collect()
    }

    /// The kinds of proof with their labels of that day, in the document's order.
    #[must_use]
    pub fn proof_kinds(&self, on: Day) -> Vec<Choice> {
        let choice = |kind: &ProofKind| Choice { code: kind.code.clone(), label: kind.label.on(on).to_owned() };
        self.0.proof_kinds.iter().map(choice).collect()
    }

    /// The situations that the rules ask for, with their labels of that day.
    #[must_use]
    pub fn situations(&self, on: Day) -> Vec<Choice> {
        let choice =
            |(status, _): (&Status, bool)| Choice { code: status.code.clone(), label: status.label.on(on).to_owned() };
        self.0.rule.statuses().into_iter().map(choice).collect()
    }

    /// The codes of the situations that may be declared, in the document's order, each once.
    #[must_use]
    pub fn statuses(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = Vec::new();
        for (status, _) in self.0.rule.statuses() {
            if !codes.contains(&status.code.as_str()) {
                codes.push(&status.code);
            }
        }
        codes
    }

    /// Whether a situation may be declared by this code or alias.
    #[must_use]
    pub fn knows_status(&self, declared: &str) -> bool {
        let is_called_so = |status: &Status| status.code == declared || status.aliases.iter().any(|it| it == declared);
        self.0.rule.statuses().iter().any(|(status, _)| is_called_so(status))
    }

    /// What a condition is called within a sentence on a day, in French and in English. Rules are written in French: in
    /// English a situation is called by its code.
    #[must_use]
    pub fn in_words(&self, condition: &str, on: Day) -> (String, String) {
        let statuses = self.0.rule.statuses();
        match (condition, statuses.iter().find(|(status, _)| status.code == condition)) {
            ("residence", _) => ("le domicile".to_owned(), "residence".to_owned()),
            ("age", _) => ("l'âge".to_owned(), "age".to_owned()),
            (code, Some((status, must_not_be))) => {
                let (no, not) = if *must_not_be { ("ne pas ", "not ") } else { ("", "") };
                (format!("{no}{}", status.label.on(on)), format!("{not}{}", code.replace('_', " ")))
            }
            (code, None) => (code.to_owned(), code.replace('_', " ")),
        }
    }

    /// Judges a situation by these rules on a day: that of the hand-out or of the application. Whether the rules
    /// apply on that day is the caller's question: see [`in_force`].
    ///
    /// A condition that lists proofs holds when one of them is shown, fresh enough, whatever was declared; a
    /// status that lists none holds when it is declared. The ground kept is the one asked for if it holds, else
    /// the first that holds; if none does, the reasons are those of the ground asked for, or of all.
    ///
    /// # Errors
    /// [`Unassessable`] when the birth date makes no sense on that day, or no such ground exists.
    pub fn evaluate(&self, situation: &Situation, ground: Option<&str>, on: Day) -> Result<Verdict, Unassessable> {
        assess::verdict(&self.0, situation, ground, on)
    }
}

impl TryFrom<Document> for RuleSet {
    type Error = RuleSetError;
    fn try_from(document: Document) -> Result<Self, RuleSetError> {
        check::check(&document)?;
        Ok(Self(document))
    }
}

impl From<RuleSet> for Document {
    fn from(rules: RuleSet) -> Self {
        rules.0
    }
}

/// The rules that apply on a day; of several, those that came into force last.
#[must_use]
pub fn in_force(sets: &[RuleSet], on: Day) -> Option<&RuleSet> {
    sets.iter().filter(|rules| rules.applies(on)).max_by_key(|rules| rules.0.valid_from)
}

/// The rules of Hauts-de-France: resident of the region, and 60 or over, or registered job-seeker, or 18 to 25
/// and in job search or on an insertion path. No age of a proof is asked beyond what the Region published: an
/// attestation of under three months for job-seekers.
#[must_use]
pub fn hdf_2021() -> &'static RuleSet {
    #[expect(clippy::expect_used, reason = "the document is compiled in and a test reads it")]
    static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
        RuleSet::parse(include_str!("eligibility/hdf-2021.json")).expect("the shipped rules are well formed")
    });
    &RULES
}
