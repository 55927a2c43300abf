//! Why a request about an application, a letter or an allocation ought to be refused: every reason that holds. What never
//! lives here: what comes of a request that is granted.

use std::collections::{BTreeMap, BTreeSet};

use recepisse::domain::applications::ApplicationState as State;
use recepisse::domain::mailing::Fate;
use recepisse::domain::party::OrganisationKind;
use recepisse::domain::time::Day;

use super::super::model::{ENTITLEMENT, Model, Reasons};
use super::super::reasons::{day, insert_if};
use super::super::script::{At, Case, PRESCRIBERS, Who};
use super::{Application, ApplicationWish};

/// Days within which an applicant brings what is missing.
const COMPLETION_DAYS: u32 = 60;
/// Months for which people are known after the last contact.
const RETENTION_MONTHS: u32 = 6;

/// What the rules cannot judge.
pub(in crate::simulation) fn wrong_case(case: Case, wrong: &mut Reasons) {
    match case {
        Case::StrangeProof => insert_if(wrong, true, "proof_unknown"),
        Case::StrangeStatus => insert_if(wrong, true, "status_unknown"),
        Case::StrangeGround => insert_if(wrong, true, "ground_unknown"),
        Case::Unborn => insert_if(wrong, true, "birth_date_impossible"),
        Case::Senior | Case::Young | Case::Neither | Case::NoProof | Case::Elsewhere => {}
    }
}

/// Whether booklets are given out these days.
fn wrong_window(today: Day, last: Day, wrong: &mut Reasons) {
    let last = last.min(day("2023-03-31"));
    insert_if(wrong, today < day("2021-09-01") || today > last, "distribution_closed");
}

impl Model {
    pub(in crate::simulation) fn wrong_application(
        &self,
        who: Who,
        wish: &ApplicationWish,
        today: Day,
        wrong: &mut Reasons,
    ) {
        match wish {
            ApplicationWish::File { reference, person, case, passes, key, .. } => {
                let same = |of: &Application| (of.office, of.reference) == (who.office, *reference);
                insert_if(wrong, self.applications.iter().any(same), "application_known");
                insert_if(wrong, self.of_person(*person).any(Application::is_open), "application_open");
                wrong_window(today, today, wrong);
                let offered = passes.is_none_or(|passes| [ENTITLEMENT, ENTITLEMENT / 2].contains(&passes.into()));
                insert_if(wrong, !offered, "quantity_out_of_range");
                self.wrong_key(*key, wrong);
                wrong_case(*case, wrong);
            }
            ApplicationWish::Complete { application, case, .. } => {
                let Some(of) = self.theirs(who, *application, wrong) else { return };
                insert_if(wrong, of.state != State::Received, "application_not_open");
                wrong_case(*case, wrong);
            }
            ApplicationWish::Decide { application, accept } => {
                let Some(of) = self.theirs(who, *application, wrong) else { return };
                match of.state {
                    State::Received => insert_if(wrong, *accept, "application_incomplete"),
                    State::Complete if *accept => self.wrong_acceptance_of(of, wrong),
                    State::Complete => {}
                    _ => insert_if(wrong, true, "application_not_open"),
                }
            }
            ApplicationWish::End { application, expired } => {
                let Some(of) = self.theirs(who, *application, wrong) else { return };
                insert_if(wrong, !of.is_open() || of.state == State::Mailed, "application_not_open");
                let waits = matches!(of.state, State::Received | State::Returned);
                let delay = if waits { of.state_on.plus_days(COMPLETION_DAYS) } else { today };
                let last = if waits { delay.min(day("2023-03-31")) } else { day("2023-03-31") };
                insert_if(wrong, *expired && today <= last, "application_not_expired");
            }
            ApplicationWish::Mail { applications, order } => self.wrong_mailing(applications, *order, today, wrong),
            ApplicationWish::Report { letters } => self.wrong_report(letters, today, wrong),
            ApplicationWish::Forget { person } => {
                insert_if(wrong, self.of_person(*person).any(Application::is_open), "erasure_application_open");
                insert_if(wrong, !self.contacts.contains_key(person), "nothing_to_erase");
            }
            ApplicationWish::ForgetOverdue { since, most } => {
                insert_if(wrong, !(1..=1_000).contains(most), "quantity_out_of_range");
                insert_if(wrong, *since > today.minus_months(RETENTION_MONTHS), "erasure_too_early");
                insert_if(wrong, self.overdue(*since).is_empty(), "nothing_to_erase");
            }
            ApplicationWish::Allocate { sendings, order } => self.wrong_allocation(sendings, *order, today, wrong),
        }
    }

