//! The files that go to a bank and come from it, and those of an issuer that pays. What never lives here: SQL, HTTP, or what a file means for a claim.

mod answers;
mod order_list;
mod statement;
mod transfers;

pub use answers::{Answers, Unread, UnreadLine, answers_in};
pub use order_list::{ListedItem, order_list_in};
pub use statement::{StatementFile, statement_in};
pub use transfers::{NoFile, Transfer, transfer_file};
