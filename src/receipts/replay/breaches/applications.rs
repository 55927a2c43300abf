//! Applications and the letters that come of them: sound ones, and each rule of theirs broken.

use super::{Body, Breach, Builder, Line, Mentions, breach, by, changed, number, six, text, without};
use crate::receipts::sample::{accepted, booklet, handed_out, line, recalled, sent};

fn filed(sequence: i64, complete: i64) -> Mentions {
    vec![
        ("application", number(sequence)),
        ("commitment", text(&"a3".repeat(32))),
        ("complete", number(complete)),
        ("passes_asked", number(10)),
        ("step", text("received")),
    ]
}

fn completed(sequence: i64) -> Mentions {
    vec![("application", number(sequence)), ("complete", number(1)), ("step", text("completed"))]
}

fn decided(sequence: i64) -> Mentions {
    vec![("application", number(sequence)), ("decision", text("accepted")), ("passes_reserved", number(10))]
}

fn refused(sequence: i64) -> Mentions {
    vec![("application", number(sequence)), ("decision", text("refused")), ("reason", text("not_eligible"))]
}

fn ended(sequence: i64) -> Mentions {
    vec![("application", number(sequence)), ("outcome", text("withdrawn"))]
}

fn letters(dispatch: i64, said: &str) -> Mentions {
    vec![("destination", text("circulation")), ("dispatch", number(dispatch)), ("letters", text(said))]
}

fn reported(delivered: &str, returned: &str) -> Mentions {
    let all = [("delivered", delivered), ("returned", returned)];
    all.into_iter().filter(|(_, said)| !said.is_empty()).map(|(name, said)| (name, text(said))).collect()
}

fn then(mut journal: Builder, body: impl Fn(&Builder) -> Body) -> Builder {
    let body = body(&journal);
    journal.take(body);
    journal
}

fn says(kind: &'static str, code: &'static str, mentions: Mentions) -> impl Fn(&Builder) -> Body {
    move |journal: &Builder| journal.next(kind, code, Vec::new(), &mentions)
}

/// Two applications, the second of them incomplete.
fn applied() -> Builder {
    let journal = then(handed_out(), says("application", "MAUB", filed(1, 1)));
    then(journal, says("application", "MAUB", filed(2, 0)))
}

/// Both accepted.
fn granted() -> Builder {
    let journal = then(applied(), says("application", "MAUB", completed(2)));
    let journal = then(journal, says("application_decision", "REGION", decided(1)));
    then(journal, says("application_decision", "REGION", decided(2)))
}

/// `1 HDF21-000006-70; 2 HDF21-000007-67`, with what is said of each.
fn both(first: &str, second: &str) -> String {
    format!("1 {}{first}; 2 {}{second}", booklet(6), booklet(7))
}

fn seven(from: &str, to: &str) -> Vec<Line> {
    vec![line(from, to, 1, 10, &[booklet(7)])]
}

fn posting(from: &str, to: &str) -> Vec<Line> {
    vec![line(from, to, 2, 20, &[booklet(6), booklet(7)])]
}

fn mailing(journal: &Builder) -> Body {
    journal.next("mailing", "REGION", posting("store", "transit:2"), &letters(2, &both("", "")))
}

/// Both mailed: booklets 6 and 7 by dispatch 2.
fn mailed() -> Builder {
    then(granted(), mailing)
}

fn outcome() -> Vec<Line> {
    [six("transit:2", "circulation"), seven("transit:2", "store")].concat()
}

fn returned() -> String {
    format!("2 {} unclaimed", booklet(7))
}

fn delivered(day: &str) -> String {
    format!("1 {} {day}", booklet(6))
}

fn report(journal: &Builder) -> Body {
    let said = reported(&delivered("2026-11-24"), &returned());
    journal.next("letter_report", "REGION", outcome(), &said)
}

