//! Connections and transactions: a pool for reading, one connection for writing. The pool of one is the queue.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::RunQueryDsl;
use diesel::connection::{Connection as _, InstrumentationEvent, SimpleConnection};
use diesel::r2d2::{self, ConnectionManager, CustomizeConnection, ManageConnection, Pool};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::super::super::backend::Options;
use super::super::super::doors::{Reads, Writes};
use super::super::super::error::{StoreError, WriteError};
use super::super::super::inspection;
use super::super::super::stored::Recorded;
use super::journal::through_the_door;
use super::{
    AT_REST, BEGIN_READ, BEGIN_WRITE, Conn, EXPECTED, GUARDS, MEASURE, PLAN_ANEW, READ_ONLY, READERS, STORAGE, connect,
    lock_migrations, objects, prepare, unlock_migrations, within_bounds,
};
use crate::domain::ids::ProgrammeNo;

diesel::table! {
    #[sql_name = "__diesel_schema_migrations"]
    applied_migrations (version) {
        version -> Text,
    }
}

/// How long a read waits for a connection. The pool also pauses half as long, at most, between its attempts to connect again:
/// a database that came back must not be found out only seconds later.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// One database.
pub(in crate::store) struct Engine {
    url: String,
    readers: Pool<Readers>,
    /// `None` after a failed reconnection; the next write tries again.
    writer: Mutex<Option<Conn>>,
    plans: Plans,
}

/// When the plans of the connection that writes are due to be made anew: each time the number of commits has doubled since a
/// statement was first prepared. What the youngest plan reads has not grown by more since it was made. Counted from the
/// start of the server instead, the first hand-outs after a month would keep the plan of an empty table for another.
#[derive(Debug, Default)]
struct Plans {
    commits: Arc<AtomicU64>,
}

impl Plans {
    /// A connection to write with, which tells when it prepares a statement where its plans are made anew.
    fn connect(&self, url: &str) -> Result<Conn, StoreError> {
        let (mut conn, commits) = (connect(url)?, Arc::clone(&self.commits));
        if PLAN_ANEW.is_some() {
            conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::CacheQuery { .. } = event {
                    commits.store(0, Ordering::Relaxed);
                }
            });
        }
        Ok(conn)
    }

    /// Counts a commit.
    fn are_due(&self) -> bool {
        self.commits.fetch_add(1, Ordering::Relaxed).saturating_add(1).is_power_of_two()
    }
}

/// Hands connections out inside a transaction: whether one can be opened tells whether the connection still lives, so
/// nothing else needs to be asked.
#[derive(Debug)]
struct Readers(ConnectionManager<Conn>);

impl ManageConnection for Readers {
    type Connection = Conn;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<Conn, r2d2::Error> {
        self.0.connect()
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), r2d2::Error> {
        conn.batch_execute(BEGIN_READ).map_err(r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        self.0.has_broken(conn)
    }
}

#[derive(Debug)]
struct Prepare;

impl CustomizeConnection<Conn, r2d2::Error> for Prepare {
    fn on_acquire(&self, conn: &mut Conn) -> Result<(), r2d2::Error> {
        let failed =
            |error: StoreError| r2d2::Error::ConnectionError(diesel::ConnectionError::BadConnection(error.to_string()));
        prepare(conn).map_err(failed)?;
        conn.batch_execute(READ_ONLY).map_err(|error| failed(error.into()))
    }
}

impl Engine {
    pub(in crate::store) fn open(url: &str, options: &Options) -> Result<Self, StoreError> {
        let url = within_bounds(url);
        let plans = Plans::default();
        let writer = plans.connect(&url)?;
        let unreachable = |error: diesel::r2d2::PoolError| StoreError::Unreachable(error.to_string());
        let readers = Pool::builder()
            .max_size(options.readers.unwrap_or(READERS))
            .min_idle(Some(1))
            .connection_timeout(LONGEST_WAIT)
            .connection_customizer(Box::new(Prepare))
            .test_on_check_out(true)
            .build(Readers(ConnectionManager::new(&url)))
            .map_err(unreachable)?;
        Ok(Self { url, readers, writer: Mutex::new(Some(writer)), plans })
    }

