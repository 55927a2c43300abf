//! Follow-up of booklets that were handed out and never started: whoever agreed to it is reminded a few times, until they
//! come, take their word back, or the time is over. What never lives here: how somebody is reached (closed bytes here), a
//! message that is sent, or whoever did not agree.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::act::{Act, Context, own_organisation};
use super::erasure::Erased;
use super::facts::{Facts, Needs, Stamp, Table};
use super::ids::BookletId;
use super::movement::{Kind, Movement, Record};
use super::named::named;
use super::part;
use super::party::OrganisationKind;
use super::refusal::{Code, Malformed, Refusal, check_bounds};
use super::short_code::ShortCode;
use super::stock::CodeMac;
use super::time::Day;

named!(
    /// How a person agreed to be reached.
    Channel, Malformed::Identifier, {
        Phone => "phone",
        Email => "email",
        Letter => "letter",
    }
);

named!(
    /// What becomes of a follow-up: what its receipt says.
    Step, Malformed::Identifier, {
        /// The person was reminded.
        Reminded => "reminded",
        /// The person takes their word back.
        Revoked => "revoked",
    }
);

/// How often and how long a programme reminds, where nobody is to be nagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FollowUpRules {
    /// Reminders of one hand-out at most: 1 to 5.
    pub reminders: u32,
    /// Days from the hand-out to the first reminder, and from one to the next: 1 to 90.
    pub days_between: u32,
    /// Days after the first use for which a contact is still kept: 0 to 30.
    pub days_after_use: u32,
    /// Months after the hand-out for which a contact is kept at most: 1 to 24.
    pub months: u32,
}

impl Default for FollowUpRules {
    fn default() -> Self {
        Self { reminders: 2, days_between: 14, days_after_use: 7, months: 6 }
    }
}

impl FollowUpRules {
    /// # Errors
    /// [`Code::QuantityOutOfRange`], with the field.
    pub fn check(self) -> Result<(), Refusal> {
        check_bounds([
            ("reminders", self.reminders, 1..=5),
            ("days_between", self.days_between, 1..=90),
            ("days_after_use", self.days_after_use, 0..=30),
            ("months", self.months, 1..=24),
        ])
    }

    /// Whether a contact has no purpose any more on `today`: the booklet was started, is out of use, or the time is over.
    #[must_use]
    pub fn has_served(self, consented_on: Day, progress: Progress, today: Day) -> bool {
        if progress.waits {
            return false;
        }
        let came = progress.first_use.is_some_and(|first| first.plus_days(self.days_after_use) < today);
        came || !progress.in_use || today.minus_months(self.months) > progress.since(consented_on)
    }
}

/// How far the booklets of a hand-out have come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// The first redemption of one of their passes, reversed or not: the person came.
    pub first_use: Option<Day>,
    /// Whether one of them can still be used.
    pub in_use: bool,
    /// Nothing is in the person's hands yet, and something may come by letter.
    pub waits: bool,
    /// The day on which the letter reached them, where one did.
    pub reached_on: Option<Day>,
}

impl Progress {
    /// The day from which a person could start, who agreed on a day.
    const fn since(&self, consented_on: Day) -> Day {
        match self.reached_on {
            Some(reached_on) => reached_on,
            None => consented_on,
        }
    }
}

/// What somebody agrees to when booklets are handed to them, or when they apply for one.
#[derive(Clone, PartialEq, Eq)]
pub struct Consent {
    pub channel: Channel,
    /// How to reach them, closed under the nonce of the hand-out.
    pub contact: Vec<u8>,
    /// Under a nonce of its own where they apply: that of the application is destroyed once name and address have served, and how
    /// they are reached is of use from then on. See [`own_nonce`].
    pub nonce: Option<CodeMac>,
}

/// Under which name the nonce of a contact is kept that is not that of its receipt.
#[must_use]
pub fn own_nonce(number: &str) -> String {
    format!("{number} follow-up")
}

/// Says that there is a contact, never which.
impl std::fmt::Debug for Consent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consent").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// A hand-out, or an application for a booklet, whose person may be reminded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Number of the receipt of the hand-out, or of the one that filed the application.
    pub hand_out: String,
    pub person: CodeMac,
    /// Code of whoever handed out or filed, the Region for a machine: they alone remind.
    pub office: ShortCode,
    pub channel: Channel,
    pub consented_on: Day,
    /// None for an application: the letter that came of it says which.
    pub booklets: BTreeSet<BookletId>,
    pub reminders: i64,
    pub reminded_on: Option<Day>,
}

