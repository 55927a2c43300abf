//! The keys of an installation, and what is computed with them. They live in files outside the database, one per
//! purpose, so that a stolen copy of the database opens nothing and one lost key spoils one purpose only.
//! What never lives here: a key in a log, in a `Debug` or in an error.

mod files;
mod people;

use people::PeopleKey;
pub use people::PeopleRing;

use std::fmt;
use std::path::{Path, PathBuf};

use ed25519_dalek::{SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

use crate::clock::{Entropy, SeededEntropy};
use crate::domain::code::PassCode;

/// Bytes of a symmetric key, and of what [`Keys::mac`] answers.
const KEY_BYTES: usize = 32;

/// Bytes that one round of SHA-256 takes in: HMAC fills a key up to it with zeros (RFC 2104 §2).
const HMAC_BLOCK_BYTES: usize = 64;

/// First bytes of every keyed hash of this module, so that none can be taken for a hash made elsewhere.
const MAC_TAG: &[u8] = b"recepisse/mac/1/";

/// First bytes of the keyed hash of a pass code. Stored hashes depend on it: it never changes.
const CODE_TAG: &[u8] = b"PN-CODE-1";

type Secret = SecretBox<[u8; KEY_BYTES]>;

/// What [`Keys::mac`] may be asked for. Tokens, passwords and pass codes have keys of their own and no way here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Derives the secrets of a print file, so that it can be made again and is stored nowhere.
    Print,
    /// Pseudonyms of agents. People are fingerprinted under keys that are renewed: see [`PeopleRing`].
    Identity,
    /// What somebody is bound to: salts of the commitments to personal data, digests of applications and of accounts,
    /// fingerprints of requests, the secrets that subscribers check events with.
    Commitment,
    /// Cursors of lists: a client hands back what it was given and cannot make one up.
    Cursor,
}

impl Purpose {
    const fn tag(self) -> &'static [u8] {
        match self {
            Self::Print => b"print",
            Self::Identity => b"identity",
            Self::Commitment => b"commitment",
            Self::Cursor => b"cursor",
        }
    }
}

