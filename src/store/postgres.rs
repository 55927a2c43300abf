//! What PostgreSQL needs that SQLite does not. The queries themselves are compiled from `queries/` once here
//! and once in `sqlite`.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::error::StoreError;
use super::inspection::plain;

pub(super) type Conn = PgConnection;
pub(super) type Db = diesel::pg::Pg;
/// How a query of any length is read without holding its rows: else all of them are received before the first is seen.
pub(super) type OneByOne = diesel::pg::PgRowByRowLoadingMode;

/// A read sees one moment of the ledger, however long it takes.
pub(super) const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
pub(super) const BEGIN_WRITE: &str = "BEGIN";
/// Set on every connection of the readers: not even a mistake of ours can write there.
pub(super) const READ_ONLY: &str = "SET default_transaction_read_only = on";
pub(super) const GUARDS: &str = include_str!("guards/postgres.sql");
pub(super) const READERS: u32 = 8;
/// Nothing is to be done before a stop.
pub(super) const AT_REST: &str = "SELECT 1";
/// Without it, reports of a register that was just loaded are planned as if its tables were empty: every page sorts them all.
pub(super) const MEASURE: &str = "ANALYZE";
/// A row that is deleted is there until the next `VACUUM`, which is the server's.
pub(super) const WRITING_OVER: &str = "SELECT 1";
pub(super) const AS_BEFORE: &str = "SELECT 1";
/// Rows that change in place find room on their own page, so that a redemption leaves the indexes alone. Set at every
/// start; it holds for rows written from then on. And the planner is told that a programme's number tells few rows apart: a
/// table analysed with one row in it would be read whole for each key.
pub(super) const STORAGE: &str = "ALTER TABLE journals SET (fillfactor = 20); ALTER TABLE balances SET (fillfactor = 50); \
     ALTER TABLE series SET (fillfactor = 50); ALTER TABLE booklets SET (fillfactor = 70); \
     ALTER TABLE passes SET (fillfactor = 50); ALTER TABLE people ALTER programme_no SET (n_distinct = 1); \
     ALTER TABLE balances ALTER programme_no SET (n_distinct = 1); ALTER TABLE series ALTER programme_no SET (n_distinct = 1);";

/// The objects that the migrations make on this engine: see `inspection`.
pub(super) const EXPECTED: &str = include_str!("expected/postgres.txt");

const SETTINGS: &str = "SET TIME ZONE 'UTC'; SET synchronous_commit = on; SET lock_timeout = '2s'; \
     SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning;";
/// Settings, each said by the same word, as one text.
macro_rules! settings {
    ($set:literal: $($setting:literal),*) => { concat!($($set, " ", $setting, "; "),*) };
}

/// The planner is told, by `SET` or `SET LOCAL`, that rows are looked up by key and nothing else. Without this a plan made
/// while a table was small, or before it was ever analysed, reads the whole table for each group, for as long as the plan
/// is kept. A row costs what it costs to read, and to come to it costs next to nothing: else ten keys are dear beside
/// all that the programme has in a table of a thousand rows. And as there is but one plan, it is made once: to plan a
/// group's statement takes longer than to run it.
macro_rules! by_key {
    ($set:literal) => {
        settings!($set: "enable_seqscan = off", "enable_hashjoin = off", "enable_mergejoin = off",
            "random_page_cost = 0", "seq_page_cost = 0", "cpu_operator_cost = 0.00001",
            "plan_cache_mode = force_generic_plan")
    };
}

/// For the connection that writes.
const BY_KEY_ONLY: &str = by_key!("SET");
/// For the rest of one transaction that reads.
const BY_KEY_HERE: &str = by_key!("SET LOCAL");
/// A plan is made for a table of the size that it has then. What was right for an empty table reads a whole programme of a
/// grown one, until the server happens to analyse it: so plans are made anew now and then.
pub(super) const PLAN_ANEW: Option<&str> = Some("DISCARD PLANS");
/// Texts are ordered by their bytes, whatever the database's own language.
pub(super) const BYTE_ORDER: &str = " COLLATE \"C\"";

/// Bytes as hexadecimal digits, in SQL.
pub(super) fn hex_of(expression: &str) -> String {
    format!("encode({expression}, 'hex')")
}

/// Hexadecimal digits as bytes, in SQL.
pub(super) fn bytes_of(expression: &str) -> String {
    format!("decode({expression}, 'hex')")
}

const OLDEST: i32 = 150_000;
/// Any number that no other program uses on this database: held while one instance migrates.
const MIGRATION_LOCK: &str = "721934560817";

