//! Whether an archive is sound: its files are those that its signed list names, its journal holds, and its manifest says
//! the same. `docs/verify_archive.py` does so without this program. What never lives here: what is done with it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use ed25519_dalek::VerifyingKey;

use super::make::files;
use super::{ArchiveError, JOURNAL, KEYS, MANIFEST, Manifest, NAME, SEAL, SUMS, unsound};
use crate::folder::{digest, io_at};
use crate::receipts::journal_file::{Summary, Verifier};
use crate::receipts::seal;

/// A sound archive.
#[derive(Debug)]
pub struct Checked {
    pub manifest: Manifest,
    pub journal: Summary,
    /// How many files were held against their checksums.
    pub files: usize,
}

/// Checks an archive. `trusted` are the public keys to believe; without any, those that the archive brings itself, and
/// then nothing tells it from one that somebody else made.
///
/// # Errors
/// [`ArchiveError::Unsound`] with the first thing that is wrong.
pub fn check(folder: &Path, trusted: &[VerifyingKey]) -> Result<Checked, ArchiveError> {
    let keys = if trusted.is_empty() { own_keys(folder)? } else { trusted.to_vec() };
    let files = sums(folder)?;
    signature(folder, &keys)?;
    let manifest = manifest(folder)?;
    let journal = journal(folder, keys)?;
    let said = (manifest.programme.as_str(), manifest.receipts, manifest.head.as_str());
    if said != (journal.programme.as_str(), journal.receipts, journal.head.as_str()) {
        return Err(unsound(MANIFEST, "le journal n'est pas celui que l'archive annonce"));
    }
    Ok(Checked { manifest, journal, files })
}

fn text(folder: &Path, name: &str) -> Result<String, ArchiveError> {
    fs::read_to_string(folder.join(name)).map_err(|_| unsound(name, "fichier absent ou illisible"))
}

fn own_keys(folder: &Path) -> Result<Vec<VerifyingKey>, ArchiveError> {
    keys_in(&text(folder, KEYS)?)
}

/// The public keys that an archive lists.
pub(super) fn keys_in(keys: &str) -> Result<Vec<VerifyingKey>, ArchiveError> {
    let wrong = || unsound(KEYS, "ce ne sont pas des clés publiques");
    let read = |line: &str| line.split_once(',').and_then(|(_, public)| seal::read_key(public)).ok_or_else(wrong);
    keys.lines().skip(1).map(read).collect()
}

/// Holds every file against the list, and says how many there are.
fn sums(folder: &Path) -> Result<usize, ArchiveError> {
    let list = text(folder, SUMS)?;
    let mut listed = BTreeMap::new();
    for line in list.lines() {
        let (digest, name) = line.split_once("  ").ok_or_else(|| unsound(SUMS, "ligne mal formée"))?;
        if listed.insert(name.to_owned(), digest.to_owned()).is_some() {
            return Err(unsound(name, "fichier nommé deux fois"));
        }
    }
    let count = listed.len();
    for name in files(folder)?.into_iter().filter(|name| name != SUMS && name != SEAL) {
        let wanted = listed.remove(&name).ok_or_else(|| unsound(&name, "fichier que la liste ne nomme pas"))?;
        if digest(&folder.join(&name))?.1 != wanted {
            return Err(unsound(&name, "somme de contrôle différente"));
        }
    }
    listed.into_keys().next().map_or(Ok(count), |name| Err(unsound(name, "fichier absent")))
}

fn signature(folder: &Path, keys: &[VerifyingKey]) -> Result<(), ArchiveError> {
    let line = text(folder, SEAL)?;
    let (_, digest) = digest(&folder.join(SUMS))?;
    let holds = line.strip_suffix('\n').and_then(|line| line.split_once(' ')).is_some_and(|(id, signature)| {
        keys.iter().any(|key| seal::key_id(key) == id && seal::verify_archive(key, &digest, signature))
    });
    if holds { Ok(()) } else { Err(unsound(SEAL, "la signature n'est pas celle d'une clé à croire")) }
}

fn manifest(folder: &Path) -> Result<Manifest, ArchiveError> {
    let read: Option<Manifest> = serde_json::from_str(&text(folder, MANIFEST)?).ok();
    let known = read.filter(|manifest| manifest.archive == NAME);
    known.ok_or_else(|| unsound(MANIFEST, "ce n'est pas une archive que ce programme connaît"))
}

fn journal(folder: &Path, keys: Vec<VerifyingKey>) -> Result<Summary, ArchiveError> {
    let mut verifier = Verifier::trusting(keys);
    lines(folder, |line| Ok(verifier.line(line)?))?;
    Ok(verifier.finish()?)
}

/// Hands over the lines of the journal, without their line feeds.
pub(super) fn lines(folder: &Path, mut take: impl FnMut(&str) -> Result<(), ArchiveError>) -> Result<(), ArchiveError> {
    let path = folder.join(JOURNAL);
    let file = File::open(&path).map_err(|_| unsound(JOURNAL, "fichier absent ou illisible"))?;
    for line in BufReader::new(file).split(b'\n') {
        let line = String::from_utf8(line.map_err(io_at(&path))?);
        take(&line.map_err(|_| unsound(JOURNAL, "le journal n'est pas du texte"))?)?;
    }
    Ok(())
}