    /// Brings the schema up to date, sets the guards and looks whether all is as it should be. Refuses a schema newer
    /// than this program, one that was changed, and, unless they are to be restored, guards that were taken away.
    pub(in crate::store) fn migrate(&self, options: &Options) -> Result<Vec<String>, StoreError> {
        self.with_writer(|conn| {
            lock_migrations(conn)?;
            let done = migrate(conn, options);
            unlock_migrations(conn)?;
            done
        })
    }

    /// Whether the schema is exactly the one that this program knows.
    pub(in crate::store) fn check_schema(&self) -> Result<(), StoreError> {
        self.reading(check_schema)
    }

    pub(in crate::store) fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut dyn Reads) -> Result<T, E>,
    ) -> Result<T, E> {
        self.reading(|conn| work(conn))
    }

    fn reading<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        let unreachable = |error: diesel::r2d2::PoolError| StoreError::Unreachable(error.to_string());
        let mut conn = self.readers.get().map_err(unreachable)?;
        let answer = work(&mut conn);
        let ended = conn.batch_execute("ROLLBACK").map_err(StoreError::from);
        let answer = answer?;
        ended?;
        Ok(answer)
    }

    /// PostgreSQL forgets a transaction of which one statement failed, and answers COMMIT all the same: an error that `work`
    /// swallowed must not pass for a commit, so one more statement asks whether any still works.
    pub(in crate::store) fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut dyn Writes) -> Result<T, E>,
        when_unknown: impl FnOnce(),
    ) -> Result<T, WriteError<E>> {
        let work = |conn: &mut Conn| {
            let answer = work(conn)?;
            conn.batch_execute("SELECT 1").map_err(StoreError::from)?;
            Ok(answer)
        };
        self.transact(BEGIN_WRITE, work, when_unknown)
    }

    /// The same behind a programme's door, which opens with the transaction. That the last statement worked is recorded.
    pub(in crate::store) fn write_group<T, E: From<StoreError>>(
        &self,
        programme: ProgrammeNo,
        work: impl FnOnce(&mut dyn Writes) -> Result<(T, Recorded), E>,
        when_unknown: impl FnOnce(),
    ) -> Result<T, WriteError<E>> {
        let work = |conn: &mut Conn| work(conn).map(|(answer, Recorded(()))| answer);
        self.transact(&format!("{BEGIN_WRITE}; {}", through_the_door(programme)), work, when_unknown)
    }

    fn transact<T, E: From<StoreError>>(
        &self,
        opening: &str,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
        when_unknown: impl FnOnce(),
    ) -> Result<T, WriteError<E>> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut conn = self.begin(&mut writer, opening).map_err(|error| WriteError::Undone(error.into()))?;
        match work(&mut conn) {
            Ok(answer) => match conn.batch_execute("COMMIT") {
                Ok(()) => {
                    *writer = self.planned_anew(conn);
                    Ok(answer)
                }
                // The connection is dropped: nothing more can be learnt from it.
                Err(error) => {
                    when_unknown();
                    Err(WriteError::Unknown(error.into()))
                }
            },
            Err(error) => {
                keep_undone(&mut writer, conn);
                Err(WriteError::Undone(error))
            }
        }
    }

    /// Has plans made anew when they are due. A connection that fails at it is given up; what was committed stands.
    fn planned_anew(&self, mut conn: Conn) -> Option<Conn> {
        match PLAN_ANEW {
            Some(anew) if self.plans.are_due() => conn.batch_execute(anew).is_ok().then_some(conn),
            _ => Some(conn),
        }
    }

    pub(in crate::store) fn readers(&self) -> u32 {
        self.readers.max_size()
    }

    pub(in crate::store) fn readers_in_use(&self) -> u32 {
        let state = self.readers.state();
        state.connections.saturating_sub(state.idle_connections)
    }

    /// Leaves the database as a stop should.
    pub(in crate::store) fn come_to_rest(&self) -> Result<(), StoreError> {
        self.with_writer(|conn| Ok(conn.batch_execute(AT_REST)?))
    }

    /// Tells the planner how much the tables hold.
    pub(in crate::store) fn measure(&self) -> Result<(), StoreError> {
        self.with_writer(|conn| Ok(conn.batch_execute(MEASURE)?))
    }

    /// What the schema holds: see `inspection`.
    pub(in crate::store) fn objects(&self) -> Result<Vec<String>, StoreError> {
        self.with_writer(objects)
    }

    /// Opens a transaction to write. A connection that died while nobody used it is replaced: nothing that it was asked
    /// can have been committed.
    fn begin(&self, writer: &mut Option<Conn>, opening: &str) -> Result<Conn, StoreError> {
        let kept = writer.take().map(|mut conn| (conn.batch_execute(opening).map_err(StoreError::from), conn));
        let (opened, conn) = match kept {
            Some((Err(StoreError::Unreachable(_)), _)) | None => {
                let mut conn = self.plans.connect(&self.url)?;
                (conn.batch_execute(opening).map_err(StoreError::from), conn)
            }
            Some(kept) => kept,
        };
        if let Err(error) = opened {
            keep_undone(writer, conn);
            return Err(error.at_the_door());
        }
        Ok(conn)
    }

    fn with_writer<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        match writer.as_mut() {
            Some(conn) => work(conn),
            None => Err(StoreError::Unreachable("the connection for writing is lost".to_owned())),
        }
    }
}

