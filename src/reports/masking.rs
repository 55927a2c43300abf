//! Counts too small to be published: a handful of people in one commune, of one age, is somebody. One function, for every
//! figure that leaves the Region. What never lives here: which figures those are.

/// The smallest count of people that is shown, 0 apart.
pub const LEAST: i64 = 5;

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

/// Whether a count is of a handful of people.
#[must_use]
pub(crate) fn is_small(count: i64) -> bool {
    (1..LEAST).contains(&count)
}

/// A part of a whole: so many started, of so many handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) count: i64,
    pub(crate) whole: i64,
    /// Not to be shown, whatever it is.
    pub(crate) hidden: bool,
}

impl Part {
    const fn rest(&self) -> i64 {
        self.whole - self.count
    }

    /// Whether the part or what is left of its whole is a small count.
    fn is_small(&self) -> bool {
        is_small(self.count) || is_small(self.rest())
    }
}

/// Which parts may be shown, where the wholes, the sum of the parts and so the sum of the rests are known: none of which either
/// side is small, and none of as many others, the smallest wholes first, as it takes that both sides of what is hidden sum to at
/// least [`LEAST`] over at least two. Where that cannot be had, nothing is shown; an empty whole hides nothing.
#[must_use]
pub(crate) fn masked_parts(parts: &[Part]) -> Vec<bool> {
    let mut shown: Vec<bool> = parts.iter().map(|part| part.whole == 0 || !(part.hidden || part.is_small())).collect();
    loop {
        let hidden: Vec<&Part> = parts.iter().zip(&shown).filter(|(_, shown)| !**shown).map(|(part, _)| part).collect();
        let sums = |of: fn(&Part) -> i64| hidden.iter().map(|part| of(part)).sum::<i64>();
        let safe = hidden.len() > 1 && sums(|part| part.count) >= LEAST && sums(Part::rest) >= LEAST;
        let next = (0..parts.len())
            .filter(|place| shown.get(*place) == Some(&true) && parts.get(*place).is_some_and(|part| part.whole > 0));
        let next = next.min_by_key(|place| parts.get(*place).map(|part| part.whole));
        match next.and_then(|place| shown.get_mut(place)) {
            Some(cell) if !hidden.is_empty() && !safe => *cell = false,
            _ => return shown,
        }
    }
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

    #[test]
    fn a_part_is_hidden_where_either_side_is_small_or_would_follow() {
        let part = |count, whole| Part { count, whole, hidden: false };
        assert_eq!(masked_parts(&[part(20, 40), part(30, 60)]), [true, true]);
        assert_eq!(masked_parts(&[part(2, 40), part(30, 60), part(10, 20)]), [false, true, false], "2 would follow");
        assert_eq!(masked_parts(&[part(38, 40), part(30, 60), part(10, 20)]), [false, true, false], "and 38 of 40 too");
        assert_eq!(masked_parts(&[part(2, 40), part(3, 60), part(50, 90)]), [false, false, true]);
        assert_eq!(masked_parts(&[part(1, 40), part(2, 60), part(50, 90)]), [false, false, false], "3 are 3 people");
        assert_eq!(masked_parts(&[part(0, 0), part(0, 40), part(7, 30)]), [true, true, true]);
        let forced = Part { count: 20, whole: 40, hidden: true };
        assert_eq!(masked_parts(&[forced, part(30, 60), part(7, 90)]), [false, false, true]);
        assert_eq!(masked_parts(&[]), [true; 0]);
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
