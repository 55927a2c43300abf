//! Which engines the tests run on, and an empty database on one of them.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use super::postgres::{self, Cluster};

/// An engine under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// The engines of this machine, said once. Without PostgreSQL the tests run on SQLite alone, unless
/// `RECEPISSE_REQUIRE_POSTGRES=1`: then they fail.
pub(crate) fn engines() -> &'static [Engine] {
    static ENGINES: OnceLock<Vec<Engine>> = OnceLock::new();
    ENGINES.get_or_init(|| match postgres::cluster() {
        Ok(cluster) => {
            say(&format!("tests run on SQLite and on PostgreSQL ({})", cluster.binaries.display()));
            vec![Engine::Sqlite, Engine::Postgres]
        }
        Err(reason) => {
            assert!(!postgres_is_required(), "RECEPISSE_REQUIRE_POSTGRES=1, but {reason}");
            say(&format!("tests run on SQLite only: {reason}"));
            vec![Engine::Sqlite]
        }
    })
}

#[expect(clippy::disallowed_methods, reason = "the one variable that the tests read")]
fn postgres_is_required() -> bool {
    std::env::var("RECEPISSE_REQUIRE_POSTGRES").is_ok_and(|value| value == "1")
}

/// Past the test runner's capture, which covers `println!` and `eprintln!` only.
fn say(sentence: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "recepisse: {sentence}");
}

/// An empty database; what lies in a folder goes with it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) engine: Engine,
    pub(crate) url: String,
    _folder: Option<TempDir>,
}

impl Place {
    /// A database nobody has used: on SQLite an empty file, on PostgreSQL a copy of a migrated one.
    pub(crate) fn fresh(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::empty(engine),
            Engine::Postgres => Self::on(postgres::cluster().unwrap()),
        }
    }

    /// The same on one PostgreSQL.
    pub(crate) fn on(cluster: &Cluster) -> Self {
        Self { engine: Engine::Postgres, url: cluster.create_database(&next_name()), _folder: None }
    }

    /// A database with nothing in it, not even a schema.
    pub(crate) fn empty(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("ledger.sqlite").display());
                Self { engine, url, _folder: Some(folder) }
            }
            Engine::Postgres => {
                let url = postgres::cluster().unwrap().create_empty_database(&next_name());
                Self { engine, url, _folder: None }
            }
        }
    }
}

fn next_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("t{}", NEXT.fetch_add(1, Ordering::SeqCst))
}