    /// An application that somebody may act on: the Region on all, others on their own.
    fn theirs(&self, who: Who, number: i64, wrong: &mut Reasons) -> Option<&Application> {
        let region = who.role.kind() == OrganisationKind::Region;
        let of = self.application(number).filter(|of| region || of.office == who.office);
        insert_if(wrong, of.is_none(), "application_unknown");
        of
    }

    fn wrong_acceptance_of(&self, of: &Application, wrong: &mut Reasons) {
        let had = self.had.get(&of.person).copied().unwrap_or(0);
        insert_if(wrong, had + of.passes > ENTITLEMENT, "entitlement_exhausted");
        insert_if(wrong, had > self.applied_for(of.person), "channels_mixed");
    }

    fn wrong_mailing(&self, applications: &BTreeSet<i64>, order: u32, today: Day, wrong: &mut Reasons) {
        if applications.is_empty() {
            let is_known = self.orders.iter().any(|(number, _)| *number == order);
            return insert_if(wrong, true, if is_known { "nobody_waits_for_order" } else { "order_unknown" });
        }
        let booklets = self.mailed(applications, order, wrong);
        for (number, booklet) in applications.iter().zip(&booklets) {
            let of = &self.booklets[booklet];
            let order = self.order_of(of);
            wrong_window(today, order.validity_end, wrong);
            insert_if(wrong, !order.active, "not_activated");
            insert_if(wrong, order.stopped.0, "hand_outs_suspended");
            let Some(application) = self.application(*number) else {
                insert_if(wrong, true, "application_unknown");
                continue;
            };
            let lost = application.state == State::Mailed
                && application.letter.is_some_and(|letter| !self.is_on_its_way(letter));
            let waits = matches!(application.state, State::Accepted | State::Returned) || lost;
            insert_if(wrong, !waits, "application_not_open");
            insert_if(wrong, self.left(*booklet) != application.passes, "booklet_size_differs");
        }
    }

    fn wrong_report(&self, letters: &BTreeMap<i64, Fate>, today: Day, wrong: &mut Reasons) {
        insert_if(wrong, letters.is_empty(), "selection_empty");
        for (number, fate) in letters {
            let Some(of) = self.application(*number) else {
                insert_if(wrong, true, "application_unknown");
                continue;
            };
            let on_its_way = of.letter.is_some_and(|letter| self.is_on_its_way(letter));
            insert_if(wrong, of.state != State::Mailed || !on_its_way, "letter_not_on_its_way");
            if let Fate::Delivered(on) = fate {
                insert_if(wrong, *on < of.state_on || *on > today, "letter_date_impossible");
            }
        }
    }

    fn wrong_allocation(
        &self,
        sendings: &[(At, &'static str, u32)],
        order: Option<u32>,
        today: Day,
        wrong: &mut Reasons,
    ) {
        insert_if(wrong, sendings.is_empty() || sendings.iter().any(|(.., count)| *count == 0), "selection_empty");
        let allocated = self.allocated(sendings, order, wrong);
        let mut given: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for ((from, to, _), booklets) in sendings.iter().zip(allocated) {
            let prescribes = PRESCRIBERS.contains(to) && !self.closed_offices.contains(to);
            insert_if(wrong, !prescribes, "prescriber_unknown");
            insert_if(wrong, *from == At::Office(to), "same_holder");
            let given = given.entry(to).or_default();
            given.extend(booklets);
            self.wrong_custody(to, today, (&self.held_and_awaited(to), given), wrong);
        }
    }

    /// Where booklets are that a prescriber has, or that are on their way to it.
    pub(in crate::simulation) fn held_and_awaited(&self, office: &'static str) -> Vec<At> {
        let awaited = (1_i64..).zip(&self.dispatches).filter(|(_, (_, to))| *to == At::Office(office));
        awaited.map(|(number, _)| At::Transit(number)).chain([At::Office(office)]).collect()
    }
}
