//! Which engine a URL names, and the doors over either. What never lives here: a query.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::doors::{Reads, Writes};
use super::error::{StoreError, WriteError};
use super::lock::WriterLock;
use super::stored::Recorded;
use super::{postgres, sqlite};
use crate::domain::ids::ProgrammeNo;
use crate::volume::{self, Space};

/// The engine behind a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        })
    }
}

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// To read and write: the schema is brought up to date, and no other process may write the same SQLite file.
    #[default]
    Write,
    /// Only to read, beside whoever writes: nothing is changed, not even the schema.
    Read,
}

/// Bytes that must be free on the volume of a SQLite file before anything is written to it: a checkpoint must have
/// room whatever comes.
pub const LEAST_FREE_BYTES: u64 = 64 * 1024 * 1024;

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    pub access: Access,
    /// Accept a PostgreSQL on another host although the connection is in clear.
    pub allow_plain_remote: bool,
    /// Set again the triggers that keep receipts from being changed, where somebody has taken them away.
    pub restore_guards: bool,
    /// Connections that read; none: as many as the engine is usually given.
    pub readers: Option<u32>,
    /// See [`LEAST_FREE_BYTES`], which is the default: no installation sets another.
    pub least_free_bytes: u64,
    /// Told as soon as the store is [in doubt](Store::in_doubt), whoever wrote, before anybody else comes to the door. A
    /// server ends itself here; a command is about to end anyway.
    pub when_in_doubt: fn(),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            access: Access::default(),
            allow_plain_remote: false,
            restore_guards: false,
            readers: None,
            least_free_bytes: LEAST_FREE_BYTES,
            when_in_doubt: || (),
        }
    }
}

enum Engine {
    Sqlite(sqlite::queries::Engine),
    Postgres(postgres::queries::Engine),
}

