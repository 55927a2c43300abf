//! What SQLite needs that PostgreSQL does not. The queries themselves are compiled from `queries/` once here
//! and once in `postgres`.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::error::StoreError;

pub(super) type Conn = SqliteConnection;
pub(super) type Db = diesel::sqlite::Sqlite;

pub(super) const BEGIN_READ: &str = "BEGIN";
pub(super) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
pub(super) const GUARDS: &str = include_str!("guards/sqlite.sql");
pub(super) const READERS: u32 = 4;
/// SQLite changes rows where they are.
pub(super) const STORAGE: &str = "";

/// WAL with `synchronous=FULL`: what is committed survives a power cut (measured; `NORMAL` does not). 8 MiB of cache
/// for each of the five connections: the system keeps the file's pages in memory too, once for all of them.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -8192;";
const OLDEST: (u32, u32, u32) = (3, 51, 3);

diesel::define_sql_function! { fn sqlite_version() -> diesel::sql_types::Text; }

/// Opens the file and refuses a SQLite too old to be trusted with a write-ahead log.
#[expect(clippy::disallowed_methods, reason = "the one place where a SQLite connection is made")]
pub(super) fn connect(path: &str) -> Result<Conn, StoreError> {
    let mut conn = Conn::establish(path).map_err(|error| StoreError::Unreachable(error.to_string()))?;
    prepare(&mut conn)?;
    let version: String = diesel::RunQueryDsl::get_result(diesel::select(sqlite_version()), &mut conn)?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < OLDEST {
        return Err(StoreError::Schema(format!(
            "SQLite {version} est trop ancien : il faut la version 3.51.3 ou une plus récente"
        )));
    }
    Ok(conn)
}

/// Pragmas belong to a connection, so every connection gets them.
pub(super) fn prepare(conn: &mut Conn) -> Result<(), StoreError> {
    Ok(conn.batch_execute(PRAGMAS)?)
}

/// SQLite orders writers by itself.
#[expect(clippy::unnecessary_wraps, reason = "the other engine's may fail")]
pub(super) fn lock_migrations(_conn: &mut Conn) -> Result<(), StoreError> {
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "the other engine's may fail")]
pub(super) fn unlock_migrations(_conn: &mut Conn) -> Result<(), StoreError> {
    Ok(())
}

mod sets;

#[path = "queries/mod.rs"]
pub(super) mod queries;
