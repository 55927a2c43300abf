//! What the receipts say beyond the replay: orders, dispatches, redemptions, days of hand-out, running numbers.
//! What never lives here: what is stored.

use std::collections::{BTreeMap, BTreeSet};

use super::applications::Applications;
use super::claims::Claims;
use super::destructions::Destructions;
use super::orders::{self, Order};
use super::statements::Statements;
use super::trails::Trails;
use super::{AuditError, broken};
use crate::domain::ids::{BatchId, ProgrammeNo};
use crate::domain::movement::Dispatch as StoredDispatch;
use crate::domain::programme::Programme;
use crate::domain::serial::{BookletSerial, read_booklet};
use crate::domain::time::Day;
use crate::receipts::merkle::{self, Hash};
use crate::receipts::replay::Replay;
use crate::receipts::{Body, Receipt, Text};
use crate::store::{StoreError, StoredClosing, StoredEntry};

/// A dispatch as its receipt tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dispatch {
    from: String,
    to: String,
    booklets: i64,
}

impl Dispatch {
    pub(super) fn stored(row: &StoredDispatch) -> Self {
        Self { from: row.from.to_string(), to: row.to.to_string(), booklets: row.booklets }
    }
}

/// A delivery as its receipt tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) delivered_on: String,
    pub(super) note: String,
    /// Over the codes of its passes; receipts of before say none.
    pub(super) codes_digest: Option<String>,
    /// Of the secret from which its codes were generated; none for codes that the issuer printed.
    pub(super) print_nonce_digest: Option<String>,
}

/// A closing as its receipt tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closing {
    period: String,
    first_day: String,
    last_day: String,
    first_position: i64,
    last_position: i64,
}

impl Closing {
    pub(super) fn stored(row: &StoredClosing) -> Self {
        Self {
            period: row.period.to_string(),
            first_day: row.first_day.to_string(),
            last_day: row.last_day.to_string(),
            first_position: row.first_position,
            last_position: row.last_position,
        }
    }
}

/// The account of one programme, from its receipts alone.
#[derive(Debug)]
pub(super) struct Account {
    replay: Replay,
    programme: ProgrammeNo,
    pub(super) orders: BTreeMap<i64, Order>,
    pub(super) dispatches: BTreeMap<i64, Dispatch>,
    pub(super) batches: BTreeMap<BatchId, Delivery>,
    pub(super) trails: Trails,
    pub(super) applications: Applications,
    /// By number of booklet.
    pub(super) handed_out: BTreeMap<u32, Day>,
    pub(super) redemptions: i64,
    /// The numbers of redemptions that were undone.
    pub(super) undone: BTreeSet<String>,
    pub(super) destructions: Destructions,
    /// Hashes of the complete blocks of the tree, and the leaves after them.
    pub(super) blocks: Vec<Hash>,
    leaves: Vec<Hash>,
    /// By position of the receipt.
    pub(super) closings: BTreeMap<i64, Closing>,
    pub(super) claims: Claims,
    pub(super) statements: Statements,
    pub(super) last_booklet: i64,
    pub(super) last_exception: i64,
}

impl Account {
    pub(super) fn new(programme: &Programme) -> Self {
        Self {
            replay: Replay::new(programme.code.as_str()),
            programme: programme.no,
            orders: BTreeMap::new(),
            dispatches: BTreeMap::new(),
            batches: BTreeMap::new(),
            trails: Trails::default(),
            applications: Applications::default(),
            handed_out: BTreeMap::new(),
            redemptions: 0,
            undone: BTreeSet::new(),
            destructions: Destructions::default(),
            blocks: Vec::new(),
            leaves: Vec::new(),
            closings: BTreeMap::new(),
            claims: Claims::default(),
            statements: Statements::default(),
            last_booklet: 0,
            last_exception: 0,
        }
    }

    pub(super) const fn replay(&self) -> &Replay {
        &self.replay
    }

    /// Delivered booklets, and the passes they were delivered with.
    pub(super) fn delivered(&self) -> (i64, i64) {
        self.replay
            .booklets()
            .fold((0, 0), |(booklets, passes), (_, booklet)| (booklets + 1, passes + i64::from(booklet.size)))
    }

    /// Takes the next receipt in, and holds its stored entries against its lines. The replay has checked its shape when
    /// this reads its mentions.
    pub(super) fn take<T: Text>(&mut self, receipt: &Receipt<T>, entries: &[StoredEntry]) -> Result<(), AuditError> {
        self.replay.receipt(receipt)?;
        self.leaves.push(merkle::leaf(receipt.bytes().as_bytes()));
        if u64::try_from(self.leaves.len()) == Ok(merkle::BLOCK) {
            self.blocks.push(merkle::root_of(&self.leaves));
            self.leaves.clear();
        }
        let body = receipt.body();
        self.trails.take(self.programme, body).map_err(StoreError::from)?;
        match &*body.kind {
            "order" => self.order(body),
            "delivery" => {
                orders::take(&mut self.orders, body);
                self.delivery(body);
            }
            "activation" | "suspension" | "resumption" | "prorogation" | "acknowledgement" | "expiry" => {
                orders::take(&mut self.orders, body);
            }
            "dispatch" | "return" => self.dispatch(body),
            "mailing" => {
                self.dispatch(body);
                self.applications.take(body);
            }
            "letter_report" => {
                self.letters(body);
                self.applications.take(body);
            }
            "application" | "application_decision" | "application_end" => self.applications.take(body),
            "allocation" => self.sendings(body),
            "exception" => self.last_exception = body.mentioned_number("exception").unwrap_or(self.last_exception),
            "hand_out" | "replacement" => self.hand_out(body),
            "redemption" => self.redemptions += 1,
            "reversal" => self.undone.extend(body.corrects.as_ref().map(|number| (**number).to_owned())),
            "destruction_proposal" | "destruction" => self.destructions.take(body),
            "closing" => self.closing(body),
            "issuer_statement" | "issuer_dispute" | "issuer_resolution" => self.statements.take(body),
            _ => self.claims.take(body).map_err(|found| found.at(body.position))?,
        }
        self.entries(body, entries)
    }

