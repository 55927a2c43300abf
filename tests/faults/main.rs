//! The fault suites: the real program, killed, starved and cut off on every engine this machine has, then judged by one
//! oracle. `docs/FAULTS.md` says what is promised and how far each suite goes. `cfg(test)` on each module lets helpers
//! unwrap as tests do. What never lives here: a rule of the ledger.

#[cfg(test)]
#[path = "../../examples/load/cast.rs"]
mod cast;
#[cfg(test)]
mod harness;
#[cfg(test)]
#[path = "../../examples/load/prepare.rs"]
mod prepare;
#[cfg(test)]
#[path = "../../examples/load/server.rs"]
#[expect(dead_code, reason = "the load starts and measures servers in more ways than these suites")]
mod server;
#[cfg(test)]
#[path = "../../examples/load/wire.rs"]
#[expect(dead_code, reason = "the load also reads reports, as somebody who has signed in")]
mod wire;
#[cfg(test)]
#[path = "../../examples/load/world.rs"]
#[expect(dead_code, reason = "the load finds its register again; these suites prepare one each")]
mod world;

#[cfg(test)]
mod cuts;
#[cfg(test)]
mod instances;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod migration;
#[cfg(test)]
mod postmaster;
#[cfg(test)]
mod power;
#[cfg(test)]
mod slow;
#[cfg(test)]
mod stop;
#[cfg(test)]
mod syscalls;
