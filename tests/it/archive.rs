//! Archives: the same register gives the same bytes, a register that is rebuilt from one is the same register, and whatever
//! is done to an archive is seen by a verifier that shares no code with ours. `RECEPISSE_ARCHIVE_MUTATIONS=1000` tries so
//! many changes instead of ten.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use recepisse::archive::{self, ArchiveError, Imported, Manifest, Wanted};
use recepisse::audit;
use recepisse::domain::closing::{Close, Period};
use recepisse::domain::party::Role;
use recepisse::domain::redemption::{ReversalReason, Reverse};
use recepisse::domain::text::ReceiptNumber;
use recepisse::domain::time::Day;
use recepisse::receipts::seal;
use recepisse::store::{FROM_THE_JOURNAL, LEFT_OUT, Options, Store, TABLES};
use sha2::{Digest, Sha256};

use crate::acts::issuer_statements::taken;
use crate::acts::overpayments::settled;
use crate::harness::{Engine, Place, Program, World, engines, on_every_engine, told};

/// Two days of a programme: a booklet handed out and spent, a pass given back, the first day closed.
fn live(world: &World) {
    world.hand_out_at_maubeuge(2);
    let spent = world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=3)));
    let number = ReceiptNumber::parse(&spent.body().number).unwrap();
    world.venue_agent("LIEUX").does(Reverse { number, reason: ReversalReason::EnteredByMistake });
    world.venue_agent("LIEUX").does(world.redeem("Avesnes", world.codes(1, [2])));
    world.clock.advance_days(1);
    world.region_finance().does(Close { period: Period::Day, of: day("2021-10-04") });
    world.venue_agent("LIEUX").does(world.redeem("Avesnes", world.codes(2, [1])));
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn archive_until(world: &World, store: &Arc<Store>, until: Option<Day>, folder: &Path) -> Manifest {
    let wanted = Wanted { programme: &world.programme, from: None, until };
    archive::make(store, (world.keys.seal_key(), &[]), &wanted, folder, &mut |_, _| {}).unwrap()
}

/// The whole journal of a world, archived into a folder of its own.
fn archived(world: &World) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    assert!(archive_until(world, &world.store, None, &path).whole);
    (folder, path)
}

/// Every file below a folder, by its path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            found.insert(name, fs::read(path).unwrap());
        }
    }
    found
}

fn key_of(world: &World) -> String {
    seal::write_key(&world.keys.seal_key().verifying_key())
}

/// What the verifier beside the documents says; `None` where Python is not here.
fn second_opinion(folder: &Path, key: &str) -> Option<(i32, String)> {
    verifier_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs"), folder, key)
}

/// What the verifier of this folder says of an archive.
fn verifier_in(place: &Path, folder: &Path, key: &str) -> Option<(i32, String)> {
    let script = place.join("verify_archive.py");
    let output = Command::new("python3").arg("-I").arg(script).arg(folder).args(["--key", key]).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.code().unwrap(), said))
}

#[test]
fn the_same_register_gives_the_same_archive_byte_for_byte_on_both_engines() {
    let mut first: Option<BTreeMap<String, Vec<u8>>> = None;
    for engine in engines() {
        let world = World::new(*engine);
        live(&world);
        let ((_one, one), (_two, two)) = (archived(&world), archived(&world));
        let own = files(&one);
        assert_eq!(own, files(&two), "{engine}");
        let names: Vec<&str> = own.keys().map(String::as_str).collect();
        for name in ["NOTICE.md", "journal.jsonl", "etats/movements/prescriber-MAUB.csv", "registre/passes.csv"] {
            assert!(names.contains(&name), "{names:?}");
        }
        match &first {
            None => first = Some(own),
            Some(first) => assert_eq!(first, &own, "{engine}"),
        }
        let (beside, key) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("docs"), key_of(&world));
        for place in [&beside, &one] {
            let Some((code, said)) = verifier_in(place, &two, &key) else { continue };
            assert_eq!((code, said.lines().next()), (0, Some("VERDICT : ARCHIVE CONFORME")), "{said}");
        }
    }
}

