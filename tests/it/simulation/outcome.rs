//! What comes of a request that is granted. What never lives here: why another one is refused.

use recepisse::domain::time::Day;

use super::applications::NOBODY;
use super::ends::GRACE_DAYS;
use super::model::{Booklet, ENTITLEMENT, Given, Model, Order, Reasons, Redemption, Withdrawn, after, end_of, own};
use super::script::{At, Delivery, Pass, Pick, Request, Who, Wish};

impl Model {
    pub(super) fn move_all(&mut self, booklets: &[u32], to: At, by: &str) {
        for number in booklets {
            self.booklets.get_mut(number).unwrap().at = to;
            self.moved_by.insert(*number, by.to_owned());
        }
    }

    /// A pass that comes to where its booklet is belongs to it again.
    pub(super) fn move_passes(&mut self, passes: &[Pass], to: At) {
        for pass in passes {
            if self.booklets[&pass.0].at == to {
                self.alone.remove(pass);
            } else {
                self.alone.insert(*pass, to);
            }
        }
    }

    /// Booklets come into a person's hands.
    pub(super) fn give(&mut self, who: Who, booklets: &[u32], person: u32, today: Day, by: &str) {
        self.move_all(booklets, At::Circulation, by);
        for booklet in booklets {
            self.booklets.get_mut(booklet).unwrap().handed_out = Some(today);
            self.given.insert(*booklet, Given { office: who.office, person });
        }
        self.met(person, today);
    }

    /// Somebody has had to do with a person; of nobody nothing is known.
    pub(super) fn met(&mut self, person: u32, on: Day) {
        if person != NOBODY {
            let last = self.contacts.entry(person).or_insert(on);
            *last = (*last).max(on);
        }
    }

    /// Takes booklets out of use, and remembers where they were.
    fn withdraw(&mut self, who: Who, booklets: &[u32], lost: bool, number: &str) {
        let origin = |booklet: &u32| (*booklet, self.booklets[booklet].at);
        let booklets: Vec<(u32, At)> = booklets.iter().map(origin).collect();
        let numbers: Vec<u32> = booklets.iter().map(|(booklet, _)| *booklet).collect();
        self.move_all(&numbers, if lost { At::Lost } else { At::Blocked }, number);
        self.withdrawn.insert(number.to_owned(), Withdrawn { by: who, lost, booklets });
    }

    /// What a receipt took out of use and that is still where it put it, with where it comes back to.
    pub(super) fn still_out(&self, number: &str) -> Vec<(u32, At)> {
        let Some(withdrawn) = self.withdrawn.get(number) else { return Vec::new() };
        let there = if withdrawn.lost { At::Lost } else { At::Blocked };
        let still = |(booklet, _): &&(u32, At)| {
            self.booklets[booklet].at == there && self.moved_by.get(booklet).is_some_and(|by| by == number)
        };
        let home = |at: At| if matches!(at, At::Issue(_)) { At::Store } else { at };
        withdrawn.booklets.iter().filter(still).map(|(booklet, at)| (*booklet, home(*at))).collect()
    }

    fn send(&mut self, who: Who, pick: &Pick, to: At, number: &str) {
        let chosen = self.chosen(pick, own(who), &mut Reasons::new());
        self.open_dispatch(own(who), to, &chosen, number);
    }

    /// Booklets leave, under the number that is answered.
    pub(super) fn open_dispatch(&mut self, from: At, to: At, booklets: &[u32], by: &str) -> i64 {
        self.dispatches.push((from, to));
        let dispatch = i64::try_from(self.dispatches.len()).unwrap();
        self.move_all(booklets, At::Transit(dispatch), by);
        dispatch
    }

