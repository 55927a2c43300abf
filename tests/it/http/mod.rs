//! The API as a client sees it: the real routes and middleware, on every engine.

pub(crate) mod requests;
mod set_up;

mod accesses;
mod applicants;
mod applications;
mod bad_addresses;
mod bad_input;
mod claims;
mod closings;
mod contract;
mod devices;
mod duplicates;
mod ends;
mod erasure;
mod feeds;
mod figures;
mod held;
mod issuer_statements;
mod mutations;
mod open_data;
mod operations;
mod orientation;
mod pages;
mod payments;
mod permissions;
pub(crate) mod places;
mod prescribers;
mod reidentification;
mod replays;
mod rules;
mod scope;
mod secrets;
mod sessions;
mod sockets;
mod story;