#[test]
fn an_archive_names_nobody_and_holds_no_secret() {
    on_every_engine(|world| {
        live(world);
        let (_folder, path) = archived(world);
        let secret = hex::encode(world.codes(1, [1])[0]);
        for (name, bytes) in files(&path) {
            let text = String::from_utf8(bytes).unwrap();
            assert!(!text.contains(&secret), "{name} holds the digest of a code");
            assert!(name.contains(".py") || !text.contains("@exemple") && !text.contains("@example"), "{name}");
        }
        let accounts = fs::read_to_string(path.join("registre/users.csv")).unwrap();
        assert!(accounts.starts_with("id,organisation_id,role\n"), "{accounts}");
    });
}

/// From each engine into each.
fn crossings() -> impl Iterator<Item = (Engine, Engine)> {
    engines().iter().flat_map(|from| engines().iter().map(|to| (*from, *to)))
}

fn import(folder: &Path, place: &Place, world: &World) -> (Arc<Store>, Result<Imported, ArchiveError>) {
    let store = Arc::new(Store::open(&place.url, &Options::default()).unwrap());
    let imported = archive::import(folder, &store, &[world.keys.seal_key().verifying_key()], &mut |_, _| {});
    (store, imported)
}

#[test]
fn a_register_rebuilt_from_an_archive_is_the_same_and_goes_on_under_its_keys() {
    for (from, to) in crossings() {
        let world = World::new(from);
        live(&world);
        let before = world.journal(world.programme.no);
        let (folder, path) = archived(&world);
        let place = Place::fresh(to);
        let (store, imported) = import(&path, &place, &world);
        let Imported { verified, .. } = imported.unwrap();
        assert_eq!((&verified.head, verified.receipts), (&before.head, before.position), "{from} to {to}");
        assert_eq!(audit::rebuild(&store, &world.programme, &mut |_, _| {}).unwrap().total, 0);
        archive_until(&world, &store, None, &folder.path().join("again"));
        assert_eq!(files(&path), files(&folder.path().join("again")), "{from} to {to}");
        let (_, twice) = (store.come_to_rest(), import_again(&path, &store, &world));
        assert!(matches!(twice, Err(ArchiveError::NotEmpty)), "{twice:?}");
        go_on(world, store, place, before.position);
    }
}

#[test]
fn claims_payments_and_what_was_overpaid_are_rebuilt_from_an_archive_without_an_account() {
    is_rebuilt_without_an_account(settled);
}

#[test]
fn an_issuer_s_statement_and_its_differences_are_rebuilt_from_an_archive() {
    is_rebuilt_without_an_account(|world| drop(taken(world)));
}

fn is_rebuilt_without_an_account(life: impl Fn(&World)) {
    for (from, to) in crossings() {
        let world = World::new(from);
        life(&world);
        let (folder, path) = archived(&world);
        for (name, bytes) in files(&path) {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("30001007941234567890185") && !text.contains("30006000011234567890189"), "{name}");
        }
        let (store, imported) = import(&path, &Place::fresh(to), &world);
        assert_eq!(imported.unwrap().verified.head, world.journal(world.programme.no).head, "{from} to {to}");
        assert_eq!(audit::rebuild(&store, &world.programme, &mut |_, _| {}).unwrap().total, 0);
        archive_until(&world, &store, None, &folder.path().join("again"));
        assert_eq!(files(&path), files(&folder.path().join("again")), "{from} to {to}");
    }
}

fn import_again(folder: &Path, store: &Arc<Store>, world: &World) -> Result<Imported, ArchiveError> {
    archive::import(folder, store, &[world.keys.seal_key().verifying_key()], &mut |_, _| {})
}

