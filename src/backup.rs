//! Backups: a folder with one copy of the database and a manifest of what it holds, made while the register serves,
//! and verified before it takes its name. Never the keys: whoever holds both could bring people and passes together.
//! What never lives here: SQL, or what is done about receipts that a copy lacks (see `domain::restore`).

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use crate::audit::{self, AuditError};
use crate::domain::time::Instant;
use crate::folder::{self, FolderError, beside, digest, io_at, sync};
use crate::receipts::SignedHead;
use crate::store::{self, Backend, Copied, Options, Page, Reads, Store, StoreError};

/// What the manifest calls itself, with its version.
const NAME: &str = "recepisse-backup-1";
const MANIFEST: &str = "manifest.json";

/// What a backup is and holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub backup: String,
    /// `sqlite` or `postgresql`.
    pub engine: String,
    /// The last migration applied.
    pub schema: String,
    pub program_version: String,
    /// When it was made.
    pub at: String,
    /// The copy's name in the folder.
    pub file: String,
    pub bytes: u64,
    /// Of the copy, 64 hexadecimal digits.
    pub sha256: String,
    /// Whether the copy was opened, its chains walked and its seals checked.
    pub verified: bool,
    pub programmes: Vec<ProgrammeHead>,
    /// That they are not here, for whoever looks for them.
    pub keys: String,
}

/// Where the journal of a programme stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeHead {
    pub programme: String,
    pub epoch: i64,
    /// How many receipts it holds.
    pub position: i64,
    pub hash: String,
    /// The last head with its seal, as [`SignedHead`] writes it; none for an empty journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
}

const NO_KEYS: &str = "Les clés ne sont pas dans cette sauvegarde : elles se gardent à part, dans un autre lieu.";

/// Why a backup was not made or not put back. The sentences are for who runs the command.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("{} n'est pas le manifeste d'une sauvegarde.", .0.display())]
    NoManifest(PathBuf),
    #[error("{} n'est pas la copie que le manifeste décrit : cette sauvegarde est abîmée, prenez-en une autre.", .0.display())]
    Damaged(PathBuf),
    #[error("cette sauvegarde vient de {found} et la base indiquée est {wanted} : restaurez sur le même moteur.")]
    OtherEngine { found: String, wanted: Backend },
    #[error("la copie n'est pas conforme, elle n'est pas gardée. {part} : {found}.")]
    Unsound { part: String, found: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A database, and PostgreSQL's programs where they are not on the path.
#[derive(Debug)]
pub struct Source<'a> {
    pub url: &'a str,
    pub options: &'a Options,
    pub programs: Option<&'a Path>,
}

/// Copies the database into a new folder, which takes its name only once the copy is whole, on disk, and verified with
/// `trusted` keys; without keys it is not verified.
///
/// # Errors
/// [`BackupError`]; then the folder is not there.
pub fn make(
    source: &Source<'_>,
    folder: &Path,
    at: Instant,
    trusted: Option<&[VerifyingKey]>,
) -> Result<Manifest, BackupError> {
    folder::whole(folder, |partial| fill(source, partial, at, trusted))
}

fn fill(
    source: &Source<'_>,
    folder: &Path,
    at: Instant,
    trusted: Option<&[VerifyingKey]>,
) -> Result<Manifest, BackupError> {
    let Copied { engine, file, schema, read: programmes } =
        store::copy(source.url, source.options, (folder, source.programs), heads)?;
    let copy = folder.join(file);
    match (engine, trusted) {
        (Backend::Sqlite, _) => {
            if let Some(keys) = trusted {
                check(&format!("sqlite:{}", copy.display()), source.options, keys)?;
            }
            settle(&copy)?;
        }
        (Backend::Postgres, Some(keys)) => store::beside(source.url, |url| {
            store::put_back(url, source.options, &copy, source.programs)?;
            check(url, source.options, keys)
        })?,
        (Backend::Postgres, None) => {}
    }
    let (bytes, sha256) = digest(&copy)?;
    let manifest = Manifest {
        backup: NAME.to_owned(),
        engine: engine.to_string(),
        schema,
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        at: at.to_string(),
        file: file.to_owned(),
        bytes,
        sha256,
        verified: trusted.is_some(),
        programmes,
        keys: NO_KEYS.to_owned(),
    };
    write(&folder.join(MANIFEST), &manifest)?;
    sync(&copy)?;
    Ok(manifest)
}

