//! A granted movement is taken into the facts, so that the next act of its group sees it: its lines move what they name, and
//! each of its records is written down. What never lives here: whether it may.

use super::super::closing::Closed;
use super::super::erasure::Erased;
use super::super::ids::{BatchId, BookletId, PassId};
use super::super::incidents::Given;
use super::super::movement::{Kind, Line, Movement, Record, Replaced};
use super::super::party::Holder;
use super::super::people_key::PeopleKeys;
use super::super::stock::{Booklet, CodeMac, NewBooklet, Pass};
use super::super::time::Day;
use super::{Facts, Stamp};

impl Facts {
    /// Takes a granted movement in, so that the next act of the group sees it. `hash` is that of its receipt.
    pub fn apply(&mut self, movement: &Movement, stamp: &Stamp, hash: &str) {
        // The first receipt of all opens the books, also for a closing of its own group.
        self.books.opened_on.get_or_insert(stamp.day);
        for record in &movement.records {
            self.write_down(record, movement, stamp);
            if let Record::Closed(closing) = record {
                let (number, hash) = (stamp.number.clone(), hash.to_owned());
                let (last_position, last_hash) = (closing.last_position, closing.last_hash.clone());
                let closed = Closed { number, hash, last_position, last_hash, perpetual: closing.perpetual.clone() };
                self.books.note(closing.period, closing.last_day, closed);
            }
        }
        for line in &movement.lines {
            self.post(line);
            for item in &line.items {
                match item.pass() {
                    None => self.move_booklet(item.booklet(), line, movement.kind, stamp.day),
                    Some(pass) => self.move_pass(pass, line),
                }
                if let Some(last) = self.last_moves.get_mut(item) {
                    *last = stamp.position;
                }
                if let Some(places) = self.order_places.get_mut(&line.batch.order()) {
                    places.moved(*item, &line.to);
                }
            }
        }
    }

    fn post(&mut self, line: &Line) {
        for (holder, sign) in [(&line.from, -1), (&line.to, 1)] {
            let key = (holder.clone(), line.batch);
            let balance = self.balances.get(&key).copied().unwrap_or_default();
            self.balances.set(key, balance.plus(line, sign));
            let holding = self.holdings.entry(holder.clone()).or_default();
            *holding = holding.plus(line, sign);
            if let Some(of_order) = self.order_holdings.get_mut(&line.batch.order()) {
                let held = of_order.entry(holder.clone()).or_default();
                *held = held.plus(line, sign);
            }
        }
    }

    fn move_booklet(&mut self, id: BookletId, line: &Line, kind: Kind, day: Day) {
        let given = matches!(kind, Kind::HandOut | Kind::Replacement) && line.to == Holder::Circulation;
        self.booklets.change(&id, |booklet| {
            booklet.holder = line.to.clone();
            if given {
                booklet.handed_out_on = Some(day);
            }
        });
    }

    /// A pass is with its booklet until it is moved alone, and again once it is moved to where its booklet is.
    fn move_pass(&mut self, id: PassId, line: &Line) {
        let home = self.booklets.get(&id.booklet()).is_none_or(|booklet| booklet.holder == line.to);
        let mut leaves = false;
        self.passes.change(&id, |pass| {
            leaves = pass.holder.is_none();
            pass.holder = (!home).then(|| line.to.clone());
        });
        self.booklets.change(&id.booklet(), |booklet| {
            booklet.passes_left = match (leaves, home) {
                (true, false) => booklet.passes_left.saturating_sub(1),
                (false, true) => booklet.passes_left.saturating_add(1),
                (true, true) | (false, false) => booklet.passes_left,
            };
        });
    }

