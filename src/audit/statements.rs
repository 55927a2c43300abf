//! Statements of issuers as their receipts tell them: every difference with what became of it, and which passes agreed.
//! What never lives here: what is stored.

use std::collections::BTreeMap;

use crate::domain::serial::read_pass;
use crate::receipts::{Body, Text};

/// A difference as its receipts tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) class: String,
    /// Number of the booklet, times a hundred, plus the rank.
    pub(super) pass: u32,
    /// What the issuer says it has paid, in cents.
    pub(super) cents: i64,
    /// Code of the provider; empty where there is none.
    pub(super) provider: String,
    /// `open`, `resolved` or `corrected`.
    pub(super) status: &'static str,
    pub(super) resolution: String,
    /// The receipt that closed it.
    pub(super) closed_by: String,
}

/// A statement as its receipts tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) receipt: String,
    pub(super) issuer: String,
    pub(super) month: String,
    pub(super) corrects: i64,
    pub(super) file_hash: String,
    pub(super) lines_hash: String,
    pub(super) lines: i64,
    pub(super) matched: i64,
    pub(super) unchanged: i64,
    pub(super) stated_cents: i64,
}

/// Every statement and difference.
#[derive(Debug, Default)]
pub(super) struct Statements {
    pub(super) by_number: BTreeMap<i64, Statement>,
    /// By statement and number.
    pub(super) differences: BTreeMap<(i64, i64), Difference>,
    /// Lines that are no difference, and that a later receipt took back: by which one.
    pub(super) taken_back: BTreeMap<(i64, i64), String>,
    /// Passes of a statement whose lines were taken back with a dispute: by which receipt.
    pub(super) disputed_back: BTreeMap<(i64, u32), String>,
    /// Whose venue spent each pass that was ever paid.
    pub(super) providers: BTreeMap<u32, String>,
}

fn pass_number(serial: &str) -> Option<u32> {
    read_pass(serial).map(|(_, booklet, rank)| booklet * 100 + u32::from(rank))
}

fn said<T: Text>(body: &Body<T>, mention: &str) -> String {
    body.mentioned_text(mention).unwrap_or_default().to_owned()
}

impl Statements {
    /// Takes the next receipt in, whatever it is of.
    pub(super) fn take<T: Text>(&mut self, body: &Body<T>) {
        match &*body.kind {
            "issuer_statement" => self.state(body),
            "issuer_dispute" => self.open(body),
            "issuer_resolution" => self.resolve(body),
            _ => {}
        }
    }

    fn state<T: Text>(&mut self, body: &Body<T>) {
        let count = |mention| body.mentioned_number(mention).unwrap_or(0);
        let statement = Statement {
            receipt: (*body.number).to_owned(),
            issuer: said(body, "issuer_code"),
            month: said(body, "month"),
            corrects: count("corrects_statement"),
            file_hash: said(body, "file_hash"),
            lines_hash: said(body, "lines_hash"),
            lines: count("statement_lines"),
            matched: count("matched_passes"),
            unchanged: count("unchanged_lines"),
            stated_cents: count("stated_cents"),
        };
        self.by_number.insert(count("statement"), statement);
        for key in said(body, "corrected").split("; ").filter_map(|key| key.split_once('/')) {
            let (Ok(statement), Ok(line)) = (key.0.parse(), key.1.parse()) else { continue };
            match self.differences.get_mut(&(statement, line)) {
                Some(difference) => close(difference, "corrected", "", &body.number),
                None => drop(self.taken_back.insert((statement, line), (*body.number).to_owned())),
            }
        }
        for line in &body.lines {
            let provider = line.from.strip_prefix("provider:").unwrap_or_default();
            let passes = line.items.iter().filter_map(|item| pass_number(item));
            self.providers.extend(passes.map(|pass| (pass, provider.to_owned())));
        }
        self.open(body);
    }

    fn open<T: Text>(&mut self, body: &Body<T>) {
        let statement = body.mentioned_number("statement").unwrap_or(0);
        for part in said(body, "differences").split("; ") {
            let words: Vec<&str> = part.split(' ').collect();
            let [number, class, serial, cents, provider] = words.as_slice() else { continue };
            let (Ok(number), Some(pass), Ok(cents)) = (number.parse(), pass_number(serial), cents.parse()) else {
                continue;
            };
            let provider = if *provider == "-" { String::new() } else { (*provider).to_owned() };
            if !provider.is_empty() {
                self.providers.insert(pass, provider.clone());
            }
            let difference = Difference {
                class: (*class).to_owned(),
                pass,
                cents,
                provider,
                status: "open",
                resolution: String::new(),
                closed_by: String::new(),
            };
            self.differences.insert((statement, number), difference);
        }
    }

    fn resolve<T: Text>(&mut self, body: &Body<T>) {
        let (statement, resolution) = (body.mentioned_number("statement").unwrap_or(0), said(body, "resolution"));
        for number in said(body, "resolved").split(' ').filter_map(|number| number.parse().ok()) {
            let Some(difference) = self.differences.get_mut(&(statement, number)) else { continue };
            close(difference, "resolved", &resolution, &body.number);
            if difference.class == "disputed" && resolution == "issuer_corrects" {
                self.disputed_back.entry((statement, difference.pass)).or_insert((*body.number).to_owned());
            }
        }
    }

    /// How many differences of a statement are open.
    pub(super) fn open_of(&self, statement: i64) -> i64 {
        let of_statement = self.differences.range((statement, 0)..=(statement, i64::MAX));
        let open = of_statement.filter(|(_, difference)| difference.status == "open").count();
        i64::try_from(open).unwrap_or(i64::MAX)
    }
}

fn close(difference: &mut Difference, status: &'static str, resolution: &str, receipt: &str) {
    difference.status = status;
    if !resolution.is_empty() {
        resolution.clone_into(&mut difference.resolution);
    }
    receipt.clone_into(&mut difference.closed_by);
}