/// One database, read and written through its two doors.
pub struct Store {
    engine: Engine,
    access: Access,
    /// See [`Store::in_doubt`].
    in_doubt: AtomicBool,
    /// The file, where the database is one.
    file: Option<PathBuf>,
    when_in_doubt: fn(),
    least_free_bytes: u64,
    /// After the engine, so that it goes last. PostgreSQL orders its writers by itself.
    _lock: Option<WriterLock>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("backend", &self.backend()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens `sqlite:PATH`, a path without a scheme, `postgres://…` or `postgresql://…`. To write, brings the schema
    /// up to date, sets the guards, and refuses a schema that somebody changed; to read, only looks whether the migrations
    /// are those that this program knows.
    ///
    /// # Errors
    /// [`StoreError::Schema`] for a URL of another kind, a schema that is newer than this program or not the one it
    /// made, an engine too old or set so that it could lose what it confirmed, or a PostgreSQL on another host without
    /// TLS; [`StoreError::InUse`] when another process writes the SQLite file.
    pub fn open(url: &str, options: &Options) -> Result<Self, StoreError> {
        let access = options.access;
        let (engine, file, lock) = match parse(url)? {
            (Backend::Sqlite, path) => {
                let lock = if access == Access::Write { Some(WriterLock::take(path)?) } else { None };
                (Engine::Sqlite(sqlite::queries::Engine::open(path, options)?), Some(PathBuf::from(path)), lock)
            }
            (Backend::Postgres, url) => {
                refuse_plain_remote(url, options)?;
                (Engine::Postgres(postgres::queries::Engine::open(url, options)?), None, None)
            }
        };
        let in_doubt = AtomicBool::new(false);
        let Options { when_in_doubt, least_free_bytes, .. } = *options;
        let store = Self { engine, access, in_doubt, file, when_in_doubt, least_free_bytes, _lock: lock };
        store.settle_schema(options)?;
        Ok(store)
    }

    fn settle_schema(&self, options: &Options) -> Result<(), StoreError> {
        let run = match (&self.engine, self.access) {
            (Engine::Sqlite(engine), Access::Write) => engine.migrate(options)?,
            (Engine::Postgres(engine), Access::Write) => engine.migrate(options)?,
            (Engine::Sqlite(engine), Access::Read) => return engine.check_schema(),
            (Engine::Postgres(engine), Access::Read) => return engine.check_schema(),
        };
        if let Some(last) = run.last() {
            tracing::info!(migrations = run.len(), last, "schema migrated");
        }
        Ok(())
    }

    /// Opens a streaming replica to be read: nothing is migrated, and every write is refused before it is tried.
    ///
    /// # Errors
    /// [`StoreError::Schema`] for SQLite, which has no replicas, for a schema that is not this program's, and as
    /// [`Self::open`]; [`StoreError::Unreachable`].
    pub fn open_replica(url: &str, options: &Options) -> Result<Self, StoreError> {
        let (Backend::Postgres, _) = parse(url)? else {
            return Err(StoreError::Schema(
                "une base de lecture est une réplique de PostgreSQL (postgres://…) : SQLite n'en a pas, et ses lectures \
                 n'attendent jamais les écritures"
                    .to_owned(),
            ));
        };
        Self::open(url, &Options { access: Access::Read, ..options.clone() })
    }

    /// Leaves the database as a stop should: SQLite's log goes back into its file.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is lost by it, the next start reads the log.
    pub fn come_to_rest(&self) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.come_to_rest(),
            Engine::Postgres(engine) => engine.come_to_rest(),
        }
    }

    /// Tells the engine how much its tables hold now, after much was put in at once: PostgreSQL would find out by itself within
    /// minutes, and plan the reports of those minutes as if there were nothing.
    ///
    /// # Errors
    /// [`StoreError`]; plans stay as they were.
    pub fn measure(&self) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.measure(),
            Engine::Postgres(engine) => engine.measure(),
        }
    }

    #[must_use]
    pub const fn backend(&self) -> Backend {
        match &self.engine {
            Engine::Sqlite(_) => Backend::Sqlite,
            Engine::Postgres(_) => Backend::Postgres,
        }
    }

    /// The room on the volume of the file; none where a server has it, or where the system does not say.
    #[must_use]
    pub fn space(&self) -> Option<Space> {
        self.file.as_deref().and_then(|file| volume::space(file).ok())
    }

    /// Whether so little room is left on the volume of the file that nothing is written any more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.space().is_some_and(|space| space.free_bytes < self.least_free_bytes)
    }

    /// Whether SQLite left a COMMIT without an answer: what was written may be there or not, only the recovery of the next
    /// start can tell. Nothing is written from then on, and the process should end ([`Options::when_in_doubt`]).
    #[must_use]
    pub fn in_doubt(&self) -> bool {
        self.in_doubt.load(Ordering::SeqCst)
    }

    /// What the schema holds, one line per object: columns, constraints, indexes, triggers.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] when the database does not answer.
    pub fn objects(&self) -> Result<Vec<String>, StoreError> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.objects(),
            Engine::Postgres(engine) => engine.objects(),
        }
    }

    /// Connections of the readers' pool.
    #[must_use]
    pub fn readers(&self) -> u32 {
        match &self.engine {
            Engine::Sqlite(engine) => engine.readers(),
            Engine::Postgres(engine) => engine.readers(),
        }
    }

    /// Those of them that somebody has in hand.
    #[must_use]
    pub fn readers_in_use(&self) -> u32 {
        match &self.engine {
            Engine::Sqlite(engine) => engine.readers_in_use(),
            Engine::Postgres(engine) => engine.readers_in_use(),
        }
    }

    /// Reads one moment of the database; nothing can be written here.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] when the database cannot be reached.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut dyn Reads) -> Result<T, E>) -> Result<T, E> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.read(work),
            Engine::Postgres(engine) => engine.read(work),
        }
    }

    /// Runs `work` in one transaction: committed when it answers `Ok`, undone otherwise.
    ///
    /// # Errors
    /// [`WriteError::Undone`] with the error of `work`, with [`StoreError::Full`] before anything was tried, or with
    /// [`StoreError::Failed`] [in doubt](Self::in_doubt); [`WriteError::Unknown`] when COMMIT gave no answer.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut dyn Writes) -> Result<T, E>,
    ) -> Result<T, WriteError<E>> {
        self.writable()?;
        let work = self.when_certain(work);
        match &self.engine {
            Engine::Sqlite(engine) => engine.write(work, || self.doubt()),
            // The next transaction finds out what became of this one: nothing to be told.
            Engine::Postgres(engine) => engine.write(work, || ()),
        }
    }

    /// The same for a group of acts: nobody else is behind the programme's door meanwhile, and `work` ends with what it
    /// [records](super::JournalWrites::record).
    ///
    /// # Errors
    /// Those of [`write`](Self::write); [`StoreError::Busy`] where the door did not open in time.
    pub fn write_group<T, E: From<StoreError>>(
        &self,
        programme: ProgrammeNo,
        work: impl FnOnce(&mut dyn Writes) -> Result<(T, Recorded), E>,
    ) -> Result<T, WriteError<E>> {
        self.writable()?;
        let work = self.when_certain(work);
        match &self.engine {
            Engine::Sqlite(engine) => engine.write_group(programme, work, || self.doubt()),
            Engine::Postgres(engine) => engine.write_group(programme, work, || ()),
        }
    }

    /// Whether there is any use in trying.
    fn writable<E: From<StoreError>>(&self) -> Result<(), WriteError<E>> {
        if self.access == Access::Read {
            return Err(WriteError::Undone(StoreError::Failed("opened to be read only".to_owned()).into()));
        }
        if self.is_full() { Err(WriteError::Undone(StoreError::Full.into())) } else { Ok(()) }
    }

    /// `work` that asks behind the door whether it may begin: whoever waited there while a COMMIT failed must not go on.
    fn when_certain<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut dyn Writes) -> Result<T, E>,
    ) -> impl FnOnce(&mut dyn Writes) -> Result<T, E> {
        move |tx| {
            if self.in_doubt() {
                return Err(StoreError::Failed("a COMMIT before this one gave no answer".to_owned()).into());
            }
            work(tx)
        }
    }

    fn doubt(&self) {
        self.in_doubt.store(true, Ordering::SeqCst);
        (self.when_in_doubt)();
    }
}

