//! The tables of who takes part, of the programme itself and of what it has agreed with them, as an archive carries them.
//! What never lives here: how a row is read or written.

use super::columns::{NUMBERED, PROGRAMME, flag, left, number, text};
use super::{Instead, Kind, Table};

/// An account of a rebuilt register that stands for an agent of the old one: it signs nobody in.
const AGENT: &str = "Agent du registre d'origine";

pub(super) const ORGANISATIONS: Table = Table {
    name: "organisations",
    title: "Organismes",
    of: None,
    order: &["id"],
    derived: false,
    columns: &[
        text("id"),
        text("code"),
        text("kinds"),
        text("name"),
        text("registration"),
        text("commune"),
        text("address"),
        left("email", Kind::Text, Instead::Nothing),
        left("phone", Kind::Text, Instead::Nothing),
        flag("active"),
        number("version"),
    ],
};

pub(super) const USERS: Table = Table {
    name: "users",
    title: "Comptes des agents, sans leur nom ni leur adresse",
    of: None,
    order: &["id"],
    derived: false,
    columns: &[
        text("id"),
        left("email", Kind::Text, Instead::KeyAnd("@archive.invalid")),
        left("display_name", Kind::Text, Instead::Value(AGENT)),
        text("organisation_id"),
        text("role"),
        left("password_hash", Kind::Text, Instead::Value("!")),
        left("active", Kind::Flag, Instead::Value("false")),
        left("failures", Kind::Number, Instead::Value("0")),
        left("last_failure_millis", Kind::Number, Instead::Nothing),
        left("version", Kind::Number, Instead::Value("1")),
        left("valid_until", Kind::Text, Instead::Nothing),
    ],
};

pub(super) const PROGRAMMES: Table = Table {
    name: "programmes",
    title: "Dispositif",
    of: NUMBERED,
    order: &["no"],
    derived: false,
    columns: &[
        number("no"),
        text("code"),
        text("label"),
        text("sponsor_id"),
        number("face_value_cents"),
        number("entitlement_passes"),
        text("distribution_from"),
        text("distribution_until"),
        number("grace_days"),
        text("payer"),
        text("territory"),
        text("services"),
        flag("active"),
        number("version"),
    ],
};

pub(super) const RULE_SETS: Table = Table {
    name: "rule_sets",
    title: "Règles d'éligibilité",
    of: PROGRAMME,
    order: &["version"],
    derived: false,
    columns: &[number("programme_no"), text("version"), text("valid_from"), text("document")],
};

pub(super) const VENUES: Table = Table {
    name: "venues",
    title: "Lieux",
    of: None,
    order: &["id"],
    derived: false,
    columns: &[
        text("id"),
        text("provider_id"),
        text("name"),
        text("commune"),
        text("address"),
        flag("mobile"),
        text("services"),
        flag("approved"),
        flag("active"),
        number("version"),
    ],
};

pub(super) const MANDATES: Table = Table {
    name: "mandates",
    title: "Conventions de mandat et régies, sans le nom du signataire",
    of: PROGRAMME,
    order: &["id"],
    derived: false,
    columns: &[
        text("id"),
        number("programme_no"),
        text("prescriber_id"),
        text("kind"),
        text("number"),
        text("signed_on"),
        left("signatory", Kind::Text, Instead::Value("non repris dans l'archive")),
        text("starts_on"),
        text("ends_on"),
        text("accountant_opinion_on"),
        flag("opinion_is_tacit"),
        number("ceiling_booklets"),
        number("ceiling_cents"),
        text("revoked_on"),
        number("version"),
    ],
};

pub(super) const TRAININGS: Table = Table {
    name: "trainings",
    title: "Formation des agents des prescripteurs",
    of: PROGRAMME,
    order: &["user_id"],
    derived: false,
    columns: &[number("programme_no"), text("user_id"), text("trained_on")],
};
