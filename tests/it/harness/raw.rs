//! A connection past the store, for tests that look at the tables themselves or do what nobody may do.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection};

use super::{Engine, Place};

/// Plain SQL on the database of a world.
pub(crate) enum Raw {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

#[derive(Debug, diesel::QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Nullable<Text>)]
    answer: Option<String>,
}

#[derive(Debug, diesel::QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = BigInt)]
    answer: i64,
}

#[expect(clippy::disallowed_methods, reason = "the point of this file is to pass the store by")]
impl Raw {
    pub(crate) fn on(place: &Place) -> Self {
        match place.engine {
            Engine::Sqlite => {
                let mut conn = SqliteConnection::establish(place.url.trim_start_matches("sqlite:")).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
                Self::Sqlite(Box::new(conn))
            }
            Engine::Postgres => Self::Postgres(Box::new(PgConnection::establish(&place.url).unwrap())),
        }
    }
}

impl Raw {
    /// Runs statements; the error is the engine's own sentence.
    pub(crate) fn run(&mut self, sql: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql),
            Self::Postgres(conn) => conn.batch_execute(sql),
        }
        .map_err(|error| error.to_string())
    }

    /// The column `answer` of every row, as text.
    pub(crate) fn texts(&mut self, sql: &str) -> Vec<Option<String>> {
        let query = diesel::sql_query(sql);
        let rows: Vec<TextRow> = match self {
            Self::Sqlite(conn) => query.load(&mut **conn),
            Self::Postgres(conn) => query.load(&mut **conn),
        }
        .unwrap();
        rows.into_iter().map(|row| row.answer).collect()
    }

    /// The column `answer` of the only row.
    pub(crate) fn number(&mut self, sql: &str) -> i64 {
        let query = diesel::sql_query(sql);
        let row: NumberRow = match self {
            Self::Sqlite(conn) => query.get_result(&mut **conn),
            Self::Postgres(conn) => query.get_result(&mut **conn),
        }
        .unwrap();
        row.answer
    }
}
