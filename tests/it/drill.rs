//! The restore drill: an older copy is put back, and the register notices, refuses to write, says so, and goes on once two
//! people have declared it. The same drill without anything outside the database is the control: nobody notices, and a
//! number is given twice.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::rt::System;
use recepisse::audit;
use recepisse::backup::{self, BackupError, Manifest, Source};
use recepisse::domain::party::Role;
use recepisse::ledger::{Answer, Heads, Outcome};
use recepisse::store::{Options, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Engine, Http, Place, Raw, World, engines};

/// PostgreSQL's own programs, where they are.
fn programs(engine: Engine) -> Option<PathBuf> {
    (engine == Engine::Postgres).then(|| crate::harness::cluster().unwrap().binaries.clone())
}

/// Where nothing is: no file, or a database without a table.
fn nowhere(engine: Engine) -> Place {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let mut place = Place::fresh(engine);
    if engine == Engine::Postgres {
        let name = format!("drill{}", NEXT.fetch_add(1, Ordering::SeqCst));
        place.url = crate::harness::cluster().unwrap().create_empty_database(&name);
    }
    place
}

/// The file of a database, where it is one.
fn file(place: &Place) -> Option<PathBuf> {
    place.url.strip_prefix("sqlite:").map(Into::into)
}

/// Pass `rank` of booklet 1, spent under a key of its own.
fn spend(world: &World, rank: u8) -> Answer {
    let key = format!("a-key-for-pass-{rank:02}");
    world.venue_agent("LIEUX").asks_with_key(&key, "body", world.redeem("Maubeuge", world.codes(1, [rank]))).unwrap()
}

fn number(answer: &Answer) -> &str {
    match &answer.outcome {
        Outcome::Granted(receipt) => &receipt.body().number,
        Outcome::Refused(refusal) => panic!("{refusal:?}"),
    }
}

/// A backup of the world, taken while somebody writes.
fn back_up(world: &World, folder: &Path) -> Manifest {
    let key = world.keys.seal_key().verifying_key();
    let (options, programs) = (Options::default(), programs(world.engine()));
    let source = Source { url: &world.place.url, options: &options, programs: programs.as_deref() };
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| (1..=3).for_each(|rank| drop(spend(world, rank))));
        let made = backup::make(&source, folder, world.now(), Some(&[key])).unwrap();
        busy.join().unwrap();
        made
    })
}

/// The backup put back where nothing is.
fn put_back(folder: &Path, engine: Engine) -> Place {
    let place = nowhere(engine);
    let (options, programs) = (Options::default(), programs(engine));
    let target = Source { url: &place.url, options: &options, programs: programs.as_deref() };
    let file = file(&place);
    backup::put_back(folder, &target, file.as_deref()).unwrap();
    // And never over what is there.
    let again = backup::put_back(folder, &target, file.as_deref());
    assert!(matches!(again, Err(BackupError::Folder(_) | BackupError::Store(_))), "{engine}: {again:?}");
    place
}

/// A world that was backed up, went on, was stopped, and was put back to the backup; with the last number that was given
/// out before it stopped, and the last head that clients saw.
struct Drill {
    world: World,
    lost: String,
    head: String,
    /// Receipts given out in all.
    known: i64,
    folder: TempDir,
}

fn drill(engine: Engine, remembering: bool) -> Drill {
    let folder = tempfile::tempdir().unwrap();
    let head_file = remembering.then(|| folder.path().join("heads"));
    let mut world = World::new(engine);
    let place = std::mem::replace(&mut world.place, Place::fresh(Engine::Sqlite));
    let world = world.restarted(place, head_file.clone());
    world.hand_out_at_maubeuge(1);
    let manifest = back_up(&world, &folder.path().join("copy"));
    assert!(manifest.verified);
    let lost = number(&(4..=6).map(|rank| spend(&world, rank)).next_back().unwrap()).to_owned();
    let known = world.journal(world.programme.no).position;
    let head = world.ledger.heads().to_show("HDF21").unwrap().to_string();
    assert!(manifest.programmes[0].position < known);
    let world = world.restarted(put_back(&folder.path().join("copy"), engine), head_file);
    assert_eq!(world.journal(world.programme.no).position, manifest.programmes[0].position);
    Drill { world, lost, head, known, folder }
}

fn redemption(world: &World, rank: u8) -> Value {
    super::http::requests::redemption_body(world, 1, &[rank])
}

