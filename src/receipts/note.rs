//! Checkpoints: the size and the root of a journal's tree as a note that anybody may keep, print or read aloud, signed by
//! the seal key and cosigned by witnesses (C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof). What never
//! lives here: a tree (see [`super::merkle`]), a file, or which witness to trust.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::FIRST_EPOCH;
use super::merkle::Hash;

/// The kind of an Ed25519 signature over a note, and that of a witness's, which bears a time.
const SIGNED: u8 = 0x01;
const COSIGNED: u8 = 0x04;
/// First line of a proof.
const PROOF: &str = "c2sp.org/tlog-proof@v1";
/// Signatures of one note that are read at most.
const MOST_SIGNATURES: usize = 64;

/// The name of a journal's tree, which is also the name of the key that signs it: `recepisse/HDF21`. A declared restore
/// begins another tree, because the one before it had receipts that are lost: `recepisse/HDF21/epoch-2`.
#[must_use]
pub fn origin(programme: &str, epoch: i64) -> String {
    if epoch <= FIRST_EPOCH { format!("recepisse/{programme}") } else { format!("recepisse/{programme}/epoch-{epoch}") }
}

/// How far a tree went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: String,
    /// Receipts in the tree.
    pub size: u64,
    pub root: Hash,
}

impl fmt::Display for Checkpoint {
    /// The text that is signed: three lines, each ended.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, encode(&self.root))
    }
}

impl Checkpoint {
    /// Reads the text of a note, which must be exactly what `Display` writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?.to_owned(), lines.next()?.parse().ok()?, decode_hash(lines.next()?)?);
        let read = Self { origin, size, root };
        (is_name(&read.origin) && read.to_string() == text).then_some(read)
    }
}

/// One line under a note: who signed, and the bytes behind the key's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    pub name: String,
    key: [u8; 4],
    bytes: Vec<u8>,
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\u{2014} {} {}", self.name, BASE64_STANDARD.encode([&self.key[..], &self.bytes].concat()))
    }
}

impl SignatureLine {
    /// Reads one line without its end.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let bytes = BASE64_STANDARD.decode(encoded).ok()?;
        let (key, bytes) = bytes.split_first_chunk::<4>()?;
        is_name(name).then(|| Self { name: name.to_owned(), key: *key, bytes: bytes.to_vec() })
    }
}

/// A text and who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// With the end of its last line.
    pub text: String,
    pub signatures: Vec<SignatureLine>,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

impl Note {
    /// Reads a note; its signatures may be anybody's.
    #[must_use]
    pub fn parse(note: &str) -> Option<Self> {
        let (text, lines) = note.rsplit_once("\n\n")?;
        let signatures = lines.strip_suffix('\n')?.split('\n').map(SignatureLine::parse);
        let signatures: Vec<SignatureLine> = signatures.take(MOST_SIGNATURES + 1).collect::<Option<_>>()?;
        let plain = !note.chars().any(|letter| letter < ' ' && letter != '\n');
        let few = !signatures.is_empty() && signatures.len() <= MOST_SIGNATURES;
        (plain && few).then(|| Self { text: format!("{text}\n"), signatures })
    }
}

/// A key by its name: that of a journal's tree, or of a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedKey {
    pub name: String,
    kind: u8,
    public: VerifyingKey,
}

impl NamedKey {
    /// The key that signs the checkpoints of a tree.
    #[must_use]
    pub fn of_tree(origin: &str, public: VerifyingKey) -> Self {
        Self { name: origin.to_owned(), kind: SIGNED, public }
    }

    /// The key of a witness; `None` where it may not be called so.
    #[must_use]
    pub fn of_witness(name: &str, public: VerifyingKey) -> Option<Self> {
        is_name(name).then(|| Self { name: name.to_owned(), kind: COSIGNED, public })
    }

    /// Reads `name+hash+key`, as `Display` writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '+');
        let (name, _hash, key) = (parts.next()?, parts.next()?, BASE64_STANDARD.decode(parts.next()?).ok()?);
        let (kind, public) = key.split_first()?;
        let public = VerifyingKey::from_bytes(public.try_into().ok()?).ok()?;
        let read = Self { name: name.to_owned(), kind: *kind, public };
        (is_name(name) && matches!(*kind, SIGNED | COSIGNED) && read.to_string() == text).then_some(read)
    }

    /// `SHA-256(name || 0x0A || kind || public key)[:4]`.
    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update([b'\n', self.kind]);
        let hash: Hash = hash.chain_update(self.public.as_bytes()).finalize().into();
        hash.first_chunk().copied().unwrap_or_default()
    }

    /// Whether this key made the signature over the text; a witness's also says when, in seconds since 1970.
    #[must_use]
    pub fn made(&self, line: &SignatureLine, text: &str) -> Option<u64> {
        if line.name != self.name || line.key != self.id() {
            return None;
        }
        let (seconds, message, signature) = match self.kind {
            COSIGNED => {
                let (seconds, signature) = line.bytes.split_first_chunk::<8>()?;
                let seconds = u64::from_be_bytes(*seconds);
                (seconds, cosigned_text(seconds, text), signature)
            }
            _ => (0, text.to_owned(), line.bytes.as_slice()),
        };
        let signature = Signature::from_slice(signature).ok()?;
        self.public.verify_strict(message.as_bytes(), &signature).ok().map(|()| seconds)
    }

    /// Whether a signature of this key is on the note.
    #[must_use]
    pub fn signed(&self, note: &Note) -> bool {
        note.signatures.iter().any(|line| self.made(line, &note.text).is_some())
    }
}

impl fmt::Display for NamedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind][..], self.public.as_bytes()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), BASE64_STANDARD.encode(key))
    }
}