/// An account of the old register is opened again, and the next receipt follows the last one of the archive.
fn go_on(world: World, store: Arc<Store>, place: Place, position: i64) {
    let id = world.user("HDF", Role::RegionAdmin);
    store
        .write(|tx| {
            let mut user = tx.user(id)?.unwrap();
            assert!(!user.active, "nobody signs in on an account of the archive");
            user.active = true;
            user.version += 1;
            assert!(tx.update_user(&user)?);
            Ok::<_, recepisse::store::StoreError>(())
        })
        .unwrap();
    drop(store);
    let world = world.restarted(place, None);
    let receipt = world.region_admin().does(world.order("CMD-2", 3));
    assert_eq!((receipt.body().position, receipt.body().prev.len()), (position + 1, 64));
    let key = world.keys.seal_key().verifying_key();
    audit::verify(&world.store, &[key], &world.programme, &mut |_, _| {}).unwrap();
}

#[test]
fn an_archive_of_past_days_has_their_journal_and_accounts_and_rebuilds_nothing() {
    on_every_engine(|world| {
        live(world);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("day");
        let manifest = archive_until(world, &world.store, Some(day("2021-10-04")), &path);
        assert_eq!((manifest.whole, manifest.until.as_str()), (false, "2021-10-04"));
        assert_eq!(manifest.receipts, world.journal(world.programme.no).position - 2);
        assert!(!path.join("registre/balances.csv").exists() && path.join("registre/orders.csv").exists());
        world.venue_agent("LIEUX").does(world.redeem("Avesnes", world.codes(2, [2])));
        let again = folder.path().join("again");
        archive_until(world, &world.store, Some(day("2021-10-04")), &again);
        assert_eq!(files(&path), files(&again), "what happens later changes nothing");
        if let Some((code, said)) = second_opinion(&path, &key_of(world)) {
            assert_eq!(code, 0, "{said}");
        }
        let (_, imported) = import(&path, &Place::fresh(world.engine()), world);
        assert!(matches!(imported, Err(ArchiveError::NotWhole(_))), "{imported:?}");
    });
}

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

#[test]
fn whatever_is_done_to_an_archive_is_seen_by_both_verifiers() {
    let world = World::new(Engine::Sqlite);
    live(&world);
    let (_folder, sound) = archived(&world);
    let (own, key, other_key) = (files(&sound), key_of(&world), SigningKey::from_bytes(&[9; 32]));
    let trusted = [world.keys.seal_key().verifying_key()];
    let judge = |files: &BTreeMap<String, Vec<u8>>| {
        let folder = tempfile::tempdir().unwrap();
        put(files, folder.path());
        (archive::check(folder.path(), &trusted), second_opinion(folder.path(), &key))
    };
    // The control: a copy of the archive is the archive.
    let (ours, theirs) = judge(&own);
    assert!(ours.is_ok() && theirs.is_none_or(|(code, _)| code == 0));
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
        let (ours, theirs) = judge(&changed);
        assert!(matches!(ours, Err(ArchiveError::Unsound(_))), "{seed}, {forger:?}, {what}: {ours:?}");
        if let Some((code, said)) = theirs {
            assert_eq!(code, 1, "{seed}, {forger:?}, {what}: {said}");
        }
    }
}

#[test]
fn every_table_and_column_is_carried_or_left_out_on_purpose() {
    on_every_engine(|world| {
        let objects = world.store.objects().unwrap();
        let columns = objects.iter().filter_map(|line| line.strip_prefix("column ")?.split_once(':'));
        let stored: BTreeSet<(&str, &str)> = columns.filter_map(|(column, _)| column.split_once('.')).collect();
        let left = |table: &str| FROM_THE_JOURNAL.contains(&table) || LEFT_OUT.iter().any(|(name, _)| *name == table);
        let decided: BTreeSet<(&str, &str)> = TABLES
            .iter()
            .flat_map(|table| table.columns.iter().map(|column| (table.name, column.name)))
            .chain(stored.iter().copied().filter(|(table, _)| left(table)))
            .collect();
        assert_eq!(stored, decided, "src/store/carried.rs says of every table and column what an archive does with it");
    });
}

