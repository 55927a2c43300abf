//! Oppositions, losses, what brings passes back and replacements: sound ones, and each rule of theirs broken.

use super::{Body, Breach, Builder, Line, Mention, Mentions, breach, by, changed, six, text, three, without};
use crate::receipts::sample::{booklet, handed_out, line, pass};

/// Of the delivery, which blocked booklet 12.
const DELIVERY: &str = "HDF21-REGION-2026-000002";
/// Of the acceptance, which blocked booklet 4.
const ACCEPTANCE: &str = "HDF21-MAUB-2026-000001";
const HAND_OUT: &str = "HDF21-MAUB-2026-000002";

fn because(reason: &str) -> Mentions {
    vec![("reason", text(reason))]
}

fn lost() -> Mentions {
    vec![("reason", text("stolen")), ("noticed_on", text("2026-11-23"))]
}

/// Booklet 1, of which two passes are spent.
fn one(from: &str, to: &str) -> Vec<Line> {
    vec![line(from, to, 1, 8, &[booklet(1)])]
}

fn another(mut body: Body) -> Body {
    body.agent.pseudonym = "0123456789abcdef".to_owned();
    body
}

fn block(journal: &Builder, lines: Vec<Line>) -> Body {
    journal.next("block", "REGION", lines, &because("suspected_fraud"))
}

fn loss(journal: &Builder, code: &str, lines: Vec<Line>) -> Body {
    journal.next("loss", code, lines, &lost())
}

/// Something brought back by somebody else than whoever took it.
fn back(journal: &Builder, kind: &str, number: &str, lines: Vec<Line>) -> Body {
    let mut body = another(journal.next(kind, "REGION", lines, &because("cleared_up")));
    body.corrects = Some(number.to_owned());
    body
}

fn then(mut journal: Builder, next: impl Fn(&Builder) -> Body) -> Builder {
    journal.take(next(&journal));
    journal
}

/// Booklet 1 is lost, booklet 6 blocked, and a pass of booklet 2.
fn withdrawn() -> Builder {
    let journal = then(handed_out(), |journal| loss(journal, "MAUB", one("circulation", "lost")));
    let journal = then(journal, |journal| block(journal, six("store", "blocked")));
    then(journal, |journal| block(journal, vec![line("circulation", "blocked", 0, 1, &[pass(2, 1)])]))
}

const LOSS: &str = "HDF21-MAUB-2026-000003";
const BLOCK: &str = "HDF21-REGION-2026-000006";
const BLOCK_OF_A_PASS: &str = "HDF21-REGION-2026-000007";

fn replacing() -> Mentions {
    let commitment = text(&"a3".repeat(32));
    vec![("commitment", commitment), ("original", text(&booklet(1))), ("reason", text("lost"))]
}

fn replacement_lines() -> [Line; 3] {
    [
        line("lost", "blocked", 1, 8, &[booklet(1)]),
        line("prescriber:MAUB", "blocked", 0, 2, &[pass(3, 9), pass(3, 10)]),
        line("prescriber:MAUB", "circulation", 1, 8, &[booklet(3)]),
    ]
}

fn replacement(journal: &Builder, lines: Vec<Line>, mentions: &Mentions) -> Body {
    journal.next("replacement", "MAUB", lines, mentions)
}

/// Sound journals, by what their last receipt does.
pub(super) fn sound() -> Vec<(&'static str, Builder, Body)> {
    let mut found = Vec::new();
    let mut add = |what, journal: Builder, next: &dyn Fn(&Builder) -> Body| {
        let body = next(&journal);
        found.push((what, journal, body));
    };
    add("stock is blocked", handed_out(), &|journal| block(journal, six("store", "blocked")));
    add("a started booklet is blocked", handed_out(), &|journal| block(journal, one("circulation", "blocked")));
    add("passes are blocked", handed_out(), &|journal| {
        block(journal, vec![line("circulation", "blocked", 0, 2, &[pass(1, 3), pass(2, 1)])])
    });
    add("a prescriber has lost stock", handed_out(), &|journal| {
        loss(journal, "MAUB", three("prescriber:MAUB", "lost"))
    });
    add("the Region has lost stock", handed_out(), &|journal| loss(journal, "REGION", six("store", "lost")));
    add("a person has lost a booklet", handed_out(), &|journal| loss(journal, "MAUB", one("circulation", "lost")));
    add("a delivered booklet is good after all", handed_out(), &|journal| {
        back(journal, "unblock", DELIVERY, vec![line("blocked", "store", 1, 10, &[booklet(12)])])
    });
    add("an accepted booklet is good after all", handed_out(), &|journal| {
        back(journal, "unblock", ACCEPTANCE, vec![line("blocked", "transit:1", 1, 10, &[booklet(4)])])
    });
    add("stock is unblocked", withdrawn(), &|journal| back(journal, "unblock", BLOCK, six("blocked", "store")));
    add("a pass is unblocked", withdrawn(), &|journal| {
        let lines = vec![line("blocked", "circulation", 0, 1, &[pass(2, 1)])];
        back(journal, "unblock", BLOCK_OF_A_PASS, lines)
    });
    add("a booklet is found again", withdrawn(), &|journal| back(journal, "found", LOSS, one("lost", "circulation")));
    add("a booklet is replaced", withdrawn(), &|journal| {
        replacement(journal, replacement_lines().to_vec(), &replacing())
    });
    let given = then(withdrawn(), |journal| replacement(journal, replacement_lines().to_vec(), &replacing()));
    add("the new booklet is spent", given, &|journal| {
        let spent = vec![line("circulation", "provider:CAFE", 0, 1, &[pass(3, 1)])];
        journal.next("redemption", "CAFE", spent, &super::redemption_mentions())
    });
    found
}

