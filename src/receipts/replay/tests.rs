//! Each business rule is broken once, by a receipt that is otherwise sound.

use super::super::sample::{
    Builder, REDEMPTION, accepted, booklet, exception_mentions, hand_out_mentions, handed_out, journal, line,
    order_mentions, pass, redemption_mentions, sent, supplied, text,
};
use super::super::{Body, Line, Mention, chain};
use super::breaches::{breaches, sound};
use super::*;

/// The code of the break that `body` causes as the next receipt of `journal`.
fn broken_by(journal: &Builder, body: Body) -> &'static str {
    let mut replay = Replay::new("HDF21");
    for receipt in &journal.receipts {
        replay.receipt(receipt).unwrap();
    }
    let receipt = chain::seal_receipt(body).unwrap();
    let found = replay.receipt(&receipt).unwrap_err();
    assert_eq!(usize::try_from(found.position).unwrap(), journal.receipts.len() + 1);
    assert_eq!(replay.receipt(&receipt), Err(found.clone()), "a broken account stays broken");
    found.code
}

/// The code of the break of a receipt of this kind, office and lines after `journal`.
fn broken(journal: &Builder, kind: &str, code: &str, lines: Vec<Line>) -> &'static str {
    let mentions = match kind {
        "hand_out" => hand_out_mentions().to_vec(),
        "redemption" => redemption_mentions().to_vec(),
        "dispatch" => sent(2, "prescriber:MAUB").to_vec(),
        "return" => sent(2, "store").to_vec(),
        "acceptance" => accepted(1).to_vec(),
        "exception" => exception_mentions(2).to_vec(),
        _ => Vec::new(),
    };
    broken_by(journal, journal.next(kind, code, lines, &mentions))
}

/// The code of the break of a sound hand-out of booklet 3 once `change` is made to it.
fn changed(change: impl FnOnce(&mut Body)) -> &'static str {
    let journal = handed_out();
    let lines = vec![line("prescriber:MAUB", "circulation", 1, 10, &[booklet(3)])];
    let mut body = journal.next("hand_out", "MAUB", lines, &hand_out_mentions());
    let mut sound = Replay::new("HDF21");
    for receipt in &journal.receipts {
        sound.receipt(receipt).unwrap();
    }
    sound.receipt(&chain::seal_receipt(body.clone()).unwrap()).unwrap();
    change(&mut body);
    broken_by(&journal, body)
}

#[test]
fn a_sound_journal_is_replayed_to_its_account() {
    let mut replay = Replay::new("HDF21");
    for receipt in journal() {
        replay.receipt(&receipt).unwrap();
    }
    replay.recount().unwrap();
    assert_eq!(replay.head().position, 13);
    let account: Vec<(&str, i64)> = replay.use_account().into_iter().collect();
    let expected = [
        ("blocked", 20),
        ("circulation", 19),
        ("issue", -120),
        ("prescriber", 0),
        ("provider", 1),
        ("store", 80),
        ("transit", 0),
    ];
    assert_eq!(account, expected);
    let circulation = Balance { booklets: 2, passes: 19, cents: 19_000 };
    assert!(replay.balances().any(|found| found == ("1-1", "circulation", circulation)));
    assert!(replay.balances().all(|(_, holder, _)| holder != "prescriber:MAUB"));
    let first = replay.booklets().next().unwrap();
    assert_eq!(first, (1, Booklet { batch: "1-1", size: 10, holder: "circulation", passes_left: 9 }));
    assert_eq!(replay.booklets().count(), 12);
    assert_eq!(replay.departed().collect::<Vec<_>>(), [(1, 1, "provider:CAFE")]);
    let series: Vec<_> = replay.series().collect();
    assert_eq!(series, [("CAFE", 2026, 3), ("MAUB", 2026, 3), ("REGION", 2026, 7)]);
}

