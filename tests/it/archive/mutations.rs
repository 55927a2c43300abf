//! Whatever is done to an archive, folder or `.zip`, is seen by both verifiers. `RECEPISSE_ARCHIVE_MUTATIONS=1000` tries so many
//! changes of each instead of ten. What never lives here: what an archive holds.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Cursor};
use std::path::Path;

use ed25519_dalek::SigningKey;
use recepisse::archive::{self, ArchiveError};
use recepisse::receipts::seal;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipWriter};

use super::{archived, files, key_of, live, packed, second_opinion};
use crate::harness::{Engine, World};

/// What a forger may do.
#[derive(Debug, Clone, Copy)]
enum Forger {
    /// Changes files.
    Clumsy,
    /// And makes the list of checksums again.
    Careful,
    /// And signs it with a key of their own, which the archive then brings.
    WithAKey,
}

/// Chance that is the same for the same seed.
fn roll(seed: &mut u64, sides: usize) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 33).unwrap() % sides.max(1)
}

/// One change of the files that leaves them different.
fn change(files: &mut BTreeMap<String, Vec<u8>>, seed: &mut u64) -> String {
    loop {
        let before = files.clone();
        let names: Vec<String> = files.keys().cloned().collect();
        let name = names[roll(seed, names.len())].clone();
        let other = names[roll(seed, names.len())].clone();
        let bytes = files.get_mut(&name).unwrap();
        let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let (one, two) = (roll(seed, lines.len()), roll(seed, lines.len()));
        let what = match roll(seed, 7) {
            0 | 1 => {
                let (place, bit) = (roll(seed, bytes.len()), roll(seed, 8));
                bytes[place] ^= 1 << bit;
                "a bit flipped"
            }
            2 => {
                lines.remove(one);
                *bytes = lines.concat();
                "a line removed"
            }
            3 => {
                lines.swap(one, two);
                *bytes = lines.concat();
                "lines swapped"
            }
            4 => {
                let own = bytes.clone();
                let theirs = files.insert(other.clone(), own).unwrap();
                files.insert(name.clone(), theirs);
                "files exchanged"
            }
            5 => {
                files.remove(&name);
                "a file removed"
            }
            _ => {
                files.insert(format!("{name}.bak"), b"x\n".to_vec());
                "a file added"
            }
        };
        if *files != before {
            return format!("{what}: {name}, {other}");
        }
    }
}

/// Makes the list of checksums again, and signs it with `key` where there is one.
fn cover_up(files: &mut BTreeMap<String, Vec<u8>>, key: Option<&SigningKey>) {
    if let Some(key) = key {
        let row = format!("{},{}\n", seal::key_id(&key.verifying_key()), seal::write_key(&key.verifying_key()));
        files.entry("cles-publiques.csv".to_owned()).or_default().extend(row.into_bytes());
    }
    let mut sums = String::new();
    for (name, bytes) in files.iter().filter(|(name, _)| !name.starts_with("SHA256SUMS")) {
        sums += &hex::encode(Sha256::digest(bytes));
        sums.extend(["  ", name, "\n"]);
    }
    if let Some(key) = key {
        let signature = seal::sign_archive(key, &hex::encode(Sha256::digest(&sums)));
        let line = format!("{} {signature}\n", seal::key_id(&key.verifying_key()));
        files.insert("SHA256SUMS.sceau".to_owned(), line.into_bytes());
    }
    files.insert("SHA256SUMS".to_owned(), sums.into_bytes());
}

fn put(files: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "how many changes to try")]
fn asked_for() -> u64 {
    std::env::var("RECEPISSE_ARCHIVE_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

/// What ends an archive in one file: whoever signs it, and the signature over the bytes before.
const MARK_BYTES: usize = 145;

/// The files of a folder as one `.zip`, packed as the program packs them; with the mark of another archive, or one of this key.
fn zipped(folder: &Path, mark: Result<&[u8], &SigningKey>) -> Vec<u8> {
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default()).unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new())).set_auto_large_file();
    zip.set_comment("0".repeat(MARK_BYTES)).unwrap();
    for name in files(folder).into_keys() {
        zip.start_file(name.as_str(), options).unwrap();
        io::copy(&mut File::open(folder.join(name)).unwrap(), &mut zip).unwrap();
    }
    let mut packed = zip.finish().unwrap().into_inner();
    packed.truncate(packed.len() - MARK_BYTES);
    let digest = hex::encode(Sha256::digest(&packed));
    let sign =
        |key: &SigningKey| format!("{} {}", seal::key_id(&key.verifying_key()), seal::sign_archive(key, &digest));
    packed.extend(mark.map_or_else(|key| sign(key).into_bytes(), <[u8]>::to_vec));
    packed
}

/// Both verifiers, on a folder and on the same in one file.
struct Judges<'w> {
    world: &'w World,
    key: String,
    /// The mark of the sound archive in one file.
    mark: Vec<u8>,
}

