//! The letters that come of applications, as an archive carries them.
//! What never lives here: how a row is read or written.

use super::columns::{PROGRAMME, left, number, text};
use super::{Instead, Kind, Table};

pub(super) const LETTERS: Table = Table {
    name: "letters",
    title: "Lettres suivies, sans leur numéro de suivi",
    of: PROGRAMME,
    order: &["dispatch", "application"],
    derived: true,
    columns: &[
        number("programme_no"),
        number("dispatch"),
        number("application"),
        number("booklet_id"),
        left("tracking", Kind::Text, Instead::Nothing),
    ],
};
