//! The integration tests, in one binary: every test that touches the store runs on every engine this machine has.
//! `cfg(test)` lets helpers unwrap as tests do.

#![cfg(test)]

mod harness;

mod acts;
mod archive;
mod bit_rot;
mod clock;
mod concurrency;
mod configuration;
mod conservation;
mod drill;
mod engines;
mod feeds;
mod house;
mod http;
mod looks;
mod one_writer;
mod operator;
mod personal_data;
mod reading;
mod replay;
mod replica;
mod schema;
mod simulation;
mod story;
mod tree;
mod writer_panic;
mod year;
