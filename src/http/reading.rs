//! Long reads: reports, exports, verification. Which database they are asked of, and how many may read at once, so that
//! auditors wait for each other and a counter never waits for them. What never lives here: a figure, or an act.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::app::blocking;
use super::problem::Problem;
use super::replica::Replica;
use crate::store::{Store, StoreError};

/// Long reads that work at the same time. Fewer than a store has connections to read: the others are the counters'.
const AT_WORK: usize = 2;
/// Long reads that may be open, most of them waiting for their turn or for a slow reader.
const MOST_OPEN: usize = 64;
/// Seconds after which it is worth asking again.
const RETRY_SECONDS: u64 = 5;
const REPLICA_RETRY_SECONDS: u64 = 30;

/// See the module.
#[derive(Debug)]
pub struct Reading {
    source: Source,
    at_work: Semaphore,
    open: Arc<Semaphore>,
}

#[derive(Debug)]
enum Source {
    /// The database that is written.
    Primary(Arc<Store>),
    Replica(Replica),
}

impl Reading {
    /// Reads the database that is written.
    #[must_use]
    pub fn of_primary(store: Arc<Store>) -> Self {
        Self::of(Source::Primary(store))
    }

    /// Reads a replica, and only that: when it is gone, the load that it was there to take must not fall on the counters.
    #[must_use]
    pub fn of_replica(replica: Replica) -> Self {
        Self::of(Source::Replica(replica))
    }

    fn of(source: Source) -> Self {
        Self { source, at_work: Semaphore::new(AT_WORK), open: Arc::new(Semaphore::new(MOST_OPEN)) }
    }

    /// A place among the open reads, given back when dropped.
    ///
    /// # Errors
    /// `too_busy` when there are too many.
    pub(super) fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let busy = |_| Problem::new("too_busy").retry_after(RETRY_SECONDS);
        Arc::clone(&self.open).try_acquire_owned().map_err(busy)
    }

    /// Does one piece of a long read when its turn comes: turns are taken in the order in which they were asked for, and
    /// none is held while a slow caller is waited for.
    pub(super) async fn turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let _turn = self.at_work.acquire().await.map_err(|closed| Problem::internal(&closed))?;
        blocking(work).await
    }

    /// The database to read.
    ///
    /// # Errors
    /// `read_database_unreachable` while there is no replica, or it is not one of this register.
    pub(super) fn store(&self) -> Result<Arc<Store>, Problem> {
        match &self.source {
            Source::Primary(store) => Ok(Arc::clone(store)),
            Source::Replica(replica) => replica.store().map_err(|error| unreachable(&error)),
        }
    }

    /// What to tell whoever asked, of an error of the store.
    pub(super) fn problem(&self, error: &StoreError) -> Problem {
        match &self.source {
            Source::Replica(_) if error.may_pass() => unreachable(error),
            Source::Primary(_) | Source::Replica(_) => Problem::internal(error),
        }
    }
}

fn unreachable(cause: &dyn std::fmt::Display) -> Problem {
    tracing::warn!(%cause, "the database for reports cannot be read");
    Problem::new("read_database_unreachable").retry_after(REPLICA_RETRY_SECONDS)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::store::Options;

    fn reading() -> (tempfile::TempDir, Arc<Reading>) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("x.sqlite").to_str().unwrap(), &Options::default()).unwrap();
        (folder, Arc::new(Reading::of_primary(Arc::new(store))))
    }

    #[test]
    fn past_the_most_that_may_be_open_one_is_told_to_come_back() {
        let (_folder, reading) = reading();
        let mut open: Vec<_> = (0..MOST_OPEN).map(|_| reading.enter().unwrap()).collect();
        assert_eq!(reading.enter().unwrap_err().code(), "too_busy");
        open.pop();
        assert!(reading.enter().is_ok());
    }

    #[test]
    fn eight_auditors_work_two_at_a_time_and_a_counter_waits_for_none_of_them() {
        let (_folder, reading) = reading();
        let (working, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        actix_web::rt::System::new().block_on(async {
            let auditor = |_| {
                let (reading, working, most) = (Arc::clone(&reading), Arc::clone(&working), Arc::clone(&most));
                actix_web::rt::spawn(async move {
                    let work = move || {
                        most.fetch_max(working.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(100));
                        working.fetch_sub(1, Ordering::SeqCst);
                        Ok(())
                    };
                    reading.turn(work).await
                })
            };
            let auditors: Vec<_> = (0..8).map(auditor).collect();
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
            // The auditors need four turns: the counter reads during the first, with the store's own connections.
            let store = reading.store().unwrap();
            blocking(move || Ok(store.read(|tx| tx.refused_scans_count(crate::domain::ids::ProgrammeNo(1)))?))
                .await
                .unwrap();
            assert!(working.load(Ordering::SeqCst) > 0, "the counter waited for the auditors");
            for auditor in auditors {
                auditor.await.unwrap().unwrap();
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), AT_WORK);
    }
}
