//! A folder in which witnesses leave the notes that they have signed, so that a signature comes from another machine without
//! an account and without a network. Each note is taken up once and put aside, or refused with the reason beside it. What never
//! lives here: which witness is trusted (a setting), or what a signature proves (see `receipts::note`).

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;
use crate::receipts::note::{Checkpoint, NamedKey, Note};
use crate::store::{Store, StoreError, WriteError};
use crate::tree::{Cosigned, keep};

/// What a note's file is called. Whoever copies one slowly gives it this name once it is whole.
const NOTE: &str = "note";
/// Where notes go that were taken up, and those that were refused.
const TAKEN: &str = "pris";
const REFUSED: &str = "refuses";
/// What stands beside a refused note, after its name.
const REASON: &str = ".raison.txt";

/// A note is a few hundred bytes.
const LONGEST_NOTE: u64 = 64 * 1024;

/// Why a note is not taken up. `Display` says it in French.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    #[error("ce fichier n'est pas un point de contrôle signé")]
    Malformed,
    #[error("ce point de contrôle n'est d'aucun dispositif de ce registre")]
    Programme,
    #[error(
        "aucune de ses signatures n'est celle d'un témoin déclaré (--witness) sur l'arbre de cette taille : ou la clé n'est \
         pas déclarée, ou l'arbre signé n'est pas celui de ce registre"
    )]
    NotOurs,
    #[error("une signature plus récente du même témoin est déjà gardée")]
    Older,
}

/// What became of one note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The name of its file.
    pub file: String,
    /// The programme, and how many receipts the tree has that was signed.
    pub outcome: Result<(String, u64), NotTaken>,
}

/// Why the folder could not be looked through; what was not put aside is looked at again.
#[derive(Debug, thiserror::Error)]
pub enum FolderUnread {
    #[error("{} : {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] WriteError<StoreError>),
}

/// Takes up every note in the folder, in order of name.
///
/// # Errors
/// [`FolderUnread`].
pub fn take_up(store: &Store, witnesses: &[NamedKey], folder: &Path) -> Result<Vec<Looked>, FolderUnread> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderUnread::Io { path: path.clone(), source }
    };
    let mut looked = Vec::new();
    for path in notes(folder).map_err(at(folder))? {
        let outcome = match read(&path).map_err(at(&path))? {
            Some((note, checkpoint)) => judge(store, witnesses, &note, &checkpoint)?,
            None => Err(NotTaken::Malformed),
        };
        put_aside(folder, &path, outcome.as_ref().err()).map_err(at(&path))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        looked.push(Looked { file, outcome });
    }
    Ok(looked)
}

fn notes(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut notes = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // A link would lead elsewhere.
        if entry.file_type()?.is_file() && path.extension().is_some_and(|extension| extension == NOTE) {
            notes.push(path);
        }
    }
    notes.sort();
    Ok(notes)
}

fn read(path: &Path) -> io::Result<Option<(Note, Checkpoint)>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST_NOTE).read_to_end(&mut bytes)?;
    let note = String::from_utf8(bytes).ok().and_then(|text| Note::parse(&text));
    Ok(note.and_then(|note| Checkpoint::parse(&note.text).map(|checkpoint| (note, checkpoint))))
}

type Judged = Result<(String, u64), NotTaken>;

fn judge(
    store: &Store,
    witnesses: &[NamedKey],
    note: &Note,
    checkpoint: &Checkpoint,
) -> Result<Judged, WriteError<StoreError>> {
    let Some(programme) = programme(store, checkpoint).map_err(WriteError::Undone)? else {
        return Ok(Err(NotTaken::Programme));
    };
    let (mut kept, mut older) = (false, false);
    for line in &note.signatures {
        match keep(store, &programme, witnesses, (checkpoint.size, line))? {
            Cosigned::Kept => kept = true,
            Cosigned::Older => older = true,
            Cosigned::NotOurs => {}
        }
    }
    Ok(match (kept, older) {
        (true, _) => Ok((programme.code.to_string(), checkpoint.size)),
        (false, true) => Err(NotTaken::Older),
        (false, false) => Err(NotTaken::NotOurs),
    })
}

/// The programme of which the origin `recepisse/HDF21` or `recepisse/HDF21/epoch-2` speaks.
fn programme(store: &Store, checkpoint: &Checkpoint) -> Result<Option<Programme>, StoreError> {
    let code = checkpoint.origin.split('/').nth(1).and_then(|code| ShortCode::parse(code).ok());
    code.map_or(Ok(None), |code| store.read(|tx| tx.programme(&code)))
}

fn put_aside(folder: &Path, note: &Path, refused: Option<&NotTaken>) -> io::Result<()> {
    let aside = folder.join(if refused.is_some() { REFUSED } else { TAKEN });
    fs::create_dir_all(&aside)?;
    let name = note.file_name().unwrap_or_default();
    if let Some(reason) = refused {
        let mut beside = name.to_owned();
        beside.push(REASON);
        fs::write(aside.join(beside), format!("{reason}.\n"))?;
    }
    fs::rename(note, aside.join(name))
}
