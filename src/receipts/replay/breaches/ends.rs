//! Suspensions, prorogations, expiries, credit notes, destructions and stock-takes: sound ones, and each rule of theirs
//! broken.

use super::{Body, Breach, Builder, Line, Mention, Mentions, breach, by, changed, number, six, text, without};
use crate::receipts::sample::{booklet, handed_out, line, pass};

fn finance(journal: &Builder, kind: &str, lines: Vec<Line>, mentions: &Mentions) -> Body {
    by(journal.next(kind, "REGION", lines, mentions), "region_finance")
}

fn suspended(scope: &str) -> Mentions {
    vec![("orders", text("1")), ("reason", text("security")), ("scope", text(scope))]
}

fn prorogued() -> Mentions {
    vec![("grace_end", text("2027-07-30")), ("order", number(1)), ("validity_end", text("2027-06-30"))]
}

fn credited(cents: i64) -> Mentions {
    let received = ("received_on", text("2027-04-01"));
    vec![("amount_cents", number(cents)), ("credit_note", text("AV-7")), ("order", number(1)), received]
}

/// In the store, on the way and at Maubeuge.
const UNDISTRIBUTED: i64 = 80;

fn acknowledged(passes: i64) -> Mentions {
    vec![("order", number(1)), ("undistributed_passes", number(passes)), ("validity_end", text("2026-12-31"))]
}

fn counted(passes: i64) -> Mentions {
    let counts = ["counted_booklets", "expected_booklets", "missing_booklets", "surplus_booklets"];
    let mut said: Mentions = counts.map(|name| (name, number(1))).to_vec();
    said.extend([("expected_passes", number(passes)), ("holder", text("prescriber:MAUB"))]);
    said
}

fn then(mut journal: Builder, body: impl Fn(&Builder) -> Body) -> Builder {
    let body = body(&journal);
    journal.take(body);
    journal
}

fn erased(reason: &str, people: i64, hand_outs: i64) -> Mentions {
    let mut said: Mentions =
        vec![("people", number(people)), ("hand_outs", number(hand_outs)), ("reason", text(reason))];
    said.extend(["exceptions", "replacements"].map(|name| (name, number(0))));
    if reason == "retention" {
        said.push(("contact_before", text("2024-11-24")));
    }
    said
}

/// Prorogued, after an acknowledgement of the first end.
fn longer() -> Builder {
    let told =
        then(handed_out(), |journal| finance(journal, "acknowledgement", Vec::new(), &acknowledged(UNDISTRIBUTED)));
    then(told, |journal| finance(journal, "prorogation", Vec::new(), &prorogued()))
}

/// What is left of the order, partly.
fn left() -> Vec<Line> {
    vec![
        line("circulation", "expired", 1, 8, &[booklet(1)]),
        line("circulation", "expired", 0, 1, &[pass(2, 1)]),
        line("store", "expired", 2, 20, &[booklet(6), booklet(7)]),
        line("blocked", "expired", 1, 10, &[booklet(12)]),
    ]
}

/// After the grace of the order.
fn late(body: Body) -> Body {
    Builder::dated(body, "2027-04-01")
}

fn expired() -> Builder {
    then(handed_out(), |journal| late(finance(journal, "expiry", left(), &vec![("order", number(1))])))
}

fn credit(journal: &Builder, lines: Vec<Line>, mentions: &Mentions) -> Body {
    let mut body = late(finance(journal, "credit_note", lines, mentions));
    body.number = body.number.replace("000001", "000002");
    body
}

fn given_back() -> Vec<Line> {
    vec![line("expired", "credited", 1, 8, &[booklet(1)]), line("expired", "credited", 0, 1, &[pass(2, 1)])]
}

/// The first proposal, of whole booklets.
fn proposed(booklets: &[u32]) -> Mentions {
    let items: Vec<String> = booklets.iter().map(|number| booklet(*number)).collect();
    vec![("items", text(&items.join("; "))), ("proposal", number(1)), ("reason", text("end_of_validity"))]
}

fn proposal(journal: &Builder, mentions: &Mentions) -> Body {
    let mut body = late(finance(journal, "destruction_proposal", Vec::new(), mentions));
    body.number = body.number.replace("000001", "000002");
    body.agent.pseudonym = "0f".repeat(8);
    body
}

