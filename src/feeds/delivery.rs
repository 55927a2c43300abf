//! The thread that tells: for each webhook the events after its cursor, in order, one after the other; then how far it came
//! is written, in one short transaction. Killed between the two, it tells the same events again, under the same
//! identifiers. What never lives here: an act; the writer of the ledger waits for nothing here.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender as Signal, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Moment};

use super::applications::of_applications;
use super::event::{Event, of_places, of_receipts};
use super::sending::{Answer, Sender};
use super::signature::{secret, sign};
use crate::clock::Clock;
use crate::domain::ids::ProgrammeNo;
use crate::domain::party::OrganisationKind;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Instant;
use crate::domain::webhooks::{Failed, Progress, Topic, Webhook};
use crate::keys::Keys;
use crate::store::{DeadLetter, Reads, Store, StoreError, WriteError};

/// How often it is looked whether there is something to tell.
const INTERVAL: Duration = Duration::from_millis(500);
/// Events that one webhook is told before the others have their turn.
const AT_ONCE: i64 = 50;
/// How long one webhook may take before the others have their turn.
const TURN: Duration = Duration::from_secs(30);
/// How long a webhook belongs to the instance that tells it: longer than a turn and its last attempt.
const LEASE_SECONDS: i64 = 120;

/// What telling needs.
#[derive(Debug, Clone)]
pub struct Round {
    pub store: Arc<Store>,
    pub keys: Arc<Keys>,
    pub clock: Arc<dyn Clock>,
}

/// Tells for as long as it lives.
#[derive(Debug)]
pub struct Deliverer {
    stop: Option<Signal<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Deliverer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives none.
    pub fn start(with: Round, sender: Box<dyn Sender>) -> std::io::Result<Self> {
        let (stop, stopped) = channel::<()>();
        let work = move || {
            loop {
                if let Err(error) = round(&with, sender.as_ref()) {
                    tracing::warn!(%error, "what happened could not be told");
                }
                if stopped.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("feeds".to_owned()).spawn(work)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Deliverer {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to say that was not logged.
            drop(thread.join());
        }
    }
}

/// Gives every webhook that has something to be told its turn, and says how many events were told.
///
/// # Errors
/// [`StoreError`]; what was told and not written down is told again.
pub fn round(with: &Round, sender: &dyn Sender) -> Result<usize, StoreError> {
    let now = with.clock.now();
    let due = with.store.read::<_, StoreError>(|tx| tx.webhooks_due(now))?;
    let mut told = 0;
    for webhook in due {
        let Some(waiting) = with.store.read(|tx| waiting(tx, &webhook))? else { continue };
        if waiting.events.is_empty() && waiting.seen == webhook.progress.cursor {
            continue;
        }
        let until = now.plus_seconds(LEASE_SECONDS);
        if with.store.write(|tx| tx.lease_webhook(webhook.id, now, until)).map_err(plain)? {
            told += turn(with, sender, &webhook, waiting)?;
        }
    }
    Ok(told)
}

/// What a webhook is to be told.
struct Waiting {
    events: Vec<Event>,
    /// Up to where was looked: what is not among the events is not for this webhook.
    seen: i64,
}

/// `None` when the webhook follows nothing any more: its organisation or its programme is gone.
fn waiting(tx: &mut dyn Reads, webhook: &Webhook) -> Result<Option<Waiting>, StoreError> {
    let Some(organisation) = tx.organisation(webhook.organisation)?.filter(|one| one.active) else { return Ok(None) };
    let page = (webhook.progress.cursor, AT_ONCE);
    let everything = organisation.kinds.contains(&OrganisationKind::Region);
    let party = (!everything).then_some(&organisation.code);
    let (events, seen) = match (webhook.topic, webhook.programme) {
        (Topic::Places, _) => of_places(tx, page)?,
        (Topic::Receipts, Some(no)) => {
            let Some(code) = code_of(tx, no)? else { return Ok(None) };
            let (mut events, seen) = of_receipts(tx, (no, &code), page, party)?;
            events.retain(|event| event.receipt_kind().is_some_and(|kind| webhook.follows(kind)));
            (events, seen)
        }
        (Topic::Applications, Some(no)) => {
            let Some(code) = code_of(tx, no)? else { return Ok(None) };
            of_applications(tx, (no, &code), page, party)?
        }
        (Topic::Receipts | Topic::Applications, None) => return Ok(None),
    };
    Ok(Some(Waiting { events, seen }))
}

fn code_of(tx: &mut dyn Reads, no: ProgrammeNo) -> Result<Option<ShortCode>, StoreError> {
    Ok(tx.programme_by_no(no)?.map(|programme| programme.code))
}

/// Tells what waits until something fails or the turn is over, then writes down how far it came.
fn turn(with: &Round, sender: &dyn Sender, webhook: &Webhook, waiting: Waiting) -> Result<usize, StoreError> {
    let (begun, mut progress, mut told, mut dead) = (Moment::now(), webhook.progress, 0, None);
    let mut stopped = false;
    let mut whole = true;
    for event in waiting.events {
        let now = with.clock.now();
        let answer = tell(with, sender, webhook, &event, now);
        if answer == Answer::Taken {
            progress = progress.told(event.position);
            told += 1;
        } else {
            let (next, what) = progress.failed(event.position, now);
            tracing::warn!(webhook = %webhook.id, event = event.body.id, attempts = next.attempts, why = answer.told(), "not told");
            if what != Failed::Waits {
                dead = Some(DeadLetter {
                    webhook: webhook.id,
                    position: event.position,
                    event: event.body.id.clone(),
                    why: answer.told(),
                    at: now,
                });
            }
            (progress, stopped, whole) = (next, what == Failed::Stopped, false);
            break;
        }
        if begun.elapsed() > TURN {
            whole = false;
            break;
        }
    }
    if whole {
        progress = progress.passed(waiting.seen);
    }
    written(with, webhook, (progress, stopped), dead.as_ref())?;
    Ok(told)
}

fn written(
    with: &Round,
    webhook: &Webhook,
    (progress, stopped): (Progress, bool),
    dead: Option<&DeadLetter>,
) -> Result<(), StoreError> {
    let kept = with.store.write(|tx| {
        // Somebody set the cursor meanwhile: theirs stands.
        if !tx.keep_progress(webhook.id, webhook.progress.cursor, progress, stopped)? {
            return Ok(());
        }
        dead.map_or(Ok(()), |dead| tx.insert_dead_letter(dead))
    });
    kept.map_err(plain)
}

fn plain(error: WriteError<StoreError>) -> StoreError {
    match error {
        WriteError::Undone(error) | WriteError::Unknown(error) => error,
    }
}

fn tell(with: &Round, sender: &dyn Sender, webhook: &Webhook, event: &Event, now: Instant) -> Answer {
    let Ok(body) = serde_json::to_vec(&event.body) else {
        return Answer::Unreachable("l'événement ne s'écrit pas".to_owned());
    };
    let seconds = now.millis().div_euclid(1_000);
    let signed = |generation| format!("v1={}", sign(&secret(&with.keys, webhook.id, generation), seconds, &body));
    let signatures: Vec<String> = webhook.generations(now).into_iter().map(signed).collect();
    let headers = [
        ("Content-Type", "application/json".to_owned()),
        ("Recepisse-Event", event.body.id.clone()),
        ("Recepisse-Webhook", webhook.id.to_string()),
        ("Recepisse-Signature", format!("t={seconds},{}", signatures.join(","))),
    ];
    sender.post(webhook.url.as_str(), &headers, &body)
}
