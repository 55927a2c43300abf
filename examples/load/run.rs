//! The run: prepare or find the register, drive it row by row, settle the books. What never lives here: how a request
//! is made.

use std::fs::File;
use std::io::Write;
use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use recepisse::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use recepisse::keys::Keys;
use recepisse::ledger::{Ledger, Options, Unobserved};
use recepisse::store::{self, Store};

use crate::drive::{self, Seen};
use crate::engine;
use crate::prepare::{Extent, prepare};
use crate::row::{Row, TITLES, Used};
use crate::scenario::{Scenario, Stock};
use crate::server::{self, Place, Server};
use crate::world::{Known, World};
use crate::{Arguments, By};

/// Drives a peer: its books are checked by whoever knows its tables.
pub(crate) fn peer(arguments: &Arguments, passes: u64, out: &mut dyn Write) -> anyhow::Result<()> {
    let stocks = vec![Stock::of_peer(passes, arguments.first)];
    let place = arguments.place()?;
    let mut run = Run::new(arguments, &place, stocks)?;
    writeln!(out, "{TITLES}")?;
    for round in 1..=arguments.rounds {
        run.over_http(round, NonZeroUsize::MIN, out)?;
    }
    run.recorded.sort_unstable();
    let distinct = run.recorded.windows(2).all(|pair| pair.first() != pair.last());
    ensure!(distinct, "a receipt was acknowledged twice");
    let (first, last) = (run.recorded.first().map(|one| one.1), run.recorded.last().map(|one| one.1));
    writeln!(out, "acknowledged {}, positions {first:?} to {last:?}", run.recorded.len())?;
    run.summarise()
}

/// Prepares a register of our own, or finds it, and drives it.
pub(crate) fn own(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<()> {
    let only_http = arguments.by.iter().all(|by| *by == By::Http);
    ensure!(only_http || arguments.programmes == 1, "without HTTP one programme is driven");
    let place = arguments.place()?;
    let keys = Arc::new(Keys::open_or_create(&place.data_dir.join("keys"), &SystemEntropy)?);
    let mut prepared = Vec::new();
    if !arguments.reuse {
        let store = Arc::new(Store::open(&place.database, &store::Options::default())?);
        let extent = Extent { passes: arguments.passes, booklets: arguments.booklets };
        let mut known = Vec::new();
        for nth in 1..=arguments.programmes {
            let (one, speed) = prepare(&store, &keys, nth, extent)?;
            writeln!(out, "{speed}")?;
            prepared.push(speed);
            known.push(one);
        }
        World::note(&place.data_dir, &known)?;
    }
    let stocks: Vec<Stock> = World::find(&place.data_dir, &keys)?.into_iter().map(Stock::own).collect();
    let mut run = Run { prepared, ..Run::new(arguments, &place, stocks)? };
    let first = run.heads()?;
    writeln!(out, "database {} MB, journal at {first:?}", place.megabytes())?;
    writeln!(out, "{TITLES}")?;
    for round in 1..=arguments.rounds {
        run.round(round, out)?;
    }
    if arguments.beside { run.summarise() } else { run.settle(&first, out) }
}

struct Run<'a> {
    arguments: &'a Arguments,
    place: &'a Place,
    stocks: Vec<Stock>,
    recorded: Vec<(usize, i64)>,
    errors: u64,
    /// How fast each programme was prepared, in words.
    prepared: Vec<String>,
    json: Option<File>,
}

impl<'a> Run<'a> {
    fn new(arguments: &'a Arguments, place: &'a Place, stocks: Vec<Stock>) -> anyhow::Result<Self> {
        let append = |path| File::options().create(true).append(true).open(path);
        let json = arguments.json.as_ref().map(append).transpose()?;
        Ok(Self { arguments, place, stocks, recorded: Vec::new(), errors: 0, prepared: Vec::new(), json })
    }

    /// By programme: the last position of its journal.
    fn heads(&self) -> anyhow::Result<Vec<i64>> {
        let reader = store::Options { access: store::Access::Read, ..store::Options::default() };
        let store = Store::open(&self.place.database, &reader)?;
        let head = |stock: &Stock| {
            let programme = stock.world()?.programme;
            Ok(store.read(|tx| tx.journal(programme))?.context("no journal")?.position)
        };
        self.stocks.iter().map(head).collect()
    }

    /// Every other round runs backwards, so that no row always has the smaller database or the warmer cache.
    fn round(&mut self, round: u32, out: &mut dyn Write) -> anyhow::Result<()> {
        let groups = self.arguments.group.iter();
        let mut turns: Vec<(NonZeroUsize, By)> =
            groups.flat_map(|group| self.arguments.by.iter().map(|by| (*group, *by))).collect();
        if round.is_multiple_of(2) {
            turns.reverse();
        }
        for (group, by) in turns {
            match by {
                By::Http => self.over_http(round, group, out)?,
                By::Threads | By::OneThread | By::TwoThreads => self.engine(round, (group, by), out)?,
            }
        }
        Ok(())
    }

