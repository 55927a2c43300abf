//! The keys on disk: a folder that only its owner may enter (0700), one file per key (0600). A symmetric key is
//! 64 lowercase hexadecimal digits and a line feed; the seal key is PKCS#8 in PEM, as `openssl pkey` reads it. The keys of
//! people are numbered, `people-1.key` and on: the register says which is in use.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, KeypairBytes};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox};

use super::{KEY_BYTES, KeyError, Keys, PeopleKey, PeopleRing, Secret};

const TOKEN: &str = "token.key";
const PEPPER: &str = "pepper.key";
const CODES: &str = "codes.key";
const PRINT: &str = "print.key";
const IDENTITY: &str = "identity.key";
const COMMITMENT: &str = "commitment.key";
const CURSOR: &str = "cursor.key";
const SEAL: &str = "seal.pem";
const SECRETS: [&str; 8] = [TOKEN, PEPPER, CODES, PRINT, IDENTITY, COMMITMENT, CURSOR, SEAL];

/// The key of people that every folder starts with; a later one has a higher number.
const FIRST_OF_PEOPLE: &str = "people-1.key";

/// Not a secret: what an auditor is given to check the seals.
const SEAL_PUBLIC: &str = "seal.pub.pem";

/// No key file is longer; a longer one is not read.
const LONGEST_BYTES: u64 = 1024;

/// Whether `folder` holds no key yet, so that a first set may be made. The public key alone counts: it says that there
/// were others.
pub(super) fn none_in(folder: &Path) -> Result<bool, KeyError> {
    for name in SECRETS.into_iter().chain([SEAL_PUBLIC]) {
        if exists(&folder.join(name))? {
            return Ok(false);
        }
    }
    Ok(people_in(folder)?.is_empty())
}

/// Puts a first set of keys at `folder`, which is absent or empty. The set is written beside it under another name and
/// flushed to disk; then one rename shows it whole. When another process was faster its set stands and this one is
/// dropped, since a folder that holds something cannot be renamed over.
pub(super) fn create(folder: &Path, keys: &Keys) -> Result<(), KeyError> {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(at(parent))?;
    let mut name = folder.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".new-{}", std::process::id()));
    let staging = parent.join(name);
    // What a start that was cut short left behind: nobody ever used these keys.
    remove(&staging)?;
    DirBuilder::new().mode(0o700).create(&staging).map_err(at(&staging))?;
    write_all(&staging, keys)?;
    match fs::rename(&staging, folder) {
        Ok(()) => flush_folder(parent),
        Err(error) if matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) => {
            remove(&staging)
        }
        Err(source) => {
            remove(&staging)?;
            Err(KeyError::Io { path: folder.to_owned(), source })
        }
    }
}

/// Reads the whole set.
pub(super) fn read(folder: &Path) -> Result<Keys, KeyError> {
    let mut missing = Vec::new();
    for name in SECRETS {
        if !exists(&folder.join(name))? {
            missing.push(name);
        }
    }
    if people_in(folder)?.is_empty() {
        missing.push(FIRST_OF_PEOPLE);
    }
    if !missing.is_empty() {
        return Err(KeyError::Missing { folder: folder.to_owned(), missing });
    }
    refuse_exposed(folder, 0o700)?;
    let seal = read_seal(&folder.join(SEAL))?;
    check_public(folder, &seal)?;
    Ok(Keys {
        token: read_secret(&folder.join(TOKEN))?,
        pepper: read_secret(&folder.join(PEPPER))?,
        codes: read_secret(&folder.join(CODES))?,
        print: read_secret(&folder.join(PRINT))?,
        identity: read_secret(&folder.join(IDENTITY))?,
        commitment: read_secret(&folder.join(COMMITMENT))?,
        cursor: read_secret(&folder.join(CURSOR))?,
        seal,
        people: PeopleRing::read(folder)?,
    })
}

/// The keys of people, oldest first.
pub(super) fn read_people(folder: &Path) -> Result<Vec<PeopleKey>, KeyError> {
    let read = |number| Ok(PeopleKey { number, secret: read_secret(&of_people(folder, number))? });
    people_in(folder)?.into_iter().map(read).collect()
}

fn of_people(folder: &Path, number: u8) -> PathBuf {
    folder.join(format!("people-{number}.key"))
}

/// The numbers of the keys of people, in order; none where there is no folder.
pub(super) fn people_in(folder: &Path) -> Result<BTreeSet<u8>, KeyError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries.map_err(at(folder))?,
    };
    let mut numbers = BTreeSet::new();
    for entry in entries {
        let name = entry.map_err(at(folder))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("people-")?.strip_suffix(".key"));
        // As it is written, and not `people-01.key`.
        numbers.extend(number.and_then(|text| text.parse().ok().filter(|number: &u8| number.to_string() == text)));
    }
    Ok(numbers)
}

/// Puts one more key of people into the folder.
pub(super) fn add_people(folder: &Path, key: &PeopleKey) -> Result<(), KeyError> {
    write_secret(&of_people(folder, key.number), &key.secret)?;
    flush_folder(folder)
}

/// Writes over a key of people, and takes its file away.
pub(super) fn destroy_people(folder: &Path, number: u8) -> Result<(), KeyError> {
    let path = of_people(folder, number);
    let over = || {
        let mut file = OpenOptions::new().write(true).open(&path)?;
        file.write_all(&[b'0'; 2 * KEY_BYTES])?;
        file.sync_all()?;
        fs::remove_file(&path)
    };
    over().map_err(at(&path))?;
    flush_folder(folder)
}

