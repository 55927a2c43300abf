//! The seal: one Ed25519 signature (RFC 8032) on the head of a group, which vouches for all receipts before it.
//! What never lives here: where keys come from, or which of them to trust.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::{FIRST_EPOCH, is_hex};

/// The ASCII text that is signed. From the second epoch on it names the epoch, so that a head from before a declared
/// restore can never be taken for one of after it.
#[must_use]
pub fn text(programme: &str, epoch: i64, position: i64, hash: &str) -> String {
    if epoch <= FIRST_EPOCH {
        return format!("recepisse-seal-1\n{programme}\n{position}\n{hash}\n");
    }
    format!("recepisse-seal-2\n{programme}\n{epoch}\n{position}\n{hash}\n")
}

/// Signs the receipt with this hash at this position: 128 lower-case hexadecimal digits.
#[must_use]
pub fn sign(key: &SigningKey, programme: &str, epoch: i64, position: i64, hash: &str) -> String {
    hex::encode(key.sign(text(programme, epoch, position, hash).as_bytes()).to_bytes())
}

/// Whether `signature` is this key's for this head. Strict: keys and points of small order never pass.
#[must_use]
pub fn verify(key: &VerifyingKey, programme: &str, (epoch, position): (i64, i64), hash: &str, signature: &str) -> bool {
    holds(key, &text(programme, epoch, position, hash), signature)
}

/// The ASCII text that is signed for an archive, over the SHA-256 of its list of checksums, in hexadecimal digits.
fn archive_text(digest: &str) -> String {
    format!("recepisse-archive-1\n{digest}\n")
}

/// Signs an archive's list of checksums: 128 lower-case hexadecimal digits.
#[must_use]
pub fn sign_archive(key: &SigningKey, digest: &str) -> String {
    hex::encode(key.sign(archive_text(digest).as_bytes()).to_bytes())
}

/// Whether `signature` is this key's for an archive's list of checksums. As strict as [`verify`].
#[must_use]
pub fn verify_archive(key: &VerifyingKey, digest: &str, signature: &str) -> bool {
    holds(key, &archive_text(digest), signature)
}

/// Whether `signature` (128 lower-case hexadecimal digits) is this key's for the text.
#[must_use]
pub fn holds(key: &VerifyingKey, text: &str, signature: &str) -> bool {
    let mut bytes = [0; 64];
    is_hex(signature, 128)
        && hex::decode_to_slice(signature, &mut bytes).is_ok()
        && key.verify_strict(text.as_bytes(), &Signature::from_bytes(&bytes)).is_ok()
}

/// What a seal calls its key: the first 16 hexadecimal digits of SHA-256 over the 32 bytes of the public key.
#[must_use]
pub fn key_id(key: &VerifyingKey) -> String {
    let mut id = hex::encode(Sha256::digest(key.as_bytes()));
    id.truncate(16);
    id
}

/// Reads a public key written as 64 lower-case hexadecimal digits.
#[must_use]
pub fn read_key(public: &str) -> Option<VerifyingKey> {
    let mut bytes = [0; 32];
    if !is_hex(public, 64) {
        return None;
    }
    hex::decode_to_slice(public, &mut bytes).ok()?;
    VerifyingKey::from_bytes(&bytes).ok()
}

/// A public key as [`read_key`] reads it.
#[must_use]
pub fn write_key(key: &VerifyingKey) -> String {
    hex::encode(key.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipts::chain::genesis;

    #[test]
    fn a_seal_holds_for_its_own_head_and_key_only() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = key.verifying_key();
        let hash = genesis("HDF21");
        let signature = sign(&key, "HDF21", 1, 42, &hash);
        assert!(verify(&public, "HDF21", (1, 42), &hash, &signature));
        assert!(!verify(&public, "HDF22", (1, 42), &hash, &signature));
        assert!(!verify(&public, "HDF21", (2, 42), &hash, &signature));
        assert!(!verify(&public, "HDF21", (1, 43), &hash, &signature));
        assert!(!verify(&public, "HDF21", (1, 42), &genesis("HDF22"), &signature));
        assert!(!verify(&SigningKey::from_bytes(&[8; 32]).verifying_key(), "HDF21", (1, 42), &hash, &signature));
        assert!(!verify(&public, "HDF21", (1, 42), &hash, &signature.to_uppercase()));
        assert!(!verify(&public, "HDF21", (1, 42), &hash, &signature[2..]));
    }

    #[test]
    fn the_first_epoch_is_sealed_as_it_always_was_and_a_later_one_by_its_name() {
        assert_eq!(text("HDF21", 1, 42, "ab"), "recepisse-seal-1\nHDF21\n42\nab\n");
        assert_eq!(text("HDF21", 2, 42, "ab"), "recepisse-seal-2\nHDF21\n2\n42\nab\n");
    }

    #[test]
    fn a_signed_archive_is_no_sealed_head() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let digest = genesis("HDF21");
        let signature = sign_archive(&key, &digest);
        assert!(verify_archive(&key.verifying_key(), &digest, &signature));
        assert!(!verify_archive(&key.verifying_key(), &genesis("HDF22"), &signature));
        assert!(!verify(&key.verifying_key(), "HDF21", (1, 42), &digest, &signature));
    }

    #[test]
    fn every_digit_of_a_signature_counts() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let hash = genesis("HDF21");
        let signature = sign(&key, "HDF21", 1, 42, &hash);
        for place in (0..128).step_by(5) {
            let mut wrong = signature.clone();
            let other = if wrong[place..].starts_with('0') { "1" } else { "0" };
            wrong.replace_range(place..=place, other);
            assert!(!verify(&key.verifying_key(), "HDF21", (1, 42), &hash, &wrong), "{place}");
        }
    }

    #[test]
    fn a_key_is_written_and_read() {
        let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
        assert_eq!(read_key(&write_key(&key)), Some(key));
        assert_eq!(read_key("00"), None);
        assert_eq!(read_key(&write_key(&key).to_uppercase()), None);
        assert_eq!(key_id(&key).len(), 16);
    }
}
