//! Archives: the same register gives the same bytes, a register that is rebuilt from one is the same register, and whatever
//! is done to an archive is seen by a verifier that shares no code with ours (see `mutations`).

mod mutations;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use recepisse::archive::{self, ArchiveError, Imported, Manifest, Wanted};
use recepisse::audit;
use recepisse::domain::closing::{Close, Period};
use recepisse::domain::party::Role;
use recepisse::domain::redemption::{ReversalReason, Reverse};
use recepisse::domain::text::ReceiptNumber;
use recepisse::domain::time::Day;
use recepisse::receipts::seal;
use recepisse::store::{FROM_THE_JOURNAL, LEFT_OUT, Options, Store, TABLES};

use crate::acts::issuer_statements::taken;
use crate::acts::overpayments::settled;
use crate::harness::{Engine, Place, Program, Raw, World, engines, on_every_engine, told};

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
pub(crate) fn archived(world: &World) -> (tempfile::TempDir, PathBuf) {
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
pub(crate) fn crossings() -> impl Iterator<Item = (Engine, Engine)> {
    engines().iter().flat_map(|from| engines().iter().map(|to| (*from, *to)))
}

pub(crate) fn import(folder: &Path, place: &Place, world: &World) -> (Arc<Store>, Result<Imported, ArchiveError>) {
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
        assert_eq!((verified.codes_left_out, verified.passes > 0), (verified.passes, true), "an archive has no codes");
        assert_eq!(audit::rebuild(&store, &world.programme, &mut |_, _| {}).unwrap().total, 0);
        archive_until(&world, &store, None, &folder.path().join("again"));
        assert_eq!(files(&path), files(&folder.path().join("again")), "{from} to {to}");
        let (_, twice) = (store.come_to_rest(), import_again(&path, &store, &world));
        assert!(matches!(twice, Err(ArchiveError::NotEmpty)), "{twice:?}");
        go_on(world, store, place, before.position);
    }
}

/// Nobody can spend a pass of a rebuilt register, and whoever puts a code of their own under one is found.
#[test]
fn a_code_slipped_into_a_rebuilt_register_raises_the_alarm() {
    for (from, to) in crossings() {
        let world = World::new(from);
        live(&world);
        let ((_folder, path), place) = (archived(&world), Place::fresh(to));
        let (store, imported) = import(&path, &place, &world);
        imported.unwrap();
        let mut raw = Raw::on(&place);
        let bytes = if to == Engine::Sqlite { "zeroblob(32)" } else { "decode(repeat('00', 32), 'hex')" };
        raw.run(&format!("UPDATE passes SET code_mac = {bytes} WHERE id = (SELECT MAX(id) FROM passes)")).unwrap();
        let key = world.keys.seal_key().verifying_key();
        let found = audit::verify(&store, &[key], &world.programme, &mut |_, _| {}).unwrap_err();
        assert!(found.to_string().contains("codes du lot 1-1"), "{from} to {to}: {found}");
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
        assert!(verified.contains("REGISTRE RECONSTRUIT"), "{verified}");
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