/// Undoes what was begun and keeps the connection, where that works.
fn keep_undone(writer: &mut Option<Conn>, mut conn: Conn) {
    if conn.batch_execute("ROLLBACK").is_ok() {
        *writer = Some(conn);
    }
}

fn migrate(conn: &mut Conn, options: &Options) -> Result<Vec<String>, StoreError> {
    let applied = conn.applied_migrations().map_err(failed)?;
    refuse_newer(&known()?, applied.iter().map(ToString::to_string))?;
    let run = conn.run_pending_migrations(MIGRATIONS).map_err(failed)?;
    let run: Vec<String> = run.iter().map(ToString::to_string).collect();
    if !run.is_empty() {
        conn.batch_execute(GUARDS)?;
    }
    if run.is_empty() && !options.restore_guards {
        // A start that was killed may have left a new table without its guard: with nothing in it, nothing was at stake.
        for table in inspection::unguarded(&objects(conn)?, EXPECTED) {
            if has_rows(conn, &table)? {
                return Err(inspection::guard_lost(&table));
            }
        }
    }
    conn.batch_execute(GUARDS)?;
    inspection::compare(&objects(conn)?, EXPECTED)?;
    // Only of a schema that is known: it names columns.
    conn.batch_execute(STORAGE)?;
    Ok(run)
}

/// Whether the table, which is one of ours, holds anything.
fn has_rows(conn: &mut Conn, table: &str) -> Result<bool, StoreError> {
    let any = diesel::dsl::sql::<diesel::sql_types::Bool>(&format!("SELECT EXISTS (SELECT 1 FROM {table})"));
    Ok(any.get_result(conn)?)
}

/// Asks the table that migrations leave, and changes nothing: a replica could not.
fn check_schema(conn: &mut Conn) -> Result<(), StoreError> {
    use diesel::QueryDsl as _;
    let applied = applied_migrations::table.select(applied_migrations::version);
    let applied: Vec<String> = diesel::RunQueryDsl::load(applied, conn)
        .map_err(|error| StoreError::Schema(format!("cette base n'est pas celle d'un registre ({error})")))?;
    let known = known()?;
    refuse_newer(&known, applied.iter().cloned())?;
    if let Some(missing) = known.iter().find(|version| !applied.contains(version)) {
        return Err(StoreError::Schema(format!(
            "le schéma de la base est plus ancien que ce programme (il manque la migration {missing}) : \
             lancez « recepisse migrate », ou démarrez le service"
        )));
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err as it is")]
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Schema(error.to_string())
}

/// The versions that this program brings.
fn known() -> Result<Vec<String>, StoreError> {
    let known = diesel::migration::MigrationSource::<super::Db>::migrations(&MIGRATIONS).map_err(failed)?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn refuse_newer(known: &[String], applied: impl Iterator<Item = String>) -> Result<(), StoreError> {
    let mut newer = applied.filter(|version| !known.contains(version));
    newer.next().map_or(Ok(()), |newer| {
        Err(StoreError::Schema(format!(
            "la base a été migrée par une version plus récente de ce programme (migration {newer}) : remettez le programme à jour"
        )))
    })
}
