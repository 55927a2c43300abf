//! The files that go to a bank and come from it. What never lives here: SQL, HTTP, or what a file means for a claim.

mod answers;
mod transfers;

pub use answers::{Answers, Unread, UnreadLine, answers_in};
pub use transfers::{NoFile, Transfer, transfer_file};
