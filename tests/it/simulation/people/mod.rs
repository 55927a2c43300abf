//! Who agreed to be reminded, and the key under which people are recognised, in the model. What never lives here: why a
//! request is refused.

mod reasons;
mod stage;
mod wish;
mod wishes;

use std::collections::BTreeMap;

use recepisse::domain::applications::ApplicationState;
use recepisse::domain::time::Day;

pub(super) use stage::{act, consent, proposal};
pub(super) use wish::PeopleWish;
pub(super) use wishes::{key, wanted};

use super::applications::ApplicationWish;
use super::model::Model;
use super::script::{At, Who};
use super::subject::Said;

/// Reminders of one hand-out, days from one to the next, days for which a contact outlives the first use, and months for which
/// it is kept at most: what the rules say where a programme says nothing.
const REMINDERS: i64 = 2;
const DAYS_BETWEEN: u32 = 14;
const DAYS_AFTER_USE: u32 = 7;
const MONTHS: u32 = 6;

/// Number of a receipt, with the reminders so far and the day of the last one, as a ledger keeps them.
pub(super) type Reminded = BTreeMap<String, (i64, Option<Day>)>;

/// The keys under which people are recognised.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) in_use: u8,
    /// The number of the next one, and who proposes it.
    proposal: Option<(u8, Who)>,
}

impl Keys {
    pub(super) const fn first() -> Self {
        Self { in_use: 1, proposal: None }
    }

    pub(super) const fn is_proposed(&self) -> bool {
        self.proposal.is_some()
    }

    /// Only a later key is taken up.
    pub(super) const fn propose(&mut self, number: u8, by: Who) {
        if number > self.in_use {
            self.proposal = Some((number, by));
        }
    }
}

/// What somebody was promised with what they agreed to.
#[derive(Debug, Clone)]
enum Promise {
    Booklets(Vec<u32>),
    /// What comes of an application.
    Application(i64),
}

/// Somebody who agreed to be reminded.
#[derive(Debug, Clone)]
pub(super) struct Consent {
    /// Who reminds.
    office: &'static str,
    pub(super) person: u32,
    agreed_on: Day,
    promise: Promise,
    reminders: i64,
    reminded_on: Option<Day>,
}

impl Consent {
    const fn is_of(&self, application: i64) -> bool {
        matches!(self.promise, Promise::Application(number) if number == application)
    }
}

/// How far they have come.
struct Progress {
    waits: bool,
    first_use: Option<Day>,
    in_use: bool,
    /// The day from which they could start.
    since: Day,
}

impl Model {
    pub(super) fn reminded(&self) -> Reminded {
        self.consents.iter().map(|(number, of)| (number.clone(), (of.reminders, of.reminded_on))).collect()
    }

    fn agree(&mut self, by: &str, office: &'static str, person: u32, agreed_on: Day, promise: Promise) {
        let consent = Consent { office, person, agreed_on, promise, reminders: 0, reminded_on: None };
        self.consents.insert(by.to_owned(), consent);
    }

    /// Whoever is given booklets agrees.
    pub(super) fn agrees_at_a_desk(&mut self, who: Who, booklets: &[u32], person: u32, today: Day, by: &str) {
        self.agree(by, who.office, person, today, Promise::Booklets(booklets.to_vec()));
    }

    /// Whoever applies agrees: `office` reminds them.
    pub(super) fn agrees_by_application(&mut self, office: &'static str, person: u32, today: Day, by: &str) {
        let number = i64::try_from(self.applications.len()).unwrap();
        self.agree(by, office, person, today, Promise::Application(number));
    }

    /// Nothing comes of an application: nobody is reminded of it.
    pub(super) fn comes_to_nothing(&mut self, application: i64) {
        self.consents.retain(|_, of| !of.is_of(application));
    }

    /// What the receipt says of it.
    pub(super) fn foretold_of_application(&self, wish: &ApplicationWish) -> Said {
        let (ApplicationWish::Decide { application, accept: false } | ApplicationWish::End { application, .. }) = wish
        else {
            return Said::new();
        };
        let agreed = self.consents.values().any(|of| of.is_of(*application));
        agreed.then(|| ("contacts".to_owned(), "1".to_owned())).into_iter().collect()
    }

    fn progress(&self, of: &Consent) -> Progress {
        let (booklets, waits, since) = match &of.promise {
            Promise::Booklets(booklets) => (booklets.clone(), false, of.agreed_on),
            Promise::Application(number) => {
                let application = self.application(*number).unwrap();
                let came = matches!(application.state, ApplicationState::Delivered);
                let letter = application.letter.filter(|_| came);
                let since = if letter.is_some() { application.state_on } else { of.agreed_on };
                (letter.map(|(booklet, _)| booklet).into_iter().collect(), application.is_open(), since)
            }
        };
        let is_theirs = |(booklet, _): &(u32, u8)| booklets.contains(booklet);
        let uses = self.redemptions.values().filter(|of| of.passes.iter().any(is_theirs));
        Progress {
            waits,
            first_use: uses.map(|of| of.day).min(),
            in_use: booklets.iter().any(|booklet| self.booklets[booklet].at == At::Circulation),
            since,
        }
    }

    /// Whether nobody will remind them any more.
    fn has_served(&self, of: &Consent, on: Day) -> bool {
        let progress = self.progress(of);
        let came = progress.first_use.is_some_and(|first| first.plus_days(DAYS_AFTER_USE) < on);
        !progress.waits && (came || !progress.in_use || on.minus_months(MONTHS) > progress.since)
    }

    /// Those whose contact has served on a day, at most so many.
    fn served(&self, on: Day, most: u32) -> Vec<String> {
        let served = self.consents.iter().filter(|(_, of)| self.has_served(of, on));
        served.map(|(number, _)| number.clone()).take(usize::try_from(most).unwrap()).collect()
    }

    /// What a receipt says of a request that is granted.
    pub(super) fn foretold_of_people(&self, wish: &PeopleWish) -> Said {
        let of = |name: &str, number: i64| (name.to_owned(), number.to_string());
        match wish {
            PeopleWish::Remind { hand_out } => [of("reminder", self.consents[hand_out].reminders + 1)].into(),
            PeopleWish::Revoke { .. } => Said::new(),
            PeopleWish::ForgetServed { on, most } => {
                let served = i64::try_from(self.served(*on, *most).len()).unwrap();
                [of("people", 0), of("contacts", served)].into()
            }
            PeopleWish::RenewKey => {
                let (next, _) = self.keys.proposal.unwrap();
                [of("key", next.into()), of("previous_key", self.keys.in_use.into())].into()
            }
        }
    }

    pub(super) fn grant_people(&mut self, wish: &PeopleWish, today: Day) {
        match wish {
            PeopleWish::Remind { hand_out } => {
                let of = self.consents.get_mut(hand_out).unwrap();
                (of.reminders, of.reminded_on) = (of.reminders + 1, Some(today));
            }
            PeopleWish::Revoke { hand_out } => drop(self.consents.remove(hand_out)),
            PeopleWish::ForgetServed { on, most } => {
                for number in self.served(*on, *most) {
                    self.consents.remove(&number);
                }
            }
            PeopleWish::RenewKey => {
                let (next, _) = self.keys.proposal.take().unwrap();
                self.keys.in_use = next;
            }
        }
    }
}