/// Why the keys cannot be used. The sentence is for who starts the server: it says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Keys are there but not all of them. A lost key is never replaced: what was made with it would become
    /// unreadable without anybody having decided so.
    #[error(
        "il manque {} dans {} : restaurez ce qui manque depuis la sauvegarde des clés. Le programme ne remplace jamais \
         une clé perdue, car tout ce qui en dépend (codes des pass, mots de passe, sceaux) deviendrait invérifiable.",
        .missing.join(", "), .folder.display()
    )]
    Missing { folder: PathBuf, missing: Vec<&'static str> },
    /// Somebody else than the owner may read it.
    #[error(
        "{} est accessible à d'autres comptes que son propriétaire (droits {mode:04o}) : exécutez « chmod {advised:o} {} », \
         puis demandez-vous qui a pu lire les clés.",
        .path.display(), .path.display()
    )]
    Exposed { path: PathBuf, mode: u32, advised: u32 },
    /// Not what the program wrote there.
    #[error("{} ne contient pas {expected} : restaurez ce fichier depuis la sauvegarde des clés.", .path.display())]
    Unreadable { path: PathBuf, expected: &'static str },
    /// A key of people that is needed, or is not there.
    #[error("la clé des personnes n° {number} {why}.")]
    People { number: u8, why: &'static str },
    /// The file system said no.
    #[error("{} : {source}. Le dossier de données doit exister sur un disque où ce compte peut écrire.", .path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

/// Every key of the installation. `Debug` shows the public seal key's identifier and nothing else.
pub struct Keys {
    token: Secret,
    pepper: Secret,
    codes: Secret,
    print: Secret,
    identity: Secret,
    commitment: Secret,
    cursor: Secret,
    seal: SigningKey,
    people: PeopleRing,
}

impl Keys {
    /// Reads the keys of `folder` (the folder `keys` of the data directory), or makes them when there are none at all.
    /// They appear all at once or not at all, even if the machine stops midway or two processes start together.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn open_or_create(folder: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        if files::none_in(folder)? {
            files::create(folder, &Self::generate(entropy))?;
        }
        files::read(folder)
    }

    /// Whether `folder` holds no key at all, so that [`Self::open_or_create`] would make new ones.
    ///
    /// # Errors
    /// [`KeyError`] when the folder cannot be looked into.
    pub fn none_in(folder: &Path) -> Result<bool, KeyError> {
        files::none_in(folder)
    }

    /// Keys that are the same for the same seed, on no disk.
    #[must_use]
    pub fn for_tests(seed: u64) -> Self {
        Self::generate(&SeededEntropy::new(seed))
    }

    fn generate(entropy: &dyn Entropy) -> Self {
        let secret = || SecretBox::init_with_mut(|bytes: &mut [u8; KEY_BYTES]| entropy.fill(bytes));
        Self {
            token: secret(),
            pepper: secret(),
            codes: secret(),
            print: secret(),
            identity: secret(),
            commitment: secret(),
            cursor: secret(),
            seal: SigningKey::from_bytes(secret().expose_secret()),
            people: PeopleRing::of(vec![PeopleKey { number: 1, secret: secret() }]),
        }
    }

    /// Whether `folder` holds keys, and none under which people are recognised: there were none in an earlier version.
    ///
    /// # Errors
    /// [`KeyError`] when the folder cannot be looked into.
    pub fn lacks_people(folder: &Path) -> Result<bool, KeyError> {
        Ok(!files::none_in(folder)? && files::people_in(folder)?.is_empty())
    }

    /// Puts one more key of people into the folder; the register says from when on it is in use. Answers with its number.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn add_people(folder: &Path, entropy: &dyn Entropy) -> Result<u8, KeyError> {
        let highest = files::people_in(folder)?.last().copied().unwrap_or(0);
        let full = KeyError::People { number: highest, why: "est la dernière qui puisse être" };
        let number = highest.checked_add(1).ok_or(full)?;
        files::add_people(folder, &PeopleKey::draw(number, entropy))?;
        Ok(number)
    }

    /// Destroys a key of people: what was made with it leads to nobody any more. Whether it may be is for the register to say.
    ///
    /// # Errors
    /// [`KeyError::People`] for one that is not there.
    pub fn destroy_people(folder: &Path, number: u8) -> Result<(), KeyError> {
        if !files::people_in(folder)?.contains(&number) {
            return Err(KeyError::People { number, why: "n'est pas dans le dossier des clés" });
        }
        files::destroy_people(folder, number)
    }

    /// The same keys with one more of people; on no disk.
    #[must_use]
    pub fn renewed(mut self, entropy: &dyn Entropy) -> Self {
        self.people = self.people.and_one_more(entropy);
        self
    }

    /// The keys under which people are recognised.
    #[must_use]
    pub const fn people(&self) -> &PeopleRing {
        &self.people
    }

    /// `HMAC-SHA-256(key of the purpose, "recepisse/mac/1/" || purpose || 0 || (length || part)*)`, each length on
    /// eight bytes, most significant first: no two lists of parts give the same message.
    #[must_use]
    pub fn mac(&self, purpose: Purpose, message: &[&[u8]]) -> [u8; 32] {
        let key = match purpose {
            Purpose::Print => &self.print,
            Purpose::Identity => &self.identity,
            Purpose::Commitment => &self.commitment,
            Purpose::Cursor => &self.cursor,
        };
        mac_under(key, purpose.tag(), message)
    }

    /// What is stored of a pass code: `HMAC-SHA-256(key of the codes, "PN-CODE-1" || payload)`, the payload being
    /// the 14 symbols that carry the secret.
    #[must_use]
    pub fn code_mac(&self, code: &PassCode) -> [u8; 32] {
        let mac = keyed(self.codes.expose_secret()).chain_update(CODE_TAG).chain_update(code.payload());
        mac.finalize().into_bytes().into()
    }

    /// The key that seals the heads of the journals (Ed25519).
    #[must_use]
    pub const fn seal_key(&self) -> &SigningKey {
        &self.seal
    }

    /// Which key sealed: the first 16 hexadecimal digits of the SHA-256 of the 32 bytes of the public key.
    #[must_use]
    pub fn seal_key_id(&self) -> String {
        key_id(&self.seal.verifying_key())
    }

    /// The key of the access tokens.
    pub(crate) fn token_key(&self) -> &[u8] {
        self.token.expose_secret()
    }

    /// What every password hash is salted with besides its own salt.
    pub(crate) fn pepper(&self) -> &[u8] {
        self.pepper.expose_secret()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("seal_key_id", &self.seal_key_id()).finish_non_exhaustive()
    }
}

