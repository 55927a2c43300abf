//! What every handler shares, and the one bridge from async to the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::web;
use tokio::sync::Semaphore;

use super::access_log::AccessLog;
use super::limits::Limits;
use super::metrics::Metrics;
use super::problem::Problem;
use super::reading::Reading;
use super::remembered::Remembered;
use super::short_reads::ShortReads;
use crate::auth::password::{Gate, Hasher};
use crate::clock::{Clock, Entropy};
use crate::feeds::Wire;
use crate::keys::Keys;
use crate::ledger::{Heads, Ledger, Options};
use crate::receipts::note::NamedKey;
use crate::store::{Reads, Store, StoreError, Writes};

/// What a server is made of.
#[derive(Debug)]
pub struct Parts {
    pub store: Arc<Store>,
    pub keys: Arc<Keys>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub hasher: Hasher,
    pub heads: Heads,
}

/// Shared by all workers.
#[derive(Debug)]
pub struct App {
    pub store: Arc<Store>,
    pub ledger: Ledger,
    pub keys: Arc<Keys>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub hasher: Arc<Hasher>,
    pub gate: Gate,
    pub limits: Limits,
    pub metrics: Arc<Metrics>,
    pub remembered: Remembered,
    /// Questions to the database whether it is there, that may wait at a time.
    pub probes: Arc<Semaphore>,
    short_reads: ShortReads,
    draining: AtomicBool,
    pub reading: Arc<Reading>,
    /// Keys of the witnesses whose signatures are kept.
    pub witnesses: Vec<NamedKey>,
    pub accesses: AccessLog,
    /// Which addresses may be told what happens.
    pub wire: Arc<Wire>,
    /// What the public finder reads.
    pub(super) directory: super::places::directory::Kept,
    /// The files of open data, as they were made today.
    pub(super) open_data: super::open_data::Made,
}

/// See [`App::probes`].
const PROBES: usize = 4;
impl App {
    /// Starts the ledger over the parts; everything else begins empty.
    ///
    /// # Errors
    /// Those of [`Ledger::start_remembering`], and no thread for the log of accesses.
    pub fn start(parts: Parts, options: Options) -> Result<Self, StoreError> {
        let Parts { store, keys, clock, entropy, hasher, heads } = parts;
        let metrics = Arc::new(Metrics::new(&store.backend().to_string()));
        let surroundings = (Arc::clone(&clock), Arc::clone(&entropy));
        let (observer, at) = (metrics.clone(), (Arc::clone(&store), Arc::clone(&keys)));
        let ledger = Ledger::start_remembering(at.0, at.1, surroundings, options, (observer, heads))?;
        Ok(Self {
            reading: Arc::new(Reading::of_primary(Arc::clone(&store))),
            accesses: AccessLog::start(Arc::clone(&store))?,
            short_reads: ShortReads::with(store.readers())?,
            store,
            ledger,
            keys,
            clock,
            entropy,
            hasher: Arc::new(hasher),
            gate: Gate::default(),
            limits: Limits::default(),
            metrics,
            remembered: Remembered::default(),
            probes: Arc::new(Semaphore::new(PROBES)),
            draining: AtomicBool::new(false),
            witnesses: Vec::new(),
            wire: Arc::new(Wire::new(false)),
            directory: super::places::directory::Kept::default(),
            open_data: super::open_data::Made::default(),
        })
    }

    /// From now on requests should go elsewhere; those under way are finished.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Reads on a thread for it: no handler ever waits for a database on an async one.
    ///
    /// # Errors
    /// Those of `work`; `too_busy` when too many others read.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Reads) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = Arc::clone(&self.store);
        self.short_reads.within(move || store.read(work)).await
    }

    /// Writes reference data on a blocking thread. Passes never move here: that is `ledger`.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Writes) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = Arc::clone(&self.store);
        let written = blocking(move || Ok(store.write(work)?)).await;
        // Whatever came of it: a commit without an answer may have changed the rows too.
        self.remembered.forget();
        written
    }
}

/// Runs blocking work on the pool made for it; what it logs bears the name of the request.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let request = tracing::Span::current();
    match web::block(move || request.in_scope(work)).await {
        Ok(answer) => answer,
        Err(error) => Err(Problem::internal(&error)),
    }
}
