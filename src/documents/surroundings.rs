//! What a document shows besides the sealed bytes: labels of the register on the day of printing, and what only the
//! paper of a hand-out may carry. What never lives here: anything the receipt itself says.

use std::collections::BTreeMap;

use crate::domain::eligibility::RuleSet;
use crate::domain::time::Day;

/// Who stands on a document: an organisation, or a person at a hand-out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Party {
    pub name: String,
    /// SIRET or RNA number.
    pub registration: Option<String>,
    /// Street and town, on one line.
    pub address: Option<String>,
}

impl Party {
    /// A party of which only the name is known.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// What the register knows of an order that a receipt's lots belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderReference {
    /// As the Region's purchasing system numbers it.
    pub number: String,
    /// Number of the payment order (mandat de paiement), once there is one.
    pub payment_order: Option<String>,
    /// Who pays which part, as one sentence.
    pub funding: Option<String>,
    pub issuer: Option<Party>,
    pub validity_end: Option<Day>,
    pub grace_end: Option<Day>,
}

/// The seal that vouches for the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealInfo {
    /// Position of the sealed head, at or after the receipt's.
    pub position: i64,
    /// Identifier of the key: 16 hexadecimal digits.
    pub key: String,
}

/// A person's names as typed at the hand-out. They go through to the paper and are stored nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Beneficiary {
    pub family_name: String,
    pub given_name: String,
    pub birth: Day,
}

/// Says that there is somebody, never who.
impl std::fmt::Debug for Beneficiary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Beneficiary(…)")
    }
}

/// What only the paper handed to a beneficiary carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Paper {
    /// The salt of the commitment: 32 hexadecimal digits. It is printed here and kept nowhere.
    pub salt: String,
    /// Known when the paper is printed at the hand-out itself; else the page leaves lines to fill in by hand.
    pub beneficiary: Option<Beneficiary>,
    /// Where the person is told to go, line by line.
    pub orientation: Vec<String>,
}

/// Never shows the salt.
impl std::fmt::Debug for Paper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Paper").field("beneficiary", &self.beneficiary).finish_non_exhaustive()
    }
}

/// Everything around a receipt. Only programme and sponsor are needed; what is left out is left out of the page, or
/// written as the code that the receipt has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Label of the programme.
    pub programme: String,
    /// The Region that buys; also the controller named in the data-protection notice.
    pub sponsor: Party,
    /// Labels of the services that passes may pay.
    pub services: Vec<String>,
    /// Organisations by the short code that stands in holders.
    pub parties: BTreeMap<String, Party>,
    /// Orders by their running number within the programme: the first part of a lot's number.
    pub orders: BTreeMap<i64, OrderReference>,
    /// The rules of the receipt's rule version, for the words of ground and proof.
    pub rules: Option<RuleSet>,
    pub sealed: Option<SealInfo>,
    /// For a hand-out only.
    pub paper: Option<Paper>,
    /// Where to write for the right of access: an address or an e-mail.
    pub privacy_contact: Option<String>,
    /// Address of the public page that checks this receipt.
    pub verification: Option<String>,
}

impl Surroundings {
    #[must_use]
    pub fn new(programme: impl Into<String>, sponsor: Party) -> Self {
        Self {
            programme: programme.into(),
            sponsor,
            services: Vec::new(),
            parties: BTreeMap::new(),
            orders: BTreeMap::new(),
            rules: None,
            sealed: None,
            paper: None,
            privacy_contact: None,
            verification: None,
        }
    }
}
