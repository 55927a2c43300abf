//! Why a request about a reminder or a key ought to be refused: every reason that holds. What never lives here: what comes of a
//! request that is granted.

use recepisse::domain::party::OrganisationKind;
use recepisse::domain::time::Day;

use super::super::model::{Model, Reasons};
use super::super::reasons::insert_if;
use super::super::script::Who;
use super::{DAYS_BETWEEN, PeopleWish, REMINDERS};

impl Model {
    pub(in crate::simulation) fn wrong_people(&self, who: Who, wish: &PeopleWish, today: Day, wrong: &mut Reasons) {
        match wish {
            PeopleWish::Remind { hand_out } => self.wrong_reminder(who, hand_out, today, wrong),
            PeopleWish::Revoke { hand_out } => {
                let region = who.role.kind() == OrganisationKind::Region;
                let theirs = self.consents.get(hand_out).is_some_and(|of| region || of.office == who.office);
                insert_if(wrong, !theirs, "follow_up_not_agreed");
            }
            PeopleWish::ForgetServed { on, most } => {
                insert_if(wrong, !(1..=1_000).contains(most), "quantity_out_of_range");
                insert_if(wrong, *on > today, "erasure_too_early");
                insert_if(wrong, self.served(*on, *most).is_empty(), "nothing_to_erase");
            }
            PeopleWish::RenewKey => match self.keys.proposal {
                None => insert_if(wrong, true, "people_key_not_proposed"),
                Some((_, by)) => insert_if(wrong, by == who, "people_key_same_person"),
            },
        }
    }

    fn wrong_reminder(&self, who: Who, hand_out: &String, today: Day, wrong: &mut Reasons) {
        let Some(of) = self.consents.get(hand_out).filter(|of| of.office == who.office) else {
            return insert_if(wrong, true, "follow_up_not_agreed");
        };
        let progress = self.progress(of);
        let over = progress.waits || progress.first_use.is_some() || self.has_served(of, today);
        insert_if(wrong, over, "follow_up_over");
        insert_if(wrong, of.reminders >= REMINDERS, "reminders_exhausted");
        let next = of.reminded_on.unwrap_or(progress.since).plus_days(DAYS_BETWEEN);
        insert_if(wrong, today < next, "reminder_too_soon");
    }

    /// Whoever was recognised under another key than the one in use is recognised again.
    pub(in crate::simulation) fn wrong_key(&self, key: u8, wrong: &mut Reasons) {
        insert_if(wrong, key != self.keys.in_use, "people_key_renewed");
    }
}
