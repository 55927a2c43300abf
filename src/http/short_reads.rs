//! Short reads: what a counter asks while somebody waits in front of it. A few threads of their own, and places for as many
//! callers. What never lives here: reports and exports (`reading`), or an act.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;
use crate::store::StoreError;

/// How long a short read waits for its place; a counter asks again sooner than that.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
const RETRY_SECONDS: u64 = 1;

/// See the module. Those who wait are callers, not threads: where the database is away, whoever leaves is gone, and a crowd
/// costs no more memory than a few. The pool that the async runtimes have for blocking work would have made a thread for
/// each caller: it finds nobody idle when a place is given back a moment before the thread that held it is free.
#[derive(Debug)]
pub(super) struct ShortReads {
    places: Arc<Semaphore>,
    /// `None` only while it is dropped.
    threads: Option<Runtime>,
}

impl ShortReads {
    /// As many places as there are connections to read with: a thread beyond them would only wait for one.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the system gives no threads.
    pub(super) fn with(places: u32) -> Result<Self, StoreError> {
        let places = usize::try_from(places).unwrap_or(1);
        let threads = Builder::new_current_thread().max_blocking_threads(places).thread_name("short-reads").build();
        let threads = threads.map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(Self { places: Arc::new(Semaphore::new(places)), threads: Some(threads) })
    }

    /// Does `work` on a thread of its own when there is a place; what it logs bears the name of the request. It keeps the
    /// place until it ends, even if the caller leaves.
    ///
    /// # Errors
    /// Those of `work`; `too_busy` when no place was free for [`LONGEST_WAIT`].
    pub(super) async fn within<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (place, request) = (self.enter().await?, tracing::Span::current());
        let threads = self.threads.as_ref().ok_or_else(too_busy)?;
        let working = threads.spawn_blocking(move || {
            let answer = request.in_scope(work);
            drop(place);
            answer
        });
        working.await.unwrap_or_else(|error| Err(Problem::internal(&error)))
    }

    async fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.places).acquire_owned()).await;
        place.ok().and_then(Result::ok).ok_or_else(too_busy)
    }
}

impl Drop for ShortReads {
    /// Waits for nobody: the last owner may be an async runtime, which must not.
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

fn too_busy() -> Problem {
    Problem::new("too_busy").retry_after(RETRY_SECONDS)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::{Mutex, mpsc};

    use super::*;

    /// A database that is away keeps whoever has a place; nobody else waits for it longer than this.
    #[actix_web::test]
    async fn where_every_place_is_taken_the_next_is_told_in_time_and_a_place_given_back_is_taken() {
        let reads = ShortReads::with(2).unwrap();
        let (one, _other) = (reads.enter().await.unwrap(), reads.enter().await.unwrap());
        let asked = std::time::Instant::now();
        let refused = reads.within(|| Ok(())).await.unwrap_err();
        assert_eq!(refused.code(), "too_busy");
        assert!(asked.elapsed() < LONGEST_WAIT * 2, "{:?}", asked.elapsed());
        drop(one);
        assert_eq!(reads.within(|| Ok(5)).await.unwrap(), 5);
    }

    /// Threads that only wait are memory.
    #[actix_web::test]
    async fn callers_in_a_crowd_share_as_many_threads_as_there_are_places() {
        let (reads, threads) = (Arc::new(ShortReads::with(4).unwrap()), Arc::new(Mutex::new(HashSet::new())));
        let callers = (0..64).map(|_| {
            let (reads, threads) = (Arc::clone(&reads), Arc::clone(&threads));
            actix_web::rt::spawn(async move {
                for _ in 0..50 {
                    let threads = Arc::clone(&threads);
                    let work = move || Ok(threads.lock().unwrap().insert(std::thread::current().id()));
                    reads.within(work).await.unwrap();
                }
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            caller.await.unwrap();
        }
        let used = threads.lock().unwrap().len();
        assert!((1..=4).contains(&used), "{used} threads for 4 places");
    }

    #[actix_web::test]
    async fn a_caller_who_leaves_gives_no_place_back_that_its_work_still_needs() {
        let reads = Arc::new(ShortReads::with(1).unwrap());
        let ((start, started), (end, ended)) = (mpsc::channel(), mpsc::channel());
        let held = Arc::clone(&reads);
        let caller = actix_web::rt::spawn(async move {
            let work = move || {
                start.send(()).unwrap();
                ended.recv().unwrap();
                Ok(())
            };
            held.within(work).await
        });
        actix_web::rt::task::spawn_blocking(move || started.recv().unwrap()).await.unwrap();
        caller.abort();
        assert!(caller.await.is_err(), "the caller has left");
        assert_eq!(reads.enter().await.unwrap_err().code(), "too_busy");
        end.send(()).unwrap();
        assert!(reads.enter().await.is_ok());
    }

    #[actix_web::test]
    async fn work_that_panics_is_an_internal_error_and_gives_its_place_back() {
        let reads = ShortReads::with(1).unwrap();
        let failed = reads.within::<()>(|| panic!("on purpose")).await.unwrap_err();
        assert_eq!(failed.code(), "internal_error");
        assert_eq!(reads.within(|| Ok(5)).await.unwrap(), 5);
    }
}
