//! What is erased of people: receipts say how much, and never more than was recorded. What never lives here: who was erased,
//! which no receipt says.

use super::super::{Body, Break, Text};
use super::Replay;
use super::kinds::Effect;
use super::records::{date, number, ordinal, text, wrong};

/// Rows that know something of people, as far as receipts made them and none erased them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traces {
    hand_outs: i64,
    exceptions: i64,
    replacements: i64,
}

impl Traces {
    /// Takes what a receipt leaves behind into account.
    pub(super) const fn note(&mut self, effect: Effect) {
        match effect {
            Effect::HandsOut => self.hand_outs += 1,
            Effect::Excepts => self.exceptions += 1,
            Effect::Replaces => self.replacements += 1,
            _ => {}
        }
    }
}

fn too_much() -> Break {
    Break::new("erasure", "l'effacement compte plus de traces que le journal n'en a laissé, ou personne")
}

impl Replay {
    /// Of nobody in particular, only how people who agreed to be reminded are reached.
    fn erase_contacts(&mut self, people: i64, said: Traces, contacts: i64) -> Result<(), Break> {
        let only = people == 0 && said == Traces::default() && contacts > 0;
        if only && self.follow_ups.erase(contacts) { Ok(()) } else { Err(too_much()) }
    }

    /// One person on request, or people whom nobody has met since a day before this one; of each sort no more than there is.
    pub(super) fn erase<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let (reason, people) = (text(body, "reason")?, number(body, "people")?);
        let said = Traces {
            hand_outs: number(body, "hand_outs")?,
            exceptions: number(body, "exceptions")?,
            replacements: number(body, "replacements")?,
        };
        let contacts = if body.mentions.contains_key("contacts") { number(body, "contacts")? } else { 0 };
        let on_request = match reason {
            "request" => true,
            "retention" if date(body, "contact_before")? < ordinal(&body.day) => false,
            "retention" => return Err(wrong("contact_before")),
            "follow_up" => return self.erase_contacts(people, said, contacts),
            _ => return Err(wrong("reason")),
        };
        let there = self.traces;
        let within = |said: i64, there: i64| (0..=there).contains(&said);
        let right = within(said.hand_outs, there.hand_outs)
            && within(said.exceptions, there.exceptions)
            && within(said.replacements, there.replacements);
        if !right || people < 1 || (on_request && people != 1) || !self.follow_ups.erase(contacts) {
            return Err(too_much());
        }
        self.traces = Traces {
            hand_outs: there.hand_outs - said.hand_outs,
            exceptions: there.exceptions - said.exceptions,
            replacements: there.replacements - said.replacements,
        };
        Ok(())
    }
}
