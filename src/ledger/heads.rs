//! What was given out, remembered outside the database. A database put back to an earlier moment is sound in itself;
//! only somebody who remembers can tell that it is short. Here the last head of every programme is kept in memory and
//! in a file, and held against the journal at the start, at the door of every group, and when a caller shows a head
//! that we signed. What never lives here: what is done about a loss (see `domain::restore`).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use ed25519_dalek::VerifyingKey;

use super::head_file::{HeadFile, HeadFileError};
use crate::domain::programme::Programme;
use crate::domain::restore::{Loss, Point};
use crate::domain::short_code::ShortCode;
use crate::keys::Keys;
use crate::receipts::{FIRST_EPOCH, SignedHead, chain};
use crate::store::{Journal, Page, Reads, Store, StoreError};

/// How far the file may lag behind the database.
const LAG: Duration = Duration::from_secs(1);

/// Why what was given out cannot be known.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    #[error(transparent)]
    File(#[from] HeadFileError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gives no thread.
    #[error("{0}")]
    Thread(std::io::Error),
}

/// What is known of one programme.
#[derive(Debug)]
struct Standing {
    head: SignedHead,
    /// The head as answers show it.
    text: Arc<str>,
    loss: Option<Loss>,
}

/// Shared with the thread that writes the file.
#[derive(Debug, Default)]
struct Known {
    programmes: RwLock<BTreeMap<String, Standing>>,
    unsaved: AtomicBool,
}

/// The last head of every programme.
#[derive(Debug)]
pub struct Heads {
    key: VerifyingKey,
    known: Arc<Known>,
    /// Heads that callers showed and that we did not sign.
    unproven: AtomicU64,
    saver: Option<Saver>,
}

/// Writes the file until it is dropped, and once more then.
#[derive(Debug)]
struct Saver {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Known {
    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Standing>> {
        self.programmes.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Standing>> {
        self.programmes.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, head: SignedHead, loss: Option<Loss>) {
        let text = Arc::from(head.to_string());
        self.write().insert(head.programme.clone(), Standing { head, text, loss });
        self.unsaved.store(true, Ordering::Release);
    }

    fn save(&self, file: &HeadFile) -> Result<(), HeadFileError> {
        if !self.unsaved.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let heads = self.read().iter().map(|(code, standing)| (code.clone(), standing.head.clone())).collect();
        let saved = file.write(&heads);
        if saved.is_err() {
            self.unsaved.store(true, Ordering::Release);
        }
        saved
    }
}

impl Heads {
    /// Takes the heads of `file`, if one is named, and those of the database where the file knows none or less. A
    /// programme whose journal is not what was given out is frozen from the start, loudly.
    ///
    /// # Errors
    /// [`HeadsError`] when the file is not ours or cannot be written, or the database cannot be read.
    pub fn open(store: &Store, keys: &Keys, file: Option<PathBuf>) -> Result<Self, HeadsError> {
        let key = keys.seal_key().verifying_key();
        let file = file.map(|path| HeadFile::new(path, key));
        let remembered = file.as_ref().map(HeadFile::read).transpose()?.unwrap_or_default();
        let known = Arc::new(Known::default());
        let mut heads = Self { key, known, unproven: AtomicU64::new(0), saver: None };
        store.read(|tx| heads.meet(tx, remembered))?;
        if let Some(file) = file {
            heads.known.save(&file)?;
            heads.saver = Some(Saver::start(Arc::clone(&heads.known), file).map_err(HeadsError::Thread)?);
        }
        Ok(heads)
    }

    /// Holds what is remembered against every journal.
    fn meet(&self, tx: &mut dyn Reads, mut remembered: BTreeMap<String, SignedHead>) -> Result<(), StoreError> {
        for programme in tx.programmes(&Page::ALL_PROGRAMMES)? {
            let Some(journal) = tx.journal(programme.no)? else { continue };
            let stored = self.sealed(tx, &programme, &journal)?;
            match remembered.remove(programme.code.as_str()) {
                Some(head) => {
                    let loss = loss(tx, &programme, &journal, &head)?;
                    report(programme.code.as_str(), loss.as_ref());
                    let head = if loss.is_none() { stored.unwrap_or(head) } else { head };
                    self.known.set(head, loss);
                }
                None => stored.into_iter().for_each(|head| self.known.set(head, None)),
            }
        }
        for (code, head) in remembered {
            let restored = Point { epoch: FIRST_EPOCH, position: 0, hash: chain::genesis(&code) };
            let loss = Some(Loss { restored, known: point(&head) });
            report(&code, loss.as_ref());
            self.known.set(head, loss);
        }
        Ok(())
    }

    /// The head of a journal with the seal that stands on it.
    fn sealed(
        &self,
        tx: &mut dyn Reads,
        programme: &Programme,
        journal: &Journal,
    ) -> Result<Option<SignedHead>, StoreError> {
        let seal = tx.seals(programme.no, journal.position.saturating_sub(1), journal.position)?.pop();
        let head = seal.map(|seal| SignedHead {
            programme: programme.code.to_string(),
            epoch: journal.counters.epoch,
            position: seal.position,
            hash: seal.hash,
            key: seal.key_id,
            signature: seal.signature,
        });
        Ok(head.filter(|head| head.hash == journal.head && head.holds(&self.key)))
    }