#[test]
fn who_issues_and_when_is_checked() {
    assert_eq!(changed(|body| body.programme = "HDF22".into()), "programme");
    assert_eq!(changed(|body| body.position += 1), "position");
    assert_eq!(changed(|body| body.prev = "00".repeat(32)), "prev");
    assert_eq!(changed(|body| body.at = "2026-11-24T10:06:11.000Z".into()), "at");
    assert_eq!(changed(|body| body.day = "2026-11-25".into()), "day");
    assert_eq!(changed(|body| body.office.code = "maub".into()), "office");
    assert_eq!(changed(|body| body.office.registration = String::new()), "office");
    assert_eq!(changed(|body| body.agent.pseudonym = "Durand".into()), "agent");
    assert_eq!(changed(|body| body.agent.role = String::new()), "agent");
    assert_eq!(changed(|body| body.kind = "gift".into()), "kind_unknown");
}

#[test]
fn numbers_have_no_gap() {
    for wrong in ["HDF21-MAUB-2026-000004", "HDF21-MAUB-2026-000002", "HDF21-MAUB-2026-3", "HDF21-MAUB-2025-000003", ""]
    {
        assert_eq!(changed(|body| body.number = wrong.into()), "number", "{wrong}");
    }
}

#[test]
fn a_series_starts_again_with_the_year_of_paris() {
    let journal = handed_out();
    let mut replay = Replay::new("HDF21");
    for receipt in &journal.receipts {
        replay.receipt(receipt).unwrap();
    }
    let mut body = journal.next("exception", "REGION", Vec::new(), &exception_mentions(2));
    body.at = "2026-12-31T23:00:00.000Z".into();
    body.day = "2027-01-01".into();
    body.number = "HDF21-REGION-2027-000001".into();
    replay.receipt(&chain::seal_receipt(body).unwrap()).unwrap();
}

#[test]
fn quantities_values_and_sums_are_checked() {
    assert_eq!(changed(|body| body.face_cents = 0), "face_value");
    assert_eq!(changed(|body| body.face_cents = 500), "face_value");
    assert_eq!(changed(|body| body.lines[0].cents = 9_999), "cents");
    assert_eq!(changed(|body| body.lines[0].booklets = 0), "count");
    assert_eq!(changed(|body| body.lines[0].booklets = -1), "count");
    assert_eq!(changed(|body| body.lines[0].items.clear()), "count");
    assert_eq!(changed(|body| body.total.booklets = 2), "total");
    assert_eq!(changed(|body| body.total.cents = 1), "total");
    assert_eq!(changed(|body| body.holdings[0].before += 1), "holdings");
    assert_eq!(changed(|body| body.holdings[1].after += 1), "holdings");
    assert_eq!(changed(|body| body.holdings.reverse()), "holdings");
    assert_eq!(changed(|body| body.holdings.truncate(1)), "holdings");
    let wrong_count = |body: &mut Body| {
        body.lines[0].passes = 9;
        body.lines[0].cents = 9_000;
    };
    assert_eq!(changed(wrong_count), "count");
}

#[test]
fn nobody_gives_what_it_has_not() {
    let journal = handed_out();
    let two = [booklet(3), booklet(5)];
    let lines = vec![line("prescriber:MAUB", "circulation", 2, 20, &two)];
    assert_eq!(broken(&journal, "hand_out", "MAUB", lines), "balance_negative");
    let lines = vec![line("prescriber:MAUB", "circulation", 1, 10, &[booklet(5)])];
    assert_eq!(broken(&journal, "hand_out", "MAUB", lines), "custody");
    let lines = vec![line("prescriber:MAUB", "circulation", 1, 10, &[booklet(13)])];
    assert_eq!(broken(&journal, "hand_out", "MAUB", lines), "booklet_unknown");
}

#[test]
fn serials_are_of_the_programme_and_exact() {
    let serial = |items: &str| changed(|body| body.lines[0].items = vec![items.to_owned()]);
    assert_eq!(serial("HDF21-000003-00"), "serial");
    assert_eq!(serial(&booklet(3).to_lowercase()), "serial");
    assert_eq!(serial(&format!(" {}", booklet(3))), "serial");
    assert_eq!(serial(&format!("{}..{}", booklet(3), booklet(3))), "serial");
    assert_eq!(serial(&format!("{}..{}", booklet(5), booklet(3))), "serial");
    assert_eq!(serial("MAUB-006610-06"), "serial");
    assert_eq!(serial("MAUB-006610-06/01"), "serial");
    assert_eq!(serial(&pass(3, 1)), "item_kind");
}

