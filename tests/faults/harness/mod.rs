//! What every fault suite stands on: a register on one of the engines, the program as a child process, clients that note
//! every request before they send it, and the oracle. What never lives here: a fault.

mod client;
#[path = "../../it/harness/engine.rs"]
mod engine;
mod oracle;
#[path = "../../it/harness/postgres.rs"]
mod postgres;
mod preload;
mod register;
mod service;

use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use client::{Entry, Told, under_load};
pub(crate) use engine::{Engine, engines};
pub(crate) use oracle::{Settled, audit, judge, settle};
pub(crate) use preload::compile;
pub(crate) use register::Register;
pub(crate) use service::Service;

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

/// Says what a suite did, past the test runner's capture.
pub(crate) fn tell(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "faults: {sentence}");
}
