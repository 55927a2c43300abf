//! What goes into a judgement and what comes out. What never lives here: names; a situation is not a person.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::territory::{CommuneCode, NeighbourhoodCode};
use crate::domain::time::Day;

/// What the agent knows of the person in front of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    pub birth: Day,
    pub commune: CommuneCode,
    /// The priority neighbourhood of the address, where it is in one and the rules ask.
    pub neighbourhood: Option<NeighbourhoodCode>,
    /// What the person declares, by status code or alias.
    pub statuses: BTreeSet<String>,
    /// What the agent saw; nothing is copied.
    pub proofs: Vec<ShownProof>,
}

/// A document that was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownProof {
    /// A proof kind's code or alias.
    pub kind: String,
    /// The date on the document; needed where freshness is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<Day>,
}

/// The answer to "is this person eligible?", with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub eligible: bool,
    /// The code of the ground kept; none when not eligible, or when the rules name no ground.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
    /// Its label on the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground_label: Option<String>,
    pub rule_version: String,
    /// The proof that carried the ground: of the status, else of the age, else of residence; its kind is the
    /// rule's own code even where an alias was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof_used: Option<ShownProof>,
    /// One per condition that counted.
    pub reasons: Vec<Reason>,
    /// One or several sentences that can be read out.
    pub summary: String,
}

/// One condition and how it was met, in whole French sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// `residence`, `age`, or the code of a status.
    pub code: String,
    /// The ground that this condition belongs to; none for what is asked of everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
    pub satisfied: bool,
    pub asked: String,
    pub shown: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

/// Why a situation cannot be judged at all. `Display` says it in French.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unassessable {
    /// Born after the day of the judgement.
    BirthInFuture,
    /// More than 120 years old.
    BirthTooLongAgo,
    /// The rules have no ground with this code.
    UnknownGround(String),
}

impl Unassessable {
    /// The stable code, part of the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BirthInFuture => "birth_in_future",
            Self::BirthTooLongAgo => "birth_too_long_ago",
            Self::UnknownGround(_) => "ground_unknown",
        }
    }
}

impl fmt::Display for Unassessable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BirthInFuture => f.write_str("La date de naissance est à venir : vérifiez l'année."),
            Self::BirthTooLongAgo => f.write_str("La date de naissance remonte à plus de 120 ans : vérifiez l'année."),
            Self::UnknownGround(code) => write!(f, "Le motif « {code} » n'existe pas dans la règle en vigueur."),
        }
    }
}

impl std::error::Error for Unassessable {}
