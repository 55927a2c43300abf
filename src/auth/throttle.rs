//! How long an account waits after failed attempts to sign in. A rule on two numbers: who counts is the store.

use crate::domain::time::Instant;

/// Consecutive failures that cost nothing: people mistype.
const FREE_FAILURES: u32 = 5;

/// No wait is longer than 15 minutes, in seconds: a stranger may slow the owner down, never lock them out.
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;

/// The moment from which the next attempt is looked at, or nothing when there is no wait. After the *k*-th consecutive
/// failure, *k* ≥ 5, the wait is 2^(*k* − 5) seconds: 1 s, 2 s, 4 s… up to 15 minutes. A success brings `failures`
/// back to zero.
#[must_use]
pub fn next_allowed(failures: u32, last_failure: Instant) -> Option<Instant> {
    let doublings = failures.checked_sub(FREE_FAILURES)?;
    let seconds = 2_i64.checked_pow(doublings).unwrap_or(LONGEST_WAIT_SECONDS).min(LONGEST_WAIT_SECONDS);
    Some(last_failure.plus_seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: Instant = Instant::from_millis(1_000_000_123);

    fn wait_millis(failures: u32) -> Option<i64> {
        next_allowed(failures, LAST).map(|at| at.millis() - LAST.millis())
    }

    #[test]
    fn the_first_failures_cost_nothing() {
        for failures in 0..5 {
            assert_eq!(wait_millis(failures), None);
        }
    }

    #[test]
    fn the_wait_doubles_from_one_second() {
        let waits: Vec<_> = (5..15).map(|failures| wait_millis(failures).unwrap() / 1000).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
    }

    #[test]
    fn the_wait_never_exceeds_fifteen_minutes() {
        for failures in [15, 16, 67, 68, 69, 100, 10_000, u32::MAX] {
            assert_eq!(wait_millis(failures), Some(900_000), "{failures}");
        }
    }

    #[test]
    fn a_moment_at_the_end_of_time_does_not_overflow() {
        assert!(next_allowed(u32::MAX, Instant::from_millis(i64::MAX)).is_some());
    }
}
