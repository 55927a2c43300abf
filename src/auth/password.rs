//! Passwords: what may be chosen, how one is hashed and checked, and how many at a time. What never lives here: the
//! accounts, and the wait after failed attempts ([`super::throttle`]).

mod common;
mod gate;

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

pub use gate::{Busy, Gate};

use crate::clock::Entropy;
use crate::keys::Keys;

/// Characters of a chosen password after NFC normalisation (NIST SP 800-63B-4 for a password that stands alone).
const SHORTEST_CHARACTERS: usize = 15;
const LONGEST_CHARACTERS: usize = 128;

/// No password is longer, chosen or tried: a longer one is not even normalised.
const LONGEST_BYTES: usize = 512;

const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Why a password cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    /// Fewer than 15 characters.
    #[error("password_too_short")]
    TooShort,
    /// More than 128 characters or 512 bytes.
    #[error("password_too_long")]
    TooLong,
    /// Too little is left once obvious words, runs and repetitions are taken out.
    #[error("password_too_common")]
    TooCommon,
}

impl PasswordRefusal {
    /// The stable code, part of the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::TooCommon => "password_too_common",
        }
    }
}

/// A password in NFC, so that an é typed on any keyboard is the same é. `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// A password that somebody tries. No rule but the length applies: an old password may predate the rules.
    ///
    /// # Errors
    /// [`PasswordRefusal::TooLong`] beyond 512 bytes.
    pub fn tried(text: &str) -> Result<Self, PasswordRefusal> {
        if text.len() > LONGEST_BYTES {
            return Err(PasswordRefusal::TooLong);
        }
        let normalised: String = text.nfc().collect();
        if normalised.len() > LONGEST_BYTES { Err(PasswordRefusal::TooLong) } else { Ok(Self(normalised.into())) }
    }

    /// A password that somebody chooses for the account with this e-mail address: 15 to 128 characters of any kind,
    /// and not one that comes to everybody's mind.
    ///
    /// # Errors
    /// See [`PasswordRefusal`].
    pub fn chosen(text: &str, email: &str) -> Result<Self, PasswordRefusal> {
        let password = Self::tried(text)?;
        let characters = password.0.expose_secret().chars().count();
        if characters < SHORTEST_CHARACTERS {
            return Err(PasswordRefusal::TooShort);
        }
        if characters > LONGEST_CHARACTERS {
            return Err(PasswordRefusal::TooLong);
        }
        if common::comes_to_mind(password.0.expose_secret(), email) {
            return Err(PasswordRefusal::TooCommon);
        }
        Ok(password)
    }

    fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// What a hash costs. See `docs/OPERATIONS.md` before lowering it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Memory, in KiB (1024 bytes).
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Lanes computed side by side.
    pub lanes: u32,
}

impl Parameters {
    /// The least that a register in service may use (OWASP password storage, Argon2id).
    #[must_use]
    pub const fn floor() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }

    fn argon2(self) -> Result<Params, HashFailure> {
        Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH_BYTES)).map_err(|_| HashFailure::Parameters)
    }
}

impl Default for Parameters {
    /// 64 MiB, two passes: about a quarter of a second on a small server.
    fn default() -> Self {
        Self { memory_kib: 65_536, passes: 2, lanes: 1 }
    }
}

/// A hash could not be computed: a fault of the installation, never of who signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashFailure {
    /// Argon2 does not know such a cost.
    #[error("password hash parameters out of range")]
    Parameters,
    /// What is stored is not an Argon2 hash.
    #[error("stored password hash unreadable")]
    Unreadable,
    /// Memory ran out.
    #[error("password hash not computed")]
    NotComputed,
}

/// The answer to a password that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// It is the right one.
    pub ok: bool,
    /// It is the right one but its hash is not of today's cost: hash it again while it is at hand.
    pub needs_rehash: bool,
}

/// Hashes with Argon2id (RFC 9106) and the installation's pepper. Each call takes [`Parameters::memory_kib`] and all of
/// a core: go through a [`Gate`].
pub struct Hasher {
    keys: Arc<Keys>,
    parameters: Parameters,
    /// What an unknown user's password is compared with.
    nobody: String,
}

impl Hasher {
    /// # Errors
    /// [`HashFailure::Parameters`].
    pub fn new(keys: Arc<Keys>, parameters: Parameters) -> Result<Self, HashFailure> {
        let nobody = nobody(&parameters.argon2()?).map_err(|_| HashFailure::Parameters)?;
        Ok(Self { keys, parameters, nobody })
    }

    /// The PHC string to store, with a salt of its own.
    ///
    /// # Errors
    /// [`HashFailure::NotComputed`].
    pub fn hash(&self, password: &Password, entropy: &dyn Entropy) -> Result<String, HashFailure> {
        let mut salt = [0; SALT_BYTES];
        entropy.fill(&mut salt);
        let hash = self.argon2()?.hash_password_with_salt(password.bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|_| HashFailure::NotComputed)
    }

