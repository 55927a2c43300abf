//! `close`, for a timer, and the same by a server that was told to. What never lives here: which period is due.

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, bail};

use super::{Finding, place};
use crate::auth::Caller;
use crate::clock::{Clock, SystemClock, SystemEntropy};
use crate::config::{Place, Remembering};
use crate::due;
use crate::http::App;
use crate::keys::Keys;
use crate::ledger::{Heads, Ledger, Options, Unobserved};
use crate::store::{Access, Store};

/// How often a server looks whether a day is over.
const INTERVAL: Duration = Duration::from_mins(1);

#[derive(Debug, clap::Args)]
pub(super) struct Close {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    remembering: Remembering,
    #[arg(
        long = "as",
        value_name = "ADRESSE",
        help = "Compte du service des finances au nom duquel les procès-verbaux sont établis"
    )]
    account: String,
    #[arg(long, value_name = "CODE", help = "Un seul dispositif [défaut : tous ceux de la Région]")]
    programme: Option<String>,
}

/// The account that closings are recorded under.
fn caller(store: &Store, keys: &Keys, email: &str) -> anyhow::Result<Caller> {
    let found = due::caller(store, keys, email)?;
    found.with_context(|| {
        format!("{email} n'est pas le compte actif d'un agent du service des finances (region_finance)")
    })
}

pub(super) fn close(asked: &Close, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let store = place::existing(&asked.place, Access::Write)?;
    let keys = place::keys(&asked.place, &store)?;
    let caller = caller(&store, &keys, &asked.account)?;
    let heads = Heads::open(&store, &keys, Some(asked.remembering.head_file(&asked.place)))?;
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let parts = (Arc::clone(&store), keys);
    let ledger = Ledger::start_remembering(
        parts.0,
        parts.1,
        (clock, entropy),
        Options::default(),
        (Arc::new(Unobserved), heads),
    )?;
    let mut own = due::programmes(&store, &caller)?;
    if let Some(code) = &asked.programme {
        own.retain(|programme| programme.code.as_str() == code);
        if own.is_empty() {
            bail!("le dispositif {code} n'existe pas, ou n'est pas celui de la Région de {}.", asked.account);
        }
    }
    for programme in own {
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
        let caller = caller(&app.store, &app.keys, email)?;
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

/// Says in the log which steps the ends of orders ask for.
fn tell_steps(app: &App, caller: &Caller) {
    let told = due::programmes(&app.store, caller).map_err(due::DueError::from).and_then(|programmes| {
        for programme in programmes {
            for due::DueStep { order, step, since } in due::steps(&app.store, &programme, app.clock.now().day())? {
                tracing::info!(programme = %programme.code, order, %step, %since, "the end of an order asks for a step");
            }
        }
        Ok(())
    });
    if let Err(error) = told {
        tracing::warn!(%error, "what the ends of orders ask for could not be read");
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
