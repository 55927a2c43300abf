//! Claims, payments, what was paid and comes back, and what issuers said they have paid, as an archive carries it. What never lives
//! here: how a row is read or written.

use super::columns::{PROGRAMME, left, number, text};
use super::{Instead, Kind, Table};

pub(super) const CLAIMS: Table = Table {
    name: "claims",
    title: "Demandes de remboursement",
    of: PROGRAMME,
    order: &["number"],
    derived: true,
    columns: &[
        number("programme_no"),
        number("number"),
        text("receipt"),
        text("provider_id"),
        text("month"),
        text("claimant_id"),
        text("claimed_on"),
        text("due_on"),
        number("passes"),
        number("value_cents"),
        number("rejected_passes"),
        text("approvals"),
        text("suspended_on"),
        number("suspended_days"),
        text("state"),
    ],
};

pub(super) const CLAIM_PASSES: Table = Table {
    name: "claim_passes",
    title: "Pass des demandes de remboursement",
    of: PROGRAMME,
    order: &["claim", "pass_id"],
    derived: true,
    columns: &[number("programme_no"), number("claim"), number("pass_id"), text("redemption"), text("reason")],
};

pub(super) const PAYEES: Table = Table {
    name: "payees",
    title: "Comptes à payer, sans leur titulaire ni leur numéro",
    of: PROGRAMME,
    order: &["number"],
    derived: true,
    columns: &[
        number("programme_no"),
        number("number"),
        text("provider_id"),
        text("legal_form"),
        left("account", Kind::Bytes, Instead::Value("")),
        text("masked"),
        text("commitment"),
        text("proposer_id"),
        text("proposer"),
        text("proposed_on"),
        text("confirmer_id"),
        text("confirmed_on"),
        text("effective_on"),
        left("key_digest", Kind::Text, Instead::Nothing),
        left("fingerprint", Kind::Text, Instead::Nothing),
    ],
};

pub(super) const PAYMENTS: Table = Table {
    name: "payments",
    title: "Ordres de paiement",
    of: PROGRAMME,
    order: &["number"],
    derived: true,
    columns: &[
        number("programme_no"),
        number("number"),
        text("receipt"),
        number("made_millis"),
        text("execute_on"),
        text("payment_order"),
        text("bordereau"),
        text("engagement"),
        text("debtor"),
        text("file_hash"),
        number("total_cents"),
    ],
};

pub(super) const PAYMENT_LINES: Table = Table {
    name: "payment_lines",
    title: "Lignes des ordres de paiement",
    of: PROGRAMME,
    order: &["payment", "line"],
    derived: true,
    columns: &[
        number("programme_no"),
        number("payment"),
        number("line"),
        number("claim"),
        number("payee"),
        number("amount_cents"),
        number("netted_cents"),
        text("state"),
        text("state_on"),
        text("reason"),
    ],
};

pub(super) const BANK_FILES: Table = Table {
    name: "bank_files",
    title: "Fichiers de la banque déjà lus",
    of: PROGRAMME,
    order: &["receipt"],
    derived: true,
    columns: &[number("programme_no"), text("file_hash"), text("receipt")],
};

pub(super) const OVERPAYMENTS: Table = Table {
    name: "overpayments",
    title: "Trop-perçus constatés",
    of: PROGRAMME,
    order: &["number"],
    derived: true,
    columns: &[
        number("programme_no"),
        number("number"),
        text("receipt"),
        number("claim"),
        text("provider_id"),
        number("passes"),
        number("value_cents"),
    ],
};

pub(super) const RECOVERIES: Table = Table {
    name: "recoveries",
    title: "Trop-perçus recouvrés : titres de recette, et virements revenus",
    of: PROGRAMME,
    order: &["receipt", "provider_id"],
    derived: true,
    columns: &[
        number("programme_no"),
        text("receipt"),
        text("provider_id"),
        number("amount_cents"),
        text("revenue_order"),
    ],
};

pub(super) const ISSUER_STATEMENTS: Table = Table {
    name: "issuer_statements",
    title: "États mensuels de l'émetteur",
    of: PROGRAMME,
    order: &["number"],
    derived: true,
    columns: &[
        number("programme_no"),
        number("number"),
        text("receipt"),
        text("issuer"),
        text("month"),
        number("corrects"),
        text("file_hash"),
        text("lines_hash"),
        number("file_lines"),
        number("matched"),
        number("unchanged"),
        number("stated_cents"),
        number("last_line"),
        number("open_differences"),
    ],
};

pub(super) const ISSUER_LINES: Table = Table {
    name: "issuer_lines",
    title: "Lignes des états de l'émetteur, et écarts avec le registre",
    of: PROGRAMME,
    order: &["statement", "number"],
    derived: true,
    columns: &[
        number("programme_no"),
        number("statement"),
        number("number"),
        number("pass_id"),
        text("provider"),
        text("venue"),
        text("redeemed_on"),
        text("paid_on"),
        number("amount_cents"),
        text("class"),
        text("status"),
        text("resolution"),
        text("closed_by"),
    ],
};
