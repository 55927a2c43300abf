//! Why a request about the end of an order ought to be refused: every reason that holds. What never lives here: what comes
//! of a request that is granted.

use std::collections::BTreeSet;

use recepisse::domain::time::Day;

use super::super::applications::NOBODY;
use super::super::model::{FACE_CENTS, Model, Order, Reasons};
use super::super::reasons::{day, has_twins, insert_if};
use super::super::script::{At, Pass, Who};
use super::{ACKNOWLEDGEMENT_DAYS, EndsWish, Items, awaits_credit, can_be_destroyed, is_left};

/// Years of validity at most, and booklets of one expiry.
const LONGEST_DAYS: u32 = 10_958;
const MOST: u32 = 20_000;

impl Model {
    pub(in crate::simulation) fn wrong_end(&self, who: Who, wish: &EndsWish, today: Day, wrong: &mut Reasons) {
        match wish {
            EndsWish::Prorogue { order, validity_end } => {
                let Some(of) = self.ending(*order, wrong) else { return };
                insert_if(wrong, of.expired, "order_expired");
                insert_if(wrong, *validity_end <= of.validity_end || *validity_end < today, "prorogation_not_later");
                insert_if(wrong, *validity_end > today.plus_days(LONGEST_DAYS), "quantity_out_of_range");
            }
            EndsWish::Acknowledge { order } => {
                let Some(of) = self.ending(*order, wrong) else { return };
                insert_if(wrong, of.acknowledged, "acknowledged_already");
                let first = of.validity_end.minus_days(ACKNOWLEDGEMENT_DAYS);
                insert_if(wrong, today < first, "acknowledgement_too_early");
                insert_if(wrong, today > of.validity_end, "acknowledgement_too_late");
            }
            EndsWish::Expire { order, most } => {
                insert_if(wrong, !(1..=MOST).contains(most), "quantity_out_of_range");
                let Some(of) = self.ending(*order, wrong) else { return };
                insert_if(wrong, today <= of.grace_end, "not_expired_yet");
                insert_if(wrong, self.swept(*order, *most, is_left).is_empty(), "nothing_to_expire");
            }
            EndsWish::Credit { order, on, cents, items } => {
                insert_if(wrong, *on > today, "date_in_future");
                if self.ending(*order, wrong).is_some() {
                    self.wrong_credit(*order, *cents, items, wrong);
                }
            }
            EndsWish::Contradict(list) => self.wrong_list(list, wrong),
            EndsWish::Propose { items } => self.wrong_items(items, can_be_destroyed, "not_destroyable", wrong),
            EndsWish::Destroy { proposal, items } => {
                let place = usize::try_from(*proposal - 1).ok();
                let known = place.and_then(|place| self.proposals.get(place)).filter(|(of, _)| of == items);
                let Some((_, signed)) = known else { return insert_if(wrong, true, "destruction_unknown") };
                insert_if(wrong, *signed, "destruction_signed_already");
                self.wrong_items(items, can_be_destroyed, "not_destroyable", wrong);
            }
            EndsWish::Replace { .. } => self.wrong_replacement(who, wish, today, wrong),
        }
    }

    fn ending(&self, order: u32, wrong: &mut Reasons) -> Option<&Order> {
        let of = self.order(order);
        insert_if(wrong, of.is_none(), "order_unknown");
        of
    }

    fn wrong_credit(&self, order: u32, cents: i64, items: &Items, wrong: &mut Reasons) {
        if !items.is_empty() {
            self.wrong_items(items, awaits_credit, "not_creditable", wrong);
            let place = self.orders.iter().position(|(of, _)| *of == order).unwrap() + 1;
            let named = items.booklets.iter().chain(items.passes.iter().map(|(booklet, _)| booklet));
            let other = |number: &u32| {
                self.booklets.get(number).is_some_and(|of| usize::try_from(of.batch.0).unwrap() != place)
            };
            insert_if(wrong, named.into_iter().any(other), "not_creditable");
        }
        let credited = self.credited(order, items);
        insert_if(wrong, credited.is_empty(), "nothing_to_credit");
        insert_if(wrong, FACE_CENTS * self.count(&credited) != cents, "credit_differs");
    }

    /// Each named once, each where it has to be, and none of them used up.
    fn wrong_items(&self, items: &Items, fits: fn(At) -> bool, code: &'static str, wrong: &mut Reasons) {
        insert_if(wrong, items.is_empty(), "selection_empty");
        insert_if(wrong, has_twins(&items.booklets), "booklet_named_twice");
        for number in &items.booklets {
            match self.booklets.get(number) {
                None => insert_if(wrong, true, "booklet_unknown"),
                Some(of) => insert_if(wrong, !fits(of.at) || self.left(*number) == 0, code),
            }
        }
        let whole: BTreeSet<u32> = items.booklets.iter().copied().collect();
        let within = |pass: &Pass| whole.contains(&pass.0) && !self.alone.contains_key(pass);
        insert_if(wrong, has_twins(&items.passes) || items.passes.iter().any(within), "code_repeated");
        for pass in &items.passes {
            let known = self.booklets.get(&pass.0).is_some_and(|of| (1..=of.size).contains(&pass.1));
            insert_if(wrong, !known, "pass_unknown");
            insert_if(wrong, known && !fits(self.at(*pass)), code);
        }
    }

    fn wrong_replacement(&self, who: Who, wish: &EndsWish, today: Day, wrong: &mut Reasons) {
        let EndsWish::Replace { original, replacement, person, torn } = wish else { return };
        self.wrong_custody(who.office, today, (&[], &[]), wrong);
        let old = self.booklets.get(original);
        insert_if(wrong, old.is_none(), "booklet_unknown");
        let given = self.given.get(original);
        insert_if(wrong, old.is_some() && given.is_none(), "not_handed_out");
        insert_if(wrong, given.is_some_and(|of| ![NOBODY, *person].contains(&of.person)), "beneficiary_differs");
        let wanted = self.left(*original);
        if let Some(old) = old {
            let expected = if *torn { At::Circulation } else { At::Lost };
            match old.at {
                at if at == expected && wanted > 0 => {}
                At::Circulation if wanted > 0 => insert_if(wrong, true, "loss_not_declared"),
                _ => insert_if(wrong, true, "not_in_use"),
            }
        }
        let Some(new) = self.booklets.get(replacement) else { return insert_if(wrong, true, "booklet_unknown") };
        let order = self.order_of(new);
        insert_if(wrong, new.at != At::Office(who.office), "booklet_not_held");
        insert_if(wrong, !order.active, "not_activated");
        insert_if(wrong, order.stopped.0, "hand_outs_suspended");
        insert_if(wrong, self.left(*replacement) < wanted, "replacement_too_small");
        let last = order.validity_end.min(day("2023-03-31"));
        insert_if(wrong, today < day("2021-09-01") || today > last, "distribution_closed");
    }
}
