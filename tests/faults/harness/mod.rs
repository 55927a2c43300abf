//! What every fault suite stands on: a register on one of the engines, the program as a child process, clients that note
//! every request before they send it, and the oracle. What never lives here: a fault.

mod client;
#[path = "../../it/harness/engine.rs"]
mod engine;
mod oracle;
mod persistent;
#[path = "../../it/harness/postgres.rs"]
pub(crate) mod postgres;
mod preload;
#[path = "../../it/harness/python.rs"]
mod python;
#[path = "../../it/harness/raw.rs"]
mod raw;
mod register;
mod relay;
mod service;
mod strace;

use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use recepisse::clock::{Entropy as _, SystemEntropy};

pub(crate) use client::{Entry, Told, found_an_organisation, read_as_administrator, under_load};
pub(crate) use engine::{Engine, Place, engines};
pub(crate) use oracle::{Settled, audit, judge, settle};
pub(crate) use persistent::{Course, Persistent, persist};
pub(crate) use preload::compile;
pub(crate) use raw::Raw;
pub(crate) use register::{PROGRAM, Register};
pub(crate) use relay::{Commits, Moment, Relay, cut_after, open_gate, through};
pub(crate) use service::Service;
pub(crate) use strace::{Injection, most_calls, strace_is_here, watched};

/// One suite at a time: the others would be noise in its moments.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::new(());
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often a suite tries: what the variable says, else what is bearable for every change.
#[expect(clippy::disallowed_methods, reason = "the bars of the fault suites are read here and nowhere else")]
pub(crate) fn bar(variable: &str, otherwise: u32) -> u32 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not {text}")),
        Err(_) => otherwise,
    }
}

/// A number below `most`.
pub(crate) fn chance(most: usize) -> usize {
    let mut dice = [0; 8];
    SystemEntropy.fill(&mut dice);
    usize::try_from(u64::from_le_bytes(dice) % u64::try_from(most).unwrap()).unwrap()
}

/// Works on every case, on as many threads as there are processors: for cases that time does not enter.
pub(crate) fn each_processor<T: Send>(cases: Vec<T>, work: impl Fn(T) + Sync) {
    let waiting = Mutex::new(cases.into_iter());
    let next = || waiting.lock().unwrap().next();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            scope.spawn(|| {
                while let Some(case) = next() {
                    work(case);
                }
            });
        }
    });
}

/// Says what a suite did, past the test runner's capture.
pub(crate) fn tell(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "faults: {sentence}");
}
