//! The server under load: a child process of the release binary, and what the system says it has used.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::wire::Connection;

/// A tick of `/proc/PID/stat`, in microseconds: 100 per second on every Linux that Rust supports.
const TICK_MICROS: u64 = 10_000;

/// Where an installation is, as the command line wants it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) program: PathBuf,
    pub(crate) data_dir: PathBuf,
    pub(crate) database: String,
}

impl Place {
    /// A command of the program on this place.
    pub(crate) fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(name).arg("--data-dir").arg(&self.data_dir).args(["--database", &self.database]);
        command
    }

    /// Bytes of the database file and its log; nothing for a server's database.
    pub(crate) fn megabytes(&self) -> u64 {
        let path = self.database.strip_prefix("sqlite:").map(PathBuf::from).unwrap_or_default();
        let log = PathBuf::from(format!("{}-wal", path.display()));
        [path, log].iter().filter_map(|path| fs::metadata(path).ok()).map(|data| data.len()).sum::<u64>() / 1_000_000
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts the server on a free port and waits until it takes connections.
    pub(crate) fn start(place: &Place, group: usize, log: &Path) -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = place.command("serve");
        command.args(["--listen", &address.to_string(), "--group", &group.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(log)?);
        let child = command.spawn().with_context(|| format!("{} does not start", place.program.display()))?;
        let mut server = Self { child, address };
        wait_until_ready(&mut server.child, address).with_context(|| format!("see {}", log.display()))?;
        Ok(server)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    /// Asks it to stop and waits until it has.
    fn drop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            drop(self.child.kill());
        }
        drop(self.child.wait());
    }
}

/// Waits until the server that the child is answers `/ready` with 200.
pub(crate) fn wait_until_ready(child: &mut Child, address: SocketAddr) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(30);
    let ready = || Connection::open(address)?.get("/ready");
    while !ready().is_ok_and(|answer| answer.status == 200) {
        if let Some(status) = child.try_wait()? {
            bail!("the server stopped ({status})");
        }
        if Instant::now() > deadline {
            bail!("the server is not ready");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// A port that was free a moment ago.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Processor time that a process has used, in microseconds.
pub(crate) fn cpu_micros(process: u32) -> anyhow::Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in brackets may hold anything; the fields after it are numbers.
    let after_name = stat.rsplit_once(") ").context("unreadable stat")?.1;
    let fields: Vec<&str> = after_name.split(' ').collect();
    let ticks = |place: usize| fields.get(place).and_then(|text| text.parse::<u64>().ok()).context("unreadable stat");
    Ok((ticks(11)? + ticks(12)?) * TICK_MICROS)
}

/// Memory that a process holds, in megabytes.
pub(crate) fn resident_megabytes(process: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("unreadable status")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1_000)
}
