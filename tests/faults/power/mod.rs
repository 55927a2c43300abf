//! F-03: the power goes. The server's every write is recorded, the disk of any moment is made again with what was not
//! flushed lost, kept or torn, and the ledger's own verification judges what opens from it: it must be whole, and hold
//! everything that had been answered. What never lives here: a short cut past `Store::open`.

mod disk;
mod images;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use disk::{Disk, Event, Files};
use images::{Judged, Recording};

use crate::harness::{Engine, Entry, PROGRAM, Place, Register, Service, Told, alone, bar, compile, tell};

/// Enough that the log starts anew even where every group holds both clients (some twenty pages each, 4,096 to a log).
const REDEMPTIONS: u64 = 500;
const DELIVERIES: u32 = 12;

/// The same command, recorded.
fn recorded(mut command: Command, log: &Path, folder: &Path) -> Command {
    let library = compile("recorder", include_str!("recorder.c"));
    command.env("LD_PRELOAD", library).env("RECORDER_LOG", log).env("RECORDER_FOLDER", folder);
    command
}

/// The files that are there before the recording, which a clean end has left.
fn files(folder: &Path) -> Files {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let databases = entries.filter(|path| path.extension().is_some_and(|extension| extension == "sqlite"));
    databases.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
}

/// Records a server while `ask` asks it, then stops it.
fn record(register: Register, ask: impl FnOnce(&Register, &Service) -> Vec<Entry>) -> Recording {
    let file = register.database_file();
    let folder = file.parent().unwrap().to_owned();
    let log = register.file("power.log");
    let before = files(&folder);
    let start = |command| recorded(command, &log, &folder);
    let mut service = Service::try_start(&register, start).unwrap();
    let asked = ask(&register, &service);
    service.terminate();
    service.end_within(Duration::from_secs(30)).expect("the server does not end");
    let granted = asked.iter().filter(|entry| matches!(entry.told, Told::Granted(_))).count();
    assert_eq!(granted, asked.len(), "nothing is harmed while it is recorded");
    let events = disk::read(&std::fs::read(&log).unwrap());
    let answers = events.iter().filter(|event| matches!(event, Event::Answered(_))).count();
    assert_eq!(answers, granted, "the recorder has missed answers");
    Recording {
        disk: Disk::with(&folder.display().to_string(), before),
        events,
        database: file,
        register: Some(register),
    }
}

/// Redemptions one after the other by two clients: the log fills, is brought back into the database, and starts anew.
fn redemptions() -> Recording {
    record(Register::prepare(Engine::Sqlite, 600, 20), |register, service| {
        let ask = || {
            let mut connection = service.connect().unwrap();
            let mut one = |_| {
                let mut entry = Entry::redemption(register, register.draw_pass().unwrap());
                entry.send(register, &mut connection);
                entry
            };
            (0..REDEMPTIONS / 2).map(&mut one).collect::<Vec<_>>()
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(ask);
            let mut asked = ask();
            asked.extend(other.join().unwrap());
            asked
        })
    })
}

/// Deliveries: few acts with many pages each.
fn deliveries() -> Recording {
    record(Register::prepare(Engine::Sqlite, 10, 20), |register, service| {
        let mut connection = service.connect().unwrap();
        let mut asked = vec![Entry::order(register, "CMD-2", 10 * DELIVERIES)];
        asked[0].send(register, &mut connection);
        for _ in 0..DELIVERIES {
            let mut entry = Entry::delivery(register, "CMD-2", 10);
            entry.send(register, &mut connection);
            asked.push(entry);
        }
        asked
    })
}

/// A database that is being made.
fn migration() -> (Recording, Place) {
    let place = Place::empty(Engine::Sqlite);
    let file = PathBuf::from(place.url.trim_start_matches("sqlite:"));
    let folder = file.parent().unwrap();
    let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("power-migration.log");
    drop(std::fs::remove_file(&log));
    let mut command = Command::new(PROGRAM);
    command.args(["migrate", "--database", &place.url, "--data-dir", env!("CARGO_TARGET_TMPDIR")]);
    assert!(recorded(command, &log, folder).output().unwrap().status.success());
    let events = disk::read(&std::fs::read(&log).unwrap());
    let disk = Disk::with(&folder.display().to_string(), Files::new());
    (Recording { disk, events, database: file, register: None }, place)
}

fn judged(name: &str, recording: &Recording, images: u32) {
    let Judged { images, wrong, beyond, .. } = recording.judge(images);
    assert!(wrong.is_empty(), "{name}: {} of {images} images: {:#?}", wrong.len(), &wrong[..wrong.len().min(10)]);
    tell(&format!(
        "F-03 {name}: {images} crash images of {} writes and {} flushes, {} answers: 0 corrupt, 0 acknowledged lost; {beyond} \
         held more than was answered",
        recording.count(|event| matches!(event, Event::Written { .. })),
        recording.count(|event| matches!(event, Event::Flushed { .. })),
        recording.count(|event| matches!(event, Event::Answered(_))),
    ));
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_goes() {
    let _machine = alone();
    let images = bar("RECEPISSE_FAULT_IMAGES", 2_000);
    let redemptions = redemptions();
    let starts = redemptions.count(|event| matches!(event, Event::Written { file, offset: 0, .. } if is_log(file)));
    assert!(starts > 1, "the log was never brought back into the database and started anew");
    judged("redemptions", &redemptions, images / 10 * 6);
    convict_normal(redemptions, images / 20);
    judged("deliveries", &deliveries(), images / 10 * 3);
    judged("migration", &migration().0, images / 10);
}

fn is_log(file: &str) -> bool {
    file.ends_with("-wal")
}

/// The positive control, on the same recording: with `synchronous=NORMAL` SQLite flushes its log only when it brings it
/// back into the database. Those flushes stay, the others are struck out.
fn convict_normal(mut recording: Recording, images: u32) {
    let on_files: Vec<usize> =
        (0..recording.events.len()).filter(|place| !matches!(recording.events[*place], Event::Answered(_))).collect();
    let mut struck = Vec::new();
    for (place, next) in on_files.iter().zip(on_files.iter().skip(1)) {
        let before_a_checkpoint = matches!(&recording.events[*next], Event::Written { file, .. } if !is_log(file));
        if matches!(&recording.events[*place], Event::Flushed { file } if is_log(file)) && !before_a_checkpoint {
            struck.push(*place);
        }
    }
    assert!(!struck.is_empty());
    for place in struck.into_iter().rev() {
        recording.events.remove(place);
    }
    let Judged { images, lost, .. } = recording.judge(images);
    assert!(lost > 0, "with synchronous=NORMAL nothing was lost: the judge is blind");
    tell(&format!("F-03 control: with synchronous=NORMAL {lost} of {images} images lost acknowledged acts, convicted"));
}
