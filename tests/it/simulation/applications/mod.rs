//! Applications in the model, the letters that carry booklets, and stock shared among prescribers: one person has what one
//! person may have, through one channel. What never lives here: why a request is refused.

mod reasons;
mod stage;
mod wish;
mod wishes;

use std::collections::{BTreeMap, BTreeSet};

use recepisse::domain::applications::ApplicationState as State;
use recepisse::domain::mailing::Fate;
use recepisse::domain::party::Role;
use recepisse::domain::time::Day;

pub(super) use reasons::wrong_case;
pub(super) use stage::act;
pub(super) use wish::ApplicationWish;
pub(super) use wishes::wanted;

use super::model::{ENTITLEMENT, Model, Reasons};
use super::script::{At, Case, Pick, Who};

/// Whoever was erased.
pub(super) const NOBODY: u32 = u32::MAX;
/// Of the prescriber that the Region itself is for whoever receives by post.
const REGION: &str = "HDF";

#[derive(Debug, Clone)]
pub(super) struct Application {
    office: &'static str,
    reference: u32,
    person: u32,
    passes: i64,
    pub(super) state: State,
    pub(super) state_on: Day,
    /// The booklet, and the number of the dispatch.
    pub(super) letter: Option<(u32, i64)>,
}

impl Application {
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.state, State::Received | State::Complete) || self.reserves()
    }

    const fn reserves(&self) -> bool {
        matches!(self.state, State::Accepted | State::Mailed | State::Returned)
    }

    /// Whether it counts towards what the person has had.
    const fn counts(&self) -> bool {
        self.reserves() || matches!(self.state, State::Delivered)
    }
}

/// Number of each with its state, as a ledger keeps them.
pub(super) type Filed = BTreeMap<i64, String>;

/// Passes by person.
pub(super) type Had = BTreeMap<u32, i64>;

/// People of this world, and one more.
pub(super) const PEOPLE: std::ops::RangeInclusive<u32> = 0..=10;

/// Whether the rules find a ground in what is shown.
const fn is_eligible(case: Case) -> bool {
    matches!(case, Case::Senior | Case::Young)
}

fn place(application: i64) -> Option<usize> {
    usize::try_from(application.checked_sub(1)?).ok()
}

impl Model {
    pub(super) fn application(&self, number: i64) -> Option<&Application> {
        self.applications.get(place(number)?)
    }

    /// An application is in another state from a day on.
    fn becomes(&mut self, number: i64, state: State, on: Day) -> &mut Application {
        let place = place(number).unwrap();
        self.met(self.applications[place].person, on);
        let of = &mut self.applications[place];
        (of.state, of.state_on) = (state, on);
        of
    }

    fn of_person(&self, person: u32) -> impl Iterator<Item = &Application> {
        self.applications.iter().filter(move |of| of.person == person)
    }

    /// Passes that a person has through applications.
    fn applied_for(&self, person: u32) -> i64 {
        self.of_person(person).filter(|of| of.counts()).map(|of| of.passes).sum()
    }

