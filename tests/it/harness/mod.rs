//! What every integration test stands on: the engines of this machine, and a [`World`] on one of them: a store, a
//! ledger, keys, a frozen clock and everybody who takes part. What never lives here: an assertion about a rule.

mod engine;
mod http;
mod log;
mod people;
mod pilot;
mod postgres;
mod program;
mod python;
mod raw;
mod second_opinion;
mod sockets;
mod standby;
mod stock;
mod tree;
mod world;

pub(crate) use engine::{Engine, Place, engines};
pub(crate) use http::{Answer, Client, Http, PASSWORD, app, over_every_engine};
pub(crate) use log::log;
pub(crate) use people::{Hand, Person};
pub(crate) use postgres::{Cluster, cluster};
pub(crate) use program::{Program, Served, told};
pub(crate) use python::python_is_here;
pub(crate) use raw::Raw;
pub(crate) use second_opinion::second_opinion;
pub(crate) use sockets::{Heard, Sockets, head, hear};
pub(crate) use standby::Standby;
pub(crate) use stock::{booklet_ids, printed_code, reference};
pub(crate) use tree::packages;
pub(crate) use world::{World, on_every_engine, on_postgres, short_code};
