//! Récépissé: the ledger of a pass numérique scheme.
//!
//! Modules in reading order, lowest first: a module may only see those above it, and a test of the house holds the order.

pub mod domain;

pub mod banking;
pub mod receipts;

pub mod clock;
pub mod keys;

mod closed;
pub mod contacts;
pub mod dossiers;
pub mod issuing;
pub mod payees;
pub mod people;

pub mod catalogue;
pub mod folder;
pub mod volume;

pub mod cartography;
pub mod devices;
pub mod documents;

pub mod auth;
pub mod store;

pub mod ledger;

pub mod payment_file;
pub mod reports;

pub mod audit;

pub mod archive;
pub mod backup;
pub mod feeds;
pub mod tree;

pub mod due;
pub mod witness_folder;

pub mod demo;

pub mod http;

pub mod telemetry;

pub mod config;

pub mod cli;