    /// Compares `password` with the `stored` PHC string, at the cost that the string names.
    ///
    /// # Errors
    /// [`HashFailure::Unreadable`] or [`HashFailure::NotComputed`]; a wrong password is no error.
    pub fn verify(&self, password: &Password, stored: &str) -> Result<Verified, HashFailure> {
        let stored = PasswordHash::new(stored).map_err(|_| HashFailure::Unreadable)?;
        // Without these the library would say "wrong password", and nobody would learn that the row is damaged.
        if stored.salt.is_none() || stored.hash.is_none() {
            return Err(HashFailure::Unreadable);
        }
        let cost = Params::try_from(&stored).map_err(|_| HashFailure::Unreadable)?;
        match self.argon2()?.verify_password(password.bytes(), &stored) {
            Ok(()) => Ok(Verified { ok: true, needs_rehash: !self.is_current(&stored, &cost) }),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Verified { ok: false, needs_rehash: false }),
            Err(_) => Err(HashFailure::NotComputed),
        }
    }

    /// What to do when nobody has the name that was given: the work of [`Hasher::verify`], for nothing, so that the
    /// time of the answer does not tell whether the account exists.
    ///
    /// # Errors
    /// [`HashFailure::NotComputed`].
    pub fn dummy(&self, password: &Password) -> Result<(), HashFailure> {
        self.verify(password, &self.nobody).map(|_| ())
    }

    fn is_current(&self, stored: &PasswordHash, cost: &Params) -> bool {
        let Parameters { memory_kib, passes, lanes } = self.parameters;
        stored.algorithm == Algorithm::Argon2id.ident()
            && stored.version == Some(Version::V0x13.into())
            && (cost.m_cost(), cost.t_cost(), cost.p_cost()) == (memory_kib, passes, lanes)
    }

    fn argon2(&self) -> Result<Argon2<'_>, HashFailure> {
        Argon2::new_with_secret(self.keys.pepper(), Algorithm::Argon2id, Version::V0x13, self.parameters.argon2()?)
            .map_err(|_| HashFailure::Parameters)
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("parameters", &self.parameters).finish_non_exhaustive()
    }
}

