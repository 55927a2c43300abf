//! Proposals of destruction as their receipts tell them, and as they are stored: what is to be destroyed and why, who proposed
//! it, and the minutes by which it was signed. What never lives here: a repair.

use std::collections::BTreeMap;

use super::PAGE;
use super::compare::Findings;
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
    let mut expected = destructions.by_number.clone();
    let mut after = 0;
    loop {
        let page = tx.destructions(programme.no, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.number;
        for Proposal { number, reason, items, proposer_pseudonym: proposer, proposed_on, receipt, .. } in page {
            let (reason, items) = (reason.to_string(), items_text(&items, programme));
            let stored = Destruction { reason, items, proposer, proposed_on: proposed_on.to_string(), receipt };
            found.row("destructions", || number.to_string(), (Some(&stored), expected.remove(&number).as_ref()));
        }
    }
    for (number, missing) in &expected {
        found.row("destructions", || number.to_string(), (None, Some(missing)));
    }
    Ok(())
}