/// A symmetric key, as it is read back.
fn write_secret(path: &Path, secret: &Secret) -> Result<(), KeyError> {
    let mut text = Zeroizing::new(hex::encode(secret.expose_secret()));
    text.push('\n');
    write(path, text.as_bytes(), 0o600)
}

fn write_all(folder: &Path, keys: &Keys) -> Result<(), KeyError> {
    let secrets = [
        (TOKEN, &keys.token),
        (PEPPER, &keys.pepper),
        (CODES, &keys.codes),
        (PRINT, &keys.print),
        (IDENTITY, &keys.identity),
        (COMMITMENT, &keys.commitment),
        (CURSOR, &keys.cursor),
    ];
    for (name, secret) in secrets {
        write_secret(&folder.join(name), secret)?;
    }
    for key in keys.people.held().iter() {
        write_secret(&of_people(folder, key.number), &key.secret)?;
    }
    let path = folder.join(SEAL);
    // Without the public half inside: that is PKCS#8 version 1, which every OpenSSL reads.
    let private = KeypairBytes { secret_key: keys.seal.to_bytes(), public_key: None };
    let pem = private.to_pkcs8_pem(LineEnding::LF).map_err(|_| unreadable(&path, SEAL_EXPECTED))?;
    write(&path, pem.as_bytes(), 0o600)?;
    write_public(folder, &keys.seal)?;
    flush_folder(folder)
}

const SECRET_EXPECTED: &str = "64 chiffres hexadécimaux suivis d'un saut de ligne";
const SEAL_EXPECTED: &str = "une clé privée Ed25519 au format PKCS#8 PEM";
const PUBLIC_EXPECTED: &str = "la clé publique qui correspond à seal.pem";

fn read_secret(path: &Path) -> Result<Secret, KeyError> {
    let text = read_text(path, SECRET_EXPECTED)?;
    let digits = text.strip_suffix('\n').filter(|digits| !digits.bytes().any(|byte| byte.is_ascii_uppercase()));
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    digits
        .and_then(|digits| hex::decode_to_slice(digits, bytes.as_mut_slice()).ok())
        .ok_or_else(|| unreadable(path, SECRET_EXPECTED))?;
    Ok(SecretBox::init_with_mut(|secret: &mut [u8; KEY_BYTES]| *secret = *bytes))
}

fn read_seal(path: &Path) -> Result<SigningKey, KeyError> {
    let text = read_text(path, SEAL_EXPECTED)?;
    SigningKey::from_pkcs8_pem(&text).map_err(|_| unreadable(path, SEAL_EXPECTED))
}

/// The public key can be computed again, so a missing one is written; one that differs would make every seal look false.
fn check_public(folder: &Path, seal: &SigningKey) -> Result<(), KeyError> {
    let path = folder.join(SEAL_PUBLIC);
    match fs::read_to_string(&path) {
        Ok(text) if text == public_pem(folder, seal)? => Ok(()),
        Ok(_) => Err(unreadable(&path, PUBLIC_EXPECTED)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            write_public(folder, seal)?;
            flush_folder(folder)
        }
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(unreadable(&path, PUBLIC_EXPECTED)),
        Err(source) => Err(KeyError::Io { path, source }),
    }
}

fn write_public(folder: &Path, seal: &SigningKey) -> Result<(), KeyError> {
    write(&folder.join(SEAL_PUBLIC), public_pem(folder, seal)?.as_bytes(), 0o644)
}

fn public_pem(folder: &Path, seal: &SigningKey) -> Result<String, KeyError> {
    let pem = seal.verifying_key().to_public_key_pem(LineEnding::LF);
    pem.map_err(|_| unreadable(&folder.join(SEAL_PUBLIC), PUBLIC_EXPECTED))
}

/// Writes `path` whole: under another name first, flushed, then renamed. `mode`: the file's rights, whatever the umask.
fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), KeyError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.set_permissions(Permissions::from_mode(mode))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().map_err(at(path))
}

fn read_text(path: &Path, expected: &'static str) -> Result<Zeroizing<String>, KeyError> {
    let metadata = refuse_exposed(path, 0o600)?;
    if !metadata.is_file() || metadata.len() > LONGEST_BYTES {
        return Err(unreadable(path, expected));
    }
    let bytes = fs::read(path).map_err(at(path))?;
    String::from_utf8(bytes).map(Zeroizing::new).map_err(|_| unreadable(path, expected))
}

fn refuse_exposed(path: &Path, advised: u32) -> Result<fs::Metadata, KeyError> {
    let metadata = fs::metadata(path).map_err(at(path))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed { path: path.to_owned(), mode, advised });
    }
    Ok(metadata)
}

fn exists(path: &Path) -> Result<bool, KeyError> {
    path.try_exists().map_err(at(path))
}

/// Without this a rename may be forgotten by a machine that loses power.
fn flush_folder(folder: &Path) -> Result<(), KeyError> {
    File::open(folder).and_then(|opened| opened.sync_all()).map_err(at(folder))
}

fn remove(folder: &Path) -> Result<(), KeyError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(at(folder)(error)),
        _ => Ok(()),
    }
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::Io { path, source }
}

fn unreadable(path: &Path, expected: &'static str) -> KeyError {
    KeyError::Unreadable { path: path.to_owned(), expected }
}
