//! F-09: the whole of PostgreSQL killed under load and started again. The service recovers by itself. What never lives
//! here: the oracle; the server that the other suites share; or a control: a database that answers before it has logged is
//! refused at the start, and the oracle is tried in `cuts`.

use std::fs;
use std::os::unix::fs::chown;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::harness::{
    Engine, Register, Service, alone, audit, bar, chance, engines, judge, persist, postgres, settle, tell,
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
    child: Option<Child>,
}

impl Postmaster {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("recepisse-pm-").tempdir_in("/tmp").unwrap();
        let account = postgres::account(folder.path()).unwrap();
        if let Some((uid, gid)) = account {
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
        }
        let mut initdb = postgres::as_account(Command::new(binary("initdb")), account);
        initdb.arg("-D").arg(folder.path().join("data")).args(["-U", "recepisse", "-A", "trust", "-E", "UTF8"]);
        let made = initdb.args(["--locale=C", "--no-sync"]).current_dir("/").output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut postmaster = Self { folder, account, child: None };
        postmaster.start();
        postmaster
    }

    /// Starts it, again while the processes of a killed one have not all gone; with `fsync`, or the service refuses it.
    fn start(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.child.is_none() {
            assert!(Instant::now() < deadline, "{}", fs::read_to_string(self.log()).unwrap_or_default());
            let mut server = postgres::as_account(Command::new(binary("postgres")), self.account);
            server.arg("-D").arg(self.folder.path().join("data")).arg("-k").arg(self.folder.path());
            server.args(["-c", "listen_addresses=", "-c", "max_connections=100"]);
            server.current_dir("/");
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
    let mut postmaster = Postmaster::new();
    let register = Register::prepare_at(Engine::Postgres, postmaster.url("postgres"), kills * 8_000, 0);
    let service = Service::start(&register);
    let addresses = Mutex::new(vec![service.address]);
    let mut restart = Duration::ZERO;
    let disturb = || {
        for _ in 0..kills {
            thread::sleep(Duration::from_millis(EARLIEST + u64::try_from(chance(SPREAD)).unwrap()));
            postmaster.kill();
            let began = Instant::now();
            postmaster.start();
            restart = restart.max(began.elapsed());
        }
        thread::sleep(Duration::from_millis(EARLIEST));
    };
    let mut course = persist(&register, &addresses, CLIENTS, |_| {}, disturb);
    // The service tries its groups again by itself, so clients need not: what shows the load is what they were granted.
    assert!(course.journal.len() > CLIENTS * usize::try_from(kills).unwrap(), "the kills met no load");
    assert_eq!(settle(&register, &service, &mut course.journal).unwrap().unknown, 0);
    let verdict = judge(&register, &course.journal).unwrap();
    assert_eq!(verdict.refused, 0);
    audit(&register).unwrap();
    tell(&format!(
        "F-09: PostgreSQL killed {kills} times under load, {} acts acknowledged, 0 lost, 0 gaps, {} attempts without an \
         answer; slowest definite answer {} ms, slowest restart of PostgreSQL itself {} ms",
        verdict.granted,
        course.retries,
        course.slowest.as_millis(),
        restart.as_millis()
    ));
}
