//! Allocations: sound ones, and each rule of theirs broken.

use super::{Body, Breach, Builder, Line, Mentions, breach, by, five, number, text};
use crate::receipts::sample::{accepted, booklet, handed_out, line};

/// Booklets 6 and 7 of the store for DESK, 3 of MAUB for DESK too.
const SENDINGS: &str = "2 store prescriber:DESK 2; 3 prescriber:MAUB prescriber:DESK 1";

fn said(sendings: &str) -> Mentions {
    vec![("fixed_booklets", number(1)), ("sendings", text(sendings)), ("weighting", text("equal"))]
}

fn sent() -> Vec<Line> {
    vec![
        line("store", "transit:2", 2, 20, &[booklet(6), booklet(7)]),
        line("prescriber:MAUB", "transit:3", 1, 10, &[booklet(3)]),
    ]
}

fn allocation(journal: &Builder, lines: Vec<Line>, sendings: &str) -> Body {
    journal.next("allocation", "REGION", lines, &said(sendings))
}

fn allocated() -> Builder {
    let mut journal = handed_out();
    let body = allocation(&journal, sent(), SENDINGS);
    journal.take(body);
    journal
}

pub(super) fn sound() -> Vec<(&'static str, Builder, Body)> {
    let (journal, later) = (handed_out(), allocated());
    let first = allocation(&journal, sent(), SENDINGS);
    let arrived = vec![line("transit:3", "prescriber:DESK", 1, 10, &[booklet(3)])];
    let arrived = later.next("acceptance", "DESK", arrived, &accepted(3));
    vec![("an allocation", journal, first), ("what was reallocated arrives", later, arrived)]
}

pub(super) fn breaches() -> Vec<Breach> {
    let journal = handed_out();
    let tried = |sendings: &str| allocation(&journal, sent(), sendings);
    let elsewhere = |from: &str, to: &str| {
        let mut lines = sent();
        lines[1] = line(from, to, 1, 10, &[booklet(3)]);
        allocation(&journal, lines, SENDINGS)
    };
    vec![
        breach("mention", &journal, tried("2 store prescriber:DESK")),
        breach("mention", &journal, tried("02 store prescriber:DESK 2; 3 prescriber:MAUB prescriber:DESK 1")),
        breach("mention", &journal, tried("2 store circulation 2; 3 prescriber:MAUB prescriber:DESK 1")),
        breach("mention", &journal, tried("2 blocked prescriber:DESK 2; 3 prescriber:MAUB prescriber:DESK 1")),
        breach("same_holder", &journal, tried("2 store prescriber:DESK 2; 3 prescriber:MAUB prescriber:MAUB 1")),
        breach("transit_reused", &journal, tried("1 store prescriber:DESK 2; 3 prescriber:MAUB prescriber:DESK 1")),
        breach("sendings", &journal, tried("2 store prescriber:DESK 3; 3 prescriber:MAUB prescriber:DESK 1")),
        breach("sendings", &journal, tried(&format!("{SENDINGS}; 4 store prescriber:DESK 1"))),
        breach("custody_path", &journal, tried("2 store prescriber:DESK 2; 4 prescriber:MAUB prescriber:DESK 1")),
        breach("custody_path", &journal, elsewhere("prescriber:MAUB", "transit:2")),
        breach("custody_path", &journal, elsewhere("prescriber:MAUB", "prescriber:DESK")),
        breach("custody_path", &journal, allocation(&journal, five("transit:1", "transit:2"), SENDINGS)),
        breach("role", &journal, by(tried(SENDINGS), "prescriber_agent")),
    ]
}
