//! A webhook: to whom what happened is told, how far it has been told, and what becomes of it when nobody answers there.
//! What never lives here: a socket, a secret, or what is told (see `feeds`).

use std::collections::BTreeSet;

use super::ids::{OrganisationId, ProgrammeNo, WebhookId};
use super::movement::Kind;
use super::named::named;
use super::places::words::WebAddress;
use super::refusal::Malformed;
use super::time::Instant;

named!(
    /// What is followed.
    Topic, Malformed::Identifier, {
        /// The receipts of one programme, as far as the organisation sees them.
        Receipts => "receipts",
        /// The public registry of places.
        Places => "places",
        /// What becomes of the applications of one programme, as far as the organisation filed them.
        Applications => "applications",
    }
);

/// Attempts at one event: the last comes some two and a half hours after the first.
pub const MOST_ATTEMPTS: i64 = 12;
/// Events in a row that could not be told, after which nothing more is tried.
pub const MOST_DEAD_IN_A_ROW: i64 = 3;
/// How long a secret that was replaced still signs, beside the new one.
pub const OVERLAP_SECONDS: i64 = 24 * 60 * 60;

const FIRST_WAIT_SECONDS: i64 = 5;
const LONGEST_WAIT_SECONDS: i64 = 60 * 60;

/// A webhook as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub id: WebhookId,
    pub organisation: OrganisationId,
    pub topic: Topic,
    /// Whose receipts or applications; none for places.
    pub programme: Option<ProgrammeNo>,
    /// Only these kinds of receipts; all of them where the set is empty.
    pub kinds: BTreeSet<Kind>,
    pub url: WebAddress,
    pub active: bool,
    /// Which secret signs: each one more than the last.
    pub generation: i64,
    /// Until when the one before signs too.
    pub overlap_until: Option<Instant>,
    pub progress: Progress,
    /// Counts the changes by people; the `ETag` of the webhook.
    pub version: i64,
}

/// How far a webhook has been told, and how it goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Position of the last event that is done with: told, or given up.
    pub cursor: i64,
    /// Failed attempts at the next one.
    pub attempts: i64,
    /// Not before; 0 is at once.
    pub not_before_millis: i64,
    /// Events given up since the last that was told.
    pub dead_in_a_row: i64,
}

/// What a failed attempt leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// It is tried again later.
    Waits,
    /// The event is given up and kept apart; the next one is tried.
    GivenUp,
    /// The same, and the webhook is stopped: somebody must look.
    Stopped,
}

impl Progress {
    /// The event at this position was told, or is none that is told.
    #[must_use]
    pub const fn told(self, position: i64) -> Self {
        Self { cursor: position, attempts: 0, not_before_millis: 0, dead_in_a_row: 0 }
    }

    /// What is not followed was passed over: nothing is known of the receiver by it.
    #[must_use]
    pub const fn passed(self, position: i64) -> Self {
        Self { cursor: position, ..self }
    }

    /// An attempt at the event at `position` failed at `now`.
    #[must_use]
    pub fn failed(self, position: i64, now: Instant) -> (Self, Failed) {
        let attempts = self.attempts + 1;
        if attempts < MOST_ATTEMPTS {
            let doublings = u32::try_from(self.attempts).unwrap_or(u32::MAX).min(20);
            let wait = FIRST_WAIT_SECONDS.saturating_mul(1 << doublings).min(LONGEST_WAIT_SECONDS);
            let not_before_millis = now.plus_seconds(wait).millis();
            return (Self { attempts, not_before_millis, ..self }, Failed::Waits);
        }
        let dead_in_a_row = self.dead_in_a_row + 1;
        let next = Self { cursor: position, attempts: 0, not_before_millis: 0, dead_in_a_row };
        let stopped = dead_in_a_row >= MOST_DEAD_IN_A_ROW;
        (next, if stopped { Failed::Stopped } else { Failed::GivenUp })
    }
}

impl Webhook {
    /// The secrets that sign at `now`, the one in force first.
    #[must_use]
    pub fn generations(&self, now: Instant) -> Vec<i64> {
        let overlap = self.overlap_until.is_some_and(|until| now < until) && self.generation > 1;
        std::iter::once(self.generation).chain(overlap.then_some(self.generation - 1)).collect()
    }

    /// Another secret signs from now on, the one before for a day more.
    pub fn rotate(&mut self, now: Instant) {
        self.generation += 1;
        self.overlap_until = Some(now.plus_seconds(OVERLAP_SECONDS));
        self.version += 1;
    }

    /// Whether receipts of this kind are told.
    #[must_use]
    pub fn follows(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|followed| followed.as_str() == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_millis(seconds * 1_000)
    }

    #[test]
    fn waits_double_up_to_an_hour_and_the_event_is_then_given_up() {
        let (mut progress, mut now, mut waits) = (Progress::default().told(6), 0, Vec::new());
        loop {
            let (next, what) = progress.failed(7, at(now));
            progress = next;
            if what != Failed::Waits {
                assert_eq!(what, Failed::GivenUp);
                break;
            }
            let wait = progress.not_before_millis / 1_000 - now;
            waits.push(wait);
            now += wait;
        }
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600]);
        assert_eq!((progress.cursor, progress.attempts, progress.dead_in_a_row), (7, 0, 1));
    }

    #[test]
    fn three_in_a_row_stop_and_one_that_is_told_begins_anew() {
        let give_up = |mut progress: Progress, position: i64| loop {
            let (next, what) = progress.failed(position, at(0));
            progress = next;
            if what != Failed::Waits {
                return (progress, what);
            }
        };
        let (once, _) = give_up(Progress::default(), 1);
        let (twice, what) = give_up(once, 2);
        assert_eq!(what, Failed::GivenUp);
        assert_eq!(give_up(twice, 3).1, Failed::Stopped);
        assert_eq!(give_up(twice.passed(3), 4).1, Failed::Stopped, "what was passed over says nothing");
        assert_eq!(give_up(twice.told(3), 4).1, Failed::GivenUp);
    }
}
