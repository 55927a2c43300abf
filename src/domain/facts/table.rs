//! Rows as they were loaded and as they stand after the acts granted so far. What never lives here: what a row means.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A row as loaded and as it stands after the acts granted so far. The difference is what must be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<V> {
    pub loaded: Option<V>,
    pub now: V,
}

/// Rows by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<K, V>(BTreeMap<K, Row<V>>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord, V: Clone + PartialEq> Table<K, V> {
    /// The row as it stands now.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key).map(|row| &row.now)
    }

    /// Takes a row in as the database has it.
    pub fn load(&mut self, key: K, value: V) {
        self.0.insert(key, Row { loaded: Some(value.clone()), now: value });
    }

    /// Sets the row, new or known.
    pub fn set(&mut self, key: K, value: V) {
        match self.0.get_mut(&key) {
            Some(row) => row.now = value,
            None => {
                self.0.insert(key, Row { loaded: None, now: value });
            }
        }
    }

    /// Changes a known row; an unknown key is left alone.
    pub fn change(&mut self, key: &K, change: impl FnOnce(&mut V)) {
        if let Some(row) = self.0.get_mut(key) {
            change(&mut row.now);
        }
    }

    /// Takes a row out that is deleted besides; set again, it is new.
    pub(in crate::domain) fn remove(&mut self, key: &K) {
        self.0.remove(key);
    }

    /// The rows whose keys lie in a range, as they stand now.
    pub fn range(&self, keys: RangeInclusive<K>) -> impl Iterator<Item = &V> {
        self.0.range(keys).map(|(_, row)| &row.now)
    }

    /// The same with their keys.
    pub fn entries(&self, keys: RangeInclusive<K>) -> impl Iterator<Item = (&K, &V)> {
        self.0.range(keys).map(|(key, row)| (key, &row.now))
    }

    /// Every row as it stands now.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, row)| (key, &row.now))
    }

    /// The rows that differ from what was loaded.
    pub fn changed(&self) -> impl Iterator<Item = (&K, &Row<V>)> {
        self.0.iter().filter(|(_, row)| row.loaded.as_ref() != Some(&row.now))
    }
}
