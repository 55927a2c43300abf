//! Claims and payments: their receipts, and each rule of theirs broken. What never lives here: what is overpaid.

use super::super::super::sample::{REDEMPTION, handed_out, line, pass, text};
use super::{Body, Breach, Builder, Mention, Mentions, breach, by, number};

pub(super) fn claim_mentions() -> Mentions {
    vec![("claim", number(1))]
}

/// The passes of the redemption in [`handed_out`], claimed.
pub(super) fn claim(journal: &Builder, code: &str, to: &str) -> Body {
    let lines = vec![line("provider:CAFE", to, 0, 3, &[pass(1, 1), pass(1, 2), pass(2, 10)])];
    journal.next("claim", code, lines, &claim_mentions())
}

pub(super) fn of_claim(journal: &Builder, kind: &str) -> Body {
    by(journal.next(kind, "REGION", Vec::new(), &claim_mentions()), "region_finance")
}

/// [`handed_out`] and the claim for what was redeemed.
pub(super) fn claimed() -> Builder {
    let mut journal = handed_out();
    journal.take(claim(&journal, "CAFE", "claimed:CAFE"));
    journal
}

pub(super) fn rejection(journal: &Builder, to: &str) -> Body {
    let lines = vec![line("claimed:CAFE", to, 0, 1, &[pass(1, 2)])];
    by(journal.next("claim_rejection", "REGION", lines, &claim_mentions()), "region_finance")
}

pub(super) fn file_mentions() -> Mentions {
    vec![("file_hash", text(&"a5".repeat(32)))]
}

pub(super) fn payee(journal: &Builder) -> Body {
    let mentions = [
        ("payee", number(4)),
        ("account_commitment", text(&"a3".repeat(32))),
        ("proposed_by", text("0123456789abcdef")),
    ];
    by(journal.next("payee", "REGION", Vec::new(), &mentions), "region_finance")
}

pub(super) fn payment(journal: &Builder) -> Body {
    let mentions = [&file_mentions()[..], &[("payment", number(1))]].concat();
    by(journal.next("payment", "REGION", Vec::new(), &mentions), "region_finance")
}

/// A bank's word for the passes claimed in [`claimed`].
pub(super) fn bank(journal: &Builder, from: &str, to: &str) -> Body {
    let lines = vec![line(from, to, 0, 3, &[pass(1, 1), pass(1, 2), pass(2, 10)])];
    by(journal.next("bank_return", "REGION", lines, &file_mentions()), "region_finance")
}

fn of_payments() -> Vec<Breach> {
    let (journal, later) = (handed_out(), claimed());
    let changed_in = |mut body: Body, name: &str, value: Option<Mention>| {
        body.mentions.remove(name);
        body.mentions.extend(value.map(|value| (name.to_owned(), value)));
        body
    };
    let with_lines = |mut body: Body, kind: &str| {
        kind.clone_into(&mut body.kind);
        body.mentions.extend(payee(&later).mentions);
        body.mentions.extend(payment(&later).mentions);
        body
    };
    vec![
        breach("mention", &journal, changed_in(payee(&journal), "payee", None)),
        breach("mention", &journal, changed_in(payee(&journal), "account_commitment", Some(text("a3")))),
        breach("mention", &journal, changed_in(payee(&journal), "proposed_by", None)),
        breach("four_eyes", &journal, changed_in(payee(&journal), "proposed_by", Some(text("9f86d081884c7d65")))),
        breach("four_eyes", &journal, changed_in(payee(&journal), "proposed_by", Some(text("somebody")))),
        breach("mention", &journal, changed_in(payment(&journal), "payment", Some(text("1")))),
        breach("mention", &journal, changed_in(payment(&journal), "file_hash", None)),
        breach("mention", &later, changed_in(bank(&later, "claimed:CAFE", "paid:CAFE"), "file_hash", Some(text("a5")))),
        breach("custody_path", &later, bank(&later, "claimed:CAFE", "paid:MAUB")),
        breach("custody_path", &later, bank(&later, "claimed:CAFE", "provider:CAFE")),
        breach("balance_negative", &later, bank(&later, "paid:CAFE", "claimed:CAFE")),
        breach("lines_unexpected", &later, with_lines(bank(&later, "claimed:CAFE", "paid:CAFE"), "payee")),
        breach("lines_unexpected", &later, with_lines(bank(&later, "claimed:CAFE", "paid:CAFE"), "payment")),
    ]
}

fn of_claims() -> Vec<Breach> {
    let (journal, later) = (handed_out(), claimed());
    let without_number = |mut body: Body| {
        body.mentions.remove("claim");
        body
    };
    let mut found = vec![
        breach("mention", &journal, without_number(claim(&journal, "CAFE", "claimed:CAFE"))),
        breach("mention", &later, without_number(rejection(&later, "provider:CAFE"))),
        breach("custody_path", &journal, claim(&journal, "CAFE", "claimed:MAUB")),
        breach("custody_path", &journal, claim(&journal, "CAFE", "paid:CAFE")),
        breach("custody_path", &journal, by(claim(&journal, "MAUB", "claimed:CAFE"), "venue_agent")),
        breach("custody_path", &later, rejection(&later, "provider:MAUB")),
        breach("custody_path", &later, rejection(&later, "circulation")),
        breach("balance_negative", &later, claim(&later, "CAFE", "claimed:CAFE")),
    ];
    for kind in ["claim_approval", "claim_suspension", "claim_resumption"] {
        found.push(breach("mention", &later, without_number(of_claim(&later, kind))));
        let mut moving = rejection(&later, "provider:CAFE");
        kind.clone_into(&mut moving.kind);
        found.push(breach("lines_unexpected", &later, moving));
    }
    // What is claimed is no longer the provider's to undo.
    found.push(breach("custody_path", &later, {
        let lines = vec![line("claimed:CAFE", "circulation", 0, 3, &[pass(1, 1), pass(1, 2), pass(2, 10)])];
        let mut body = later.next("reversal", "CAFE", lines, &[]);
        body.corrects = Some(REDEMPTION.to_owned());
        body
    }));
    found
}

pub(super) fn breaches() -> Vec<Breach> {
    let mut found = of_claims();
    found.extend(of_payments());
    found
}