pub(super) fn parse(url: &str) -> Result<(Backend, &str), StoreError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok((Backend::Postgres, url));
    }
    match url.split_once(':') {
        None if !url.is_empty() => Ok((Backend::Sqlite, url)),
        Some(("sqlite", path)) if !path.trim_start_matches("//").is_empty() => {
            Ok((Backend::Sqlite, path.strip_prefix("//").unwrap_or(path)))
        }
        _ => Err(StoreError::Schema(format!(
            "« {} » ne désigne pas une base : écrivez sqlite:CHEMIN, un chemin, ou postgres://UTILISATEUR@HÔTE/NOM",
            url.split('@').next_back().unwrap_or_default()
        ))),
    }
}

/// libpq is built without TLS here: to another host everything would travel in clear, without a word.
pub(super) fn refuse_plain_remote(url: &str, options: &Options) -> Result<(), StoreError> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (authority, query) = rest.split_once(['/', '?']).unwrap_or((rest, ""));
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    let named = query.split(['?', '&']).filter_map(|pair| pair.split_once('='));
    let named = named.filter(|(name, _)| matches!(*name, "host" | "hostaddr")).flat_map(|(_, hosts)| hosts.split(','));
    let is_local = |host: &str| {
        let host = match host.strip_prefix('[') {
            Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        matches!(host, "" | "localhost" | "::1")
            || host.starts_with("127.")
            || host.starts_with('/')
            || host.starts_with("%2F")
    };
    let local = hosts.split(',').chain(named).all(is_local);
    if local || options.allow_plain_remote || cfg!(feature = "pg-tls") {
        return Ok(());
    }
    Err(StoreError::Schema(
        "ce PostgreSQL est sur une autre machine et ce programme est construit sans TLS : passez par un tunnel, \
         construisez avec --features pg-tls, ou acceptez une connexion en clair avec --allow-plain-remote-database"
            .to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_another_kind_is_refused_and_its_password_not_repeated() {
        for wrong in ["postgress://u@h/db", "mysql://u:secret@h/db", "sqlite:", "http://x", ""] {
            let error = parse(wrong).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        assert_eq!(parse("data/ledger.sqlite").unwrap(), (Backend::Sqlite, "data/ledger.sqlite"));
        assert_eq!(parse("sqlite:///tmp/x.db").unwrap(), (Backend::Sqlite, "/tmp/x.db"));
    }

    #[test]
    fn a_remote_postgresql_in_clear_is_refused() {
        let plain = Options::default();
        for local in [
            "postgres://u@localhost/d",
            "postgres://127.0.0.1:5432/d",
            "postgres:///d?host=/tmp/x",
            "postgres://u@[::1]:1/d",
        ] {
            assert!(refuse_plain_remote(local, &plain).is_ok(), "{local}");
        }
        for remote in
            ["postgres://u@db.example/d", "postgres://localhost/d?host=db.example", "postgres://localhost,db/d"]
        {
            assert!(refuse_plain_remote(remote, &plain).is_err(), "{remote}");
            assert!(refuse_plain_remote(remote, &Options { allow_plain_remote: true, ..Options::default() }).is_ok());
        }
    }
}
