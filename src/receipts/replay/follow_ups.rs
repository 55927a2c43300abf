//! Whoever agreed to be reminded: only of a hand-out that says so, by whoever handed it out, one reminder after the other, and
//! none once their word is taken back. What never lives here: how anybody is reached, which no receipt says.

use std::collections::BTreeMap;

use super::super::{Body, Break, Text};
use super::Replay;
use super::kinds::is_region;
use super::records::{number, text, wrong};
use crate::domain::follow_up::{Channel, Step};
use crate::domain::party::Role;

/// Hand-outs and applications whose person agreed, with the office that reminds and the reminders so far, until the word is taken
/// back; none where a machine filed: the Region reminds.
#[derive(Debug, Default)]
pub(super) struct FollowUps {
    agreed: BTreeMap<String, (Option<String>, i64)>,
    /// How many of them were erased: no receipt says which.
    erased: i64,
}

impl FollowUps {
    /// How many contacts there may still be.
    fn left(&self) -> i64 {
        i64::try_from(self.agreed.len()).unwrap_or(i64::MAX).saturating_sub(self.erased)
    }

    /// Nobody is reminded of what came to nothing; `false` where nobody was to be.
    pub(super) fn end(&mut self, filed_by: &str) -> bool {
        self.agreed.remove(filed_by).is_some()
    }

    /// Takes an erasure of so many contacts into account; `false` where there are not so many.
    pub(super) fn erase(&mut self, contacts: i64) -> bool {
        let right = (0..=self.left()).contains(&contacts);
        if right {
            self.erased += contacts;
        }
        right
    }
}

fn channel<T: Text>(body: &Body<T>) -> Result<(), Break> {
    Channel::parse(text(body, "follow_up")?).map(|_| ()).map_err(|_| wrong("follow_up"))
}

impl Replay {
    /// Notes what a hand-out or an application says of it, where it says something.
    pub(super) fn agree<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        if !body.mentions.contains_key("follow_up") {
            return Ok(());
        }
        channel(body)?;
        let office = (*body.agent.role != *Role::Platform.as_str()).then(|| (*body.office.code).to_owned());
        self.follow_ups.agreed.insert((*body.number).to_owned(), (office, 0));
        Ok(())
    }

    /// A reminder, or a word taken back.
    pub(super) fn follow_up<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let (hand_out, step) = (text(body, "hand_out")?, text(body, "step")?);
        let step = Step::parse(step).map_err(|_| wrong("step"))?;
        let region = is_region(&body.agent.role);
        let detail = || Break::new("follow_up", format!("la remise {hand_out} n'est pas à suivre ainsi"));
        let found = self.follow_ups.agreed.get_mut(hand_out);
        let is_own = |office: &Option<String>| office.as_ref().map_or(region, |office| **office == *body.office.code);
        let (office, reminders) = found.ok_or_else(detail)?;
        let own = is_own(office);
        if !(own || region) {
            return Err(detail());
        }
        match step {
            Step::Revoked => drop(self.follow_ups.agreed.remove(hand_out)),
            Step::Reminded => {
                channel(body)?;
                if !own || number(body, "reminder")? != *reminders + 1 {
                    return Err(detail());
                }
                *reminders += 1;
            }
        }
        Ok(())
    }
}
