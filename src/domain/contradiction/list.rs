//! What an issuer says of each pass of an order: one byte for each, so that a list of any order there was fits in a megabyte.
//! What never lives here: what the ledger says (see `order_places`).

use super::super::ids::PassId;
use super::super::order_places::Span;
use super::super::programme::Order;
use super::super::refusal::{Code, Refusal};
use super::{MOST_PASSES, PassState};

/// An issuer's list of one order.
#[derive(Debug, Clone)]
pub struct IssuerList {
    pub(super) span: Span,
    said: Vec<Option<PassState>>,
    listed: usize,
}

/// That an order is not larger than what is compared at once.
pub(super) fn check_size(order: &Order) -> Result<(), Refusal> {
    if Span::of(order).passes() > MOST_PASSES {
        return Err(Refusal::out_of_range("order", 1, MOST_PASSES));
    }
    Ok(())
}

impl IssuerList {
    /// A list that says nothing yet.
    ///
    /// # Errors
    /// [`Code::QuantityOutOfRange`] for an order of more than [`MOST_PASSES`].
    pub fn of(order: &Order) -> Result<Self, Refusal> {
        check_size(order)?;
        let span = Span::of(order);
        Ok(Self { span, said: vec![None; span.passes()], listed: 0 })
    }

    /// Takes in what is said of a pass.
    ///
    /// # Errors
    /// [`Code::PassUnknown`] for a pass that the order does not have, [`Code::PassNamedTwice`].
    pub fn say(&mut self, pass: PassId, state: PassState) -> Result<(), Refusal> {
        let place = self.span.place(pass).and_then(|place| self.said.get_mut(place));
        let place = place.ok_or(Refusal::new(Code::PassUnknown))?;
        if place.replace(state).is_some() {
            return Err(Refusal::new(Code::PassNamedTwice));
        }
        self.listed += 1;
        Ok(())
    }

    /// Passes of which something is said.
    #[must_use]
    pub const fn listed(&self) -> usize {
        self.listed
    }

    /// What is said of each pass, in order.
    pub(super) fn said(&self) -> impl Iterator<Item = Option<PassState>> + '_ {
        self.said.iter().copied()
    }
}
