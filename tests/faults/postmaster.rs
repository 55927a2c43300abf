//! F-09: the whole of PostgreSQL killed under load and started again. The service recovers by itself. What never lives
//! here: the oracle, or the server that the other suites share.

use std::fs;
use std::os::unix::fs::chown;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::harness::{
    Engine, Passed, Register, Relay, Service, alone, audit, bar, chance, engines, judge, open_gate, persist, postgres,
    settle, tell, through,
};

const CLIENTS: usize = 16;
const PATIENCE: Duration = Duration::from_mins(1);
/// Load before a kill, in milliseconds.
const EARLIEST: u64 = 200;
const SPREAD: usize = 600;

/// A PostgreSQL of this suite's own.
struct Postmaster {
    folder: TempDir,
    account: postgres::Account,
    settings: &'static [&'static str],
    child: Option<Child>,
}

impl Postmaster {
    fn new(settings: &'static [&'static str]) -> Self {
        let folder = tempfile::Builder::new().prefix("recepisse-pm-").tempdir_in("/tmp").unwrap();
        let account = postgres::account(folder.path()).unwrap();
        if let Some((uid, gid)) = account {
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
        }
        let mut initdb = postgres::as_account(Command::new(binary("initdb")), account);
        initdb.arg("-D").arg(folder.path().join("data")).args(["-U", "recepisse", "-A", "trust", "-E", "UTF8"]);
        let made = initdb.args(["--locale=C", "--no-sync"]).current_dir("/").output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut postmaster = Self { folder, account, settings, child: None };
        postmaster.start();
        postmaster
    }

    /// Starts it, again while the processes of a killed one have not all gone. Without `fsync`: what is killed here is the
    /// processes, and the system keeps what they wrote.
    fn start(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.child.is_none() {
            assert!(Instant::now() < deadline, "{}", fs::read_to_string(self.log()).unwrap_or_default());
            let mut server = postgres::as_account(Command::new(binary("postgres")), self.account);
            server.arg("-D").arg(self.folder.path().join("data")).arg("-k").arg(self.folder.path());
            server.args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=100"]);
            server.args(self.settings.iter().flat_map(|setting| ["-c", setting])).current_dir("/");
            server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(self.log()).unwrap());
            let mut child = server.spawn().unwrap();
            while child.try_wait().unwrap().is_none() && self.child.is_none() {
                if postgres::connect(&self.url("postgres")).is_ok() {
                    self.child = Some(child);
                    break;
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
    }

    /// `kill -9`: its children see that it is gone and go too, without a word to anybody's log.
    fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn log(&self) -> std::path::PathBuf {
        self.folder.path().join("log")
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://recepisse@/{database}?host={}", self.folder.path().display())
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}

fn binary(name: &str) -> std::path::PathBuf {
    postgres::cluster().unwrap().binaries.join(name)
}

#[test]
fn postgresql_killed_under_load_loses_nothing_and_the_service_recovers_by_itself() {
    let _machine = alone();
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let kills = bar("RECEPISSE_FAULT_POSTMASTER", 5);
    let mut postmaster = Postmaster::new(&[]);
    let register = Register::prepare_at(Engine::Postgres, postmaster.url("postgres"), kills * 8_000, 0);
    let service = Service::start(&register);
    let addresses = Mutex::new(vec![service.address]);
    let disturb = || {
        for _ in 0..kills {
            thread::sleep(Duration::from_millis(EARLIEST + u64::try_from(chance(SPREAD)).unwrap()));
            postmaster.kill();
            postmaster.start();
        }
        thread::sleep(Duration::from_millis(EARLIEST));
    };
    let mut course = persist(&register, &addresses, CLIENTS, |_| {}, disturb);
    assert!(course.retries > 0, "the kills met no load");
    assert_eq!(settle(&register, &service, &mut course.journal).unwrap().unknown, 0);
    let verdict = judge(&register, &course.journal).unwrap();
    assert_eq!(verdict.refused, 0);
    audit(&register).unwrap();
    tell(&format!(
        "F-09: PostgreSQL killed {kills} times under load, {} acts acknowledged, 0 lost, 0 gaps, {} attempts without an \
         answer; slowest definite answer {} ms, the server's own restart included",
        verdict.granted,
        course.retries,
        course.slowest.as_millis()
    ));
}

/// Nothing is written to the log until somebody must: the widest window in which a commit is only in memory.
const LAZY: &[&str] = &["wal_writer_delay=10s", "wal_writer_flush_after=1GB", "wal_buffers=64MB"];

/// The positive control: the program's own setting, taken back on its way, so that a commit is answered before it is in
/// the log.
#[test]
fn the_oracle_convicts_commits_that_are_answered_before_they_are_logged() {
    let _machine = alone();
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let mut postmaster = Postmaster::new(LAZY);
    let register = Register::prepare_at(Engine::Postgres, postmaster.url("postgres"), 4_000, 0);
    let (_relay, url) = Relay::to_postgres(&register.place.database, || {
        let forgetful =
            |bytes: &[u8]| Passed::on(replaced(bytes, b"synchronous_commit = on", b"synchronous_commit= off"));
        (Box::new(forgetful), open_gate())
    });
    let service = through(&register, url);
    let addresses = Mutex::new(vec![service.address]);
    let disturb = || {
        thread::sleep(Duration::from_secs(2));
        postmaster.kill();
        postmaster.start();
    };
    let course = persist(&register, &addresses, CLIENTS, |_| {}, disturb);
    let wrong = judge(&register, &course.journal).expect_err("the oracle is blind");
    let lost = wrong.iter().filter(|sentence| sentence.contains("and lost")).count();
    assert!(lost > 0, "{wrong:?}");
    tell(&format!("F-09 control: with synchronous_commit off, {lost} acknowledged acts were lost, and convicted"));
}

/// The bytes with every `old` replaced by a `new` of the same length.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let mut bytes = bytes.to_vec();
    while let Some(place) = bytes.windows(old.len()).position(|window| window == old) {
        bytes[place..place + old.len()].copy_from_slice(new);
    }
    bytes
}
