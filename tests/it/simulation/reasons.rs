//! Why a request ought to be refused: every reason that holds, whatever the order in which the ledger looks. What never
//! lives here: what comes of a request that is granted.

use std::collections::BTreeSet;

use recepisse::domain::closing::Period;
use recepisse::domain::party::{Role, Service};
use recepisse::domain::time::Day;

use super::applications::wrong_case;
use super::model::{Booklet, ENTITLEMENT, Model, Reasons, Redemption, after, end_of, own};
use super::script::{Acceptance, At, Case, Delivery, OrderSlip, PRESCRIBERS, Pass, Pick, Request, Who, Wish};

pub(super) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

pub(super) fn has_twins<T: Ord + Copy>(list: impl IntoIterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    list.into_iter().any(|item| !seen.insert(item))
}

pub(super) fn insert_if(wrong: &mut Reasons, holds: bool, reason: &'static str) {
    if holds {
        wrong.insert(reason);
    }
}

/// What happens to booklets and orders besides being given and spent: also in a programme that is closed.
fn is_incident(wish: &Wish) -> bool {
    matches!(
        wish,
        Wish::Block { .. } | Wish::Lose { .. } | Wish::BringBack { .. } | Wish::Suspend { .. } | Wish::Count { .. }
    )
}

impl Model {
    pub(super) fn wrong(&self, request: &Request, today: Day) -> Reasons {
        let (who, mut wrong) = (request.who, Reasons::new());
        insert_if(&mut wrong, self.idle.contains(&who) || self.closed_offices.contains(who.office), "account_disabled");
        let winds_down =
            matches!(request.wish, Wish::Return { .. } | Wish::Accept(_) | Wish::Reverse { .. } | Wish::Close { .. })
                || matches!(&request.wish, Wish::Money(_) | Wish::Statement(_) | Wish::People(_))
                || matches!(&request.wish, Wish::Application(wish) if wish.winds_down())
                || matches!(&request.wish, Wish::End(wish) if wish.winds_down())
                || is_incident(&request.wish);
        insert_if(&mut wrong, !self.open && !winds_down, "programme_inactive");
        match &request.wish {
            Wish::Order { .. } => self.wrong_order(&request.wish, today, &mut wrong),
            Wish::Deliver(delivery) => self.wrong_delivery(delivery, today, &mut wrong),
            Wish::Activate { order } => match self.order(*order) {
                None => insert_if(&mut wrong, true, "order_unknown"),
                Some(order) => {
                    insert_if(&mut wrong, order.active, "order_already_activated");
                    insert_if(&mut wrong, order.deliveries == 0, "order_not_delivered");
                }
            },
            Wish::Dispatch { posing_as, .. } | Wish::Return { posing_as, .. }
                if posing_as.is_some_and(|at| at != own(who)) =>
            {
                insert_if(&mut wrong, true, "booklet_not_held");
            }
            Wish::Dispatch { to, pick, .. } => self.wrong_dispatch(who, today, (to, pick), &mut wrong),
            Wish::Return { pick, .. } => drop(self.chosen(pick, own(who), &mut wrong)),
            Wish::Accept(acceptance) => self.wrong_acceptance(who, today, acceptance, &mut wrong),
            Wish::Exempt { passes, .. } => {
                insert_if(&mut wrong, !(1..=99).contains(passes), "quantity_out_of_range");
            }
            Wish::HandOut { .. } => self.wrong_hand_out(request, today, &mut wrong),
            Wish::Redeem { .. } => self.wrong_redemption(request, today, &mut wrong),
            Wish::Reverse { number } => self.wrong_reversal(who, number, today, &mut wrong),
            Wish::Block { .. }
            | Wish::Lose { .. }
            | Wish::BringBack { .. }
            | Wish::Suspend { .. }
            | Wish::Count { .. } => self.wrong_incident(request, today, &mut wrong),
            Wish::Statement(wish) => self.wrong_statement(who, wish, today, &mut wrong),
            Wish::Application(wish) => self.wrong_application(who, wish, today, &mut wrong),
            Wish::End(wish) => self.wrong_end(who, wish, today, &mut wrong),
            Wish::Money(wish) => self.wrong_money(who, wish, today, &mut wrong),
            Wish::People(wish) => self.wrong_people(who, wish, today, &mut wrong),
            Wish::Close { period, of } => self.wrong_closing(*period, end_of(*period, *of), today, &mut wrong),
        }
        wrong
    }

