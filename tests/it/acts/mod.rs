//! One file per family of acts: the yes, and every refusal code, through the ledger on every engine. `house` holds
//! the list of codes against these files: a code without a test fails the build.

mod access;
mod closing;
mod custody;
mod handout;
mod redemption;
mod restore;
mod supply;
