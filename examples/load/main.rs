//! Load on a real server: prepares a register, drives it over HTTP with authentication, prints what it saw, and
//! checks afterwards that the ledger holds exactly what was acknowledged.
//!
//! ```text
//! cargo build --release --bins --example load
//! target/release/examples/load --data-dir /tmp/load --scenario redeem --group 256,1 --by http,threads
//! ```
//!
//! Rates of different runs say little on a shared machine; ratios of the rows of one run do. What never lives here: a
//! short cut into the tables.

mod cast;
mod drive;
mod engine;
mod peer;
#[expect(dead_code, reason = "the fault suites prepare one programme, in one call")]
mod prepare;
mod row;
mod run;
mod scenario;
mod server;
mod wire;
mod world;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;

use drive::Length;
use scenario::Scenario;
use server::Place;

/// Drives a server and says how it held.
#[derive(Debug, Parser)]
struct Arguments {
    /// What is asked, one after the other.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "redeem")]
    scenario: Vec<Scenario>,
    /// Connections, one thread each.
    #[arg(long, value_delimiter = ',', default_value = "1,8,64,256")]
    connections: Vec<usize>,
    /// Length of one cell of the table.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Ends a cell earlier, after so many requests of each connection.
    #[arg(long)]
    requests: Option<u64>,
    /// Requests per second, all connections together, at fixed moments; latency counts from when a request was due.
    /// Without it each connection asks as soon as it was answered.
    #[arg(long)]
    rate: Option<u64>,
    /// Caps of the writer's group; one server each, one after the other.
    #[arg(long, value_delimiter = ',', default_value = "256")]
    group: Vec<NonZeroUsize>,
    /// Over HTTP, or without it in this process: then only redemptions.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "http")]
    by: Vec<By>,
    /// Seconds of the same load before each cell, which the table leaves out.
    #[arg(long, default_value_t = 0)]
    warm_up: u64,
    /// Repeats everything, so that what others do on the machine falls on all; every other round runs backwards.
    #[arg(long, default_value_t = 1)]
    rounds: u32,
    /// Passes in circulation, of each programme.
    #[arg(long, default_value_t = 200_000)]
    passes: u32,
    /// Booklets in custody, to be handed out, of each programme.
    #[arg(long, default_value_t = 20_000)]
    booklets: u32,
    /// Programmes: each has its own journal. Connections take turns over them.
    #[arg(long, default_value_t = 1)]
    programmes: u32,
    /// Server processes on the same database, which must be PostgreSQL beyond one. Connections take turns over them.
    #[arg(long, default_value_t = 1)]
    instances: usize,
    /// An empty database: a SQLite file of its own when not said.
    #[arg(long)]
    database: Option<String>,
    /// Keys, logs and the SQLite file.
    #[arg(long)]
    data_dir: PathBuf,
    /// Goes on with the register that an earlier run left in the directory and the database.
    #[arg(long)]
    reuse: bool,
    /// Servers that run already on that database, with the keys of that directory; none is started.
    #[arg(long, value_delimiter = ',')]
    address: Vec<SocketAddr>,
    /// The servers are not ours but a peer that has so many passes (see `examples/peers`); its books are its own.
    #[arg(long, requires = "address")]
    peer: Option<u64>,
    /// The first of the peer's passes that is drawn.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Appends one JSON object for each row to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Leaves out `recepisse verify`, which takes long on a large register.
    #[arg(long)]
    no_verify: bool,
    /// Another client drives the same register at the same time: the books are left to it.
    #[arg(long, requires = "address")]
    beside: bool,
    /// The program; the one built beside this example when not said.
    #[arg(long)]
    program: Option<PathBuf>,
}

/// How the ledger is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Http,
    /// Without HTTP, a thread for each caller.
    Threads,
    /// Without HTTP, all callers as tasks of one thread.
    OneThread,
    /// Without HTTP, all callers as tasks of two threads, as the server's workers are.
    TwoThreads,
}

impl Arguments {
    fn place(&self) -> anyhow::Result<Place> {
        let beside = || -> anyhow::Result<PathBuf> {
            let own = std::env::current_exe()?;
            let folder = own.parent().and_then(|examples| examples.parent()).context("where am I?")?;
            Ok(folder.join("recepisse"))
        };
        let data_dir = self.data_dir.clone();
        std::fs::create_dir_all(&data_dir)?;
        let of_its_own = || format!("sqlite:{}", data_dir.join("recepisse.sqlite").display());
        let database = self.database.clone().unwrap_or_else(of_its_own);
        let program = match &self.program {
            Some(program) => program.clone(),
            None => beside()?,
        };
        Ok(Place { program, data_dir, database })
    }

    /// The length of a cell with so many callers.
    fn length(&self, callers: usize, seconds: u64) -> anyhow::Result<Length> {
        let interval = match self.rate {
            Some(rate) => {
                let nanos = u64::try_from(callers)?.saturating_mul(1_000_000_000);
                Some(Duration::from_nanos(nanos.checked_div(rate).context("a rate of none")?))
            }
            None => None,
        };
        let time = Duration::from_secs(seconds);
        Ok(Length { time, requests: self.requests.unwrap_or(u64::MAX), interval })
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout();
    match arguments.peer {
        Some(passes) => run::peer(&arguments, passes, &mut out),
        None => run::own(&arguments, &mut out),
    }
}
