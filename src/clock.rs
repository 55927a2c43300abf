//! The only reader of the machine's time and randomness. Everything else is handed a [`Clock`] or an [`Entropy`],
//! or better, the moment and the bytes themselves; so a test or the demonstration can replay a day exactly.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::domain::moment::Reading;
use crate::domain::time::Instant;

/// Says what moment it is.
pub trait Clock: Send + Sync + fmt::Debug {
    fn now(&self) -> Instant;

    /// Milliseconds since some fixed moment, sleep of the machine included. Setting the clock does not change them.
    fn elapsed_millis(&self) -> i64;

    /// What both say.
    fn reading(&self) -> Reading {
        Reading { wall: self.now(), elapsed_millis: self.elapsed_millis() }
    }
}

/// Gives bytes that nobody can guess.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// Overwrites all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// A version 7 UUID (RFC 9562): the milliseconds of `at`, then 74 random bits. A moment before 1970 counts as 1970.
    fn uuid(&self, at: Instant) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        Builder::from_unix_timestamp_millis(u64::try_from(at.millis()).unwrap_or(0), &random).into_uuid()
    }
}

/// The machine's clock, in UTC.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Instant {
        Instant::from_millis(chrono::Utc::now().timestamp_millis())
    }

    /// Since the machine was started. `CLOCK_MONOTONIC` would stand still while a laptop sleeps, and the wall clock
    /// would seem to have been set.
    fn elapsed_millis(&self) -> i64 {
        let since_start = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        since_start.tv_sec.saturating_mul(1000).saturating_add(since_start.tv_nsec / 1_000_000)
    }
}

/// The operating system's cryptographic generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// Stops the process when the system has no randomness to give. That means a broken kernel or sandbox, and every
    /// answer made without it (a pass code, a key, a token) could be guessed: no caller has a better way out. The
    /// writer loses nothing by it, since what was not committed was not answered.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's randomness")]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            eprintln!("recepisse : le système ne fournit plus d'octets aléatoires ({error}) ; arrêt immédiat.");
            std::process::abort();
        }
    }
}

/// A clock that moves only when told to: for tests and the demonstration.
#[derive(Debug)]
pub struct FrozenClock {
    wall_millis: AtomicI64,
    /// What somebody set the clock by, forward or back: the part of it that did not pass.
    set_by_millis: AtomicI64,
}

impl FrozenClock {
    #[must_use]
    pub const fn new(at: Instant) -> Self {
        Self { wall_millis: AtomicI64::new(at.millis()), set_by_millis: AtomicI64::new(0) }
    }

    /// Lets time pass until then, whenever that is.
    pub fn set(&self, at: Instant) {
        self.wall_millis.store(at.millis(), Ordering::SeqCst);
    }

    /// `seconds` later, or earlier when negative.
    pub fn advance_seconds(&self, seconds: i64) {
        self.wall_millis.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
    }

    /// `days` of 24 hours later, or earlier when negative.
    pub fn advance_days(&self, days: i64) {
        self.advance_seconds(days.saturating_mul(24 * 60 * 60));
    }

    /// Somebody sets the clock forward, or back when negative: it says another time, and none has passed.
    pub fn jump_seconds(&self, seconds: i64) {
        self.set_by_millis.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
        self.advance_seconds(seconds);
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Instant {
        Instant::from_millis(self.wall_millis.load(Ordering::SeqCst))
    }

    fn elapsed_millis(&self) -> i64 {
        self.wall_millis.load(Ordering::SeqCst).saturating_sub(self.set_by_millis.load(Ordering::SeqCst))
    }
}

/// Bytes that look random and are the same for the same seed and the same calls: for tests and the demonstration,
/// never for a register that counts. Block *n* is `SHA-256("recepisse/seeded/1" || seed || n)`, and every call starts
/// on a new block.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    block: AtomicU64,
}

impl SeededEntropy {
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, block: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = self.block.fetch_add(1, Ordering::SeqCst);
            let digest = Sha256::new()
                .chain_update("recepisse/seeded/1")
                .chain_update(self.seed.to_be_bytes())
                .chain_update(block.to_be_bytes())
                .finalize();
            for (byte, random) in chunk.iter_mut().zip(digest) {
                *byte = random;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(entropy: &dyn Entropy) -> [u8; 70] {
        let mut bytes = [0; 70];
        entropy.fill(&mut bytes);
        bytes
    }

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let start = Instant::parse("2026-11-24T10:06:52.123Z").unwrap();
        let clock = FrozenClock::new(start);
        assert_eq!((clock.now(), clock.now()), (start, start));
        clock.advance_seconds(8);
        clock.advance_days(-1);
        assert_eq!(clock.now().to_string(), "2026-11-23T10:07:00.123Z");
        clock.set(start);
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn time_passes_while_a_frozen_clock_advances_and_not_when_it_is_set() {
        let clock = FrozenClock::new(Instant::from_millis(0));
        let before = clock.reading();
        clock.advance_seconds(9);
        clock.jump_seconds(-3600);
        let after = clock.reading();
        assert_eq!(after.elapsed_millis - before.elapsed_millis, 9_000);
        assert_eq!(after.wall.millis() - before.wall.millis(), -3_591_000);
    }

    #[test]
    fn the_time_that_passed_goes_forward() {
        let (first, second) = (SystemClock.elapsed_millis(), SystemClock.elapsed_millis());
        assert!(0 < first && first <= second);
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        assert_eq!(bytes(&SeededEntropy::new(7)), bytes(&SeededEntropy::new(7)));
        assert_ne!(bytes(&SeededEntropy::new(7)), bytes(&SeededEntropy::new(8)));
        let entropy = SeededEntropy::new(7);
        assert_ne!(bytes(&entropy), bytes(&entropy));
    }

    #[test]
    fn the_system_fills_every_byte_with_something_new() {
        let (first, second) = (bytes(&SystemEntropy), bytes(&SystemEntropy));
        assert_ne!(first, second);
        assert_ne!(&first[60..], &[0; 10]);
    }

    #[test]
    fn the_system_clock_does_not_stand_at_the_epoch() {
        assert!(SystemClock.now() > Instant::parse("2026-01-01T00:00:00.000Z").unwrap());
    }

    #[test]
    fn a_uuid_starts_with_its_moment_and_never_repeats() {
        let entropy = SeededEntropy::new(1);
        let at = Instant::parse("2026-11-24T10:06:52.123Z").unwrap();
        let uuid = entropy.uuid(at);
        assert_eq!(uuid.get_version_num(), 7);
        assert_eq!(uuid.as_u128() >> 80, u128::try_from(at.millis()).unwrap());
        assert_ne!(uuid, entropy.uuid(at));
        assert!(uuid < entropy.uuid(at.plus_seconds(1)));
        assert_eq!(entropy.uuid(Instant::from_millis(-5)).as_u128() >> 80, 0);
    }
}
