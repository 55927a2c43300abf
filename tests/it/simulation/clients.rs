//! The clients and their links: who asks next, what is lost, doubled, late or out of order, and what people do to the
//! clock and to the reference data meanwhile. It looks at the model to ask for what makes sense most of the time. What
//! never lives here: what the answer ought to be.

use recepisse::domain::party::Role;

use super::dice::Dice;
use super::focus::Focus;
use super::model::Model;
use super::prologue::prologue;
use super::script::{ADMIN, Change, Event, FINANCE, PEOPLE, PRESCRIBERS, Request, VENUES, Who};
use super::wishes;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// What will happen later, and when: in turns.
#[derive(Debug, Clone)]
struct Due {
    turn: usize,
    event: Event,
}

#[derive(Debug)]
pub(super) struct Clients {
    dice: Dice,
    focus: Focus,
    turn: usize,
    /// What the links still hold back, and what has to be put right again.
    due: Vec<Due>,
    keys: u32,
    /// Requests that were sent under a key.
    sent: Vec<Request>,
    /// What happens next, before anything else.
    next: Vec<Event>,
}

impl Clients {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let focus = if dice.chance(25) { Focus::Everything } else { dice.pick(Focus::ALL).unwrap() };
        let next = prologue(focus).into_iter().rev().collect();
        Self { dice, focus, turn: 0, due: Vec::new(), keys: 0, sent: Vec::new(), next }
    }

    /// What happens next.
    pub(super) fn next(&mut self, model: &Model) -> Event {
        if let Some(event) = self.next.pop() {
            return event;
        }
        self.turn += 1;
        let turn = self.turn;
        if let Some(place) = self.due.iter().position(|due| due.turn <= turn) {
            return self.due.remove(place).event;
        }
        match self.dice.below(100) {
            0..=53 => self.ask(model),
            54..=57 => self.use_a_key_again(model),
            58..=73 => Event::GroupEnds,
            74..=81 => Event::TimePasses(self.dice.between(1_usize, 600).try_into().unwrap()),
            82..=84 => Event::TimePasses(self.some_days()),
            85..=86 => self.set_the_clock(model),
            87..=91 => Event::Rehearse(Request { key: None, ..self.request(model) }),
            92..=94 => Event::Look(wishes::code(&mut self.dice, model)),
            95 => self.propose(model),
            96..=98 => self.change(),
            _ if model.set_by_seconds() <= 120 => Event::Restart,
            _ => Event::GroupEnds,
        }
    }

    /// Half a day to a fortnight; now and then a season, so that passes expire.
    fn some_days(&mut self) -> i64 {
        let days = if self.dice.chance(4) { self.dice.between(60_usize, 120) } else { self.dice.between(0_usize, 14) };
        i64::try_from(days).unwrap() * DAY + 12 * HOUR
    }

    fn later(&mut self, turns: (usize, usize), event: Event) {
        let turn = self.turn + self.dice.between(turns.0, turns.1);
        self.due.push(Due { turn, event });
    }

    fn request(&mut self, model: &Model) -> Request {
        let (mut who, wish) = wishes::sensible(&mut self.dice, model, self.focus);
        if self.dice.chance(5) {
            who = self.dice.pick(PEOPLE).unwrap();
        }
        self.keys += 1;
        Request { key: Some(self.keys), who, wish }
    }

    /// A client asks, over a link that may lose the request or the answer, or deliver twice or late. A client that has
    /// no answer asks again with its key; one that has none to ask with does not.
    fn ask(&mut self, model: &Model) -> Event {
        let mut request = self.request(model);
        if self.dice.chance(8) {
            request.key = None;
            return Event::Arrive(request);
        }
        self.sent.push(request.clone());
        let again = Event::Arrive(request);
        match self.dice.below(100) {
            // The answer is lost.
            0..=11 => self.later((1, 12), again.clone()),
            // Lost twice.
            12..=14 => {
                self.later((1, 6), again.clone());
                self.later((7, 20), again.clone());
            }
            // Delivered twice at once.
            15..=22 => self.next.push(again.clone()),
            // Somebody finds it in a drawer.
            23..=25 => self.later((60, 200), again.clone()),
            // The request is lost: it arrives after others that were sent later.
            26..=33 => {
                self.later((2, 15), again);
                return Event::GroupEnds;
            }
            _ => {}
        }
        again
    }

    fn use_a_key_again(&mut self, model: &Model) -> Event {
        match self.dice.pick(&self.sent) {
            Some(earlier) if self.dice.chance(60) => {
                let other = self.request(model);
                Event::Arrive(Request { key: earlier.key, who: earlier.who, ..other })
            }
            Some(earlier) => Event::Arrive(earlier),
            None => Event::GroupEnds,
        }
    }

    /// Mostly somebody notices and puts it right.
    fn set_the_clock(&mut self, model: &Model) -> Event {
        let astray = model.set_by_seconds();
        if astray != 0 && self.dice.chance(70) {
            return Event::ClockIsSet(-astray);
        }
        let seconds = self.dice.pick(&[1, 60, 119, 120, 121, 300, HOUR, DAY, 365 * DAY]).unwrap();
        let seconds =
            if self.dice.chance(60) || seconds + astray > 120 && self.dice.chance(50) { -seconds } else { seconds };
        self.later((2, 8), Event::ClockIsSet(-seconds));
        Event::ClockIsSet(seconds)
    }

    /// An account to be paid on, or a key under which people are recognised: somebody else decides.
    fn propose(&mut self, model: &Model) -> Event {
        if self.dice.chance(25) {
            let by = self.dice.pick(&[ADMIN, ADMIN, FINANCE]).unwrap();
            let number = self.dice.between(model.keys.in_use, model.keys.in_use + 2);
            return Event::Changes(Change::PeopleKey { number, by });
        }
        let provider = self.dice.pick(&["LIEUX", "LIEUX", "MOBI"]).unwrap();
        let own = Who::of(provider, Role::VenueAgent);
        let by = self.dice.pick(&[own, own, ADMIN, FINANCE]).unwrap();
        Event::Changes(Change::Payee { provider, by })
    }

    /// Changes something that is changed back a little later.
    fn change(&mut self) -> Event {
        let who: Who = self.dice.pick(PEOPLE).unwrap();
        let office = self.dice.pick(&PRESCRIBERS[..2]).unwrap();
        let (change, back) = match self.dice.below(8) {
            0 => (Change::Account(who, false), Change::Account(who, true)),
            1 => (Change::Office(who.office, false), Change::Office(who.office, true)),
            2 => (Change::Programme(false), Change::Programme(true)),
            3 => {
                let venue = self.dice.pick(VENUES).unwrap();
                (Change::Venue(venue, false), Change::Venue(venue, venue != "Louvroil"))
            }
            4 => (Change::Debtor(false), Change::Debtor(true)),
            5 => {
                let training = self.dice.chance(50);
                let asked = Change::Counter { training, orientation: !training };
                (asked, Change::Counter { training: false, orientation: false })
            }
            _ => {
                let in_force = self.dice.chance(60);
                let ceiling_booklets = self.dice.between(0_i64, 6);
                let again = Change::Mandate { office, ceiling_booklets: 200, in_force: true };
                (Change::Mandate { office, ceiling_booklets, in_force }, again)
            }
        };
        self.later((4, 16), Event::Changes(back));
        Event::Changes(change)
    }
}
