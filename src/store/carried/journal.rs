//! The tables that stand beside the receipts of a journal, as an archive carries them: where it stands, its numbers, closings and tree.
//! What never lives here: how a row is read or written.

use super::columns::{PROGRAMME, carried, left, number, text};
use super::{Instead, Kind, Table};

pub(super) const JOURNALS: Table = Table {
    name: "journals",
    title: "Journal : sa tête et ses compteurs",
    of: PROGRAMME,
    order: &["programme_no"],
    derived: true,
    columns: &[
        number("programme_no"),
        left("door", Kind::Number, Instead::Value("0")),
        number("position"),
        text("head"),
        number("at_millis"),
        number("last_booklet"),
        number("last_order"),
        number("last_dispatch"),
        number("last_exception"),
        number("epoch"),
    ],
};

pub(super) const SERIES: Table = Table {
    name: "series",
    title: "Derniers numéros donnés",
    of: PROGRAMME,
    order: &["office", "year"],
    derived: true,
    columns: &[number("programme_no"), text("office"), number("year"), number("last_number")],
};

pub(super) const CLOSINGS: Table = Table {
    name: "closings",
    title: "Clôtures",
    of: PROGRAMME,
    order: &["position"],
    derived: true,
    columns: &[
        number("programme_no"),
        text("period"),
        text("last_day"),
        text("first_day"),
        number("first_position"),
        number("last_position"),
        number("position"),
    ],
};

pub(super) const TREE_BLOCKS: Table = Table {
    name: "tree_blocks",
    title: "Blocs de l'arbre du journal",
    of: PROGRAMME,
    order: &["number"],
    derived: true,
    columns: &[number("programme_no"), number("number"), carried("hash", Kind::Bytes)],
};

pub(super) const COSIGNATURES: Table = Table {
    name: "cosignatures",
    title: "Signatures des témoins",
    of: PROGRAMME,
    order: &["witness"],
    derived: true,
    columns: &[
        number("programme_no"),
        text("witness"),
        text("origin"),
        number("size"),
        number("signed_at_seconds"),
        text("line"),
    ],
};
