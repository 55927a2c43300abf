//! Trying a group again while the database is held by another or has just gone away: the whole group, after a pause that
//! grows and is never the same for two instances, for a bounded time. What never lives here: an outcome that is not
//! known; that is nobody's to try again.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::clock::Entropy;
use crate::store::StoreError;

/// After this long the callers are told to come back.
const LONGEST: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(320);

/// Runs `attempt` until it ends in anything but an error that may pass (see [`StoreError::may_pass`]), or the time is
/// over; `passing` finds that error in its answer.
pub(super) fn persist<T>(
    entropy: &dyn Entropy,
    passing: impl Fn(&T) -> Option<StoreError>,
    mut attempt: impl FnMut() -> T,
) -> T {
    let began = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let answer = attempt();
        match passing(&answer).filter(StoreError::may_pass) {
            Some(error) if began.elapsed() + pause < LONGEST => {
                tracing::warn!(%error, pause_millis = pause.as_millis(), "group tried again");
            }
            _ => return answer,
        }
        sleep(jittered(entropy, pause));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Between half of the pause and the whole of it.
fn jittered(entropy: &dyn Entropy, pause: Duration) -> Duration {
    let mut random = [0];
    entropy.fill(&mut random);
    let [random] = random;
    pause / 2 + pause / 2 * u32::from(random) / 256
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    fn error(answer: &Result<u32, StoreError>) -> Option<StoreError> {
        answer.as_ref().err().cloned()
    }

    #[test]
    fn what_passes_is_waited_for() {
        let mut left = 3;
        let answer = persist(&SeededEntropy::new(1), error, || {
            left -= 1;
            if left == 0 { Ok(7) } else { Err(StoreError::Busy("held".to_owned())) }
        });
        assert_eq!((answer.unwrap(), left), (7, 0));
    }

    #[test]
    fn what_does_not_pass_is_given_up_in_time() {
        let began = Instant::now();
        let answer = persist(&SeededEntropy::new(1), error, || Err(StoreError::Unreachable("gone".to_owned())));
        assert!(matches!(answer, Err(StoreError::Unreachable(_))));
        assert!(began.elapsed() < LONGEST);
    }

    #[test]
    fn another_error_is_final() {
        let mut tried = 0;
        let answer = persist(&SeededEntropy::new(1), error, || {
            tried += 1;
            Err(StoreError::Failed("full".to_owned()))
        });
        assert!(answer.is_err());
        assert_eq!(tried, 1);
    }

    #[test]
    fn two_instances_do_not_pause_alike() {
        let (one, other) = (SeededEntropy::new(1), SeededEntropy::new(2));
        let pauses = |entropy: &SeededEntropy| (0..8).map(|_| jittered(entropy, LONGEST_PAUSE)).collect::<Vec<_>>();
        let (one, other) = (pauses(&one), pauses(&other));
        assert_ne!(one, other);
        assert!(one.iter().chain(&other).all(|pause| (LONGEST_PAUSE / 2..=LONGEST_PAUSE).contains(pause)));
    }
}
