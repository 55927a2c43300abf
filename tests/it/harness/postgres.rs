//! A throw-away PostgreSQL: made once per test process in a folder of its own, reached by a Unix socket only, gone
//! when the process is gone, however it went. What never lives here: a server that somebody else started.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use recepisse::store::{Options, Store};

const OLDEST: u32 = 15;
const TEMPLATE: &str = "migrated";
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs the server until its own standard input closes, which happens when the test process ends or is killed; then
/// stops the server and removes the folder.
const KEEPER: &str = r#"
cd /
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=600 -c shared_buffers=32MB -c autovacuum=off \
    >"$2/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$2"
"#;

/// A running server.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) binaries: PathBuf,
    /// Where its data and its socket are.
    pub(crate) folder: PathBuf,
    /// Held for its standard input: see [`KEEPER`].
    _keeper: Child,
    /// One database is copied at a time: PostgreSQL refuses to copy one that is in use.
    template: Mutex<bool>,
}

/// The server of this process, started at the first call; or why there is none.
pub(crate) fn cluster() -> Result<&'static Cluster, String> {
    static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start).as_ref().map_err(Clone::clone)
}

impl Cluster {
    /// A server with nothing in it.
    pub(crate) fn start() -> Result<Self, String> {
        let binaries = binaries().ok_or("no PostgreSQL 15 or later was found (initdb, postgres)")?;
        Self::of(&binaries, |data| {
            let mut initdb = Command::new(binaries.join("initdb"));
            initdb.arg("-D").arg(data).args(["-U", "recepisse", "-A", "trust", "-E", "UTF8"]);
            initdb.args(["--locale=C", "--no-sync"]);
            initdb
        })
    }

    /// A server on the data that a command puts into a new folder.
    pub(crate) fn of(binaries: &Path, filling: impl FnOnce(&Path) -> Command) -> Result<Self, String> {
        // In /tmp whatever TMPDIR says: the path of a Unix socket may not be longer than 107 bytes.
        let folder = tempfile::Builder::new().prefix("recepisse-pg-").tempdir_in("/tmp").map_err(|e| e.to_string())?;
        let folder = folder.keep();
        let account = account(&folder).map_err(|error| format!("no account to run PostgreSQL under: {error}"))?;
        if let Some((uid, gid)) = account {
            chown(&folder, Some(uid), Some(gid)).map_err(|error| error.to_string())?;
        }
        let mut filling = as_account(filling(&folder.join("data")), account);
        let made = filling.current_dir("/").stdin(Stdio::null()).output();
        let made = made.map_err(|error| format!("{} does not run: {error}", filling.get_program().display()))?;
        if !made.status.success() {
            let why = String::from_utf8_lossy(&made.stderr);
            return Err(format!("{} failed: {why}", filling.get_program().display()));
        }
        let mut keeper = as_account(Command::new("sh"), account);
        keeper.args(["-c", KEEPER, "keeper"]).arg(binaries).arg(&folder);
        keeper.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // A group of its own: an interrupt from the keyboard must not reach it before its input closes.
        let keeper = keeper.process_group(0).spawn().map_err(|error| error.to_string())?;
        let binaries = binaries.to_owned();
        let cluster = Self { binaries, folder, _keeper: keeper, template: Mutex::new(false) };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match connect(&self.url("postgres")) {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                    return Err(format!("PostgreSQL does not answer: {error}\n{log}"));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://recepisse@/{database}?host={}", self.folder.display())
    }

    /// Makes a database with the schema in place, and returns its URL.
    pub(crate) fn create_database(&self, name: &str) -> String {
        let mut made = self.template.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !*made {
            // Whether this schema is as it should be is asked where it is opened next.
            drop(Store::open(&self.create_empty_database(TEMPLATE), &Options::default()));
            *made = true;
        }
        self.run(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"));
        self.url(name)
    }

    /// Makes a database with nothing in it, and returns its URL.
    pub(crate) fn create_empty_database(&self, name: &str) -> String {
        self.run(&format!("CREATE DATABASE {name}"));
        self.url(name)
    }

    /// Tries for a while: the pool that migrated the template closes its connections in its own time.
    pub(crate) fn run(&self, statement: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut conn = connect(&self.url("postgres")).unwrap();
        while let Err(error) = conn.batch_execute(statement) {
            assert!(Instant::now() < deadline, "{statement}: {error}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the harness administers its own server")]
pub(crate) fn connect(url: &str) -> diesel::ConnectionResult<PgConnection> {
    PgConnection::establish(url)
}

/// The newest installation: Debian and Red Hat keep one folder per version, others have it on the path.
fn binaries() -> Option<PathBuf> {
    let versions = |root: &str, folder: fn(&Path) -> PathBuf| -> Vec<PathBuf> {
        let entries = fs::read_dir(root).into_iter().flatten().flatten();
        entries.map(|entry| folder(&entry.path())).collect()
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let red_hat = versions("/usr", |version| version.join("bin"));
    let mut found: Vec<(u32, PathBuf)> = std::env::split_paths(&path)
        .chain(red_hat.into_iter().filter(|folder| folder.to_string_lossy().starts_with("/usr/pgsql")))
        .chain(versions("/usr/lib/postgresql", |version| version.join("bin")))
        .filter(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .filter_map(|folder| Some((version(&folder)?, folder)))
        .filter(|(version, _)| *version >= OLDEST)
        .collect();
    found.sort_by_key(|(version, _)| *version);
    found.pop().map(|(_, folder)| folder)
}

/// `postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)` is 15.
fn version(folder: &Path) -> Option<u32> {
    let answer = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let answer = String::from_utf8(answer.stdout).ok()?;
    let number: String = answer.split(") ").nth(1)?.chars().take_while(char::is_ascii_digit).collect();
    number.parse().ok()
}

pub(crate) type Account = Option<(u32, u32)>;

/// PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody` where there is no such account.
pub(crate) fn account(folder: &Path) -> io::Result<Account> {
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd")?;
    let find = |name: &str| {
        let fields: Vec<&str> = accounts
            .lines()
            .map(|line| line.split(':'))
            .find_map(|mut line| (line.next() == Some(name)).then(|| line.collect()))?;
        Some((fields.get(1)?.parse().ok()?, fields.get(2)?.parse().ok()?))
    };
    let found = find("postgres").or_else(|| find("nobody"));
    found.map(Some).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "neither postgres nor nobody"))
}

pub(crate) fn as_account(mut command: Command, account: Account) -> Command {
    if let Some((uid, gid)) = account {
        command.uid(uid).gid(gid);
    }
    command
}