#[test]
fn each_kind_has_its_path() {
    let journal = handed_out();
    let three = [booklet(3)];
    let path = |kind, code, from, to| broken(&journal, kind, code, vec![line(from, to, 1, 10, &three)]);
    assert_eq!(path("hand_out", "MAUB", "store", "circulation"), "custody_path");
    assert_eq!(path("hand_out", "DESK", "prescriber:MAUB", "circulation"), "custody_path");
    assert_eq!(path("hand_out", "MAUB", "prescriber:MAUB", "provider:CAFE"), "custody_path");
    assert_eq!(path("dispatch", "REGION", "circulation", "transit:2"), "custody_path");
    assert_eq!(path("return", "MAUB", "prescriber:MAUB", "store"), "custody_path");
    assert_eq!(path("acceptance", "MAUB", "store", "prescriber:MAUB"), "custody_path");
    assert_eq!(path("redemption", "CAFE", "prescriber:MAUB", "provider:CAFE"), "custody_path");
    assert_eq!(path("return", "MAUB", "prescriber:MAUB", "transit:1"), "custody_path");
    assert_eq!(path("return", "MAUB", "prescriber:MAUB", "prescriber:MAUB"), "same_holder");
    assert_eq!(path("return", "MAUB", "prescriber:MAUB", "pocket"), "holder");
    assert_eq!(path("exception", "REGION", "prescriber:MAUB", "store"), "lines_unexpected");
    assert_eq!(broken(&journal, "return", "MAUB", Vec::new()), "lines_missing");
    let two_ways =
        vec![line("store", "transit:2", 1, 10, &[booklet(6)]), line("store", "transit:3", 1, 10, &[booklet(7)])];
    assert_eq!(broken(&journal, "dispatch", "REGION", two_ways), "custody_path");
}

#[test]
fn a_batch_is_one_that_was_delivered() {
    assert_eq!(changed(|body| body.lines[0].batch = "1-01".into()), "batch");
    assert_eq!(changed(|body| body.lines[0].batch = "1-2".into()), "batch");
    let mut journal = handed_out();
    let mut delivered = line("issue:1-2", "store", 1, 10, &[booklet(13)]);
    delivered.batch = "1-2".into();
    journal.take(journal.next("delivery", "REGION", vec![delivered], &[]));
    let mut other = line("store", "transit:2", 1, 10, &[booklet(6)]);
    other.batch = "1-2".into();
    assert_eq!(broken(&journal, "dispatch", "REGION", vec![other]), "batch");
}

#[test]
fn what_a_delivery_says_of_its_codes_is_a_digest() {
    let journal = supplied();
    let delivered = |name: &str, said: Mention| {
        let mut line = line("issue:1-2", "store", 1, 10, &[booklet(13)]);
        line.batch = "1-2".into();
        journal.next("delivery", "REGION", vec![line], &[(name, said)])
    };
    for name in ["codes_digest", "print_nonce_digest"] {
        supplied().take(delivered(name, Mention::Text("a5".repeat(32))));
        for wrong in [Mention::Text("a5".repeat(31)), Mention::Text("A5".repeat(32)), Mention::Number(5)] {
            assert_eq!(broken_by(&journal, delivered(name, wrong)), "mention", "{name}");
        }
    }
}

