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

/// Somebody applied through an office, and agreed to be called or did not.
fn filed(office: &str, role: &str, agrees: bool) -> Builder {
    let mut journal = handed_out();
    let said = vec![
        ("application", number(1)),
        ("commitment", text(&"a3".repeat(32))),
        ("complete", number(1)),
        ("passes_asked", number(10)),
        ("step", text("received")),
    ];
    let said = if agrees { changed(said, "follow_up", text("phone")) } else { said };
    let body = by(journal.next("application", office, Vec::new(), &said), role);
    journal.take(body);
    journal
}

/// Somebody agreed when they applied through an office, and another office reminds them.
fn applied(filed_by: &str, role: &str, reminds: &str) -> (Builder, Body) {
    let journal = filed(filed_by, role, true);
    let body = follow_up(&journal, reminds, &reminded(&hand_out_of(&journal), 1));
    (journal, body)
}

/// The application of somebody, who agreed or did not, is refused; so many contacts go with it.
fn refused(agrees: bool, contacts: i64) -> (Builder, Body) {
    let journal = filed("MAUB", "prescriber_agent", agrees);
    let said = vec![
        ("application", number(1)),
        ("contacts", number(contacts)),
        ("decision", text("refused")),
        ("reason", text("none_left")),
    ];
    let body = by(journal.next("application_decision", "REGION", Vec::new(), &said), "region_admin");
    (journal, body)
}

/// Whoever applied through MAUB and was refused is reminded all the same.
fn reminded_of_nothing() -> (Builder, Body) {
    let (mut journal, body) = refused(true, 1);
    let filed = hand_out_of(&journal);
    journal.take(body);
    let body = follow_up(&journal, "MAUB", &reminded(&filed, 1));
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
        ("a refusal that takes the contact with it", refused(true, 1)),
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
    let of_application = |(journal, body): (Builder, Body)| breach("application", &journal, body);
    vec![
        breach("follow_up", &journal, at("DESK", good())),
        breach("follow_up", &journal, at("REGION", good())),
        breach("follow_up", &journal, at("DESK", revoked(&hand_out))),
        breach("follow_up", &journal, at("MAUB", reminded(&hand_out, 2))),
        breach("follow_up", &journal, at("MAUB", reminded("HDF21-MAUB-2026-999999", 1))),
        breach("follow_up", &nobody, follow_up(&nobody, "MAUB", &good())),
        breach("follow_up", &back, follow_up(&back, "MAUB", &good())),
        of(applied("MAUB", "prescriber_agent", "DESK")),
        of(reminded_of_nothing()),
        of_application(refused(true, 2)),
        of_application(refused(false, 1)),
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
