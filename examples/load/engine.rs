//! Redemptions submitted to a ledger in this process: the same writer, no HTTP, so many callers waiting. What never
//! lives here: HTTP.

use std::time::Instant;

use anyhow::{Context, bail};
use recepisse::ledger::{Answer, Ledger, Outcome, Submission, SubmitError};

use crate::By;
use crate::drive::{Length, Seen, measured, together};
use crate::scenario::{Done, Stock};

/// So many callers, each waiting for its answer before it asks again.
pub(crate) fn in_process(
    stock: &Stock,
    ledger: &Ledger,
    (by, callers): (By, usize),
    length: Length,
) -> anyhow::Result<Seen> {
    let tasks = |threads: usize| {
        let shares = (0..threads).map(|thread| callers / threads + usize::from(thread < callers % threads)).collect();
        measured(|| {
            let run = |share| run_tasks(stock, ledger, share, length).unwrap_or_else(|error| failed(&error));
            Ok(together(shares, run))
        })
    };
    match by {
        By::Threads => measured(|| Ok(together(vec![(); callers], |()| submit_and_wait(stock, ledger, length)))),
        By::OneThread => tasks(1),
        By::TwoThreads => tasks(2),
        By::Http => bail!("HTTP is not the engine"),
    }
}

fn failed(error: &anyhow::Error) -> Seen {
    let mut seen = Seen::default();
    seen.complain(error);
    seen
}

fn run_tasks(stock: &Stock, ledger: &Ledger, callers: usize, length: Length) -> anyhow::Result<Seen> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().context("no runtime")?;
    let calling = (0..callers).map(|_| submit(stock, ledger, length));
    let mut seen = Seen::default();
    for one in runtime.block_on(futures_util::future::join_all(calling)) {
        seen.join(one);
    }
    Ok(seen)
}

fn acknowledged(answer: Result<Answer, SubmitError>) -> anyhow::Result<Done> {
    match answer?.outcome {
        Outcome::Granted(receipt) => Ok(Done::Recorded(receipt.body().position)),
        Outcome::Refused(refusal) => Err(anyhow::anyhow!("refused: {}", refusal.code)),
    }
}

/// The next redemption and when it was asked for, until the time is over or the passes are.
fn next(stock: &Stock, end: Instant) -> Option<(Instant, anyhow::Result<Submission>)> {
    let asked = Instant::now();
    if asked >= end { None } else { stock.redemption().transpose().map(|submission| (asked, submission)) }
}

async fn submit(stock: &Stock, ledger: &Ledger, length: Length) -> Seen {
    let mut seen = Seen::default();
    let end = Instant::now() + length.time;
    while let Some((asked, submission)) = next(stock, end) {
        match submission {
            Ok(submission) => seen.note(0, asked, acknowledged(ledger.submit(submission).await)),
            Err(error) => return failed(&error),
        }
    }
    seen
}

fn submit_and_wait(stock: &Stock, ledger: &Ledger, length: Length) -> Seen {
    let mut seen = Seen::default();
    let end = Instant::now() + length.time;
    while let Some((asked, submission)) = next(stock, end) {
        match submission {
            Ok(submission) => seen.note(0, asked, acknowledged(ledger.submit_and_wait(submission))),
            Err(error) => return failed(&error),
        }
    }
    seen
}
