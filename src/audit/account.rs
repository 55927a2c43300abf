//! What the receipts say beyond the replay: orders, dispatches, redemptions, days of hand-out, running numbers.
//! What never lives here: what is stored.

use std::collections::BTreeMap;

use super::{AuditError, broken};
use crate::domain::programme::Programme;
use crate::domain::serial::BookletSerial;
use crate::domain::time::Day;
use crate::receipts::replay::Replay;
use crate::receipts::{Body, Line, Mention, Receipt};
use crate::store::StoredEntry;

/// An order as its receipts tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) number: String,
    pub(super) deliveries: i64,
    pub(super) delivered_booklets: i64,
    pub(super) paid_under: Option<String>,
}

/// A dispatch as its receipt tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dispatch {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) booklets: i64,
}

/// The account of one programme, from its receipts alone.
#[derive(Debug)]
pub(super) struct Account {
    replay: Replay,
    code: String,
    pub(super) orders: BTreeMap<i64, Order>,
    pub(super) dispatches: BTreeMap<i64, Dispatch>,
    /// By number of booklet.
    pub(super) handed_out: BTreeMap<u32, Day>,
    pub(super) redemptions: i64,
    pub(super) reversed: i64,
    pub(super) last_booklet: i64,
    pub(super) last_exception: i64,
    /// Entries of the current receipt met so far.
    entries: usize,
    lines: Vec<Line>,
    day: String,
}

fn number(body: &Body, mention: &str) -> Option<i64> {
    match body.mentions.get(mention) {
        Some(Mention::Number(number)) => Some(*number),
        Some(Mention::Text(_)) | None => None,
    }
}

fn text<'b>(body: &'b Body, mention: &str) -> Option<&'b str> {
    match body.mentions.get(mention) {
        Some(Mention::Text(text)) => Some(text),
        Some(Mention::Number(_)) | None => None,
    }
}

impl Account {
    pub(super) fn new(programme: &Programme) -> Self {
        Self {
            replay: Replay::new(programme.code.as_str()),
            code: programme.code.to_string(),
            orders: BTreeMap::new(),
            dispatches: BTreeMap::new(),
            handed_out: BTreeMap::new(),
            redemptions: 0,
            reversed: 0,
            last_booklet: 0,
            last_exception: 0,
            entries: 0,
            lines: Vec::new(),
            day: String::new(),
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

    /// Takes the next receipt in. The replay has checked its shape when this reads its mentions.
    pub(super) fn receipt(&mut self, receipt: &Receipt) -> Result<(), AuditError> {
        self.replay.receipt(receipt)?;
        let body = receipt.body();
        self.entries = 0;
        self.lines.clone_from(&body.lines);
        self.day.clone_from(&body.day);
        match body.kind.as_str() {
            "order" => self.order(body),
            "delivery" => self.delivery(body),
            "activation" => {
                if let Some(order) = number(body, "order").and_then(|order| self.orders.get_mut(&order)) {
                    order.paid_under = text(body, "payment_order").map(str::to_owned);
                }
            }
            "dispatch" | "return" => self.dispatch(body),
            "exception" => self.last_exception = number(body, "exception").unwrap_or(self.last_exception),
            "hand_out" => self.hand_out(body),
            "redemption" => self.redemptions += 1,
            "reversal" => self.reversed += 1,
            _ => {}
        }
        Ok(())
    }

    fn order(&mut self, body: &Body) {
        let order = Order { number: text(body, "order_number").unwrap_or_default().to_owned(), ..Order::default() };
        self.orders.insert(number(body, "order").unwrap_or_default(), order);
        let last = text(body, "last_serial").and_then(|serial| BookletSerial::parse(serial).ok());
        self.last_booklet = last.map_or(self.last_booklet, |serial| i64::from(serial.number()));
    }

    fn delivery(&mut self, body: &Body) {
        if let Some(order) = number(body, "order").and_then(|order| self.orders.get_mut(&order)) {
            order.deliveries += 1;
            order.delivered_booklets += body.total.booklets;
        }
    }

    fn dispatch(&mut self, body: &Body) {
        let from = body.lines.first().map(|line| line.from.clone()).unwrap_or_default();
        let to = text(body, "destination").unwrap_or_default().to_owned();
        let sent = Dispatch { from, to, booklets: body.total.booklets };
        self.dispatches.insert(number(body, "dispatch").unwrap_or_default(), sent);
    }

    fn hand_out(&mut self, body: &Body) {
        let Ok(day) = Day::parse(&body.day) else { return };
        for item in body.lines.iter().flat_map(|line| &line.items) {
            let (first, last) = item.split_once("..").unwrap_or((item, item));
            if let (Ok(first), Ok(last)) = (BookletSerial::parse(first), BookletSerial::parse(last)) {
                self.handed_out.extend((first.number()..=last.number()).map(|number| (number, day)));
            }
        }
    }

    /// Holds the next stored entry against the next line of the current receipt.
    pub(super) fn entry(&mut self, entry: &StoredEntry) -> Result<(), AuditError> {
        let position = self.replay.head().position;
        let same = self.lines.get(self.entries).is_some_and(|line| {
            let batch = crate::domain::ids::BatchId(entry.batch).to_string();
            let said = (&line.batch, &line.from, &line.to, line.booklets, line.passes, line.cents);
            let kept = (&batch, &entry.from, &entry.to, entry.booklets, entry.passes, entry.value_cents);
            said == kept && entry.day == self.day && entry.position == position
        });
        self.entries += 1;
        if same {
            return Ok(());
        }
        let detail = format!("l'écriture {} n'est pas la ligne du récépissé", self.entries);
        Err(broken(position, "entries", detail))
    }

    /// Every line of the receipt has had its entry.
    pub(super) fn entries_end(&self, receipt: &Receipt) -> Result<(), AuditError> {
        if self.entries == self.lines.len() {
            return Ok(());
        }
        let detail = format!("{} lignes, {} écritures enregistrées", self.lines.len(), self.entries);
        Err(broken(receipt.body().position, "entries", detail))
    }

    /// The serial of a booklet, as printed.
    pub(super) fn serial(&self, booklet: u32) -> String {
        use crate::domain::short_code::ShortCode;
        let serial = ShortCode::parse(&self.code).and_then(|code| BookletSerial::new(code, booklet));
        serial.map_or_else(|_| booklet.to_string(), |serial| serial.to_string())
    }
}
