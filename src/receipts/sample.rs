//! A small sound journal for the tests, built by its own arithmetic: an order, its delivery, custody, hand-outs,
//! redemptions, a reversal and a recall. What never lives here: the code under test.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;

use super::journal_file::{Seal, end_line, header_line, seal_line};
use super::{Agent, Body, Holding, Line, Mention, Office, Receipt, Total, chain, seal};
use crate::domain::serial::BookletSerial;
use crate::domain::short_code::ShortCode;

/// The key of the test vectors. It protects nothing.
pub(super) fn key() -> SigningKey {
    SigningKey::from_bytes(&[0x21; 32])
}

/// The printed serial of a booklet.
pub(super) fn booklet(number: u32) -> String {
    BookletSerial::new(ShortCode::parse("HDF21").unwrap(), number).unwrap().to_string()
}

/// The printed serial of a pass.
pub(super) fn pass(number: u32, rank: u8) -> String {
    format!("{}/{rank:02}", booklet(number))
}

fn run(first: u32, last: u32) -> String {
    format!("{}..{}", booklet(first), booklet(last))
}

fn office(code: &str) -> Office {
    let (name, registration, commune) = match code {
        "REGION" => ("Région Hauts-de-France", "20005374200017", "59350"),
        "MAUB" => ("CCAS de Maubeuge", "21590392300019", "59392"),
        _ => ("Le « Café \\ numérique »", "W591000123", "59606"),
    };
    let [name, registration, commune] = [name, registration, commune].map(str::to_owned);
    Office { code: code.to_owned(), name, registration, commune }
}

/// The role of the people of [`office`].
fn role(code: &str) -> &'static str {
    match code {
        "REGION" => "region_admin",
        "CAFE" => "venue_agent",
        _ => "prescriber_agent",
    }
}

/// A line of whole booklets of ten passes, or of passes.
pub(super) fn line(from: &str, to: &str, booklets: i64, passes: i64, items: &[String]) -> Line {
    let [batch, from, to] = ["1-1", from, to].map(str::to_owned);
    Line { batch, from, to, booklets, passes, cents: passes * 1000, items: items.to_vec() }
}

/// Builds receipts that follow each other.
#[derive(Clone)]
pub(super) struct Builder {
    pub(super) receipts: Vec<Receipt>,
    held: BTreeMap<String, i64>,
    numbers: BTreeMap<String, i64>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self { receipts: Vec::new(), held: BTreeMap::new(), numbers: BTreeMap::new() }
    }

    /// The next receipt as it should be, not yet taken.
    pub(super) fn next(&self, kind: &str, code: &str, lines: Vec<Line>, mentions: &[(&str, Mention)]) -> Body {
        let position = i64::try_from(self.receipts.len()).unwrap() + 1;
        let mut holdings: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        let mut total = Total::default();
        for line in &lines {
            for (holder, sign) in [(&line.from, -1), (&line.to, 1)] {
                let before = self.held.get(holder).copied().unwrap_or_default();
                holdings.entry(holder).or_insert((before, before)).1 += sign * line.passes;
            }
            total.booklets += line.booklets;
            total.passes += line.passes;
            total.cents += line.cents;
        }
        let holding = |(holder, (before, after)): (&str, (i64, i64))| Holding { holder: holder.into(), before, after };
        let mut body = Body {
            v: 1,
            programme: "HDF21".into(),
            position,
            number: String::new(),
            kind: kind.into(),
            at: format!("2026-11-24T10:06:{:02}.123Z", position + 10),
            day: "2026-11-24".into(),
            office: office(code),
            agent: Agent { pseudonym: "9f86d081884c7d65".into(), role: role(code).into() },
            face_cents: 1000,
            holdings: holdings.into_iter().map(holding).collect(),
            lines,
            total,
            mentions: mentions.iter().map(|(name, mention)| ((*name).to_owned(), mention.clone())).collect(),
            corrects: None,
            prev: self.receipts.last().map_or_else(|| chain::genesis("HDF21"), |last| last.hash().to_owned()),
        };
        let opened = std::iter::once(&body).chain(self.receipts.iter().rev().map(Receipt::body)).find_map(epoch_of);
        let epoch = opened.filter(|epoch| *epoch > 1).map_or_else(String::new, |epoch| format!("E{epoch}"));
        let running = self.numbers.get(code).copied().unwrap_or_default() + 1;
        body.number = format!("HDF21-{code}-2026{epoch}-{running:06}");
        body
    }

    /// Takes a receipt.
    pub(super) fn take(&mut self, body: Body) {
        for holding in &body.holdings {
            self.held.insert(holding.holder.clone(), holding.after);
        }
        *self.numbers.entry(body.office.code.clone()).or_default() += 1;
        self.receipts.push(chain::seal_receipt(body).unwrap());
    }

    fn then(&mut self, kind: &str, code: &str, lines: Vec<Line>, mentions: &[(&str, Mention)]) -> &mut Self {
        let body = self.next(kind, code, lines, mentions);
        self.take(body);
        self
    }

    /// The reversal of the receipt with this number, not yet taken.
    pub(super) fn undo(&self, number: &str, lines: Vec<Line>) -> Body {
        let mut body = self.next("reversal", "CAFE", lines, &[]);
        body.corrects = Some(number.to_owned());
        body
    }

    /// The same receipt, recorded at noon of another day.
    pub(super) fn dated(mut body: Body, day: &str) -> Body {
        body.at = format!("{day}T12:00:00.000Z");
        body.day = day.to_owned();
        if !day.starts_with("2026") {
            body.number = format!("HDF21-{}-{}-000001", body.office.code, &day[..4]);
        }
        body
    }
}

