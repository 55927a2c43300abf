//! Closings after [`handed_out`], with totals added up by hand; and each of them wrong in one thing. What never lives here:
//! the code under test.

use super::super::super::sample::{Builder, handed_out, text};
use super::super::super::{Body, Mention, Receipt};
use super::{Breach, Mentions, breach, by, changed, number, with, without};
use crate::domain::closing::COUNTER_VALUE;

const BY_KIND: &str = "acceptance 1 40 40000; activation 1 0 0; delivery 1 120 120000; dispatch 1 50 50000; \
     exception 1 0 0; hand_out 1 20 20000; order 1 0 0; redemption 1 3 3000";
const BY_HOLDER: &str = "blocked 20 20000 0 0; circulation 20 20000 3 3000; issue 0 0 120 120000; \
     prescriber:MAUB 30 30000 20 20000; provider:CAFE 3 3000 0 0; store 110 110000 50 50000; \
     transit 50 50000 40 40000";

/// A closing that covers everything in [`handed_out`].
fn whole(journal: &Builder, period: &str, last_day: &str) -> Mentions {
    vec![
        ("period", text(period)),
        ("first_day", text("2026-11-24")),
        ("last_day", text(last_day)),
        ("first_position", number(1)),
        ("last_position", number(8)),
        ("last_hash", text(journal.receipts[7].hash())),
        ("period_by_kind", text(BY_KIND)),
        ("period_by_holder", text(BY_HOLDER)),
        ("perpetual_by_kind", text(BY_KIND)),
        ("perpetual_by_holder", text(BY_HOLDER)),
        // Twenty booklets were ordered for payment, twelve delivered.
        ("committed_cents", number(200_000)),
        ("funds_cents", number(200_000)),
        ("outstanding_cents", number(120_000)),
    ]
}

/// The same as a journal said it before there was a proof of counter-value.
fn older(mentions: Mentions) -> Mentions {
    COUNTER_VALUE.iter().fold(mentions, |mentions, name| without(mentions, name))
}

/// The closing of a day on which nothing happened, after the last receipt of `journal`, a closing too.
fn empty(journal: &Builder, day: &str) -> Mentions {
    let last = journal.receipts.last().unwrap();
    let mut mentions = without(without(whole(journal, "day", day), "period_by_kind"), "period_by_holder");
    mentions = changed(mentions, "first_day", text(day));
    mentions = changed(mentions, "first_position", number(9));
    mentions.extend([("previous", text(&last.body().number)), ("previous_hash", text(last.hash()))]);
    mentions
}

pub(super) fn closing(journal: &Builder, on: &str, mentions: &Mentions) -> Body {
    Builder::dated(by(journal.next("closing", "REGION", Vec::new(), mentions), "region_finance"), on)
}

/// [`handed_out`], and its days closed on 1 December up to this one.
fn closed(until: &str) -> Builder {
    let mut journal = handed_out();
    journal.take(closing(&journal, "2026-12-01", &whole(&journal, "day", "2026-11-24")));
    for day in ["2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30"] {
        if day <= until {
            journal.take(closing(&journal, "2026-12-01", &empty(&journal, day)));
        }
    }
    journal
}

pub(super) fn sound() -> Vec<(String, Vec<Receipt>)> {
    let (journal, later, all) = (handed_out(), closed("2026-11-25"), closed("2026-11-30"));
    let first = closing(&journal, "2026-11-25", &whole(&journal, "day", "2026-11-24"));
    let unproven = closing(&journal, "2026-11-25", &older(whole(&journal, "day", "2026-11-24")));
    let next = closing(&later, "2026-12-01", &empty(&later, "2026-11-26"));
    let month = closing(&all, "2026-12-01", &whole(&all, "month", "2026-11-30"));
    let told = |what: &str, journal: &Builder, body: Body| (what.to_owned(), with(journal, body));
    vec![
        told("the first day is closed", &journal, first),
        told("the first day is closed without a proof of counter-value", &journal, unproven),
        told("a day on which nothing happened is closed", &later, next),
        told("a month is closed once its days are", &all, month),
    ]
}

pub(super) fn breaches() -> Vec<Breach> {
    let (journal, later, all) = (handed_out(), closed("2026-11-25"), closed("2026-11-30"));
    let good = || whole(&journal, "day", "2026-11-24");
    let first = |code, mentions: &Mentions| breach(code, &journal, closing(&journal, "2026-11-25", mentions));
    let mut found = vec![
        first("closing_totals", &changed(good(), "committed_cents", number(199_999))),
        first("closing_totals", &changed(good(), "funds_cents", number(199_999))),
        first("closing_totals", &changed(good(), "outstanding_cents", number(119_999))),
        first("closing_totals", &without(good(), "funds_cents")),
        first("mention", &without(good(), "period")),
        first("mention", &without(good(), "last_day")),
        first("mention", &changed(good(), "period", text("week"))),
        first("mention", &changed(good(), "period", number(1))),
        first("mention", &changed(good(), "last_day", text("2026-11-31"))),
        first("closing_order", &changed(good(), "last_day", text("2026-11-23"))),
        first("closing_order", &changed(good(), "last_day", text("2026-11-25"))),
        first("closing_order", &changed(good(), "period", text("month"))),
        // On its own day, and twice; a day too far, and before it is over; a month before its days, and not to its end.
        breach("closing_order", &journal, closing(&journal, "2026-11-24", &good())),
        breach("closing_order", &later, closing(&later, "2026-12-01", &good())),
        breach("closing_order", &later, closing(&later, "2026-12-01", &empty(&later, "2026-11-27"))),
        breach("closing_order", &later, closing(&later, "2026-12-01", &whole(&later, "month", "2026-11-30"))),
        breach("closing_order", &all, closing(&all, "2026-12-01", &empty(&all, "2026-12-01"))),
        breach("closing_order", &all, closing(&all, "2026-12-01", &whole(&all, "month", "2026-11-29"))),
        breach("closing_order", &all, closing(&all, "2026-12-01", &whole(&all, "year", "2026-12-31"))),
        breach("closing_order", &Builder::new(), closing(&Builder::new(), "2026-11-25", &good())),
    ];
    let required = good().into_iter().map(|(name, _)| name).filter(|name| !matches!(*name, "period" | "last_day"));
    found.extend(required.map(|name| first("closing_totals", &without(good(), name))));
    let other = "b7".repeat(32);
    let wrong: [(&str, Mention); 8] = [
        ("first_day", text("2026-11-23")),
        ("first_position", number(2)),
        ("last_position", number(7)),
        ("last_hash", text(&other)),
        ("period_by_kind", text(&BY_KIND.replace("redemption 1 3 3000", "redemption 1 2 2000"))),
        ("period_by_holder", text(&BY_HOLDER.replace("store 110", "store 109"))),
        ("perpetual_by_kind", text(&format!("{BY_KIND} "))),
        ("previous", text("HDF21-REGION-2026-000001")),
    ];
    found.extend(wrong.map(|(name, value)| first("closing_totals", &changed(good(), name, value))));
    for (name, value) in [("previous", text("HDF21-REGION-2026-000001")), ("previous_hash", text(&other))] {
        let mentions = changed(empty(&later, "2026-11-26"), name, value);
        found.push(breach("closing_totals", &later, closing(&later, "2026-12-01", &mentions)));
    }
    found
}