/// What a server that has gone silent may cost: 5 s to connect, 10 s before what was sent counts as lost. The system's
/// own limits are minutes. What the address says itself is left as it is.
const BOUNDS: [(&str, &str); 5] = [
    ("connect_timeout", "5"),
    ("tcp_user_timeout", "10000"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "3"),
    ("keepalives_count", "3"),
];

/// The address with [`BOUNDS`].
pub(super) fn within_bounds(url: &str) -> String {
    BOUNDS.iter().filter(|(name, _)| !url.contains(&format!("{name}="))).fold(url.to_owned(), |url, (name, value)| {
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}{name}={value}")
    })
}

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
    for (setting, why) in ASSERTED {
        if current(&mut conn, setting)? != "on" {
            return Err(StoreError::Schema(format!(
                "PostgreSQL est réglé avec {setting} = off : {why}. Remettez ce réglage à on dans postgresql.conf"
            )));
        }
    }
    if current(&mut conn, "data_checksums")? != "on" {
        tracing::warn!(
            "PostgreSQL keeps no checksums of its pages: a decaying disk would go unnoticed (initdb --data-checksums)"
        );
    }
    Ok(conn)
}

/// What a server must not do without, and what it would cost.
const ASSERTED: &[(&str, &str)] = &[
    ("fsync", "une coupure de courant peut détruire la base"),
    ("full_page_writes", "une page à demi écrite ne pourrait pas être réparée"),
    ("synchronous_commit", "une coupure de courant peut perdre ce qui a été confirmé"),
];

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// The value of a setting on this connection.
fn current(conn: &mut Conn, setting: &str) -> Result<String, StoreError> {
    let query = diesel::sql_query(format!("SELECT current_setting('{setting}') AS line"));
    let found: Line = diesel::RunQueryDsl::get_result(query, conn)?;
    Ok(found.line)
}

/// What the schema holds, one line per object.
pub(super) fn objects(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let found: Vec<Line> = diesel::RunQueryDsl::load(diesel::sql_query(OBJECTS), conn)?;
    let mut lines: Vec<String> = found.into_iter().map(|found| plain(&found.line)).collect();
    lines.sort();
    Ok(lines)
}

/// Here a column holds nothing but values of its type.
#[expect(clippy::unnecessary_wraps, reason = "the other engine's may fail")]
pub(super) const fn mistyped(_conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    Ok(Vec::new())
}

/// Columns, constraints, indexes and triggers of every table in our schema, and our function. A trigger of the engine's
/// own is named only when it was switched off.
const OBJECTS: &str = "\
WITH tables AS (SELECT oid, relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND relname NOT LIKE '\\_\\_diesel%')
SELECT 'column ' || t.relname || '.' || a.attname || ': ' || format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') AS line
FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
UNION ALL
SELECT 'constraint ' || t.relname || '.' || c.conname || ': ' || pg_get_constraintdef(c.oid)
FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype IN ('c', 'f', 'p', 'u')
UNION ALL
SELECT 'index ' || t.relname || '.' || i.relname || ': '
    || replace(pg_get_indexdef(i.oid), quote_ident(current_schema()) || '.', '') || CASE WHEN x.indisvalid THEN '' ELSE ' invalid' END
FROM tables t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
UNION ALL
SELECT 'trigger ' || t.relname || '.' || g.tgname || ': '
    || replace(pg_get_triggerdef(g.oid), quote_ident(current_schema()) || '.', '') || CASE g.tgenabled WHEN 'O' THEN '' ELSE ' disabled' END
FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND (NOT g.tgisinternal OR g.tgenabled <> 'O')
UNION ALL
SELECT 'function receipts.' || p.proname || ': ' || p.prosrc
FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'recepisse\\_%'";

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

mod looks;
mod sets;
mod writing;

#[path = "queries/mod.rs"]
pub(super) mod queries;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_server_is_given_up_in_time_unless_the_address_says_otherwise() {
        let bounded = within_bounds("postgres://u@h/d");
        assert!(bounded.starts_with("postgres://u@h/d?connect_timeout=5&tcp_user_timeout=10000&"), "{bounded}");
        let own = within_bounds("postgres://u@h/d?connect_timeout=30");
        assert!(own.starts_with("postgres://u@h/d?connect_timeout=30&tcp_user_timeout=10000&"), "{own}");
        assert!(!own.contains("connect_timeout=5"), "{own}");
    }
}
