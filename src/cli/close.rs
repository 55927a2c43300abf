//! `close`, for a timer, and the same by a server that was told to. What never lives here: which period is due.

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Finding;
use super::desk::{At, Desk, caller};
use super::erase::told;
use crate::auth::Caller;
use crate::clock::{Clock, SystemClock};
use crate::domain::movement::Kind;
use crate::due::{self, Overdue};
use crate::http::App;

/// How often a server looks whether a day is over.
const INTERVAL: Duration = Duration::from_mins(1);

#[derive(Debug, clap::Args)]
pub(super) struct Close {
    #[command(flatten)]
    at: At,
}

pub(super) fn close(asked: &Close, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let Desk { store, ledger, caller, programmes } = Desk::open(&asked.at, Kind::Closing)?;
    for programme in programmes {
        let closed = due::close((&ledger, &store), &caller, &programme, SystemClock.now().day())?;
        for receipt in &closed {
            let said =
                |name| receipt.body().mentions.get(name).map(crate::receipts::Mention::to_string).unwrap_or_default();
            let (first, last) = (said("first_day"), said("last_day"));
            writeln!(out, "{} : du {first} au {last} ({})", receipt.body().number, said("period"))?;
        }
        writeln!(out, "{} : {} clôtures établies, plus rien à clôturer.", programme.code, closed.len())?;
        for due::DueStep { order, step, since } in due::steps(&store, &programme, SystemClock.now().day())? {
            writeln!(
                out,
                "{} : commande {order}, {} à faire depuis le {}.",
                programme.code,
                step.french(),
                since.french()
            )?;
        }
        let overdue = due::overdue(&store, &programme, SystemClock.now().day())?;
        if overdue.people > 0 {
            writeln!(out, "{} : {} (recepisse erase).", programme.code, told(overdue))?;
        }
    }
    Ok(Finding::Well)
}

/// Closes what is due for as long as it lives.
pub(super) struct Closer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Closer {
    /// Starts the thread that looks every minute, the first time at once.
    ///
    /// # Errors
    /// An account that may not close, or no thread.
    pub(super) fn start(app: &Arc<App>, email: &str) -> anyhow::Result<Self> {
        let caller = caller(&app.store, &app.keys, email, Kind::Closing)?;
        let (stop, stopped) = channel::<()>();
        let app = Arc::downgrade(app);
        let work = move || {
            while look(&app, &caller) && stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {}
        };
        let thread = std::thread::Builder::new().name("closer".to_owned()).spawn(work)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Closer {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to say that was not logged.
            drop(thread.join());
        }
    }
}

/// Says in the log what the calendar asks of somebody: steps before the ends of orders, and erasures.
fn tell_steps(app: &App, caller: &Caller) {
    let told = due::programmes(&app.store, caller).map_err(due::DueError::from).and_then(|programmes| {
        for programme in programmes {
            for due::DueStep { order, step, since } in due::steps(&app.store, &programme, app.clock.now().day())? {
                tracing::info!(programme = %programme.code, order, %step, %since, "the end of an order asks for a step");
            }
            let Overdue { people, since, .. } = due::overdue(&app.store, &programme, app.clock.now().day())?;
            if people > 0 {
                tracing::info!(programme = %programme.code, people, %since, "personal data is to be erased");
            }
        }
        Ok(())
    });
    if let Err(error) = told {
        tracing::warn!(%error, "what the calendar asks for could not be read");
    }
}

/// Closes what is due now; `false` once the server is gone. What could not be done is tried again at the next look.
fn look(app: &Weak<App>, caller: &Caller) -> bool {
    let Some(app) = app.upgrade() else { return false };
    let closed = due::programmes(&app.store, caller).map_err(due::DueError::from).and_then(|programmes| {
        let close = |programme| due::close((&app.ledger, &app.store), caller, programme, app.clock.now().day());
        programmes.iter().map(close).collect::<Result<Vec<_>, _>>()
    });
    match closed {
        Ok(closed) => {
            for receipt in closed.iter().flatten() {
                tracing::info!(number = receipt.body().number, "period closed");
            }
            // Once a day, and not every minute.
            if closed.iter().any(|closed| !closed.is_empty()) {
                tell_steps(&app, caller);
            }
        }
        Err(error) => tracing::warn!(%error, "a period that is over could not be closed"),
    }
    true
}
