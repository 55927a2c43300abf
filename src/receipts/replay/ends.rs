//! What ends an order, destroys what is out of use, and counts a holder's stock: the dates, the suspensions, the proposals
//! and the amounts that receipts say. What never lives here: which roles may; that is the table in `kinds`.

use std::collections::BTreeSet;

use super::super::{Body, Break, Text, is_hex};
use super::kinds::{HolderKind, batch_order};
use super::records::{date, number, ordinal, text, wrong};
use super::stock::{Item, pass_number};
use super::{Order, Replay};

/// What somebody has proposed to destroy.
#[derive(Debug)]
pub(super) struct Proposal {
    /// Pseudonym of the agent.
    proposed_by: String,
    proposed_on: String,
    reason: String,
    items: Items,
    signed: bool,
}

/// Number of the booklet, times a hundred, plus the rank; 0 for a whole booklet.
type Items = BTreeSet<u32>;

/// Each thing that these texts name, once.
fn items<'t>(programme: &str, texts: impl Iterator<Item = &'t str>) -> Result<Items, Break> {
    let mut items = Items::new();
    for text in texts {
        let (numbers, rank) = match Item::parse(programme, text)? {
            Item::Booklets(range) => (range.numbers(), 0),
            Item::Pass { booklet, rank } => (booklet..=booklet, rank),
        };
        for number in numbers {
            if !items.insert(pass_number(number, rank)) {
                return Err(proposal("un carnet ou un pass y est nommé deux fois"));
            }
        }
    }
    Ok(items)
}

fn proposal(detail: impl Into<String>) -> Break {
    Break::new("proposal", detail)
}