    fn order<T: Text>(&mut self, body: &Body<T>) {
        orders::take(&mut self.orders, body);
        let last = body.mentioned_text("last_serial").and_then(|serial| BookletSerial::parse(serial).ok());
        self.last_booklet = last.map_or(self.last_booklet, |serial| i64::from(serial.number()));
    }

    fn delivery<T: Text>(&mut self, body: &Body<T>) {
        let batch = body.lines.first().and_then(|line| BatchId::parse(self.programme, &line.batch).ok());
        let said = |name| body.mentioned_text(name).map(str::to_owned);
        let delivery = Delivery {
            delivered_on: said("delivered_on").unwrap_or_default(),
            note: said("delivery_note").unwrap_or_default(),
            codes_digest: said("codes_digest"),
            print_nonce_digest: said("print_nonce_digest"),
        };
        self.batches.extend(batch.map(|batch| (batch, delivery)));
    }

    fn dispatch<T: Text>(&mut self, body: &Body<T>) {
        let from = body.lines.first().map(|line| line.from.to_owned()).unwrap_or_default();
        let to = body.mentioned_text("destination").unwrap_or_default().to_owned();
        let sent = Dispatch { from, to, booklets: body.total.booklets };
        self.dispatches.insert(body.mentioned_number("dispatch").unwrap_or_default(), sent);
    }

    fn closing<T: Text>(&mut self, body: &Body<T>) {
        let said = |name| body.mentioned_text(name).unwrap_or_default().to_owned();
        let place = |name| body.mentioned_number(name).unwrap_or_default();
        let closing = Closing {
            period: said("period"),
            first_day: said("first_day"),
            last_day: said("last_day"),
            first_position: place("first_position"),
            last_position: place("last_position"),
        };
        self.closings.insert(body.position, closing);
    }

    fn hand_out<T: Text>(&mut self, body: &Body<T>) {
        let Ok(day) = Day::parse(&body.day) else { return };
        let given = body.lines.iter().filter(|line| &*line.to == "circulation");
        for item in given.flat_map(|line| &line.items) {
            let (first, last) = item.split_once("..").unwrap_or((item, item));
            if let (Some((_, first)), Some((_, last))) = (read_booklet(first), read_booklet(last)) {
                self.handed_out.extend((first..=last).map(|number| (number, day)));
            }
        }
    }

    fn sendings<T: Text>(&mut self, body: &Body<T>) {
        for sending in body.mentioned_text("sendings").unwrap_or_default().split("; ") {
            let words: Vec<&str> = sending.split(' ').collect();
            let [number, from, to, booklets] = words.as_slice() else { continue };
            if let (Ok(number), Ok(booklets)) = (number.parse(), booklets.parse()) {
                let (from, to) = ((*from).to_owned(), (*to).to_owned());
                self.dispatches.insert(number, Dispatch { from, to, booklets });
            }
        }
    }

    /// Booklets that have reached people by mail, each on its day.
    fn letters<T: Text>(&mut self, body: &Body<T>) {
        let delivered = body.mentioned_text("delivered").unwrap_or_default().split("; ");
        self.handed_out.extend(delivered.filter_map(|letter| {
            let mut words = letter.split(' ').skip(1);
            let ((_, booklet), on) = (read_booklet(words.next()?)?, Day::parse(words.next()?).ok()?);
            Some((booklet, on))
        }));
    }

    /// The stored entries are the lines of the receipt, one by one.
    fn entries<T: Text>(&self, body: &Body<T>, entries: &[StoredEntry]) -> Result<(), AuditError> {
        for (index, entry) in entries.iter().enumerate() {
            let same = body.lines.get(index).is_some_and(|line| {
                let batch = BatchId::parse(self.programme, &line.batch);
                let said = (&*line.from, &*line.to, line.booklets, line.passes, line.cents);
                let kept = (&*entry.from, &*entry.to, entry.booklets, entry.passes, entry.value_cents);
                let place = (&*entry.day, entry.position) == (&*body.day, body.position);
                let ranked = usize::try_from(entry.line) == Ok(index + 1);
                said == kept && place && ranked && batch == Ok(BatchId(entry.batch))
            });
            if !same {
                let detail = format!("l'écriture {} n'est pas la ligne du récépissé", index + 1);
                return Err(broken(body.position, "entries", detail));
            }
        }
        if entries.len() == body.lines.len() {
            return Ok(());
        }
        let detail = format!("{} lignes, {} écritures enregistrées", body.lines.len(), entries.len());
        Err(broken(body.position, "entries", detail))
    }
}