    fn write_down(&mut self, record: &Record, movement: &Movement, stamp: &Stamp) {
        match record {
            Record::OrderPlaced(order) => {
                self.counters.order = order.id.sequence();
                self.counters.booklet = order.range.last();
                self.orders.set(order.id, order.clone());
            }
            Record::OrderActivated { order, activation } => {
                self.orders.change(order, |order| order.activation = Some(activation.clone()));
            }
            Record::BatchDelivered { batch, booklets, size } => {
                let received = i64::try_from(booklets.len()).unwrap_or(i64::MAX);
                self.orders.change(&batch.id.order(), |order| {
                    order.deliveries += 1;
                    order.delivered_booklets = order.delivered_booklets.saturating_add(received);
                });
                self.batches.set(batch.id, batch.clone());
                for new in booklets {
                    self.take_in(batch.id, *size, new);
                }
            }
            Record::DispatchOpened(dispatch) => {
                self.counters.dispatch = dispatch.number;
                self.dispatches.set(dispatch.number, dispatch.clone());
            }
            Record::ExceptionGranted(exception) => {
                self.counters.exception = exception.number;
                self.exceptions.set(exception.number, exception.clone());
            }
            Record::ExceptionUsed(number) => self.exceptions.change(number, |exception| exception.used = true),
            Record::HandedOut(hand_out) => {
                self.grant(hand_out.fingerprint, hand_out.passes);
                self.hand_outs.push((stamp.clone(), hand_out.clone()));
            }
            Record::TakenOffline(uses) => self.offline.write_down(uses),
            Record::Redeemed(redemption) => self.redemptions.set(stamp.number.clone(), redemption.clone()),
            Record::Claims(record) => self.claims.write_down(record),
            Record::Payments(record) => self.payments.write_down(record),
            Record::Statements(record) => self.statements.write_down(record, &stamp.number),
            Record::Restored { epoch } => {
                self.counters.epoch = *epoch;
                self.loss = None;
            }
            Record::OrdersSuspended { .. }
            | Record::OrderProrogued { .. }
            | Record::OrderAcknowledged(_)
            | Record::OrderExpired(_)
            | Record::DestructionProposed(_)
            | Record::Destroyed(_) => self.write_down_end(record, stamp),
            Record::Replaced(replaced) => {
                let Replaced { replacement, office, fingerprint, .. } = replaced.clone();
                self.given.insert(replacement, Given { number: stamp.number.clone(), office, fingerprint });
            }
            Record::Reversed { number } => self.redemptions.change(number, |redemption| redemption.reversed = true),
            Record::Applications(record) => {
                self.applications.write_down(record, &stamp.number);
                if let Some((person, passes)) = record.reserves() {
                    self.grant(person, passes);
                }
                if let Some((booklet, on)) = record.delivers() {
                    self.booklets.change(&booklet, |booklet| booklet.handed_out_on = Some(on));
                }
            }
            Record::PeopleKeyRenewed(key) => self.people_keys = PeopleKeys::under(key.clone()),
            Record::Erased(erased) => self.forget(erased),
            Record::FollowUp(record) => self.follow_ups.write_down(record, stamp),
            Record::Noticed(noticed) => self.duplicates.write_down(noticed),
            // With the hash of its receipt: see `apply`. No act asks for a nonce.
            Record::Closed(_) | Record::Committed { .. } => {}
        }
        debug_assert!(movement.total().is_some(), "a decided movement has a total");
    }

    /// What stops, lengthens or ends orders, or destroys what is out of use.
    fn write_down_end(&mut self, record: &Record, stamp: &Stamp) {
        let day = stamp.day;
        match record {
            Record::DestructionProposed(proposal) => {
                self.last_destruction = proposal.number;
                self.destructions.set(proposal.number, (**proposal).clone());
            }
            Record::Destroyed(number) => {
                self.destructions.change(number, |proposal| proposal.receipt = Some(stamp.number.clone()));
            }
            Record::OrdersSuspended { orders, scope, suspended } => {
                for order in orders {
                    self.orders.change(order, |order| order.suspended = scope.applied(order.suspended, *suspended));
                }
            }
            Record::OrderProrogued { order, validity_end, grace_end } => self.orders.change(order, |order| {
                order.validity_end = *validity_end;
                order.grace_end = *grace_end;
                order.acknowledged_on = None;
            }),
            Record::OrderAcknowledged(order) => {
                self.orders.change(order, |order| order.acknowledged_on = Some(day));
            }
            Record::OrderExpired(order) => self.orders.change(order, |order| {
                order.expired_on = order.expired_on.or(Some(day));
            }),
            _ => {}
        }
    }

    /// Counts passes towards a person's entitlement, or takes them back.
    fn grant(&mut self, person: CodeMac, passes: i64) {
        let had = self.people.get(&person).copied().unwrap_or(0);
        self.people.set(person, had.saturating_add(passes));
    }

    fn take_in(&mut self, batch: BatchId, size: u8, new: &NewBooklet) {
        for (mac, rank) in new.code_macs.iter().zip(1_u8..) {
            let pass = new.id.pass(rank);
            self.codes.insert(*mac, pass);
            self.passes.set(pass, Pass { id: pass, holder: None });
        }
        let booklet =
            Booklet { id: new.id, batch, size, holder: Holder::Issue(batch), passes_left: size, handed_out_on: None };
        self.booklets.set(new.id, booklet);
    }

    /// Nothing is known any more of people who were erased: the next hand-out is their first.
    fn forget(&mut self, erased: &Erased) {
        for person in &erased.people {
            self.people.remove(person);
            self.erasures.known.remove(person);
            self.applications.forget(person);
            self.duplicates.forget(person);
        }
        for exception in &erased.traces.exceptions {
            self.exceptions.remove(exception);
        }
        self.follow_ups.forget(erased);
    }
}