/// What is written of a follow-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowUpRecord {
    /// Agreed to with the hand-out that the receipt is of.
    Agreed { person: CodeMac, office: ShortCode, booklets: BTreeSet<BookletId>, consent: Consent },
    /// By the number of the hand-out.
    Reminded(String),
    /// Taken back, or what it was agreed to for has come to nothing: nothing of it is kept.
    Revoked(String),
}

/// What an act asks to know of follow-ups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FollowUpNeeds {
    /// By the numbers of hand-outs.
    pub hand_outs: BTreeSet<String>,
    /// Those of the applications that are named.
    pub of_applications: bool,
    /// Those that have served on the latest of the days asked for, and how many of them.
    pub served: Option<(Day, u32)>,
}

impl FollowUpNeeds {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hand_outs.is_empty() && !self.of_applications && self.served.is_none()
    }

    /// Several acts of a group may want any that have served: each finds enough if the sum is loaded.
    pub(in crate::domain) fn want(&mut self, on: Day, most: u32) {
        let (day, count) = self.served.unwrap_or((on, 0));
        self.served = Some((day.max(on), count.saturating_add(part::to_load(most))));
    }
}

/// What acts know of follow-ups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FollowUpFacts {
    pub rules: FollowUpRules,
    /// By the number of the hand-out.
    pub known: Table<String, FollowUp>,
    pub progress: BTreeMap<String, Progress>,
}

impl FollowUpFacts {
    /// Nothing comes of what somebody has applied for: nobody is reminded of it, and how they are reached is deleted with it.
    pub(in crate::domain) fn end(&self, movement: Movement, filed_by: &str) -> Movement {
        if self.known.get(&filed_by.to_owned()).is_none() {
            return movement;
        }
        movement.mention("contacts", 1_i64).record(Record::FollowUp(FollowUpRecord::Revoked(filed_by.to_owned())))
    }

    fn progress(&self, hand_out: &str) -> Progress {
        self.progress.get(hand_out).copied().unwrap_or_default()
    }

    /// The hand-outs whose contact has served on `today`. Who agreed in this very group is not looked at yet.
    pub(in crate::domain) fn served(&self, today: Day) -> impl Iterator<Item = &String> {
        self.known.iter().filter_map(move |(hand_out, follow_up)| {
            let progress = self.progress.get(hand_out)?;
            self.rules.has_served(follow_up.consented_on, *progress, today).then_some(hand_out)
        })
    }

    /// Takes in what was written, so that the next act of the group sees it.
    pub(in crate::domain) fn write_down(&mut self, record: &FollowUpRecord, stamp: &Stamp) {
        match record {
            FollowUpRecord::Agreed { person, office, booklets, consent } => {
                let hand_out = stamp.number.clone();
                let follow_up = FollowUp {
                    hand_out: hand_out.clone(),
                    person: *person,
                    office: office.clone(),
                    channel: consent.channel,
                    consented_on: stamp.day,
                    booklets: booklets.clone(),
                    reminders: 0,
                    reminded_on: None,
                };
                self.known.set(hand_out, follow_up);
            }
            FollowUpRecord::Reminded(hand_out) => self.known.change(hand_out, |follow_up| {
                follow_up.reminders = follow_up.reminders.saturating_add(1);
                follow_up.reminded_on = Some(stamp.day);
            }),
            FollowUpRecord::Revoked(hand_out) => self.known.remove(hand_out),
        }
    }

    /// Nothing is known any more of what was erased.
    pub(in crate::domain) fn forget(&mut self, erased: &Erased) {
        for hand_out in &erased.traces.contacts {
            self.known.remove(hand_out);
        }
    }
}

/// The follow-up of a hand-out: whoever did not agree, or took it back, has none. One answer for every reason, so that nothing is
/// learnt of others' hand-outs.
fn agreed<'f>(facts: &'f Facts, hand_out: &str, own: Option<&ShortCode>) -> Result<&'f FollowUp, Refusal> {
    let found = facts.follow_ups.known.get(&hand_out.to_owned());
    found
        .filter(|follow_up| own.is_none_or(|own| *own == follow_up.office))
        .ok_or_else(|| Refusal::new(Code::FollowUpNotAgreed).about("hand_out", hand_out))
}

/// A person is reminded of their booklet, by whoever handed it out.
#[derive(Debug, Clone)]
pub struct Remind {
    /// Number of the receipt of the hand-out.
    pub hand_out: String,
}

