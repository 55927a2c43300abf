//! Who calls and which programme is meant, remembered for a moment, so that a busy counter does not read the same
//! rows for every pass. Everything is forgotten whenever reference data or a session changes in this process; what
//! another process changes is noticed after [`MOMENT`]. What a writer may do does not depend on it: the ledger looks
//! at the account, its role and its organisation again in the transaction that writes.
//! What never lives here: stock, receipts, or anything an act decides on.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::caller::SignedIn;
use crate::domain::ids::UserId;
use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;

/// How long a row is believed without looking again.
const MOMENT: Duration = Duration::from_secs(1);
/// Rows of one kind at most; then all of them are forgotten.
const MOST: usize = 10_000;

/// See the module.
#[derive(Debug, Default)]
pub struct Remembered {
    pub(super) callers: Shelf<(UserId, Uuid), SignedIn>,
    pub(super) programmes: Shelf<ShortCode, Programme>,
}

impl Remembered {
    /// To be called once a change is committed.
    pub(super) fn forget(&self) {
        self.callers.forget();
        self.programmes.forget();
    }
}

/// Rows of one kind.
pub(super) struct Shelf<K, V>(Mutex<Kept<K, V>>);

struct Kept<K, V> {
    rows: HashMap<K, (Arc<V>, Instant)>,
    /// Counts the times that all was forgotten: what was read before the last of them is not kept.
    forgotten: u64,
}

/// A row that is not there, and when that was: to be handed back with the row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Missing(u64);

impl<K: Eq + Hash, V> Shelf<K, V> {
    pub(super) fn get(&self, key: &K) -> Result<Arc<V>, Missing> {
        let kept = self.kept();
        let fresh = kept.rows.get(key).filter(|(_, since)| since.elapsed() < MOMENT);
        fresh.map(|(value, _)| Arc::clone(value)).ok_or(Missing(kept.forgotten))
    }

    /// Keeps what was read since [`Missing`] was answered, unless something changed meanwhile.
    pub(super) fn keep(&self, missing: Missing, key: K, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let mut kept = self.kept();
        if kept.rows.len() >= MOST {
            kept.rows.clear();
        }
        if kept.forgotten == missing.0 {
            kept.rows.insert(key, (Arc::clone(&value), Instant::now()));
        }
        value
    }

    fn forget(&self) {
        let mut kept = self.kept();
        kept.forgotten += 1;
        kept.rows.clear();
    }

    /// A caller that panicked has left the map whole: each change is one call.
    fn kept(&self) -> MutexGuard<'_, Kept<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Kept { rows: HashMap::new(), forgotten: 0 }))
    }
}

/// Says nothing of whom it remembers.
impl<K, V> fmt::Debug for Shelf<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shelf(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(shelf: &Shelf<u32, &'static str>, key: u32) -> Missing {
        shelf.get(&key).unwrap_err()
    }

    #[test]
    fn what_was_kept_is_there_until_it_is_forgotten() {
        let shelf = Shelf::default();
        shelf.keep(missing(&shelf, 1), 1, "one");
        assert_eq!(*shelf.get(&1).unwrap(), "one");
        shelf.forget();
        assert!(shelf.get(&1).is_err());
    }

    #[test]
    fn what_was_read_before_a_change_is_used_once_and_not_kept() {
        let shelf = Shelf::default();
        let before = missing(&shelf, 1);
        shelf.forget();
        assert_eq!(*shelf.keep(before, 1, "as it was"), "as it was");
        assert!(shelf.get(&1).is_err());
    }

    #[test]
    fn an_old_row_is_read_again() {
        let shelf = Shelf::default();
        let since = Instant::now().checked_sub(MOMENT).unwrap();
        shelf.kept().rows.insert(1, (Arc::new("old"), since));
        assert!(shelf.get(&1).is_err());
    }

    #[test]
    fn a_full_shelf_starts_again() {
        let shelf = Shelf::default();
        let many = u32::try_from(MOST).unwrap();
        for key in 0..=many {
            shelf.keep(missing(&shelf, key), key, "row");
        }
        assert!(shelf.get(&0).is_err() && shelf.get(&many).is_ok());
    }
}
