//! Many callers at once, for so long, and what they saw: one caller is one thread and one connection. Without a rate a caller asks again as soon as it was answered, so that a slow answer also
//! thins out the questions; with one, latency counts from the moment at which the question was due.

use std::net::SocketAddr;
use std::sync::Barrier;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::scenario::{Client, Done, Scenario, Stock};
use crate::server;
use crate::wire::Connection;

/// When a cell of the table ends, and how densely its callers ask.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Length {
    pub(crate) time: Duration,
    /// Of each caller.
    pub(crate) requests: u64,
    /// From one question of a caller to its next; none when it follows the answer.
    pub(crate) interval: Option<Duration>,
}

/// What the callers of one cell saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Of every request that went well, in microseconds, sorted.
    latencies: Vec<u64>,
    /// By programme: positions of its journal that were acknowledged.
    pub(crate) recorded: Vec<(usize, i64)>,
    /// The first few complaints, and how many there were.
    pub(crate) complaints: Vec<String>,
    pub(crate) errors: u64,
    pub(crate) took: Duration,
    /// Processor time of this process, the client's.
    client_cpu_micros: u64,
}

impl Seen {
    pub(crate) fn note(&mut self, world: usize, due: Instant, answer: anyhow::Result<Done>) {
        match answer {
            Ok(done) => {
                self.latencies.push(u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX));
                if let Done::Recorded(position) = done {
                    self.recorded.push((world, position));
                }
            }
            Err(error) => self.complain(&error),
        }
    }

    pub(crate) fn complain(&mut self, error: &anyhow::Error) {
        self.errors += 1;
        if self.complaints.len() < 3 {
            self.complaints.push(format!("{error:#}"));
        }
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.recorded.extend(other.recorded);
        self.complaints.extend(other.complaints);
        self.complaints.truncate(3);
        self.errors += other.errors;
    }

    /// Requests that went well.
    pub(crate) fn answered(&self) -> u64 {
        u64::try_from(self.latencies.len()).unwrap_or(u64::MAX)
    }

    pub(crate) fn per_second(&self) -> u64 {
        let millis = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX).max(1);
        self.answered() * 1_000 / millis
    }

    /// The latency that so many of a thousand requests did not exceed, in microseconds: every latency is kept, so this
    /// is exact.
    pub(crate) fn quantile(&self, per_mille: usize) -> u64 {
        let place = (self.latencies.len() * per_mille).div_ceil(1_000).saturating_sub(1);
        self.latencies.get(place).copied().unwrap_or(0)
    }

    /// Processor time that the client spent on each request, in microseconds.
    pub(crate) fn client_cpu_micros_each(&self) -> u64 {
        self.client_cpu_micros / self.answered().max(1)
    }
}

/// Measures this process while `work` runs, and puts what its callers saw together.
pub(crate) fn measured(work: impl FnOnce() -> anyhow::Result<Vec<Seen>>) -> anyhow::Result<Seen> {
    let own = std::process::id();
    let (began, before) = (Instant::now(), server::cpu_micros(own)?);
    let mut seen = Seen::default();
    for one in work()? {
        seen.join(one);
    }
    seen.took = began.elapsed();
    seen.client_cpu_micros = server::cpu_micros(own)? - before;
    seen.latencies.sort_unstable();
    Ok(seen)
}

/// Runs each caller in a thread of its own; they start together.
pub(crate) fn together<C: Send>(callers: Vec<C>, call: impl Fn(C) -> Seen + Sync) -> Vec<Seen> {
    let start = Barrier::new(callers.len());
    std::thread::scope(|scope| {
        let run = |caller| {
            let (start, call) = (&start, &call);
            scope.spawn(move || {
                start.wait();
                call(caller)
            })
        };
        let running: Vec<_> = callers.into_iter().map(run).collect();
        running.into_iter().map(|caller| caller.join().unwrap_or_default()).collect()
    })
}

/// Drives the servers with so many connections, taking turns over the servers and over the programmes.
pub(crate) fn over_http(
    stocks: &[Stock],
    addresses: &[SocketAddr],
    (scenario, connections): (Scenario, usize),
    length: Length,
) -> anyhow::Result<Seen> {
    let tokens = stocks.iter().map(Stock::tokens).collect::<anyhow::Result<Vec<_>>>()?;
    let worlds = stocks.iter().zip(&tokens).enumerate().cycle();
    let callers = addresses.iter().cycle().zip(worlds).take(connections);
    let callers: Vec<(usize, Client<'_>)> = callers
        .map(|(address, (world, (stock, tokens)))| Ok((world, Client::new(stock, Connection::open(*address)?, tokens))))
        .collect::<anyhow::Result<_>>()?;
    measured(|| Ok(together(callers, |(world, client)| call(world, client, scenario, length))))
}

fn call(world: usize, mut client: Client<'_>, scenario: Scenario, length: Length) -> Seen {
    let mut seen = Seen::default();
    let start = Instant::now();
    let end = start + length.time;
    let mut due = start;
    for _ in 0..length.requests {
        let asked = match length.interval {
            Some(interval) => {
                let asked = due;
                sleep(asked.saturating_duration_since(Instant::now()));
                due += interval;
                asked
            }
            None => Instant::now(),
        };
        if asked >= end {
            break;
        }
        match client.ask(scenario) {
            Ok(Some(done)) => seen.note(world, asked, Ok(done)),
            Ok(None) => break,
            Err(error) => seen.note(world, asked, Err(error)),
        }
    }
    seen
}
