//! What an audit has found: stored rows held beside what the receipts say, in the order of their keys, one page in memory at a
//! time. What never lives here: a table, or a repair.

use std::borrow::Borrow;
use std::fmt::Debug;

use super::Difference;
use crate::store::StoreError;

/// How many differences are told one by one.
const MOST: usize = 100;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Rows compared.
    pub(super) rows: i64,
    pub(super) differences: Vec<Difference>,
    pub(super) total: i64,
    /// Passes whose codes the register does not have, since it was rebuilt from an archive.
    pub(super) codes_left_out: i64,
}

impl Findings {
    /// Compares one row; `None` is a row that is not there.
    pub(super) fn row<T: PartialEq + Debug>(
        &mut self,
        projection: &'static str,
        key: impl FnOnce() -> String,
        (stored, recomputed): (Option<&T>, Option<&T>),
    ) {
        self.rows += 1;
        if stored == recomputed {
            return;
        }
        self.total += 1;
        if self.differences.len() < MOST {
            let told = |value: Option<&T>| value.map_or_else(|| "rien".to_owned(), |value| format!("{value:?}"));
            let (stored, recomputed) = (told(stored), told(recomputed));
            self.differences.push(Difference { projection, key: key(), stored, recomputed });
        }
    }

    /// Compares every row of a table, and finds the rows that it lacks. Both sides come in ascending order of their keys;
    /// `printed` writes a key as people call it.
    ///
    /// # Errors
    /// The first of `stored`.
    pub(super) fn table<K: Ord, T: PartialEq + Debug>(
        &mut self,
        (projection, printed): (&'static str, impl Fn(&K) -> String),
        stored: impl IntoIterator<Item = Result<(K, T), StoreError>>,
        said: impl IntoIterator<Item = (impl Borrow<K>, impl Borrow<T>)>,
    ) -> Result<(), StoreError> {
        let mut said = said.into_iter().peekable();
        for row in stored {
            let (key, stored) = row?;
            while let Some((missing, said)) = said.next_if(|(next, _)| *next.borrow() < key) {
                self.row(projection, || printed(missing.borrow()), (None, Some(said.borrow())));
            }
            let same = said.next_if(|(next, _)| *next.borrow() == key);
            let said = same.as_ref().map(|(_, said)| said.borrow());
            self.row(projection, || printed(&key), (Some(&stored), said));
        }
        for (missing, said) in said {
            self.row(projection, || printed(missing.borrow()), (None, Some(said.borrow())));
        }
        Ok(())
    }
}

/// The rows that `read` finds after a key, page after page, from the first after `before` until a page is empty.
pub(super) fn paged<K: Clone, T>(
    before: K,
    mut read: impl FnMut(&K) -> Result<Vec<(K, T)>, StoreError>,
) -> impl Iterator<Item = Result<(K, T), StoreError>> {
    let (mut after, mut ended) = (before, false);
    let pages = std::iter::from_fn(move || {
        let page = if ended { return None } else { read(&after) };
        match page.as_ref().map(|page| page.last()) {
            Ok(Some((last, _))) => after = last.clone(),
            Ok(None) | Err(_) => ended = true,
        }
        Some(page)
    });
    pages.flat_map(|page| {
        let (rows, error) = page.map_or_else(|error| (Vec::new(), Some(error)), |rows| (rows, None));
        rows.into_iter().map(Ok).chain(error.map(Err))
    })
}

/// Rows that follow each other under one key, gathered.
pub(super) fn gathered<K: PartialEq, T>(
    rows: impl Iterator<Item = Result<T, StoreError>>,
    key: impl Fn(&T) -> K,
) -> impl Iterator<Item = Result<(K, Vec<T>), StoreError>> {
    let mut rows = rows.peekable();
    std::iter::from_fn(move || {
        let first = match rows.next()? {
            Ok(row) => row,
            Err(error) => return Some(Err(error)),
        };
        let (own, mut gathered) = (key(&first), vec![first]);
        while let Some(Ok(row)) = rows.next_if(|row| matches!(row, Ok(row) if key(row) == own)) {
            gathered.push(row);
        }
        Some(Ok((own, gathered)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The rows from 1 whose numbers are `stored`, two at a time.
    fn pages<'r>(stored: &'r [(i64, &'r str)]) -> impl Iterator<Item = Result<(i64, &'r str), StoreError>> {
        paged(0, move |after| Ok(stored.iter().filter(|(key, _)| key > after).take(2).copied().collect()))
    }

    fn found(stored: &[(i64, &'static str)], said: &[(i64, &'static str)]) -> (i64, Vec<String>) {
        let mut found = Findings::default();
        found.table(("rows", |key: &i64| key.to_string()), pages(stored), said.iter().copied()).unwrap();
        assert_eq!(usize::try_from(found.total).unwrap(), found.differences.len());
        let told = |one: &Difference| format!("{} {} {}", one.key, one.stored, one.recomputed);
        (found.rows, found.differences.iter().map(told).collect())
    }

    #[test]
    fn equal_sides_have_no_difference_and_every_row_is_counted() {
        let rows = [(1, "a"), (2, "b"), (5, "c"), (7, "d"), (9, "e")];
        assert_eq!(found(&rows, &rows), (5, vec![]));
        assert_eq!(found(&[], &[]), (0, vec![]));
    }

    #[test]
    fn a_row_that_one_side_lacks_is_found_wherever_it_stands() {
        let rows = [(1, "a"), (2, "b"), (5, "c"), (7, "d")];
        for at in 0..rows.len() {
            let (key, value) = rows[at];
            let less: Vec<_> = rows.iter().copied().filter(|(other, _)| *other != key).collect();
            assert_eq!(found(&less, &rows), (4, vec![format!("{key} rien {value:?}")]));
            assert_eq!(found(&rows, &less), (4, vec![format!("{key} {value:?} rien")]));
        }
        let lacking = vec!["1 rien \"a\"".to_owned(), "2 rien \"b\"".to_owned()];
        assert_eq!(found(&[], &rows[..2]), (2, lacking));
    }

    #[test]
    fn a_row_that_says_something_else_is_found() {
        assert_eq!(found(&[(3, "a"), (4, "x")], &[(3, "a"), (4, "b")]), (2, vec!["4 \"x\" \"b\"".to_owned()]));
    }

    #[test]
    fn differences_are_all_counted_and_the_first_hundred_told() {
        let mut found = Findings::default();
        let rows = (1..=150).map(|key| Ok((key, "a")));
        found.table(("rows", i64::to_string), rows, BTreeMap::<i64, &str>::new()).unwrap();
        assert_eq!((found.rows, found.total, found.differences.len()), (150, 150, MOST));
    }

    #[test]
    fn a_page_that_cannot_be_read_ends_the_comparison_with_its_error() {
        let mut asked = 0;
        let broken = paged(0, |after| {
            asked += 1;
            if *after == 0 { Ok(vec![(1, ()), (2, ())]) } else { Err(StoreError::Corrupt("a page".to_owned())) }
        });
        let read = Findings::default().table(("rows", i64::to_string), broken, [(1, ()), (2, ()), (3, ())]);
        assert!(matches!(read, Err(StoreError::Corrupt(_))));
        assert_eq!(asked, 2);
    }
}
