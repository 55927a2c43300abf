//! The working days that the demonstration lives through. They all lie in the past, so that nothing it records is
//! ahead of the machine's clock.

use crate::domain::time::Instant;

const MILLIS_OF_DAY: i64 = 24 * 60 * 60 * 1000;

/// Eight in the morning in Paris in winter, nine in summer.
const OPENING_SECONDS: i64 = 7 * 60 * 60;

/// The opening time of each of the last `count` working days before the day of `now`, the earliest first. Public
/// holidays are not known here.
pub(super) fn working_days(now: Instant, count: usize) -> Vec<Instant> {
    let today = now.millis().div_euclid(MILLIS_OF_DAY);
    // Day 0 of the epoch was a Thursday: Monday is 0 here.
    let worked = |day: &i64| (day + 3).rem_euclid(7) < 5;
    let mut days: Vec<i64> = (0..today).rev().filter(worked).take(count).collect();
    days.reverse();
    days.into_iter().map(|day| Instant::from_millis(day * MILLIS_OF_DAY).plus_seconds(OPENING_SECONDS)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_days_are_in_the_past_and_skip_weekends() {
        let now = Instant::parse("2026-11-24T10:06:52.123Z").unwrap();
        let days: Vec<String> = working_days(now, 3).iter().map(|day| day.day().to_string()).collect();
        assert_eq!(days, ["2026-11-19", "2026-11-20", "2026-11-23"]);
        assert_eq!(working_days(now, 100).len(), 100);
    }
}
