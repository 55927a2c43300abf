//! The key under which people are recognised: each one after the one before, put in use by another person than the one who
//! proposed it. What never lives here: a key, or anybody.

use super::super::{Body, Break, Text, is_hex};
use super::Replay;
use super::records::{number, text, wrong};
use crate::domain::people_key::FIRST;

/// The number and the digest of the last key that was put in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewedKey {
    pub number: i64,
    pub digest: String,
}

impl Replay {
    /// The last key that was put in use; none while the first one is.
    #[must_use]
    pub const fn people_key(&self) -> Option<&RenewedKey> {
        self.people_key.as_ref()
    }

    /// The receipt names the key before, a later one, and two different people.
    pub(super) fn renew_people_key<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let (key, previous) = (number(body, "key")?, number(body, "previous_key")?);
        let (digest, proposed_by) = (text(body, "key_digest")?, text(body, "proposed_by")?);
        if !is_hex(digest, 64) {
            return Err(wrong("key_digest"));
        }
        let in_use = self.people_key.as_ref().map_or_else(|| FIRST.into(), |key| key.number);
        if previous != in_use || key <= in_use || key > u8::MAX.into() {
            let detail = format!("la clé n° {key} ne suit pas la clé n° {in_use}");
            return Err(Break::new("people_key", detail));
        }
        if !is_hex(proposed_by, 16) || proposed_by == &*body.agent.pseudonym {
            let detail = "une clé est proposée par une personne et mise en usage par une autre";
            return Err(Break::new("four_eyes", detail));
        }
        self.people_key = Some(RenewedKey { number: key, digest: digest.to_owned() });
        Ok(())
    }
}
