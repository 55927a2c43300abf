//! Which keys are being worked on in this process: a request that comes again while its first is still under way waits
//! for it, so that it takes no place in the queue and gets the same answer. What never lives here: whether a key was
//! answered before (see `replay`); that is asked in the transaction, and holds across processes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::SubmitError;

type Keys = HashMap<String, watch::Receiver<()>>;

/// The keys under way, by digest.
#[derive(Debug, Clone)]
pub(super) struct InFlight {
    keys: Arc<Mutex<Keys>>,
    longest_wait: Duration,
}

/// A key under way: dropped with the act, once it is answered or lost.
#[derive(Debug)]
pub(super) struct Held {
    digest: String,
    keys: InFlight,
    /// Whoever waits hears when it is dropped.
    _under_way: watch::Sender<()>,
}

impl InFlight {
    /// `longest_wait` is what a request waits for another with its key.
    pub(super) fn new(longest_wait: Duration) -> Self {
        Self { keys: Arc::default(), longest_wait }
    }

    /// Takes the key, at once when nobody has it. Else waits for the one who has it: then the answer is in the
    /// journal for all who waited, who need not wait for each other.
    ///
    /// # Errors
    /// [`SubmitError::InFlight`] when the first takes longer than the longest wait.
    pub(super) async fn enter(&self, digest: &str) -> Result<Option<Held>, SubmitError> {
        match self.take(digest) {
            Ok(held) => Ok(Some(held)),
            Err(mut first) => {
                // Nothing is ever sent: the only change is the end.
                let ended = tokio::time::timeout(self.longest_wait, first.changed()).await;
                ended.map_err(|_| SubmitError::InFlight)?.ok();
                Ok(self.take(digest).ok())
            }
        }
    }

    fn take(&self, digest: &str) -> Result<Held, watch::Receiver<()>> {
        let mut keys = self.keys();
        if let Some(first) = keys.get(digest) {
            return Err(first.clone());
        }
        let (under_way, end) = watch::channel(());
        keys.insert(digest.to_owned(), end);
        Ok(Held { digest: digest.to_owned(), keys: self.clone(), _under_way: under_way })
    }

    /// A caller that panicked has left the map whole: each change is one call.
    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.keys.keys().remove(&self.digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_key_under_way_is_waited_for_and_then_free() {
        let keys = InFlight::new(LONG);
        let first = keys.enter("key").await.unwrap().unwrap();
        assert!(keys.enter("other").await.unwrap().is_some(), "keys do not wait for each other");
        let waiting = tokio::spawn({
            let keys = keys.clone();
            async move { keys.enter("key").await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        let second = waiting.await.unwrap().unwrap();
        assert!(second.is_some());
        drop(second);
        assert!(keys.keys().is_empty(), "nothing is left behind");
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_that_the_first_is_still_under_way() {
        let keys = InFlight::new(SHORT);
        let _first = keys.enter("key").await.unwrap();
        assert!(matches!(keys.enter("key").await, Err(SubmitError::InFlight)));
    }
}
