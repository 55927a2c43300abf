//! Copies of a whole database, made while it serves, and put back: SQLite by its own `VACUUM INTO`, PostgreSQL by
//! `pg_dump` and `pg_restore`. What never lives here: whether a copy is sound (see `backup`), or where it is kept.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};

use super::backend::{self, Backend, Options};
use super::doors::Reads;
use super::error::StoreError;
use super::{postgres, sqlite};

/// The name of the copy in its folder.
pub const SQLITE_FILE: &str = "recepisse.sqlite";
pub const POSTGRES_FILE: &str = "recepisse.dump";

/// What no copy carries: once it is destroyed, it is nowhere.
const NOT_COPIED: &str = "commitment_nonces";

/// Databases made beside another so far, so that two at a time have two names.
static BESIDE: AtomicU32 = AtomicU32::new(1);

#[derive(Debug, QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

const SCHEMA: &str = "SELECT CAST(MAX(version) AS TEXT) AS answer FROM __diesel_schema_migrations";

/// A copy that was made, and what was read in it: one moment of the database.
#[derive(Debug)]
pub struct Copied<T> {
    pub engine: Backend,
    /// Its name in the folder.
    pub file: &'static str,
    /// The last migration applied.
    pub schema: String,
    pub read: T,
}

/// Copies the database of `url` into `folder` while it serves, and reads the very moment that was copied. `programs` is
/// the folder of `pg_dump`, where it is not on the path.
///
/// # Errors
/// [`StoreError`] when the database cannot be read, or the copy cannot be written.
pub fn copy<T>(
    url: &str,
    options: &Options,
    (folder, programs): (&Path, Option<&Path>),
    read: impl FnOnce(&mut dyn Reads) -> Result<T, StoreError>,
) -> Result<Copied<T>, StoreError> {
    match backend::parse(url)? {
        (Backend::Sqlite, path) => {
            let file = folder.join(SQLITE_FILE);
            let target = file.to_str().ok_or_else(|| failed("le nom du dossier n'est pas du texte"))?;
            let statement = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(target);
            statement.execute(&mut sqlite::connect(path)?)?;
            let mut conn = sqlite::connect(target)?;
            leave_out(&mut conn)?;
            let schema = one(diesel::sql_query(SCHEMA).get_result(&mut conn))?;
            let read = read(&mut conn)?;
            Ok(Copied { engine: Backend::Sqlite, file: SQLITE_FILE, schema, read })
        }
        (Backend::Postgres, url) => {
            backend::refuse_plain_remote(url, options)?;
            let mut conn = postgres::connect(url)?;
            conn.batch_execute(postgres::BEGIN_READ)?;
            let snapshot = one(diesel::sql_query("SELECT pg_export_snapshot() AS answer").get_result(&mut conn))?;
            let schema = one(diesel::sql_query(SCHEMA).get_result(&mut conn))?;
            let read = read(&mut conn)?;
            let mut dump = program("pg_dump", programs, url);
            dump.args(["--format=custom", "--no-owner", "--no-privileges"]).arg(format!("--snapshot={snapshot}"));
            dump.arg(format!("--exclude-table-data={NOT_COPIED}"));
            run(dump.arg("--file").arg(folder.join(POSTGRES_FILE)))?;
            conn.batch_execute("ROLLBACK")?;
            Ok(Copied { engine: Backend::Postgres, file: POSTGRES_FILE, schema, read })
        }
    }
}

/// A register that was not migrated yet has no such table.
fn leave_out(conn: &mut diesel::SqliteConnection) -> Result<(), StoreError> {
    let tables = format!("SELECT CAST(COUNT(*) AS TEXT) AS answer FROM sqlite_schema WHERE name = '{NOT_COPIED}'");
    if one(diesel::sql_query(tables).get_result(conn))? == "0" {
        return Ok(());
    }
    Ok(conn.batch_execute(&format!("PRAGMA secure_delete = ON; DELETE FROM {NOT_COPIED};"))?)
}