    fn wrong_closing(&self, period: Period, last: Day, today: Day, wrong: &mut Reasons) {
        let Some(next) = self.next_closing(period) else { return insert_if(wrong, true, "closing_nothing_yet") };
        insert_if(wrong, self.closed.get(&period).is_some_and(|closed| last <= *closed), "closing_already_made");
        insert_if(wrong, last >= today, "closing_too_early");
        insert_if(wrong, last != next, "closing_out_of_order");
        let part = match period {
            Period::Day => return,
            Period::Month => Period::Day,
            Period::Year => Period::Month,
        };
        insert_if(wrong, self.closed.get(&part).is_none_or(|closed| *closed < last), "closing_parts_open");
    }

    fn wrong_incident(&self, request: &Request, today: Day, wrong: &mut Reasons) {
        let who = request.who;
        match &request.wish {
            Wish::Block { booklets } => self.wrong_withdrawal(booklets, wrong),
            Wish::Lose { booklets, on } => {
                insert_if(wrong, *on > today, "date_in_future");
                self.wrong_withdrawal(booklets, wrong);
                let theirs = |number: &u32| match self.booklets.get(number).map(|booklet| booklet.at) {
                    Some(At::Circulation) => self.given.get(number).is_some_and(|of| of.office == who.office),
                    Some(at) => at == At::Office(who.office),
                    None => true,
                };
                let agent = who.role == Role::PrescriberAgent;
                insert_if(wrong, agent && !booklets.iter().all(theirs), "booklet_not_held");
            }
            Wish::BringBack { number, lost, named } => {
                let Some(withdrawn) = self.withdrawn.get(number).filter(|withdrawn| withdrawn.lost == *lost) else {
                    return insert_if(wrong, true, "withdrawal_unknown");
                };
                insert_if(wrong, withdrawn.by == who, "second_person_needed");
                let out = self.still_out(number);
                insert_if(wrong, named.is_empty() && out.is_empty(), "nothing_to_bring_back");
                insert_if(wrong, has_twins(named), "booklet_named_twice");
                insert_if(wrong, named.iter().any(|of| !self.booklets.contains_key(of)), "booklet_unknown");
                let other = |named: &u32| self.booklets.contains_key(named) && out.iter().all(|(of, _)| of != named);
                insert_if(wrong, named.iter().any(other), "not_taken_by_receipt");
            }
            Wish::Suspend { orders, scope, stop } => {
                insert_if(wrong, orders.is_empty(), "quantity_out_of_range");
                for number in orders {
                    let Some(order) = self.order(*number) else {
                        insert_if(wrong, true, "order_unknown");
                        continue;
                    };
                    let same = after(*scope, order.stopped, *stop) == order.stopped;
                    insert_if(wrong, same, if *stop { "already_suspended" } else { "not_suspended" });
                }
            }
            Wish::Count { counted, on } => {
                insert_if(wrong, *on > today, "date_in_future");
                insert_if(wrong, has_twins(counted), "booklet_named_twice");
                let unknown = counted.iter().any(|number| !self.booklets.contains_key(number));
                insert_if(wrong, unknown, "booklet_unknown");
            }
            other => panic!("{other:?}"),
        }
    }

    /// Only what is in use, and not spent to the last pass, is taken out of use.
    fn wrong_withdrawal(&self, booklets: &[u32], wrong: &mut Reasons) {
        insert_if(wrong, booklets.is_empty(), "selection_empty");
        insert_if(wrong, has_twins(booklets), "booklet_named_twice");
        for number in booklets {
            match self.booklets.get(number) {
                None => insert_if(wrong, true, "booklet_unknown"),
                Some(booklet) => {
                    let there = matches!(booklet.at, At::Store | At::Transit(_) | At::Office(_) | At::Circulation);
                    insert_if(wrong, !there || self.left(*number) == 0, "not_in_use");
                }
            }
        }
    }