fn mac_under(key: &Secret, tag: &[u8], message: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed(key.expose_secret()).chain_update(MAC_TAG).chain_update(tag).chain_update([0]);
    for part in message {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn key_id(public: &VerifyingKey) -> String {
    hex::encode(Sha256::digest(public.as_bytes())).chars().take(16).collect()
}

fn keyed(key: &[u8; KEY_BYTES]) -> Hmac<Sha256> {
    let block: [u8; HMAC_BLOCK_BYTES] = std::array::from_fn(|place| key.get(place).copied().unwrap_or(0));
    Hmac::new(&block.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyed_hash_is_that_of_rfc_4231() {
        // Test case 1 has a key of 20 bytes: HMAC fills it up with zeros, so these 32 bytes are the same key.
        let mut key = [0; KEY_BYTES];
        key[..20].fill(0x0b);
        let mac = keyed(&key).chain_update(b"Hi There").finalize().into_bytes();
        assert_eq!(hex::encode(mac), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }

    #[test]
    fn the_same_seed_gives_the_same_keys_and_another_seed_others() {
        let (one, same, other) = (Keys::for_tests(1), Keys::for_tests(1), Keys::for_tests(2));
        assert_eq!(one.mac(Purpose::Cursor, &[b"a"]), same.mac(Purpose::Cursor, &[b"a"]));
        assert_ne!(one.mac(Purpose::Cursor, &[b"a"]), other.mac(Purpose::Cursor, &[b"a"]));
        assert_eq!(one.seal_key_id(), same.seal_key_id());
        assert_ne!(one.seal_key_id(), other.seal_key_id());
    }

    #[test]
    fn every_purpose_has_a_key_of_its_own() {
        let keys = Keys::for_tests(1);
        let mut all =
            [&keys.token, &keys.pepper, &keys.codes, &keys.print, &keys.identity, &keys.commitment, &keys.cursor]
                .map(|key| *key.expose_secret())
                .to_vec();
        all.push(keys.seal.to_bytes());
        all.extend(keys.people.held().iter().map(|key| *key.secret.expose_secret()));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 9);
    }

    #[test]
    fn parts_that_read_the_same_end_to_end_do_not_hash_the_same() {
        let keys = Keys::for_tests(1);
        let lists: [&[&[u8]]; 7] = [&[], &[b""], &[b"", b""], &[b"ab"], &[b"a", b"b"], &[b"ab", b""], &[b"", b"ab"]];
        let mut macs = lists.map(|list| keys.mac(Purpose::Identity, list)).to_vec();
        macs.extend(lists.map(|list| keys.mac(Purpose::Print, list)));
        macs.sort_unstable();
        macs.dedup();
        assert_eq!(macs.len(), 14);
    }

    #[test]
    fn a_pass_code_is_hashed_over_its_tag_and_payload() {
        let keys = Keys::for_tests(1);
        let code = PassCode::from_random(&[0xA5; 9]);
        let mac = keyed(keys.codes.expose_secret()).chain_update(format!("PN-CODE-1{}", code.payload()));
        assert_eq!(keys.code_mac(&code), <[u8; 32]>::from(mac.finalize().into_bytes()));
        assert_ne!(keys.code_mac(&code), keys.code_mac(&PassCode::from_random(&[0x5A; 9])));
    }

    #[test]
    fn a_seal_key_is_named_by_its_public_half() {
        let keys = Keys::for_tests(1);
        let public = keys.seal_key().verifying_key();
        assert_eq!(keys.seal_key_id(), hex::encode(Sha256::digest(public.as_bytes()))[..16]);
    }

    #[test]
    fn debug_shows_no_key() {
        let keys = Keys::for_tests(1);
        assert_eq!(format!("{keys:?}"), format!("Keys {{ seal_key_id: {:?}, .. }}", keys.seal_key_id()));
    }
}