/// These booklets are proposed to be destroyed.
fn proposing(booklets: &[u32]) -> Builder {
    then(partly_expired(), |journal| proposal(journal, &proposed(booklets)))
}

fn destroyed() -> Mentions {
    let proposed = [("proposed_by", text(&"0f".repeat(8))), ("proposed_on", text("2027-04-01"))];
    [&proposed[..], &[("proposal", number(1)), ("reason", text("end_of_validity"))]].concat()
}

/// By the accountant, of what has expired, is blocked and lies in the store.
fn destruction(journal: &Builder, lines: Vec<Line>, mentions: &Mentions) -> Body {
    let mut body = late(by(journal.next("destruction", "REGION", lines, mentions), "accountant"));
    body.number = body.number.replace("000001", "000003");
    body
}

/// Booklet 1 has expired, 12 is blocked, 6 is in the store.
const OUT_OF_USE: [u32; 3] = [1, 6, 12];

fn out_of_use() -> Vec<Line> {
    vec![
        line("expired", "destroyed", 1, 8, &[booklet(1)]),
        line("blocked", "destroyed", 1, 10, &[booklet(12)]),
        line("store", "destroyed", 1, 10, &[booklet(6)]),
    ]
}

/// Only booklet 1 of the order has expired so far.
fn partly_expired() -> Builder {
    let one = || vec![line("circulation", "expired", 1, 8, &[booklet(1)])];
    then(handed_out(), |journal| late(finance(journal, "expiry", one(), &vec![("order", number(1))])))
}

/// What must not be destroyed, or not by this hand.
fn unsigned() -> Vec<Breach> {
    let journal = proposing(&OUT_OF_USE);
    let one = |from: &str, number: u32| vec![line(from, "destroyed", 1, 10, &[booklet(number)])];
    let agent = journal.next("destruction", "REGION", out_of_use(), &destroyed()).agent.pseudonym;
    let signed = |mentions: Mentions| destruction(&journal, out_of_use(), &mentions);
    let (of_three, of_six) = (proposing(&[3]), proposing(&[6]));
    vec![
        breach("role", &journal, by(signed(destroyed()), "region_finance")),
        breach("four_eyes", &journal, signed(changed(destroyed(), "proposed_by", text(&agent)))),
        breach("four_eyes", &journal, signed(changed(destroyed(), "proposed_by", text("MAUB")))),
        breach("mention", &journal, signed(without(destroyed(), "reason"))),
        breach("mention", &journal, signed(without(destroyed(), "proposal"))),
        breach("mention", &journal, signed(without(destroyed(), "proposed_on"))),
        breach("proposal", &journal, signed(changed(destroyed(), "proposal", number(2)))),
        breach("proposal", &journal, signed(changed(destroyed(), "proposed_by", text(&"1e".repeat(8))))),
        breach("proposal", &journal, signed(changed(destroyed(), "proposed_on", text("2027-03-31")))),
        breach("proposal", &journal, signed(changed(destroyed(), "reason", text("damaged")))),
        breach("proposal", &journal, destruction(&journal, one("store", 6), &destroyed())),
        breach("custody_path", &of_three, destruction(&of_three, one("prescriber:MAUB", 3), &destroyed())),
        breach("balance_negative", &of_six, destruction(&of_six, one("expired", 6), &destroyed())),
    ]
}

/// What is proposed wrongly, or signed twice, or never proposed.
fn unproposed() -> Vec<Breach> {
    let journal = partly_expired();
    let made = |mentions: Mentions| proposal(&journal, &mentions);
    let twice = format!("{0}; {0}", booklet(6));
    let mut alone = destruction(&journal, out_of_use(), &destroyed());
    alone.number = alone.number.replace("000003", "000002");
    let gone = then(proposing(&OUT_OF_USE), |journal| destruction(journal, out_of_use(), &destroyed()));
    let mut again = destruction(&gone, out_of_use(), &destroyed());
    again.number = again.number.replace("000003", "000004");
    vec![
        breach("role", &journal, by(made(proposed(&[6])), "accountant")),
        breach("mention", &journal, made(without(proposed(&[6]), "items"))),
        breach("mention", &journal, made(without(proposed(&[6]), "reason"))),
        breach("serial", &journal, made(changed(proposed(&[6]), "items", text("HDF21-000006-99")))),
        breach("proposal", &journal, made(changed(proposed(&[6]), "items", text(&twice)))),
        breach("proposal", &journal, made(changed(proposed(&[6]), "proposal", number(2)))),
        breach("proposal", &journal, alone),
        breach("proposal", &gone, again),
    ]
}

