//! What was looked at: every request that an auditor signs, every receipt that leaves as a document, every file that leaves
//! as an export and every view of what is known of people, whoever takes it. Written by one thread, in batches, so that no answer waits for it. Never kept:
//! a query string, a body, a token. What never lives here: a right, or the technical log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::HttpMessage;
use actix_web::dev::ServiceResponse;
use tokio::sync::oneshot;

use super::app::App;
use super::caller::{Rights, SignedIn};
use crate::domain::party::Role;
use crate::domain::short_code::ShortCode;
use crate::store::{LoggedAccess, Store, StoreError, WriteError};

/// Accesses that wait to be written at most; one more is lost, and counted.
const MOST_WAITING: usize = 8_192;
/// Rows of one transaction at most.
const BATCH: usize = 512;
/// How long the first row of a batch waits for others: one flush to disk is for all of them.
const MOMENT: Duration = Duration::from_millis(200);
/// How long after a batch that could not be written the next attempt comes.
const PAUSE: Duration = Duration::from_secs(1);
/// Characters of an address that are kept; no address of ours is as long.
const PATH_CHARS: usize = 300;

/// What an answer hands over to be kept elsewhere; the handler puts it among the extensions of its response.
#[derive(Debug, Clone)]
pub(super) struct Handed {
    /// `html`, `pdf`, `csv`, `xlsx` or `xml`; `json`, where what was read may be about one person; `person`, where what is
    /// known of somebody was told.
    pub(super) form: &'static str,
    /// The receipt, where it is one.
    pub(super) number: Option<String>,
}

enum Message {
    Noted(Box<LoggedAccess>),
    /// Somebody waits until all that was noted before is written.
    Settle(oneshot::Sender<()>),
}

/// See the module. Dropped, it writes what waits.
#[derive(Debug)]
pub struct AccessLog {
    door: Option<SyncSender<Message>>,
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

/// What both sides look at.
#[derive(Debug, Default)]
struct Shared {
    lost: AtomicU64,
    /// No more will come, and what cannot be written now never will be.
    ending: AtomicBool,
}

impl AccessLog {
    /// Starts the thread that writes.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the system gives no thread.
    pub(super) fn start(store: Arc<Store>) -> Result<Self, StoreError> {
        let (door, inbox) = sync_channel(MOST_WAITING);
        let shared = Arc::new(Shared::default());
        let mut writer = Writer { store, inbox, waiting: Vec::new(), shared: Arc::clone(&shared) };
        let thread = std::thread::Builder::new().name("accesses".to_owned()).spawn(move || writer.run());
        let thread = thread.map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(Self { door: Some(door), shared, writer: Some(thread) })
    }

    /// Accesses that could not be kept since the process started.
    pub(super) fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// Waits until what was noted so far is written; under a flood, or while the database does not answer, it is not.
    pub(super) async fn settle(&self) {
        let (done, wait) = oneshot::channel();
        if let Some(door) = &self.door
            && door.try_send(Message::Settle(done)).is_ok()
        {
            // The thread answers by letting go of its end.
            drop(wait.await);
        }
    }

    fn note(&self, access: LoggedAccess) {
        let Some(door) = &self.door else { return };
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            door.try_send(Message::Noted(Box::new(access)))
        {
            self.shared.give_up(1);
        }
    }
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::Relaxed);
        self.door = None;
        if let Some(writer) = self.writer.take() {
            // It has nothing to say that was not logged.
            drop(writer.join());
        }
    }
}

impl Shared {
    fn give_up(&self, rows: usize) {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        let total = self.lost.fetch_add(rows, Ordering::Relaxed).saturating_add(rows);
        tracing::warn!(rows, total, "accesses could not be kept");
    }
}

/// Notes an answer, if it is one of those that are kept.
pub(super) fn note<B>(app: &App, answered: &ServiceResponse<B>) {
    let request = answered.request();
    let Some(caller) = request.extensions().get::<Arc<SignedIn>>().map(Arc::clone) else { return };
    let actor = caller.caller.actor();
    let handed = answered.response().extensions().get::<Handed>().cloned();
    if actor.role != Role::Auditor && handed.is_none() {
        return;
    }
    let at = app.clock.now();
    let programme = request.match_info().get("programme").and_then(|code| ShortCode::parse(code).ok());
    let (form, number) = handed.map(|handed| (handed.form.to_owned(), handed.number)).unzip();
    app.accesses.note(LoggedAccess {
        id: app.entropy.uuid(at).to_string(),
        at,
        user: actor.user,
        role: actor.role,
        method: request.method().to_string(),
        route: request.app_data::<Rights>().map_or("", |rights| rights.route).to_owned(),
        path: request.path().chars().take(PATH_CHARS).collect(),
        status: i64::from(answered.status().as_u16()),
        programme: programme.map(|code| code.to_string()),
        number: number.flatten(),
        form,
    });
}

