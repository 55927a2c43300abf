//! Something whole shared by weights: largest remainder (the method of Hare), and nobody ever gets more than a given limit.
//! What never lives here: what is shared, or when.

/// Splits `total` by the weights: each gets the whole part of its share, and what is left goes one by one to the largest
/// remainders, the first named first. With `limits`, what somebody may get at most: what they cannot take goes to the next
/// ones, and stays undivided where nobody can take it. Without any weight, nobody gets anything.
#[must_use]
pub(super) fn shares(total: i64, weights: &[u64], limits: Option<&[i64]>) -> Vec<i64> {
    let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &u64| i128::from(total) * i128::from(*weight);
    let limit = |place: usize| limits.and_then(|limits| limits.get(place)).copied().unwrap_or(i64::MAX);
    let floor = |(place, weight): (usize, &u64)| {
        i64::try_from(exact(weight).div_euclid(whole)).unwrap_or_default().min(limit(place))
    };
    let mut parts: Vec<i64> = weights.iter().enumerate().map(floor).collect();
    let mut left = total.saturating_sub(parts.iter().sum());
    let mut order: Vec<usize> = (0..weights.len()).filter(|place| weights.get(*place) != Some(&0)).collect();
    let remainder = |place: &usize| weights.get(*place).map_or(0, |weight| exact(weight).rem_euclid(whole));
    order.sort_by_key(|place| std::cmp::Reverse(remainder(place)));
    loop {
        let before = left;
        for place in &order {
            if let Some(part) = parts.get_mut(*place).filter(|part| left > 0 && **part < limit(*place)) {
                *part += 1;
                left -= 1;
            }
        }
        if left == before {
            return parts;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_remainder_gets_what_is_left() {
        assert_eq!(shares(100, &[3333, 3333, 3334], None), [33, 33, 34]);
        assert_eq!(shares(1, &[1, 1], None), [1, 0]);
        assert_eq!(shares(0, &[1], None), [0]);
        assert_eq!(shares(10, &[0, 0], None), [0, 0]);
        assert_eq!(shares(10, &[], None), Vec::<i64>::new());
        assert_eq!(shares(66_100_000, &[6500, 3500], None), [42_965_000, 23_135_000]);
        assert_eq!(shares(10, &[0, 1], None), [0, 10]);
    }

    #[test]
    fn nobody_gets_more_than_their_limit_and_the_others_take_it() {
        assert_eq!(shares(10, &[8, 1, 1], Some(&[2, 9, 9])), [2, 4, 4]);
        assert_eq!(shares(10, &[1, 1], Some(&[2, 3])), [2, 3], "what nobody can take stays undivided");
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole_and_are_within_one_of_their_share(
            total in 0_i64..10_000_000, weights in proptest::collection::vec(0_u64..1_000_000, 1..40),
        ) {
            let parts = shares(total, &weights, None);
            let whole: u64 = weights.iter().sum();
            prop_assert_eq!(parts.iter().sum::<i64>(), if whole == 0 { 0 } else { total });
            for (part, weight) in parts.iter().zip(&weights) {
                let exact = i128::from(total) * i128::from(*weight);
                let (part, whole) = (i128::from(*part), i128::from(whole));
                prop_assert!((part * whole - exact).abs() < whole.max(1));
            }
        }
    }
}
