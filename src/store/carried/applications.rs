//! Applications and the letters that come of them, as an archive carries them: what their receipts say, and nothing of who applied.
//! What never lives here: how a row is read or written.

use super::columns::{PROGRAMME, left, number, text};
use super::{Instead, Kind, Table};

/// Whose an application of a rebuilt register is: [`NOBODY`](crate::domain::erasure::NOBODY), as for a person who was erased.
const NOBODY_BYTES: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub(super) const APPLICATIONS: Table = Table {
    name: "applications",
    title: "Demandes, sans la personne : ni empreinte, ni nom, ni adresse, ni commune, ni référence de qui l'a déposée",
    of: PROGRAMME,
    order: &["number"],
    derived: true,
    columns: &[
        number("number"),
        number("programme_no"),
        text("office"),
        left("reference", Kind::Text, Instead::KeyAnd("-archive")),
        left("content", Kind::Text, Instead::Digest),
        text("channel"),
        left("fingerprint", Kind::Bytes, Instead::Value(NOBODY_BYTES)),
        left("age_band", Kind::Text, Instead::Value("")),
        left("commune", Kind::Text, Instead::Value("")),
        text("received_on"),
        number("passes"),
        text("assessed_on"),
        text("rule_version"),
        text("ground"),
        text("proof_kind"),
        left("proof_issued_on", Kind::Text, Instead::Nothing),
        text("missing"),
        text("state"),
        text("state_on"),
        text("reason"),
        text("filed_by"),
        text("last_receipt"),
        left("dossier", Kind::Bytes, Instead::Value("")),
        left("sex", Kind::Text, Instead::Nothing),
    ],
};

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
