//! Claims as their receipts tell them, and the rules that bind one to another: a pass stands in one claim, an approval is
//! of the claim as it stands, and nobody approves what they have had a part in. What never lives here: what is stored.

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

/// The numbers that a mention lists: `3 5 8`.
fn listed<T: Text>(body: &Body<T>, mention: &str) -> Vec<i64> {
    body.mentioned_text(mention).unwrap_or_default().split(' ').filter_map(|number| number.parse().ok()).collect()
}

/// What a mention lists by threes, claim, provider and cents: `7 CAFE 3000; 9 CAFE 1000`.
fn threes<'b, T: Text>(body: &'b Body<T>, mention: &str) -> Vec<(i64, &'b str, i64)> {
    let three = |part: &'b str| {
        let mut words = part.split(' ');
        Some((words.next()?.parse().ok()?, words.next()?, words.next()?.parse().ok()?))
    };
    body.mentioned_text(mention).unwrap_or_default().split("; ").filter_map(three).collect()
}

fn owes(detail: &str) -> Break {
    Break { position: 0, code: "overpayment", detail: detail.to_owned() }
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

    /// Every claim of a payment is approved, and the payment is what they are worth together.
    fn order<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
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
    fn bank<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
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

    fn owe_less(&mut self, provider: &str, cents: i64) -> Result<(), Break> {
        let owed = self.owed.entry(provider.to_owned()).or_default();
        if cents < 1 || cents > *owed {
            return Err(owes("plus est repris à la structure qu'elle ne doit"));
        }
        *owed -= cents;
        Ok(())
    }

    /// Passes of a paid claim, which its provider owes.
    fn overpay<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
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
    fn offset<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipts::{Agent, Holding, Line, Mention, Office, Total};

    fn body(kind: &str, who: &str, passes: &[u8], mentions: &[(&str, i64)]) -> Body {
        let count = i64::try_from(passes.len()).unwrap();
        let items = passes.iter().map(|rank| format!("HDF21-000001-85/{rank:02}")).collect();
        let line = Line {
            batch: "1-1".into(),
            from: "provider:CAFE".into(),
            to: "claimed:CAFE".into(),
            booklets: 0,
            passes: count,
            cents: count * 1000,
            items,
        };
        Body {
            v: 1,
            programme: "HDF21".into(),
            position: 9,
            number: "HDF21-CAFE-2021-000001".into(),
            kind: kind.into(),
            at: "2021-11-02T09:00:00.000Z".into(),
            day: "2021-11-02".into(),
            office: Office {
                code: "CAFE".into(),
                name: "Café".into(),
                registration: "1".into(),
                commune: "59392".into(),
            },
            agent: Agent { pseudonym: who.into(), role: "region_finance".into() },
            face_cents: 1000,
            lines: if passes.is_empty() { Vec::new() } else { vec![line] },
            total: Total { booklets: 0, passes: count, cents: count * 1000 },
            holdings: Vec::<Holding>::new(),
            mentions: mentions.iter().map(|(name, value)| ((*name).to_owned(), Mention::Number(*value))).collect(),
            corrects: None,
            prev: String::new(),
        }
    }

    fn made() -> Claims {
        let mut claims = Claims::default();
        claims.take(&body("claim", "a", &[1, 2, 3], &[("claim", 1)])).unwrap();
        claims
    }

    fn approval(who: &str, cents: i64) -> Body {
        let said = [("claim", 1), ("claim_cents", cents), ("approval", 1), ("approvals_needed", 2)];
        body("claim_approval", who, &[], &said)
    }

    #[test]
    fn two_people_besides_who_made_it_approve_a_claim_as_it_stands() {
        let mut claims = made();
        assert_eq!(claims.take(&approval("a", 3000)).unwrap_err().code, "four_eyes");
        assert_eq!(claims.take(&approval("b", 2000)).unwrap_err().code, "claim_amount");
        claims.take(&approval("b", 3000)).unwrap();
        assert_eq!(claims.take(&approval("b", 3000)).unwrap_err().code, "four_eyes");
        assert_eq!(claims.by_number[&1].state, ClaimState::Submitted);
        claims.take(&approval("c", 3000)).unwrap();
        assert_eq!(claims.by_number[&1].state, ClaimState::Approved);
        assert_eq!(claims.take(&approval("d", 3000)).unwrap_err().code, "claim_state");
    }

    #[test]
    fn a_rejection_voids_the_approvals_and_frees_its_passes_only() {
        let mut claims = made();
        claims.take(&approval("b", 3000)).unwrap();
        claims.take(&body("claim_rejection", "b", &[2], &[("claim", 1)])).unwrap();
        let claim = claims.by_number[&1].clone();
        assert_eq!((claim.passes, claim.cents, claim.rejected, claim.people.len()), (2, 2000, 1, 1));
        let again = |passes: &[u8]| body("claim", "a", passes, &[("claim", 2)]);
        assert_eq!(claims.take(&again(&[2, 3])).unwrap_err().code, "claim_items");
        let mut claims = made();
        claims.take(&body("claim_rejection", "b", &[2], &[("claim", 1)])).unwrap();
        claims.take(&again(&[2])).unwrap();
        assert_eq!(claims.take(&body("claim_rejection", "b", &[2], &[("claim", 1)])).unwrap_err().code, "claim_items");
    }

    #[test]
    fn a_payment_is_of_approved_claims_and_the_bank_moves_exactly_their_passes() {
        let mut claims = made();
        let order = |cents| {
            let mut body = body("payment", "d", &[], &[("payment", 1), ("payment_cents", cents)]);
            body.mentions.insert("claims".into(), Mention::Text("1".into()));
            body
        };
        let bank = |said: &str, passes: &[u8]| {
            let mut body = body("bank_return", "d", passes, &[]);
            body.mentions.insert(said.into(), Mention::Text("1".into()));
            body
        };
        assert_eq!(claims.take(&order(3000)).unwrap_err().code, "claim_state");
        claims.take(&approval("b", 3000)).unwrap();
        claims.take(&approval("c", 3000)).unwrap();
        assert_eq!(claims.take(&order(2999)).unwrap_err().code, "payment_amount");
        let mut claims = made();
        claims.take(&approval("b", 3000)).unwrap();
        claims.take(&approval("c", 3000)).unwrap();
        claims.take(&order(3000)).unwrap();
        assert_eq!(claims.take(&bank("claims_returned", &[1, 2, 3])).unwrap_err().code, "claim_state");
        claims.take(&bank("claims_rejected", &[])).unwrap();
        assert_eq!(claims.by_number[&1].state, ClaimState::Approved);
        claims.take(&order(3000)).unwrap();
        claims.take(&bank("claims_executed", &[1, 2, 3])).unwrap();
        assert_eq!(claims.by_number[&1].state, ClaimState::Paid);
        assert_eq!(claims.take(&bank("claims_returned", &[1, 2])).unwrap_err().code, "claim_items");
    }

    #[test]
    fn claims_are_numbered_without_gaps_and_wait_while_suspended() {
        let mut claims = made();
        assert_eq!(claims.take(&body("claim", "a", &[4], &[("claim", 3)])).unwrap_err().code, "claim_sequence");
        let of = |kind: &str, claim| body(kind, "b", &[], &[("claim", claim)]);
        assert_eq!(claims.take(&of("claim_suspension", 2)).unwrap_err().code, "claim_unknown");
        assert_eq!(claims.take(&of("claim_resumption", 1)).unwrap_err().code, "claim_state");
        claims.take(&of("claim_suspension", 1)).unwrap();
        assert_eq!(claims.take(&approval("b", 3000)).unwrap_err().code, "claim_state");
        claims.take(&of("claim_resumption", 1)).unwrap();
        claims.take(&approval("b", 3000)).unwrap();
    }
}
