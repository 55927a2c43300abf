//! Statements of an issuer, disputes and resolutions: sound ones, and each rule of theirs broken.

use super::{
    Body, Breach, Builder, Line, Mentions, breach, by, changed, handed_out, line, number, pass, text, without,
};

/// The mentions of a statement with these differences.
fn said(statement: i64, matched: i64, differences: &str, open: i64) -> Mentions {
    let mut mentions = vec![
        ("statement", number(statement)),
        ("month", text("2026-11")),
        ("file_hash", text(&"a5".repeat(32))),
        ("lines_hash", text(&"b6".repeat(32))),
        ("statement_lines", number(3)),
        ("matched_passes", number(matched)),
        ("open_differences", number(open)),
    ];
    if !differences.is_empty() {
        mentions.push(("differences", text(differences)));
    }
    mentions
}

/// Three passes are with CAFE in [`handed_out`]: one agrees, one is said with another amount, one is absent; and the issuer
/// has paid one that nobody has spent.
fn differences() -> String {
    let [other, unspent, absent] = [pass(1, 2), pass(1, 3), pass(2, 10)];
    format!("3 amount_differs {other} 900 CAFE; 4 not_redeemed {unspent} 1000 -; 5 absent {absent} 0 CAFE")
}

fn paid(passes: &[String]) -> Vec<Line> {
    let count = i64::try_from(passes.len()).unwrap();
    vec![line("provider:CAFE", "paid:CAFE", 0, count, passes)]
}

fn statement(journal: &Builder, lines: Vec<Line>, mentions: &Mentions) -> Body {
    by(journal.next("issuer_statement", "REGION", lines, mentions), "region_finance")
}

fn first(journal: &Builder) -> Body {
    statement(journal, paid(&[pass(1, 1)]), &said(1, 1, &differences(), 3))
}

/// The first statement, taken in.
fn stated() -> Builder {
    let mut journal = handed_out();
    journal.take(first(&journal));
    journal
}

fn disputed(differences: &str, open: i64) -> Mentions {
    vec![
        ("statement", number(1)),
        ("differences", text(differences)),
        ("reason", text("not_received")),
        ("open_differences", number(open)),
    ]
}

fn dispute(journal: &Builder, code: &str, mentions: &Mentions) -> Body {
    journal.next("issuer_dispute", code, Vec::new(), mentions)
}

fn the_dispute() -> Mentions {
    disputed(&format!("6 disputed {} 0 CAFE", pass(1, 1)), 4)
}

fn resolved(numbers: &str, resolution: &str, open: i64) -> Mentions {
    vec![
        ("statement", number(1)),
        ("resolved", text(numbers)),
        ("resolution", text(resolution)),
        ("reason", text("evidence_seen")),
        ("open_differences", number(open)),
    ]
}

fn resolution(journal: &Builder, lines: Vec<Line>, mentions: &Mentions) -> Body {
    by(journal.next("issuer_resolution", "REGION", lines, mentions), "region_finance")
}

pub(super) fn sound() -> Vec<(&'static str, Builder, Body)> {
    let (journal, stated, mut contested) = (handed_out(), stated(), stated());
    let taken = first(&journal);
    let nothing = statement(&journal, Vec::new(), &said(1, 0, "", 0));
    let mut again = said(2, 1, "", 0);
    again.extend([("corrects_statement", number(1)), ("corrected", text("1/3"))]);
    let corrected = statement(&stated, paid(&[pass(1, 2)]), &again);
    let twice = format!("2 paid_twice {} 1000 CAFE", pass(1, 1));
    let paid_twice = statement(&journal, paid(&[pass(1, 1)]), &said(1, 1, &twice, 1));
    let contest = dispute(&stated, "CAFE", &the_dispute());
    let believed = resolution(&stated, paid(&[pass(1, 2)]), &resolved("3", "accepted", 2));
    let to_correct = resolution(&stated, Vec::new(), &resolved("3 4 5", "issuer_corrects", 0));
    contested.take(dispute(&contested, "CAFE", &the_dispute()));
    let back = vec![line("paid:CAFE", "provider:CAFE", 0, 1, &[pass(1, 1)])];
    let owed_again = resolution(&contested, back, &resolved("6", "issuer_corrects", 3));
    vec![
        ("a statement", journal.clone(), taken),
        ("a statement that agrees in nothing", journal.clone(), nothing),
        ("a pass is paid twice in one file", journal, paid_twice),
        ("a statement corrects another", stated.clone(), corrected),
        ("a venue disputes", stated.clone(), contest),
        ("the issuer is believed", stated.clone(), believed),
        ("the issuer is to put right", stated, to_correct),
        ("what was disputed is owed again", contested, owed_again),
    ]
}

