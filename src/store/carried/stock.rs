//! The tables of what was ordered, of where it is and of what became of it, as an archive carries them.
//! What never lives here: how a row is read or written.

use super::columns::{BY_BOOKLET, BY_PASS, PROGRAMME, flag, left, number, text};
use super::{Instead, Kind, Table, instead};
use crate::domain::ids::PassId;

pub(super) const ORDERS: Table = Table {
    name: "orders",
    title: "Commandes",
    of: PROGRAMME,
    order: &["id"],
    derived: false,
    columns: &[
        number("id"),
        number("programme_no"),
        text("number"),
        text("ordered_on"),
        text("issuer_id"),
        number("first_booklet"),
        number("last_booklet"),
        number("passes_per_booklet"),
        number("face_value_cents"),
        number("fees_cents"),
        text("funding"),
        text("validity_end"),
        text("grace_end"),
        number("deliveries"),
        number("delivered_booklets"),
        text("payment_order"),
        number("activated_millis"),
        flag("hand_outs_suspended"),
        flag("redemptions_suspended"),
        text("expired_on"),
        text("acknowledged_on"),
    ],
};

pub(super) const BATCHES: Table = Table {
    name: "batches",
    title: "Lots livrés",
    of: PROGRAMME,
    order: &["id"],
    derived: false,
    columns: &[
        number("id"),
        number("programme_no"),
        text("delivered_on"),
        text("note"),
        left("print_nonce", Kind::Bytes, Instead::Nothing),
        flag("generated"),
    ],
};

pub(super) const BOOKLETS: Table = Table {
    name: "booklets",
    title: "Carnets",
    of: BY_BOOKLET,
    order: &["id"],
    derived: true,
    columns: &[
        number("id"),
        number("batch_id"),
        number("size"),
        text("holder"),
        number("passes_left"),
        text("handed_out_on"),
    ],
};

pub(super) const PASSES: Table = Table {
    name: "passes",
    title: "Pass, sans leur code",
    of: BY_PASS,
    order: &["id"],
    derived: true,
    columns: &[number("id"), left("code_mac", Kind::Bytes, Instead::Digest), text("holder")],
};

/// What stands for the digest of a pass's code in a register that was rebuilt from an archive: no code has it.
#[must_use]
pub fn code_instead(pass: PassId) -> Vec<u8> {
    instead(PASSES.name, &pass.0.to_string()).to_vec()
}

pub(super) const BALANCES: Table = Table {
    name: "balances",
    title: "Soldes",
    of: PROGRAMME,
    order: &["holder", "batch_id"],
    derived: true,
    columns: &[
        number("programme_no"),
        text("holder"),
        number("batch_id"),
        number("booklets"),
        number("passes"),
        number("value_cents"),
    ],
};

pub(super) const DISPATCHES: Table = Table {
    name: "dispatches",
    title: "Remises en dépôt et restitutions",
    of: PROGRAMME,
    order: &["number"],
    derived: true,
    columns: &[number("programme_no"), number("number"), text("from_holder"), text("to_holder"), number("booklets")],
};

pub(super) const REDEMPTIONS: Table = Table {
    name: "redemptions",
    title: "Utilisations",
    of: PROGRAMME,
    order: &["number"],
    derived: true,
    columns: &[
        text("number"),
        number("programme_no"),
        text("venue_id"),
        text("provider_id"),
        text("service"),
        text("performed_on"),
        text("day"),
        text("items"),
        flag("reversed"),
        text("first_visit"),
        number("minutes"),
        number("participants"),
    ],
};

pub(super) const REFUSED_HAND_OUTS: Table = Table {
    name: "refused_hand_outs",
    title: "Remises refusées",
    of: PROGRAMME,
    order: &["id"],
    derived: true,
    columns: &[
        text("id"),
        number("programme_no"),
        number("at_millis"),
        text("day"),
        text("office"),
        text("code"),
        text("rule_version"),
        text("lacking"),
    ],
};

pub(super) const REFUSED_SCANS: Table = Table {
    name: "refused_scans",
    title: "Présentations refusées",
    of: PROGRAMME,
    order: &["id"],
    derived: true,
    columns: &[
        text("id"),
        number("programme_no"),
        number("at_millis"),
        text("day"),
        text("office"),
        text("venue_id"),
        text("service"),
        text("code"),
        text("serials"),
        number("unknown_codes"),
    ],
};

pub(super) const REPLACEMENTS: Table = Table {
    name: "replacements",
    title: "Carnets remplacés",
    of: PROGRAMME,
    order: &["replacement_id"],
    derived: true,
    columns: &[
        number("replacement_id"),
        number("original_id"),
        number("programme_no"),
        text("number"),
        text("office"),
        left("fingerprint", Kind::Bytes, Instead::Digest),
    ],
};

pub(super) const DESTRUCTIONS: Table = Table {
    name: "destructions",
    title: "Destructions proposées et signées",
    of: PROGRAMME,
    order: &["number"],
    derived: true,
    columns: &[
        number("programme_no"),
        number("number"),
        text("reason"),
        text("items"),
        text("proposer_id"),
        text("proposer"),
        text("proposed_on"),
        text("receipt"),
    ],
};

pub(super) const OFFLINE_USES: Table = Table {
    name: "offline_uses",
    title: "Ce que les appareils ont pris sans réseau",
    of: PROGRAMME,
    order: &["position", "booklet_id"],
    derived: true,
    columns: &[
        number("programme_no"),
        number("position"),
        number("booklet_id"),
        text("device_id"),
        text("scanned_on"),
        number("passes"),
        number("value_cents"),
    ],
};
