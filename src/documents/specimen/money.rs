//! Specimens of claims, of their payment, and of what an issuer says that it has paid. What never lives here: a booklet that
//! changes hands.

use std::collections::BTreeMap;

use super::{line, mentions, serial};
use crate::domain::movement::Kind;
use crate::receipts::{Line, Mention};

/// How the three passes of the redemption are paid.
pub(super) fn payments(kind: Kind, passes: Vec<String>) -> (&'static str, Vec<Line>, BTreeMap<String, Mention>) {
    let hash = "a5".repeat(32);
    match kind {
        Kind::Payee => {
            let who = [("payee", "4"), ("provider", "Café numérique"), ("provider_code", "CAFE")];
            let what = [("legal_form", "association"), ("account_commitment", hash.as_str())];
            let more = [("proposed_by", "0123456789abcdef"), ("effective_on", "2021-06-02"), ("first_account", "1")];
            ("REGION", Vec::new(), mentions(&[&who[..], &what, &more].concat()))
        }
        Kind::Payment => {
            let what = [("payment", "7"), ("payment_order", "2021-MP-4711"), ("bordereau", "2021-BJ-118")];
            let more = [("engagement", "2021-E-00042"), ("execute_on", "2021-06-07"), ("transfers", "1")];
            let rest =
                [("payment_cents", "2000"), ("claims", "12"), ("netted", "12 CAFE 1000"), ("file_hash", hash.as_str())];
            ("REGION", Vec::new(), mentions(&[&what[..], &more, &rest].concat()))
        }
        Kind::Overpayment => {
            let what =
                [("overpayment", "1"), ("claim", "12"), ("provider", "Café numérique"), ("provider_code", "CAFE")];
            let why = [("reason", "paid_otherwise"), ("reference", "COURRIER-2021-118"), ("owed_cents", "3000")];
            let lines = vec![line("paid:CAFE", "provider:CAFE", (0, 3), passes)];
            ("REGION", lines, mentions(&[&what[..], &why].concat()))
        }
        Kind::Offset => {
            let what =
                [("claim", "12"), ("provider", "Café numérique"), ("provider_code", "CAFE"), ("owed_cents", "0")];
            ("REGION", vec![line("claimed:CAFE", "paid:CAFE", (0, 3), passes)], mentions(&what))
        }
        Kind::RevenueOrder => {
            let what = [("revenue_order", "2021-TR-9"), ("provider", "Café numérique"), ("provider_code", "CAFE")];
            let much = [("revenue_cents", "3000"), ("owed_cents", "0")];
            ("REGION", Vec::new(), mentions(&[&what[..], &much].concat()))
        }
        _ => {
            let said = [("claims_executed", "12"), ("claims_rejected", "13"), ("claims_returned", "9")];
            let file = [("file_format", "camt.053"), ("file_hash", hash.as_str())];
            let debts = [("netting_undone", "13 CAFE 1000")];
            let lines = vec![line("claimed:CAFE", "paid:CAFE", (0, 3), passes)];
            ("REGION", lines, mentions(&[&said[..], &debts, &file].concat()))
        }
    }
}

/// What the issuer says of the three passes of the redemption, and what follows from it.
pub(super) fn stated(kind: Kind, passes: Vec<String>) -> (&'static str, Vec<Line>, BTreeMap<String, Mention>) {
    let hash = "a5".repeat(32);
    let other = format!("{}/09", serial(122));
    match kind {
        Kind::IssuerStatement => {
            let differences = format!("5 not_redeemed {other} 1000 -");
            let what = [("statement", "3"), ("issuer_code", "APTIC"), ("month", "2021-05")];
            let rest = [("matched_passes", "3"), ("differences", differences.as_str()), ("open_differences", "1")];
            let file = [("file_hash", hash.as_str())];
            let lines = vec![line("provider:CAFE", "paid:CAFE", (0, 3), passes)];
            ("REGION", lines, mentions(&[&what[..], &rest, &file].concat()))
        }
        Kind::IssuerDispute => {
            let differences = format!("6 disputed {} 0 CAFE", passes[0]);
            let who = [("statement", "3"), ("provider", "Café numérique"), ("provider_code", "CAFE")];
            let what = [("differences", differences.as_str()), ("reason", "not_received"), ("open_differences", "2")];
            ("CAFE", Vec::new(), mentions(&[&who[..], &what].concat()))
        }
        _ => {
            let what = [("statement", "3"), ("resolved", "6"), ("resolution", "issuer_corrects")];
            let why = [("reason", "evidence_seen"), ("reference", "COURRIER-2021-118"), ("open_differences", "1")];
            let lines = vec![line("paid:CAFE", "provider:CAFE", (0, 3), passes)];
            ("REGION", lines, mentions(&[&what[..], &why].concat()))
        }
    }
}

/// What becomes of the three passes of the redemption.
pub(super) fn claims(kind: Kind, passes: Vec<String>) -> (&'static str, Vec<Line>, BTreeMap<String, Mention>) {
    match kind {
        Kind::Claim => {
            let who = [("provider", "Café numérique"), ("provider_registration", "81234567800015")];
            let lines = vec![line("provider:CAFE", "claimed:CAFE", (0, 3), passes)];
            (
                "CAFE",
                lines,
                mentions(&[&who[..], &[("claim", "12"), ("month", "2021-05"), ("due_on", "2021-07-02")]].concat()),
            )
        }
        Kind::ClaimApproval => {
            let what =
                [("claim", "12"), ("provider", "Café numérique"), ("claim_passes", "3"), ("claim_cents", "3000")];
            let more = [("approval", "1"), ("approvals_needed", "1"), ("due_on", "2021-07-02")];
            ("REGION", Vec::new(), mentions(&[&what[..], &more].concat()))
        }
        Kind::ClaimRejection => {
            let why = [("reason", "evidence_missing"), ("reference", "COURRIER-2021-118"), ("claim", "12")];
            let left = [("claim_passes", "0"), ("claim_cents", "0"), ("provider", "Café numérique")];
            let lines = vec![line("claimed:CAFE", "provider:CAFE", (0, 3), passes)];
            ("REGION", lines, mentions(&[&why[..], &left].concat()))
        }
        Kind::ClaimSuspension => {
            let disputed = passes.join(" ");
            let why = [("reason", "passes_disputed"), ("claim", "12"), ("disputed", disputed.as_str())];
            ("REGION", Vec::new(), mentions(&[&why[..], &[("provider", "Café numérique")]].concat()))
        }
        _ => {
            let what = [("claim", "12"), ("provider", "Café numérique"), ("suspended_on", "2021-06-05")];
            let more = [("suspended_days", "9"), ("due_on", "2021-07-11")];
            ("REGION", Vec::new(), mentions(&[&what[..], &more].concat()))
        }
    }
}