/// What the verifier beside the documents says of the journal, where Python is here.
fn second_opinion(world: &World, folder: &Path) -> Option<String> {
    let path = folder.join("journal.jsonl");
    let key = world.keys.seal_key().verifying_key();
    let mut file = std::fs::File::create(&path).unwrap();
    audit::write_journal(&world.store, &[key], &world.programme, &mut file, &mut |_, _| {}).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify_journal.py");
    let output = Command::new("python3").arg("-I").arg(script).arg(&path).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn an_older_copy_is_noticed_and_writing_goes_on_once_two_people_have_said_so() {
    for engine in engines() {
        let Drill { world, lost, known, folder, .. } = drill(*engine, true);
        let kept = world.journal(world.programme.no).position;
        System::new().block_on(async {
            let http = Http::over(&world).await;
            let (admin, finance) = (http.region_admin(), http.who("HDF", Role::RegionFinance));
            let venue = http.venue_agent("LIEUX");
            let (route, spend) = ("/programmes/HDF21/restore", "/programmes/HDF21/redemptions");
            let confirm = "/programmes/HDF21/restore/confirmation";
            let refused = venue.post_under("a-key-that-is-kept", spend, redemption(&world, 7)).await;
            refused.is_refused(503, "ledger_rolled_back");
            assert!(refused.header("Retry-After").is_some());
            assert_eq!(http.anonymous().get("/ready").await.done()["frozen_programmes"], json!(["HDF21"]));
            assert_eq!(venue.get("/programmes/HDF21/receipts").await.status, 200, "reading goes on");
            let state = finance.get(route).await.done();
            assert_eq!((&state["frozen"], &state["loss"]["receipts_lost"]), (&json!(true), &json!(known - kept)));
            finance.post(confirm, json!({})).await.is_refused(409, "restore_not_declared");
            admin.post(route, json!({ "reason": "drill" })).await.done();
            venue
                .post_under("a-key-that-is-kept", spend, redemption(&world, 7))
                .await
                .is_refused(503, "ledger_rolled_back");
            admin.post(confirm, json!({})).await.is_refused(403, "forbidden");
            finance.post(&format!("{confirm}?dry_run=true"), json!({})).await.done();
            let receipt = finance.post(confirm, json!({})).await.receipt();
            assert_eq!((&receipt["kind"], &receipt["position"]), (&json!("restore"), &json!(kept + 1)));
            let granted = venue.post_under("a-key-that-is-kept", spend, redemption(&world, 7)).await;
            let given = granted.receipt()["number"].as_str().unwrap().to_owned();
            assert!(given.starts_with("HDF21-LIEUX-2021E2-"), "{given}");
            assert_ne!(given, lost);
            assert!(granted.header("Ledger-Head").unwrap().starts_with(&format!("HDF21 2 {} ", kept + 2)));
            let again = venue.post_under("a-key-that-is-kept", spend, redemption(&world, 7)).await;
            assert_eq!((again.header("Idempotent-Replay"), &again.bytes), (Some("true"), &granted.bytes));
            assert_eq!(http.anonymous().get("/ready").await.done()["frozen_programmes"], json!([]));
        });
        let key = world.keys.seal_key().verifying_key();
        let verified = audit::verify(&world.store, &[key], &world.programme, &mut |_, _| {}).unwrap();
        assert_eq!(verified.gaps.len(), 1);
        let gap = &verified.gaps[0];
        assert_eq!((gap.epoch, gap.restored_position, gap.last_known_position), (2, kept, known));
        assert_eq!(audit::rebuild(&world.store, &world.programme, &mut |_, _| {}).unwrap().total, 0);
        if let Some(said) = second_opinion(&world, folder.path()) {
            let wanted = format!("PERTE DÉCLARÉE : {} récépissés au moins après la position {kept}", known - kept);
            assert!(said.contains("JOURNAL INTACT") && said.contains(&wanted), "{said}");
        }
        // What survived is answered again under its key, what was lost is done anew: both are definite.
        assert!(spend(&world, 1).replayed || number(&spend(&world, 1)).contains("E2"));
        assert!(number(&spend(&world, 6)).starts_with("HDF21-LIEUX-2021E2-"));
    }
}

/// The control: this is what the file is for.
#[test]
fn without_the_file_nobody_notices_and_a_number_is_given_twice() {
    for engine in engines() {
        let Drill { world, lost, .. } = drill(*engine, false);
        assert!(world.ledger.heads().frozen().is_empty(), "{engine}");
        let twice = (7..=9).map(|rank| number(&spend(&world, rank)).to_owned()).any(|number| number == lost);
        assert!(twice || number(&spend(&world, 10)) == lost, "{engine}: {lost}");
    }
}

/// And this is what clients are for.
#[test]
fn without_the_file_a_client_that_shows_its_last_head_is_enough() {
    for engine in engines() {
        let Drill { world, head, .. } = drill(*engine, false);
        System::new().block_on(async {
            let http = Http::over(&world).await;
            let venue = http.venue_agent("LIEUX");
            let before = venue.get("/programmes/HDF21/receipts").await;
            assert_ne!(before.header("Ledger-Head"), Some(head.as_str()));
            let request = venue.request(actix_web::http::Method::GET, "/programmes/HDF21/receipts").await;
            assert_eq!(http.send(request.insert_header(("Ledger-Head", head.as_str()))).await.status, 200);
            let refused = venue.post("/programmes/HDF21/redemptions", redemption(&world, 7)).await;
            refused.is_refused(503, "ledger_rolled_back");
        });
    }
}

#[test]
fn who_is_told_nothing_of_a_programme_is_not_told_its_head() {
    crate::harness::over_every_engine(
        |world| world.stock_up(1),
        async |http| {
            let (route, name) = ("/programmes/HDF21/receipts", "Ledger-Head");
            assert!(http.region_admin().get(route).await.header(name).is_some());
            assert!(http.anonymous().get(route).await.header(name).is_none());
            assert!(http.who("AIDES", Role::Platform).get(route).await.header(name).is_none());
            assert!(http.region_admin().get("/programmes/HDF22/receipts").await.header(name).is_none());
            assert!(http.region_admin().get("/programmes").await.header(name).is_none());
        },
    );
}

#[test]
fn a_backup_that_was_touched_is_not_put_back() {
    let world = World::new(Engine::Sqlite);
    world.stock_up(2);
    let folder = tempfile::tempdir().unwrap();
    let (copy, options) = (folder.path().join("copy"), Options::default());
    let source = Source { url: &world.place.url, options: &options, programs: None };
    let manifest = backup::make(&source, &copy, world.now(), None).unwrap();
    assert!(!manifest.verified);
    assert_eq!(backup::read(&copy).unwrap(), manifest);
    assert!(matches!(backup::make(&source, &copy, world.now(), None), Err(BackupError::Folder(_))));
    let copied = copy.join(&manifest.file);
    let mut bytes = std::fs::read(&copied).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&copied, bytes).unwrap();
    let place = nowhere(Engine::Sqlite);
    let target = Source { url: &place.url, options: &options, programs: None };
    let refused = backup::put_back(&copy, &target, file(&place).as_deref());
    assert!(matches!(refused, Err(BackupError::Damaged(_))), "{refused:?}");
    assert!(!file(&place).unwrap().exists());
    std::fs::write(copy.join("manifest.json"), "{}").unwrap();
    assert!(matches!(backup::put_back(&copy, &target, None), Err(BackupError::NoManifest(_))));
}

