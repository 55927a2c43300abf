//! Load on a real server: prepares a register, drives it over HTTP with authentication, prints what it saw, and
//! checks afterwards that the ledger holds exactly what was acknowledged.
//!
//! ```text
//! cargo build --release && cargo run --release --example load -- --scenario redeem --group 256,1 --engine --rounds 3
//! ```
//!
//! Rates of different runs say little on a shared machine; ratios of the rows of one run do. What never lives here: a
//! short cut into the tables.

mod drive;
mod scenario;
mod server;
mod wire;
mod world;

use std::io::Write;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use recepisse::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use recepisse::keys::Keys;
use recepisse::ledger::{Ledger, Options, Unobserved};
use recepisse::store::{self, Store};

use drive::{Length, Seen};
use scenario::{Scenario, Stock};
use server::{Place, Server};
use world::World;

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
    /// Caps of the writer's group; one server each, one after the other.
    #[arg(long, value_delimiter = ',', default_value = "256")]
    group: Vec<NonZeroUsize>,
    /// Also redeem without HTTP, in this process.
    #[arg(long)]
    engine: bool,
    /// Repeats everything, so that what others do on the machine falls on all.
    #[arg(long, default_value_t = 1)]
    rounds: u32,
    /// Passes in circulation.
    #[arg(long, default_value_t = 200_000)]
    passes: u32,
    /// Booklets in custody, to be handed out.
    #[arg(long, default_value_t = 20_000)]
    booklets: u32,
    /// An empty database: a SQLite file of its own when not said.
    #[arg(long)]
    database: Option<String>,
    /// Keys, logs and the SQLite file; must not hold a register yet.
    #[arg(long)]
    data_dir: PathBuf,
    /// A server that runs already on that database, with the keys of that directory; none is started.
    #[arg(long)]
    address: Option<SocketAddr>,
    /// The program; the one built beside this example when not said.
    #[arg(long)]
    program: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let place = place(&arguments)?;
    let keys = Arc::new(Keys::open_or_create(&place.data_dir.join("keys"), &SystemEntropy)?);
    let world = {
        let store = Arc::new(Store::open(&place.database, &store::Options::default())?);
        World::prepare(&store, &keys, arguments.passes, arguments.booklets)?
    };
    let first = head(&place, &world)?;
    let mut run =
        Run { arguments: &arguments, place: &place, stock: Stock::new(world), recorded: Vec::new(), errors: 0 };
    let mut out = std::io::stdout();
    writeln!(out, "database {} MB, {} receipts before", place.megabytes(), first)?;
    writeln!(out, "{}", TITLES.join(" | "))?;
    for round in 1..=arguments.rounds {
        run.round(round, &mut out)?;
    }
    run.settle(first, &mut out)
}

fn place(arguments: &Arguments) -> anyhow::Result<Place> {
    let beside = || -> anyhow::Result<PathBuf> {
        let own = std::env::current_exe()?;
        let folder = own.parent().and_then(|examples| examples.parent()).context("where am I?")?;
        Ok(folder.join("recepisse"))
    };
    let data_dir = arguments.data_dir.clone();
    std::fs::create_dir_all(&data_dir)?;
    let of_its_own = || format!("sqlite:{}", data_dir.join("recepisse.sqlite").display());
    let database = arguments.database.clone().unwrap_or_else(of_its_own);
    let program = match &arguments.program {
        Some(program) => program.clone(),
        None => beside()?,
    };
    Ok(Place { program, data_dir, database })
}

/// The last position of the journal.
fn head(place: &Place, world: &World) -> anyhow::Result<i64> {
    let store = Store::open(&place.database, &store::Options::default())?;
    let journal = store.read(|tx| tx.journal(world.programme))?;
    Ok(journal.context("no journal")?.position)
}

const TITLES: [&str; 12] = [
    "round",
    "by",
    "scenario",
    "group",
    "callers",
    "answered",
    "errors",
    "per second",
    "p50 ms",
    "p99 ms",
    "p99.9 ms",
    "CPU µs each, RSS MB",
];

struct Run<'a> {
    arguments: &'a Arguments,
    place: &'a Place,
    stock: Stock,
    recorded: Vec<i64>,
    errors: u64,
}