/// The thread's side.
struct Writer {
    store: Arc<Store>,
    inbox: Receiver<Message>,
    waiting: Vec<LoggedAccess>,
    shared: Arc<Shared>,
}

impl Writer {
    fn run(&mut self) {
        loop {
            let (ended, asking) = self.gather();
            let written = self.write();
            drop(asking);
            if !written && self.shared.ending.load(Ordering::Relaxed) {
                let noted = |message: &Message| matches!(message, Message::Noted(_));
                self.shared.give_up(self.waiting.len().saturating_add(self.inbox.try_iter().filter(noted).count()));
                return;
            }
            if ended {
                return;
            }
            if !written {
                std::thread::sleep(PAUSE);
            }
        }
    }

    /// Fills a batch; says whether no more will come, and who waits for it.
    fn gather(&mut self) -> (bool, Option<oneshot::Sender<()>>) {
        let mut until = Instant::now() + MOMENT;
        let mut first = self.waiting.is_empty();
        while self.waiting.len() < BATCH {
            let message = if first {
                self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                self.inbox.recv_timeout(until.saturating_duration_since(Instant::now()))
            };
            match message {
                Ok(Message::Noted(access)) => self.waiting.push(*access),
                Ok(Message::Settle(asker)) => return (false, Some(asker)),
                Err(RecvTimeoutError::Timeout) => return (false, None),
                Err(RecvTimeoutError::Disconnected) => return (true, None),
            }
            if first {
                (first, until) = (false, Instant::now() + MOMENT);
            }
        }
        (false, None)
    }

    /// Writes what waits. What could not be written is tried again with the next batch.
    fn write(&mut self) -> bool {
        if self.waiting.is_empty() {
            return true;
        }
        let written = self.store.write(|tx| tx.insert_accesses(&self.waiting));
        match written {
            Ok(()) => self.waiting.clear(),
            // A COMMIT before this one gave no answer, and had kept them.
            Err(WriteError::Undone(error)) if error.is_conflict() => self.waiting.clear(),
            Err(WriteError::Undone(error) | WriteError::Unknown(error)) => {
                tracing::warn!(%error, rows = self.waiting.len(), "accesses wait to be written");
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::UserId;
    use crate::http::reference::stage::Stage;
    use crate::store::Options;

    fn access(stage: &Stage) -> LoggedAccess {
        let at = stage.app.clock.now();
        LoggedAccess {
            id: stage.app.entropy.uuid(at).to_string(),
            at,
            user: UserId::new(stage.app.entropy.uuid(at)),
            role: Role::Auditor,
            method: "GET".to_owned(),
            route: "/health".to_owned(),
            path: "/health".to_owned(),
            status: 200,
            programme: None,
            number: None,
            form: None,
        }
    }

    /// The file's volume seems full: nothing can be written.
    #[actix_web::test]
    async fn what_cannot_be_kept_is_counted_and_nobody_waits_for_it() {
        let (stage, folder) = (Stage::new(), tempfile::tempdir().unwrap());
        let url = format!("sqlite:{}", folder.path().join("full.sqlite").display());
        let options = Options { least_free_bytes: u64::MAX, ..Options::default() };
        let log = AccessLog::start(Arc::new(Store::open(&url, &options).unwrap())).unwrap();
        let shared = Arc::clone(&log.shared);
        log.note(access(&stage));
        log.settle().await;
        assert_eq!(log.lost(), 0, "it is tried again");
        let many = MOST_WAITING + 2 * BATCH;
        (0..many).for_each(|_| log.note(access(&stage)));
        assert!(log.lost() > 0, "more than can wait");
        drop(log);
        assert_eq!(shared.lost.load(Ordering::Relaxed), u64::try_from(many + 1).unwrap(), "each is counted once");
    }
}