#[test]
fn a_copy_that_does_not_verify_is_not_kept() {
    let world = World::new(Engine::Sqlite);
    world.stock_up(2);
    let mut raw = Raw::on(&world.place);
    raw.run("UPDATE balances SET passes = passes + 1 WHERE holder = 'store'").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (copy, options) = (folder.path().join("copy"), Options::default());
    let source = Source { url: &world.place.url, options: &options, programs: None };
    let key = world.keys.seal_key().verifying_key();
    let refused = backup::make(&source, &copy, world.now(), Some(&[key]));
    assert!(matches!(refused, Err(BackupError::Unsound { .. })), "{refused:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// What a kill leaves: the file and its write-ahead log, as they are at this moment.
fn image(world: &World) -> (Vec<u8>, Vec<u8>) {
    let file = file(&world.place).unwrap();
    let wal = PathBuf::from(format!("{}-wal", file.display()));
    (std::fs::read(file).unwrap(), std::fs::read(wal).unwrap())
}

/// The programmes that are frozen when this image is opened with what the file remembers.
fn frozen(world: &World, (file, wal): (&[u8], Option<&[u8]>), heads: Option<&str>) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    std::fs::write(&path, file).unwrap();
    if let Some(wal) = wal {
        std::fs::write(folder.path().join("ledger.sqlite-wal"), wal).unwrap();
    }
    let head_file = heads.map(|text| {
        let path = folder.path().join("heads");
        std::fs::write(&path, text).unwrap();
        path
    });
    let store = Store::open(&format!("sqlite:{}", path.display()), &Options::default()).unwrap();
    Heads::open(&store, &world.keys, head_file).unwrap().frozen()
}

/// F-07: every way of losing a write-ahead log, and none is overlooked.
#[test]
fn a_write_ahead_log_that_was_lost_cut_or_exchanged_is_noticed_every_time() {
    let world = World::new(Engine::Sqlite);
    world.hand_out_at_maubeuge(1);
    drop((spend(&world, 1), spend(&world, 2)));
    let (older_file, older_wal) = image(&world);
    drop((spend(&world, 3), spend(&world, 4)));
    let (file, wal) = image(&world);
    assert_eq!(older_file, file, "nothing was moved into the file in between");
    let heads = format!("recepisse-heads-1\n{}\n", world.ledger.heads().to_show("HDF21").unwrap());
    let lost = [Some("HDF21".to_owned())].into_iter().flatten().collect::<Vec<_>>();
    assert!(frozen(&world, (&file, Some(&wal)), Some(&heads)).is_empty(), "a plain kill loses nothing");
    assert_eq!(frozen(&world, (&file, None), Some(&heads)), lost, "deleted");
    assert_eq!(frozen(&world, (&file, Some(&older_wal)), Some(&heads)), lost, "an older one");
    let mut tried = 0;
    for part in 0..20 {
        let cut = wal.len() * part / 20;
        assert_eq!(frozen(&world, (&file, Some(&wal[..cut])), Some(&heads)), lost, "cut at {cut}");
        tried += 1;
    }
    assert_eq!(frozen(&world, (&file, Some(&wal[..wal.len() - 1])), Some(&heads)), lost, "one byte short");
    assert_eq!(tried, 20);
    // The control: without the file an older log passes for the truth.
    assert!(frozen(&world, (&file, Some(&older_wal)), None).is_empty());
}
