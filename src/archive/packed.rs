//! An archive in one file: the same folder as a `.zip`, whose last bytes sign all those before them, so that no bit of the file
//! can be another than it was. What never lives here: what the folder holds.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::check::keys_in;
use super::make::{Wanted, files, make};
use super::{ArchiveError, KEYS, Manifest, unsound};
use crate::folder::{FolderError, beside, io_at, sync};
use crate::receipts::seal;
use crate::store::Store;

/// The comment at the end of the file: a key's identifier, a space, and its signature over the digest of every byte before.
const MARK_BYTES: u64 = 16 + 1 + 128;

/// What one archive may unpack to at most, in bytes.
const MOST_UNPACKED: u64 = 64 << 30;

/// An archive that is read: a folder of its own, or what a `.zip` was unpacked to, which goes when this does.
#[derive(Debug)]
pub struct Opened {
    folder: PathBuf,
    _unpacked: Option<TempDir>,
}

impl Opened {
    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Writes an archive as one new `.zip` file: as [`make`] for the rest. The same register and days give the same bytes, by the
/// same version of the program.
///
/// # Errors
/// As [`make`]; then the file is not there.
pub fn make_packed(
    store: &Arc<Store>,
    (key, others): (&SigningKey, &[VerifyingKey]),
    wanted: &Wanted<'_>,
    file: &Path,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Manifest, ArchiveError> {
    let partial = beside(file, ".partiel");
    for taken in [file, &partial] {
        if taken.exists() {
            return Err(FolderError::Exists(taken.to_owned()).into());
        }
    }
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = tempfile::tempdir_in(parent).map_err(io_at(parent))?;
    let folder = temporary.path().join("archive");
    let manifest = make(store, (key, others), wanted, &folder, progress)?;
    let packed = pack(&folder, &partial).and_then(|()| sign(key, &partial)).map_err(io_at(&partial));
    if packed.is_err() {
        // What is left of it is of no use; that it could not be removed is not what the operator must know.
        drop(fs::remove_file(&partial));
    }
    packed?;
    fs::rename(&partial, file).map_err(io_at(file))?;
    sync(parent)?;
    Ok(manifest)
}

/// Every file of the folder in order of name, without a date; with room for the signature at the end.
fn pack(folder: &Path, file: &Path) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(BufWriter::new(File::create_new(file)?)).set_auto_large_file();
    zip.set_comment("0".repeat(usize::try_from(MARK_BYTES).unwrap_or_default()))?;
    for name in files(folder).map_err(io::Error::other)? {
        zip.start_file(name.as_str(), options)?;
        io::copy(&mut File::open(folder.join(&name))?, &mut zip)?;
    }
    zip.finish()?.flush()
}

fn sign(key: &SigningKey, file: &Path) -> io::Result<()> {
    let (digest, _) = marked(file)?;
    let mark = format!("{} {}", seal::key_id(&key.verifying_key()), seal::sign_archive(key, &digest));
    let mut file = OpenOptions::new().write(true).open(file)?;
    file.seek(SeekFrom::End(-i64::try_from(MARK_BYTES).unwrap_or_default()))?;
    file.write_all(mark.as_bytes())?;
    file.sync_all()
}

/// The digest of everything before the mark, and the mark.
fn marked(file: &Path) -> io::Result<(String, String)> {
    let file = File::open(file)?;
    let signed = file.metadata()?.len().saturating_sub(MARK_BYTES);
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut hasher = Hasher(Sha256::new());
    io::copy(&mut reader.by_ref().take(signed), &mut hasher)?;
    let mut mark = Vec::new();
    reader.take(MARK_BYTES + 1).read_to_end(&mut mark)?;
    Ok((hex::encode(hasher.0.finalize()), String::from_utf8_lossy(&mark).into_owned()))
}

struct Hasher(Sha256);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens an archive to be read: a folder as it is, a `.zip` once its signature holds. `trusted`: as [`super::check`].
///
/// # Errors
/// [`ArchiveError::Unsound`]: the file is no `.zip`, or a bit of it is not what was signed.
pub fn open(path: &Path, trusted: &[VerifyingKey]) -> Result<Opened, ArchiveError> {
    if path.is_dir() {
        return Ok(Opened { folder: path.to_owned(), _unpacked: None });
    }
    let wrong = |what: &str| unsound(path, what);
    let (digest, mark) = marked(path).map_err(|_| wrong("ni dossier ni fichier qui se lise"))?;
    let file = File::open(path).map_err(io_at(path))?;
    let zip = ZipArchive::new(BufReader::new(file));
    let mut zip = zip.map_err(|_| wrong("ce fichier n'est pas une archive .zip entière"))?;
    let keys = if trusted.is_empty() { own_keys(&mut zip)? } else { trusted.to_vec() };
    let holds = mark.split_once(' ').is_some_and(|(id, signature)| {
        keys.iter().any(|key| seal::key_id(key) == id && seal::verify_archive(key, &digest, signature))
    });
    if !holds {
        return Err(wrong(
            "sa signature n'est pas celle d'une clé à croire : le fichier n'est pas celui qui a été fait",
        ));
    }
    let unpacked = tempfile::tempdir().map_err(io_at(path))?;
    unpack(&mut zip, unpacked.path()).map_err(|_| wrong("ce fichier ne se déballe pas"))?;
    Ok(Opened { folder: unpacked.path().to_owned(), _unpacked: Some(unpacked) })
}

type Zip = ZipArchive<BufReader<File>>;

/// The keys that the archive brings itself.
fn own_keys(zip: &mut Zip) -> Result<Vec<VerifyingKey>, ArchiveError> {
    let read = |zip: &mut Zip| {
        let mut text = String::new();
        zip.by_name(KEYS)?.take(1 << 20).read_to_string(&mut text)?;
        Ok::<_, io::Error>(text)
    };
    keys_in(&read(zip).map_err(|_| unsound(KEYS, "fichier absent ou illisible"))?)
}

fn unpack(zip: &mut Zip, folder: &Path) -> io::Result<()> {
    let mut room = MOST_UNPACKED;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        let name = entry.enclosed_name().filter(|_| entry.is_file());
        let path = folder.join(name.ok_or(io::ErrorKind::InvalidData)?);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        let mut file = File::create_new(path)?;
        let written = io::copy(&mut entry.by_ref().take(room + 1), &mut file)?;
        room = room.checked_sub(written).ok_or(io::ErrorKind::InvalidData)?;
    }
    Ok(())
}
