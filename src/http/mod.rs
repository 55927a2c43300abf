//! One way of asking: the route table on one screen, and what surrounds every answer. What never lives here: a
//! rule, or SQL.

mod access_log;
mod acts;
mod app;
mod attestation;
mod caller;
mod charts;
mod documents;
mod envelope;
mod execution;
mod exports;
mod feeds;
mod head;
mod health;
mod limits;
mod lookups;
mod metrics;
mod open_data;
mod openapi;
mod places;
mod problem;
mod public;
mod reading;
mod receipt_json;
mod reference;
mod remembered;
mod replica;
mod routes;
mod server;
mod session;
mod shape;
mod statements;
mod surroundings;
mod trace;
mod tree;
mod turnstile;
mod verification;
mod workbook;

pub use app::{App, Parts};
pub use openapi::openapi;
pub use problem::{Problem, ProblemBody};
pub use reading::Reading;
pub use replica::Replica;
pub use routes::{ROUTES, RouteRow, configure};
pub use server::{Listening, ServeError, serve, start};
pub use surroundings::surround;
