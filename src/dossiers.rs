//! Who applied, and where the letter goes: closed under a key that is not in the database and under random bytes of the
//! person's own, opened for labels and letters only, and erased once it has served. Without those bytes, which go with the person
//! and which no backup carries, nobody opens it any more, whatever keys they have. What never lives here: a decision, or a log line.

use serde::{Deserialize, Serialize};

use crate::clock::Entropy;
pub use crate::closed::Unopened;
use crate::closed::{Lock, close, open};
use crate::domain::eligibility::{ShownProof, Situation};
use crate::domain::orientation::Orientation;
use crate::domain::short_code::ShortCode;
use crate::domain::stock::CodeMac;
use crate::domain::territory::{CommuneCode, NeighbourhoodCode};
use crate::domain::text::{Label, Reference};
use crate::domain::time::Day;
use crate::keys::Keys;

const USAGE: &[u8] = b"key of the dossiers of applicants";

/// Where a letter goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// One to four lines, without name, postal code and locality.
    pub lines: Vec<Label>,
    /// Five digits.
    pub postal_code: String,
    pub locality: Label,
}

/// What is known of an applicant until the letter has arrived.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    pub family_name: String,
    pub given_name: String,
    pub birth: Day,
    pub commune: CommuneCode,
    /// Priority neighbourhood (QPV), where the rules ask.
    pub neighbourhood: Option<NeighbourhoodCode>,
    pub address: Address,
    pub statuses: Vec<String>,
    pub proofs: Vec<ShownProof>,
    /// Proves, on the letter, that its receipt is this person's.
    pub salt: String,
    /// Where they are told to go, as far as something was chosen.
    #[serde(default)]
    pub orientation: Option<Orientation>,
}

/// Says that there is somebody, never who.
impl std::fmt::Debug for Dossier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dossier(…)")
    }
}

/// Whose dossier it is: closed for one application, it opens for no other.
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    pub programme: &'a ShortCode,
    /// Who sent the application, and how that one numbers it.
    pub office: &'a ShortCode,
    pub reference: &'a Reference,
    /// Random bytes of the application, kept apart and destroyed with the person.
    pub nonce: &'a CodeMac,
}

/// Says that there is somebody, never who.
impl std::fmt::Debug for Owner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Owner(…)")
    }
}

impl<'a> Owner<'a> {
    fn text(self) -> Vec<u8> {
        format!("recepisse-dossier-2\n{}\n{}\n{}", self.programme, self.office, self.reference).into_bytes()
    }

    const fn lock(self, owner: &'a [u8]) -> Lock<'a> {
        Lock { usage: USAGE, secret: Some(self.nonce), owner }
    }
}

impl Dossier {
    /// Shows more: what was missing, besides what was there.
    pub fn add(&mut self, statuses: Vec<String>, proofs: Vec<ShownProof>) {
        self.statuses.extend(statuses);
        self.proofs.retain(|known| proofs.iter().all(|proof| proof.kind != known.kind));
        self.proofs.extend(proofs);
    }

    /// What the rules judge.
    #[must_use]
    pub fn situation(&self) -> Situation {
        let statuses = self.statuses.iter().cloned().collect();
        let proofs = self.proofs.clone();
        Situation { birth: self.birth, commune: self.commune, neighbourhood: self.neighbourhood, statuses, proofs }
    }

    /// As it is stored.
    ///
    /// # Errors
    /// [`Unopened`] never in practice: a dossier is always text.
    pub fn close(&self, keys: &Keys, entropy: &dyn Entropy, owner: Owner<'_>) -> Result<Vec<u8>, Unopened> {
        let plain = serde_json::to_vec(self).map_err(|_| Unopened)?;
        close(keys, entropy, owner.lock(&owner.text()), &plain)
    }

    /// The dossier behind what is stored.
    ///
    /// # Errors
    /// [`Unopened`].
    pub fn open(keys: &Keys, owner: Owner<'_>, stored: &[u8]) -> Result<Self, Unopened> {
        serde_json::from_slice(&open(keys, owner.lock(&owner.text()), stored)?).map_err(|_| Unopened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    fn dossier() -> Dossier {
        let label = |text: &str| Label::parse(text).unwrap();
        Dossier {
            family_name: "Lefèvre".to_owned(),
            given_name: "Zoé".to_owned(),
            birth: Day::parse("1958-03-14").unwrap(),
            commune: CommuneCode::parse("59392").unwrap(),
            neighbourhood: None,
            address: Address {
                lines: vec![label("3 rue des Tilleuls")],
                postal_code: "59600".to_owned(),
                locality: label("Maubeuge"),
            },
            statuses: Vec::new(),
            proofs: vec![ShownProof { kind: "home_proof".to_owned(), issued_on: None }],
            salt: "00".repeat(16),
            orientation: None,
        }
    }

    #[test]
    fn a_dossier_opens_with_the_keys_and_its_own_bytes_for_its_application_and_not_otherwise() {
        let (keys, programme) = (Keys::for_tests(1), ShortCode::parse("HDF21").unwrap());
        let reference = Reference::parse("AID-4711").unwrap();
        let owner = Owner { programme: &programme, office: &programme, reference: &reference, nonce: &[7; 32] };
        let closed = dossier().close(&keys, &SeededEntropy::new(1), owner).unwrap();
        assert_eq!(Dossier::open(&keys, owner, &closed), Ok(dossier()));
        assert_eq!(Dossier::open(&Keys::for_tests(2), owner, &closed), Err(Unopened));
        assert_eq!(Dossier::open(&keys, Owner { nonce: &[8; 32], ..owner }, &closed), Err(Unopened));
        let other = Reference::parse("AID-4712").unwrap();
        assert_eq!(Dossier::open(&keys, Owner { reference: &other, ..owner }, &closed), Err(Unopened));
        let text = String::from_utf8_lossy(&closed);
        assert!(!text.contains("Lef") && !text.contains("Tilleuls"));
        assert_eq!(format!("{:?}", dossier()), "Dossier(…)");
    }

    #[test]
    fn a_proof_that_comes_later_takes_the_place_of_the_one_before() {
        let mut dossier = dossier();
        let fresh = ShownProof { kind: "home_proof".to_owned(), issued_on: Some(Day::parse("2026-11-01").unwrap()) };
        dossier.add(vec!["job_seeker".to_owned()], vec![fresh.clone()]);
        assert_eq!(dossier.situation().proofs, [fresh]);
        assert!(dossier.situation().statuses.contains("job_seeker"));
    }
}