    fn over_http(&mut self, round: u32, group: NonZeroUsize, out: &mut dyn Write) -> anyhow::Result<()> {
        let start = |number| {
            let log = self.place.data_dir.join(format!("server-{number}.log"));
            Server::start(self.place, group.get(), &log)
        };
        let started = if self.arguments.address.is_empty() { self.arguments.instances } else { 0 };
        let servers = (1..=started).map(start).collect::<anyhow::Result<Vec<_>>>()?;
        let mut addresses = self.arguments.address.clone();
        addresses.extend(servers.iter().map(|server| server.address));
        let cpu = || servers.iter().map(|server| server::cpu_micros(server.id())).sum::<anyhow::Result<u64>>();
        for scenario in &self.arguments.scenario {
            for callers in &self.arguments.connections {
                let drive = |seconds| {
                    let length = self.arguments.length(*callers, seconds)?;
                    drive::over_http(&self.stocks, &addresses, (*scenario, *callers), length)
                };
                let warm_up = drive(self.arguments.warm_up)?;
                let before = cpu()?;
                let seen = drive(self.arguments.seconds)?;
                let cpu_micros = cpu()? - before;
                let memory = servers.iter().map(|server| server::resident_megabytes(server.id()));
                let memory = memory.collect::<anyhow::Result<Vec<_>>>()?.into_iter().max();
                let used = memory.map(|resident_megabytes| Used { cpu_micros, resident_megabytes });
                let (instances, programmes) = (addresses.len(), self.stocks.len());
                let (scenario, group, callers) = (*scenario, group.get(), *callers);
                let row = Row { round, by: "http".to_owned(), scenario, group, instances, programmes, callers };
                tell(&mut self.json, &row, &seen, used, out)?;
                self.count([warm_up, seen]);
            }
        }
        self.note()
    }

    fn engine(&mut self, round: u32, (group, by): (NonZeroUsize, By), out: &mut dyn Write) -> anyhow::Result<()> {
        let stock = self.stocks.first().context("no register")?;
        let store = Arc::new(Store::open(&self.place.database, &store::Options::default())?);
        let keys = Arc::clone(&stock.world()?.keys);
        let surroundings: (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let options = Options { group, ..Options::default() };
        let ledger = Ledger::start_with(store, keys, surroundings, options, Arc::new(Unobserved))?;
        let mut counted = Vec::new();
        for callers in &self.arguments.connections {
            let drive =
                |seconds| engine::in_process(stock, &ledger, (by, *callers), self.arguments.length(*callers, seconds)?);
            let (warm_up, seen) = (drive(self.arguments.warm_up)?, drive(self.arguments.seconds)?);
            let (scenario, group, callers) = (Scenario::Redeem, group.get(), *callers);
            let by = format!("engine, {by:?}");
            let row = Row { round, by, scenario, group, instances: 1, programmes: 1, callers };
            tell(&mut self.json, &row, &seen, None, out)?;
            counted.push(warm_up);
            counted.push(seen);
        }
        drop(ledger);
        self.count(counted);
        self.note()
    }

    fn count(&mut self, seen: impl IntoIterator<Item = Seen>) {
        for seen in seen {
            self.errors += seen.errors;
            self.recorded.extend(seen.recorded);
        }
    }

    /// The last line for a program.
    fn summarise(&mut self) -> anyhow::Result<()> {
        let drawn = self.stocks.first().map(|stock| stock.drawn().0);
        let summary = serde_json::json!({
            "acknowledged": self.recorded.len(), "errors": self.errors, "drawn": drawn, "prepared": self.prepared,
        });
        Ok(self.json.as_mut().map_or(Ok(()), |json| writeln!(json, "{summary}"))?)
    }

    /// What has been drawn, for a later run.
    fn note(&self) -> anyhow::Result<()> {
        if self.arguments.peer.is_some() || self.arguments.beside {
            return Ok(());
        }
        let known = |stock: &Stock| Ok(Known { drawn: stock.drawn(), ..Known::clone(stock.world()?) });
        World::note(&self.place.data_dir, &self.stocks.iter().map(known).collect::<anyhow::Result<Vec<_>>>()?)
    }

    /// Each journal must hold every receipt that was acknowledged and no other, and must stand up to verification.
    fn settle(mut self, first: &[i64], out: &mut dyn Write) -> anyhow::Result<()> {
        let last = self.heads()?;
        self.recorded.sort_unstable();
        let held = || {
            (0..)
                .zip(first.iter().zip(&last))
                .flat_map(|(world, (first, last))| (first + 1..=*last).map(move |position| (world, position)))
        };
        let (new, acknowledged) = (held().count(), self.recorded.len());
        writeln!(out, "journal: {new} new receipts, {acknowledged} acknowledged, {} errors", self.errors)?;
        if !self.recorded.iter().copied().eq(held()) {
            let distinct = self.recorded.windows(2).all(|pair| pair.first() != pair.last());
            let beyond = |(world, position): &(usize, i64)| last.get(*world).is_none_or(|last| position > last);
            ensure!(distinct, "a receipt was acknowledged twice");
            ensure!(!self.recorded.iter().any(beyond), "an acknowledged receipt is not in the journal");
            ensure!(self.errors > 0, "the journal holds receipts that nobody was told of");
            writeln!(out, "receipts beyond those acknowledged: answers that were lost")?;
        }
        if !self.arguments.no_verify {
            let verified = self.place.command("verify").output()?;
            out.write_all(&verified.stdout)?;
            if !verified.status.success() {
                bail!("verification failed: {}", String::from_utf8_lossy(&verified.stderr));
            }
        }
        writeln!(out, "database {} MB afterwards", self.place.megabytes())?;
        self.summarise()
    }
}

fn tell(
    json: &mut Option<File>,
    row: &Row,
    seen: &Seen,
    used: Option<Used>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let json = json.as_mut().map(|file| -> &mut dyn Write { file });
    Ok(row.tell(seen, used, (out, json))?)
}