    /// Why somebody who applies, or has applied, is not served at a desk.
    pub(super) fn mixed_at_a_desk(&self, person: u32) -> Option<&'static str> {
        match self.applied_for(person) {
            0 => self.of_person(person).any(Application::is_open).then_some("application_open"),
            _ => Some("channels_mixed"),
        }
    }

    pub(super) fn had(&self) -> Had {
        self.had.iter().filter(|(_, passes)| **passes != 0).map(|(person, passes)| (*person, *passes)).collect()
    }

    pub(super) fn filed(&self) -> Filed {
        (1..).zip(self.applications.iter().map(|of| of.state.to_string())).collect()
    }

    fn is_on_its_way(&self, (booklet, dispatch): (u32, i64)) -> bool {
        self.booklets[&booklet].at == At::Transit(dispatch)
    }

    /// Booklets of an order that a mailing takes.
    fn mailed(&self, applications: &BTreeSet<i64>, order: u32, wrong: &mut Reasons) -> Vec<u32> {
        let count = u32::try_from(applications.len()).unwrap();
        self.chosen(&Pick::Lowest(count, Some(order)), At::Store, wrong)
    }

    /// Booklets of each sending of an allocation, where there are enough.
    fn allocated(
        &self,
        sendings: &[(At, &'static str, u32)],
        order: Option<u32>,
        wrong: &mut Reasons,
    ) -> Vec<Vec<u32>> {
        let mut taken: BTreeMap<At, u32> = BTreeMap::new();
        for (from, _, count) in sendings {
            *taken.entry(*from).or_default() += count;
        }
        let mut stock: BTreeMap<At, std::vec::IntoIter<u32>> = BTreeMap::new();
        for (from, count) in taken {
            stock.insert(from, self.chosen(&Pick::Lowest(count, order), from, wrong).into_iter());
        }
        let take = |(from, _, count): &(At, &str, u32)| {
            stock.get_mut(from).unwrap().by_ref().take(usize::try_from(*count).unwrap()).collect()
        };
        sendings.iter().map(take).collect()
    }

    pub(super) fn grant_application(&mut self, who: Who, wish: &ApplicationWish, today: Day, by: &str) {
        match wish {
            ApplicationWish::File { reference, person, case, passes, agrees, .. } => {
                let usual = if who.role == Role::Platform { ENTITLEMENT / 2 } else { ENTITLEMENT };
                self.applications.push(Application {
                    office: who.office,
                    reference: *reference,
                    person: *person,
                    passes: passes.map_or(usual, i64::from),
                    state: if is_eligible(*case) { State::Complete } else { State::Received },
                    state_on: today,
                    letter: None,
                });
                self.met(*person, today);
                if *agrees {
                    let office = if who.role == Role::Platform { REGION } else { who.office };
                    self.agrees_by_application(office, *person, today, by);
                }
            }
            ApplicationWish::Complete { application, case, .. } => {
                let state = if is_eligible(*case) { State::Complete } else { State::Received };
                self.becomes(*application, state, today);
            }
            ApplicationWish::Decide { application, accept } => {
                let state = if *accept { State::Accepted } else { State::Refused };
                let of = self.becomes(*application, state, today);
                let (person, reserved) = (of.person, if *accept { of.passes } else { 0 });
                *self.had.entry(person).or_default() += reserved;
                if !accept {
                    self.comes_to_nothing(*application);
                }
            }
            ApplicationWish::End { application, expired } => {
                let of = self.application(*application).unwrap();
                let (person, freed) = (of.person, if of.reserves() { of.passes } else { 0 });
                self.becomes(*application, if *expired { State::Expired } else { State::Withdrawn }, today);
                *self.had.entry(person).or_default() -= freed;
                self.comes_to_nothing(*application);
            }
            ApplicationWish::Mail { applications, order } => self.mail(applications, *order, today, by),
            ApplicationWish::Report { letters } => {
                for (number, fate) in letters {
                    self.report(*number, *fate, today, by);
                }
            }
            ApplicationWish::Forget { person } => self.forget(&[*person]),
            ApplicationWish::ForgetOverdue { since, .. } => self.forget(&self.overdue(*since)),
            ApplicationWish::Allocate { sendings, order } => {
                let allocated = self.allocated(sendings, *order, &mut Reasons::new());
                for ((from, to, _), booklets) in sendings.iter().zip(allocated) {
                    self.open_dispatch(*from, At::Office(to), &booklets, by);
                }
            }
        }
    }

    /// Whom nobody has met since a day, and for whom nothing is under way.
    fn overdue(&self, since: Day) -> Vec<u32> {
        let over = self.contacts.iter().filter(|(_, last)| **last < since).map(|(person, _)| *person);
        over.filter(|person| !self.of_person(*person).any(Application::is_open)).collect()
    }

    /// Nothing is known of these people any more; what they have asked for and hold stays, and is nobody's.
    fn forget(&mut self, people: &[u32]) {
        let gone = |person: u32| people.contains(&person);
        self.had.retain(|person, _| !gone(*person));
        self.contacts.retain(|person, _| !gone(*person));
        self.consents.retain(|_, of| !gone(of.person));
        let given = self.given.values_mut().map(|of| &mut of.person);
        let applied = self.applications.iter_mut().map(|of| &mut of.person);
        let granted = self.exceptions.iter_mut().map(|(person, ..)| person);
        for person in given.chain(applied).chain(granted).filter(|person| people.contains(person)) {
            *person = NOBODY;
        }
    }

    fn mail(&mut self, applications: &BTreeSet<i64>, order: u32, today: Day, by: &str) {
        let booklets = self.mailed(applications, order, &mut Reasons::new());
        let dispatch = self.open_dispatch(At::Store, At::Circulation, &booklets, by);
        for (number, booklet) in applications.iter().zip(booklets) {
            self.becomes(*number, State::Mailed, today).letter = Some((booklet, dispatch));
        }
    }

    fn report(&mut self, number: i64, fate: Fate, today: Day, by: &str) {
        let of = self.application(number).unwrap();
        let (person, (booklet, _)) = (of.person, of.letter.unwrap());
        match fate {
            Fate::Delivered(on) => {
                self.becomes(number, State::Delivered, on);
                self.give(Who::of(REGION, Role::RegionAdmin), &[booklet], person, on, by);
            }
            Fate::Returned(_) => {
                self.becomes(number, State::Returned, today);
                self.move_all(&[booklet], At::Store, by);
            }
        }
    }
}
