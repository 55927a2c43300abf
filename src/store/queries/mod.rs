//! The queries, compiled once per engine from this one text: `super` is the engine. One file per table family.
//! What never lives here: a rule, or a word of one engine's dialect.

pub(super) mod access;
mod accesses;
mod applications;
mod audit;
mod carried;
mod claims;
mod closings;
mod devices;
mod duplicates;
mod ends;
mod engine;
mod erasure;
mod feeds;
mod figures;
mod follow_ups;
pub(super) mod fragment;
mod hand_outs;
mod held;
mod incidents;
pub(super) mod journal;
mod nonces;
mod overpayments;
mod payments;
mod people_keys;
mod places;
mod reference;
mod refused;
mod renewal;
mod reports;
mod restore;
mod rules;
mod statements;
pub(super) mod stock;
mod stock_write;
mod trainings;
mod tree;
mod visits;

use super::{
    AT_REST, BEGIN_READ, BEGIN_WRITE, BYTE_ORDER, Conn, Db, EXPECTED, GUARDS, MEASURE, OneByOne, PLAN_ANEW, READ_ONLY,
    READERS, STORAGE, bytes_of, connect, hex_of, lock_migrations, mistyped, objects, prepare, unlock_migrations,
    within_bounds,
};
pub(in crate::store) use engine::Engine;
pub(in crate::store) use fragment::AroundRows;
