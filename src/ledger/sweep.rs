//! What is left of orders, loaded for the acts that end them. What never lives here: whether it may end.

use std::collections::BTreeSet;

use crate::domain::ends::can_expire;
use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::BookletId;
use crate::domain::party::Holder;
use crate::store::{Reads, StoreError};

/// Loads the booklets and passes of each sweep; a row that another act of the group has loaded is the same.
pub(super) fn load(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let programme = facts.programme.no;
    for sweep in &needs.sweeps {
        let Some(order) = facts.order(&sweep.order).cloned() else { continue };
        let held = tx.held_of_order(programme, order.id)?.into_iter().filter(|(_, balance)| balance.passes > 0);
        let there = |holder: &Holder| if sweep.expired { *holder == Holder::Expired } else { can_expire(holder) };
        let holders: BTreeSet<Holder> = held.map(|(holder, _)| holder).filter(there).collect();
        if holders.is_empty() {
            continue;
        }
        let (booklets, passes) = tx.sweep(&order, &holders, sweep.most)?;
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
