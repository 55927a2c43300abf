//! How the codes of generated booklets come about. A batch has a random nonce; each code is derived from it and the
//! print key, so that the print file can be made without any code being stored, and not any more once the nonce is
//! forgotten. What never lives here: the nonce's keeping (`store`), the file's layout (`http`), a random source.

use crate::domain::code::PassCode;
use crate::domain::ids::{BookletId, PassId, ProgrammeNo};
use crate::domain::stock::NewBooklet;
use crate::keys::{Keys, Purpose};

/// The code of a pass of the batch with this nonce: the first 70 bits of the keyed hash of both.
#[must_use]
pub fn pass_code(keys: &Keys, nonce: &[u8; 32], pass: PassId) -> PassCode {
    let mac = keys.mac(Purpose::Print, &[nonce, &pass.0.to_be_bytes()]);
    let mut first = [0; 9];
    for (byte, random) in first.iter_mut().zip(mac) {
        *byte = random;
    }
    PassCode::from_random(&first)
}

/// Booklets as a delivery takes them in charge, with the digests of codes generated from `nonce`. `numbers` are those
/// of the serials; `passes_per_booklet` is 1 to 99.
#[must_use]
pub fn new_booklets(
    keys: &Keys,
    nonce: &[u8; 32],
    programme: ProgrammeNo,
    numbers: impl IntoIterator<Item = u32>,
    passes_per_booklet: u8,
) -> Vec<NewBooklet> {
    let booklet = |number: u32| {
        let id = BookletId::new(programme, number);
        let digest = |rank: u8| keys.code_mac(&pass_code(keys, nonce, id.pass(rank)));
        NewBooklet { id, code_macs: (1..=passes_per_booklet).map(digest).collect() }
    };
    numbers.into_iter().map(booklet).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const NONCE: [u8; 32] = [7; 32];

    #[test]
    fn a_code_is_the_same_for_the_same_keys_nonce_and_pass_and_for_nothing_else() {
        let keys = Keys::for_tests(1);
        let pass = BookletId::new(ProgrammeNo(1), 123).pass(4);
        let code = pass_code(&keys, &NONCE, pass);
        assert_eq!(code, pass_code(&keys, &NONCE, pass));
        assert_ne!(code, pass_code(&keys, &[8; 32], pass));
        assert_ne!(code, pass_code(&Keys::for_tests(2), &NONCE, pass));
        assert_ne!(code, pass_code(&keys, &NONCE, BookletId::new(ProgrammeNo(1), 123).pass(5)));
        assert_ne!(code, pass_code(&keys, &NONCE, BookletId::new(ProgrammeNo(2), 123).pass(4)));
    }

    #[test]
    fn a_printed_code_opens_the_pass_whose_digest_was_stored() {
        let keys = Keys::for_tests(1);
        let booklets = new_booklets(&keys, &NONCE, ProgrammeNo(1), [5, 9], 10);
        assert_eq!(booklets.iter().map(|booklet| booklet.id.number()).collect::<Vec<_>>(), [5, 9]);
        let printed = pass_code(&keys, &NONCE, booklets[1].id.pass(3)).grouped();
        assert_eq!(keys.code_mac(&PassCode::parse(&printed).unwrap()), booklets[1].code_macs[2]);
    }

    #[test]
    fn no_two_passes_of_a_batch_share_a_code() {
        let booklets = new_booklets(&Keys::for_tests(1), &NONCE, ProgrammeNo(1), 1..=50, 10);
        let all: Vec<_> = booklets.iter().flat_map(|booklet| &booklet.code_macs).collect();
        assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (500, 500));
    }
}
