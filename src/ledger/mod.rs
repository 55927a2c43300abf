//! The only writer. Acts come through a bounded queue; one thread takes what is waiting and writes it as a group
//! in one transaction: one is the list of length one. What never lives here: SQL, HTTP, or a rule.

mod application_facts;
mod claim_facts;
pub mod doubt;
mod draft;
pub mod duplicate_facts;
pub mod erasure_facts;
pub mod follow_up_facts;
mod group;
mod head_file;
mod heads;
mod in_flight;
mod offline_facts;
mod patience;
mod place_facts;
pub mod prefetch;
mod pulse;
mod replay;
mod statement_facts;
mod submission;
mod sweep;
mod withdrawn;

pub use head_file::HeadFileError;
pub use heads::{Heads, HeadsError};

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::clock::{Clock, Entropy};
use crate::domain::act::{Context, admit};
use crate::domain::facts::Facts;
use crate::domain::ids::ProgrammeNo;
use crate::domain::movement::{Kind, Movement};
use crate::domain::programme::Programme;
use crate::domain::refusal::Refusal;
use crate::domain::restore::Loss;
use crate::keys::Keys;
use crate::store::{Store, StoreError};
use in_flight::{Held, InFlight};
use submission::Job;

pub use pulse::{Ending, Fate, GroupReport, Head, Observer, Pulse, Stage, Stages, Unobserved};
pub use submission::{Answer, Outcome, Preview, RequestKey, Submission, SubmitError};

/// How the ledger writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Acts of one group at most; 1 is one act per commit.
    pub group: NonZeroUsize,
    /// A group that the writer has in hand for longer is logged with the time of each stage.
    pub slow_group: Duration,
    /// Acts that may wait; beyond, the caller is told to come back.
    pub queue: usize,
    /// What a caller waits for the writer at most; then the outcome is not known to them.
    pub longest_wait: Duration,
    /// What a request waits for another under way with the same key.
    pub longest_wait_for_key: Duration,
}

impl Default for Options {
    /// 256 acts: past this a larger group gains nothing and the first caller only waits longer. 10 s: a person at a
    /// counter has tried again by then. 2 s for the same key: its first is answered in milliseconds, or something is slow.
    fn default() -> Self {
        Self {
            group: NonZeroUsize::MIN.saturating_add(255),
            slow_group: Duration::from_millis(250),
            queue: 1024,
            longest_wait: Duration::from_secs(10),
            longest_wait_for_key: Duration::from_secs(2),
        }
    }
}

/// The ledger: submit acts, get receipts.
#[derive(Debug)]
pub struct Ledger {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    heads: Arc<Heads>,
    keys_in_flight: InFlight,
    longest_wait: Duration,
    queue: Option<SyncSender<Job>>,
    writer: Option<JoinHandle<()>>,
    pulse: Arc<Pulse>,
    observer: Arc<dyn Observer>,
}

impl Ledger {
    /// Starts the writer thread with the default options.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the system gives no thread.
    pub fn start(
        store: Arc<Store>,
        keys: Arc<Keys>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        Self::start_with(store, keys, (clock, entropy), Options::default(), Arc::new(Unobserved))
    }

    /// Starts the writer thread; the observer is told of every group. What is given out is remembered in memory only.
    ///
    /// # Errors
    /// [`StoreError`] when the heads cannot be read, or the system gives no thread.
    pub fn start_with(
        store: Arc<Store>,
        keys: Arc<Keys>,
        surroundings: (Arc<dyn Clock>, Arc<dyn Entropy>),
        options: Options,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, StoreError> {
        let heads = Heads::open(&store, &keys, None).map_err(|error| match error {
            HeadsError::Store(error) => error,
            other => StoreError::Failed(other.to_string()),
        })?;
        Self::start_remembering(store, keys, surroundings, options, (observer, heads))
    }

    /// The same, with `heads` to hold the journals against what was given out before.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the system gives no thread.
    pub fn start_remembering(
        store: Arc<Store>,
        keys: Arc<Keys>,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
        options: Options,
        (observer, heads): (Arc<dyn Observer>, Heads),
    ) -> Result<Self, StoreError> {
        let heads = Arc::new(heads);
        let (queue, waiting) = sync_channel(options.queue);
        let started = clock.reading();
        let pulse = Arc::new(Pulse::default());
        let writer = group::Writer {
            store: Arc::clone(&store),
            keys,
            clock: Arc::clone(&clock),
            entropy,
            started,
            slow_group: options.slow_group,
            pulse: Arc::clone(&pulse),
            observer: Arc::clone(&observer),
            heads: Arc::clone(&heads),
        };
        let writer = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || write_groups(&writer, &waiting, options.group.get()))
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(Self {
            store,
            clock,
            heads,
            keys_in_flight: InFlight::new(options.longest_wait_for_key),
            longest_wait: options.longest_wait,
            queue: Some(queue),
            writer: Some(writer),
            pulse,
            observer,
        })
    }

    /// The state of the queue and of the writer.
    #[must_use]
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Whether the writer can still take an act.
    #[must_use]
    pub fn writer_lives(&self) -> bool {
        self.writer.as_ref().is_some_and(|writer| !writer.is_finished())
    }

