//! How many are drawn from each stratum. What never lives here: which ones, or what is looked for in them.

/// Splits a sample over strata in proportion to what they hold: every stratum that holds something gives at least one,
/// none gives more than it holds, and the largest remainders get what is left. The answer sums to `size`, or to all that
/// there is, or to the number of strata where `size` is less than that.
#[must_use]
pub fn allocate(size: usize, strata: &[usize]) -> Vec<usize> {
    let all: usize = strata.iter().sum();
    let size = size.min(all);
    let share = |held: &usize| (*held * size).checked_div(all).unwrap_or(0).max(1).min(*held);
    let mut parts: Vec<usize> = strata.iter().map(share).collect();
    let mut left = size.saturating_sub(parts.iter().sum());
    // What the smallest strata were given beyond their share comes from the largest part.
    for _ in size..parts.iter().sum() {
        if let Some(largest) = parts.iter_mut().max().filter(|largest| **largest > 1) {
            *largest -= 1;
        }
    }
    let mut by_remainder: Vec<(usize, usize)> =
        strata.iter().enumerate().map(|(place, held)| ((*held * size).checked_rem(all).unwrap_or(0), place)).collect();
    by_remainder.sort_unstable_by(|one, other| other.cmp(one));
    // Each turn gives at least one away: there is room while the parts are fewer than all.
    while left > 0 {
        for (_, place) in &by_remainder {
            if let (Some(part), Some(held)) = (parts.get_mut(*place), strata.get(*place))
                && left > 0
                && *part < *held
            {
                *part += 1;
                left -= 1;
            }
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
