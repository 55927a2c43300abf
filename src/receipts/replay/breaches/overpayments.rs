//! Overpayments and revenue orders: sound ones, and each rule of theirs broken.

use super::{
    Body, Breach, Builder, bank, breach, by, changed, claim_mentions, claimed, file_mentions, line, number, text,
    without,
};
use crate::receipts::sample::pass;

/// What was redeemed, claimed and paid.
fn paid() -> Builder {
    let mut journal = claimed();
    journal.take(bank(&journal, "claimed:CAFE", "paid:CAFE"));
    journal
}

fn overpayment(journal: &Builder, from: &str, to: &str) -> Body {
    let lines = vec![line(from, to, 0, 1, &[pass(1, 2)])];
    by(journal.next("overpayment", "REGION", lines, &claim_mentions()), "region_finance")
}

fn revenue_order(journal: &Builder, mentions: &super::Mentions) -> Body {
    by(journal.next("revenue_order", "REGION", Vec::new(), mentions), "region_finance")
}

fn offset(journal: &Builder, to: &str) -> Body {
    let lines = vec![line("claimed:CAFE", to, 0, 3, &[pass(1, 1), pass(1, 2), pass(2, 10)])];
    by(journal.next("offset", "REGION", lines, &claim_mentions()), "region_finance")
}

/// Every pass of claim 1 paid, and found not to be due.
fn overpaid() -> Builder {
    let mut journal = paid();
    let passes = [pass(1, 1), pass(1, 2), pass(2, 10)];
    let lines = vec![line("paid:CAFE", "provider:CAFE", 0, 3, &passes)];
    journal.take(by(journal.next("overpayment", "REGION", lines, &claim_mentions()), "region_finance"));
    journal
}

/// A transfer comes back, and with it ends a claim.
fn ending(journal: &Builder, returned: &str, ended: &str) -> Body {
    let said = [("claims_ended", text(ended)), ("claims_returned", text(returned))];
    let mentions = [&file_mentions()[..], &said].concat();
    by(journal.next("bank_return", "REGION", Vec::new(), &mentions), "region_finance")
}

fn asked() -> super::Mentions {
    vec![("provider_code", text("CAFE")), ("revenue_cents", number(1000)), ("revenue_order", text("2021-TR-9"))]
}

pub(super) fn sound() -> Vec<(&'static str, Builder, Body)> {
    let (journal, other) = (paid(), paid());
    let overpaid = overpayment(&journal, "paid:CAFE", "provider:CAFE");
    let order = revenue_order(&other, &asked());
    let due = claimed();
    let settled = offset(&due, "paid:CAFE");
    let undue = self::overpaid();
    let ended = ending(&undue, "1", "1");
    vec![
        ("an overpayment", journal, overpaid),
        ("a revenue order", other, order),
        ("an offset", due, settled),
        ("a claim of which nothing is due comes back", undue, ended),
    ]
}

pub(super) fn breaches() -> Vec<Breach> {
    let (journal, unpaid) = (paid(), claimed());
    let good = || overpayment(&journal, "paid:CAFE", "provider:CAFE");
    let mut without_claim = good();
    without_claim.mentions.remove("claim");
    let mut moving = good();
    "revenue_order".clone_into(&mut moving.kind);
    moving.mentions.extend(revenue_order(&journal, &asked()).mentions);
    let mut found = vec![
        breach("mention", &journal, without_claim),
        breach("custody_path", &journal, overpayment(&journal, "paid:CAFE", "provider:MAUB")),
        breach("custody_path", &journal, overpayment(&journal, "paid:CAFE", "circulation")),
        breach("balance_negative", &unpaid, overpayment(&unpaid, "paid:CAFE", "provider:CAFE")),
        breach("role", &journal, by(good(), "venue_agent")),
        breach("role", &journal, by(revenue_order(&journal, &asked()), "venue_agent")),
        breach("lines_unexpected", &journal, moving),
        breach("mention", &journal, revenue_order(&journal, &changed(asked(), "revenue_cents", text("1000")))),
    ];
    let mut nameless = offset(&unpaid, "paid:CAFE");
    nameless.mentions.remove("claim");
    found.push(breach("mention", &unpaid, nameless));
    found.push(breach("custody_path", &unpaid, offset(&unpaid, "paid:MAUB")));
    found.push(breach("custody_path", &unpaid, offset(&unpaid, "provider:CAFE")));
    found.push(breach("role", &unpaid, by(offset(&unpaid, "paid:CAFE"), "venue_agent")));
    let undue = overpaid();
    let ended_once = {
        let mut journal = overpaid();
        journal.take(ending(&journal, "1", "1"));
        journal
    };
    found.push(breach("claim_ended", &journal, ending(&journal, "1", "1")));
    found.push(breach("claim_ended", &undue, ending(&undue, "1 2", "1 2")));
    found.push(breach("claim_ended", &undue, ending(&undue, "2", "1")));
    found.push(breach("claim_ended", &ended_once, ending(&ended_once, "1", "1")));
    found.push(breach("mention", &undue, ending(&undue, "1", "01")));
    found.push(breach("mention", &undue, ending(&undue, "1", "one")));
    let mut stayed = ending(&undue, "1", "1");
    stayed.mentions.remove("claims_returned");
    found.push(breach("mention", &undue, stayed));
    for name in ["provider_code", "revenue_cents", "revenue_order"] {
        found.push(breach("mention", &journal, revenue_order(&journal, &without(asked(), name))));
    }
    found
}
