//! Booklets and passes, and where they are. A pass goes with its booklet until it is redeemed; then it has a
//! holder of its own. What never lives here: the codes in clear.

use sha2::{Digest as _, Sha256};

use super::ids::{BatchId, BookletId, PassId};
use super::party::Holder;
use super::time::Day;

/// The keyed digest of a pass's code; the code itself is on paper only.
pub type CodeMac = [u8; 32];

/// A booklet and the passes that still go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booklet {
    pub id: BookletId,
    pub batch: BatchId,
    /// How many passes it was printed with, 1 to 99.
    pub size: u8,
    pub holder: Holder,
    /// Passes that have no holder of their own.
    pub passes_left: u8,
    /// When a beneficiary received it.
    pub handed_out_on: Option<Day>,
}

/// A pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    pub id: PassId,
    /// `None` while it goes with its booklet.
    pub holder: Option<Holder>,
}

/// A booklet as it enters stock, with one code digest per pass in rank order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBooklet {
    pub id: BookletId,
    pub code_macs: Vec<CodeMac>,
}

/// The codes of a delivery in one digest: SHA-256 over the digests of the codes, 32 bytes each, in order of booklet and rank.
/// The receipt says it, so that nobody who reaches the database can put another code under a pass unseen; it tells
/// nothing of any code, since each is hidden by a key.
#[derive(Debug, Clone, Default)]
pub struct CodesDigest(Sha256);

impl CodesDigest {
    /// Takes the next pass's in.
    pub fn note(&mut self, code_mac: &[u8]) {
        self.0.update(code_mac);
    }

    /// 64 hexadecimal digits.
    #[must_use]
    pub fn text(self) -> String {
        hex::encode(self.0.finalize())
    }
}

/// The digest of the codes of these booklets, in whatever order they are.
#[must_use]
pub fn codes_digest(booklets: &[NewBooklet]) -> String {
    let mut sorted: Vec<&NewBooklet> = booklets.iter().collect();
    sorted.sort_by_key(|booklet| booklet.id);
    let mut digest = CodesDigest::default();
    for code_mac in sorted.into_iter().flat_map(|booklet| &booklet.code_macs) {
        digest.note(code_mac);
    }
    digest.text()
}

/// SHA-256 of a secret of 32 random bytes, as 64 hexadecimal digits: holds it without telling it.
#[must_use]
pub fn secret_digest(secret: &CodeMac) -> String {
    hex::encode(Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ProgrammeNo;

    fn booklet(number: u32, macs: &[u8]) -> NewBooklet {
        NewBooklet {
            id: BookletId::new(ProgrammeNo(1), number),
            code_macs: macs.iter().map(|first| [*first; 32]).collect(),
        }
    }

    #[test]
    fn the_digest_of_codes_knows_each_code_and_its_place_but_not_the_order_of_the_list() {
        let digest = codes_digest(&[booklet(1, &[1, 2]), booklet(2, &[3, 4])]);
        assert_eq!(digest, codes_digest(&[booklet(2, &[3, 4]), booklet(1, &[1, 2])]));
        for other in [
            vec![booklet(1, &[2, 1]), booklet(2, &[3, 4])],
            vec![booklet(1, &[3, 2]), booklet(2, &[1, 4])],
            vec![booklet(1, &[1, 2])],
            vec![booklet(1, &[1, 2]), booklet(2, &[3, 5])],
        ] {
            assert_ne!(digest, codes_digest(&other));
        }
        // SHA-256 of 32 bytes of one, then 32 of two, reckoned by another program.
        assert_eq!(
            codes_digest(&[booklet(1, &[1, 2])]),
            "f818afd37a6dc3bc92fb44731011277006db4efa6e9023cd7468c02335d22a4d"
        );
    }
}
