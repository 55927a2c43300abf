//! What must not be read in a stolen copy of the database: bytes closed under keys that are not in it, each for one owner.
//! What never lives here: what the bytes mean, a log line, or a decision.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};

use crate::clock::Entropy;
use crate::keys::{Keys, Purpose};

/// Bytes of the nonce, which stands before what is closed (RFC 8439 §2.8).
const NONCE_BYTES: usize = 12;

/// What was closed cannot be opened: the key, the row or the bytes are not those it was closed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what was closed cannot be opened: not this key, or the row was altered")]
pub struct Unopened;

/// A key of its own for each use, derived from the key of the commitments: never used for anything else.
fn cipher(keys: &Keys, usage: &[u8]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(keys.mac(Purpose::Commitment, &[usage])))
}

/// The bytes as they are stored: nonce, then ChaCha20-Poly1305. Closed for one owner, they open for no other.
///
/// # Errors
/// [`Unopened`] never in practice: the bytes are short.
pub(crate) fn close(
    keys: &Keys,
    entropy: &dyn Entropy,
    (usage, owner): (&[u8], &[u8]),
    plain: &[u8],
) -> Result<Vec<u8>, Unopened> {
    let mut nonce = [0; NONCE_BYTES];
    entropy.fill(&mut nonce);
    let closed = cipher(keys, usage).encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: owner });
    Ok([nonce.to_vec(), closed.map_err(|_| Unopened)?].concat())
}

/// The bytes behind what is stored.
///
/// # Errors
/// [`Unopened`].
pub(crate) fn open(keys: &Keys, (usage, owner): (&[u8], &[u8]), stored: &[u8]) -> Result<Vec<u8>, Unopened> {
    let (nonce, closed) = stored.split_first_chunk::<NONCE_BYTES>().ok_or(Unopened)?;
    let opened = cipher(keys, usage).decrypt(&Nonce::from(*nonce), Payload { msg: closed, aad: owner });
    opened.map_err(|_| Unopened)
}
