//! The server as a child process: started as it is or under something that harms it, killed, stopped, waited for. What
//! never lives here: a request.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::Register;
use crate::server::{free_address, wait_until_ready};
use crate::wire::Connection;

/// A running server; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Service {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first `/ready` that answers 200.
    pub(crate) ready_after: Duration,
}

impl Service {
    /// Starts the server on the register; it must become ready.
    pub(crate) fn start(register: &Register) -> Self {
        Self::try_start(register, |command| command).unwrap()
    }

    /// The same with a command that `harm` has changed: it may never become ready.
    pub(crate) fn try_start(register: &Register, harm: impl FnOnce(Command) -> Command) -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = register.command("serve");
        command.args(["--listen", &address.to_string()]);
        let log = register.file("server.log");
        let mut command = harm(command);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(File::options().create(true).append(true).open(&log)?);
        let began = Instant::now();
        let mut service = Self { child: command.spawn()?, address, ready_after: Duration::ZERO };
        wait_until_ready(&mut service.child, address)
            .with_context(|| std::fs::read_to_string(&log).unwrap_or_default())?;
        service.ready_after = began.elapsed();
        Ok(service)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn connect(&self) -> anyhow::Result<Connection> {
        Connection::open(self.address)
    }

    /// `kill -9`, at once.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the server to stop.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// `kill -9`, for whoever only borrows it.
    pub(crate) fn strike(&self) {
        self.signal("-KILL");
    }

    fn signal(&self, name: &str) {
        let asked = Command::new("kill").args([name, &self.id().to_string()]).status().unwrap();
        assert!(asked.success());
    }

    /// How the server ended, if it does within so long.
    pub(crate) fn end_within(&mut self, time: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + time;
        loop {
            let ended = self.child.try_wait().unwrap();
            if ended.is_some() || Instant::now() > deadline {
                return ended;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