/// What the program found, and what the verifier in another language said.
type Verdicts = (Result<(), ArchiveError>, Option<(i32, String)>);

impl Judges<'_> {
    fn of(&self, path: &Path) -> Verdicts {
        (is_sound(path, self.world), second_opinion(path, &self.key))
    }

    fn judge(
        &self,
        files: &BTreeMap<String, Vec<u8>>,
        forger: Forger,
        other: &SigningKey,
    ) -> [(&'static str, Verdicts); 2] {
        let folder = tempfile::tempdir().unwrap();
        let (open, file) = (folder.path().join("open"), folder.path().join("packed.zip"));
        put(files, &open);
        let mark = if matches!(forger, Forger::WithAKey) { Err(other) } else { Ok(&*self.mark) };
        fs::write(&file, zipped(&open, mark)).unwrap();
        [("folder", self.of(&open)), ("zip", self.of(&file))]
    }
}

#[test]
fn whatever_is_done_to_an_archive_is_seen_by_both_verifiers() {
    let world = World::new(Engine::Sqlite);
    live(&world);
    let (folder, sound) = archived(&world);
    let (own, other_key, whole) = (files(&sound), SigningKey::from_bytes(&[9; 32]), folder.path().join("whole.zip"));
    packed(&world, &whole);
    let bytes = fs::read(&whole).unwrap();
    let mark = bytes[bytes.len() - MARK_BYTES..].to_vec();
    // The control: a copy of the archive is the archive.
    assert!(zipped(&sound, Ok(&mark)) == bytes, "packed as the program does");
    let judges = Judges { world: &world, key: key_of(&world), mark };
    for (form, (ours, theirs)) in judges.judge(&own, Forger::Clumsy, &other_key) {
        assert!(ours.is_ok() && theirs.is_none_or(|(code, _)| code == 0), "{form}");
    }
    let mut tried = 0;
    for seed in 1..=asked_for() {
        let mut chance = seed;
        let mut changed = own.clone();
        let forger = [Forger::Clumsy, Forger::Careful, Forger::WithAKey][roll(&mut chance, 3)];
        let what = change(&mut changed, &mut chance);
        match forger {
            Forger::Clumsy => {}
            Forger::Careful => cover_up(&mut changed, None),
            Forger::WithAKey => cover_up(&mut changed, Some(&other_key)),
        }
        if changed == own {
            continue; // What was changed is what the forger made again.
        }
        for (form, (ours, theirs)) in judges.judge(&changed, forger, &other_key) {
            assert!(matches!(ours, Err(ArchiveError::Unsound(_))), "{form} {seed}, {forger:?}, {what}: {ours:?}");
            if let Some((code, said)) = theirs {
                assert_eq!(code, 1, "{form} {seed}, {forger:?}, {what}: {said}");
            }
        }
        tried += 1;
    }
    println!("{tried} archives changed, each as a folder and as a zip, and every one refused");
}

/// Whether the program finds this file sound.
fn is_sound(file: &Path, world: &World) -> Result<(), ArchiveError> {
    let trusted = [world.keys.seal_key().verifying_key()];
    let opened = archive::open(file, &trusted)?;
    archive::check(opened.folder(), &trusted).map(drop)
}

#[test]
fn no_bit_of_an_archive_in_one_file_can_be_another() {
    let world = World::new(Engine::Sqlite);
    live(&world);
    let folder = tempfile::tempdir().unwrap();
    let (whole, mutated) = (folder.path().join("whole.zip"), folder.path().join("mutated.zip"));
    packed(&world, &whole);
    is_sound(&whole, &world).unwrap();
    let (bytes, mut seed) = (fs::read(&whole).unwrap(), 11);
    let mut wrong: Vec<(String, Vec<u8>)> = (0..asked_for())
        .map(|_| {
            let (place, bit) = (roll(&mut seed, bytes.len()), roll(&mut seed, 8));
            let mut other = bytes.clone();
            other[place] ^= 1 << bit;
            (format!("bit {bit} of byte {place}"), other)
        })
        .collect();
    wrong.push(("cut".to_owned(), bytes[..bytes.len() - 1].to_vec()));
    wrong.push(("longer".to_owned(), [&bytes[..], b"\n"].concat()));
    wrong.push(("empty".to_owned(), Vec::new()));
    for (what, other) in wrong {
        fs::write(&mutated, other).unwrap();
        let found = is_sound(&mutated, &world);
        assert!(matches!(found, Err(ArchiveError::Unsound(_))), "{what}: {found:?}");
        if let Some((code, said)) = second_opinion(&mutated, &key_of(&world)) {
            assert_eq!(code, 1, "{what}: {said}");
        }
    }
    let stranger = SigningKey::from_bytes(&[3; 32]).verifying_key();
    assert!(matches!(archive::open(&whole, &[stranger]), Err(ArchiveError::Unsound(_))));
}