impl Run<'_> {
    fn round(&mut self, round: u32, out: &mut dyn Write) -> anyhow::Result<()> {
        for group in &self.arguments.group {
            if self.arguments.engine {
                self.engine((round, *group), out)?;
            }
            let log = self.place.data_dir.join("server.log");
            let server = match self.arguments.address {
                Some(_) => None,
                None => Some(Server::start(self.place, group.get(), &log)?),
            };
            let address = self.arguments.address.or(server.as_ref().map(|server| server.address));
            let address = address.context("no server")?;
            let process = server.as_ref().map(Server::id);
            for scenario in &self.arguments.scenario {
                for connections in &self.arguments.connections {
                    let before = process.map(server::cpu_micros).transpose()?;
                    let seen = drive::over_http(&self.stock, address, (*scenario, *connections), self.length())?;
                    let after = process.map(server::cpu_micros).transpose()?;
                    let used = before.zip(after).map(|(before, after)| (after - before) / seen.answered().max(1));
                    let memory = process.map(server::resident_megabytes).transpose()?;
                    let cost = match used.zip(memory) {
                        Some((cpu, memory)) => format!("{cpu}, {memory}"),
                        None => "-".to_owned(),
                    };
                    let row = format!("{round} | http | {scenario:?} | {group} | {connections}");
                    self.tell(&row, &cost, seen, out)?;
                }
            }
        }
        Ok(())
    }

    fn engine(&mut self, (round, group): (u32, NonZeroUsize), out: &mut dyn Write) -> anyhow::Result<()> {
        let store = Arc::new(Store::open(&self.place.database, &store::Options::default())?);
        let surroundings: (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let keys = Arc::clone(&self.stock.world.keys);
        let ledger = Ledger::start_with(
            store,
            keys,
            surroundings,
            Options { group, ..Options::default() },
            Arc::new(Unobserved),
        )?;
        for callers in &self.arguments.connections {
            let own = std::process::id();
            let before = server::cpu_micros(own)?;
            let seen = drive::in_process(&self.stock, &ledger, *callers, self.length())?;
            let cpu = (server::cpu_micros(own)? - before) / seen.answered().max(1);
            let row = format!("{round} | engine | Redeem | {group} | {callers}");
            self.tell(&row, &format!("{cpu}, -"), seen, out)?;
        }
        Ok(())
    }

    fn length(&self) -> Length {
        let time = Duration::from_secs(self.arguments.seconds);
        Length { time, requests: self.arguments.requests.unwrap_or(u64::MAX) }
    }

    fn tell(&mut self, row: &str, cost: &str, seen: Seen, out: &mut dyn Write) -> anyhow::Result<()> {
        let millis = |per_mille| {
            let micros = seen.quantile(per_mille);
            format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
        };
        let quantiles = [500, 990, 999].map(millis).join(" | ");
        let (answered, errors, rate) = (seen.answered(), seen.errors, seen.per_second());
        writeln!(out, "{row} | {answered} | {errors} | {rate} | {quantiles} | {cost}")?;
        for complaint in &seen.complaints {
            writeln!(out, "  ! {complaint}")?;
        }
        self.errors += seen.errors;
        self.recorded.extend(seen.recorded);
        Ok(())
    }

    /// The journal must hold every receipt that was acknowledged and no other, and must stand up to verification.
    fn settle(mut self, first: i64, out: &mut dyn Write) -> anyhow::Result<()> {
        let last = head(self.place, &self.stock.world)?;
        self.recorded.sort_unstable();
        let expected = first + 1..=last;
        let acknowledged = i64::try_from(self.recorded.len())?;
        writeln!(out, "journal: {} new receipts, {acknowledged} acknowledged, {} errors", last - first, self.errors)?;
        let exact = self.recorded.iter().copied().eq(expected.clone());
        let contained = self.recorded.windows(2).all(|pair| pair.first() != pair.last())
            && self.recorded.iter().all(|position| expected.contains(position));
        ensure!(contained, "a receipt was acknowledged twice, or is not in the journal");
        if !exact {
            ensure!(self.errors > 0, "the journal holds receipts that nobody was told of");
            writeln!(out, "receipts beyond those acknowledged: answers that were lost")?;
        }
        let verified = self.place.command("verify").output()?;
        out.write_all(&verified.stdout)?;
        if !verified.status.success() {
            bail!("verification failed: {}", String::from_utf8_lossy(&verified.stderr));
        }
        writeln!(out, "database {} MB afterwards", self.place.megabytes())?;
        Ok(())
    }
}
