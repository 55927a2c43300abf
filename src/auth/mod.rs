//! Who is calling, how they prove it and what they may: passwords, access and refresh tokens, the wait after
//! failed attempts, and the table role × action. What never lives here: a query (`store`), a request or a status
//! (`http`), the clock (moments are handed in).

pub mod password;
mod permit;
pub mod throttle;
pub mod token;

pub use permit::{Action, Caller, Forbidden, Permit, may};
