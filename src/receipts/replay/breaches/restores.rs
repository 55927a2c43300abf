//! Declared restores: their receipts, and each rule of theirs broken.

use super::super::super::sample::{handed_out, redemption_mentions, restore_mentions, text};
use super::{Body, Breach, Builder, Mentions, breach, by, changed, number, redemption, without};

pub(super) fn restore(journal: &Builder, mentions: &Mentions) -> Body {
    by(journal.next("restore", "REGION", Vec::new(), mentions), "region_finance")
}

/// [`handed_out`], a restore that opens epoch 2, and another redemption in it.
pub(super) fn restored() -> Builder {
    let mut journal = handed_out();
    journal.take(restore(&journal, &restore_mentions(&journal, 2).to_vec()));
    journal.take(redemption(&journal, "provider:CAFE", &redemption_mentions().to_vec()));
    journal
}

pub(super) fn breaches() -> Vec<Breach> {
    let (journal, later) = (handed_out(), restored());
    let said = || restore_mentions(&journal, 2).to_vec();
    let after = |journal: &Builder, mentions: Mentions, code| breach(code, journal, restore(journal, &mentions));
    let mut found: Vec<Breach> =
        said().into_iter().map(|(name, _)| after(&journal, without(said(), name), "mention")).collect();
    found.extend(
        [
            ("mention", "reason", text("")),
            ("mention", "epoch", text("2")),
            ("mention", "last_known_head", text("e5")),
            ("epoch", "epoch", number(1)),
            ("gap", "restored_position", number(7)),
            ("gap", "restored_head", text(&"a5".repeat(32))),
            ("gap", "last_known_position", number(0)),
            ("gap", "last_known_position", number(12)),
            ("gap", "receipts_lost", number(2)),
            ("four_eyes", "declared_by", text("9f86d081884c7d65")),
            ("four_eyes", "declared_by", text("somebody")),
        ]
        .map(|(code, name, value)| after(&journal, changed(said(), name, value), code)),
    );
    for epoch in [1, 2] {
        found.push(after(&later, restore_mentions(&later, epoch).to_vec(), "epoch"));
    }
    // A number of the epoch before, in the new one and on the restore itself; one of the new epoch before it.
    let old = |journal: &Builder, mut body: Body, from: &str, to: &str| {
        body.number = body.number.replacen(from, to, 1);
        breach("number", journal, body)
    };
    found.push(old(&later, redemption(&later, "provider:CAFE", &redemption_mentions().to_vec()), "E2", ""));
    found.push(old(&journal, restore(&journal, &said()), "E2", ""));
    found.push(old(&journal, redemption(&journal, "provider:CAFE", &redemption_mentions().to_vec()), "2026", "2026E2"));
    found
}
