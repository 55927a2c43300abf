//! The walk through a stored journal: this thread reads pages, a second one hashes them, a third one checks them in order.
//! What never lives here: what a receipt means.

use std::borrow::Cow;
use std::sync::mpsc::{channel, sync_channel};
use std::thread;

use super::account::Account;
use super::seals::Seals;
use super::{AuditError, PAGE, broken, journal};
use crate::domain::ids::ProgrammeNo;
use crate::domain::programme::Programme;
use crate::domain::time::Instant;
use crate::receipts::chain::{self, Hashed};
use crate::receipts::replay::opened;
use crate::receipts::{FIRST_EPOCH, Head, Receipt};
use crate::store::{Journal, Reads, ReceiptFilter, Store, StoreError, StoredEntry, StoredReceipt, StoredSeal};

/// Pages that may wait to be checked; more would be memory.
const PAGES_AHEAD: usize = 2;

/// Whoever takes the receipts in, one after the other, and stops at the first that does not follow.
pub(super) trait Takes: Send {
    /// Whether the entries are to be read too.
    const ENTRIES: bool;

    /// The next receipt with its stored entries.
    fn receipt(&mut self, receipt: &Receipt<Cow<'_, str>>, entries: &[StoredEntry]) -> Result<(), AuditError>;

    /// The last receipt taken.
    fn head(&self) -> &Head;

    /// Its epoch: see [`FIRST_EPOCH`].
    fn epoch(&self) -> i64;
}

/// Only the links from one receipt to the next.
pub(super) struct Links<'a> {
    programme: &'a str,
    head: Head,
    epoch: i64,
}

impl<'a> Links<'a> {
    pub(super) fn new(programme: &'a Programme) -> Self {
        Self { programme: programme.code.as_str(), head: Head::genesis(programme.code.as_str()), epoch: FIRST_EPOCH }
    }
}

impl Takes for Links<'_> {
    const ENTRIES: bool = false;

    fn receipt(&mut self, receipt: &Receipt<Cow<'_, str>>, _entries: &[StoredEntry]) -> Result<(), AuditError> {
        let position = self.head.position.saturating_add(1);
        chain::is_of(self.programme, receipt).map_err(|found| found.at(position))?;
        self.head = chain::follows(&self.head, receipt)?;
        self.epoch = opened(receipt.body()).unwrap_or(self.epoch);
        Ok(())
    }

    fn head(&self) -> &Head {
        &self.head
    }

    fn epoch(&self) -> i64 {
        self.epoch
    }
}

impl Takes for Account {
    const ENTRIES: bool = true;

    fn receipt(&mut self, receipt: &Receipt<Cow<'_, str>>, entries: &[StoredEntry]) -> Result<(), AuditError> {
        self.take(receipt, entries)
    }

    fn head(&self) -> &Head {
        self.replay().head()
    }

    fn epoch(&self) -> i64 {
        self.replay().epoch()
    }
}

/// What is read at once.
#[derive(Debug, Default)]
struct Page {
    receipts: Vec<StoredReceipt>,
    /// The bytes of the same receipts, taken out of them, once they are hashed.
    hashed: Vec<Hashed>,
    entries: Vec<StoredEntry>,
    /// Moment, day and office of each receipt, as its columns say; read with the entries.
    places: Vec<(i64, String, String)>,
    seals: Vec<StoredSeal>,
}

/// The walk of one taker through one programme's journal. It holds every receipt against its own columns, its entries,
/// its seal, and those before it.
pub(super) struct Walk<'w, T> {
    pub(super) programme: &'w Programme,
    pub(super) taker: T,
    pub(super) seals: Option<Seals<'w>>,
    /// Told the receipts read and how many there are.
    pub(super) progress: &'w mut dyn FnMut(i64, i64),
}

