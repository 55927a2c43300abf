//! A head with its seal, as it travels outside a journal: one line of text, in the file beside the database and in the
//! header of every answer. Whoever shows it again proves that it was given out; nobody can make one up. What never
//! lives here: where such lines are kept.

use std::fmt;

use ed25519_dalek::VerifyingKey;

use super::{FIRST_EPOCH, is_hex, seal};
use crate::domain::short_code::ShortCode;

/// The head of a journal, as the seal key signed it. Written `HDF21 1 1030 <hash> <key> <signature>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// Short code of the programme.
    pub programme: String,
    pub epoch: i64,
    /// From 1: an empty journal has no seal.
    pub position: i64,
    /// 64 lower-case hexadecimal digits.
    pub hash: String,
    /// As [`seal::key_id`].
    pub key: String,
    /// As [`seal::sign`].
    pub signature: String,
}

impl SignedHead {
    /// Reads the line that `Display` writes; `None` for any other text. Whether the signature holds is another
    /// question: see [`Self::holds`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (programme, epoch, position) = (words.next()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let (hash, key, signature) = (words.next()?, words.next()?, words.next()?);
        let shaped = ShortCode::parse(programme).is_ok()
            && epoch >= FIRST_EPOCH
            && position > 0
            && is_hex(hash, 64)
            && is_hex(key, 16)
            && is_hex(signature, 128)
            && words.next().is_none();
        let [programme, hash, key, signature] = [programme, hash, key, signature].map(str::to_owned);
        let head = Self { programme, epoch, position, hash, key, signature };
        (shaped && head.to_string() == text).then_some(head)
    }

    /// Whether `key` signed it.
    #[must_use]
    pub fn holds(&self, key: &VerifyingKey) -> bool {
        seal::key_id(key) == self.key
            && seal::verify(key, &self.programme, (self.epoch, self.position), &self.hash, &self.signature)
    }

    /// What grows with the journal: the epoch, then the position.
    #[must_use]
    pub const fn place(&self) -> (i64, i64) {
        (self.epoch, self.position)
    }
}

impl fmt::Display for SignedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { programme, epoch, position, hash, key, signature } = self;
        write!(f, "{programme} {epoch} {position} {hash} {key} {signature}")
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::receipts::chain::genesis;

    fn head(epoch: i64) -> (SignedHead, VerifyingKey) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let (public, hash) = (key.verifying_key(), genesis("HDF21"));
        let signature = seal::sign(&key, "HDF21", epoch, 42, &hash);
        let head =
            SignedHead { programme: "HDF21".into(), epoch, position: 42, hash, key: seal::key_id(&public), signature };
        (head, public)
    }

    #[test]
    fn a_head_is_read_back_as_it_was_written_and_holds() {
        for epoch in [1, 2, 17] {
            let (head, key) = head(epoch);
            let read = SignedHead::parse(&head.to_string()).unwrap();
            assert_eq!(read, head);
            assert!(read.holds(&key));
            assert!(!read.holds(&SigningKey::from_bytes(&[8; 32]).verifying_key()));
        }
    }

    #[test]
    fn no_word_of_a_head_can_be_changed() {
        let (head, key) = head(1);
        let text = head.to_string();
        let other = |from: &str, to: &str| SignedHead::parse(&text.replacen(from, to, 1));
        for (from, to) in [("HDF21", "HDF22"), (" 1 ", " 2 "), (" 42 ", " 43 "), (&head.hash[..4], "0000")] {
            assert!(!other(from, to).unwrap().holds(&key), "{from} {to}");
        }
        for (from, to) in [("HDF21", "hdf21"), (" 1 ", " 0 "), (" 42 ", " 0 "), (" 42 ", " 042 "), (" 42 ", " +42 ")] {
            assert_eq!(other(from, to), None, "{from} {to}");
        }
        for wrong in ["", "HDF21", &format!("{text} "), &format!(" {text}"), &format!("{text} x"), &text[..80]] {
            assert_eq!(SignedHead::parse(wrong), None, "{wrong}");
        }
    }
}