#[test]
fn booklets_appear_once_and_as_ordered() {
    let journal = supplied();
    let delivered = |batch: &str, items: &[String]| {
        let mut line = line(&format!("issue:{batch}"), "store", 1, 10, items);
        line.batch = batch.to_owned();
        broken(&journal, "delivery", "REGION", vec![line])
    };
    assert_eq!(delivered("1-2", &[booklet(3)]), "booklet_repeated");
    assert_eq!(delivered("1-2", &[booklet(21)]), "booklet_not_ordered");
    assert_eq!(delivered("1-3", &[booklet(13)]), "delivery_sequence");
    assert_eq!(delivered("1-1", &[booklet(13)]), "delivery_sequence");
    assert_eq!(delivered("2-1", &[booklet(13)]), "order_unknown");
    assert_eq!(delivered("x", &[booklet(13)]), "batch");
    let mut crossed = line("issue:1-1", "store", 1, 10, &[booklet(13)]);
    crossed.batch = "1-2".into();
    assert_eq!(broken(&journal, "delivery", "REGION", vec![crossed]), "custody_path");
}

#[test]
fn orders_follow_each_other_without_overlap() {
    let journal = supplied();
    let order =
        |mentions: &[(&str, Mention)]| broken_by(&journal, journal.next("order", "REGION", Vec::new(), mentions));
    assert_eq!(order(&order_mentions(3, 21, 30)), "order");
    assert_eq!(order(&order_mentions(1, 21, 30)), "order");
    assert_eq!(order(&order_mentions(2, 20, 30)), "order");
    assert_eq!(order(&order_mentions(2, 21, 30)[..4]), "mention");
    assert_eq!(order(&order_mentions(2, 21, 30)[..6]), "mention");
    let replaced = |at: usize, value: Mention| {
        let mut mentions = order_mentions(2, 21, 30);
        mentions[at].1 = value;
        order(&mentions)
    };
    assert_eq!(replaced(0, text("2")), "mention");
    assert_eq!(replaced(1, Mention::Number(9)), "mention");
    assert_eq!(replaced(2, Mention::Number(0)), "mention");
    assert_eq!(replaced(2, Mention::Number(100)), "mention");
    assert_eq!(replaced(3, text("HDF21-000021")), "serial");
    assert_eq!(replaced(4, text(&pass(30, 1))), "serial");
    assert_eq!(replaced(4, text(&booklet(20))), "mention");
}

#[test]
fn passes_are_worth_something_only_once_their_order_is_activated() {
    let mut journal = supplied();
    let order = |order| [("order", Mention::Number(order)), ("payment_order", text("2026-M-0900"))];
    let activation = |journal: &Builder, mentions: &[(&str, Mention)]| {
        broken_by(journal, journal.next("activation", "REGION", Vec::new(), mentions))
    };
    assert_eq!(activation(&journal, &order(1)), "order_already_activated");
    assert_eq!(activation(&journal, &order(2)), "order_unknown");
    assert_eq!(activation(&journal, &order(1)[..1]), "mention");
    journal.take(journal.next("order", "REGION", Vec::new(), &order_mentions(2, 21, 30)));
    let of_two = |from: &str, to: &str, booklets: i64, items: &[String]| {
        let mut line = line(from, to, booklets, 10, items);
        line.batch = "2-1".into();
        vec![line]
    };
    let twenty_one = [booklet(21)];
    let delivered = of_two("issue:2-1", "store", 1, &twenty_one);
    journal.take(journal.next("delivery", "REGION", delivered, &[]));
    let lines = of_two("store", "transit:2", 1, &twenty_one);
    journal.take(journal.next("dispatch", "REGION", lines, &sent(2, "prescriber:MAUB")));
    let lines = of_two("transit:2", "prescriber:MAUB", 1, &twenty_one);
    journal.take(journal.next("acceptance", "MAUB", lines, &accepted(2)));
    let lines = of_two("prescriber:MAUB", "circulation", 1, &twenty_one);
    assert_eq!(broken(&journal, "hand_out", "MAUB", lines), "order_not_activated");
}

#[test]
fn hand_outs_and_redemptions_say_what_they_must() {
    assert_eq!(changed(|body| drop(body.mentions.remove("ground"))), "mention");
    assert_eq!(changed(|body| drop(body.mentions.insert("commitment".into(), text("a3")))), "mention");
    let journal = handed_out();
    let mut mentions = redemption_mentions().to_vec();
    let spent = || vec![line("circulation", "provider:CAFE", 0, 1, &[pass(1, 3)])];
    assert_eq!(broken_by(&journal, journal.next("redemption", "CAFE", spent(), &mentions[..2])), "mention");
    mentions[0].1 = text("2026-11-25");
    assert_eq!(broken_by(&journal, journal.next("redemption", "CAFE", spent(), &mentions)), "mention");
}

