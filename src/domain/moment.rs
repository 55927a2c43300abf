//! At what moment something is recorded, and when no moment can be believed. Two clocks are compared: the wall clock,
//! which people and programs set, and the time that has passed, which nobody sets. What never lives here: a clock.

use super::time::Instant;

/// How far the wall clock may stand from where it ought to be by now, and before the last receipt. A synchronised
/// clock is set by milliseconds; two minutes is somebody's hand, or a machine that woke up in another year. The same
/// both ways, so that a clock that was believed while it was ahead can be put right without a stop.
pub const TOLERANCE_MILLIS: i64 = 120_000;
/// Years that a receipt can bear: a clock outside them is wrong, and its receipts would never verify.
const FIRST_YEAR: i32 = 2000;
const LAST_YEAR: i32 = 2099;

/// What both clocks say at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub wall: Instant,
    /// Milliseconds since some moment that stays the same while the process runs.
    pub elapsed_millis: i64,
}

/// Which way the wall clock is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Astray {
    /// Before the last receipt, or set back since the start.
    Behind,
    /// Set forward since the start: what is recorded would expire passes that are good.
    Ahead,
}

/// The moment to record at: what the wall clock says, never before the last receipt. A service may be idle for weeks,
/// so the last receipt says only what is too early; what is too late is told by the time that has passed since
/// `started`. A clock that is wrong at the start, and stays so, cannot be known from here.
///
/// # Errors
/// [`Astray`] when the wall clock is not to be believed.
pub fn of_recording(started: Reading, now: Reading, last: Instant) -> Result<Instant, Astray> {
    let passed = now.elapsed_millis.saturating_sub(started.elapsed_millis);
    let set_by = now.wall.millis().saturating_sub(started.wall.millis().saturating_add(passed));
    let year = now.wall.day().year();
    if year > LAST_YEAR || set_by > TOLERANCE_MILLIS {
        return Err(Astray::Ahead);
    }
    let before_last = last.millis().saturating_sub(now.wall.millis());
    if year < FIRST_YEAR || set_by < -TOLERANCE_MILLIS || before_last > TOLERANCE_MILLIS {
        return Err(Astray::Behind);
    }
    Ok(now.wall.max(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    fn morning() -> Instant {
        Instant::parse("2021-10-04T07:30:00.000Z").unwrap()
    }

    /// The moment recorded `passed` later, by a clock that was set by `set_by` meanwhile; the last receipt stands
    /// `last` after the start.
    fn recorded(passed: i64, set_by: i64, last: i64) -> Result<i64, Astray> {
        let started = Reading { wall: morning(), elapsed_millis: 5 };
        let later = |millis: i64| Instant::from_millis(morning().millis() + millis);
        let now = Reading { wall: later(passed + set_by), elapsed_millis: 5 + passed };
        of_recording(started, now, later(last)).map(|moment| moment.millis() - morning().millis())
    }

    #[test]
    fn a_clock_that_goes_on_is_believed_after_weeks_of_rest() {
        assert_eq!(recorded(40 * DAY, 0, 0), Ok(40 * DAY));
        assert_eq!(recorded(0, 0, -900 * DAY), Ok(0), "a service that was closed for years starts again");
    }

    #[test]
    fn time_never_goes_back_and_two_minutes_are_forgiven() {
        assert_eq!(recorded(MINUTE, -MINUTE, 30_000), Ok(30_000));
        assert_eq!(recorded(0, 0, 2 * MINUTE), Ok(2 * MINUTE));
        assert_eq!(recorded(0, 0, 2 * MINUTE + 1), Err(Astray::Behind));
    }

    #[test]
    fn a_clock_set_back_is_noticed_though_the_last_receipt_is_old() {
        assert_eq!(recorded(DAY, -2 * MINUTE, -9 * DAY), Ok(DAY - 2 * MINUTE));
        assert_eq!(recorded(DAY, -2 * MINUTE - 1, -9 * DAY), Err(Astray::Behind));
        assert_eq!(recorded(DAY, -DAY, -9 * DAY), Err(Astray::Behind));
    }

    #[test]
    fn a_clock_set_forward_is_believed_up_to_two_minutes_and_again_once_it_is_right() {
        assert_eq!(recorded(DAY, 2 * MINUTE, 0), Ok(DAY + 2 * MINUTE));
        assert_eq!(recorded(DAY, 2 * MINUTE + 1, 0), Err(Astray::Ahead));
        assert_eq!(recorded(DAY, 365 * DAY, 0), Err(Astray::Ahead));
        assert_eq!(recorded(DAY, 0, DAY + 2 * MINUTE), Ok(DAY + 2 * MINUTE));
    }

    #[test]
    fn a_clock_that_stands_still_is_behind_after_two_minutes() {
        assert_eq!(recorded(2 * MINUTE, -2 * MINUTE, 0), Ok(0));
        assert_eq!(recorded(3 * MINUTE, -3 * MINUTE, 0), Err(Astray::Behind));
    }

    #[test]
    fn years_that_no_receipt_can_bear_are_not_believed() {
        let at = |text: &str| Reading { wall: Instant::parse(text).unwrap(), elapsed_millis: 0 };
        let alone = |text: &str| of_recording(at(text), at(text), Instant::from_millis(i64::MIN));
        assert_eq!(alone("1999-12-31T12:00:00.000Z"), Err(Astray::Behind));
        assert!(alone("2000-01-01T12:00:00.000Z").is_ok());
        assert!(alone("2099-12-31T12:00:00.000Z").is_ok());
        assert_eq!(alone("2100-01-01T12:00:00.000Z"), Err(Astray::Ahead));
    }
}
