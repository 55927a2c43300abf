//! What PostgreSQL needs that SQLite does not. The queries themselves are compiled from `queries/` once here
//! and once in `sqlite`.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::error::StoreError;

pub(super) type Conn = PgConnection;
pub(super) type Db = diesel::pg::Pg;

/// A read sees one moment of the ledger, however long it takes.
pub(super) const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
pub(super) const BEGIN_WRITE: &str = "BEGIN";
pub(super) const GUARDS: &str = include_str!("guards/postgres.sql");
/// Rows per statement times columns stays below the protocol's limit of 65 535 bound values.
pub(super) const MOST_BINDS: usize = 60_000;
pub(super) const READERS: u32 = 8;

const SETTINGS: &str = "SET TIME ZONE 'UTC'; SET synchronous_commit = on; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning;";
const OLDEST: i32 = 150_000;
/// Any number that no other program uses on this database: held while one instance migrates.
const MIGRATION_LOCK: &str = "721934560817";

/// Connects and refuses a server too old to be tested against.
#[expect(clippy::disallowed_methods, reason = "the one place where a PostgreSQL connection is made")]
pub(super) fn connect(url: &str) -> Result<Conn, StoreError> {
    let mut conn = Conn::establish(url).map_err(|error| StoreError::Unreachable(error.to_string()))?;
    prepare(&mut conn)?;
    let version = diesel::dsl::sql::<diesel::sql_types::Integer>("SELECT current_setting('server_version_num')::int");
    let version: i32 = diesel::RunQueryDsl::get_result(version, &mut conn)?;
    if version < OLDEST {
        return Err(StoreError::Schema(format!(
            "PostgreSQL {version} est trop ancien : il faut la version 15 ou une plus récente"
        )));
    }
    Ok(conn)
}

pub(super) fn prepare(conn: &mut Conn) -> Result<(), StoreError> {
    Ok(conn.batch_execute(SETTINGS)?)
}

/// Two instances that start together must not both migrate.
pub(super) fn lock_migrations(conn: &mut Conn) -> Result<(), StoreError> {
    Ok(conn.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?)
}

pub(super) fn unlock_migrations(conn: &mut Conn) -> Result<(), StoreError> {
    Ok(conn.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?)
}

#[path = "queries/mod.rs"]
pub(super) mod queries;
