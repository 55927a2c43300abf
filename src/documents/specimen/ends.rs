//! Specimens of what takes booklets out of use, for a while or for good, and of what is said of their end. What never lives here:
//! money.

use std::collections::BTreeMap;

use super::{line, mentions, of_people, run, serial};
use crate::domain::movement::Kind;
use crate::receipts::{Line, Mention};

/// Office, lines and mentions of what ends an order, and of a count.
pub(super) fn end(kind: Kind) -> (&'static str, Vec<Line>, BTreeMap<String, Mention>) {
    let order = [("order", "1"), ("order_number", "CMD-2021-0042")];
    let with = |more: &[(&str, &str)]| mentions(&[&order[..], more].concat());
    let named = [("orders", "1"), ("order_numbers", "CMD-2021-0042"), ("scope", "hand_outs")];
    let (missing, surplus) = (serial(151), serial(160));
    match kind {
        Kind::Suspension => ("REGION", Vec::new(), mentions(&[&named[..], &[("reason", "end_of_validity")]].concat())),
        Kind::Resumption => ("REGION", Vec::new(), mentions(&named)),
        Kind::Prorogation => {
            let dates = [("validity_end", "2024-06-30"), ("grace_end", "2024-07-30")];
            ("REGION", Vec::new(), with(&[&dates[..], &[("previous_validity_end", "2023-12-31")]].concat()))
        }
        Kind::Acknowledgement => {
            let left = [("undistributed_booklets", "22"), ("undistributed_passes", "220")];
            let said = [("validity_end", "2023-12-31"), ("undistributed_cents", "220000")];
            ("REGION", Vec::new(), with(&[&left[..], &said].concat()))
        }
        Kind::Expiry => {
            let lines = vec![
                line("circulation", "expired", (2, 13), vec![run(122, 123)]),
                line("store", "expired", (20, 200), vec![run(200, 219)]),
            ];
            ("REGION", lines, with(&[("grace_end", "2024-03-30")]))
        }
        Kind::DestructionProposal | Kind::Destruction | Kind::ContradictoryStatement => last(kind),
        Kind::CreditNote => {
            let lines = vec![line("expired", "credited", (22, 213), vec![run(122, 123), run(200, 219)])];
            let said = [("credit_note", "AV-2024-7"), ("received_on", "2024-04-12"), ("amount_cents", "213000")];
            ("REGION", lines, with(&said))
        }
        Kind::FollowUp | Kind::Erasure | Kind::PeopleKey => of_people(kind),
        _ => {
            let expected = [("holder", "prescriber:MAUB"), ("counted_on", "2021-06-01"), ("expected_booklets", "41")];
            let counted = [("expected_passes", "410"), ("counted_booklets", "41"), ("missing_booklets", "1")];
            let gaps = [("missing", missing.as_str()), ("surplus_booklets", "1"), ("surplus", surplus.as_str())];
            ("MAUB", Vec::new(), mentions(&[&expected[..], &counted, &gaps].concat()))
        }
    }
}

/// The same for what is destroyed, and for what the issuer says of an order.
fn last(kind: Kind) -> (&'static str, Vec<Line>, BTreeMap<String, Mention>) {
    let (items, said) = (run(200, 219), [("proposal", "3"), ("reason", "end_of_validity")]);
    match kind {
        Kind::DestructionProposal => {
            let counted = [("proposed_booklets", "20"), ("proposed_passes", "200"), ("proposed_cents", "200000")];
            ("REGION", Vec::new(), mentions(&[&said[..], &[("items", items.as_str())], &counted].concat()))
        }
        Kind::Destruction => {
            let lines = vec![line("expired", "destroyed", (20, 200), vec![items])];
            let proposed = [("proposed_by", "0123456789abcdef"), ("proposed_on", "2024-03-01")];
            ("REGION", lines, mentions(&[&said[..], &proposed].concat()))
        }
        _ => {
            let (hash, gaps) = ("a5".repeat(32), format!("spent_here paid expired {}/01", serial(122)));
            let order = [("order", "1"), ("order_number", "CMD-2021-0042"), ("file_hash", hash.as_str())];
            let counted = [("listed_passes", "500"), ("agreed_passes", "499"), ("differing_passes", "1")];
            let differs = [("differing_cents", "1000"), ("gaps", gaps.as_str())];
            let ledger = [("ledger_unused", "0"), ("ledger_withdrawn", "0"), ("ledger_used", "0")];
            let spent = [("ledger_paid", "287"), ("ledger_expired", "213"), ("ledger_credited", "0")];
            let issuer = [("issuer_unused", "0"), ("issuer_withdrawn", "0"), ("issuer_used", "0")];
            let other = [("issuer_paid", "286"), ("issuer_expired", "214"), ("issuer_credited", "0")];
            let all = [&order[..], &counted, &differs, &ledger, &spent, &issuer, &other].concat();
            ("REGION", Vec::new(), mentions(&all))
        }
    }
}

/// The same for incidents.
pub(super) fn incident(kind: Kind) -> (&'static str, Vec<Line>, BTreeMap<String, Mention>) {
    let one = |from: &str, to: &str| vec![line(from, to, (1, 7), vec![serial(122)])];
    let (original, commitment) = (serial(122), "a3".repeat(32));
    match kind {
        Kind::Unblock => ("REGION", one("blocked", "circulation"), mentions(&[("reason", "cleared_up")])),
        Kind::Loss => {
            let said = [("reason", "stolen"), ("noticed_on", "2021-06-01"), ("complaint", "PV-2021-118")];
            ("MAUB", one("circulation", "lost"), mentions(&said))
        }
        Kind::Found => ("REGION", one("lost", "circulation"), mentions(&[("reason", "found_again")])),
        Kind::Replacement => {
            let surplus = (8..=10).map(|rank| format!("{}/{rank:02}", serial(140))).collect();
            let lines = vec![
                line("lost", "blocked", (1, 7), vec![serial(122)]),
                line("prescriber:MAUB", "blocked", (0, 3), surplus),
                line("prescriber:MAUB", "circulation", (1, 7), vec![serial(140)]),
            ];
            let given = ("original_receipt", "HDF21-MAUB-2021-000012");
            let said = [("original", original.as_str()), given, ("reason", "lost"), ("commitment", &commitment)];
            let rest = [("validity_end", "2023-12-31"), ("grace_end", "2024-03-30")];
            ("MAUB", lines, mentions(&[&said[..], &rest, &[("basis", "convention de mandat n° 2021-14")]].concat()))
        }
        _ => ("REGION", one("circulation", "blocked"), mentions(&[("reason", "suspected_fraud")])),
    }
}