    /// What the journal, as the door has just read it, lacks of what was given out.
    pub(super) fn loss(
        &self,
        tx: &mut (impl Reads + ?Sized),
        programme: &Programme,
        journal: &Journal,
    ) -> Result<Option<Loss>, StoreError> {
        let (head, frozen) = match self.known.read().get(programme.code.as_str()) {
            None => return Ok(None),
            // Nearly always: nobody but us has written since.
            Some(Standing { head, loss: None, .. }) if stands_at(journal, head) => return Ok(None),
            Some(standing) => (standing.head.clone(), standing.loss.clone()),
        };
        let found = loss(tx, programme, journal, &head)?;
        if found != frozen {
            report(programme.code.as_str(), found.as_ref());
            if let Some(standing) = self.known.write().get_mut(programme.code.as_str()) {
                standing.loss.clone_from(&found);
            }
        }
        Ok(found)
    }

    /// Takes in a head that the database has committed.
    pub(super) fn committed(&self, head: SignedHead) {
        // A loss that a caller proved while the group was being written stands until it is declared.
        let frozen = self.last_loss(&head.programme).is_some_and(|loss| loss.known.epoch >= head.epoch);
        if !frozen {
            self.known.set(head, None);
        }
    }

    /// Takes in a head that a caller shows. A lie changes nothing: only what our own key signed proves anything.
    ///
    /// # Errors
    /// [`StoreError`] when the journal cannot be read.
    pub fn shown(&self, store: &Store, text: &str) -> Result<(), StoreError> {
        let Some(head) = SignedHead::parse(text).filter(|head| head.holds(&self.key)) else {
            self.unproven.fetch_add(1, Ordering::Relaxed);
            tracing::debug!("a caller shows a head that is not ours");
            return Ok(());
        };
        let Ok(code) = ShortCode::parse(&head.programme) else { return Ok(()) };
        let found = store.read(|tx| {
            let Some(programme) = tx.programme(&code)? else { return Ok::<_, StoreError>(None) };
            let journal = tx.journal(programme.no)?;
            journal.map_or(Ok(None), |journal| loss(tx, &programme, &journal, &head))
        })?;
        if found.is_some() && !self.lacks(code.as_str()) {
            report(code.as_str(), found.as_ref());
            self.known.set(head, found);
        }
        Ok(())
    }

    fn lacks(&self, code: &str) -> bool {
        self.known.read().get(code).is_some_and(|standing| standing.loss.is_some())
    }

    /// The head of a programme's journal as answers show it, if the caller does not show the same.
    #[must_use]
    pub fn to_show(&self, code: &str) -> Option<Arc<str>> {
        self.known.read().get(code).map(|standing| Arc::clone(&standing.text))
    }

    /// What a programme's journal was last found to lack.
    #[must_use]
    pub fn last_loss(&self, code: &str) -> Option<Loss> {
        self.known.read().get(code)?.loss.clone()
    }

    /// The programmes in which nothing is written until a restore is declared.
    #[must_use]
    pub fn frozen(&self) -> Vec<String> {
        let known = self.known.read();
        known.iter().filter(|(_, standing)| standing.loss.is_some()).map(|(code, _)| code.clone()).collect()
    }

    /// Heads that callers showed and that we did not sign, since the start.
    #[must_use]
    pub fn unproven(&self) -> u64 {
        self.unproven.load(Ordering::Relaxed)
    }
}

fn point(head: &SignedHead) -> Point {
    Point { epoch: head.epoch, position: head.position, hash: head.hash.clone() }
}

fn stands_at(journal: &Journal, head: &SignedHead) -> bool {
    (journal.counters.epoch, journal.position) == head.place() && journal.head == head.hash
}

/// What a journal lacks of the head that was given out. An epoch is opened by a declared restore alone, so a journal
/// of a later one has declared the loss already.
fn loss(
    tx: &mut (impl Reads + ?Sized),
    programme: &Programme,
    journal: &Journal,
    head: &SignedHead,
) -> Result<Option<Loss>, StoreError> {
    let here = (journal.counters.epoch, journal.position);
    let kept = if stands_at(journal, head) || here.0 > head.epoch {
        true
    } else if here <= head.place() {
        false
    } else {
        tx.receipt_at(programme.no, head.position)?.is_some_and(|receipt| receipt.hash == head.hash)
    };
    let restored = Point { epoch: here.0, position: here.1, hash: journal.head.clone() };
    Ok((!kept).then(|| Loss { restored, known: point(head) }))
}

fn report(programme: &str, loss: Option<&Loss>) {
    let Some(Loss { restored, known }) = loss else {
        tracing::info!(programme, "the journal holds what was given out");
        return;
    };
    tracing::error!(
        programme,
        position = restored.position,
        epoch = restored.epoch,
        known_position = known.position,
        known_epoch = known.epoch,
        "THE JOURNAL HAS LOST RECEIPTS THAT WERE GIVEN OUT: nothing is written until a restore is declared"
    );
}

impl Saver {
    fn start(known: Arc<Known>, file: HeadFile) -> std::io::Result<Self> {
        let (stop, stopped) = channel::<()>();
        let save = move || {
            let mut failing = false;
            loop {
                let waited = stopped.recv_timeout(LAG);
                let saved = known.save(&file);
                match &saved {
                    Err(error) if !failing => {
                        tracing::error!(%error, path = %file.path().display(), "the heads cannot be kept outside the database");
                    }
                    _ => {}
                }
                failing = saved.is_err();
                if waited != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("heads".to_owned()).spawn(save)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
