//! What a database would find for a group: what receipts moved and took out of use, who was given booklets, who is known
//! and since when. What never lives here: a rule.

use std::collections::BTreeMap;

use recepisse::domain::activity::Activity;
use recepisse::domain::applications::{Application, ApplicationRecord};
use recepisse::domain::closing::DayEnd;
use recepisse::domain::erasure::{Erased, ErasureFacts, Known, NOBODY, RetentionRules};
use recepisse::domain::facts::{Facts, Needs, Stamp};
use recepisse::domain::follow_up::{FollowUp, Progress};
use recepisse::domain::ids::BookletId;
use recepisse::domain::incidents::{Given, Withdrawal};
use recepisse::domain::movement::{Exception, Movement, Record};
use recepisse::domain::order_places::{OrderPlaces, Span};
use recepisse::domain::party::{Actor, Holder};
use recepisse::domain::stock::CodeMac;
use recepisse::domain::time::Day;

use super::ends::EndsWish;
use super::script::{Request, Wish};
use super::stage::order_number;
use crate::harness::reference;

/// Booklets in people's hands, and people.
#[derive(Debug, Default)]
pub(super) struct Recall {
    given: BTreeMap<BookletId, Given>,
    known: BTreeMap<CodeMac, Known>,
    /// The day of the first redemption of a pass of each booklet, reversed or not.
    first_uses: BTreeMap<BookletId, Day>,
}

/// How long people are known.
pub(super) const RETENTION: RetentionRules = RetentionRules { months: 6 };

impl Recall {
    /// Facts as they are loaded for a group with these needs: what earlier groups wrote is written.
    pub(super) fn load(&self, facts: &mut Facts, needs: &Needs) {
        let given = self.given.iter().filter(|(booklet, _)| needs.given.contains(booklet));
        facts.given = given.map(|(booklet, given)| (*booklet, given.clone())).collect();
        facts.hand_outs.clear();
        let exceptions: Vec<Exception> = facts.exceptions.iter().map(|(_, exception)| exception.clone()).collect();
        for exception in exceptions {
            facts.exceptions.load(exception.number, exception);
        }
        let applications: Vec<Application> = facts.applications.known.iter().map(|(_, of)| of.clone()).collect();
        for application in applications {
            facts.applications.known.load(application.number, application);
        }
        if !needs.follow_ups.is_empty() {
            facts.follow_ups.progress = self.progress(facts);
        }
        if needs.erasures.is_empty() {
            return;
        }
        let known = |(person, known): (&CodeMac, &Known)| {
            let open = facts.applications.of(person).find(|of| of.state.is_open()).map(|of| of.number);
            let mut known = Known { open_application: open, ..known.clone() };
            let agreed = facts.follow_ups.known.iter().filter(|(_, of)| of.person == *person);
            known.traces.contacts = agreed.map(|(number, _)| number.clone()).collect();
            (*person, known)
        };
        facts.erasures = ErasureFacts { rules: RETENTION, known: self.known.iter().map(known).collect() };
    }

    /// How far those have come who agreed to be reminded.
    fn progress(&self, facts: &Facts) -> BTreeMap<String, Progress> {
        let of = |(number, of): (&String, &FollowUp)| {
            let application = facts.applications.known.iter().map(|(_, of)| of).find(|of| of.filed_by == *number);
            let came = application.filter(|of| of.state.is_delivered());
            let letter = came.and_then(|of| Some((of.letter?.0, of.state_on)));
            let theirs = || of.booklets.iter().copied().chain(letter.map(|(booklet, _)| booklet));
            let in_use = |id| facts.booklets.get(&id).is_some_and(|of| of.holder == Holder::Circulation);
            let progress = Progress {
                first_use: theirs().filter_map(|booklet| self.first_uses.get(&booklet)).min().copied(),
                in_use: theirs().any(in_use),
                waits: application.is_some_and(|of| of.state.is_open()),
                reached_on: letter.map(|(_, on)| on),
            };
            (number.clone(), progress)
        };
        facts.follow_ups.known.iter().map(of).collect()
    }

