//! Proposals of destruction as their receipts tell them, and as they are stored: what is to be destroyed and why, who proposed
//! it, and the minutes by which it was signed. What never lives here: a repair.

use std::collections::BTreeMap;

use super::PAGE;
use super::findings::{Findings, paged};
use crate::domain::destruction::{Proposal, items_text};
use crate::domain::programme::Programme;
use crate::receipts::{Body, Text};
use crate::store::{Reads, StoreError};

/// A proposal, and the receipt by which it was signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Destruction {
    reason: String,
    items: String,
    /// Pseudonym.
    proposer: String,
    proposed_on: String,
    receipt: Option<String>,
}

impl Destruction {
    fn stored(row: Proposal, programme: &Programme) -> Self {
        Self {
            reason: row.reason.to_string(),
            items: items_text(&row.items, programme),
            proposer: row.proposer_pseudonym,
            proposed_on: row.proposed_on.to_string(),
            receipt: row.receipt,
        }
    }
}

/// By number.
#[derive(Debug, Default)]
pub(super) struct Destructions {
    by_number: BTreeMap<i64, Destruction>,
}

impl Destructions {
    /// Takes the next receipt of a proposal or a destruction in.
    pub(super) fn take<T: Text>(&mut self, body: &Body<T>) {
        let destruction = self.by_number.entry(body.mentioned_number("proposal").unwrap_or_default()).or_default();
        if &*body.kind == "destruction" {
            destruction.receipt = Some((*body.number).to_owned());
            return;
        }
        let said = |name| body.mentioned_text(name).unwrap_or_default().to_owned();
        (destruction.reason, destruction.items) = (said("reason"), said("items"));
        (destruction.proposer, destruction.proposed_on) = ((*body.agent.pseudonym).to_owned(), (*body.day).to_owned());
    }
}

/// Compares every proposal.
pub(super) fn compare(
    tx: &mut dyn Reads,
    programme: &Programme,
    destructions: &Destructions,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let stored = paged(0, |after| {
        let page = tx.destructions(programme.no, *after, PAGE)?;
        Ok(page.into_iter().map(|row| (row.number, Destruction::stored(row, programme))).collect())
    });
    found.table(("destructions", i64::to_string), stored, &destructions.by_number)
}
