//! Payments of claims, what the bank says of them, and what providers owe of what they were overpaid. What never lives here: how a
//! claim comes to be approved.

use std::collections::BTreeMap;

use super::{Claims, passes, wrong};
use crate::domain::claims::ClaimState;
use crate::receipts::{Body, Break, Text};

impl Claims {
    /// Every claim of a payment is approved, and the payment is what they are worth together.
    pub(super) fn order<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let mut cents = 0;
        for sequence in listed(body, "claims") {
            let claim = self.in_state(sequence, &[ClaimState::Approved])?;
            if claim.people.iter().any(|person| **person == *body.agent.pseudonym) {
                return Err(wrong("four_eyes", sequence, "qui l'a établie ou approuvée n'en ordonne pas le paiement"));
            }
            claim.state = ClaimState::Ordered;
            claim.netted = 0;
            cents += claim.cents;
        }
        for (sequence, provider, netted) in threes(body, "netted") {
            let claim = self.in_state(sequence, &[ClaimState::Ordered])?;
            if claim.provider != provider || netted >= claim.cents || claim.netted != 0 {
                return Err(owes("ce qui est retenu n'est pas d'une demande de cette structure, ou la dépasse"));
            }
            claim.netted = netted;
            cents -= netted;
            self.owe_less(provider, netted)?;
        }
        if body.mentioned_number("payment_cents") == Some(cents) {
            return Ok(());
        }
        let detail = "l'ordre de paiement n'est pas du montant de ses demandes".to_owned();
        Err(Break { position: 0, code: "payment_amount", detail })
    }

    /// What the bank has paid was ordered, what came back was paid; the passes that move are exactly theirs.
    pub(super) fn bank<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        // What was paid and came back by one receipt has not moved.
        let (executed, returned) = (listed(body, "claims_executed"), listed(body, "claims_returned"));
        let stayed = |claim: &i64| executed.contains(claim) && returned.contains(claim);
        let mut moved = 0;
        for (mention, from, to) in [
            ("claims_executed", ClaimState::Ordered, ClaimState::Paid),
            ("claims_rejected", ClaimState::Ordered, ClaimState::Approved),
            ("claims_returned", ClaimState::Paid, ClaimState::Approved),
        ] {
            for sequence in listed(body, mention) {
                let claim = self.in_state(sequence, &[from])?;
                claim.state = to;
                moved += if mention == "claims_rejected" || stayed(&sequence) { 0 } else { claim.passes };
            }
        }
        for sequence in listed(body, "claims_ended") {
            let claim = self.in_state(sequence, &[ClaimState::Approved])?;
            if claim.passes != 0 || !returned.contains(&sequence) {
                return Err(wrong(
                    "claim_state",
                    sequence,
                    "il lui reste de quoi être payée, ou elle n'est pas revenue",
                ));
            }
            claim.state = ClaimState::Rejected;
        }
        let named: Vec<i64> = executed.iter().chain(&returned).filter(|claim| !stayed(claim)).copied().collect();
        let foreign = passes(body).find(|pass| self.passes.get(pass).is_none_or(|claim| !named.contains(claim)));
        if moved == body.total.passes && foreign.is_none() {
            return self.undo(body);
        }
        let detail = "les pass payés ou rendus ne sont pas ceux des demandes nommées".to_owned();
        Err(Break { position: 0, code: "claim_items", detail })
    }

    /// What was taken off transfers that were not paid is owed again, and what was overpaid has come back with its transfer:
    /// exactly what the receipt says.
    fn undo<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let mut undone: BTreeMap<i64, (String, i64)> = BTreeMap::new();
        let mut returned: BTreeMap<String, i64> = BTreeMap::new();
        for sequence in [listed(body, "claims_rejected"), listed(body, "claims_returned")].concat() {
            let Some(claim) = self.by_number.get_mut(&sequence) else { continue };
            if claim.netted > 0 {
                undone.insert(sequence, (claim.provider.clone(), std::mem::take(&mut claim.netted)));
            }
            if claim.overpaid > 0 {
                *returned.entry(claim.provider.clone()).or_default() += std::mem::take(&mut claim.overpaid);
            }
        }
        let said = threes(body, "netting_undone").into_iter();
        let said = said.map(|(claim, provider, cents)| (claim, (provider.to_owned(), cents)));
        let told: Vec<String> = returned.iter().map(|(provider, cents)| format!("{provider} {cents}")).collect();
        if said.collect::<BTreeMap<_, _>>() != undone
            || told.join("; ") != body.mentioned_text("overpayments_returned").unwrap_or_default()
        {
            return Err(owes(
                "le retour de la banque ne dit pas ce que les structures doivent de nouveau, ou n'ont plus à rendre",
            ));
        }
        for (provider, cents) in undone.into_values() {
            *self.owed.entry(provider).or_default() += cents;
        }
        returned.iter().try_for_each(|(provider, cents)| self.owe_less(provider, *cents))
    }

    /// Passes of a paid claim, which its provider owes.
    pub(super) fn overpay<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let sequence = body.mentioned_number("claim").unwrap_or(0);
        self.in_state(sequence, &[ClaimState::Paid])?;
        self.take_out(body, sequence)?;
        self.overpayments += 1;
        let Some(claim) = self.by_number.get_mut(&sequence) else { return Ok(()) };
        claim.overpaid += body.total.cents;
        let owed = self.owed.entry(claim.provider.clone()).or_default();
        *owed += body.total.cents;
        let said = [body.mentioned_number("overpayment"), body.mentioned_number("owed_cents")];
        if said == [Some(self.overpayments), Some(*owed)] {
            return Ok(());
        }
        Err(owes("le constat n'est pas le suivant, ou ne dit pas ce que la structure doit"))
    }

    /// An approved claim, whole, against what its provider owes.
    pub(super) fn offset<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let sequence = body.mentioned_number("claim").unwrap_or(0);
        let claim = self.in_state(sequence, &[ClaimState::Approved])?;
        if claim.people.iter().any(|person| **person == *body.agent.pseudonym) {
            return Err(wrong("four_eyes", sequence, "qui l'a établie ou approuvée ne la solde pas"));
        }
        claim.state = ClaimState::Paid;
        claim.netted = 0;
        let (provider, cents, own) = (claim.provider.clone(), claim.cents, claim.passes);
        let foreign = passes(body).find(|pass| self.passes.get(pass) != Some(&sequence));
        if body.total.passes != own || foreign.is_some() {
            return Err(wrong("claim_items", sequence, "les pass soldés ne sont pas les siens"));
        }
        self.owe_less(&provider, cents)?;
        let owed = self.owed.get(&provider).copied();
        if body.mentioned_number("owed_cents") == owed {
            return Ok(());
        }
        Err(owes("la compensation ne dit pas ce que la structure doit encore"))
    }

    pub(super) fn owe_less(&mut self, provider: &str, cents: i64) -> Result<(), Break> {
        let owed = self.owed.entry(provider.to_owned()).or_default();
        if cents < 1 || cents > *owed {
            return Err(owes("plus est repris à la structure qu'elle ne doit"));
        }
        *owed -= cents;
        Ok(())
    }
}

/// What a mention lists by threes, claim, provider and cents: `7 CAFE 3000; 9 CAFE 1000`.
fn threes<'b, T: Text>(body: &'b Body<T>, mention: &str) -> Vec<(i64, &'b str, i64)> {
    let three = |part: &'b str| {
        let mut words = part.split(' ');
        Some((words.next()?.parse().ok()?, words.next()?, words.next()?.parse().ok()?))
    };
    body.mentioned_text(mention).unwrap_or_default().split("; ").filter_map(three).collect()
}

/// The numbers that a mention lists: `3 5 8`.
fn listed<T: Text>(body: &Body<T>, mention: &str) -> Vec<i64> {
    body.mentioned_text(mention).unwrap_or_default().split(' ').filter_map(|number| number.parse().ok()).collect()
}

fn owes(detail: &str) -> Break {
    Break { position: 0, code: "overpayment", detail: detail.to_owned() }
}