    /// Takes in what was granted to `actor`.
    pub(super) fn note(&mut self, facts: &mut Facts, movement: &Movement, stamp: &Stamp, actor: &Actor) {
        let mut origins = BTreeMap::new();
        for line in &movement.lines {
            facts.last_moves.extend(line.items.iter().map(|item| (*item, stamp.position)));
            if matches!(line.to, Holder::Blocked | Holder::Lost) {
                origins.extend(line.items.iter().map(|item| (*item, line.from.clone())));
            }
        }
        let (position, kind, by) = (stamp.position, movement.kind, actor.pseudonym.clone());
        facts.withdrawals.insert(stamp.number.clone(), Withdrawal { position, kind, by, origins });
        let office = facts.organisations[&actor.organisation].code.clone();
        let given = |fingerprint| Given { number: stamp.number.clone(), office: office.clone(), fingerprint };
        for record in &movement.records {
            match record {
                Record::HandedOut(of) => {
                    let booklets = movement.lines.iter().flat_map(|line| &line.items).map(|item| item.booklet());
                    for booklet in booklets {
                        self.given.insert(booklet, given(of.fingerprint));
                    }
                    let known = self.met(of.fingerprint, stamp.day);
                    known.traces.entitlements.insert(of.fingerprint);
                    known.traces.hand_outs.insert(stamp.number.clone());
                }
                Record::Replaced(of) => {
                    self.given.insert(of.replacement, given(of.fingerprint));
                    self.met(of.fingerprint, stamp.day).traces.replacements.insert(of.replacement);
                }
                Record::ExceptionGranted(of) => {
                    self.met(of.fingerprint, stamp.day).traces.exceptions.insert(of.number);
                }
                Record::Applications(ApplicationRecord::Filed(of, _) | ApplicationRecord::Changed(of, _)) => {
                    if of.fingerprint != NOBODY {
                        self.met(of.fingerprint, of.state_on).traces.entitlements.insert(of.fingerprint);
                    }
                    if let Some((booklet, _)) = of.letter.filter(|_| of.state.is_delivered()) {
                        self.given.insert(booklet, given(of.fingerprint));
                    }
                }
                Record::Redeemed(of) => {
                    facts.claims.claimable.insert(stamp.position, stamp.number.clone());
                    for pass in of.items.iter().filter_map(|item| item.pass()) {
                        facts.statements.spent.insert(pass, stamp.number.clone());
                        self.first_uses.entry(pass.booklet()).or_insert(stamp.day);
                        let owner = self.given.get(&pass.booklet()).map(|given| given.fingerprint);
                        if let Some(owner) = owner.filter(|owner| *owner != NOBODY) {
                            self.met(owner, stamp.day);
                        }
                    }
                }
                Record::Reversed { number } => facts.statements.spent.retain(|_, of| of != number),
                Record::Erased(erased) => self.forget(erased),
                _ => {}
            }
        }
    }

    fn met(&mut self, person: CodeMac, on: Day) -> &mut Known {
        let known = self.known.entry(person).or_default();
        known.met(on);
        known
    }

    fn forget(&mut self, erased: &Erased) {
        self.known.retain(|person, _| !erased.people.contains(person));
        for given in self.given.values_mut().filter(|given| erased.people.contains(&given.fingerprint)) {
            given.fingerprint = NOBODY;
        }
    }
}

/// What a database would add up: what happened on each day.
pub(super) fn add_to_the_day(facts: &mut Facts, movement: &Movement, stamp: &Stamp) {
    let new = || DayEnd { position: 0, hash: String::new(), activity: Activity::default() };
    let end = facts.day_ends.entry(stamp.day).or_insert_with(new);
    end.position = stamp.position;
    let (_, passes, value) = movement.total().unwrap();
    end.activity.receipts(movement.kind.as_str(), 1, (passes, value.get()));
    for line in &movement.lines {
        end.activity.line(&line.from.to_string(), &line.to.to_string(), (line.passes, line.value.get()));
    }
}

/// Where each pass is of the orders that lists of a group are of.
pub(super) fn load_places(facts: &mut Facts, group: &[Request]) {
    facts.order_places.clear();
    for request in group {
        let Wish::End(EndsWish::Contradict(list)) = &request.wish else { continue };
        let Some(order) = facts.order(&reference(&order_number(list.order))) else { continue };
        let mut places = OrderPlaces::new(Span::of(order));
        for (id, booklet) in facts.booklets.iter() {
            places.put(id.item(), &booklet.holder);
        }
        for (id, pass) in facts.passes.iter() {
            if let Some(holder) = &pass.holder {
                places.put(id.item(), holder);
            }
        }
        facts.order_places.insert(order.id, places);
    }
}