pub(super) fn sound() -> Vec<(&'static str, Builder, Body)> {
    let mut found = Vec::new();
    let mut add = |what, journal: Builder, next: &dyn Fn(&Builder) -> Body| {
        let body = next(&journal);
        found.push((what, journal, body));
    };
    for scope in ["hand_outs", "redemptions", "everything"] {
        add("a suspension", handed_out(), &|journal| finance(journal, "suspension", Vec::new(), &suspended(scope)));
    }
    let stopped = then(handed_out(), |journal| finance(journal, "suspension", Vec::new(), &suspended("everything")));
    add("a resumption", stopped, &|journal| finance(journal, "resumption", Vec::new(), &suspended("hand_outs")));
    add("a prorogation", handed_out(), &|journal| finance(journal, "prorogation", Vec::new(), &prorogued()));
    add("a redemption after the first grace", longer(), &|journal| {
        late(super::redemption(journal, "provider:CAFE", &super::redemption_mentions().to_vec()))
    });
    add("an acknowledgement", handed_out(), &|journal| {
        finance(journal, "acknowledgement", Vec::new(), &acknowledged(UNDISTRIBUTED))
    });
    add("an acknowledgement of a later end", longer(), &|journal| {
        let later = changed(acknowledged(UNDISTRIBUTED), "validity_end", text("2027-06-30"));
        finance(journal, "acknowledgement", Vec::new(), &later)
    });
    add("an erasure", handed_out(), &|journal| finance(journal, "erasure", Vec::new(), &erased("retention", 2, 1)));
    add("an erasure on request", handed_out(), &|journal| {
        finance(journal, "erasure", Vec::new(), &erased("request", 1, 0))
    });
    add("a count", handed_out(), &|journal| journal.next("stock_take", "MAUB", Vec::new(), &counted(10)));
    add("an expiry", handed_out(), &|journal| late(finance(journal, "expiry", left(), &vec![("order", number(1))])));
    add("a proposal of destruction", partly_expired(), &|journal| proposal(journal, &proposed(&OUT_OF_USE)));
    add("a destruction", proposing(&OUT_OF_USE), &|journal| destruction(journal, out_of_use(), &destroyed()));
    let gone = then(proposing(&OUT_OF_USE), |journal| destruction(journal, out_of_use(), &destroyed()));
    add("a credit note for what was destroyed", gone, &|journal| {
        let lines = vec![line("destroyed", "credited", 1, 10, &[booklet(12)])];
        let mut body = credit(journal, lines, &credited(10_000));
        body.number = body.number.replace("000002", "000004");
        body
    });
    add("a credit note", expired(), &|journal| credit(journal, given_back(), &credited(9_000)));
    found
}