#[test]
fn a_pass_is_spent_at_most_once() {
    let journal = handed_out();
    let spend = |items: &[String]| {
        let passes = i64::try_from(items.len()).unwrap();
        broken(&journal, "redemption", "CAFE", vec![line("circulation", "provider:CAFE", 0, passes, items)])
    };
    assert_eq!(spend(&[pass(1, 1)]), "custody");
    assert_eq!(spend(&[pass(1, 3), pass(1, 3)]), "custody");
    assert_eq!(spend(&[pass(1, 11)]), "serial");
    assert_eq!(spend(&[pass(3, 1)]), "custody");
    assert_eq!(spend(&[pass(13, 1)]), "booklet_unknown");
    assert_eq!(spend(&[booklet(2)]), "item_kind");
}

#[test]
fn a_reversal_gives_back_exactly_what_one_redemption_took() {
    let mut journal = handed_out();
    let all = [pass(1, 1), pass(1, 2), pass(2, 10)];
    let back = |items: &[String]| {
        let passes = i64::try_from(items.len()).unwrap();
        vec![line("provider:CAFE", "circulation", 0, passes, items)]
    };
    assert_eq!(broken_by(&journal, journal.next("reversal", "CAFE", back(&all), &[])), "corrects_missing");
    for unknown in ["HDF21-MAUB-2026-000001", "HDF21-CAFE-2026-000002", "HDF21-CAFE-2026-1", "rien"] {
        assert_eq!(broken_by(&journal, journal.undo(unknown, back(&all))), "corrects_unknown", "{unknown}");
    }
    assert_eq!(broken_by(&journal, journal.undo(REDEMPTION, back(&all[..2]))), "corrects_items");
    let spent = vec![line("circulation", "provider:CAFE", 0, 1, &[pass(1, 3)])];
    journal.take(journal.next("redemption", "CAFE", spent, &redemption_mentions()));
    let other = [pass(1, 1), pass(1, 2), pass(1, 3)];
    assert_eq!(broken_by(&journal, journal.undo(REDEMPTION, back(&other))), "corrects_items");
    journal.take(journal.undo(REDEMPTION, back(&all)));
    assert_eq!(broken_by(&journal, journal.undo(REDEMPTION, back(&all[..1]))), "corrects_repeated");
    assert_eq!(changed(|body| body.corrects = Some(REDEMPTION.into())), "corrects_unexpected");
}

#[test]
fn a_balance_that_is_not_what_is_there_is_found_by_the_recount() {
    let mut replay = Replay::new("HDF21");
    for receipt in journal() {
        replay.receipt(&receipt).unwrap();
    }
    let (key, mut balance) = replay.stock.balances.pop_last().unwrap();
    balance.passes += 1;
    replay.stock.balances.insert(key, balance);
    assert_eq!(replay.recount().map_err(|found| found.code), Err("conservation"));
}

/// The account of these receipts, or the break of the last one.
fn replayed(receipts: &[Receipt]) -> Result<Replay, Break> {
    let mut replay = Replay::new("HDF21");
    let (last, before) = receipts.split_last().unwrap();
    for receipt in before {
        replay.receipt(receipt).unwrap();
    }
    replay.receipt(last).map(|()| replay)
}

#[test]
fn what_the_acts_refuse_is_a_break() {
    for breach in breaches() {
        let found = replayed(&breach.receipts).map(|_| "sound").map_err(|found| found.code);
        assert_eq!(found, Err(breach.code), "{}", breach.what);
    }
}

#[test]
fn what_the_acts_allow_is_no_break() {
    for (what, receipts) in sound() {
        let replay = replayed(&receipts).unwrap_or_else(|found| panic!("{what}: {found}"));
        replay.recount().unwrap();
    }
}
