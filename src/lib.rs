//! Récépissé: the ledger of a pass numérique scheme.
//!
//! Modules in reading order, lowest first: a module may only see those above it.

pub mod domain;

pub mod banking;

pub mod receipts;

pub mod clock;
mod closed;
pub mod contacts;
pub mod dossiers;
pub mod issuing;
pub mod keys;
pub mod payees;
pub mod people;

pub mod documents;

pub mod auth;
pub mod store;

pub mod archive;
pub mod audit;
pub mod backup;
pub mod ledger;
pub mod reports;

pub mod due;
pub mod feeds;
pub mod payment_file;
pub mod tree;
pub mod witness_folder;

pub mod demo;
pub mod devices;

pub mod catalogue;

pub mod cartography;

pub mod http;

pub mod cli;
pub mod config;
pub mod folder;
pub mod telemetry;
pub mod volume;
