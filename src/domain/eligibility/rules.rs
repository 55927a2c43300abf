//! The shape of a rule document. What never lives here: whether it makes sense ([`super::check`]) and what it
//! answers ([`super::assess`]).

use serde::{Deserialize, Serialize};

use crate::domain::territory::{CommuneCode, NeighbourhoodCode};
use crate::domain::time::Day;

/// A rule document as written in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What a decision keeps, unique among the documents of a programme.
    pub version: String,
    pub label: String,
    /// First day.
    pub valid_from: Day,
    /// Last day, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Day>,
    /// Every kind of proof that the rule names.
    #[serde(default)]
    pub proof_kinds: Vec<ProofKind>,
    /// Every list of places that the rule names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<PlaceList>,
    pub rule: Condition,
}

/// Places that a law or a body lists, and lists anew: ZRR then FRR, the priority neighbourhoods of 2015 then of 2024.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceList {
    pub code: String,
    /// With its article, one place of it: `une commune en zone France ruralités revitalisation`.
    pub label: Wording,
    /// In the order of their days.
    pub editions: Vec<Edition>,
}

/// What a list holds from a day on; the first of a list may have no such day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Edition {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub communes: Vec<CommuneCode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub neighbourhoods: Vec<NeighbourhoodCode>,
}

impl PlaceList {
    /// The edition in force on a day; none before the first.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<&Edition> {
        self.editions.iter().rev().find(|edition| edition.from.is_none_or(|from| from <= day))
    }
}

/// A kind of document that can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofKind {
    pub code: String,
    /// With its article: `une pièce d'identité`.
    pub label: Wording,
    /// Other codes for the same kind, so that a renamed body does not make two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

/// A French text, or several that follow each other in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Wording {
    Constant(String),
    Dated(Vec<DatedText>),
}

/// A text in use from a day on; the first of a list has no such day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    pub text: String,
}

impl Wording {
    /// The text in use on a day.
    #[must_use]
    pub fn on(&self, day: Day) -> &str {
        match self {
            Self::Constant(text) => text,
            Self::Dated(texts) => {
                let used = texts.iter().rev().find(|dated| dated.from.is_none_or(|from| from <= day));
                used.map_or("", |dated| &dated.text)
            }
        }
    }

    pub(super) fn texts(&self) -> Vec<&str> {
        match self {
            Self::Constant(text) => vec![text],
            Self::Dated(texts) => texts.iter().map(|dated| dated.text.as_str()).collect(),
        }
    }
}

/// A code with its label of the day, for a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub code: String,
    pub label: String,
}

/// What is asked of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Every one; an empty list asks nothing.
    All(Vec<Self>),
    /// At least one.
    Any(Vec<Self>),
    ResidesIn(ResidesIn),
    Age(Age),
    Status(Status),
    /// Not being in this situation: it must not be declared. It lists no proof, for nobody has one of what is not so.
    Without(Status),
    Ground(Ground),
}

impl Condition {
    /// The conditions directly inside.
    pub(super) fn parts(&self) -> &[Self] {
        match self {
            Self::All(parts) | Self::Any(parts) => parts,
            Self::Ground(ground) => std::slice::from_ref(&*ground.condition),
            Self::ResidesIn(_) | Self::Age(_) | Self::Status(_) | Self::Without(_) => &[],
        }
    }

    /// The grounds inside, in order.
    pub(super) fn grounds(&self) -> Vec<&Ground> {
        match self {
            Self::Ground(ground) => vec![ground],
            _ => self.parts().iter().flat_map(Self::grounds).collect(),
        }
    }

    /// The situations inside, in order, each with whether it must not be declared.
    pub(super) fn statuses(&self) -> Vec<(&Status, bool)> {
        match self {
            Self::Status(status) => vec![(status, false)],
            Self::Without(status) => vec![(status, true)],
            _ => self.parts().iter().flat_map(Self::statuses).collect(),
        }
    }

    /// The proofs asked for by this very condition.
    pub(super) fn proofs(&self) -> &[Proof] {
        match self {
            Self::ResidesIn(it) => &it.proofs,
            Self::Age(it) => &it.proofs,
            Self::Status(it) | Self::Without(it) => &it.proofs,
            Self::All(_) | Self::Any(_) | Self::Ground(_) => &[],
        }
    }
}

/// Living in one of these places, by INSEE code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResidesIn {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<String>,
    /// SIREN numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub epcis: Vec<String>,
    /// A commune that has since been merged stands for the whole commune of today.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub communes: Vec<CommuneCode>,
    /// Codes of the document's lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<Proof>,
}

/// An age in whole years, both ends included: 25 lasts until the day before the 26th birthday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Age {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<Proof>,
}

/// A situation that a person declares, or proves when proofs are listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    pub code: String,
    /// An infinitive in lower case: `être en recherche d'emploi`.
    pub label: Wording,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<Proof>,
}

/// A named reason for being eligible, which the decision keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    pub code: String,
    pub label: Wording,
    pub condition: Box<Condition>,
}

/// A proof that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// A code of the document's proof kinds.
    pub kind: String,
    /// It must be younger than this: issued on 24 August, it no longer counts on 24 November for three months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_months: Option<u8>,
}