fn done(output: &std::process::Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&output.stdout), told(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_reversibility_drill_typed_by_an_operator() {
    for engine in engines() {
        let (program, place, target) = (Program::new(), Place::empty(*engine), Place::empty(*engine));
        let on = |url: &str, arguments: &[&str]| program.run(&[arguments, &["--database", url]].concat());
        done(&on(&place.url, &["demo", "--no-serve"]));
        let said = done(&on(&place.url, &["archive", "--output", "archive"]));
        assert!(said.contains("Archive faite dans archive.") && said.contains("dernière empreinte"), "{said}");
        assert_eq!(on(&place.url, &["archive", "--output", "archive"]).status.code(), Some(1), "never over another");
        let later = on(&place.url, &["archive", "--output", "later", "--until", "2199-12-31"]);
        assert!(told(&later).contains("n'est pas encore passé"), "{}", told(&later));
        let checked = done(&program.run(&["verify-archive", "archive"]));
        assert!(checked.contains("archive conforme") && checked.contains("NON VÉRIFIÉ"), "{checked}");
        let put_back = done(&on(&target.url, &["import-archive", "--archive", "archive"]));
        assert!(put_back.contains("même dernière empreinte") && put_back.contains("les codes des pass"), "{put_back}");
        let head = |text: &str| text.split("dernière empreinte ").nth(1).map(|rest| rest[..64].to_owned());
        assert_eq!(head(&said), head(&put_back));
        let verified = done(&on(&target.url, &["verify"]));
        assert!(verified.starts_with("HDF21 : conforme.") && head(&verified) == head(&said), "{verified}");
        let again = on(&target.url, &["import-archive", "--archive", "archive"]);
        assert!(told(&again).contains("contient déjà un registre"), "{}", told(&again));
        fs::write(program.folder().join("archive/NOTICE.md"), "autre chose").unwrap();
        let broken = program.run(&["verify-archive", "archive"]);
        assert_eq!(broken.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&broken.stdout).contains("somme de contrôle différente"));
    }
}

fn packed(world: &World, file: &Path) -> Manifest {
    let wanted = Wanted { programme: &world.programme, from: None, until: None };
    archive::make_packed(&world.store, (world.keys.seal_key(), &[]), &wanted, file, &mut |_, _| {}).unwrap()
}

/// Whether the program finds this file sound.
fn is_sound(file: &Path, world: &World) -> Result<(), ArchiveError> {
    let trusted = [world.keys.seal_key().verifying_key()];
    let opened = archive::open(file, &trusted)?;
    archive::check(opened.folder(), &trusted).map(drop)
}

#[test]
fn an_archive_in_one_file_is_the_folder_and_the_same_bytes_each_time_and_rebuilds_the_register() {
    let mut first: Option<Vec<u8>> = None;
    for engine in engines() {
        let world = World::new(*engine);
        live(&world);
        let (folder, path) = archived(&world);
        let [one, two] = ["one.zip", "two.zip"].map(|name| folder.path().join(name));
        assert!(packed(&world, &one).whole && packed(&world, &two).whole);
        let bytes = fs::read(&one).unwrap();
        assert_eq!(bytes, fs::read(&two).unwrap(), "{engine}");
        assert_eq!(first.get_or_insert_with(|| bytes.clone()), &bytes, "{engine}");
        let taken = Wanted { programme: &world.programme, from: None, until: None };
        let again =
            archive::make_packed(&world.store, (world.keys.seal_key(), &[]), &taken, &one, &mut |_, _| {}).unwrap_err();
        assert!(again.to_string().contains("existe déjà"), "{again}");
        let opened = archive::open(&one, &[]).unwrap();
        assert_eq!(files(opened.folder()), files(&path), "{engine}");
        let (_, imported) = import(opened.folder(), &Place::fresh(*engine), &world);
        assert_eq!(imported.unwrap().verified.head, world.journal(world.programme.no).head, "{engine}");
        if let Some((code, said)) = second_opinion(&one, &key_of(&world)) {
            assert_eq!((code, said.lines().next()), (0, Some("VERDICT : ARCHIVE CONFORME")), "{said}");
        }
    }
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
