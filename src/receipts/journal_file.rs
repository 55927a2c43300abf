//! The exported journal: JSON Lines, a header with the public keys, the raw bytes of each receipt, the seals
//! between them, an end with the head. What never lives here: opening, reading or writing a file.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;
use serde::Deserialize;

use super::canonical::write_string;
use super::replay::{Gap, Replay};
use super::{Break, chain, is_hex, seal};
use crate::domain::short_code::ShortCode;

const NAME: &str = "recepisse-journal-1";

/// A seal as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    pub position: i64,
    pub hash: String,
    /// As [`seal::key_id`].
    pub key: String,
    /// As [`seal::sign`].
    pub signature: String,
}

/// A public key as it stands in the header.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub id: String,
    pub public: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    journal: String,
    programme: String,
    keys: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SealLine {
    seal: Seal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndLine {
    end: End,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    receipts: i64,
    head: String,
}

/// The first line, without its line feed.
#[must_use]
pub fn header_line(programme: &str, keys: &[VerifyingKey]) -> String {
    let keys: Vec<Key> = keys.iter().map(|key| Key { id: seal::key_id(key), public: seal::write_key(key) }).collect();
    write_header(programme, &keys)
}

fn write_header(programme: &str, keys: &[Key]) -> String {
    let one = |key: &Key| format!("{{\"id\":{},\"public\":{}}}", quoted(&key.id), quoted(&key.public));
    let keys = keys.iter().map(one).collect::<Vec<_>>().join(",");
    format!("{{\"journal\":\"{NAME}\",\"programme\":{},\"keys\":[{keys}]}}", quoted(programme))
}

/// The line of a seal, right after the receipt it signs, without its line feed.
#[must_use]
pub fn seal_line(seal: &Seal) -> String {
    format!(
        "{{\"seal\":{{\"position\":{},\"hash\":{},\"key\":{},\"signature\":{}}}}}",
        seal.position,
        quoted(&seal.hash),
        quoted(&seal.key),
        quoted(&seal.signature)
    )
}

/// Reads the line of a seal; `None` for any other line.
#[must_use]
pub fn read_seal(line: &str) -> Option<Seal> {
    let read: SealLine = serde_json::from_str(line).ok()?;
    Some(read.seal)
}

/// The last line, without its line feed. `head`: hash of the last receipt, or of the genesis.
#[must_use]
pub fn end_line(receipts: i64, head: &str) -> String {
    format!("{{\"end\":{{\"receipts\":{receipts},\"head\":{}}}}}", quoted(head))
}

/// A string as a receipt would write it; what has no such form is left empty and will not compare equal.
fn quoted(text: &str) -> String {
    write_string(text).unwrap_or_default()
}

/// What a sound journal holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub programme: String,
    pub receipts: i64,
    /// Hash of the last receipt, or of the genesis.
    pub head: String,
    /// Seals verified.
    pub seals: i64,
    /// The keys that sealed something, by id. Unless the caller named the keys to trust, they are the file's own
    /// word: compare them with what the programme published.
    pub keys: Vec<Key>,
    /// Passes per kind of holder.
    pub use_account: BTreeMap<String, i64>,
    /// Declared restores, in order.
    pub gaps: Vec<Gap>,
}

/// Verifies a journal line by line, in memory that grows with the stock and not with the file.
#[derive(Debug, Default)]
pub struct Verifier {
    trusted: Option<Vec<VerifyingKey>>,
    keys: BTreeMap<String, VerifyingKey>,
    used: BTreeMap<String, Key>,
    replay: Option<Replay>,
    programme: String,
    sealed: i64,
    seals: i64,
    ended: bool,
}

impl Verifier {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only these keys may seal; a header that brings another one is a break.
    #[must_use]
    pub fn trusting(trusted: Vec<VerifyingKey>) -> Self {
        Self { trusted: Some(trusted), ..Self::default() }
    }

    /// The account as far as it was read: empty before the header.
    #[must_use]
    pub const fn replay(&self) -> Option<&Replay> {
        self.replay.as_ref()
    }

    /// Takes the next line, without its line feed. Cut at line feeds only: a carriage return is not ours.
    ///
    /// # Errors
    /// The first rule that the journal breaks.
    pub fn line(&mut self, line: &str) -> Result<(), Break> {
        let Some(replay) = &mut self.replay else {
            return self.header(line);
        };
        let position = replay.head().position;
        if self.ended {
            return Err(Break::new("after_end", "une ligne suit la fin du journal").at(position));
        }
        if line.starts_with("{\"seal\":") {
            return self.seal(line).map_err(|found| found.at(position));
        }
        if line.starts_with("{\"end\":") {
            return self.end(line);
        }
        let receipt = chain::read_receipt(line.to_owned()).map_err(|found| found.at(position.saturating_add(1)))?;
        replay.receipt(&receipt)
    }