pub(super) fn sound() -> Vec<(&'static str, Builder, Body)> {
    let mut found = Vec::new();
    let mut add = |what, journal: Builder, next: &dyn Fn(&Builder) -> Body| {
        let body = next(&journal);
        found.push((what, journal, body));
    };
    add("an application", applied(), &says("application", "MAUB", filed(3, 0)));
    add("what was missing", applied(), &says("application", "MAUB", completed(2)));
    add("an acceptance", applied(), &says("application_decision", "REGION", decided(1)));
    add("a refusal", applied(), &says("application_decision", "REGION", refused(2)));
    add("a withdrawal", granted(), &says("application_end", "MAUB", ended(1)));
    add("a mailing", granted(), &mailing);
    add("what became of letters", mailed(), &report);
    let back = then(mailed(), report);
    let again = letters(3, &format!("2 {}", booklet(8)));
    add("a letter that came back is mailed again", back, &|journal| {
        journal.next("mailing", "REGION", vec![line("store", "transit:3", 1, 10, &[booklet(8)])], &again)
    });
    let lost = then(mailed(), |journal: &Builder| {
        let said: Mentions = vec![("noticed_on", text("2026-11-24")), ("reason", text("lost_in_post"))];
        journal.next("loss", "REGION", six("transit:2", "lost"), &said)
    });
    let instead = letters(3, &format!("1 {}", booklet(8)));
    add("a letter that was lost is replaced", lost, &|journal| {
        journal.next("mailing", "REGION", vec![line("store", "transit:3", 1, 10, &[booklet(8)])], &instead)
    });
    found
}

pub(super) fn breaches() -> Vec<Breach> {
    let mut found = asking();
    found.extend(posted());
    found.extend(arrived());
    found
}

/// What is asked and decided out of order.
fn asking() -> Vec<Breach> {
    let (journal, later) = (applied(), granted());
    let file = |mentions: Mentions| journal.next("application", "MAUB", Vec::new(), &mentions);
    let decide = |mentions: Mentions| journal.next("application_decision", "REGION", Vec::new(), &mentions);
    let end = |mentions: Mentions| journal.next("application_end", "MAUB", Vec::new(), &mentions);
    let over = then(applied(), says("application_end", "MAUB", ended(1)));
    let decided_later = over.next("application_decision", "REGION", Vec::new(), &decided(1));
    vec![
        breach("application", &journal, file(filed(4, 1))),
        breach("application", &journal, file(filed(2, 1))),
        breach("application", &journal, file(completed(1))),
        breach("application", &journal, file(completed(3))),
        breach("mention", &journal, file(changed(filed(3, 1), "complete", number(2)))),
        breach("mention", &journal, file(changed(filed(3, 1), "step", text("thought_of")))),
        breach("mention", &journal, file(changed(filed(3, 1), "passes_asked", number(0)))),
        breach("mention", &journal, file(without(filed(3, 1), "commitment"))),
        breach("role", &journal, by(file(filed(3, 1)), "region_admin")),
        breach("application", &journal, decide(decided(2))),
        breach("application", &journal, decide(decided(3))),
        breach("application", &journal, decide(changed(decided(1), "passes_reserved", number(5)))),
        breach("mention", &journal, decide(changed(decided(1), "decision", text("perhaps")))),
        breach("mention", &journal, decide(without(refused(1), "reason"))),
        breach("role", &journal, by(decide(decided(1)), "prescriber_agent")),
        breach("application", &later, later.next("application_decision", "REGION", Vec::new(), &decided(1))),
        breach("application", &over, decided_later),
        breach("application", &journal, end(ended(3))),
        breach("mention", &journal, end(changed(ended(1), "outcome", text("forgotten")))),
        breach("role", &journal, by(end(ended(1)), "venue_agent")),
        breach(
            "lines_unexpected",
            &journal,
            journal.next("application", "MAUB", six("store", "blocked"), &filed(3, 1)),
        ),
    ]
}

