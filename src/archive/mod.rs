//! The archive of a programme: a folder, or one `.zip`, in open formats that is read, checked and put back into an empty register without
//! this one. It holds the journal in its own bytes, the tables that it is read with, the accounts as they stood, and a
//! verifier; its list of checksums is signed. Never a key, a code or a person. What never lives here: SQL, or a figure.

mod check;
mod contents;
mod import;
mod make;
mod notice;
mod packed;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::check::{Checked, check};
pub use self::import::{Imported, import};
pub use self::make::{Wanted, make};
pub use self::packed::{Opened, make_packed, open};

use crate::audit::{AuditError, WriteJournalError};
use crate::folder::FolderError;
use crate::receipts::Break;
use crate::reports::ReportError;
use crate::store::{StoreError, WriteError};

/// What the manifest calls itself, with its version.
const NAME: &str = "recepisse-archive-1";
const MANIFEST: &str = "archive.json";
const JOURNAL: &str = "journal.jsonl";
const KEYS: &str = "cles-publiques.csv";
const SUMS: &str = "SHA256SUMS";
const SEAL: &str = "SHA256SUMS.sceau";
/// The folder of the tables.
const TABLES_FOLDER: &str = "registre";
/// The folder of the accounts.
const REPORTS_FOLDER: &str = "etats";

/// What an archive is: the first thing to read of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub archive: String,
    /// Code of the programme.
    pub programme: String,
    pub label: String,
    /// The first day of the accounts' period; none: the beginning.
    pub from: Option<String>,
    /// The last business day that the archive covers.
    pub until: String,
    /// Whether it is of the whole journal, so that a register can be rebuilt from it.
    pub whole: bool,
    pub receipts: i64,
    /// Hash of the last receipt.
    pub head: String,
    pub program_version: String,
}

/// Why an archive was not made, is not sound, or was not put back. The sentences are for who runs the command.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("le journal du dispositif {0} est vide jusqu'à ce jour : il n'y a rien à archiver.")]
    Empty(String),
    #[error(
        "le registre a reçu des récépissés pendant l'archive : recommencez, ou arrêtez-vous à la veille avec --until."
    )]
    Moved,
    #[error("{}", .0)]
    Unsound(Unsound),
    #[error(
        "cette archive s'arrête au {0} : elle se lit et se vérifie, mais un registre ne se remonte que d'une archive entière (sans --year ni --until)."
    )]
    NotWhole(String),
    #[error("cette base contient déjà un registre : une archive ne se remonte que dans une base vide.")]
    NotEmpty,
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The first thing that is not what it should be in an archive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("archive non conforme : {what}, {}", .file.display())]
pub struct Unsound {
    /// Relative to the archive.
    pub file: PathBuf,
    /// In French.
    pub what: String,
}

fn unsound(file: impl Into<PathBuf>, what: impl Into<String>) -> ArchiveError {
    ArchiveError::Unsound(Unsound { file: file.into(), what: what.into() })
}

impl From<AuditError> for ArchiveError {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Broken(found) => found.into(),
            AuditError::Store(error) => error.into(),
        }
    }
}

impl From<Break> for ArchiveError {
    fn from(found: Break) -> Self {
        unsound(JOURNAL, found.to_string())
    }
}

impl From<WriteJournalError> for ArchiveError {
    fn from(error: WriteJournalError) -> Self {
        match error {
            WriteJournalError::Store(error) => error.into(),
            WriteJournalError::Io(source) => FolderError::Io { path: JOURNAL.into(), source }.into(),
        }
    }
}

impl From<WriteError<Self>> for ArchiveError {
    fn from(error: WriteError<Self>) -> Self {
        match error {
            WriteError::Undone(error) => error,
            WriteError::Unknown(error) => error.into(),
        }
    }
}
