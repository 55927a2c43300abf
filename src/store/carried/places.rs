//! The tables of the registry of places and of the communes around them, as an archive carries them. What never lives here: how a row is read or written.

use super::Table;
use super::columns::{flag, number, text};

pub(super) const PLACES: Table = Table {
    name: "places",
    title: "Registre des lieux",
    of: None,
    order: &["id"],
    derived: false,
    columns: &[
        text("id"),
        text("state"),
        text("sheet"),
        text("updated_on"),
        number("in_force"),
        number("revisions"),
        text("venue_id"),
        number("version"),
    ],
};

pub(super) const PLACE_REVISIONS: Table = Table {
    name: "place_revisions",
    title: "Registre des lieux : descriptions proposées",
    of: None,
    order: &["place_id", "number"],
    derived: false,
    columns: &[
        text("place_id"),
        number("number"),
        number("base"),
        text("sheet"),
        text("note"),
        text("user_id"),
        text("organisation_id"),
        text("role"),
        number("at_millis"),
    ],
};

pub(super) const PLACE_DECISIONS: Table = Table {
    name: "place_decisions",
    title: "Registre des lieux : décisions",
    of: None,
    order: &["place_id", "number"],
    derived: false,
    columns: &[
        text("place_id"),
        number("number"),
        text("outcome"),
        text("reason"),
        text("user_id"),
        text("organisation_id"),
        text("role"),
        number("at_millis"),
    ],
};

pub(super) const PLACE_SESSIONS: Table = Table {
    name: "place_sessions",
    title: "Registre des lieux : séances des lieux itinérants",
    of: None,
    order: &["id"],
    derived: false,
    columns: &[
        text("id"),
        text("place_id"),
        text("day"),
        text("starts"),
        text("ends"),
        text("commune"),
        text("address"),
        text("latitude"),
        text("longitude"),
        text("note"),
        flag("cancelled"),
    ],
};

pub(super) const PLACE_CHANGES: Table = Table {
    name: "place_changes",
    title: "Registre des lieux : suite des changements",
    of: None,
    order: &["no"],
    derived: false,
    columns: &[number("no"), text("place_id"), text("kind"), number("at_millis")],
};

pub(super) const COUNTERS: Table = Table {
    name: "counters",
    title: "Derniers numéros donnés",
    of: None,
    order: &["name"],
    derived: false,
    columns: &[text("name"), number("last")],
};

pub(super) const COMMUNE_FIGURES: Table = Table {
    name: "commune_figures",
    title: "Habitants des communes, par édition",
    of: None,
    order: &["edition", "commune"],
    derived: false,
    columns: &[
        text("edition"),
        text("commune"),
        number("population"),
        number("seniors"),
        text("latitude"),
        text("longitude"),
    ],
};
