//! The integration tests, in one binary: every test that touches the store runs on every engine this machine has.
//! `cfg(test)` on each module lets helpers unwrap as tests do.

#[cfg(test)]
mod harness;

#[cfg(test)]
mod acts;
#[cfg(test)]
mod bit_rot;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod conservation;
#[cfg(test)]
mod drill;
#[cfg(test)]
mod engines;
#[cfg(test)]
mod house;
#[cfg(test)]
mod http;
#[cfg(test)]
mod one_writer;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod replica;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod story;
#[cfg(test)]
mod writer_panic;
