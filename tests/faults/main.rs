//! The fault suites: the real program, killed, starved and cut off on every engine this machine has, then judged by one
//! oracle. `docs/FAULTS.md` says what is promised and how far each suite goes. `cfg(test)` lets helpers unwrap as tests do.
//! What never lives here: a rule of the ledger.

#![cfg(test)]

#[path = "../../examples/load/cast.rs"]
mod cast;
mod harness;
#[path = "../../examples/load/prepare.rs"]
mod prepare;
#[path = "../../examples/load/server.rs"]
#[expect(dead_code, reason = "the load starts and measures servers in more ways than these suites")]
mod server;
#[path = "../../examples/load/wire.rs"]
mod wire;
#[path = "../../examples/load/world.rs"]
#[expect(dead_code, reason = "the load finds its register again; these suites prepare one each")]
mod world;

mod clock;
mod cuts;
mod feeds;
mod flush;
mod instances;
mod kill;
mod migration;
mod postmaster;
mod power;
mod slow;
mod stop;
mod syscalls;
