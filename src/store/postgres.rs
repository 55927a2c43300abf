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
pub(super) const READERS: u32 = 8;
/// Rows that change in place find room on their own page, so that a redemption leaves the indexes alone. Set at every
/// start; it holds for rows written from then on.
pub(super) const STORAGE: &str = "ALTER TABLE journals SET (fillfactor = 20); ALTER TABLE balances SET (fillfactor = 50); \
     ALTER TABLE series SET (fillfactor = 50); ALTER TABLE booklets SET (fillfactor = 70); \
     ALTER TABLE passes SET (fillfactor = 50);";

const SETTINGS: &str = "SET TIME ZONE 'UTC'; SET synchronous_commit = on; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning;";
/// The writer looks rows up by key and nothing else. Without this a plan made while a table was small, or before it was
/// ever analysed, reads the whole table for each group, for as long as the plan is kept.
const BY_KEY_ONLY: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;";
const OLDEST: i32 = 150_000;
/// Any number that no other program uses on this database: held while one instance migrates.
const MIGRATION_LOCK: &str = "721934560817";

/// Connects for writing and refuses a server too old to be tested against.
#[expect(clippy::disallowed_methods, reason = "the one place where a PostgreSQL connection is made")]
pub(super) fn connect(url: &str) -> Result<Conn, StoreError> {
    let mut conn = Conn::establish(url).map_err(|error| StoreError::Unreachable(error.to_string()))?;
    prepare(&mut conn)?;
    conn.batch_execute(BY_KEY_ONLY)?;
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

mod sets;

#[path = "queries/mod.rs"]
pub(super) mod queries;
