//! How long every report, every export and the verification take on a register, and how much memory: run on registers of
//! several sizes, it shows how the cost grows.
//!
//! ```text
//! cargo run --release --example reports -- --data-dir /tmp/load --serial LOAD1-000001-23
//! ```
//!
//! Rates of different runs say little on a shared machine: seconds are shown beside the processor time that was used. What
//! never lives here: a server, or a figure that is not measured.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Parser;
use recepisse::audit;
use recepisse::clock::{Clock, SystemClock, SystemEntropy};
use recepisse::domain::programme::Programme;
use recepisse::keys::Keys;
use recepisse::reports::{self, CsvOptions, Entry, Export, Format, Parameter, Request};
use recepisse::store::{Options, Page, Store, StoreError};

/// A tick of `/proc/self/stat`, in milliseconds: 100 per second on every Linux that Rust supports.
const TICK_MILLIS: u64 = 10;

/// Times every report of a register.
#[derive(Debug, Parser)]
struct Arguments {
    /// Keys, and the SQLite file where no database is named.
    #[arg(long)]
    data_dir: PathBuf,
    /// The database: the SQLite file of the directory when not said.
    #[arg(long)]
    database: Option<String>,
    /// Only these reports; all of them when none is named.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// The holder of the reports that are about one.
    #[arg(long, default_value = "circulation")]
    holder: String,
    /// The pass of the reports that are about one, as printed; they are left out when it is not said.
    #[arg(long)]
    serial: Option<String>,
    /// Without the verification.
    #[arg(long)]
    no_verification: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let of_its_own = || format!("sqlite:{}", arguments.data_dir.join("recepisse.sqlite").display());
    let database = arguments.database.clone().unwrap_or_else(of_its_own);
    let store = Arc::new(Store::open(&database, &Options::default())?);
    let found: Result<_, StoreError> = store.read(|tx| tx.programmes(&Page { after: None, limit: 1 }));
    let programme = found?.pop().context("no programme")?;
    let mut out = io::stdout();
    writeln!(out, "| what | rows | MB | seconds | processor s | rows per second | memory MB more |")?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for entry in reports::CATALOGUE {
        let wanted = arguments.only.is_empty() || arguments.only.iter().any(|name| name == entry.name);
        if let Some(request) = request(entry, &programme, &arguments).filter(|_| wanted) {
            time(entry.name, &mut out, || report(entry, &store, &request))?;
        }
    }
    if arguments.no_verification {
        return Ok(());
    }
    let keys = Keys::open_or_create(&arguments.data_dir.join("keys"), &SystemEntropy)?;
    let trusted = [keys.seal_key().verifying_key()];
    time("verification, chain and seals", &mut out, || {
        Ok((audit::verify_chain(&store, &trusted, &programme, &mut |_, _| {})?.receipts, 0))
    })?;
    time("verification, everything", &mut out, || {
        Ok((audit::verify(&store, &trusted, &programme, &mut |_, _| {})?.receipts, 0))
    })
}

/// What is asked of a report; `None` where the serial that it is about was not said.
fn request(entry: &Entry, programme: &Programme, arguments: &Arguments) -> Option<Request> {
    let mut request = Request::new(programme.code.clone(), SystemClock.now().day());
    if entry.parameters.contains(&Parameter::Holder) {
        request.holder = Some(arguments.holder.clone());
    }
    if entry.parameters.contains(&Parameter::Serial) {
        let pass = arguments.serial.clone()?;
        let booklet = pass.split('/').next().map(str::to_owned);
        request.serial = if entry.name.starts_with("booklet") { booklet } else { Some(pass) };
    }
    Some(request)
}

/// Rows and bytes of a report written as CSV.
fn report(entry: &Entry, store: &Arc<Store>, request: &Request) -> anyhow::Result<(i64, u64)> {
    let options = CsvOptions { last_line: reports::LastLine::None, ..CsvOptions::default() };
    let mut export = Export::new(reports::open(entry.name, store, request)?, Format::Csv(options));
    let mut counted = Counted::default();
    export.write_to(&mut counted)?;
    Ok((counted.lines - 1, counted.bytes))
}

/// Counts what is written and keeps none of it.
#[derive(Debug, Default)]
struct Counted {
    bytes: u64,
    lines: i64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.lines += i64::try_from(bytes.split(|byte| *byte == b'\n').count() - 1).unwrap_or(i64::MAX);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn time(what: &str, out: &mut dyn Write, work: impl FnOnce() -> anyhow::Result<(i64, u64)>) -> anyhow::Result<()> {
    // The peak so far would hide that of this work.
    fs::write("/proc/self/clear_refs", "5")?;
    let (memory, processor, started) = (kilobytes("VmRSS:")?, processor_millis()?, Instant::now());
    let done = work();
    let millis = i64::try_from(started.elapsed().as_millis())?.max(1);
    let used = processor_millis()? - processor;
    let more = kilobytes("VmHWM:")?.saturating_sub(memory) / 1_000;
    match done {
        Ok((rows, bytes)) => {
            let rate = rows * 1_000 / millis;
            let (seconds, processor) = (decimals(millis), decimals(i64::try_from(used)?));
            writeln!(out, "| {what} | {rows} | {} | {seconds} | {processor} | {rate} | {more} |", bytes / 1_000_000)?;
        }
        Err(error) => writeln!(out, "| {what} | {error} | | | | | |")?,
    }
    Ok(())
}

fn decimals(millis: i64) -> String {
    format!("{}.{:02}", millis / 1_000, millis % 1_000 / 10)
}

/// Processor time of this process, in milliseconds.
fn processor_millis() -> anyhow::Result<u64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit_once(") ").context("unreadable stat")?.1;
    let ticks: Vec<u64> = after_name.split(' ').skip(11).take(2).filter_map(|text| text.parse().ok()).collect();
    Ok(ticks.iter().sum::<u64>() * TICK_MILLIS)
}

/// A line of `/proc/self/status`.
fn kilobytes(name: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let Some(line) = status.lines().find_map(|line| line.strip_prefix(name)) else { bail!("no {name} in status") };
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
