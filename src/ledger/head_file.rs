//! The file outside the database that remembers the last heads, one signed line for each programme. Written by a thread
//! of its own at most once a second, always whole, and never ahead of what the database has committed: it may lag.
//! What never lives here: what a head that is missing means.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::VerifyingKey;

use crate::receipts::SignedHead;

/// The first line: what this is, and in which version.
const NAME: &str = "recepisse-heads-1";

/// Why the file cannot be used. The sentence is for who starts the server: it says what to do.
#[derive(Debug, thiserror::Error)]
pub enum HeadFileError {
    /// It is not what this program wrote with these keys.
    #[error(
        "le fichier des têtes {} est illisible ou signé par une autre clé : restaurez-le, ou écartez-le si vous savez \
         pourquoi (sans lui, un retour en arrière de la base passe inaperçu).",
        .0.display()
    )]
    Unreadable(PathBuf),
    /// The file system said no.
    #[error("{} : {source}. Le fichier des têtes doit être sur un disque où ce compte peut écrire.", .path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// A file of heads.
#[derive(Debug)]
pub(super) struct HeadFile {
    path: PathBuf,
    key: VerifyingKey,
}

impl HeadFile {
    pub(super) const fn new(path: PathBuf, key: VerifyingKey) -> Self {
        Self { path, key }
    }

    /// The heads by programme; none where there is no file yet.
    pub(super) fn read(&self) -> Result<BTreeMap<String, SignedHead>, HeadFileError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(self.unreadable()),
            Err(source) => return Err(self.failed(source)),
        };
        let lines =
            text.strip_prefix(NAME).and_then(|rest| rest.strip_prefix('\n')).ok_or_else(|| self.unreadable())?;
        let head = |line: &str| SignedHead::parse(line).filter(|head| head.holds(&self.key));
        let heads: Option<Vec<SignedHead>> = lines.lines().map(head).collect();
        let heads = heads.ok_or_else(|| self.unreadable())?;
        Ok(heads.into_iter().map(|head| (head.programme.clone(), head)).collect())
    }

    /// Puts these heads in the file. Another instance may write it too, so what it knows further on is kept.
    pub(super) fn write(&self, heads: &BTreeMap<String, SignedHead>) -> Result<(), HeadFileError> {
        let lock = File::create(self.beside("lock")).and_then(|file| file.lock().map(|()| file));
        let lock = lock.map_err(|source| self.failed(source))?;
        let mut all = self.read()?;
        for (programme, head) in heads {
            if all.get(programme).is_none_or(|known| known.place() < head.place()) {
                all.insert(programme.clone(), head.clone());
            }
        }
        let written = self.replace(&all).map_err(|source| self.failed(source));
        drop(lock);
        written
    }

    /// The whole file at once: whoever reads it, even after a power cut, sees the old one or the new one.
    fn replace(&self, heads: &BTreeMap<String, SignedHead>) -> io::Result<()> {
        let partial = self.beside("partial");
        let mut file = File::create(&partial)?;
        let lines: Vec<String> =
            std::iter::once(NAME.to_owned()).chain(heads.values().map(ToString::to_string)).collect();
        file.write_all(format!("{}\n", lines.join("\n")).as_bytes())?;
        file.sync_data()?;
        fs::rename(&partial, &self.path)
    }

    fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".");
        name.push(extension);
        PathBuf::from(name)
    }

    fn unreadable(&self) -> HeadFileError {
        HeadFileError::Unreadable(self.path.clone())
    }

    fn failed(&self, source: io::Error) -> HeadFileError {
        HeadFileError::Io { path: self.path.clone(), source }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::receipts::{chain, seal};

    fn head(key: &SigningKey, epoch: i64, position: i64) -> SignedHead {
        let (programme, hash, id) = ("HDF21".to_owned(), chain::genesis("HDF21"), seal::key_id(&key.verifying_key()));
        let signature = seal::sign(key, &programme, epoch, position, &hash);
        SignedHead { programme, epoch, position, hash, key: id, signature }
    }

    fn one(head: SignedHead) -> BTreeMap<String, SignedHead> {
        BTreeMap::from([(head.programme.clone(), head)])
    }

    #[test]
    fn a_file_of_heads_never_goes_back_whoever_writes_it() {
        let (folder, key) = (tempfile::tempdir().unwrap(), SigningKey::from_bytes(&[7; 32]));
        let file = || HeadFile::new(folder.path().join("heads"), key.verifying_key());
        assert_eq!(file().read().unwrap(), BTreeMap::new());
        for (written, kept) in [((1, 5), (1, 5)), ((1, 4), (1, 5)), ((2, 1), (2, 1)), ((1, 9), (2, 1))] {
            file().write(&one(head(&key, written.0, written.1))).unwrap();
            assert_eq!(file().read().unwrap()["HDF21"].place(), kept, "{written:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused_and_left_as_it_is() {
        let (folder, key) = (tempfile::tempdir().unwrap(), SigningKey::from_bytes(&[7; 32]));
        let path = folder.path().join("heads");
        let file = HeadFile::new(path.clone(), key.verifying_key());
        let foreign = head(&SigningKey::from_bytes(&[8; 32]), 1, 5).to_string();
        let ours = head(&key, 1, 5).to_string();
        let wrong = ["", "recepisse-heads-2\n", "\u{0}", &foreign, &ours.replace(" 5 ", " 6 ")];
        for text in wrong.map(|text| if text.len() > 20 { format!("{NAME}\n{text}\n") } else { text.to_owned() }) {
            fs::write(&path, &text).unwrap();
            assert!(matches!(file.read(), Err(HeadFileError::Unreadable(_))), "{text}");
            assert!(file.write(&one(head(&key, 1, 7))).is_err());
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
