//! Many callers at once, for so long, and what they saw: one caller is one thread and one connection.

use std::net::SocketAddr;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use anyhow::Context;
use recepisse::ledger::{Ledger, Outcome};

use crate::scenario::{Client, Done, Scenario, Stock};
use crate::wire::Connection;

/// When a cell of the table ends: after a time, or after so many requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Length {
    pub(crate) time: Duration,
    /// Of each caller.
    pub(crate) requests: u64,
}

/// What the callers of one cell saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Of every request that went well, in microseconds, sorted.
    latencies: Vec<u64>,
    /// Positions of the journal that were acknowledged.
    pub(crate) recorded: Vec<i64>,
    /// The first few complaints, and how many there were.
    pub(crate) complaints: Vec<String>,
    pub(crate) errors: u64,
    pub(crate) took: Duration,
}

impl Seen {
    fn note(&mut self, asked: Instant, answer: anyhow::Result<Done>) {
        match answer {
            Ok(done) => {
                self.latencies.push(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
                if let Done::Recorded(position) = done {
                    self.recorded.push(position);
                }
            }
            Err(error) => self.complain(&error),
        }
    }

    fn complain(&mut self, error: &anyhow::Error) {
        self.errors += 1;
        if self.complaints.len() < 3 {
            self.complaints.push(format!("{error:#}"));
        }
    }

    fn join(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.recorded.extend(other.recorded);
        self.complaints.extend(other.complaints);
        self.errors += other.errors;
    }

    fn finish(mut self, took: Duration) -> Self {
        self.latencies.sort_unstable();
        self.took = took;
        self
    }

    /// Requests that went well.
    pub(crate) fn answered(&self) -> u64 {
        u64::try_from(self.latencies.len()).unwrap_or(u64::MAX)
    }

    pub(crate) fn per_second(&self) -> u64 {
        let millis = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX).max(1);
        self.answered() * 1_000 / millis
    }

    /// The latency that so many of a thousand requests did not exceed, in microseconds.
    pub(crate) fn quantile(&self, per_mille: usize) -> u64 {
        let place = (self.latencies.len() * per_mille).div_ceil(1_000).saturating_sub(1);
        self.latencies.get(place).copied().unwrap_or(0)
    }
}

/// Drives the server with so many connections.
pub(crate) fn over_http(
    stock: &Stock,
    address: SocketAddr,
    (scenario, connections): (Scenario, usize),
    length: Length,
) -> anyhow::Result<Seen> {
    let tokens = |desks: &[crate::world::Desk]| desks.iter().map(|desk| stock.world.token(desk)).collect();
    let tokens: (anyhow::Result<Vec<_>>, anyhow::Result<Vec<_>>) =
        (tokens(&stock.world.venues), tokens(&stock.world.prescribers));
    let tokens = (tokens.0?, tokens.1?);
    let open = (0..connections).map(|_| Connection::open(address)).collect::<anyhow::Result<Vec<_>>>()?;
    let start = Barrier::new(connections);
    let began = Instant::now();
    let seen = std::thread::scope(|scope| {
        let callers: Vec<_> = open
            .into_iter()
            .map(|connection| {
                let client = Client::new(stock, connection, &tokens);
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    call(client, scenario, length)
                })
            })
            .collect();
        let mut seen = Seen::default();
        for caller in callers {
            seen.join(caller.join().unwrap_or_default());
        }
        seen
    });
    Ok(seen.finish(began.elapsed()))
}

fn call(mut client: Client<'_>, scenario: Scenario, length: Length) -> Seen {
    let mut seen = Seen::default();
    let end = Instant::now() + length.time;
    for _ in 0..length.requests {
        let asked = Instant::now();
        if asked >= end {
            break;
        }
        match client.ask(scenario) {
            Ok(Some(done)) => seen.note(asked, Ok(done)),
            Ok(None) => break,
            Err(error) => seen.note(asked, Err(error)),
        }
    }
    seen
}

/// Redemptions submitted to a ledger in this process: the same writer, no HTTP, so many callers waiting.
pub(crate) fn in_process(stock: &Stock, ledger: &Ledger, callers: usize, length: Length) -> anyhow::Result<Seen> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("no runtime")?;
    let began = Instant::now();
    let calling = (0..callers).map(|_| submit(stock, ledger, length));
    let mut seen = Seen::default();
    for one in runtime.block_on(futures_util::future::join_all(calling)) {
        seen.join(one);
    }
    Ok(seen.finish(began.elapsed()))
}

async fn submit(stock: &Stock, ledger: &Ledger, length: Length) -> Seen {
    let mut seen = Seen::default();
    let end = Instant::now() + length.time;
    for _ in 0..length.requests {
        let asked = Instant::now();
        if asked >= end {
            break;
        }
        let submission = match stock.redemption() {
            Ok(Some(submission)) => submission,
            Ok(None) => break,
            Err(error) => {
                seen.complain(&error);
                break;
            }
        };
        let answer = match ledger.submit(submission).await.map(|answer| answer.outcome) {
            Ok(Outcome::Granted(receipt)) => Ok(Done::Recorded(receipt.body().position)),
            Ok(Outcome::Refused(refusal)) => Err(anyhow::anyhow!("refused: {}", refusal.code)),
            Err(error) => Err(error.into()),
        };
        seen.note(asked, answer);
    }
    seen
}