/// The epoch that a restore opens.
fn epoch_of(body: &Body) -> Option<i64> {
    match body.mentions.get("epoch") {
        Some(Mention::Number(epoch)) if body.kind == "restore" => Some(*epoch),
        _ => None,
    }
}

/// The mentions of a restore after `journal` that lost its last three receipts.
pub(super) fn restore_mentions(journal: &Builder, epoch: i64) -> [(&'static str, Mention); 8] {
    let restored = i64::try_from(journal.receipts.len()).unwrap();
    let head = journal.receipts.last().map_or_else(|| chain::genesis("HDF21"), |last| last.hash().to_owned());
    [
        ("declared_by", text("0123456789abcdef")),
        ("epoch", Mention::Number(epoch)),
        ("last_known_head", text(&"e5".repeat(32))),
        ("last_known_position", Mention::Number(restored + 3)),
        ("reason", text("restored_from_backup")),
        ("receipts_lost", Mention::Number(3)),
        ("restored_head", text(&head)),
        ("restored_position", Mention::Number(restored)),
    ]
}

pub(super) fn text(value: &str) -> Mention {
    Mention::Text(value.to_owned())
}

pub(super) fn order_mentions(order: i64, first: u32, last: u32) -> [(&'static str, Mention); 7] {
    [
        ("order", Mention::Number(order)),
        ("booklets", Mention::Number(i64::from(last - first + 1))),
        ("passes_per_booklet", Mention::Number(10)),
        ("first_serial", text(&booklet(first))),
        ("last_serial", text(&booklet(last))),
        ("validity_end", text("2026-12-31")),
        ("grace_end", text("2027-03-31")),
    ]
}

pub(super) fn hand_out_mentions() -> [(&'static str, Mention); 3] {
    let commitment = "a3".repeat(32);
    [("age_band", text("60+")), ("commitment", text(&commitment)), ("ground", text("senior"))]
}

pub(super) fn redemption_mentions() -> [(&'static str, Mention); 3] {
    [("performed_on", text("2026-11-24")), ("service", text("être accompagné 😀")), ("venue", text("Café, Hautmont"))]
}

/// The mentions of a dispatch or return.
pub(super) fn sent(dispatch: i64, destination: &str) -> [(&'static str, Mention); 2] {
    [("dispatch", Mention::Number(dispatch)), ("destination", text(destination))]
}

/// The mentions of an acceptance.
pub(super) fn accepted(dispatch: i64) -> [(&'static str, Mention); 1] {
    [("dispatch", Mention::Number(dispatch))]
}

/// The mentions of the acceptance of what is called back.
pub(super) fn recalled(dispatch: i64) -> [(&'static str, Mention); 2] {
    [("dispatch", Mention::Number(dispatch)), ("recall", Mention::Number(1))]
}

pub(super) fn exception_mentions(exception: i64) -> [(&'static str, Mention); 2] {
    [("exception", Mention::Number(exception)), ("passes_granted", Mention::Number(10))]
}

/// The journal up to the dispatch: order 1 of booklets 1 to 20, of which 1 to 12 were delivered (12 damaged) and
/// 1 to 5 sent to MAUB.
pub(super) fn supplied() -> Builder {
    let mut journal = Builder::new();
    let activation = [("order", Mention::Number(1)), ("payment_order", text("2026-M-0815"))];
    let delivered =
        vec![line("issue:1-1", "store", 11, 110, &[run(1, 11)]), line("issue:1-1", "blocked", 1, 10, &[booklet(12)])];
    journal
        .then("order", "REGION", Vec::new(), &order_mentions(1, 1, 20))
        .then("delivery", "REGION", delivered, &[("order", Mention::Number(1))])
        .then("activation", "REGION", Vec::new(), &activation)
        .then("dispatch", "REGION", vec![line("store", "transit:1", 5, 50, &[run(1, 5)])], &sent(1, "prescriber:MAUB"));
    journal
}

/// The journal up to the hand-out of booklets 1 and 2 at MAUB, under exception 1, and of the redemption of three passes of booklet 1.
pub(super) fn handed_out() -> Builder {
    let mut journal = supplied();
    let arrived = vec![
        line("transit:1", "prescriber:MAUB", 3, 30, &[run(1, 3)]),
        line("transit:1", "blocked", 1, 10, &[booklet(4)]),
    ];
    let handed = vec![line("prescriber:MAUB", "circulation", 2, 20, &[booklet(1), booklet(2)])];
    let spent = vec![line("circulation", "provider:CAFE", 0, 3, &[pass(1, 1), pass(1, 2), pass(2, 10)])];
    let mut exceptional = hand_out_mentions().to_vec();
    exceptional.push(("exception", Mention::Number(1)));
    journal
        .then("acceptance", "MAUB", arrived, &accepted(1))
        .then("exception", "REGION", Vec::new(), &exception_mentions(1))
        .then("hand_out", "MAUB", handed, &exceptional)
        .then("redemption", "CAFE", spent, &redemption_mentions());
    journal
}

/// The number of the redemption in [`handed_out`].
pub(super) const REDEMPTION: &str = "HDF21-CAFE-2026-000001";

/// The whole sound journal.
pub(super) fn journal() -> Vec<Receipt> {
    let mut journal = handed_out();
    let back = vec![line("provider:CAFE", "circulation", 0, 3, &[pass(1, 1), pass(1, 2), pass(2, 10)])];
    journal.take(journal.undo(REDEMPTION, back));
    let again = vec![line("circulation", "provider:CAFE", 0, 1, &[pass(1, 1)])];
    let sent_back = vec![line("prescriber:MAUB", "transit:2", 1, 10, &[booklet(3)])];
    let lost_on_the_way = vec![line("transit:1", "store", 1, 10, &[booklet(5)])];
    journal
        .then("redemption", "CAFE", again, &redemption_mentions())
        .then("return", "MAUB", sent_back, &sent(2, "store"))
        .then("acceptance", "REGION", vec![line("transit:2", "store", 1, 10, &[booklet(3)])], &accepted(2))
        .then("acceptance", "REGION", lost_on_the_way, &recalled(1));
    journal.receipts
}

/// A journal file as lines, with a seal after each of the positions in `seals`.
pub(super) fn lines(key: &SigningKey, receipts: &[Receipt], seals: &[i64]) -> Vec<String> {
    let mut lines = vec![header_line("HDF21", &[key.verifying_key()])];
    let mut epoch = 1;
    for (position, receipt) in (1_i64..).zip(receipts) {
        lines.push(receipt.bytes().to_owned());
        epoch = epoch_of(receipt.body()).unwrap_or(epoch);
        if seals.contains(&position) {
            let hash = receipt.hash().to_owned();
            let signature = seal::sign(key, "HDF21", epoch, position, &hash);
            lines.push(seal_line(&Seal { position, hash, key: seal::key_id(&key.verifying_key()), signature }));
        }
    }
    let head = receipts.last().map_or_else(|| chain::genesis("HDF21"), |last| last.hash().to_owned());
    lines.push(end_line(i64::try_from(receipts.len()).unwrap(), &head));
    lines
}

/// The sound journal as a file, sealed after its first, fourth and last receipts.
pub(super) fn file() -> Vec<String> {
    lines(&key(), &journal(), &[1, 4, 13])
}
