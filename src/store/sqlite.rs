//! What SQLite needs that PostgreSQL does not. The queries themselves are compiled from `queries/` once here
//! and once in `postgres`.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::error::StoreError;
use super::inspection::{parts, plain};

pub(super) type Conn = SqliteConnection;
pub(super) type Db = diesel::sqlite::Sqlite;
/// How a query of any length is read without holding its rows: SQLite steps through them.
pub(super) type OneByOne = diesel::connection::DefaultLoadingMode;

pub(super) const BEGIN_READ: &str = "BEGIN";
pub(super) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
/// Set on every connection of the readers: not even a mistake of ours can write there. Each keeps half a MiB of pages instead
/// of 8: together they were most of a server's memory, and what they drop is still in the system's own cache.
/// What they sort may spill into files, so that an export of any size takes little memory.
pub(super) const READ_ONLY: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -512; PRAGMA temp_store = DEFAULT";
pub(super) const GUARDS: &str = include_str!("guards/sqlite.sql");
pub(super) const READERS: u32 = 4;
/// Before a stop the log goes back into the file.
pub(super) const AT_REST: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
/// Its plans follow the indexes, whatever the tables hold.
pub(super) const MEASURE: &str = "SELECT 1";
/// See [`MEASURE`].
pub(super) const PLAN_ANEW: Option<&str> = None;
/// What is deleted from here on is written over with zeros, and until when.
pub(super) const WRITING_OVER: &str = "PRAGMA secure_delete = ON";
pub(super) const AS_BEFORE: &str = "PRAGMA secure_delete = OFF";
/// SQLite changes rows where they are.
pub(super) const STORAGE: &str = "";

/// WAL with `synchronous=FULL`: what is committed survives a power cut (measured; `NORMAL` does not). 8 MiB of cache
/// for the connection that writes: the system keeps the file's pages in memory too, once for all of them. What a statement
/// would undo is kept in memory: a group's rows would otherwise go through a file. The log grows to 16 MiB before its pages
/// go back into the file, so that a page that many groups change is copied once for all of them.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; \
     PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4096;";
/// Read back from the connection that writes: a pragma that is not taken is no error to SQLite, and without these a
/// power cut may cost what was acknowledged, or a broken page pass for a whole one.
const ASSERTED: &[(&str, &str)] = &[
    ("journal_mode", "wal"),
    ("synchronous", "2"),
    ("foreign_keys", "1"),
    ("trusted_schema", "0"),
    ("cell_size_check", "1"),
    ("mmap_size", "0"),
];

/// Texts are ordered by their bytes.
pub(super) const BYTE_ORDER: &str = "";

/// Bytes as hexadecimal digits, in SQL.
pub(super) fn hex_of(expression: &str) -> String {
    format!("CASE WHEN {expression} IS NULL THEN NULL ELSE lower(hex({expression})) END")
}

/// Hexadecimal digits as bytes, in SQL.
pub(super) fn bytes_of(expression: &str) -> String {
    format!("unhex({expression})")
}

const OLDEST: (u32, u32, u32) = (3, 51, 3);

/// The objects that the migrations make on this engine: see `inspection`.
pub(super) const EXPECTED: &str = include_str!("expected/sqlite.txt");

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
    for (pragma, needed) in ASSERTED {
        let found = diesel::dsl::sql::<diesel::sql_types::Text>(&format!("PRAGMA {pragma}"));
        let found: String = diesel::RunQueryDsl::get_result(found, &mut conn)?;
        if found != *needed {
            return Err(StoreError::Schema(format!(
                "SQLite n'a pas pris le réglage {pragma} = {needed} (il vaut {found}) : la base est-elle un fichier \
                 modifiable, sur un disque local ?"
            )));
        }
    }
    Ok(conn)
}

/// A file answers or it does not.
pub(super) fn within_bounds(path: &str) -> String {
    path.to_owned()
}

#[derive(diesel::QueryableByName)]
struct Object {
    #[diesel(sql_type = diesel::sql_types::Text)]
    kind: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    of: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    definition: String,
}

/// What the schema holds, one line per object, tables taken apart into their columns and constraints.
pub(super) fn objects(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let query = "SELECT type AS kind, name, tbl_name AS \"of\", sql AS definition FROM sqlite_schema \
         WHERE sql IS NOT NULL AND substr(tbl_name, 1, 7) <> 'sqlite_' AND substr(tbl_name, 1, 8) <> '__diesel'";
    let found: Vec<Object> = diesel::RunQueryDsl::load(diesel::sql_query(query), conn)?;
    let mut lines = Vec::new();
    for Object { kind, name, of, definition } in found {
        if kind != "table" {
            lines.push(format!("{kind} {of}.{name}: {}", plain(&definition)));
            continue;
        }
        for part in parts(&definition) {
            let first = part.split(' ').next().unwrap_or_default();
            lines.push(match first {
                "CHECK" | "CONSTRAINT" | "FOREIGN" | "PRIMARY" | "UNIQUE" => format!("constraint {name}.{part}: "),
                column => format!("column {name}.{column}: {part}"),
            });
        }
    }
    lines.sort();
    Ok(lines)
}

/// A column of one of our tables.
#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    of: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    /// The types that its values may have here.
    #[diesel(sql_type = diesel::sql_types::Text)]
    fits: String,
}

const COLUMNS: &str = "\
SELECT t.name AS \"of\", c.name, CASE c.type WHEN 'TEXT' THEN '''text''' WHEN 'BYTEA' THEN '''blob''' ELSE '''integer''' END
    || CASE WHEN c.\"notnull\" OR c.pk THEN '' ELSE ', ''null''' END AS fits
FROM sqlite_schema t JOIN pragma_table_info(t.name) c
WHERE t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_' AND substr(t.name, 1, 8) <> '__diesel'
ORDER BY t.name, c.cid";

/// Columns that hold a value of another type than their own. A value has its type with it here, and one bit of the file
/// changes it: a zero becomes an empty string of bytes, which still reads as zero and is equal to none.
pub(super) fn mistyped(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let columns: Vec<Column> = diesel::RunQueryDsl::load(diesel::sql_query(COLUMNS), conn)?;
    let mut found = Vec::new();
    for columns in columns.chunk_by(|one, next| one.of == next.of) {
        let Some(Column { of, .. }) = columns.first() else { continue };
        // Tables of others are theirs.
        if !EXPECTED.contains(&format!("column {of}.")) {
            continue;
        }
        let strange = |Column { name, fits, .. }: &Column| format!("typeof({name}) NOT IN ({fits})");
        let any = columns.iter().map(strange).collect::<Vec<_>>().join(" OR ");
        let told = |column: &Column| format!("CASE WHEN {} THEN ' {}' ELSE '' END", strange(column), column.name);
        let names = columns.iter().map(told).collect::<Vec<_>>().join(" || ");
        let query = format!("SELECT DISTINCT {names} FROM {of} WHERE {any}");
        let rows: Vec<String> = diesel::RunQueryDsl::load(diesel::dsl::sql::<diesel::sql_types::Text>(&query), conn)?;
        let strangers: std::collections::BTreeSet<&str> = rows.iter().flat_map(|row| row.split_whitespace()).collect();
        found.extend(strangers.into_iter().map(|name| format!("{of}.{name}")));
    }
    Ok(found)
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

mod looks;
mod sets;
mod writing;

#[path = "queries/mod.rs"]
pub(super) mod queries;