    pub(super) fn grant(&mut self, request: &Request, today: Day, number: &str) {
        let who = request.who;
        match &request.wish {
            Wish::Order { number, booklets, size, validity_end, .. } => {
                let first = self.orders.last().map_or(1, |(_, order)| order.last + 1);
                let (last, validity_end) = (first + booklets - 1, *validity_end);
                let order = Order {
                    first,
                    last,
                    size: *size,
                    deliveries: 0,
                    active: false,
                    validity_end,
                    grace_end: validity_end.plus_days(GRACE_DAYS),
                    acknowledged: false,
                    expired: false,
                    stopped: (false, false),
                };
                self.orders.push((*number, order));
            }
            Wish::Deliver(delivery) => self.take_in(delivery, who, number),
            Wish::Activate { order } => {
                let found = self.orders.iter_mut().find(|(of, _)| of == order);
                found.unwrap().1.active = true;
            }
            Wish::Dispatch { to, pick, .. } => self.send(who, pick, At::Office(to), number),
            Wish::Return { pick, .. } => self.send(who, pick, At::Store, number),
            Wish::Accept(acceptance) => {
                let (sound, damaged) = self.sorted(acceptance);
                self.move_all(&sound, own(who), number);
                self.withdraw(who, &damaged, false, number);
            }
            Wish::Exempt { person, passes } => {
                self.exceptions.push((*person, i64::from(*passes), false));
                self.met(*person, today);
            }
            Wish::HandOut { .. } => self.hand_out(who, &request.wish, today, number),
            Wish::Redeem { codes, on, .. } => {
                let passes: Vec<Pass> = codes.iter().map(|code| self.codes[code]).collect();
                self.redeem(who.office, passes, (*on, today), number);
            }
            Wish::Close { period, of } => drop(self.closed.insert(*period, end_of(*period, *of))),
            Wish::Reverse { number } => {
                let redemption = self.redemptions.get_mut(number).unwrap();
                redemption.reversed = true;
                let passes = redemption.passes.clone();
                self.move_passes(&passes, At::Circulation);
            }
            Wish::Block { booklets } => self.withdraw(who, booklets, false, number),
            Wish::Lose { booklets, .. } => self.withdraw(who, booklets, true, number),
            Wish::BringBack { number: taken_by, named, .. } => {
                let out = self.still_out(taken_by);
                for (booklet, home) in out.into_iter().filter(|(of, _)| named.is_empty() || named.contains(of)) {
                    self.move_all(&[booklet], home, number);
                }
            }
            Wish::Suspend { orders, scope, stop } => {
                for (_, order) in self.orders.iter_mut().filter(|(number, _)| orders.contains(number)) {
                    order.stopped = after(*scope, order.stopped, *stop);
                }
            }
            Wish::Count { .. } => {}
            Wish::Money(wish) => self.grant_money(who, wish, today),
            Wish::People(wish) => self.grant_people(wish, today),
            Wish::Statement(wish) => self.grant_statement(who, wish),
            Wish::Application(wish) => self.grant_application(who, wish, today, number),
            Wish::End(wish) => self.grant_end(who, wish, today, number),
        }
    }

    fn hand_out(&mut self, who: Who, wish: &Wish, today: Day, by: &str) {
        let Wish::HandOut { person, booklets, exception, agrees, .. } = wish else { return };
        let passes: i64 = booklets.iter().map(|number| self.left(*number)).sum();
        let mixed = self.mixed_at_a_desk(*person).is_some();
        let had = self.had.entry(*person).or_default();
        *had += passes;
        if let Some(number) = exception.filter(|_| *had > ENTITLEMENT || mixed) {
            self.exceptions[usize::try_from(number - 1).unwrap()].2 = true;
        }
        self.give(who, booklets, *person, today, by);
        if *agrees {
            self.agrees_at_a_desk(who, booklets, *person, today, by);
        }
    }

    fn redeem(&mut self, provider: &'static str, passes: Vec<Pass>, (performed_on, day): (Day, Day), number: &str) {
        self.move_passes(&passes, At::Provider(provider));
        for pass in &passes {
            if let Some(of) = self.given.get(&pass.0).copied() {
                self.met(of.person, day);
            }
        }
        let (reversed, claimed) = (false, false);
        let redemption = Redemption { provider, day, performed_on, passes, reversed, claimed };
        self.redemptions.insert(number.to_owned(), redemption);
    }

    fn take_in(&mut self, delivery: &Delivery, who: Who, number: &str) {
        let place = self.orders.iter().position(|(of, _)| *of == delivery.order).unwrap();
        let found = &mut self.orders[place].1;
        found.deliveries += 1;
        let (batch, size) = ((u32::try_from(place + 1).unwrap(), found.deliveries), found.size);
        self.codes.extend(delivery.printed());
        for booklet in &delivery.received {
            self.booklets.insert(*booklet, Booklet { batch, size, at: At::Issue(batch), handed_out: None });
        }
        let sound: Vec<u32> =
            delivery.received.iter().filter(|booklet| !delivery.damaged.contains(booklet)).copied().collect();
        self.move_all(&sound, At::Store, number);
        self.withdraw(who, &delivery.damaged, false, number);
    }
}
