//! The chain: the hash of a receipt's bytes, and what it takes for a receipt to follow another.
//! What never lives here: what the receipts mean; that is [`super::replay`].

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::canonical::{self, NotCanonical};
use super::{Body, Break, Head, Receipt, Text};
use crate::domain::time::{Day, Instant};

/// The first and last years of `at`: between them the civil time of Paris follows one rule, so that anyone
/// can recompute a business day without a table of time zones.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2099;

/// What the first receipt of a programme's journal names as its previous one.
#[must_use]
pub fn genesis(programme: &str) -> String {
    hex::encode(Sha256::new().chain_update(b"recepisse-genesis-1\n").chain_update(programme).finalize())
}

/// The hash of a receipt: a domain tag, the length as eight big-endian bytes, the bytes.
#[must_use]
pub fn hash(bytes: &str) -> String {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let digest = Sha256::new().chain_update(b"recepisse-receipt-1\n").chain_update(length.to_be_bytes());
    let digest = digest.chain_update(bytes).finalize();
    // Digit by digit into a text would take a fifth of the time of the hash itself.
    let mut digits = vec![0; 64];
    let written = hex::encode_to_slice(digest, &mut digits).ok().and_then(|()| String::from_utf8(digits).ok());
    written.unwrap_or_else(|| hex::encode(digest))
}

/// Bytes with their hash, computed by whoever has the time for it; what they say is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashed {
    bytes: String,
    hash: String,
}

impl Hashed {
    #[must_use]
    pub fn new(bytes: String) -> Self {
        Self { hash: hash(&bytes), bytes }
    }

    #[must_use]
    pub fn bytes(&self) -> &str {
        &self.bytes
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// Writes `body` down for good.
///
/// # Errors
/// [`NotCanonical`] where a value has no canonical form.
pub fn seal_receipt(body: Body) -> Result<Receipt, NotCanonical> {
    let bytes = canonical::write(&body)?;
    let hash = hash(&bytes);
    Ok(Receipt { body, bytes, hash })
}

/// Reads the stored or exported bytes of a receipt.
///
/// # Errors
/// As [`canonical::read`].
pub fn read_receipt(bytes: String) -> Result<Receipt, Break> {
    let body = canonical::read(&bytes)?;
    let hash = hash(&bytes);
    Ok(Receipt { body, bytes, hash })
}

/// The same without keeping anything: bytes, hash and what they say are borrowed.
///
/// # Errors
/// As [`canonical::read`].
pub fn borrow_receipt(hashed: &Hashed) -> Result<Receipt<Cow<'_, str>>, Break> {
    let body = canonical::borrow(&hashed.bytes)?;
    Ok(Receipt { body, bytes: Cow::Borrowed(&hashed.bytes), hash: Cow::Borrowed(&hashed.hash) })
}

/// Checks that `receipt` is of this programme.
///
/// # Errors
/// Code `programme`, at position 0.
pub fn is_of<T: Text>(programme: &str, receipt: &Receipt<T>) -> Result<(), Break> {
    let said = &*receipt.body().programme;
    if said == programme {
        return Ok(());
    }
    Err(Break::new("programme", format!("le récépissé est du dispositif {said:?}")))
}

/// Checks that `receipt` is the next one after `head`, and gives the new head.
///
/// # Errors
/// Codes `position`, `prev`, `at` and `day`, at the position where the receipt should have been.
pub fn follows<T: Text>(head: &Head, receipt: &Receipt<T>) -> Result<Head, Break> {
    let body = receipt.body();
    let expected = head.position.saturating_add(1);
    let fault = |code, detail: String| Err(Break::new(code, detail).at(expected));
    if body.position != expected {
        return fault("position", format!("le récépissé se dit à la position {}", body.position));
    }
    if *body.prev != head.hash {
        return fault("prev", format!("le récépissé suit {} et non {}", &*body.prev, head.hash));
    }
    let Some(at) = Instant::parse(&body.at).ok().filter(|_| has_year(&body.at)) else {
        return fault("at", format!("{:?} n'est pas un instant permis", &*body.at));
    };
    if at.millis() < head.at_millis {
        return fault("at", format!("{} est antérieur au récépissé précédent", &*body.at));
    }
    let day = at.day();
    if Day::parse(&body.day) != Ok(day) {
        return fault("day", format!("le jour comptable est {day}, le récépissé dit {:?}", &*body.day));
    }
    Ok(Head { position: expected, hash: receipt.hash().to_owned(), at_millis: at.millis() })
}

fn has_year(at: &str) -> bool {
    at.get(..4).and_then(|year| year.parse().ok()).is_some_and(|year: i32| YEARS.contains(&year))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipts::sample;

    #[test]
    fn a_hash_depends_on_every_byte_and_on_the_length() {
        let known = Sha256::digest(b"recepisse-receipt-1\n\0\0\0\0\0\0\0\x02ab");
        assert_eq!(hash("ab"), hex::encode(known));
        assert_ne!(hash("ab"), hash("ac"));
        assert_ne!(hash(""), hash("\0"));
        assert_ne!(genesis("HDF21"), genesis("HDF22"));
    }

    #[test]
    fn a_receipt_read_back_is_the_receipt() {
        for receipt in sample::journal() {
            assert_eq!(read_receipt(receipt.bytes().to_owned()), Ok(receipt));
        }
    }

    #[test]
    fn a_chain_follows_from_its_genesis() {
        let mut head = Head::genesis("HDF21");
        for receipt in sample::journal() {
            head = follows(&head, &receipt).unwrap();
            assert_eq!(head.hash, receipt.hash());
        }
        assert_eq!(head.position, i64::try_from(sample::journal().len()).unwrap());
    }

    #[test]
    fn each_link_of_the_chain_is_checked() {
        let broken = |change: &dyn Fn(&mut Body)| {
            let journal = sample::journal();
            let head = follows(&Head::genesis("HDF21"), &journal[0]).unwrap();
            let mut body = journal[1].body().clone();
            change(&mut body);
            let found = follows(&head, &seal_receipt(body).unwrap()).unwrap_err();
            assert_eq!(found.position, 2);
            found.code
        };
        assert_eq!(broken(&|body| body.position = 3), "position");
        assert_eq!(broken(&|body| body.prev = genesis("HDF21")), "prev");
        assert_eq!(broken(&|body| body.at = "2026-01-01T00:00:00.000Z".into()), "at");
        assert_eq!(broken(&|body| body.at = "2026-11-24T10:06:52Z".into()), "at");
        assert_eq!(broken(&|body| body.at = "2100-11-24T10:06:52.000Z".into()), "at");
        assert_eq!(broken(&|body| body.day = "2026-11-01".into()), "day");
    }

    #[test]
    fn the_day_is_the_one_in_paris() {
        let mut body = sample::journal()[0].body().clone();
        body.at = "2026-07-01T22:30:00.000Z".into();
        body.day = "2026-07-02".into();
        assert!(follows(&Head::genesis("HDF21"), &seal_receipt(body).unwrap()).is_ok());
    }
}
