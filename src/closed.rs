//! What must not be read in a stolen copy of the database: bytes closed under keys that are not in it, each for one owner.
//! What never lives here: what the bytes mean, a log line, or a decision.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};

use crate::clock::Entropy;
use crate::domain::stock::CodeMac;
use crate::keys::{Keys, Purpose};

/// Bytes of the nonce, which stands before what is closed (RFC 8439 §2.8).
const NONCE_BYTES: usize = 12;

/// What was closed cannot be opened: the key, the row or the bytes are not those it was closed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what was closed cannot be opened: not this key, or the row was altered")]
pub struct Unopened;

/// What closes bytes besides the keys of the installation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lock<'a> {
    /// A key of its own for each use, never used for anything else.
    pub(crate) usage: &'a [u8],
    /// Random bytes of a person, where their destruction is to close for ever.
    pub(crate) secret: Option<&'a CodeMac>,
    /// Closed for one owner, the bytes open for no other.
    pub(crate) owner: &'a [u8],
}

impl Lock<'_> {
    /// Derived from the key of the commitments, and from the secret where there is one.
    fn cipher(self, keys: &Keys) -> ChaCha20Poly1305 {
        let parts: Vec<&[u8]> = [self.usage].into_iter().chain(self.secret.map(CodeMac::as_slice)).collect();
        ChaCha20Poly1305::new(&Key::from(keys.mac(Purpose::Commitment, &parts)))
    }
}

/// The bytes as they are stored: nonce, then ChaCha20-Poly1305.
///
/// # Errors
/// [`Unopened`] never in practice: the bytes are short.
pub(crate) fn close(keys: &Keys, entropy: &dyn Entropy, lock: Lock<'_>, plain: &[u8]) -> Result<Vec<u8>, Unopened> {
    let mut nonce = [0; NONCE_BYTES];
    entropy.fill(&mut nonce);
    let closed = lock.cipher(keys).encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: lock.owner });
    Ok([nonce.to_vec(), closed.map_err(|_| Unopened)?].concat())
}

/// The bytes behind what is stored.
///
/// # Errors
/// [`Unopened`].
pub(crate) fn open(keys: &Keys, lock: Lock<'_>, stored: &[u8]) -> Result<Vec<u8>, Unopened> {
    let (nonce, closed) = stored.split_first_chunk::<NONCE_BYTES>().ok_or(Unopened)?;
    let opened = lock.cipher(keys).decrypt(&Nonce::from(*nonce), Payload { msg: closed, aad: lock.owner });
    opened.map_err(|_| Unopened)
}
