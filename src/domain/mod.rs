//! What is true: values in, values out. No SQL, HTTP, clock, randomness or environment.
//!
//! In the order of a pass's life: first the values, then who and what takes part, then the acts.

pub mod account;
pub mod anomaly;
pub mod code;
pub mod identity;
pub mod ids;
pub mod money;
pub mod month;
mod named;
pub mod position;
pub mod refusal;
pub mod registration;
pub mod serial;
pub mod sex;
pub mod short_code;
pub mod territory;
pub mod text;
pub mod time;
mod words;

pub mod duplicates;
pub mod eligibility;
pub mod orientation;
pub mod party;
pub mod places;
pub mod programme;
pub mod publication;
pub mod reach;
pub mod standing;
pub mod statements;
pub mod stock;

pub mod act;
pub mod activity;
pub mod erasure;
pub mod facts;
pub mod items;
pub mod moment;
pub mod movement;
mod part;

pub mod acceptance;
pub mod allocation;
pub mod applications;
pub mod claims;
pub mod closing;
pub mod contradiction;
pub mod custody;
pub mod destruction;
pub mod device;
pub mod distribution;
pub mod end_calendar;
pub mod ends;
mod entitlement;
pub mod follow_up;
pub mod funding;
pub mod handout;
pub mod incidents;
pub mod mailing;
pub mod offline;
pub mod order_places;
pub mod payments;
pub mod people_key;
pub mod redemption;
pub mod replacement;
pub mod restore;
pub mod sampling;
mod shares;
pub mod stock_take;
pub mod supply;
pub mod visit;
pub mod webhooks;
