//! What was paid and comes back, and what issuers said they have paid, as an archive carries it. What never lives here: how
//! a row is read or written.

use super::Table;
use super::tables::{PROGRAMME, number, text};

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
