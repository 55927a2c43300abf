//! Money shared among funders, to the cent, and nobody ever gets more than a given limit. What never lives here: what is
//! shared, or when; nor how remainders are given (see `shares`).

use super::programme::FundingShare;
use super::shares::shares as by_weight;

/// Splits `total` cents by the shares of the funders. With `limits`, what somebody may get at most, such as the split of a
/// larger sum: a remainder then never makes a part larger than that of the whole.
#[must_use]
pub fn split(total: i64, shares: &[FundingShare], limits: Option<&[i64]>) -> Vec<i64> {
    let weights: Vec<u64> = shares.iter().map(|share| u64::from(share.basis_points)).collect();
    by_weight(total, &weights, limits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::text::Label;

    fn shares(points: &[u32]) -> Vec<FundingShare> {
        let named = |(place, basis_points): (usize, &u32)| FundingShare {
            funder: Label::parse(&format!("Financeur {place}")).unwrap(),
            basis_points: *basis_points,
        };
        points.iter().enumerate().map(named).collect()
    }

    #[test]
    fn the_largest_remainder_gets_the_cent() {
        assert_eq!(split(100, &shares(&[3333, 3333, 3334]), None), [33, 33, 34]);
        assert_eq!(split(1, &shares(&[5000, 5000]), None), [1, 0]);
        assert_eq!(split(0, &shares(&[10_000]), None), [0]);
        assert_eq!(split(66_100_000, &shares(&[6500, 3500]), None), [42_965_000, 23_135_000]);
    }

    fn any_shares() -> impl Strategy<Value = Vec<FundingShare>> {
        proptest::collection::btree_set(1_u32..10_000, 0..6).prop_map(|cuts| {
            let cuts: Vec<u32> = cuts.into_iter().chain([10_000]).collect();
            let points: Vec<u32> =
                cuts.iter().scan(0, |before, cut| Some(cut - std::mem::replace(before, *cut))).collect();
            shares(&points)
        })
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_cent_and_none_exceeds_its_part_of_the_whole(
            shares in any_shares(), whole in 0_i64..10_000_000_000, part in 0_u32..=1_000,
        ) {
            let used = whole / 1_000 * i64::from(part);
            let of_whole = split(whole, &shares, None);
            let of_used = split(used, &shares, Some(&of_whole));
            prop_assert_eq!(of_whole.iter().sum::<i64>(), whole);
            prop_assert_eq!(of_used.iter().sum::<i64>(), used);
            for (used, whole) in of_used.iter().zip(&of_whole) {
                prop_assert!((0..=*whole).contains(used));
            }
        }
    }
}
