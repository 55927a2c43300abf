//! Claims that follow their rules, and those that break one.

use super::*;
use crate::receipts::{Agent, Holding, Line, Mention, Office, Total};

fn body(kind: &str, who: &str, passes: &[u8], mentions: &[(&str, i64)]) -> Body {
    let count = i64::try_from(passes.len()).unwrap();
    let items = passes.iter().map(|rank| format!("HDF21-000001-85/{rank:02}")).collect();
    let line = Line {
        batch: "1-1".into(),
        from: "provider:CAFE".into(),
        to: "claimed:CAFE".into(),
        booklets: 0,
        passes: count,
        cents: count * 1000,
        items,
    };
    Body {
        v: 1,
        programme: "HDF21".into(),
        position: 9,
        number: "HDF21-CAFE-2021-000001".into(),
        kind: kind.into(),
        at: "2021-11-02T09:00:00.000Z".into(),
        day: "2021-11-02".into(),
        office: Office { code: "CAFE".into(), name: "Café".into(), registration: "1".into(), commune: "59392".into() },
        agent: Agent { pseudonym: who.into(), role: "region_finance".into() },
        face_cents: 1000,
        lines: if passes.is_empty() { Vec::new() } else { vec![line] },
        total: Total { booklets: 0, passes: count, cents: count * 1000 },
        holdings: Vec::<Holding>::new(),
        mentions: mentions.iter().map(|(name, value)| ((*name).to_owned(), Mention::Number(*value))).collect(),
        corrects: None,
        prev: String::new(),
    }
}

fn made() -> Claims {
    let mut claims = Claims::default();
    claims.take(&body("claim", "a", &[1, 2, 3], &[("claim", 1)])).unwrap();
    claims
}

fn approval(who: &str, cents: i64) -> Body {
    let said = [("claim", 1), ("claim_cents", cents), ("approval", 1), ("approvals_needed", 2)];
    body("claim_approval", who, &[], &said)
}

#[test]
fn two_people_besides_who_made_it_approve_a_claim_as_it_stands() {
    let mut claims = made();
    assert_eq!(claims.take(&approval("a", 3000)).unwrap_err().code, "four_eyes");
    assert_eq!(claims.take(&approval("b", 2000)).unwrap_err().code, "claim_amount");
    claims.take(&approval("b", 3000)).unwrap();
    assert_eq!(claims.take(&approval("b", 3000)).unwrap_err().code, "four_eyes");
    assert_eq!(claims.by_number[&1].state, ClaimState::Submitted);
    claims.take(&approval("c", 3000)).unwrap();
    assert_eq!(claims.by_number[&1].state, ClaimState::Approved);
    assert_eq!(claims.take(&approval("d", 3000)).unwrap_err().code, "claim_state");
}

#[test]
fn a_rejection_voids_the_approvals_and_frees_its_passes_only() {
    let mut claims = made();
    claims.take(&approval("b", 3000)).unwrap();
    claims.take(&body("claim_rejection", "b", &[2], &[("claim", 1)])).unwrap();
    let claim = claims.by_number[&1].clone();
    assert_eq!((claim.passes, claim.cents, claim.rejected, claim.people.len()), (2, 2000, 1, 1));
    let again = |passes: &[u8]| body("claim", "a", passes, &[("claim", 2)]);
    assert_eq!(claims.take(&again(&[2, 3])).unwrap_err().code, "claim_items");
    let mut claims = made();
    claims.take(&body("claim_rejection", "b", &[2], &[("claim", 1)])).unwrap();
    claims.take(&again(&[2])).unwrap();
    assert_eq!(claims.take(&body("claim_rejection", "b", &[2], &[("claim", 1)])).unwrap_err().code, "claim_items");
}

#[test]
fn a_payment_is_of_approved_claims_and_the_bank_moves_exactly_their_passes() {
    let mut claims = made();
    let order = |cents| {
        let mut body = body("payment", "d", &[], &[("payment", 1), ("payment_cents", cents)]);
        body.mentions.insert("claims".into(), Mention::Text("1".into()));
        body
    };
    let bank = |said: &str, passes: &[u8]| {
        let mut body = body("bank_return", "d", passes, &[]);
        body.mentions.insert(said.into(), Mention::Text("1".into()));
        body
    };
    assert_eq!(claims.take(&order(3000)).unwrap_err().code, "claim_state");
    claims.take(&approval("b", 3000)).unwrap();
    claims.take(&approval("c", 3000)).unwrap();
    assert_eq!(claims.take(&order(2999)).unwrap_err().code, "payment_amount");
    let mut claims = made();
    claims.take(&approval("b", 3000)).unwrap();
    claims.take(&approval("c", 3000)).unwrap();
    claims.take(&order(3000)).unwrap();
    assert_eq!(claims.take(&bank("claims_returned", &[1, 2, 3])).unwrap_err().code, "claim_state");
    claims.take(&bank("claims_rejected", &[])).unwrap();
    assert_eq!(claims.by_number[&1].state, ClaimState::Approved);
    claims.take(&order(3000)).unwrap();
    claims.take(&bank("claims_executed", &[1, 2, 3])).unwrap();
    assert_eq!(claims.by_number[&1].state, ClaimState::Paid);
    assert_eq!(claims.take(&bank("claims_returned", &[1, 2])).unwrap_err().code, "claim_items");
}

#[test]
fn claims_are_numbered_without_gaps_and_wait_while_suspended() {
    let mut claims = made();
    assert_eq!(claims.take(&body("claim", "a", &[4], &[("claim", 3)])).unwrap_err().code, "claim_sequence");
    let of = |kind: &str, claim| body(kind, "b", &[], &[("claim", claim)]);
    assert_eq!(claims.take(&of("claim_suspension", 2)).unwrap_err().code, "claim_unknown");
    assert_eq!(claims.take(&of("claim_resumption", 1)).unwrap_err().code, "claim_state");
    claims.take(&of("claim_suspension", 1)).unwrap();
    assert_eq!(claims.take(&approval("b", 3000)).unwrap_err().code, "claim_state");
    claims.take(&of("claim_resumption", 1)).unwrap();
    claims.take(&approval("b", 3000)).unwrap();
}
