//! Journals that somebody with the key sealed, each wrong in its last receipt only, and each by one rule that the acts
//! hold too; and the sound ones beside them. What never lives here: the code under test.

mod allocations;
mod applications;
mod claims;
mod closings;
mod contradiction;
mod ends;
mod follow_ups;
mod incidents;
mod overpayments;
mod people_key;
mod restores;
mod statements;

use self::claims::{bank, claim, claim_mentions, claimed, file_mentions, of_claim, payee, payment, rejection};
use self::restores::{restore, restored};
use super::super::sample::{
    Builder, REDEMPTION, accepted, booklet, exception_mentions, hand_out_mentions, handed_out, line, order_mentions,
    pass, recalled, redemption_mentions, restore_mentions, sent, text,
};
use super::super::{Body, Line, Mention, Receipt, chain};

/// A journal whose last receipt breaks one rule.
pub(in crate::receipts) struct Breach {
    pub(in crate::receipts) code: &'static str,
    pub(in crate::receipts) what: String,
    pub(in crate::receipts) receipts: Vec<Receipt>,
}

type Mentions = Vec<(&'static str, Mention)>;

fn with(journal: &Builder, body: Body) -> Vec<Receipt> {
    let mut receipts = journal.receipts.clone();
    receipts.push(chain::seal_receipt(body).unwrap());
    receipts
}

fn by(mut body: Body, role: &str) -> Body {
    role.clone_into(&mut body.agent.role);
    body
}

fn without(mut mentions: Mentions, name: &str) -> Mentions {
    mentions.retain(|(other, _)| *other != name);
    mentions
}

fn changed(mentions: Mentions, name: &'static str, value: Mention) -> Mentions {
    let mut mentions = without(mentions, name);
    mentions.push((name, value));
    mentions
}

const fn number(value: i64) -> Mention {
    Mention::Number(value)
}

/// Booklet 3, which MAUB has in [`handed_out`].
fn three(from: &str, to: &str) -> Vec<Line> {
    vec![line(from, to, 1, 10, &[booklet(3)])]
}

/// Booklet 5, which is on its way to MAUB in [`handed_out`].
fn five(from: &str, to: &str) -> Vec<Line> {
    vec![line(from, to, 1, 10, &[booklet(5)])]
}

/// Booklet 6, which is in the store in [`handed_out`].
fn six(from: &str, to: &str) -> Vec<Line> {
    vec![line(from, to, 1, 10, &[booklet(6)])]
}

fn given_back() -> Vec<Line> {
    vec![line("provider:CAFE", "circulation", 0, 3, &[pass(1, 1), pass(1, 2), pass(2, 10)])]
}

/// [`handed_out`], then booklet 3 sent by MAUB to DESK.
fn sent_on() -> Builder {
    let mut journal = handed_out();
    let body = journal.next("dispatch", "MAUB", three("prescriber:MAUB", "transit:2"), &sent(2, "prescriber:DESK"));
    journal.take(body);
    journal
}

fn hand_out(journal: &Builder, mentions: &Mentions) -> Body {
    journal.next("hand_out", "MAUB", three("prescriber:MAUB", "circulation"), mentions)
}

fn redemption(journal: &Builder, to: &str, mentions: &Mentions) -> Body {
    journal.next("redemption", "CAFE", vec![line("circulation", to, 0, 1, &[pass(1, 3)])], mentions)
}

fn reversal(journal: &Builder, code: &str) -> Body {
    let mut body = journal.next("reversal", code, given_back(), &[]);
    body.corrects = Some(REDEMPTION.to_owned());
    body
}

/// A sound receipt of each kind, as the next one of [`handed_out`].
fn each_kind(journal: &Builder) -> Vec<Body> {
    let mut delivered = line("issue:1-2", "store", 1, 10, &[booklet(13)]);
    delivered.batch = "1-2".to_owned();
    vec![
        journal.next("order", "REGION", Vec::new(), &order_mentions(2, 21, 30)),
        journal.next("delivery", "REGION", vec![delivered], &[]),
        journal.next("exception", "REGION", Vec::new(), &exception_mentions(2)),
        journal.next("dispatch", "REGION", six("store", "transit:2"), &sent(2, "prescriber:DESK")),
        journal.next("dispatch", "MAUB", three("prescriber:MAUB", "transit:2"), &sent(2, "prescriber:DESK")),
        journal.next("return", "MAUB", three("prescriber:MAUB", "transit:2"), &sent(2, "store")),
        journal.next("acceptance", "MAUB", five("transit:1", "prescriber:MAUB"), &accepted(1)),
        hand_out(journal, &hand_out_mentions().to_vec()),
        redemption(journal, "provider:CAFE", &redemption_mentions().to_vec()),
        reversal(journal, "CAFE"),
        restore(journal, &restore_mentions(journal, 2).to_vec()),
        claim(journal, "CAFE", "claimed:CAFE"),
        by(claim(journal, "REGION", "claimed:CAFE"), "region_finance"),
        of_claim(journal, "claim_approval"),
        of_claim(journal, "claim_suspension"),
        of_claim(journal, "claim_resumption"),
        payee(journal),
        payment(journal),
        by(journal.next("bank_return", "REGION", Vec::new(), &file_mentions()), "region_finance"),
    ]
}

/// Sound journals, by what their last receipt does.
pub(in crate::receipts) fn sound() -> Vec<(String, Vec<Receipt>)> {
    let journal = handed_out();
    let mut sound: Vec<(String, Vec<Receipt>)> = Vec::new();
    let mut add = |what: &str, journal: &Builder, body: Body| sound.push((what.to_owned(), with(journal, body)));
    for body in each_kind(&journal) {
        add(&format!("{} by {}", body.kind, body.office.code), &journal, body);
    }
    for to in ["store", "blocked"] {
        let body = journal.next("acceptance", "REGION", five("transit:1", to), &recalled(1));
        add("the Region calls its dispatch back", &journal, by(body, "region_finance"));
    }
    add("a damaged booklet", &journal, journal.next("acceptance", "MAUB", five("transit:1", "blocked"), &accepted(1)));
    let (later, mut undoing) = (restored(), restored().next("reversal", "CAFE", given_back(), &[]));
    undoing.corrects = Some(REDEMPTION.to_owned());
    add("what an earlier epoch recorded is undone in a later one", &later, undoing);
    let mut again = line("provider:CAFE", "circulation", 0, 1, &[pass(1, 3)]);
    again.items = vec![pass(1, 3)];
    let mut undoing = later.next("reversal", "CAFE", vec![again], &[]);
    undoing.corrects = Some("HDF21-CAFE-2026E2-000002".to_owned());
    add("and so is what the later one recorded", &later, undoing);
    add("a second restore skips an epoch", &later, restore(&later, &restore_mentions(&later, 7).to_vec()));
    add("the Region undoes", &journal, by(reversal(&journal, "REGION"), "region_finance"));
    let between = sent_on();
    let lines = three("transit:2", "prescriber:MAUB");
    add("a prescriber calls back", &between, between.next("acceptance", "MAUB", lines, &recalled(2)));
    let lines = three("transit:2", "prescriber:DESK");
    add("another prescriber accepts", &between, between.next("acceptance", "DESK", lines, &accepted(2)));
    let last = Builder::dated(hand_out(&journal, &hand_out_mentions().to_vec()), "2026-12-31");
    add("the last day of hand-outs", &journal, last);
    let last = Builder::dated(redemption(&journal, "provider:CAFE", &redemption_mentions().to_vec()), "2027-03-31");
    add("the last day of redemptions", &journal, last);
    let mut others =
        vec![incidents::sound(), ends::sound(), applications::sound(), allocations::sound(), overpayments::sound()];
    others.extend([statements::sound(), contradiction::sound(), follow_ups::sound(), people_key::sound()]);
    for (what, journal, body) in others.into_iter().flatten() {
        add(what, &journal, body);
    }
    let mut rejected = claimed();
    add("a pass of a claim is rejected", &rejected, rejection(&rejected, "provider:CAFE"));
    let all = vec![line("claimed:CAFE", "provider:CAFE", 0, 3, &[pass(1, 1), pass(1, 2), pass(2, 10)])];
    rejected.take(by(rejected.next("claim_rejection", "REGION", all, &claim_mentions()), "region_finance"));
    add("what was rejected is claimed again", &rejected, claim(&rejected, "CAFE", "claimed:CAFE"));
    let mut paid = claimed();
    add("the bank pays", &paid, bank(&paid, "claimed:CAFE", "paid:CAFE"));
    paid.take(bank(&paid, "claimed:CAFE", "paid:CAFE"));
    add("what was paid comes back", &paid, bank(&paid, "paid:CAFE", "claimed:CAFE"));
    add("what was rejected whole is undone", &rejected, reversal(&rejected, "CAFE"));
    sound.extend(closings::sound());
    sound
}

/// Every rule that the acts hold, broken once or more.
pub(in crate::receipts) fn breaches() -> Vec<Breach> {
    let mut found = roles();
    found.extend(paths());
    found.extend(sendings());
    found.extend(exceptions());
    found.extend(dates());
    found.extend(restores::breaches());
    found.extend(claims::breaches());
    found.extend(closings::breaches());
    found.extend(incidents::breaches());
    found.extend(ends::breaches());
    found.extend(applications::breaches());
    found.extend(allocations::breaches());
    found.extend(overpayments::breaches());
    found.extend(statements::breaches());
    found.extend(contradiction::breaches());
    found.extend(follow_ups::breaches());
    found.extend(people_key::breaches());
    found
}

fn breach(code: &'static str, journal: &Builder, body: Body) -> Breach {
    let what = format!("{} by {}: {:?} {:?}", body.kind, body.agent.role, body.lines, body.mentions);
    Breach { code, what, receipts: with(journal, body) }
}

fn roles() -> Vec<Breach> {
    let journal = handed_out();
    let activation = [("order", number(1)), ("payment_order", text("2026-M-0815"))];
    let mut bodies = each_kind(&journal);
    bodies.push(journal.next("activation", "REGION", Vec::new(), &activation));
    bodies.push(closings::closing(&journal, "2026-11-25", &Vec::new()));
    let wrong = |body: &Body| -> Vec<&str> {
        match body.kind.as_str() {
            "order" | "delivery" | "exception" | "activation" | "restore" | "closing" | "claim_approval"
            | "claim_suspension" | "claim_resumption" | "payee" | "payment" | "bank_return" => {
                vec!["prescriber_agent", "venue_agent"]
            }
            "dispatch" | "acceptance" => vec!["venue_agent"],
            "return" | "hand_out" => vec!["region_admin", "region_finance", "venue_agent"],
            "redemption" => vec!["region_admin", "prescriber_agent"],
            _ => vec!["prescriber_agent"],
        }
    };
    let one = |body: &Body, role: &str| breach("role", &journal, by(body.clone(), role));
    let mut found = Vec::new();
    for body in &bodies {
        found.extend(wrong(body).into_iter().map(|role| one(body, role)));
        found.extend(["accountant", "auditor", "platform", "region"].map(|role| one(body, role)));
    }
    found
}

fn paths() -> Vec<Breach> {
    let journal = handed_out();
    let next = |kind, code, lines, mentions: &[(&str, Mention)]| journal.next(kind, code, lines, mentions);
    let to_desk = sent(2, "prescriber:DESK");
    let mut bodies = vec![
        next("dispatch", "MAUB", six("store", "transit:2"), &to_desk),
        next("dispatch", "REGION", three("prescriber:MAUB", "transit:2"), &to_desk),
        next("dispatch", "DESK", three("prescriber:MAUB", "transit:2"), &sent(2, "prescriber:MAUB")),
        next("dispatch", "REGION", six("store", "transit:3"), &to_desk),
        next("dispatch", "REGION", six("blocked", "transit:2"), &to_desk),
        next("return", "DESK", three("prescriber:MAUB", "transit:2"), &sent(2, "store")),
        next("return", "MAUB", three("prescriber:MAUB", "transit:3"), &sent(2, "store")),
        // Only whoever it is for accepts, and only as its own.
        next("acceptance", "MAUB", five("transit:1", "prescriber:DESK"), &accepted(1)),
        next("acceptance", "MAUB", five("transit:1", "store"), &accepted(1)),
        next("acceptance", "DESK", five("transit:1", "prescriber:DESK"), &accepted(1)),
        next("acceptance", "DESK", five("transit:1", "prescriber:MAUB"), &accepted(1)),
        next("acceptance", "REGION", five("transit:1", "store"), &accepted(1)),
        next("acceptance", "REGION", five("transit:1", "blocked"), &accepted(1)),
        // Only the sender calls back, and only to itself.
        next("acceptance", "MAUB", five("transit:1", "prescriber:MAUB"), &recalled(1)),
        next("acceptance", "MAUB", five("transit:1", "blocked"), &recalled(1)),
        next("acceptance", "REGION", five("transit:1", "prescriber:MAUB"), &recalled(1)),
        next("hand_out", "DESK", three("prescriber:MAUB", "circulation"), &hand_out_mentions()),
        redemption(&journal, "provider:MAUB", &redemption_mentions().to_vec()),
        by(reversal(&journal, "MAUB"), "venue_agent"),
    ];
    bodies.push(by(next("hand_out", "REGION", six("store", "circulation"), &hand_out_mentions()), "prescriber_agent"));
    let mut found: Vec<Breach> = bodies.into_iter().map(|body| breach("custody_path", &journal, body)).collect();
    let between = sent_on();
    let other = between.next("acceptance", "MAUB", three("transit:2", "prescriber:MAUB"), &accepted(1));
    found.push(breach("custody_path", &between, other));
    found
}

fn sendings() -> Vec<Breach> {
    let journal = handed_out();
    let dispatch = |mentions: Mentions| journal.next("dispatch", "REGION", six("store", "transit:2"), &mentions);
    let good = || sent(2, "prescriber:DESK").to_vec();
    let acceptance = |mentions: Mentions| journal.next("acceptance", "REGION", five("transit:1", "store"), &mentions);
    let recall = || recalled(1).to_vec();
    let mut found = vec![
        breach("mention", &journal, dispatch(without(good(), "dispatch"))),
        breach("mention", &journal, dispatch(changed(good(), "dispatch", text("2")))),
        breach("mention", &journal, dispatch(without(good(), "destination"))),
        breach("mention", &journal, acceptance(without(recall(), "dispatch"))),
        breach("mention", &journal, acceptance(changed(recall(), "recall", number(2)))),
        breach("mention", &journal, acceptance(changed(recall(), "recall", text("1")))),
        breach("transit_unknown", &journal, acceptance(changed(recall(), "dispatch", number(2)))),
        breach("transit_reused", &journal, dispatch(sent(1, "prescriber:DESK").to_vec())),
    ];
    for wrong in ["store", "circulation", "prescriber:maub", "prescriber:", "prescriber:MAUB "] {
        found.push(breach("mention", &journal, dispatch(changed(good(), "destination", text(wrong)))));
    }
    let lines = three("prescriber:MAUB", "transit:2");
    let back = journal.next("return", "MAUB", lines.clone(), &sent(2, "prescriber:DESK"));
    found.push(breach("mention", &journal, back));
    let own = journal.next("dispatch", "MAUB", lines, &sent(2, "prescriber:MAUB"));
    found.push(breach("same_holder", &journal, own));
    found
}

fn exceptions() -> Vec<Breach> {
    let journal = handed_out();
    let granted = |mentions: Mentions| journal.next("exception", "REGION", Vec::new(), &mentions);
    let good = || exception_mentions(2).to_vec();
    let used = |value: Mention| {
        let mentions = changed(hand_out_mentions().to_vec(), "exception", value);
        hand_out(&journal, &mentions)
    };
    let mut found = vec![
        breach("mention", &journal, granted(without(good(), "exception"))),
        breach("mention", &journal, granted(without(good(), "passes_granted"))),
        breach("mention", &journal, granted(changed(good(), "passes_granted", number(0)))),
        breach("mention", &journal, granted(changed(good(), "passes_granted", number(100)))),
        breach("mention", &journal, used(text("1"))),
        breach("exception_used", &journal, used(number(1))),
    ];
    for wrong in [-1, 0, 1, 3] {
        found.push(breach("exception_sequence", &journal, granted(changed(good(), "exception", number(wrong)))));
    }
    for wrong in [-1, 0, 2] {
        found.push(breach("exception_unknown", &journal, used(number(wrong))));
    }
    found
}

fn dates() -> Vec<Breach> {
    let journal = handed_out();
    let good = || order_mentions(2, 21, 30).to_vec();
    let order = |mentions: Mentions| journal.next("order", "REGION", Vec::new(), &mentions);
    let given = |day: &str| Builder::dated(hand_out(&journal, &hand_out_mentions().to_vec()), day);
    let spent = |mentions: &Mentions| redemption(&journal, "provider:CAFE", mentions);
    let mentions = redemption_mentions().to_vec();
    let early = changed(mentions.clone(), "performed_on", text("2026-11-23"));
    let late = Builder::dated(spent(&mentions), "2027-04-01");
    let mut found = vec![
        breach("validity_ended", &journal, given("2027-01-01")),
        breach("grace_ended", &journal, late),
        breach("performed_before_hand_out", &journal, spent(&early)),
        breach("performed_before_hand_out", &journal, spent(&changed(early, "performed_on", text("1999-12-31")))),
        breach("mention", &journal, order(changed(good(), "grace_end", text("2026-12-30")))),
    ];
    for name in ["validity_end", "grace_end"] {
        found.push(breach("mention", &journal, order(without(good(), name))));
        for wrong in ["2026-02-30", "2026-12-31 ", "20261231", "1849-12-31", "2201-01-01", "2026-W53-4"] {
            found.push(breach("mention", &journal, order(changed(good(), name, text(wrong)))));
        }
    }
    found
}
