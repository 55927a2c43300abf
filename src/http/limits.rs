//! How much and how fast: sizes, deadlines, and the buckets that slow a guesser down.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::problem::Problem;

/// Largest JSON body in bytes.
pub(super) const BODY_BYTES: usize = 64 * 1024;
/// Largest imported file in bytes.
pub(super) const IMPORT_BYTES: usize = 64 * 1024 * 1024;
/// What a body may take to come, unless it is long: the framework alone would wait for ever.
pub(super) const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// A body that comes slower than this, after its deadline, is cut: whoever sends a byte now and then would hold their
/// connection for hours.
pub(super) const SLOWEST_BYTES_PER_SECOND: usize = 64 * 1024;
/// Longest path and query together, in bytes: ours are a tenth of it.
pub(super) const ADDRESS_BYTES: usize = 8 * 1024;
/// Connections beyond those that are served, that are answered only to be told so. With the 512 that are served unless
/// it is set otherwise, they stay below the 1,024 open files that a process has by default.
pub(super) const TURNED_AWAY: usize = 256;
/// Rows of a page unless asked otherwise, and at most.
pub(super) const PAGE: i64 = 50;
pub(super) const LONGEST_PAGE: i64 = 200;
/// What one network address may try to sign in per minute.
const SIGN_INS_PER_MINUTE: NonZeroU32 = count(30);
/// Codes that one organisation may get wrong per hour before it must wait.
const WRONG_CODES_PER_HOUR: NonZeroU32 = count(60);

/// How long an organisation waits after too many wrong codes.
const WRONG_CODES_WAIT: Duration = Duration::from_mins(10);

const fn count(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(count) => count,
        None => NonZeroU32::MIN,
    }
}

/// What a body may take, and the buckets, in memory of one process.
#[derive(Debug)]
pub struct Limits {
    /// What a body may take to come, before what its length adds.
    pub body_deadline: Duration,
    sign_ins: DefaultKeyedRateLimiter<IpAddr>,
    wrong_codes: DefaultKeyedRateLimiter<String>,
    /// Organisations that must wait, and until when.
    waiting: Mutex<HashMap<String, Instant>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_deadline: BODY_DEADLINE,
            sign_ins: RateLimiter::keyed(Quota::per_minute(SIGN_INS_PER_MINUTE)),
            wrong_codes: RateLimiter::keyed(Quota::per_hour(WRONG_CODES_PER_HOUR)),
            waiting: Mutex::default(),
        }
    }
}

impl Limits {
    /// Counts an attempt to sign in from an address.
    ///
    /// # Errors
    /// 429 when the address has tried too often.
    pub(super) fn sign_in(&self, from: IpAddr) -> Result<(), Problem> {
        self.sign_ins
            .check_key(&from)
            .map_err(|_| Problem::new("too_many_requests").about("seconds", 60).retry_after(60))
    }

    /// Asked before a code is looked at: past its budget, not even a right guess is answered.
    ///
    /// # Errors
    /// 429 while the organisation must wait.
    pub(super) fn may_try_codes(&self, organisation: &str) -> Result<(), Problem> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, until| *until > Instant::now());
        if !waiting.contains_key(organisation) {
            return Ok(());
        }
        let seconds = WRONG_CODES_WAIT.as_secs();
        Err(Problem::new("too_many_requests").about("seconds", seconds).retry_after(seconds))
    }

    /// Counts a well-formed code that matches nothing: what a guesser produces and a till hardly ever.
    pub(super) fn wrong_code(&self, organisation: &str) {
        if self.wrong_codes.check_key(&organisation.to_owned()).is_err() {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.insert(organisation.to_owned(), Instant::now() + WRONG_CODES_WAIT);
        }
    }
}