/// Leaves one file of a SQLite database that nobody uses, and says whether SQLite finds it sound.
///
/// # Errors
/// [`StoreError::Corrupt`] with what SQLite found; others when the file cannot be opened.
pub fn settle(path: &Path) -> Result<(), StoreError> {
    let path = path.to_str().ok_or_else(|| failed("le nom du fichier n'est pas du texte"))?;
    let mut conn = sqlite::connect(path)?;
    let check = "SELECT integrity_check AS answer FROM pragma_integrity_check LIMIT 1";
    let found = one(diesel::sql_query(check).get_result(&mut conn))?;
    if found != "ok" {
        return Err(StoreError::Corrupt(found));
    }
    Ok(conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;")?)
}

/// Puts a dump into an empty PostgreSQL database, whole or not at all.
///
/// # Errors
/// [`StoreError::Schema`] when the database has tables; others when `pg_restore` fails.
pub fn put_back(url: &str, options: &Options, dump: &Path, programs: Option<&Path>) -> Result<(), StoreError> {
    backend::refuse_plain_remote(url, options)?;
    let tables =
        "SELECT CAST(COUNT(*) AS TEXT) AS answer FROM pg_catalog.pg_tables WHERE schemaname = current_schema()";
    if one(diesel::sql_query(tables).get_result(&mut postgres::connect(url)?))? != "0" {
        return Err(StoreError::Schema(
            "cette base contient déjà des tables : restaurez dans une base vide".to_owned(),
        ));
    }
    let mut restore = program("pg_restore", programs, url);
    restore.args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]);
    run(restore.arg(dump))
}

/// A database beside that of `url`, of which only the name differs, for the time of `work`.
///
/// # Errors
/// Those of `work`; [`StoreError`] when the account may not create databases.
pub fn beside<T, E: From<StoreError>>(url: &str, work: impl FnOnce(&str) -> Result<T, E>) -> Result<T, E> {
    let name = format!("recepisse_epreuve_{}_{}", std::process::id(), BESIDE.fetch_add(1, Ordering::Relaxed));
    let mut conn = postgres::connect(url)?;
    conn.batch_execute(&format!("CREATE DATABASE {name}")).map_err(StoreError::from)?;
    let (head, query) = url.split_once('?').map_or((url, String::new()), |(head, query)| (head, format!("?{query}")));
    let server = head.rsplit_once('/').map_or(head, |(server, _)| server);
    let done = work(&format!("{server}/{name}{query}"));
    conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).map_err(StoreError::from)?;
    done
}

fn one(found: diesel::QueryResult<Answer>) -> Result<String, StoreError> {
    Ok(found?.answer)
}

fn failed(what: &str) -> StoreError {
    StoreError::Failed(what.to_owned())
}

/// One of PostgreSQL's own programs on the database of `url`; the password goes by the environment, because anybody
/// on the machine can read an argument.
fn program(name: &str, folder: Option<&Path>, url: &str) -> Command {
    let (url, password) = without_password(url);
    let mut command = Command::new(folder.map_or_else(|| name.into(), |folder| folder.join(name)));
    command.arg("--dbname").arg(url).stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command
}

fn without_password(url: &str) -> (String, Option<String>) {
    let parts = || {
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let (account, host) = authority.rsplit_once('@')?;
        let (user, password) = account.split_once(':')?;
        let password = percent_encoding::percent_decode_str(password).decode_utf8_lossy().into_owned();
        Some((format!("{scheme}://{user}@{host}{path}"), Some(password)))
    };
    parts().unwrap_or_else(|| (url.to_owned(), None))
}

fn run(command: &mut Command) -> Result<(), StoreError> {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let done = command.output().map_err(|error| {
        failed(&format!("{name} ne se lance pas : {error}. Installez les programmes clients de PostgreSQL, ou indiquez leur dossier avec --postgresql-bin"))
    })?;
    if done.status.success() {
        return Ok(());
    }
    Err(failed(&format!("{name} : {}", String::from_utf8_lossy(&done.stderr).trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_leaves_the_arguments() {
        let told = |url| without_password(url);
        assert_eq!(told("postgres://u:p%40ss@h:1/d?x=1"), ("postgres://u@h:1/d?x=1".into(), Some("p@ss".into())));
        for plain in ["postgres://u@h/d", "postgres:///d?host=/tmp/a:b", "postgres://h/d"] {
            assert_eq!(told(plain), (plain.to_owned(), None));
        }
        let command = format!("{:?}", program("pg_dump", None, "postgres://u:s3cret@h/d").get_args());
        assert!(!command.contains("s3cret"));
    }
}