fn of_statements() -> Vec<Breach> {
    let journal = handed_out();
    let good = || said(1, 1, &differences(), 3);
    let one = || paid(&[pass(1, 1)]);
    let of = |mentions: &Mentions| statement(&journal, one(), mentions);
    let differ = |list: &str, open: i64| of(&said(1, 1, list, open));
    let mut found = vec![
        breach("role", &journal, by(of(&good()), "venue_agent")),
        breach("statement", &journal, of(&changed(good(), "statement", number(2)))),
        breach("mention", &journal, of(&changed(good(), "month", text("2026-13")))),
        breach("mention", &journal, of(&changed(good(), "lines_hash", text("b6")))),
        breach("statement", &journal, of(&with_one(good(), "corrects_statement", number(1)))),
        breach("mention", &journal, of(&with_one(good(), "corrects_statement", text("1")))),
        breach("statement", &journal, of(&changed(good(), "open_differences", number(2)))),
        breach("statement", &journal, of(&changed(good(), "matched_passes", number(2)))),
        breach("statement", &journal, statement(&journal, Vec::new(), &good())),
        breach("statement", &journal, statement(&journal, paid(&[pass(1, 2)]), &good())),
        breach("mention", &journal, of(&with_one(good(), "corrected", text("1-3")))),
        breach("statement", &journal, of(&with_one(good(), "corrected", text("1/3")))),
        breach("custody_path", &journal, statement(&journal, foreign(), &good())),
        breach("mention", &journal, differ("3 matched HDF21-000001-85/02 900 CAFE", 1)),
        breach("mention", &journal, differ("3 absent x", 1)),
        breach("serial", &journal, differ("3 absent HDF21-000001-86/02 0 CAFE", 1)),
        breach("mention", &journal, differ(&format!("3 absent {} 0 cafe", pass(1, 2)), 1)),
        breach("mention", &journal, differ(&format!("3 absent {} -1 CAFE", pass(1, 2)), 1)),
        breach(
            "mention",
            &journal,
            differ(&format!("3 absent {} 0 CAFE; 3 absent {} 0 CAFE", pass(1, 2), pass(2, 10)), 2),
        ),
        breach("statement", &journal, differ(&format!("3 absent {} 0 CAFE", pass(1, 3)), 1)),
        breach("statement", &journal, differ(&format!("3 absent {} 0 MAUB", pass(1, 2)), 1)),
        breach("statement", &journal, differ(&format!("3 not_redeemed {} 1000 -", pass(1, 2)), 1)),
        breach("statement", &journal, differ(&format!("3 not_redeemed {} 1000 -", pass(13, 2)), 1)),
        breach("statement", &journal, differ(&format!("3 day_differs {} 1000 CAFE", pass(1, 3)), 1)),
    ];
    for name in
        ["statement", "month", "file_hash", "lines_hash", "statement_lines", "matched_passes", "open_differences"]
    {
        found.push(breach("mention", &journal, of(&without(good(), name))));
    }
    found
}

fn with_one(mut mentions: Mentions, name: &'static str, value: super::Mention) -> Mentions {
    mentions.push((name, value));
    mentions
}

fn foreign() -> Vec<Line> {
    vec![line("provider:CAFE", "paid:MAUB", 0, 1, &[pass(1, 1)])]
}

pub(super) fn breaches() -> Vec<Breach> {
    let (journal, stated) = (handed_out(), stated());
    let contest = |list: &str, open: i64| dispute(&stated, "CAFE", &disputed(list, open));
    let decide = |mentions: &Mentions| resolution(&stated, Vec::new(), mentions);
    let mut moving = dispute(&stated, "CAFE", &the_dispute());
    moving.lines = paid(&[pass(1, 2)]);
    moving.total = first(&journal).total;
    let mut found = vec![
        breach("statement", &journal, dispute(&journal, "CAFE", &the_dispute())),
        breach("role", &stated, by(dispute(&stated, "CAFE", &the_dispute()), "region_finance")),
        breach("mention", &stated, dispute(&stated, "CAFE", &without(the_dispute(), "differences"))),
        breach("statement", &stated, contest(&format!("5 disputed {} 0 CAFE", pass(1, 1)), 4)),
        breach("statement", &stated, contest(&format!("6 absent {} 0 CAFE", pass(1, 2)), 4)),
        breach("statement", &stated, contest(&format!("6 disputed {} 0 CAFE", pass(1, 2)), 4)),
        breach("statement", &stated, contest(&format!("6 disputed {} 0 MAUB", pass(1, 1)), 4)),
        breach("statement", &stated, contest(&format!("6 disputed {} 0 CAFE", pass(1, 1)), 3)),
        breach("lines_unexpected", &stated, moving),
        breach("mention", &stated, decide(&resolved("x", "issuer_corrects", 2))),
        breach("mention", &stated, decide(&resolved("3", "forgotten", 2))),
        breach("mention", &stated, decide(&without(resolved("3", "issuer_corrects", 2), "reason"))),
        breach("statement", &stated, decide(&resolved("2", "issuer_corrects", 3))),
        breach("statement", &stated, decide(&resolved("3 3", "issuer_corrects", 2))),
        breach("statement", &stated, decide(&resolved("4", "accepted", 2))),
        breach("statement", &stated, decide(&resolved("5", "accepted", 2))),
        breach("statement", &stated, decide(&resolved("3", "venue_corrects", 2))),
        breach("statement", &stated, decide(&resolved("3", "issuer_corrects", 1))),
        breach("statement", &stated, decide(&resolved("3", "accepted", 2))),
        breach("statement", &stated, resolution(&stated, paid(&[pass(2, 10)]), &resolved("3", "accepted", 2))),
        breach("statement", &stated, resolution(&stated, paid(&[pass(1, 2)]), &resolved("3", "issuer_corrects", 2))),
        breach("role", &stated, by(decide(&resolved("4", "issuer_corrects", 2)), "venue_agent")),
    ];
    found.extend(of_statements());
    found
}
