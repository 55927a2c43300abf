//! The seals of a journal, met one by one as its receipts go by. What never lives here: which keys to trust, which the
//! caller knows.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;

use super::{AuditError, broken};
use crate::domain::programme::Programme;
use crate::receipts::seal;
use crate::store::StoredSeal;

/// The seals met so far.
pub(super) struct Seals<'a> {
    /// By the identifier under which a seal names its key.
    trusted: BTreeMap<String, &'a VerifyingKey>,
    programme: &'a str,
    checked: i64,
    /// Position of the last one.
    last: i64,
}

impl<'a> Seals<'a> {
    pub(super) fn new(trusted: &'a [VerifyingKey], programme: &'a Programme) -> Self {
        let trusted = trusted.iter().map(|key| (seal::key_id(key), key)).collect();
        Self { trusted, programme: programme.code.as_str(), checked: 0, last: 0 }
    }

    /// How many signatures were checked.
    pub(super) const fn checked(&self) -> i64 {
        self.checked
    }

    /// The seal of the receipt at `position`, which is of this epoch and has this hash.
    pub(super) fn check(
        &mut self,
        seal: &StoredSeal,
        (epoch, position): (i64, i64),
        hash: &str,
    ) -> Result<(), AuditError> {
        if seal.position != position {
            return Err(broken(seal.position, "seal_position", "le sceau ne suit aucun récépissé".to_owned()));
        }
        if seal.hash != hash {
            let detail = "le sceau porte une autre empreinte que le récépissé".to_owned();
            return Err(broken(position, "seal_hash", detail));
        }
        let Some(key) = self.trusted.get(&seal.key_id) else {
            let detail = format!("la clé {} n'est pas de celles à croire", seal.key_id);
            return Err(broken(position, "seal_key", detail));
        };
        if !seal::verify(key, self.programme, (epoch, position), &seal.hash, &seal.signature) {
            return Err(broken(position, "seal_signature", "la signature n'est pas celle de la clé".to_owned()));
        }
        self.checked = self.checked.saturating_add(1);
        self.last = position;
        Ok(())
    }

    /// The last receipt of the journal must be sealed.
    pub(super) fn reach(&self, position: i64) -> Result<(), AuditError> {
        if self.last == position {
            return Ok(());
        }
        let detail = "les derniers récépissés ne sont pas scellés".to_owned();
        Err(broken(self.last.saturating_add(1), "unsealed_tail", detail))
    }
}