    /// Queues an act and waits for its definite answer, for a bounded time.
    ///
    /// # Errors
    /// [`SubmitError`]; everything but [`SubmitError::OutcomeUnknown`] had no effect.
    pub async fn submit(&self, submission: Submission) -> Result<Answer, SubmitError> {
        let held = match &submission.key {
            Some(key) => self.keys_in_flight.enter(&key.digest).await?,
            None => None,
        };
        let answered = tokio::time::timeout(self.longest_wait, self.enqueue(submission, held)?);
        // In time or not, an act that is queued will be done: only its key can tell what became of it.
        answered.await.unwrap_or(Ok(Err(SubmitError::OutcomeUnknown))).unwrap_or(Err(SubmitError::OutcomeUnknown))
    }

    /// The same for a caller that is not asynchronous, the command line: it waits for as long as it takes, and only the
    /// queue orders its keys.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub fn submit_and_wait(&self, submission: Submission) -> Result<Answer, SubmitError> {
        self.enqueue(submission, None)?.blocking_recv().unwrap_or(Err(SubmitError::OutcomeUnknown))
    }

    /// The answer once given under this key, without waiting for the writer: a retry must not depend on what its
    /// first attempt changed.
    ///
    /// # Errors
    /// [`SubmitError::KeyReused`] when the key named another request; [`SubmitError::Store`].
    pub fn replay(&self, programme: ProgrammeNo, key: &RequestKey) -> Result<Option<Answer>, SubmitError> {
        let found = self.store.read(|tx| replay::find(tx, programme, key))?.transpose()?;
        if found.is_some() {
            self.observer.replayed();
        }
        Ok(found)
    }

    /// Decides without writing: the same checks on the same facts.
    ///
    /// # Errors
    /// As [`Self::submit`], and the refusal inside the `Ok` of the outer result.
    pub fn dry_run(&self, submission: &Submission) -> Result<Result<Preview, Refusal>, SubmitError> {
        let at = self.clock.now();
        self.store.read(|tx| {
            let needs = prefetch::needs(&[submission]);
            tx.by_key_only()?;
            let seen = prefetch::look(tx, submission.programme, &needs, &BTreeSet::new())?;
            let seen = seen.ok_or(SubmitError::ProgrammeUnknown)?;
            let journal = seen.journal.clone();
            let mut facts = prefetch::facts_of(tx, seen, &needs)?;
            facts.loss = self.heads.loss(tx, &facts.programme, &journal)?;
            if facts.loss.is_some() && submission.act.kind() != Kind::Restore {
                return Err(SubmitError::RolledBack);
            }
            let decision = decide(submission, &facts, at);
            Ok(decision.map(|movement| Preview { movement, programme: facts.programme }))
        })
    }

    /// What was given out, as it is remembered outside the database.
    #[must_use]
    pub fn heads(&self) -> &Heads {
        &self.heads
    }

    /// What the programme's journal lacks of what was given out, read now.
    ///
    /// # Errors
    /// [`StoreError`] when the journal cannot be read.
    pub fn loss(&self, programme: &Programme) -> Result<Option<Loss>, StoreError> {
        self.store.read(|tx| match tx.journal(programme.no)? {
            Some(journal) => self.heads.loss(tx, programme, &journal),
            None => Ok(None),
        })
    }

    fn enqueue(
        &self,
        submission: Submission,
        key: Option<Held>,
    ) -> Result<oneshot::Receiver<Result<Answer, SubmitError>>, SubmitError> {
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or(SubmitError::Stopped)?;
        // Counted first: the writer may take it before this thread goes on.
        self.pulse.queued();
        let sent = queue.try_send(Job { submission, queued: Instant::now(), answer, _key: key });
        sent.map(|()| answered).map_err(|error| {
            self.pulse.taken(1);
            match error {
                TrySendError::Full(_) => SubmitError::QueueFull,
                TrySendError::Disconnected(_) => SubmitError::Stopped,
            }
        })
    }
}

impl Drop for Ledger {
    /// Lets the writer finish what is queued.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has stopped the process before anyone could join it.
            drop(writer.join());
        }
    }
}

/// A user who was disabled is stopped here, at the next write, whatever the token says.
fn decide(submission: &Submission, facts: &Facts, at: crate::domain::time::Instant) -> Result<Movement, Refusal> {
    let context = Context { at, day: at.day(), actor: submission.actor.clone() };
    admit(facts, &context, submission.act.kind())?;
    submission.act.decide(facts, &context)
}

/// A panic in the writer leaves a group half thought: the process stops and recovery decides what is true.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::process::abort();
        }
    }
}

fn write_groups(writer: &group::Writer, waiting: &Receiver<Job>, most: usize) {
    let _abort = AbortOnPanic;
    while let Ok(first) = waiting.recv() {
        let mut jobs = vec![first];
        jobs.extend(waiting.try_iter().take(most - 1));
        writer.pulse.taken(jobs.len());
        while let Some((programme, queued)) = jobs.first().map(|job| (job.submission.programme, job.queued)) {
            let (group, others) = jobs.into_iter().partition(|job| job.submission.programme == programme);
            writer.pulse.begins(queued);
            writer.write(programme, group);
            jobs = others;
        }
        writer.pulse.rests();
    }
}
