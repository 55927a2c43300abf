//! One process writes a SQLite file. What it holds is the system's lock on a file beside the database, which the system
//! takes back when the process ends, however it ends. What never lives here: the database itself.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::error::StoreError;

/// Held for as long as this process may write; dropping it lets another in.
#[derive(Debug)]
pub(super) struct WriterLock(File);

impl Drop for WriterLock {
    /// Said, not left to the closing of the file: a process that is being started shares it for a moment.
    fn drop(&mut self) {
        // A lock that cannot be given back goes with the process.
        drop(self.0.unlock());
    }
}

impl WriterLock {
    /// Takes the lock of the database at `path`, or says who has it. The file stays when the lock goes: to remove it
    /// would let two processes lock two files of the same name.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process writes; [`StoreError::Unreachable`] when the folder refuses the file.
    pub(super) fn take(path: &str) -> Result<Self, StoreError> {
        let database = fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
        let place = beside(&database);
        let unreachable = |error: std::io::Error| StoreError::Unreachable(format!("{}: {error}", place.display()));
        let opened = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&place);
        let mut file = opened.map_err(unreachable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(&database, &mut file)),
            Err(TryLockError::Error(error)) => return Err(unreachable(error)),
        }
        // Only a help for whoever is refused: the lock holds without it.
        let named = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
        named.map_err(unreachable)?;
        Ok(Self(file))
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn in_use(database: &Path, file: &mut File) -> StoreError {
    let mut holder = String::new();
    let known = file.read_to_string(&mut holder).is_ok() && holder.parse::<u32>().is_ok();
    let holder = if known { format!(" (processus {holder})") } else { String::new() };
    StoreError::InUse(format!(
        "un autre programme écrit déjà dans {}{holder} : arrêtez-le d'abord. Un fichier SQLite n'a qu'un seul écrivain ; \
         pour servir depuis plusieurs processus, il faut PostgreSQL. verify, rebuild --check et export restent possibles.",
        database.display()
    ))
}