    fn wrong_order(&self, wish: &Wish, today: Day, wrong: &mut Reasons) {
        let Wish::Order { number, booklets, size, ordered_on, validity_end, slip } = wish else { return };
        insert_if(wrong, self.order(*number).is_some(), "order_number_taken");
        insert_if(wrong, *ordered_on > today, "date_in_future");
        insert_if(wrong, *validity_end < today || validity_end < ordered_on, "validity_end_past");
        let out_of_range = *booklets == 0 || !(1..=99).contains(size) || *slip == OrderSlip::Fees;
        insert_if(wrong, out_of_range, "quantity_out_of_range");
        insert_if(wrong, *slip == OrderSlip::FaceValue, "face_value_differs");
        insert_if(wrong, *slip == OrderSlip::Shares, "funding_shares_wrong");
        insert_if(wrong, *slip == OrderSlip::Issuer, "issuer_unknown");
    }

    fn wrong_delivery(&self, delivery: &Delivery, today: Day, wrong: &mut Reasons) {
        let Delivery { order, on, received, missing, damaged, size, copied: _ } = delivery;
        let Some(order) = self.order(*order) else { return insert_if(wrong, true, "order_unknown") };
        insert_if(wrong, *on > today, "date_in_future");
        insert_if(wrong, received.is_empty(), "selection_empty");
        let twins = has_twins(received.iter().chain(missing)) || has_twins(damaged);
        insert_if(wrong, twins, "booklet_named_twice");
        let mut named = received.iter().chain(missing);
        let stranger = named.any(|number| !(order.first..=order.last).contains(number));
        let undelivered = damaged.iter().any(|number| !received.contains(number));
        insert_if(wrong, stranger || undelivered, "booklet_not_in_order");
        let known = received.iter().chain(missing).any(|number| self.booklets.contains_key(number));
        insert_if(wrong, known, "booklet_already_delivered");
        insert_if(wrong, *size != order.size && !received.is_empty(), "quantity_out_of_range");
        let codes: Vec<Pass> = delivery.printed().iter().map(|(code, _)| *code).collect();
        let taken = codes.iter().any(|code| self.codes.contains_key(code)) || has_twins(codes);
        insert_if(wrong, taken, "code_taken");
    }

    pub(super) fn chosen(&self, pick: &Pick, from: At, wrong: &mut Reasons) -> Vec<u32> {
        match pick {
            Pick::These(named) => {
                insert_if(wrong, named.is_empty(), "selection_empty");
                insert_if(wrong, has_twins(named), "booklet_named_twice");
                for number in named {
                    match self.booklets.get(number) {
                        None => insert_if(wrong, true, "booklet_unknown"),
                        Some(booklet) => insert_if(wrong, booklet.at != from, "booklet_not_held"),
                    }
                }
                named.clone()
            }
            Pick::Lowest(count, order) => {
                insert_if(wrong, *count == 0, "selection_empty");
                let place = order.map(|number| self.orders.iter().position(|(of, _)| *of == number));
                insert_if(wrong, place == Some(None), "order_unknown");
                let of_order = |number: &u32| {
                    let order = usize::try_from(self.booklets[number].batch.0).unwrap() - 1;
                    place.is_none_or(|place| place == Some(order))
                };
                let wanted = usize::try_from(*count).unwrap();
                let found: Vec<u32> = self.with(from).into_iter().filter(of_order).take(wanted).collect();
                insert_if(wrong, found.len() < wanted, "not_enough_booklets");
                found
            }
        }
    }

    /// The mandate of a prescriber, and its ceiling with so many more booklets of so many more passes.
    pub(super) fn wrong_custody(
        &self,
        office: &'static str,
        on: Day,
        (counted, more): (&[At], &[u32]),
        wrong: &mut Reasons,
    ) {
        let (ceiling, in_force) = self.mandates.get(office).copied().unwrap_or((0, false));
        if !in_force || on < day("2021-07-01") || on > day("2023-12-31") {
            return insert_if(wrong, true, "no_mandate_in_force");
        }
        let held = self.booklets.values().filter(|booklet| counted.contains(&booklet.at)).count();
        let after = i64::try_from(held + more.len()).unwrap();
        insert_if(wrong, after > ceiling, "mandate_ceiling_exceeded");
    }

