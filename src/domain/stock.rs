//! Booklets and passes, and where they are. A pass goes with its booklet until it is redeemed; then it has a
//! holder of its own. What never lives here: the codes in clear.

use super::ids::{BatchId, BookletId, PassId};
use super::party::Holder;
use super::time::Day;

/// The keyed digest of a pass's code; the code itself is on paper only.
pub type CodeMac = [u8; 32];

/// A booklet and the passes that still go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booklet {
    pub id: BookletId,
    pub batch: BatchId,
    /// How many passes it was printed with, 1 to 99.
    pub size: u8,
    pub holder: Holder,
    /// Passes that have no holder of their own.
    pub passes_left: u8,
    /// When a beneficiary received it.
    pub handed_out_on: Option<Day>,
}

/// A pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    pub id: PassId,
    /// `None` while it goes with its booklet.
    pub holder: Option<Holder>,
}

/// A booklet as it enters stock, with one code digest per pass in rank order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBooklet {
    pub id: BookletId,
    pub code_macs: Vec<CodeMac>,
}