impl<T: Takes> Walk<'_, T> {
    /// Walks to where the journal ends now, every page in a short transaction of its own: receipts are only ever added,
    /// and no snapshot has to be kept for the length of an audit.
    pub(super) fn most(&mut self, store: &Store) -> Result<(), AuditError> {
        let until = store.read(|tx| journal(tx, self.programme))?.position;
        self.pages(until, &mut |wanted| store.read(|tx| wanted.read(tx)))
    }

    /// Walks from there to the head that the journal names in this transaction, which must be sealed.
    pub(super) fn rest(&mut self, tx: &mut dyn Reads) -> Result<Journal, AuditError> {
        let journal = journal(tx, self.programme)?;
        self.pages(journal.position, &mut |wanted| wanted.read(tx))?;
        let head = self.taker.head();
        if (head.position, &head.hash) != (journal.position, &journal.head) {
            let detail = format!("le journal annonce {} récépissés, il en tient {}", journal.position, head.position);
            return Err(broken(head.position.saturating_add(1), "head", detail));
        }
        if let Some(seals) = &self.seals {
            seals.reach(journal.position)?;
        }
        Ok(journal)
    }

    /// How many signatures were checked.
    pub(super) fn checked(&self) -> i64 {
        self.seals.as_ref().map_or(0, Seals::checked)
    }

    /// Reads pages until one reaches `until`, there are no more, or a break was found.
    fn pages(
        &mut self,
        until: i64,
        read: &mut dyn FnMut(&Wanted) -> Result<Option<Page>, StoreError>,
    ) -> Result<(), AuditError> {
        let mut wanted = Wanted {
            programme: self.programme.no,
            after: self.taker.head().position,
            entries: T::ENTRIES,
            seals: self.seals.is_some(),
        };
        let (taker, seals, progress) = (&mut self.taker, &mut self.seals, &mut *self.progress);
        let (read, checked) = thread::scope(|scope| {
            let (pages, to_hash) = sync_channel(PAGES_AHEAD);
            let (hashed, to_check) = sync_channel(PAGES_AHEAD);
            // Pages go back to be dropped by the thread that filled them: whoever frees what another thread allocated
            // waits for that thread's allocator, and it for him, a fifth of the whole time of an audit.
            let (used, to_drop) = channel();
            // A checker that found a break takes no more: nothing after it is worth hashing, nor reading.
            scope.spawn(move || to_hash.into_iter().map(Page::hash).try_for_each(|page| hashed.send(page)));
            let checker = scope.spawn(move || {
                let mut to_check = to_check.into_iter();
                to_check.try_for_each(|page| -> Result<(), AuditError> {
                    check(&page, taker, seals.as_mut())?;
                    // A reader that has read all is gone.
                    drop(used.send(page));
                    Ok(())
                })
            });
            let mut read_all = || -> Result<(), StoreError> {
                loop {
                    to_drop.try_iter().for_each(drop);
                    let Some(page) = read(&wanted)? else { return Ok(()) };
                    wanted.after = page.receipts.last().map_or(wanted.after, |receipt| receipt.position);
                    if pages.send(page).is_err() || wanted.after >= until {
                        return Ok(());
                    }
                    progress(wanted.after, until);
                }
            };
            let read = read_all();
            drop(pages);
            (read, checker.join())
        });
        checked.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        read?;
        progress(wanted.after, until);
        Ok(())
    }
}

/// Which page is read next, and what of it.
struct Wanted {
    programme: ProgrammeNo,
    after: i64,
    entries: bool,
    seals: bool,
}

impl Wanted {
    fn read(&self, tx: &mut dyn Reads) -> Result<Option<Page>, StoreError> {
        let (programme, after) = (self.programme, self.after);
        let receipts = tx.receipts(programme, after, PAGE, &ReceiptFilter::default())?;
        let Some(last) = receipts.last().map(|receipt| receipt.position) else { return Ok(None) };
        let mut page = Page { receipts, ..Page::default() };
        if self.entries {
            page.entries = tx.entries_between(programme, after.saturating_add(1), last)?;
            page.places = tx.receipt_places(programme, after.saturating_add(1), last)?;
        }
        if self.seals {
            page.seals = tx.seals(programme, after, last)?;
        }
        Ok(Some(page))
    }
}

impl Page {
    fn hash(mut self) -> Self {
        let bytes = self.receipts.iter_mut().map(|receipt| std::mem::take(&mut receipt.body));
        self.hashed = bytes.map(Hashed::new).collect();
        self
    }
}

fn check<T: Takes>(page: &Page, taker: &mut T, mut seals: Option<&mut Seals<'_>>) -> Result<(), AuditError> {
    let mut entries = page.entries.as_slice();
    let mut places = page.places.iter();
    let mut signed = page.seals.iter().peekable();
    for (stored, hashed) in page.receipts.iter().zip(&page.hashed) {
        let position = stored.position;
        let receipt = read(stored, hashed)?;
        if let Some(place) = places.next() {
            is_said(place, &receipt)?;
        }
        let own = entries.iter().take_while(|entry| entry.position <= position).count();
        let (own, rest) = entries.split_at(own);
        entries = rest;
        taker.receipt(&receipt, own)?;
        while let Some(seal) = signed.next_if(|seal| seal.position <= position) {
            if let Some(seals) = &mut seals {
                seals.check(seal, (taker.epoch(), position), receipt.hash())?;
            }
        }
    }
    Ok(())
}

/// The moment, the day and the office by which receipts are found are what the sealed bytes say.
fn is_said(
    (at_millis, day, office): &(i64, String, String),
    receipt: &Receipt<Cow<'_, str>>,
) -> Result<(), AuditError> {
    let body = receipt.body();
    let at = Instant::parse(&body.at).map(Instant::millis);
    if at == Ok(*at_millis) && (day.as_str(), office.as_str()) == (&*body.day, &*body.office.code) {
        return Ok(());
    }
    let detail = "l'instant, le jour ou l'organisme enregistrés ne sont pas ceux du récépissé".to_owned();
    Err(broken(body.position, "columns", detail))
}

/// The stored columns are what the sealed bytes say.
fn read<'h>(stored: &StoredReceipt, hashed: &'h Hashed) -> Result<Receipt<Cow<'h, str>>, AuditError> {
    let StoredReceipt { position, number, kind, hash, .. } = stored;
    let receipt = chain::borrow_receipt(hashed).map_err(|found| found.at(*position))?;
    if receipt.hash() != hash {
        return Err(broken(*position, "hash", "les octets n'ont pas l'empreinte enregistrée".to_owned()));
    }
    let body = receipt.body();
    if (body.position, &*body.number, &*body.kind) != (*position, number.as_str(), kind.as_str()) {
        let detail = "la position, le numéro ou le type enregistrés ne sont pas ceux du récépissé".to_owned();
        return Err(broken(*position, "columns", detail));
    }
    Ok(receipt)
}
