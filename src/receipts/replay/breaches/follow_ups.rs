//! Reminders and words taken back: sound ones, and each rule of theirs broken.

use super::{Body, Breach, Builder, Mentions, breach, by, changed, hand_out, number, text, without};
use crate::receipts::sample::{hand_out_mentions, handed_out};

/// Booklet 3 was handed out by MAUB to somebody who agreed to be called.
fn agreed() -> Builder {
    let mut journal = handed_out();
    let said = changed(hand_out_mentions().to_vec(), "follow_up", text("phone"));
    let body = hand_out(&journal, &said);
    journal.take(body);
    journal
}

fn hand_out_of(journal: &Builder) -> String {
    journal.receipts.last().map(|receipt| receipt.body().number.clone()).unwrap_or_default()
}

fn reminded(hand_out: &str, reminder: i64) -> Mentions {
    vec![
        ("follow_up", text("phone")),
        ("hand_out", text(hand_out)),
        ("reminder", number(reminder)),
        ("step", text("reminded")),
    ]
}

fn revoked(hand_out: &str) -> Mentions {
    vec![("hand_out", text(hand_out)), ("step", text("revoked"))]
}

fn follow_up(journal: &Builder, code: &str, mentions: &Mentions) -> Body {
    journal.next("follow_up", code, Vec::new(), mentions)
}

fn erased(journal: &Builder, (reason, people): (&str, i64), contacts: i64) -> Body {
    let mut said = ["exceptions", "hand_outs", "replacements"].map(|name| (name, number(0))).to_vec();
    said.extend([("contacts", number(contacts)), ("people", number(people)), ("reason", text(reason))]);
    by(journal.next("erasure", "REGION", Vec::new(), &said), "region_finance")
}

/// Somebody agreed when they applied through an office, and another office reminds them.
fn applied(filed_by: &str, role: &str, reminds: &str) -> (Builder, Body) {
    let mut journal = handed_out();
    let said = vec![
        ("application", number(1)),
        ("commitment", text(&"a3".repeat(32))),
        ("complete", number(1)),
        ("follow_up", text("phone")),
        ("passes_asked", number(10)),
        ("step", text("received")),
    ];
    let body = by(journal.next("application", filed_by, Vec::new(), &said), role);
    journal.take(body);
    let body = follow_up(&journal, reminds, &reminded(&hand_out_of(&journal), 1));
    (journal, body)
}

pub(super) fn sound() -> Vec<(&'static str, Builder, Body)> {
    let of = |next: &dyn Fn(&Builder, &str) -> Body| {
        let journal = agreed();
        let body = next(&journal, &hand_out_of(&journal));
        (journal, body)
    };
    let mut again = agreed();
    let hand_out = hand_out_of(&again);
    let first = follow_up(&again, "MAUB", &reminded(&hand_out, 1));
    again.take(first);
    let second = follow_up(&again, "MAUB", &reminded(&hand_out, 2));
    let cases = [
        ("a reminder", of(&|journal, hand_out| follow_up(journal, "MAUB", &reminded(hand_out, 1)))),
        ("a second reminder", (again, second)),
        ("a word taken back at the desk", of(&|journal, hand_out| follow_up(journal, "MAUB", &revoked(hand_out)))),
        ("a word taken back at the Region", of(&|journal, hand_out| follow_up(journal, "REGION", &revoked(hand_out)))),
        ("a prescriber reminds whom it applied for", applied("MAUB", "prescriber_agent", "MAUB")),
        ("the Region reminds whom a machine applied for", applied("AIDES", "platform", "REGION")),
        ("contacts that have served", of(&|journal, _| erased(journal, ("follow_up", 0), 1))),
        ("a person with a contact", of(&|journal, _| erased(journal, ("request", 1), 1))),
    ];
    cases.into_iter().map(|(what, (journal, body))| (what, journal, body)).collect()
}

pub(super) fn breaches() -> Vec<Breach> {
    let (journal, nobody) = (agreed(), handed_out());
    let hand_out = hand_out_of(&journal);
    let good = || reminded(&hand_out, 1);
    let at = |code: &str, mentions: Mentions| follow_up(&journal, code, &mentions);
    let mut back = agreed();
    let word = follow_up(&back, "MAUB", &revoked(&hand_out));
    back.take(word);
    let mut gone = agreed();
    let erasure = erased(&gone, ("follow_up", 0), 1);
    gone.take(erasure);
    let mut unsaid = super::hand_out(&nobody, &hand_out_mentions().to_vec());
    unsaid.mentions.insert("follow_up".to_owned(), text("pigeon"));
    let of = |(journal, body): (Builder, Body)| breach("follow_up", &journal, body);
    vec![
        breach("follow_up", &journal, at("DESK", good())),
        breach("follow_up", &journal, at("REGION", good())),
        breach("follow_up", &journal, at("DESK", revoked(&hand_out))),
        breach("follow_up", &journal, at("MAUB", reminded(&hand_out, 2))),
        breach("follow_up", &journal, at("MAUB", reminded("HDF21-MAUB-2026-999999", 1))),
        breach("follow_up", &nobody, follow_up(&nobody, "MAUB", &good())),
        breach("follow_up", &back, follow_up(&back, "MAUB", &good())),
        of(applied("MAUB", "prescriber_agent", "DESK")),
        of(applied("MAUB", "prescriber_agent", "REGION")),
        of(applied("AIDES", "platform", "MAUB")),
        breach("mention", &nobody, unsaid),
        breach("mention", &journal, at("MAUB", changed(good(), "step", text("called")))),
        breach("mention", &journal, at("MAUB", changed(good(), "follow_up", text("pigeon")))),
        breach("mention", &journal, at("MAUB", without(good(), "hand_out"))),
        breach("mention", &journal, at("MAUB", without(good(), "reminder"))),
        breach("role", &journal, by(at("MAUB", good()), "venue_agent")),
        breach("erasure", &journal, erased(&journal, ("follow_up", 0), 2)),
        breach("erasure", &journal, erased(&journal, ("follow_up", 0), 0)),
        breach("erasure", &journal, erased(&journal, ("follow_up", 1), 1)),
        breach("erasure", &gone, erased(&gone, ("follow_up", 0), 1)),
    ]
}
