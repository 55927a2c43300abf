//! Counts too small to be published: a handful of people in one commune, of one age, is somebody. One function, for every
//! figure that leaves the Region. What never lives here: which figures those are.

/// The smallest count of people that is shown, 0 apart.
pub(crate) const LEAST: i64 = 5;

/// The counts of cells whose sum is known elsewhere, each as it may be shown: none where it is below [`LEAST`] (but 0), and
/// none for as many others, the smallest first, as it takes that what is hidden cannot be found by subtraction: at least two
/// cells that sum to at least [`LEAST`]. Where that cannot be had, nothing is shown.
#[must_use]
pub(crate) fn masked(counts: &[i64]) -> Vec<Option<i64>> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    let count_of = |place: &usize| counts.get(*place).copied().unwrap_or_default();
    order.retain(|place| count_of(place) > 0);
    order.sort_by_key(count_of);
    let (mut hidden, mut sum) = (0_usize, 0_i64);
    for place in &order {
        let count = count_of(place);
        let deducible = hidden > 0 && (hidden < 2 || sum < LEAST);
        if count >= LEAST && !deducible {
            break;
        }
        hidden += 1;
        sum = sum.saturating_add(count);
    }
    let secret: Vec<usize> = order.into_iter().take(hidden).collect();
    let shown = |(place, count): (usize, &i64)| (!secret.contains(&place)).then_some(*count);
    counts.iter().enumerate().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Entropy as _, SeededEntropy};

    #[test]
    fn a_small_count_is_hidden_with_the_smallest_that_would_give_it_away() {
        assert_eq!(masked(&[12, 3, 40]), [None, None, Some(40)]);
        assert_eq!(masked(&[12, 3, 4, 40]), [Some(12), None, None, Some(40)]);
        assert_eq!(masked(&[9, 1, 2, 40]), [None, None, None, Some(40)], "1 and 2 are 3 people together");
        assert_eq!(masked(&[5, 7, 0]), [Some(5), Some(7), Some(0)]);
        assert_eq!(masked(&[4]), [None]);
        assert_eq!(masked(&[]), []);
    }

    /// Whoever knows the sum and what is shown knows of what is hidden only a sum of several cells, and never a small one.
    #[test]
    fn nothing_hidden_follows_from_the_sum() {
        let entropy = SeededEntropy::new(5);
        for _ in 0..5_000 {
            let mut dice = [0; 8];
            entropy.fill(&mut dice);
            let (cells, dice) = dice.split_last().unwrap();
            let counts: Vec<i64> = dice[..usize::from(cells % 8)].iter().map(|die| i64::from(die % 12)).collect();
            let shown = masked(&counts);
            let small = |count: &Option<i64>| count.is_some_and(|count| (1..LEAST).contains(&count));
            assert!(!shown.iter().any(small), "{counts:?}");
            let hidden: Vec<i64> =
                counts.iter().zip(&shown).filter(|(_, shown)| shown.is_none()).map(|(count, _)| *count).collect();
            let all = hidden.len() == counts.iter().filter(|count| **count > 0).count();
            let safe = hidden.is_empty() || all || (hidden.len() > 1 && hidden.iter().sum::<i64>() >= LEAST);
            assert!(safe, "{counts:?} {shown:?}");
        }
    }
}
