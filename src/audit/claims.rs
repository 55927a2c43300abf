//! Claims as their receipts tell them, and the rules that bind one to another: a pass stands in one claim, an approval is
//! of the claim as it stands, and nobody approves what they have had a part in. What never lives here: what is stored.

mod payments;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::domain::claims::ClaimState;
use crate::domain::serial::read_pass;
use crate::receipts::{Body, Break, Text};

/// A claim as its receipts tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// Code of the organisation to be paid.
    pub(super) provider: String,
    pub(super) month: String,
    /// Passes that were not rejected, and their value.
    pub(super) passes: i64,
    pub(super) cents: i64,
    pub(super) rejected: i64,
    pub(super) due_on: String,
    pub(super) suspended: bool,
    pub(super) state: ClaimState,
    /// Pseudonyms of whoever made it, then of who has approved it as it stands.
    pub(super) people: Vec<String>,
    /// Taken off its last transfer, in cents; and overpaid since.
    netted: i64,
    overpaid: i64,
}

/// Every claim by number, and which one each pass is in.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub(super) by_number: BTreeMap<i64, Claim>,
    /// By number of booklet, times a hundred, plus the rank.
    passes: BTreeMap<u32, i64>,
    /// Overpaid and neither come back nor asked for apart, in cents, by code of the provider.
    pub(super) owed: BTreeMap<String, i64>,
    /// The last number of an overpayment.
    overpayments: i64,
}

fn wrong(code: &'static str, claim: i64, detail: &str) -> Break {
    Break { position: 0, code, detail: format!("demande n° {claim} : {detail}") }
}

/// The passes that a receipt moves.
fn passes<T: Text>(body: &Body<T>) -> impl Iterator<Item = u32> + '_ {
    let items = body.lines.iter().flat_map(|line| &line.items);
    items.filter_map(|item| read_pass(item)).map(|(_, booklet, rank)| booklet * 100 + u32::from(rank))
}

impl Claims {
    /// Takes the next receipt in, whatever it is of.
    pub(super) fn take<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let kind = &*body.kind;
        match kind {
            "payment" => return self.order(body),
            "bank_return" => return self.bank(body),
            "overpayment" => return self.overpay(body),
            "offset" => return self.offset(body),
            "revenue_order" => {
                let asked = body.mentioned_number("revenue_cents").unwrap_or(0);
                return self.owe_less(body.mentioned_text("provider_code").unwrap_or_default(), asked);
            }
            _ => {}
        }
        let Some(sequence) = body.mentioned_number("claim").filter(|_| kind.starts_with("claim")) else {
            return Ok(());
        };
        if kind == "claim" {
            return self.make(body, sequence);
        }
        let known = self.by_number.get_mut(&sequence);
        let claim = known.ok_or_else(|| wrong("claim_unknown", sequence, "elle n'existe pas"))?;
        let open = matches!(claim.state, ClaimState::Submitted | ClaimState::Approved);
        let may = match kind {
            "claim_approval" => claim.state == ClaimState::Submitted && !claim.suspended,
            "claim_suspension" => open && !claim.suspended,
            "claim_resumption" => open && claim.suspended,
            _ => open,
        };
        if !may {
            return Err(wrong("claim_state", sequence, "elle n'admet plus cet acte"));
        }
        match kind {
            "claim_approval" => approve(body, sequence, claim),
            "claim_suspension" => {
                claim.suspended = true;
                Ok(())
            }
            "claim_resumption" => {
                claim.suspended = false;
                body.mentioned_text("due_on").unwrap_or_default().clone_into(&mut claim.due_on);
                Ok(())
            }
            _ => self.reject(body, sequence),
        }
    }

    fn in_state(&mut self, sequence: i64, states: &[ClaimState]) -> Result<&mut Claim, Break> {
        let claim = self.by_number.get_mut(&sequence);
        let claim = claim.ok_or_else(|| wrong("claim_unknown", sequence, "elle n'existe pas"))?;
        if states.contains(&claim.state) && !claim.suspended {
            Ok(claim)
        } else {
            Err(wrong("claim_state", sequence, "elle n'admet pas cet acte"))
        }
    }

    fn make<T: Text>(&mut self, body: &Body<T>, sequence: i64) -> Result<(), Break> {
        let expected = self.by_number.keys().next_back().copied().unwrap_or(0) + 1;
        if sequence != expected {
            return Err(wrong("claim_sequence", sequence, &format!("le numéro {expected} est attendu")));
        }
        for pass in passes(body) {
            if let Some(other) = self.passes.insert(pass, sequence) {
                let detail = format!("le pass {pass} est déjà dans la demande n° {other}");
                return Err(wrong("claim_items", sequence, &detail));
            }
        }
        let from = body.lines.first().map(|line| &*line.from).unwrap_or_default();
        let claim = Claim {
            provider: from.strip_prefix("provider:").unwrap_or(from).to_owned(),
            month: body.mentioned_text("month").unwrap_or_default().to_owned(),
            passes: body.total.passes,
            cents: body.total.cents,
            rejected: 0,
            due_on: body.mentioned_text("due_on").unwrap_or_default().to_owned(),
            suspended: false,
            state: ClaimState::Submitted,
            people: vec![(*body.agent.pseudonym).to_owned()],
            netted: 0,
            overpaid: 0,
        };
        self.by_number.insert(sequence, claim);
        Ok(())
    }

    /// Takes the passes of the receipt out of a claim.
    fn take_out<T: Text>(&mut self, body: &Body<T>, sequence: i64) -> Result<(), Break> {
        for pass in passes(body) {
            if self.passes.remove(&pass) != Some(sequence) {
                return Err(wrong("claim_items", sequence, &format!("le pass {pass} n'y est pas")));
            }
        }
        let Some(claim) = self.by_number.get_mut(&sequence) else { return Ok(()) };
        claim.passes -= body.total.passes;
        claim.cents -= body.total.cents;
        claim.rejected += body.total.passes;
        Ok(())
    }

    fn reject<T: Text>(&mut self, body: &Body<T>, sequence: i64) -> Result<(), Break> {
        self.take_out(body, sequence)?;
        let Some(claim) = self.by_number.get_mut(&sequence) else { return Ok(()) };
        claim.people.truncate(1);
        claim.state = if claim.passes == 0 { ClaimState::Rejected } else { ClaimState::Submitted };
        Ok(())
    }
}

fn approve<T: Text>(body: &Body<T>, sequence: i64, claim: &mut Claim) -> Result<(), Break> {
    if body.mentioned_number("claim_cents") != Some(claim.cents) {
        return Err(wrong("claim_amount", sequence, "l'approbation est d'un autre montant"));
    }
    if claim.people.iter().any(|person| **person == *body.agent.pseudonym) {
        return Err(wrong("four_eyes", sequence, "qui l'a établie ou approuvée ne l'approuve pas encore"));
    }
    claim.people.push((*body.agent.pseudonym).to_owned());
    let given = i64::try_from(claim.people.len()).unwrap_or(i64::MAX) - 1;
    if body.mentioned_number("approvals_needed").is_some_and(|needed| given >= needed) {
        claim.state = ClaimState::Approved;
    }
    Ok(())
}
