//! What is left of orders, loaded for the acts that end them. What never lives here: whether it may end.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ends::{can_be_credited, can_expire};
use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::BookletId;
use crate::domain::party::Holder;
use crate::domain::text::Reference;
use crate::store::{Reads, StoreError};

/// Loads what is known of the ends of orders: proposals of destruction, the rules of the calendar, and what holders have of
/// each order.
pub(super) fn load_ends(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let programme = facts.programme.no;
    for proposal in tx.destructions_among(programme, &needs.destructions)? {
        facts.destructions.load(proposal.number, proposal);
    }
    if needs.new_destruction {
        facts.last_destruction = tx.last_destruction(programme)?;
    }
    if needs.ends.is_empty() {
        return Ok(());
    }
    if let Some((rules, _)) = tx.end_rules(programme)? {
        facts.end_rules = rules;
    }
    for number in &needs.ends {
        let Some(order) = facts.order(number).map(|order| order.id) else { continue };
        facts.order_holdings.insert(order, tx.held_of_order(programme, order)?);
    }
    Ok(())
}

/// Loads the booklets and passes of each sweep; a row that another act of the group has loaded is the same. Several acts
/// of a group may sweep the same order: each finds enough if the sum is loaded.
pub(super) fn load(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let programme = facts.programme.no;
    let mut asked: BTreeMap<(&Reference, bool), u32> = BTreeMap::new();
    for sweep in &needs.sweeps {
        let most = asked.entry((&sweep.order, sweep.expired)).or_default();
        *most = most.saturating_add(sweep.most);
    }
    for ((number, expired), most) in asked {
        let Some(order) = facts.order(number).cloned() else { continue };
        let held = tx.held_of_order(programme, order.id)?.into_iter().filter(|(_, balance)| balance.passes > 0);
        let there = |holder: &Holder| if expired { can_be_credited(holder) } else { can_expire(holder) };
        let holders: BTreeSet<Holder> = held.map(|(holder, _)| holder).filter(there).collect();
        if holders.is_empty() {
            continue;
        }
        let (booklets, passes) = tx.sweep(&order, &holders, most)?;
        let of_passes: BTreeSet<BookletId> = passes.iter().map(|pass| pass.id.booklet()).collect();
        for booklet in booklets.into_iter().chain(tx.booklets_among(programme, &of_passes)?) {
            facts.booklets.load(booklet.id, booklet);
        }
        for pass in passes {
            facts.passes.load(pass.id, pass);
        }
    }
    Ok(())
}
