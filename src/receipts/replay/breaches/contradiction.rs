//! Contradictory statements of an order: a sound one, and each rule of theirs broken.

use super::{Body, Breach, Builder, Mentions, booklet, breach, by, changed, handed_out, number, pass, text, without};

fn statement(journal: &Builder, mentions: &Mentions) -> Body {
    by(journal.next("contradictory_statement", "REGION", Vec::new(), mentions), "region_finance")
}

/// One pass is spent here only, booklet 6 there only, and the list lacks booklet 12, which is blocked.
fn gaps() -> String {
    let (one, six, twelve) = (pass(1, 1), booklet(6), booklet(12));
    format!("spent_here used expired {one}; spent_there unused used {six}; unlisted withdrawn - {twelve}")
}

/// Of the 120 passes of [`handed_out`].
fn said() -> Mentions {
    let counts = [
        ("agreed_passes", 99),
        ("differing_passes", 21),
        ("listed_passes", 110),
        ("ledger_unused", 97),
        ("ledger_withdrawn", 20),
        ("ledger_used", 3),
        ("ledger_paid", 0),
        ("ledger_expired", 0),
        ("ledger_credited", 0),
        ("issuer_unused", 87),
        ("issuer_withdrawn", 10),
        ("issuer_used", 12),
        ("issuer_paid", 0),
        ("issuer_expired", 1),
        ("issuer_credited", 0),
        ("order", 1),
    ];
    let mut said: Mentions = counts.map(|(name, count)| (name, number(count))).to_vec();
    said.extend([("file_hash", text(&"a5".repeat(32))), ("gaps", text(&gaps()))]);
    said
}

pub(super) fn sound() -> Vec<(&'static str, Builder, Body)> {
    let journal = handed_out();
    let agreed = [("agreed_passes", 120), ("differing_passes", 0), ("listed_passes", 120)];
    let same = [("issuer_unused", 97), ("issuer_withdrawn", 20), ("issuer_used", 3), ("issuer_expired", 0)];
    let same = agreed
        .iter()
        .chain(&same)
        .fold(without(said(), "gaps"), |said, (name, count)| changed(said, name, number(*count)));
    let (differing, same) = (statement(&journal, &said()), statement(&journal, &same));
    vec![
        ("a contradictory statement", journal.clone(), differing),
        ("a contradictory statement that agrees", journal, same),
    ]
}

pub(super) fn breaches() -> Vec<Breach> {
    let journal = handed_out();
    let told = |mentions: Mentions| statement(&journal, &mentions);
    let with = |name: &'static str, count: i64| told(changed(said(), name, number(count)));
    let otherwise = |old: &str, new: &str| told(changed(said(), "gaps", text(&gaps().replace(old, new))));
    let (one, three) = (pass(1, 1), pass(3, 1));
    vec![
        breach("role", &journal, by(told(said()), "accountant")),
        breach("mention", &journal, told(without(said(), "file_hash"))),
        breach("mention", &journal, told(without(said(), "issuer_paid"))),
        breach("order_unknown", &journal, with("order", 2)),
        breach("contradiction", &journal, with("ledger_unused", 98)),
        breach("contradiction", &journal, with("agreed_passes", 98)),
        breach("contradiction", &journal, with("differing_passes", 20)),
        breach("contradiction", &journal, with("listed_passes", 111)),
        breach("contradiction", &journal, with("issuer_paid", 1)),
        breach("contradiction", &journal, otherwise(&one, &three)),
        breach("contradiction", &journal, otherwise(&one, &format!("{one} {one}"))),
        breach("mention", &journal, otherwise("used expired", "used paid")),
        breach("mention", &journal, otherwise("used expired", "used gone")),
        breach("mention", &journal, otherwise(&format!(" {one}"), "")),
        breach("serial", &journal, otherwise(&one, "HDF21-000001-85/1")),
    ]
}
