//! How many are drawn from each stratum. What never lives here: which ones, or what is looked for in them.

use super::shares::shares;

/// Splits a sample over strata in proportion to what they hold: every stratum that holds something gives at least one, and
/// none gives more than it holds. The answer sums to `size`, or to all that there is, or to the number of strata where
/// `size` is less than that.
#[must_use]
pub fn allocate(size: usize, strata: &[usize]) -> Vec<usize> {
    let size = size.min(strata.iter().sum());
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let weights: Vec<u64> = strata.iter().map(|held| u64::try_from(*held).unwrap_or(u64::MAX)).collect();
    let limits: Vec<i64> = strata.iter().map(|held| count(*held)).collect();
    let shared = shares(count(size), &weights, Some(&limits));
    let mut parts: Vec<usize> = shared.into_iter().map(|part| usize::try_from(part).unwrap_or(0)).collect();
    // What a small stratum gives beyond its share, the largest part does not.
    for place in 0..parts.len() {
        let forgotten = parts.get(place) == Some(&0) && strata.get(place).is_some_and(|held| *held > 0);
        if !forgotten {
            continue;
        }
        if let Some(largest) = parts.iter_mut().max().filter(|largest| **largest > 1) {
            *largest -= 1;
        }
        if let Some(part) = parts.get_mut(place) {
            *part = 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sample_is_proportional_and_forgets_no_stratum() {
        assert_eq!(allocate(10, &[500, 300, 200]), [5, 3, 2]);
        assert_eq!(allocate(10, &[9_000, 3, 0]), [9, 1, 0]);
        assert_eq!(allocate(100, &[3, 2]), [3, 2]);
        assert_eq!(allocate(2, &[5, 5, 5]), [1, 1, 1]);
        assert_eq!(allocate(5, &[]), Vec::<usize>::new());
        assert_eq!(allocate(5, &[0]), [0]);
    }

    proptest! {
        #[test]
        fn the_parts_sum_to_the_sample(size in 0_usize..2_000, strata in proptest::collection::vec(0_usize..5_000, 0..12)) {
            let parts = allocate(size, &strata);
            let filled = strata.iter().filter(|held| **held > 0).count();
            prop_assert_eq!(parts.iter().sum::<usize>(), size.min(strata.iter().sum()).max(filled));
            for (part, held) in parts.iter().zip(&strata) {
                prop_assert!(part <= held && (*held == 0 || *part > 0));
            }
        }
    }
}