pub(super) fn breaches() -> Vec<Breach> {
    let journal = handed_out();
    let record = |kind: &str, mentions: Mentions| finance(&journal, kind, Vec::new(), &mentions);
    let mut found = vec![
        breach("order_unknown", &journal, record("suspension", changed(suspended("everything"), "orders", text("2")))),
        breach("mention", &journal, record("suspension", changed(suspended("everything"), "orders", text("01")))),
        breach("mention", &journal, record("suspension", suspended("all"))),
        breach("mention", &journal, record("suspension", without(suspended("everything"), "reason"))),
        breach("suspension", &journal, record("resumption", suspended("everything"))),
        breach("role", &journal, by(record("suspension", suspended("everything")), "prescriber_agent")),
        breach("order_unknown", &journal, record("prorogation", changed(prorogued(), "order", number(2)))),
        breach(
            "prorogation",
            &journal,
            record("prorogation", changed(prorogued(), "validity_end", text("2026-12-31"))),
        ),
        breach("prorogation", &journal, record("prorogation", changed(prorogued(), "grace_end", text("2027-06-29")))),
        breach("mention", &journal, record("prorogation", without(prorogued(), "grace_end"))),
        breach(
            "order_unknown",
            &journal,
            record("acknowledgement", changed(acknowledged(UNDISTRIBUTED), "order", number(2))),
        ),
        breach("acknowledgement", &journal, record("acknowledgement", acknowledged(UNDISTRIBUTED + 1))),
        breach(
            "acknowledgement",
            &journal,
            record("acknowledgement", changed(acknowledged(UNDISTRIBUTED), "validity_end", text("2026-12-30"))),
        ),
        breach("acknowledgement", &journal, late(record("acknowledgement", acknowledged(UNDISTRIBUTED)))),
        breach(
            "mention",
            &journal,
            record("acknowledgement", without(acknowledged(UNDISTRIBUTED), "undistributed_passes")),
        ),
        breach("role", &journal, by(record("acknowledgement", acknowledged(UNDISTRIBUTED)), "prescriber_agent")),
        breach("erasure", &journal, record("erasure", erased("retention", 2, 9))),
        breach("erasure", &journal, record("erasure", erased("retention", 1, -1))),
        breach("erasure", &journal, record("erasure", erased("retention", 0, 0))),
        breach("erasure", &journal, record("erasure", erased("request", 2, 0))),
        breach("mention", &journal, record("erasure", erased("boredom", 1, 0))),
        breach("mention", &journal, record("erasure", without(erased("retention", 1, 0), "contact_before"))),
        breach(
            "mention",
            &journal,
            record("erasure", changed(erased("retention", 1, 0), "contact_before", text("2199-01-01"))),
        ),
        breach("mention", &journal, record("erasure", without(erased("request", 1, 0), "exceptions"))),
        breach("role", &journal, by(record("erasure", erased("request", 1, 0)), "prescriber_agent")),
        breach("stock_take", &journal, journal.next("stock_take", "MAUB", Vec::new(), &counted(20))),
        breach("mention", &journal, journal.next("stock_take", "MAUB", Vec::new(), &without(counted(10), "holder"))),
        breach("role", &journal, by(record("stock_take", counted(10)), "venue_agent")),
    ];
    let again =
        then(handed_out(), |journal| finance(journal, "acknowledgement", Vec::new(), &acknowledged(UNDISTRIBUTED)));
    let twice = finance(&again, "acknowledgement", Vec::new(), &acknowledged(UNDISTRIBUTED));
    found.push(breach("acknowledgement", &again, twice));
    found.extend(stopped());
    found.extend(over());
    found.extend(unsigned());
    found.extend(unproposed());
    found
}

/// What a suspended order does not allow.
fn stopped() -> Vec<Breach> {
    let no = |scope: &str| then(handed_out(), |journal| finance(journal, "suspension", Vec::new(), &suspended(scope)));
    let (given, spent) = (no("hand_outs"), no("redemptions"));
    let hand_out = super::hand_out(&given, &super::hand_out_mentions().to_vec());
    let redemption = super::redemption(&spent, "provider:CAFE", &super::redemption_mentions().to_vec());
    vec![breach("order_suspended", &given, hand_out), breach("order_suspended", &spent, redemption)]
}

/// What ends an order too early, twice, or for another amount.
fn over() -> Vec<Breach> {
    let (journal, later) = (handed_out(), expired());
    let of = |order: i64| vec![("order", number(order))];
    let expiry = |lines: Vec<Line>, mentions: &Mentions| late(finance(&journal, "expiry", lines, mentions));
    let spent = vec![line("provider:CAFE", "expired", 0, 1, &[pass(1, 1)])];
    let again = credit(&later, left(), &credited(39_000));
    let ahead = changed(credited(9_000), "received_on", text("2027-04-02"));
    let none: Vec<(&str, Mention)> = without(credited(9_000), "credit_note");
    vec![
        breach("grace_not_ended", &journal, finance(&journal, "expiry", left(), &of(1))),
        breach("order_unknown", &journal, expiry(left(), &of(2))),
        breach("custody_path", &journal, expiry(spent, &of(1))),
        breach("custody_path", &journal, expiry(six("store", "credited"), &of(1))),
        breach("custody_path", &later, again),
        breach("credit_amount", &later, credit(&later, given_back(), &credited(9_001))),
        breach("mention", &later, credit(&later, given_back(), &ahead)),
        breach("mention", &later, credit(&later, given_back(), &none)),
    ]
}