    fn wrong_dispatch(&self, who: Who, today: Day, (to, pick): (&'static str, &Pick), wrong: &mut Reasons) {
        let receiver = At::Office(to);
        if own(who) != At::Store {
            self.wrong_custody(who.office, today, (&[], &[]), wrong);
        }
        let prescribes = PRESCRIBERS.contains(&to) && !self.closed_offices.contains(to);
        insert_if(wrong, !prescribes, "prescriber_unknown");
        insert_if(wrong, own(who) == receiver, "same_holder");
        let chosen = self.chosen(pick, own(who), wrong);
        self.wrong_custody(to, today, (&self.held_and_awaited(to), &chosen), wrong);
    }

    /// What an acceptance takes: sound, and damaged.
    pub(super) fn sorted(&self, acceptance: &Acceptance) -> (Vec<u32>, Vec<u32>) {
        let here = |number: &&u32| {
            self.booklets.get(number).is_some_and(|booklet| booklet.at == At::Transit(acceptance.dispatch))
        };
        let named = |number: &&u32| acceptance.missing.contains(number) || acceptance.damaged.contains(number);
        let sound = match &acceptance.accepted {
            Some(accepted) => accepted.iter().filter(here).copied().collect(),
            None => acceptance.seen.iter().filter(here).filter(|number| !named(number)).copied().collect(),
        };
        (sound, acceptance.damaged.iter().filter(here).copied().collect())
    }

    fn wrong_acceptance(&self, who: Who, today: Day, acceptance: &Acceptance, wrong: &mut Reasons) {
        if acceptance.posing_as.is_some_and(|at| at != own(who)) {
            return insert_if(wrong, true, "booklet_not_held");
        }
        let place = usize::try_from(acceptance.dispatch - 1).ok();
        let party = place.and_then(|place| self.dispatches.get(place)).copied();
        // What became of letters is the carrier's to say.
        let concerns = |(from, to): &(At, At)| *to != At::Circulation && [*from, *to].contains(&own(who));
        let Some((_, to)) = party.filter(concerns) else {
            return insert_if(wrong, true, "dispatch_unknown");
        };
        let named = || {
            let accepted = acceptance.accepted.iter().flatten();
            accepted.chain(&acceptance.missing).chain(&acceptance.damaged)
        };
        insert_if(wrong, has_twins(named()), "booklet_named_twice");
        let transit = At::Transit(acceptance.dispatch);
        let not_here = |number: &u32| self.booklets.get(number).is_none_or(|booklet| booklet.at != transit);
        insert_if(wrong, named().any(not_here), "booklet_not_in_dispatch");
        let (sound, damaged) = self.sorted(acceptance);
        let is_over = acceptance.seen.iter().all(not_here);
        let nothing = if is_over { "dispatch_closed" } else { "selection_empty" };
        insert_if(wrong, sound.is_empty() && damaged.is_empty(), nothing);
        if let At::Office(office) = own(who)
            && to == own(who)
        {
            self.wrong_custody(office, today, (&[own(who)], &sound), wrong);
        }
    }

    pub(super) fn left(&self, number: u32) -> i64 {
        let size = self.booklets.get(&number).map_or(0, |booklet| booklet.size);
        let alone = self.alone.range((number, 0)..=(number, u8::MAX)).count();
        i64::from(size) - i64::try_from(alone).unwrap()
    }

    fn wrong_hand_out(&self, request: &Request, today: Day, wrong: &mut Reasons) {
        let Wish::HandOut { person, case, booklets, exception, key, .. } = &request.wish else { return };
        self.wrong_custody(request.who.office, today, (&[], &[]), wrong);
        let chosen = self.chosen(&Pick::These(booklets.clone()), own(request.who), wrong);
        let known: Vec<&Booklet> = chosen.iter().filter_map(|number| self.booklets.get(number)).collect();
        insert_if(wrong, known.iter().any(|booklet| !self.order_of(booklet).active), "not_activated");
        insert_if(wrong, known.iter().any(|booklet| self.order_of(booklet).stopped.0), "hand_outs_suspended");
        let ends = known.iter().map(|booklet| self.order_of(booklet).validity_end);
        let last = ends.fold(day("2023-03-31"), Ord::min);
        insert_if(wrong, today < day("2021-09-01") || today > last, "distribution_closed");
        insert_if(wrong, self.counter.0, "training_missing");
        insert_if(wrong, self.counter.1, "orientation_missing");
        self.wrong_key(*key, wrong);
        wrong_case(*case, wrong);
        insert_if(wrong, matches!(case, Case::Neither | Case::NoProof | Case::Elsewhere), "not_eligible");
        let had = self.had.get(person).copied().unwrap_or(0);
        let after = had + chosen.iter().map(|number| self.left(*number)).sum::<i64>();
        let mixed = self.mixed_at_a_desk(*person);
        if after <= ENTITLEMENT && mixed.is_none() {
            return;
        }
        let found = exception.and_then(|number| self.exceptions.get(usize::try_from(number - 1).ok()?));
        match (exception, found) {
            (None, _) => {
                wrong.extend(mixed);
                insert_if(wrong, after > ENTITLEMENT, "entitlement_exhausted");
            }
            (Some(_), Some((of, more, used))) if of == person => {
                insert_if(wrong, *used, "exception_used");
                insert_if(wrong, after > had.max(ENTITLEMENT) + more, "entitlement_exhausted");
            }
            (Some(_), _) => insert_if(wrong, true, "exception_unknown"),
        }
    }

    /// Why this printed code cannot be spent.
    pub(super) fn wrong_pass(&self, code: Pass, performed_on: Day, today: Day, wrong: &mut Reasons) {
        let Some(pass) = self.codes.get(&code) else { return insert_if(wrong, true, "code_unknown") };
        let booklet = &self.booklets[&pass.0];
        let order = self.order_of(booklet);
        insert_if(wrong, !order.active, "not_activated");
        match self.alone.get(pass).copied().unwrap_or(booklet.at) {
            At::Provider(_) | At::Claimed(_) | At::Paid(_) => insert_if(wrong, true, "already_redeemed"),
            At::Circulation => {
                insert_if(wrong, order.stopped.1, "redemptions_suspended");
                insert_if(wrong, performed_on.max(today) > order.grace_end, "expired");
                let early = booklet.handed_out.is_some_and(|handed_out| performed_on < handed_out);
                insert_if(wrong, early, "performed_before_hand_out");
            }
            At::Blocked => insert_if(wrong, true, "blocked"),
            At::Lost => insert_if(wrong, true, "lost"),
            At::Expired => insert_if(wrong, true, "expired"),
            At::Destroyed | At::Credited => insert_if(wrong, true, "cancelled"),
            _ => insert_if(wrong, true, "not_handed_out"),
        }
    }

    fn wrong_redemption(&self, request: &Request, today: Day, wrong: &mut Reasons) {
        let Wish::Redeem { venue, codes, service, on, away } = &request.wish else { return };
        let mobile = *venue == "Bus";
        let provider = if mobile { "MOBI" } else { "LIEUX" };
        insert_if(wrong, request.who.office != provider, "venue_unknown");
        insert_if(wrong, self.refused_venues.contains(venue), "venue_not_approved");
        let in_lille = *venue == "Lille" || (mobile && *away == Some("59350"));
        insert_if(wrong, in_lille, "venue_outside_territory");
        insert_if(wrong, matches!(service, Service::Access | Service::Equipment), "service_not_payable");
        let offered = [Service::AdministrativeHelp, Service::EverydayTools, Service::Equipment].contains(service);
        insert_if(wrong, !offered, "service_not_offered");
        insert_if(wrong, *on > today, "date_in_future");
        insert_if(wrong, !(1..=20).contains(&codes.len()), "quantity_out_of_range");
        let passes = codes.iter().filter_map(|code| self.codes.get(code));
        insert_if(wrong, has_twins(passes), "code_repeated");
        for code in codes {
            self.wrong_pass(*code, *on, today, wrong);
        }
    }

    fn wrong_reversal(&self, who: Who, number: &str, today: Day, wrong: &mut Reasons) {
        let found = self.redemptions.get(number);
        let theirs = |redemption: &&Redemption| who.role != Role::VenueAgent || redemption.provider == who.office;
        let Some(redemption) = found.filter(theirs) else { return insert_if(wrong, true, "redemption_unknown") };
        insert_if(wrong, redemption.reversed, "already_reversed");
        let in_a_claim = |pass: &Pass| matches!(self.alone.get(pass), Some(At::Claimed(_) | At::Paid(_)));
        insert_if(wrong, !redemption.reversed && redemption.passes.iter().any(in_a_claim), "claimed_already");
        insert_if(wrong, who.role == Role::VenueAgent && redemption.day != today, "reversal_too_late");
    }
}
