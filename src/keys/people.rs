//! The keys under which people are recognised: numbered, more than one, and read again while a server runs. Which of them is in
//! use is the register's to say. What never lives here: a register, or a name.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use secrecy::SecretBox;

use super::{KEY_BYTES, KeyError, Secret, files, mac_under};
use crate::clock::Entropy;

/// What a digest is computed over: enough to tell two keys apart, and of nobody.
const DIGEST_MESSAGE: &[u8] = b"which key is this";

/// A key under which people are recognised. Everything made with it says so in its first byte.
pub(super) struct PeopleKey {
    /// From 1; a later key has a higher number.
    pub(super) number: u8,
    pub(super) secret: Secret,
}

impl PeopleKey {
    pub(super) fn draw(number: u8, entropy: &dyn Entropy) -> Self {
        Self { number, secret: SecretBox::init_with_mut(|bytes: &mut [u8; KEY_BYTES]| entropy.fill(bytes)) }
    }

    /// The keyed hash of something about a person: the first byte is the number of the key.
    fn mac(&self, message: &[&[u8]]) -> [u8; 32] {
        let mut mac = mac_under(&self.secret, b"people", message);
        if let Some(first) = mac.first_mut() {
            *first = self.number;
        }
        mac
    }
}

/// The keys of people that this process holds, by number.
pub struct PeopleRing {
    /// Where there may be more of them by now.
    folder: Option<PathBuf>,
    keys: RwLock<Vec<PeopleKey>>,
}

impl fmt::Debug for PeopleRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeopleRing").field("numbers", &self.numbers()).finish_non_exhaustive()
    }
}

impl PeopleRing {
    pub(super) const fn of(keys: Vec<PeopleKey>) -> Self {
        Self { folder: None, keys: RwLock::new(keys) }
    }

    pub(super) fn read(folder: &Path) -> Result<Self, KeyError> {
        Ok(Self { folder: Some(folder.to_owned()), keys: RwLock::new(files::read_people(folder)?) })
    }

    /// No key is half there when a thread that read it panics.
    pub(super) fn held(&self) -> RwLockReadGuard<'_, Vec<PeopleKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same with one more key, on no disk.
    pub(super) fn and_one_more(self, entropy: &dyn Entropy) -> Self {
        let number = self.numbers().first().copied().unwrap_or(0).saturating_add(1);
        self.keys.write().unwrap_or_else(PoisonError::into_inner).push(PeopleKey::draw(number, entropy));
        self
    }

    /// The numbers of the keys, the highest first.
    #[must_use]
    pub fn numbers(&self) -> Vec<u8> {
        self.held().iter().rev().map(|key| key.number).collect()
    }

    /// 64 hexadecimal digits that tell this key from another of its number, if it is held.
    #[must_use]
    pub fn digest(&self, number: u8) -> Option<String> {
        let held = self.held();
        let key = held.iter().find(|key| key.number == number)?;
        Some(hex::encode(key.mac(&[DIGEST_MESSAGE])))
    }

    /// Reads the folder again: somebody may have put a key there.
    ///
    /// # Errors
    /// [`KeyError`] when a key in it cannot be read; those held stay.
    pub fn reload(&self) -> Result<(), KeyError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let keys = files::read_people(folder)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// The keyed hash of something about a person under each key, that in use first; nothing where that one is not held. The
    /// first byte is the number of the key, the rest as [`super::Keys::mac`] answers.
    #[must_use]
    pub fn macs(&self, in_use: u8, message: &[&[u8]]) -> Vec<[u8; 32]> {
        let held = self.held();
        let Some(first) = held.iter().find(|key| key.number == in_use) else { return Vec::new() };
        let others = held.iter().rev().filter(|key| key.number != in_use);
        std::iter::once(first).chain(others).map(|key| key.mac(message)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Keys;
    use crate::clock::SeededEntropy;

    #[test]
    fn what_is_made_of_a_person_says_under_which_key_and_the_one_in_use_comes_first() {
        let keys = Keys::for_tests(1).renewed(&SeededEntropy::new(2));
        let before = Keys::for_tests(1).people().macs(1, &[b"somebody"]);
        let macs = keys.people().macs(2, &[b"somebody"]);
        assert_eq!((macs.len(), macs[0][0], macs[1][0]), (2, 2, 1));
        assert_eq!((&macs[1..], before.len()), (&before[..], 1));
        assert_ne!(macs[0][1..], macs[1][1..]);
        assert_eq!(keys.people().numbers(), [2, 1]);
        // A key that is there and not in use yet recognises nobody first.
        assert_eq!(keys.people().macs(1, &[b"somebody"])[0], before[0]);
        assert!(keys.people().macs(3, &[b"somebody"]).is_empty());
    }

    #[test]
    fn a_digest_tells_keys_of_one_number_apart() {
        let (one, other) = (Keys::for_tests(1), Keys::for_tests(2));
        assert_eq!(one.people().digest(1), Keys::for_tests(1).people().digest(1));
        assert_ne!(one.people().digest(1), other.people().digest(1));
        assert_eq!(one.people().digest(2), None);
    }
}