pub(super) fn breaches() -> Vec<Breach> {
    let mut found = withdrawals();
    found.extend(returns());
    found.extend(replacements());
    found
}

fn withdrawals() -> Vec<Breach> {
    let journal = handed_out();
    let spent = vec![line("provider:CAFE", "blocked", 0, 1, &[pass(1, 1)])];
    let both = vec![line("store", "blocked", 1, 11, &[booklet(6), pass(7, 1)])];
    let mut found = vec![
        breach("role", &journal, by(block(&journal, six("store", "blocked")), "prescriber_agent")),
        breach("role", &journal, by(loss(&journal, "REGION", six("store", "lost")), "accountant")),
        breach("custody_path", &journal, block(&journal, spent)),
        breach("custody_path", &journal, block(&journal, six("store", "lost"))),
        breach("custody_path", &journal, loss(&journal, "DESK", three("prescriber:MAUB", "lost"))),
        breach("custody_path", &journal, loss(&journal, "MAUB", six("store", "lost"))),
        breach("item_kind", &journal, block(&journal, both)),
    ];
    let said = |mentions: Mentions| journal.next("loss", "REGION", six("store", "lost"), &mentions);
    for name in ["reason", "noticed_on"] {
        found.push(breach("mention", &journal, said(without(lost(), name))));
    }
    found.push(breach("mention", &journal, said(changed(lost(), "noticed_on", text("2026-11-25")))));
    let later = withdrawn();
    let blocked = vec![line("circulation", "provider:CAFE", 0, 1, &[pass(2, 1)])];
    let redemption = later.next("redemption", "CAFE", blocked, &super::redemption_mentions());
    found.push(breach("custody", &later, redemption));
    found
}

fn returns() -> Vec<Breach> {
    let journal = withdrawn();
    let stock = |to: &str| six("blocked", to);
    let mut same = back(&journal, "unblock", BLOCK, stock("store"));
    same.agent.pseudonym = "9f86d081884c7d65".to_owned();
    let mut silent = back(&journal, "unblock", BLOCK, stock("store"));
    silent.corrects = None;
    let mut found = vec![
        breach("four_eyes", &journal, same),
        breach("corrects_missing", &journal, silent),
        breach("custody_path", &journal, back(&journal, "unblock", BLOCK, stock("circulation"))),
        breach("corrects_items", &journal, back(&journal, "unblock", BLOCK_OF_A_PASS, stock("store"))),
        breach("corrects_items", &journal, back(&journal, "unblock", DELIVERY, stock("store"))),
        breach("corrects_unknown", &journal, back(&journal, "found", BLOCK, one("lost", "circulation"))),
        breach("custody_path", &journal, back(&journal, "found", LOSS, stock("store"))),
        breach("role", &journal, by(back(&journal, "found", LOSS, one("lost", "circulation")), "prescriber_agent")),
        breach("mention", &journal, {
            let mut body = back(&journal, "found", LOSS, one("lost", "circulation"));
            body.mentions.clear();
            body
        }),
    ];
    for unknown in [LOSS, HAND_OUT, "HDF21-REGION-2026-000099", "rien"] {
        found.push(breach("corrects_unknown", &journal, back(&journal, "unblock", unknown, stock("store"))));
    }
    // What replaced or was replaced stays blocked for ever.
    let replaced = then(journal, |journal| replacement(journal, replacement_lines().to_vec(), &replacing()));
    let again = |number: &str, lines: Vec<Line>| back(&replaced, "unblock", number, lines);
    let surplus = vec![line("blocked", "prescriber:MAUB", 0, 2, &[pass(3, 9), pass(3, 10)])];
    found.push(breach("corrects_unknown", &replaced, again("HDF21-MAUB-2026-000004", surplus)));
    found.push(breach("corrects_unknown", &replaced, again(LOSS, one("blocked", "circulation"))));
    found
}

fn replacements() -> Vec<Breach> {
    let journal = withdrawn();
    let with = |lines: &[Line]| replacement(&journal, lines.to_vec(), &replacing());
    let said = |mentions: Mentions| replacement(&journal, replacement_lines().to_vec(), &mentions);
    let [original, surplus, given] = replacement_lines();
    let whole = line("prescriber:MAUB", "circulation", 1, 10, &[booklet(3)]);
    let from_store = line("store", "circulation", 1, 10, &[booklet(7)]);
    let mut found = vec![
        breach("replacement", &journal, with(&[original.clone(), whole])),
        breach("replacement", &journal, with(&[surplus.clone(), given.clone()])),
        breach("replacement", &journal, with(std::slice::from_ref(&original))),
        breach("replacement", &journal, said(changed(replacing(), "original", text(&booklet(2))))),
        breach("custody_path", &journal, with(&[original.clone(), from_store])),
        breach("custody_path", &journal, with(&[line("lost", "circulation", 1, 8, &[booklet(1)])])),
        breach("custody_path", &journal, with(&[line("prescriber:MAUB", "blocked", 1, 10, &[booklet(3)])])),
        breach("role", &journal, by(with(&replacement_lines()), "region_admin")),
        breach("mention", &journal, said(changed(replacing(), "commitment", text("a3")))),
        breach("validity_ended", &journal, Builder::dated(with(&replacement_lines()), "2027-01-01")),
    ];
    for name in ["original", "commitment", "reason"] {
        found.push(breach("mention", &journal, said(without(replacing(), name))));
    }
    let elsewhere = replacement_lines().map(|mut line| {
        line.from = line.from.replace("MAUB", "DESK");
        line
    });
    found.push(breach("custody_path", &journal, with(&elsewhere)));
    found.push(breach("mention", &journal, said(changed(replacing(), "original", Mention::Number(1)))));
    found
}
