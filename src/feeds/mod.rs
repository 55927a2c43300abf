//! What happened, told to whoever asked to be told: one event for each receipt, for each change of the registry of
//! places and for each receipt that says what became of applications, in their order, signed, at least once. The journal itself is the outbox: an event exists once its receipt is
//! committed, no act writes anything for it, and how far each webhook has been told is one number. What never lives here:
//! personal data (a receipt has none), SQL, or the path by which an act is written.

mod address;
mod applications;
mod delivery;
mod event;
mod sending;
mod signature;

pub use address::is_public;
pub use applications::{Told, of_applications};
pub use delivery::{Deliverer, Round, round};
pub use event::{About, Event, EventBody, of_receipts};
pub use sending::{Answer, Sender, Wire};
pub use signature::{secret, sign};
