//! Keys of people: sound renewals, and each rule of theirs broken.

use super::{Body, Breach, Builder, Mentions, breach, by, changed, number, text, without};
use crate::receipts::sample::handed_out;

fn said(key: i64, previous: i64) -> Mentions {
    vec![
        ("key", number(key)),
        ("key_digest", text(&"a5".repeat(32))),
        ("previous_key", number(previous)),
        ("proposed_by", text("0123456789abcdef")),
    ]
}

fn renewal(journal: &Builder, mentions: &Mentions) -> Body {
    by(journal.next("people_key", "REGION", Vec::new(), mentions), "region_finance")
}

/// Key 3 is in use.
fn renewed() -> Builder {
    let mut journal = handed_out();
    let body = renewal(&journal, &said(3, 1));
    journal.take(body);
    journal
}

pub(super) fn sound() -> Vec<(&'static str, Builder, Body)> {
    let (first, later) = (handed_out(), renewed());
    let (one, two) = (renewal(&first, &said(3, 1)), renewal(&later, &said(4, 3)));
    vec![("a key of people that skips a number", first, one), ("and another one after it", later, two)]
}

pub(super) fn breaches() -> Vec<Breach> {
    let (journal, later) = (handed_out(), renewed());
    let at = |journal: &Builder, code, mentions: &Mentions| breach(code, journal, renewal(journal, mentions));
    let mut found: Vec<Breach> =
        said(2, 1).into_iter().map(|(name, _)| at(&journal, "mention", &without(said(2, 1), name))).collect();
    let own = journal.next("people_key", "REGION", Vec::new(), &[]).agent.pseudonym;
    found.extend([
        at(&journal, "mention", &changed(said(2, 1), "key_digest", text("a5"))),
        at(&journal, "people_key", &said(1, 1)),
        at(&journal, "people_key", &said(256, 1)),
        at(&journal, "people_key", &said(3, 2)),
        at(&later, "people_key", &said(3, 3)),
        at(&later, "people_key", &said(4, 1)),
        at(&journal, "four_eyes", &changed(said(2, 1), "proposed_by", text(&own))),
        at(&journal, "four_eyes", &changed(said(2, 1), "proposed_by", text("somebody"))),
        breach("role", &journal, by(renewal(&journal, &said(2, 1)), "prescriber_agent")),
    ]);
    found
}