fn cosigned_text(seconds: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

/// Signs a checkpoint as its own tree.
#[must_use]
pub fn sign(key: &SigningKey, checkpoint: &Checkpoint) -> Note {
    let (text, named) = (checkpoint.to_string(), NamedKey::of_tree(&checkpoint.origin, key.verifying_key()));
    let bytes = key.sign(text.as_bytes()).to_bytes().to_vec();
    Note { signatures: vec![SignatureLine { key: named.id(), name: named.name, bytes }], text }
}

/// Signs a checkpoint as the witness `named`, whose key this is: that it was seen at this time, in seconds since 1970,
/// and continues all that were seen before.
#[must_use]
pub fn cosign(named: &NamedKey, key: &SigningKey, seconds: u64, text: &str) -> SignatureLine {
    let signature = key.sign(cosigned_text(seconds, text).as_bytes());
    let bytes = [&seconds.to_be_bytes()[..], &signature.to_bytes()].concat();
    SignatureLine { name: named.name.clone(), key: named.id(), bytes }
}

/// What a witness is asked: the size that it signed last, the proof from there, and the note to be cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessRequest {
    pub old: u64,
    pub proof: Vec<Hash>,
    pub note: Note,
}

impl fmt::Display for WitnessRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "old {}\n{}\n{}", self.old, lines(&self.proof), self.note)
    }
}

impl WitnessRequest {
    /// Reads what `Display` writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (head, note) = text.split_once("\n\n")?;
        let mut head = head.lines();
        let old = head.next()?.strip_prefix("old ")?.parse().ok()?;
        let proof = head.map(decode_hash).collect::<Option<_>>()?;
        Some(Self { old, proof, note: Note::parse(note)? })
    }
}

/// The proof that a receipt, whose bytes go with it, is in a tree: see `docs/RECEIPT-FORMAT.md` §10.
#[must_use]
pub fn proof(bytes: &[u8], index: u64, path: &[Hash], note: &Note) -> String {
    format!("{PROOF}\nextra {}\nindex {index}\n{}\n{note}", BASE64_STANDARD.encode(bytes), lines(path))
}

/// A hash as notes and proofs write it.
#[must_use]
pub fn encode(hash: &Hash) -> String {
    BASE64_STANDARD.encode(hash)
}

fn decode_hash(text: &str) -> Option<Hash> {
    BASE64_STANDARD.decode(text).ok()?.try_into().ok()
}

fn lines(hashes: &[Hash]) -> String {
    hashes.iter().map(|hash| encode(hash) + "\n").collect()
}

/// Names have no space and no plus.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: origin("HDF21", 1), size: 1030, root: [7; 32] }
    }

    #[test]
    fn a_checkpoint_is_signed_cosigned_and_read_back() {
        let mut note = sign(&key(1), &checkpoint());
        let witness = NamedKey::of_witness("payeur.example/w1", key(2).verifying_key()).unwrap();
        note.signatures.push(cosign(&witness, &key(2), 1_679_315_147, &note.text));
        let read = Note::parse(&note.to_string()).unwrap();
        assert_eq!((&read, Checkpoint::parse(&read.text)), (&note, Some(checkpoint())));
        assert!(NamedKey::of_tree("recepisse/HDF21", key(1).verifying_key()).signed(&read));
        assert_eq!(witness.made(&read.signatures[1], &read.text), Some(1_679_315_147));
        for other in [
            NamedKey::of_tree("recepisse/HDF22", key(1).verifying_key()),
            NamedKey::of_tree("recepisse/HDF21", key(3).verifying_key()),
            NamedKey::of_witness("recepisse/HDF21", key(1).verifying_key()).unwrap(),
            NamedKey::of_witness("payeur.example/w1", key(1).verifying_key()).unwrap(),
        ] {
            assert!(!other.signed(&read), "{other}");
        }
        let changed = Note { text: note.text.replace("1030", "1031"), ..note };
        assert!(!witness.signed(&changed));
    }

    #[test]
    fn a_line_of_a_signature_is_read_exactly() {
        let line = "\u{2014} example.com/foo hI2DJw0+v9l5QmAq0Z9xIv0B2w==";
        let read = SignatureLine::parse(line).unwrap();
        assert_eq!((read.name.as_str(), read.to_string()), ("example.com/foo", format!("{line}\n")));
        for wrong in ["- example.com/foo hI2DJw==", "\u{2014} a b", "\u{2014} a+b hI2DJw==", "\u{2014}  hI2DJw=="] {
            assert_eq!(SignatureLine::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_key_is_written_with_its_name_and_read() {
        let witness = NamedKey::of_witness("payeur.example/w1", key(2).verifying_key()).unwrap();
        assert_eq!(NamedKey::parse(&witness.to_string()), Some(witness.clone()));
        for wrong in ["", "payeur", &witness.to_string().replace("w1", "w2"), &format!("{witness}x")] {
            assert_eq!(NamedKey::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_request_to_a_witness_is_read_as_it_was_written() {
        for proof in [Vec::new(), vec![[1; 32], [2; 32]]] {
            let request = WitnessRequest { old: 1000, proof, note: sign(&key(1), &checkpoint()) };
            assert_eq!(WitnessRequest::parse(&request.to_string()), Some(request));
        }
        assert_eq!(WitnessRequest::parse("old x\n\n"), None);
    }

    #[test]
    fn a_later_epoch_is_another_tree() {
        assert_eq!(
            (origin("HDF21", 1), origin("HDF21", 2)),
            ("recepisse/HDF21".into(), "recepisse/HDF21/epoch-2".into())
        );
    }
}
