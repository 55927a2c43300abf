//! What the register keeps of people instead of their names: fingerprints, commitments and pseudonyms, all keyed.
//! What never lives here: a name at rest, or a way back to one.

use sha2::{Digest, Sha256};

use crate::domain::duplicates::Likenesses;
use crate::domain::erasure::NOBODY;
use crate::domain::identity::Identity;
use crate::domain::ids::UserId;
use crate::domain::short_code::ShortCode;
use crate::domain::stock::CodeMac;
use crate::keys::{Keys, PeopleRing, Purpose};

/// First bytes of what a commitment hashes: a holder of the paper checks it with `sha256sum` and nothing of ours.
const COMMITMENT_TAG: &[u8] = b"recepisse-commitment-1\n";

/// Bytes of a salt; twice as many hexadecimal digits.
const SALT_BYTES: usize = 16;

/// Hexadecimal digits of a pseudonym.
const PSEUDONYM_DIGITS: usize = 16;

/// What a receipt says of a person, and the salt that only the printed paper carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Commitment {
    /// `SHA-256("recepisse-commitment-1\n" || salt || "\n" || normalised identity)`.
    pub commitment: [u8; 32],
    /// 32 hexadecimal digits.
    pub salt: String,
}

/// Shows the commitment, which is public, and never the salt.
impl std::fmt::Debug for Commitment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Commitment").field("commitment", &hex::encode(self.commitment)).finish_non_exhaustive()
    }
}

/// The keyed fingerprint of a person within one programme, under the key with this number: the same for the same person at every
/// prescriber of the programme, and of no use in another one. That of nobody where the key is not held.
#[must_use]
pub fn fingerprint(keys: &PeopleRing, in_use: u8, programme: &ShortCode, identity: &Identity) -> CodeMac {
    fingerprints(keys, in_use, programme, identity).first().copied().unwrap_or(NOBODY)
}

/// The fingerprints of a person under each key that recognises people, the one in use first; none where that is not held.
#[must_use]
pub fn fingerprints(keys: &PeopleRing, in_use: u8, programme: &ShortCode, identity: &Identity) -> Vec<CodeMac> {
    let text = identity.fingerprint_text();
    keys.macs(in_use, &[b"person", programme.as_str().as_bytes(), text.as_bytes()])
}

/// The keyed likenesses of a person within one programme: somebody who shares one may be the same person, typed otherwise.
#[must_use]
pub fn likenesses(keys: &PeopleRing, in_use: u8, programme: &ShortCode, identity: &Identity) -> Likenesses {
    let mut found = Likenesses { key: in_use, ..Likenesses::default() };
    for text in identity.likeness_texts() {
        let macs = keys.macs(in_use, &[b"likeness", programme.as_str().as_bytes(), text.as_bytes()]);
        let mut macs = macs.into_iter();
        found.current.extend(macs.next());
        found.former.extend(macs);
    }
    found
}

/// The commitment to a person's identity for one receipt. The salt follows from a key and from `nonce`: random bytes, kept
/// until the person is erased so that the same request again gives the same paper.
#[must_use]
pub fn commitment(keys: &Keys, programme: &ShortCode, nonce: &[u8], identity: &Identity) -> Commitment {
    let mac = keys.mac(Purpose::Commitment, &[programme.as_str().as_bytes(), nonce]);
    let salt = hex::encode(mac).chars().take(2 * SALT_BYTES).collect::<String>();
    Commitment { commitment: commit(&salt, identity), salt }
}

/// What the commitment of `identity` under this salt is: to check a paper against a receipt.
#[must_use]
pub fn commit(salt: &str, identity: &Identity) -> [u8; 32] {
    let hash = Sha256::new().chain_update(COMMITMENT_TAG).chain_update(salt).chain_update("\n");
    hash.chain_update(identity.fingerprint_text()).finalize().into()
}

/// What receipts call somebody who acts: 16 hexadecimal digits, the same in all of them.
#[must_use]
pub fn pseudonym(keys: &Keys, user: UserId) -> String {
    let mac = keys.mac(Purpose::Identity, &[b"agent", user.to_string().as_bytes()]);
    hex::encode(mac).chars().take(PSEUDONYM_DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people_key::FIRST;
    use crate::domain::time::Day;

    fn programme(code: &str) -> ShortCode {
        ShortCode::parse(code).unwrap()
    }

    fn identity(family_name: &str, given_name: &str) -> Identity {
        Identity::new(family_name, given_name, Day::parse("1958-03-14").unwrap()).unwrap()
    }

    #[test]
    fn the_same_person_however_typed_has_one_fingerprint_per_programme() {
        let keys = Keys::for_tests(1);
        let print = |code: &str, family: &str, given: &str| {
            fingerprint(keys.people(), FIRST, &programme(code), &identity(family, given))
        };
        assert_eq!(print("HDF21", "Lefèvre-Dubois", "Zoé"), print("HDF21", "LEFEVRE DUBOIS", "zoe"));
        assert_ne!(print("HDF21", "Lefèvre", "Zoé"), print("HDF22", "Lefèvre", "Zoé"));
        assert_ne!(print("HDF21", "Lefèvre", "Zoé"), print("HDF21", "Lefèvre", "Léa"));
        let others = Keys::for_tests(2);
        let other_keys = fingerprint(others.people(), FIRST, &programme("HDF21"), &identity("Lefèvre", "Zoé"));
        assert_ne!(print("HDF21", "Lefèvre", "Zoé"), other_keys);
    }

    #[test]
    fn a_commitment_is_a_plain_hash_that_the_paper_lets_anyone_recompute() {
        let keys = Keys::for_tests(1);
        let made = commitment(&keys, &programme("HDF21"), b"request", &identity("Lefèvre", "Zoé"));
        assert_eq!(made.salt.len(), 32);
        let text = format!("recepisse-commitment-1\n{}\nidentity-1|lefevre|zoe|1958-03-14", made.salt);
        assert_eq!(made.commitment, <[u8; 32]>::from(Sha256::digest(text)));
        assert_eq!(made.commitment, commit(&made.salt, &identity("LEFEVRE", "Zoe")));
    }

    #[test]
    fn the_same_request_gives_the_same_salt_and_another_one_another() {
        let keys = Keys::for_tests(1);
        let of = |request: &[u8]| commitment(&keys, &programme("HDF21"), request, &identity("Lefèvre", "Zoé"));
        assert_eq!(of(b"one"), of(b"one"));
        assert_ne!(of(b"one").salt, of(b"two").salt);
        assert_ne!(of(b"one").commitment, of(b"two").commitment);
    }

    #[test]
    fn debug_shows_no_salt() {
        let made = commitment(&Keys::for_tests(1), &programme("HDF21"), b"request", &identity("Lefèvre", "Zoé"));
        assert!(!format!("{made:?}").contains(&made.salt));
    }

    #[test]
    fn a_pseudonym_is_stable_and_says_nothing_of_the_user() {
        let keys = Keys::for_tests(1);
        let user = UserId::parse("018f2d5e-0000-7000-8000-000000000001").unwrap();
        let name = pseudonym(&keys, user);
        assert_eq!(name, pseudonym(&keys, user));
        assert!(name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()));
        assert_ne!(name, pseudonym(&Keys::for_tests(2), user));
        assert!(!name.contains("018f2d5e"));
    }
}