    fn header(&mut self, line: &str) -> Result<(), Break> {
        let malformed = || Break::new("header_malformed", "la première ligne n'est pas celle d'un journal");
        let header: Header = serde_json::from_str(line).map_err(|_| malformed())?;
        let known = header.journal == NAME && ShortCode::parse(&header.programme).is_ok();
        if !known || write_header(&header.programme, &header.keys) != line {
            return Err(malformed());
        }
        for key in header.keys {
            let public = seal::read_key(&key.public);
            let Some(public) = public.filter(|public| seal::key_id(public) == key.id) else {
                return Err(Break::new("key_id", format!("la clé {} n'est pas celle que son numéro désigne", key.id)));
            };
            if self.trusted.as_ref().is_some_and(|trusted| !trusted.contains(&public)) {
                return Err(Break::new("key_untrusted", format!("la clé {} n'est pas de celles à croire", key.id)));
            }
            if self.keys.insert(key.id, public).is_some() {
                return Err(malformed());
            }
        }
        self.replay = Some(Replay::new(&header.programme));
        self.programme = header.programme;
        Ok(())
    }

    fn seal(&mut self, line: &str) -> Result<(), Break> {
        let malformed = || Break::new("seal_malformed", "la ligne n'est pas un sceau");
        let SealLine { seal } = serde_json::from_str(line).map_err(|_| malformed())?;
        if seal_line(&seal) != line {
            return Err(malformed());
        }
        let replay = self.replay.as_ref().ok_or_else(malformed)?;
        let (epoch, head) = (replay.epoch(), replay.head());
        if seal.position != head.position || seal.position == 0 {
            return Err(Break::new("seal_position", format!("le sceau est celui de la position {}", seal.position)));
        }
        if seal.hash != head.hash {
            return Err(Break::new("seal_hash", "le sceau porte une autre empreinte que le récépissé"));
        }
        let unknown = || Break::new("seal_key", format!("la clé {} n'est pas dans l'en-tête", seal.key));
        let key = self.keys.get(&seal.key).ok_or_else(unknown)?;
        if !seal::verify(key, &self.programme, (epoch, seal.position), &seal.hash, &seal.signature) {
            return Err(Break::new("seal_signature", "la signature n'est pas celle de la clé"));
        }
        self.used.insert(seal.key.clone(), Key { id: seal.key, public: seal::write_key(key) });
        self.sealed = seal.position;
        self.seals = self.seals.saturating_add(1);
        Ok(())
    }

    fn end(&mut self, line: &str) -> Result<(), Break> {
        let malformed = || Break::new("end_malformed", "la ligne n'est pas une fin de journal");
        let head = self.replay.as_ref().map(Replay::head).ok_or_else(malformed)?;
        let position = head.position;
        let read: Result<EndLine, _> = serde_json::from_str(line);
        let Some(EndLine { end }) =
            read.ok().filter(|read| is_hex(&read.end.head, 64) && end_line(read.end.receipts, &read.end.head) == line)
        else {
            return Err(malformed().at(position));
        };
        if end.receipts != position || end.head != head.hash {
            let detail = format!("la fin annonce {} récépissés, il y en a {position}", end.receipts);
            return Err(Break::new("end_differs", detail).at(position));
        }
        if self.sealed != position {
            let first = self.sealed.saturating_add(1);
            return Err(Break::new("unsealed_tail", "les derniers récépissés ne sont pas scellés").at(first));
        }
        self.ended = true;
        Ok(())
    }

    /// The verdict, once all lines were taken.
    ///
    /// # Errors
    /// A journal without its end, or whose booklets and passes, counted one by one, are not its balances.
    pub fn finish(self) -> Result<Summary, Break> {
        let no_header = || Break::new("header_malformed", "le journal est vide");
        let replay = self.replay.as_ref().ok_or_else(no_header)?;
        let head = replay.head();
        if !self.ended {
            return Err(Break::new("end_missing", "le journal s'arrête avant sa fin").at(head.position));
        }
        replay.recount()?;
        Ok(Summary {
            programme: self.programme,
            receipts: head.position,
            head: head.hash.clone(),
            seals: self.seals,
            keys: self.used.into_values().collect(),
            gaps: replay.gaps().to_vec(),
            use_account: replay.use_account().into_iter().map(|(kind, sum)| (kind.to_owned(), sum)).collect(),
        })
    }
}

/// Verifies a whole journal, given as its lines without line feeds.
///
/// # Errors
/// As [`Verifier::line`] and [`Verifier::finish`].
pub fn verify_lines(lines: impl Iterator<Item = String>) -> Result<Summary, Break> {
    let mut verifier = Verifier::new();
    for line in lines {
        verifier.line(&line)?;
    }
    verifier.finish()
}
