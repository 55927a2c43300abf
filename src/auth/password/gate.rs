//! How many password hashes run at a time. Each takes 64 MiB and a core; without a gate a storm of logins would
//! stop the venues from redeeming.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Computations at a time, and callers who may wait for one.
const RUNNING: usize = 2;
const QUEUE: usize = 32;
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Too many people sign in at this moment: the caller should try again in a few seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("password gate busy")]
pub struct Busy;

/// Lets two computations run, thirty-two callers wait five seconds at most, and sends the others away at once.
#[derive(Debug, Clone)]
pub struct Gate {
    /// One for each caller let in, running or waiting.
    places: Arc<Semaphore>,
    running: Arc<Semaphore>,
    longest_wait: Duration,
}

impl Default for Gate {
    fn default() -> Self {
        Self::of(RUNNING)
    }
}

impl Gate {
    /// The same with another number of computations at a time.
    #[must_use]
    pub fn of(running: usize) -> Self {
        Self::new(running, QUEUE, LONGEST_WAIT)
    }

    fn new(running: usize, queue: usize, longest_wait: Duration) -> Self {
        let places = Arc::new(Semaphore::new(running.saturating_add(queue)));
        Self { places, running: Arc::new(Semaphore::new(running)), longest_wait }
    }

    /// Runs `compute` on a thread that may block, once it is its turn. A caller who goes away while waiting leaves the
    /// queue; once begun, the computation keeps its turn to its end, whether or not anybody still wants the result.
    ///
    /// # Errors
    /// [`Busy`] when the queue is full, the wait too long, or the process is stopping.
    pub async fn run<T: Send + 'static>(&self, compute: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let turn = self.turn().await?;
        let work = move || {
            let result = compute();
            drop(turn);
            result
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Busy)
    }

    async fn turn(&self) -> Result<[OwnedSemaphorePermit; 2], Busy> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Busy)?;
        let waiting = tokio::time::timeout(self.longest_wait, Arc::clone(&self.running).acquire_owned());
        let running = waiting.await.map_err(|_| Busy)?.map_err(|_| Busy)?;
        Ok([running, place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_free_gate_answers_with_the_result() {
        assert_eq!(Gate::default().run(|| 42).await, Ok(42));
    }

    #[tokio::test]
    async fn a_full_queue_sends_away_at_once() {
        let gate = Gate::new(1, 0, LONG);
        let turn = gate.turn().await.unwrap();
        assert_eq!(gate.run(|| ()).await, Err(Busy));
        drop(turn);
        assert_eq!(gate.run(|| ()).await, Ok(()));
    }

    #[tokio::test]
    async fn who_waits_too_long_is_sent_away_and_leaves_the_queue() {
        let gate = Gate::new(1, 1, SHORT);
        let _turn = gate.turn().await.unwrap();
        for _ in 0..3 {
            assert_eq!(gate.run(|| ()).await, Err(Busy));
        }
        assert_eq!(gate.places.available_permits(), 1);
    }

    #[tokio::test]
    async fn who_waits_gets_the_next_turn() {
        let gate = Gate::new(1, 1, LONG);
        let turn = gate.turn().await.unwrap();
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.run(|| 7).await }
        });
        tokio::task::yield_now().await;
        drop(turn);
        assert_eq!(waiting.await.unwrap(), Ok(7));
    }

    #[tokio::test]
    async fn two_compute_at_a_time_and_thirty_two_wait() {
        let gate = Gate::default();
        assert_eq!((gate.running.available_permits(), gate.places.available_permits()), (2, 34));
        assert_eq!(gate.longest_wait, Duration::from_secs(5));
    }

    #[tokio::test]
    async fn a_computation_that_panics_gives_its_turn_back() {
        let gate = Gate::new(1, 0, SHORT);
        let broken: Result<(), Busy> = gate.run(|| panic!("on purpose")).await;
        assert_eq!(broken, Err(Busy));
        assert_eq!(gate.run(|| 1).await, Ok(1));
    }
}