/// What is mailed to the wrong people, or by the wrong way.
fn posted() -> Vec<Breach> {
    let (journal, early) = (granted(), applied());
    let mail = |lines: Vec<Line>, mentions: Mentions| journal.next("mailing", "REGION", lines, &mentions);
    let right = || posting("store", "transit:2");
    let (one, twice) = (format!("1 {}", booklet(6)), format!("1 {0}; 1 {0}", booklet(6)));
    let stopped = then(granted(), |journal: &Builder| {
        let said: Mentions = vec![("orders", text("1")), ("reason", text("security")), ("scope", text("hand_outs"))];
        by(journal.next("suspension", "REGION", Vec::new(), &said), "region_finance")
    });
    let under_way = mailed();
    let again = letters(3, &format!("1 {}", booklet(8)));
    let again = under_way.next("mailing", "REGION", vec![line("store", "transit:3", 1, 10, &[booklet(8)])], &again);
    let called_back = under_way.next("acceptance", "REGION", posting("transit:2", "store"), &recalled(2));
    let delivered_by_hand = under_way.next("acceptance", "MAUB", posting("transit:2", "prescriber:MAUB"), &accepted(2));
    vec![
        breach("application", &early, early.next("mailing", "REGION", right(), &letters(2, &both("", "")))),
        breach("mention", &journal, mail(right(), changed(letters(2, &both("", "")), "destination", text("store")))),
        breach("mention", &journal, mail(right(), letters(2, "1"))),
        breach("mention", &journal, mail(right(), letters(2, &format!("01 {}", booklet(6))))),
        breach("transit_reused", &journal, mail(posting("store", "transit:1"), letters(1, &both("", "")))),
        breach("application", &journal, mail(right(), letters(2, &both(" gift", "")))),
        breach("application", &journal, mail(six("store", "transit:2"), letters(2, &twice))),
        breach("letters", &journal, mail(right(), letters(2, &one))),
        breach("letters", &journal, mail(seven("store", "transit:2"), letters(2, &one))),
        breach("custody_path", &journal, mail(right(), letters(3, &both("", "")))),
        breach("order_suspended", &stopped, mailing(&stopped)),
        breach("role", &journal, by(mailing(&journal), "prescriber_agent")),
        breach("application", &under_way, again),
        breach("custody_path", &under_way, called_back),
        breach("custody_path", &under_way, delivered_by_hand),
        breach("application", &under_way, under_way.next("application_end", "MAUB", Vec::new(), &ended(1))),
    ]
}

/// What cannot have become of letters.
fn arrived() -> Vec<Breach> {
    let (journal, early) = (mailed(), granted());
    let report = |lines: Vec<Line>, mentions: Mentions| journal.next("letter_report", "REGION", lines, &mentions);
    let today = || delivered("2026-11-24");
    let one = || six("transit:2", "circulation");
    let sent_on = then(mailed(), |journal: &Builder| {
        let lines = vec![line("store", "transit:3", 1, 10, &[booklet(8)])];
        journal.next("dispatch", "REGION", lines, &sent(3, "prescriber:MAUB"))
    });
    let stolen = vec![line("transit:3", "circulation", 1, 10, &[booklet(8)])];
    let stolen = [one(), stolen].concat();
    vec![
        breach("application", &early, early.next("letter_report", "REGION", one(), &reported(&today(), ""))),
        breach("application", &journal, report(one(), reported(&format!("1 {} 2026-11-24", booklet(7)), ""))),
        breach("mention", &journal, report(one(), reported(&delivered("2026-11-25"), ""))),
        breach("mention", &journal, report(one(), reported(&delivered("2026-11-23"), ""))),
        breach("mention", &journal, report(one(), reported(&format!("1 {}", booklet(6)), ""))),
        breach("letters", &journal, report(one(), reported("", &format!("1 {} unclaimed", booklet(6))))),
        breach("letters", &journal, report(outcome(), reported(&today(), ""))),
        breach("letters", &journal, report(one(), Vec::new())),
        breach("custody_path", &journal, report(six("transit:2", "blocked"), reported(&today(), ""))),
        breach("custody_path", &sent_on, sent_on.next("letter_report", "REGION", stolen, &reported(&today(), ""))),
        breach("role", &journal, by(report(one(), reported(&today(), "")), "venue_agent")),
    ]
}
