//! A folder that takes its name only once it is whole and on disk, and the digest of a file. What never lives here: what
//! is in the files.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Why a folder or a file could not be had. The sentences are for who runs the command.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{} existe déjà : choisissez un autre emplacement, rien n'est jamais écrasé.", .0.display())]
    Exists(PathBuf),
    #[error("{} : {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// What went wrong at `path`.
pub(crate) fn io_at(path: &Path) -> impl Fn(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Io { path: path.clone(), source }
}

/// The same place with something after its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes a folder that `fill` writes under another name; it takes its own once all is there.
///
/// # Errors
/// Those of `fill`, and [`FolderError`]; then the folder is not there.
pub(crate) fn whole<T, E: From<FolderError>>(folder: &Path, fill: impl FnOnce(&Path) -> Result<T, E>) -> Result<T, E> {
    let partial = beside(folder, ".partiel");
    for taken in [folder, &partial] {
        if taken.exists() {
            return Err(FolderError::Exists(taken.to_owned()).into());
        }
    }
    fs::create_dir_all(&partial).map_err(io_at(&partial))?;
    let made = fill(&partial).and_then(|made| {
        sync(&partial)?;
        fs::rename(&partial, folder).map_err(io_at(folder))?;
        sync(folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
        Ok(made)
    });
    if made.is_err() {
        // What is left of it is of no use; that it could not be removed is not what the operator must know.
        drop(fs::remove_dir_all(&partial));
    }
    made
}

/// Waits until a file, or the names in a folder, are on disk.
pub(crate) fn sync(path: &Path) -> Result<(), FolderError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(io_at(path))
}

/// Size and SHA-256 of a file, in hexadecimal digits.
pub(crate) fn digest(path: &Path) -> Result<(u64, String), FolderError> {
    let mut file = File::open(path).map_err(io_at(path))?;
    let (mut hasher, mut buffer, mut bytes) = (Sha256::new(), vec![0_u8; 1 << 20], 0);
    loop {
        let read = file.read(&mut buffer).map_err(io_at(path))?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hasher.update(part);
        bytes += u64::try_from(read).unwrap_or(u64::MAX);
    }
    Ok((bytes, hex::encode(hasher.finalize())))
}