impl Replay {
    /// Proposals of destruction are numbered from 1 without gaps, and name what is to be destroyed.
    pub(super) fn propose<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let (sequence, reason) = (number(body, "proposal")?, text(body, "reason")?);
        let named = items(&self.programme, text(body, "items")?.split("; "))?;
        let expected = self.proposals.len() + 1;
        if usize::try_from(sequence) != Ok(expected) {
            return Err(proposal(format!("la proposition {expected} est attendue")));
        }
        self.proposals.push(Proposal {
            proposed_by: (*body.agent.pseudonym).to_owned(),
            proposed_on: (*body.day).to_owned(),
            reason: reason.to_owned(),
            items: named,
            signed: false,
        });
        Ok(())
    }

    /// What one person proposed, another signs, once and whole.
    pub(super) fn destroy<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let (sequence, reason) = (number(body, "proposal")?, text(body, "reason")?);
        date(body, "proposed_on")?;
        let (proposed_by, proposed_on) = (text(body, "proposed_by")?, text(body, "proposed_on")?);
        if !is_hex(proposed_by, 16) || proposed_by == &*body.agent.pseudonym {
            let detail = "une destruction est proposée par une personne et signée par une autre";
            return Err(Break::new("four_eyes", detail));
        }
        let texts = body.lines.iter().flat_map(|line| line.items.iter().map(|item| &**item));
        let moved = items(&self.programme, texts)?;
        let index = usize::try_from(sequence).ok().and_then(|sequence| sequence.checked_sub(1));
        let found = index.and_then(|index| self.proposals.get_mut(index)).filter(|found| !found.signed);
        let found = found.ok_or_else(|| proposal(format!("la proposition {sequence} n'est pas à signer")))?;
        let same = (proposed_by, proposed_on, reason, &moved)
            == (&*found.proposed_by, &*found.proposed_on, &*found.reason, &found.items);
        if !same {
            return Err(proposal(format!("ce n'est pas ce que dit la proposition {sequence}")));
        }
        found.signed = true;
        Ok(())
    }

    pub(super) fn order_mut<T: Text>(&mut self, body: &Body<T>) -> Result<(i64, &mut Order), Break> {
        let sequence = number(body, "order")?;
        let unknown = || Break::new("order_unknown", format!("la commande {sequence} n'existe pas"));
        let order = self.orders.get_mut(&sequence).ok_or_else(unknown)?;
        Ok((sequence, order))
    }

    /// Something of each order changes its state, or the receipt says nothing.
    pub(super) fn suspend<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let (orders, scope) = (text(body, "orders")?, text(body, "scope")?);
        let (hand_outs, redemptions) = match scope {
            "hand_outs" => (true, false),
            "redemptions" => (false, true),
            "everything" => (true, true),
            _ => return Err(wrong("scope")),
        };
        let suspended = &*body.kind == "suspension";
        if suspended {
            text(body, "reason")?;
        }
        for sequence in orders.split(' ') {
            let sequence = super::kinds::counting(sequence).ok_or_else(|| wrong("orders"))?;
            let unknown = || Break::new("order_unknown", format!("la commande {sequence} n'existe pas"));
            let order = self.orders.get_mut(&sequence).ok_or_else(unknown)?;
            let before = order.suspended;
            let set = |touched: bool, before: bool| if touched { suspended } else { before };
            order.suspended = (set(hand_outs, before.0), set(redemptions, before.1));
            if order.suspended == before {
                let detail = format!("l'état de la commande {sequence} ne change pas");
                return Err(Break::new("suspension", detail));
            }
        }
        Ok(())
    }

    /// The end moves away, and never into the past.
    pub(super) fn prorogue<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let (validity_end, grace_end) = (date(body, "validity_end")?, date(body, "grace_end")?);
        let today = ordinal(&body.day);
        let (sequence, order) = self.order_mut(body)?;
        let later = validity_end > order.validity_end && grace_end >= order.grace_end.max(validity_end);
        if !later || validity_end < today {
            let detail = format!("la fin de validité de la commande {sequence} n'est pas repoussée");
            return Err(Break::new("prorogation", detail));
        }
        (order.validity_end, order.grace_end) = (validity_end, grace_end);
        order.acknowledged = false;
        Ok(())
    }

    /// Once for each end, before it, of as much as there is still to hand out.
    pub(super) fn acknowledge<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let (end, said) = (date(body, "validity_end")?, number(body, "undistributed_passes")?);
        let today = ordinal(&body.day);
        let (sequence, _) = self.order_mut(body)?;
        let undistributed = self.undistributed(sequence);
        let (_, order) = self.order_mut(body)?;
        if end != order.validity_end || today > end || order.acknowledged {
            let detail = format!("la responsabilité sur la commande {sequence} ne se reconnaît pas ce jour-là");
            return Err(Break::new("acknowledgement", detail));
        }
        if said != undistributed {
            let detail = format!("de la commande {sequence} il reste {undistributed} pass à remettre, et non {said}");
            return Err(Break::new("acknowledgement", detail));
        }
        order.acknowledged = true;
        Ok(())
    }

    /// Passes of an order that can still be handed out.
    fn undistributed(&self, sequence: i64) -> i64 {
        let of_order = |batch| batch_order(self.stock.batches.text(batch)).is_some_and(|(order, _)| order == sequence);
        let at_hand = |holder| {
            let kind = HolderKind::of(self.stock.holders.text(holder));
            matches!(kind, Ok(HolderKind::Store | HolderKind::Transit | HolderKind::Prescriber))
        };
        let held = self.stock.balances.iter().filter(|((batch, holder), _)| of_order(*batch) && at_hand(*holder));
        held.map(|(_, balance)| balance.passes).sum()
    }

    /// The grace of the order is over.
    pub(super) fn expire<T: Text>(&mut self, body: &Body<T>) -> Result<i64, Break> {
        let today = ordinal(&body.day);
        let (sequence, order) = self.order_mut(body)?;
        if today > order.grace_end {
            return Ok(sequence);
        }
        Err(Break::new("grace_not_ended", format!("le délai de grâce de la commande {sequence} court encore")))
    }

    /// The amount is that of the passes.
    pub(super) fn credit<T: Text>(&mut self, body: &Body<T>) -> Result<i64, Break> {
        text(body, "credit_note")?;
        if date(body, "received_on")? > ordinal(&body.day) {
            return Err(wrong("received_on"));
        }
        let amount = number(body, "amount_cents")?;
        let (sequence, _) = self.order_mut(body)?;
        if amount == body.total.cents {
            return Ok(sequence);
        }
        Err(Break::new("credit_amount", "le montant de l'avoir n'est pas la valeur faciale des pass"))
    }

    /// What is expected is what the holder has.
    pub(super) fn count<T: Text>(&self, body: &Body<T>) -> Result<(), Break> {
        let (holder, expected) = (text(body, "holder")?, number(body, "expected_passes")?);
        for name in ["expected_booklets", "counted_booklets", "missing_booklets", "surplus_booklets"] {
            number(body, name)?;
        }
        let held = self.stock.holders.known(holder).and_then(|name| self.stock.held.get(&name));
        if held.copied().unwrap_or_default() == expected {
            return Ok(());
        }
        Err(Break::new("stock_take", format!("{holder} n'a pas ce que l'inventaire attend")))
    }
}
