//! État des trop-perçus: by provider, what was overpaid, how much of it came back and by which way, and what is still
//! owed. Added up from the receipts, so that a past day answers as it did. What never lives here: a claim's own state.

use std::collections::BTreeMap;

use super::question::{Question, mention};
use super::reconciliation::each_body;
use super::table::{Column, Report, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::movement::Kind;
use crate::receipts::Body;
use crate::store::{Reads, StoreError, Window};

/// `owed_cents` is the first less the three others.
const COLUMNS: &[Column] = &[
    Column::text("provider", "Structure"),
    Column::integer("overpaid_passes", "Pass payés à tort"),
    Column::cents("overpaid_cents", "Payé à tort"),
    Column::cents("netted_cents", "Retenu sur des paiements"),
    Column::cents("revenue_order_cents", "Titres de recette"),
    Column::cents("returned_cents", "Revenu par la banque"),
    Column::cents("owed_cents", "Reste dû par la structure"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "overpayments",
    title: "État des trop-perçus : constaté, retenu, recouvré, restant dû",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[],
    open,
};

/// The kinds of receipts that change what a provider owes.
const KINDS: [Kind; 5] = [Kind::Overpayment, Kind::Payment, Kind::BankReturn, Kind::RevenueOrder, Kind::Offset];

/// One provider's line.
#[derive(Debug, Default)]
pub(super) struct Line {
    passes: i64,
    overpaid: i64,
    netted: i64,
    asked: i64,
    returned: i64,
}

impl Line {
    /// What came back, in cents: taken off payments, asked for by a titre de recette, or returned by the bank.
    pub(super) const fn recovered(&self) -> i64 {
        self.netted + self.asked + self.returned
    }

    /// What is still owed, in cents.
    pub(super) const fn owed(&self) -> i64 {
        self.overpaid - self.recovered()
    }
}

/// By the provider's code.
pub(super) type Lines = BTreeMap<String, Line>;

fn open(question: &Question) -> Result<Report, ReportError> {
    let mut lines = question.store.read(|tx| lines(tx, question.whole()))?;
    if let Some(scope) = &question.request.scope {
        lines.retain(|provider, _| provider == scope.as_str());
    }
    let to_row = |(provider, line): (&String, &Line)| {
        let Line { passes, overpaid, netted, asked, returned } = *line;
        let [overpaid, netted, asked, returned, owed] =
            [overpaid, netted, asked, returned, line.owed()].map(crate::domain::money::Cents::new);
        row![provider.as_str(), passes, overpaid, netted, asked, returned, owed]
    };
    Ok(question.report(whole(lines.iter().map(to_row).collect())))
}

/// What the window's receipts say of each provider.
pub(super) fn lines(tx: &mut dyn Reads, window: Window) -> Result<Lines, StoreError> {
    let mut lines = Lines::new();
    each_body(tx, window, &KINDS, |body| {
        take_in(body, &mut lines);
        Ok(())
    })?;
    Ok(lines)
}

fn take_in(body: &Body, lines: &mut Lines) {
    let mut of = |provider: &str, change: &dyn Fn(&mut Line)| {
        if !provider.is_empty() {
            change(lines.entry(provider.to_owned()).or_default());
        }
    };
    let provider = mention(body, "provider_code");
    match body.kind.as_str() {
        "overpayment" => of(&provider, &|line| {
            line.passes += body.total.passes;
            line.overpaid += body.total.cents;
        }),
        "offset" => of(&provider, &|line| line.netted += body.total.cents),
        "revenue_order" => of(&provider, &|line| line.asked += body.mentioned_number("revenue_cents").unwrap_or(0)),
        _ => {}
    }
    for (name, sign) in [("netted", 1), ("netting_undone", -1)] {
        for (provider, cents) in listed(&mention(body, name)) {
            of(provider, &|line| line.netted += sign * cents);
        }
    }
    for (provider, cents) in listed(&mention(body, "overpayments_returned")) {
        of(provider, &|line| line.returned += cents);
    }
}

/// Provider and cents, the last two words of each part: `7 CAFE 3000; 9 CAFE 1000`.
fn listed(text: &str) -> Vec<(&str, i64)> {
    let last_two = |part| {
        let mut words = str::rsplit(part, ' ');
        let cents = words.next()?.parse().ok()?;
        Some((words.next()?, cents))
    };
    text.split("; ").filter_map(last_two).collect()
}
