//! The ends of orders in the model, and paper that is replaced or destroyed: nothing that has expired is spent, and what a
//! new booklet gives is what was left of the old one. What never lives here: why a request is refused.

mod contradiction;
mod reasons;
mod stage;
mod wish;
mod wishes;

use recepisse::domain::time::Day;

pub(super) use contradiction::{IssuerList, plain_gaps};
pub(super) use stage::act;
pub(super) use wish::{EndsWish, Items};
pub(super) use wishes::wanted;

use super::model::{Model, Order};
use super::script::{At, Pass, Who};

pub(super) const GRACE_DAYS: u32 = 30;
/// Days before the end at which the Region acknowledges its liability.
const ACKNOWLEDGEMENT_DAYS: u32 = 7;

/// What may expire, wherever it is.
const fn is_left(at: At) -> bool {
    matches!(at, At::Store | At::Transit(_) | At::Office(_) | At::Circulation | At::Blocked | At::Lost)
}

/// What the issuer owes the face value of.
const fn awaits_credit(at: At) -> bool {
    matches!(at, At::Expired | At::Destroyed)
}

const fn can_be_destroyed(at: At) -> bool {
    matches!(at, At::Store | At::Blocked | At::Expired)
}

impl Model {
    fn order_mut(&mut self, number: u32) -> &mut Order {
        self.orders.iter_mut().find(|(of, _)| *of == number).map(|(_, order)| order).unwrap()
    }

    /// Booklets and single passes of an order at such holders, at most so many of each.
    fn swept(&self, order: u32, most: u32, at: fn(At) -> bool) -> Items {
        let most = usize::try_from(most).unwrap();
        let place = self.orders.iter().position(|(of, _)| *of == order);
        let of_order = |number: u32| place == Some(usize::try_from(self.booklets[&number].batch.0).unwrap() - 1);
        let whole =
            self.booklets.iter().filter(|(number, of)| of_order(**number) && at(of.at) && self.left(**number) > 0);
        let single = self.alone.iter().filter(|(pass, there)| of_order(pass.0) && at(**there));
        Items {
            booklets: whole.map(|(number, _)| *number).take(most).collect(),
            passes: single.map(|(pass, _)| *pass).take(most).collect(),
        }
    }

    /// Where a pass is.
    fn at(&self, pass: Pass) -> At {
        self.alone.get(&pass).copied().unwrap_or_else(|| self.booklets[&pass.0].at)
    }

    /// Passes in whole booklets and single ones.
    fn count(&self, items: &Items) -> i64 {
        let whole: i64 = items.booklets.iter().map(|number| self.left(*number)).sum();
        whole + i64::try_from(items.passes.len()).unwrap()
    }

    /// Lines stand by batch and giver, single passes before whole booklets: whether a pass meets its booklet hangs on it.
    fn move_items(&mut self, items: &Items, to: At, by: &str) {
        let batch = |number: &u32| self.booklets[number].batch;
        let whole = items.booklets.iter().map(|number| (batch(number), self.booklets[number].at, true, (*number, 0)));
        let single = items.passes.iter().map(|pass| (batch(&pass.0), self.at(*pass), false, *pass));
        let mut lines: Vec<_> = whole.chain(single).collect();
        lines.sort_unstable();
        for (_, _, whole, item) in lines {
            if whole {
                self.move_all(&[item.0], to, by);
            } else {
                self.move_passes(&[item], to);
            }
        }
    }

    pub(super) fn grant_end(&mut self, who: Who, wish: &EndsWish, today: Day, by: &str) {
        match wish {
            EndsWish::Prorogue { order, validity_end } => {
                let of = self.order_mut(*order);
                of.validity_end = *validity_end;
                of.grace_end = of.grace_end.max(validity_end.plus_days(GRACE_DAYS));
                of.acknowledged = false;
            }
            EndsWish::Contradict(_) => {}
            EndsWish::Acknowledge { order } => self.order_mut(*order).acknowledged = true,
            EndsWish::Expire { order, most } => {
                let items = self.swept(*order, *most, is_left);
                self.move_items(&items, At::Expired, by);
                self.order_mut(*order).expired = true;
            }
            EndsWish::Credit { order, items, .. } => {
                let items = self.credited(*order, items);
                self.move_items(&items, At::Credited, by);
            }
            EndsWish::Propose { items } => self.proposals.push((items.clone(), false)),
            EndsWish::Destroy { proposal, items } => {
                self.move_items(items, At::Destroyed, by);
                self.proposals[usize::try_from(proposal - 1).unwrap()].1 = true;
            }
            EndsWish::Replace { original, replacement, person, .. } => {
                let wanted = usize::try_from(self.left(*original)).unwrap();
                let size = self.booklets[replacement].size;
                let within = (1..=size).map(|rank| (*replacement, rank)).filter(|pass| !self.alone.contains_key(pass));
                let surplus: Vec<Pass> = within.skip(wanted).collect();
                self.move_all(&[*original], At::Blocked, by);
                self.move_passes(&surplus, At::Blocked);
                self.give(who, &[*replacement], *person, today, by);
            }
        }
    }

    /// What a credit note is for.
    fn credited(&self, order: u32, items: &Items) -> Items {
        if items.is_empty() { self.swept(order, u32::MAX, awaits_credit) } else { items.clone() }
    }
}