impl Act for Remind {
    fn kind(&self) -> Kind {
        Kind::FollowUp
    }

    fn needs(&self, needs: &mut Needs) {
        needs.follow_ups.hand_outs.insert(self.hand_out.clone());
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let own = own_organisation(facts, context)?;
        let FollowUp { hand_out, channel, consented_on, reminders, reminded_on, .. } =
            agreed(facts, &self.hand_out, Some(&own.code))?;
        let (rules, progress) = (facts.follow_ups.rules, facts.follow_ups.progress(hand_out));
        let about = |code: Code| Refusal::new(code).about("hand_out", hand_out);
        if progress.waits || progress.first_use.is_some() || rules.has_served(*consented_on, progress, context.day) {
            return Err(about(Code::FollowUpOver));
        }
        if *reminders >= i64::from(rules.reminders) {
            return Err(about(Code::RemindersExhausted).about("reminders", reminders));
        }
        let next = reminded_on.unwrap_or(progress.since(*consented_on)).plus_days(rules.days_between);
        if context.day < next {
            return Err(about(Code::ReminderTooSoon).about("date", next.french()));
        }
        Ok(Movement::new(Kind::FollowUp)
            .mention("hand_out", hand_out.clone())
            .mention("step", Step::Reminded.as_str())
            .mention("follow_up", channel.as_str())
            .mention("reminder", reminders.saturating_add(1))
            .record(Record::FollowUp(FollowUpRecord::Reminded(hand_out.clone()))))
    }
}

/// A person takes their word back, with effect at once: to whoever handed the booklet out, or to the Region.
#[derive(Debug, Clone)]
pub struct Revoke {
    /// Number of the receipt of the hand-out.
    pub hand_out: String,
}

impl Act for Revoke {
    fn kind(&self) -> Kind {
        Kind::FollowUp
    }

    fn needs(&self, needs: &mut Needs) {
        needs.follow_ups.hand_outs.insert(self.hand_out.clone());
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let own = own_organisation(facts, context)?;
        let of_the_region = context.actor.role.kind() == OrganisationKind::Region;
        let follow_up = agreed(facts, &self.hand_out, (!of_the_region).then_some(&own.code))?;
        Ok(Movement::new(Kind::FollowUp)
            .mention("hand_out", follow_up.hand_out.clone())
            .mention("step", Step::Revoked.as_str())
            .record(Record::FollowUp(FollowUpRecord::Revoked(follow_up.hand_out.clone()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_contact_has_served_some_days_after_the_first_use_or_when_the_time_is_over_or_nothing_is_left_to_use() {
        let (rules, agreed) = (FollowUpRules::default(), day("2026-03-01"));
        let unused = Progress { in_use: true, ..Progress::default() };
        let used = Progress { first_use: Some(day("2026-03-10")), ..unused };
        for (progress, on, served) in [
            (unused, "2026-09-01", false),
            (unused, "2026-09-02", true),
            (used, "2026-03-17", false),
            (used, "2026-03-18", true),
            (Progress { in_use: false, ..unused }, "2026-03-02", true),
            (Progress { waits: true, ..Progress::default() }, "2027-03-02", false),
            (Progress { reached_on: Some(day("2026-05-01")), ..unused }, "2026-11-01", false),
            (Progress { reached_on: Some(day("2026-05-01")), ..unused }, "2026-11-02", true),
        ] {
            assert_eq!(rules.has_served(agreed, progress, day(on)), served, "{progress:?} {on}");
        }
    }

    #[test]
    fn nobody_is_reminded_without_end() {
        let usual = FollowUpRules::default();
        assert!(usual.check().is_ok());
        for (wrong, field) in [
            (FollowUpRules { reminders: 0, ..usual }, "reminders"),
            (FollowUpRules { reminders: 6, ..usual }, "reminders"),
            (FollowUpRules { days_between: 0, ..usual }, "days_between"),
            (FollowUpRules { days_after_use: 31, ..usual }, "days_after_use"),
            (FollowUpRules { months: 25, ..usual }, "months"),
        ] {
            assert_eq!(wrong.check().unwrap_err().field.as_deref(), Some(field));
        }
    }

    #[test]
    fn a_consent_shows_no_contact() {
        let consent = Consent { channel: Channel::Phone, contact: b"0612345678".to_vec(), nonce: None };
        assert!(!format!("{consent:?}").contains("48, 54"));
    }
}
