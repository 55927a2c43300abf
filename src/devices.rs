//! What devices of venues sign: their keys read, their signatures checked. What never lives here: what they noted (see
//! `domain::visit`), or where they are kept.

use ed25519_dalek::VerifyingKey;

use crate::domain::refusal::Malformed;
use crate::receipts::is_hex;

pub use crate::receipts::seal::holds as signed;

/// Reads a public key: 64 hexadecimal digits in lower case, on the curve and not of small order.
///
/// # Errors
/// [`Malformed::PublicKey`].
pub fn public_key(text: &str) -> Result<VerifyingKey, Malformed> {
    let mut bytes = [0; 32];
    let plain = is_hex(text, 64) && hex::decode_to_slice(text, &mut bytes).is_ok();
    let key = VerifyingKey::from_bytes(&bytes).ok().filter(|key| plain && !key.is_weak());
    key.ok_or(Malformed::PublicKey)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;

    #[test]
    fn a_text_is_signed_by_one_key_and_says_one_thing() {
        let secret = SigningKey::from_bytes(&[7; 32]);
        let key = public_key(&hex::encode(secret.verifying_key().as_bytes())).unwrap();
        let signature = hex::encode(secret.sign(b"a line").to_bytes());
        assert!(signed(&key, "a line", &signature));
        assert!(!signed(&key, "a line.", &signature) && !signed(&key, "a line", &signature.to_uppercase()));
        let other = SigningKey::from_bytes(&[8; 32]).verifying_key();
        assert!(!signed(&other, "a line", &signature) && !signed(&key, "a line", ""));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for wrong in ["", "ab", &"0".repeat(64), &"g".repeat(64), &"AB".repeat(32)] {
            assert_eq!(public_key(wrong).unwrap_err(), Malformed::PublicKey, "{wrong}");
        }
    }
}