/// Puts a backup back into a place where nothing is, and answers with its manifest.
///
/// # Errors
/// [`BackupError`]; then nothing has changed.
pub fn put_back(folder: &Path, target: &Source<'_>, file: Option<&Path>) -> Result<Manifest, BackupError> {
    let manifest = read(folder)?;
    let copy = folder.join(&manifest.file);
    if digest(&copy)? != (manifest.bytes, manifest.sha256.clone()) {
        return Err(BackupError::Damaged(copy));
    }
    let wanted = if file.is_some() { Backend::Sqlite } else { Backend::Postgres };
    if manifest.engine != wanted.to_string() {
        return Err(BackupError::OtherEngine { found: manifest.engine, wanted });
    }
    match file {
        None => store::put_back(target.url, target.options, &copy, target.programs)?,
        Some(file) => {
            let leftovers = ["", "-wal", "-shm"].map(|suffix| beside(file, suffix));
            if let Some(there) = leftovers.into_iter().find(|path| path.exists()) {
                return Err(FolderError::Exists(there).into());
            }
            let partial = beside(file, ".partiel");
            fs::copy(&copy, &partial).map_err(io_at(&partial))?;
            sync(&partial)?;
            fs::rename(&partial, file).map_err(io_at(file))?;
        }
    }
    Ok(manifest)
}

/// Reads the manifest of a backup.
///
/// # Errors
/// [`BackupError::NoManifest`] where there is none, or one that this program does not know.
pub fn read(folder: &Path) -> Result<Manifest, BackupError> {
    let path = folder.join(MANIFEST);
    let read = fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str::<Manifest>(&text).ok());
    // The file is one of ours by name: a manifest must not lead anywhere else.
    let ours = |manifest: &Manifest| {
        manifest.backup == NAME && [store::SQLITE_FILE, store::POSTGRES_FILE].contains(&manifest.file.as_str())
    };
    read.filter(ours).ok_or(BackupError::NoManifest(path))
}

/// Where the journals of a database stand.
fn heads(tx: &mut dyn Reads) -> Result<Vec<ProgrammeHead>, StoreError> {
    let mut heads = Vec::new();
    for programme in tx.programmes(&Page::ALL_PROGRAMMES)? {
        let Some(journal) = tx.journal(programme.no)? else { continue };
        let seal = tx.seals(programme.no, journal.position.saturating_sub(1), journal.position)?.pop();
        let (code, epoch) = (programme.code.to_string(), journal.counters.epoch);
        let seal = seal.map(|seal| SignedHead {
            programme: code.clone(),
            epoch,
            position: seal.position,
            hash: seal.hash,
            key: seal.key_id,
            signature: seal.signature,
        });
        let seal = seal.map(|seal| seal.to_string());
        heads.push(ProgrammeHead { programme: code, epoch, position: journal.position, hash: journal.head, seal });
    }
    Ok(heads)
}

/// Opens a copy as the register would, walks every chain, checks every seal, and replays the rules.
fn check(url: &str, options: &Options, trusted: &[VerifyingKey]) -> Result<(), BackupError> {
    let store = Store::open(url, options)?;
    let programmes = store.read(|tx| tx.programmes(&Page::ALL_PROGRAMMES))?;
    audit::verify_register(&store).map_err(|error| unsound("Registre".to_owned(), error))?;
    for programme in programmes {
        let verified = audit::verify(&store, trusted, &programme, &mut |_, _| {});
        verified.map_err(|error| unsound(format!("Dispositif {}", programme.code), error))?;
    }
    Ok(())
}

fn unsound(part: String, error: AuditError) -> BackupError {
    match error {
        AuditError::Broken(found) => BackupError::Unsound { part, found: found.to_string() },
        AuditError::Store(error) => error.into(),
    }
}

/// One file, once the last connection is gone: those that verified it close in their own time.
fn settle(copy: &Path) -> Result<(), BackupError> {
    let mut tries = 0;
    loop {
        match store::settle(copy) {
            Err(StoreError::Failed(_) | StoreError::Unreachable(_)) if tries < 50 => {
                tries += 1;
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            other => return Ok(other?),
        }
    }
}

fn write(path: &Path, manifest: &Manifest) -> Result<(), FolderError> {
    let text = serde_json::to_string_pretty(manifest).map_err(|error| io_at(path)(error.into()))?;
    let mut file = File::create(path).map_err(io_at(path))?;
    file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(io_at(path))?;
    file.sync_all().map_err(io_at(path))
}