/// A stored hash that no password has: salt and hash are zeros.
fn nobody(parameters: &Params) -> argon2::password_hash::Result<String> {
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(parameters)?,
        salt: Some(Salt::new(&[0; SALT_BYTES])?),
        hash: Some(Output::new(&[0; HASH_BYTES])?),
    };
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    const CHEAP: Parameters = Parameters { memory_kib: 8, passes: 1, lanes: 1 };
    const PHRASE: &str = "tramway citron belote édredon";

    fn hasher(seed: u64, parameters: Parameters) -> Hasher {
        Hasher::new(Arc::new(Keys::for_tests(seed)), parameters).unwrap()
    }

    fn tried(text: &str) -> Password {
        Password::tried(text).unwrap()
    }

    fn stored() -> String {
        hasher(1, CHEAP).hash(&tried(PHRASE), &SeededEntropy::new(1)).unwrap()
    }

    const RIGHT: Verified = Verified { ok: true, needs_rehash: false };
    const WRONG: Verified = Verified { ok: false, needs_rehash: false };

    #[test]
    fn the_right_password_is_recognised_and_others_are_not() {
        let hasher = hasher(1, CHEAP);
        assert_eq!(hasher.verify(&tried(PHRASE), &stored()), Ok(RIGHT));
        for wrong in ["", "tramway", "tramway citron belote edredon", "Tramway citron belote édredon"] {
            assert_eq!(hasher.verify(&tried(wrong), &stored()), Ok(WRONG), "{wrong}");
        }
    }

    #[test]
    fn what_is_stored_names_argon2id_its_version_and_its_cost() {
        let stored = stored();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{stored}");
        let read = PasswordHash::new(&stored).unwrap();
        assert_eq!((read.salt.unwrap().len(), read.hash.unwrap().len()), (SALT_BYTES, HASH_BYTES));
    }

    #[test]
    fn the_same_password_is_never_stored_twice_alike() {
        let (hasher, entropy) = (hasher(1, CHEAP), SeededEntropy::new(1));
        let hash = || hasher.hash(&tried(PHRASE), &entropy).unwrap();
        assert_ne!(hash(), hash());
    }

    #[test]
    fn without_the_pepper_a_stolen_hash_matches_nothing() {
        assert_eq!(hasher(2, CHEAP).verify(&tried(PHRASE), &stored()), Ok(WRONG));
    }

    #[test]
    fn a_decomposed_accent_is_the_same_password() {
        let decomposed = "tramway citron belote e\u{301}dredon";
        assert_eq!(hasher(1, CHEAP).verify(&tried(decomposed), &stored()), Ok(RIGHT));
    }

    #[test]
    fn a_hash_of_another_cost_still_opens_and_asks_to_be_made_again() {
        for dearer in [Parameters { memory_kib: 16, ..CHEAP }, Parameters { passes: 2, ..CHEAP }] {
            let hasher = hasher(1, dearer);
            let verified = hasher.verify(&tried(PHRASE), &stored()).unwrap();
            assert_eq!(verified, Verified { ok: true, needs_rehash: true });
            assert_eq!(hasher.verify(&tried("autre"), &stored()), Ok(WRONG));
        }
    }

    #[test]
    fn a_hash_of_another_kind_of_argon2_asks_to_be_made_again() {
        let keys = Keys::for_tests(1);
        let params = CHEAP.argon2().unwrap();
        let argon2 = Argon2::new_with_secret(keys.pepper(), Algorithm::Argon2d, Version::V0x13, params).unwrap();
        let stored = argon2.hash_password_with_salt(tried(PHRASE).bytes(), &[7; SALT_BYTES]).unwrap().to_string();
        let verified = hasher(1, CHEAP).verify(&tried(PHRASE), &stored).unwrap();
        assert_eq!(verified, Verified { ok: true, needs_rehash: true });
    }

    #[test]
    fn a_stored_text_that_is_no_hash_is_a_fault_and_not_a_wrong_password() {
        for text in ["", "x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1", "$2b$10$abcdefghijklmnopqrstuu"] {
            assert_eq!(hasher(1, CHEAP).verify(&tried(PHRASE), text), Err(HashFailure::Unreadable), "{text}");
        }
    }

    #[test]
    fn the_comparison_for_nobody_has_the_live_cost_and_never_succeeds() {
        let hasher = hasher(1, CHEAP);
        assert!(hasher.nobody.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", hasher.nobody);
        assert_eq!(hasher.verify(&tried(PHRASE), &hasher.nobody), Ok(WRONG));
        assert_eq!(hasher.dummy(&tried("")), Ok(()));
    }

    #[test]
    fn a_cost_that_argon2_does_not_know_is_refused_at_the_start() {
        for wrong in
            [Parameters { memory_kib: 7, ..CHEAP }, Parameters { passes: 0, ..CHEAP }, Parameters { lanes: 0, ..CHEAP }]
        {
            let refused = Hasher::new(Arc::new(Keys::for_tests(1)), wrong);
            assert_eq!(refused.unwrap_err(), HashFailure::Parameters, "{wrong:?}");
        }
        assert!(Parameters::default().memory_kib > Parameters::floor().memory_kib);
    }

    #[test]
    fn a_chosen_password_has_15_to_128_characters() {
        let chosen = |text: &str| Password::chosen(text, "agent@example.org").map(|_| ());
        assert_eq!(chosen("carafe tilleul"), Err(PasswordRefusal::TooShort));
        assert_eq!(chosen("carafe tilleuls"), Ok(()));
        assert_eq!(chosen(PHRASE), Ok(()));
        let long: String = PHRASE.chars().cycle().take(127).chain(['!']).collect();
        assert_eq!(chosen(&long), Ok(()));
        assert_eq!(chosen(&format!("{long}x")), Err(PasswordRefusal::TooLong));
    }

    #[test]
    fn length_is_counted_once_accents_are_composed() {
        let composed = "é".repeat(7) + "carafon";
        let decomposed = "e\u{301}".repeat(7) + "carafon";
        for short in [composed, decomposed] {
            assert_eq!(Password::chosen(&short, "").unwrap_err(), PasswordRefusal::TooShort);
        }
    }

    #[test]
    fn more_than_512_bytes_are_not_looked_at() {
        assert!(Password::tried(&"x".repeat(512)).is_ok());
        assert_eq!(Password::tried(&"x".repeat(513)).unwrap_err(), PasswordRefusal::TooLong);
        // U+0958 takes three bytes and six once composed: a short text must not grow past the limit.
        assert_eq!(Password::tried(&"\u{958}".repeat(170)).unwrap_err(), PasswordRefusal::TooLong);
    }

    #[test]
    fn a_refusal_reads_as_its_code() {
        for refusal in [PasswordRefusal::TooShort, PasswordRefusal::TooLong, PasswordRefusal::TooCommon] {
            assert_eq!(refusal.to_string(), refusal.code());
        }
    }

    #[test]
    fn debug_shows_neither_password_nor_pepper() {
        let shown = format!("{:?} {:?}", tried("tramway"), hasher(1, CHEAP));
        assert!(!shown.contains("tramway"));
        assert!(
            shown.ends_with("Hasher { parameters: Parameters { memory_kib: 8, passes: 1, lanes: 1 }, .. }"),
            "{shown}"
        );
    }
}
