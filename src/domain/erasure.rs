//! Erasure: what is known of people is deleted once their last contact is older than the programme keeps it, or when one of
//! them asks. The receipt counts and names nobody; what is sealed does not change. What never lives here: a name, or who is
//! looked for (a query).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::act::{Act, Context, own_organisation};
use super::facts::{Facts, Needs};
use super::ids::BookletId;
use super::movement::{Kind, Movement, Record};
use super::named::named;
use super::part;
use super::refusal::{Code, Malformed, Refusal};
use super::stock::CodeMac;
use super::time::Day;

/// People that one erasure takes: the writer keeps nobody waiting for long. Who is left is for the next one.
pub const PEOPLE_PER_ERASURE: u32 = 1_000;

/// What stands in the place of a fingerprint that was erased: the fingerprint of nobody.
pub const NOBODY: CodeMac = [0; 32];

/// The shortest and the longest time, in months, that a programme may keep what it knows of people.
const MONTHS: std::ops::RangeInclusive<u32> = 6..=60;

/// How long what is known of a person is kept. Two years after the last contact is what the CNIL's reference for social
/// support has in the active base (délibération n° 2023-095 of 14 September 2023).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionRules {
    /// Months after the last contact: 6 to 60.
    pub months: u32,
}

impl Default for RetentionRules {
    fn default() -> Self {
        Self { months: 24 }
    }
}

impl RetentionRules {
    /// # Errors
    /// [`Code::QuantityOutOfRange`].
    pub fn check(self) -> Result<(), Refusal> {
        if MONTHS.contains(&self.months) {
            return Ok(());
        }
        Err(Refusal::out_of_range("months", MONTHS.start(), MONTHS.end()))
    }

    /// The first day of which a contact still counts on `today`: of whom there was none since, nothing is kept.
    #[must_use]
    pub fn limit(self, today: Day) -> Day {
        today.minus_months(self.months)
    }

    /// The day from which a person with this last contact is overdue.
    #[must_use]
    pub fn over_on(self, last_contact: Day) -> Day {
        // Months differ in length: the first day whose limit lies after the contact.
        let mut day = last_contact.plus_days(self.months.saturating_mul(28));
        while self.limit(day) <= last_contact {
            day = day.plus_days(1);
        }
        day
    }
}

named!(
    /// Why something is erased.
    Cause, Malformed::Identifier, {
        /// The last contact is too long ago.
        Retention => "retention",
        /// The person has asked.
        Request => "request",
        /// What a contact was kept for is over: see `follow_up`.
        FollowUp => "follow_up",
    }
);

/// The rows that know something of people, by what finds each. A new table of personal data is one more field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces {
    /// What was counted towards the entitlement, by person.
    pub entitlements: BTreeSet<CodeMac>,
    /// Numbers of receipts of hand-outs.
    pub hand_outs: BTreeSet<String>,
    /// Numbers of exceptions.
    pub exceptions: BTreeSet<i64>,
    /// Booklets that took the place of others: their rows stay, without the person.
    pub replacements: BTreeSet<BookletId>,
    /// Hand-outs whose person may be reminded.
    pub contacts: BTreeSet<String>,
}

impl Traces {
    /// Those of somebody else too.
    pub fn add(&mut self, other: &Self) {
        self.entitlements.extend(&other.entitlements);
        self.hand_outs.extend(other.hand_outs.iter().cloned());
        self.exceptions.extend(&other.exceptions);
        self.replacements.extend(&other.replacements);
        self.contacts.extend(other.contacts.iter().cloned());
    }
}

/// What is known of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The last hand-out, replacement, exception or application, or the last redemption of one of their booklets. None where nothing says
    /// when it was: such a person is never overdue.
    pub last_contact: Option<Day>,
    /// An application that something may still come of: whose it is must be known until it is decided or withdrawn.
    pub open_application: Option<i64>,
    pub traces: Traces,
}

impl Known {
    /// Whether there was no contact since a day, that day included, and nothing is under way.
    #[must_use]
    pub fn is_overdue(&self, since: Day) -> bool {
        self.open_application.is_none() && self.last_contact.is_some_and(|last| last < since)
    }

    /// Takes a contact into account.
    pub fn met(&mut self, on: Day) {
        self.last_contact = self.last_contact.max(Some(on));
    }
}

/// Whom an act wants to erase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErasureNeeds {
    /// People without contact since the latest of the days asked for, and how many of them.
    pub overdue: Option<(Day, u32)>,
    pub people: BTreeSet<CodeMac>,
}

impl ErasureNeeds {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.overdue.is_none() && self.people.is_empty()
    }

    /// Several acts of a group may want any that are overdue: each finds enough if the sum is loaded.
    fn want(&mut self, since: Day, most: u32) {
        let (day, count) = self.overdue.unwrap_or((since, 0));
        self.overdue = Some((day.max(since), count.saturating_add(part::to_load(most))));
    }
}

/// What an erasure may know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErasureFacts {
    pub rules: RetentionRules,
    pub known: BTreeMap<CodeMac, Known>,
}

/// Who was erased, and with them what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    pub people: BTreeSet<CodeMac>,
    pub traces: Traces,
}

impl Erased {
    fn is_nothing(&self) -> bool {
        self.people.is_empty() && self.traces.contacts.is_empty()
    }
}

/// Whom to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Everybody without contact since a day, a bounded number at a time.
    Overdue {
        /// At most the programme's limit on the day of the act.
        since: Day,
        /// 1 to [`PEOPLE_PER_ERASURE`].
        most: u32,
    },
    /// One person who has asked for it, by their fingerprint.
    Person(CodeMac),
    /// How people who agreed to be reminded are reached, where that has served on a day; a bounded number at a time.
    Served {
        /// At most the day of the act.
        on: Day,
        /// 1 to [`PEOPLE_PER_ERASURE`].
        most: u32,
    },
}

/// Deletes what is known of people. Once nobody is left the act is refused, so that it can be repeated without harm.
#[derive(Debug, Clone)]
pub struct Erase {
    pub whom: Whom,
}

impl Erase {
    fn overdue(facts: &Facts, since: Day, most: u32) -> (Erased, bool) {
        let over = facts.erasures.known.iter().filter(|(person, known)| {
            // Who is met in this very group has had a contact.
            known.is_overdue(since) && !facts.is_met(person)
        });
        let (taken, more): (Vec<_>, _) = part::of(over, most);
        let mut erased = Erased::default();
        for (person, known) in taken {
            erased.people.insert(*person);
            erased.traces.add(&known.traces);
        }
        (erased, more)
    }

    fn served(facts: &Facts, on: Day, most: u32) -> (Erased, bool) {
        let (contacts, more) = part::of(facts.follow_ups.served(on).cloned(), most);
        (Erased { traces: Traces { contacts, ..Traces::default() }, ..Erased::default() }, more)
    }

    /// Under every spelling that the Region found to be theirs.
    fn person(facts: &Facts, person: &CodeMac) -> Result<Erased, Refusal> {
        let everyone = facts.duplicates.everyone(person);
        if everyone.iter().any(|person| facts.is_met(person)) {
            return Err(Refusal::new(Code::ErasureWaits).field("person"));
        }
        let mut erased = Erased::default();
        for person in everyone {
            let Some(known) = facts.erasures.known.get(&person) else { continue };
            if let Some(number) = known.open_application {
                let open = Refusal::new(Code::ErasureApplicationOpen).field("person");
                return Err(open.about("application", number));
            }
            erased.people.insert(person);
            erased.traces.add(&known.traces);
        }
        if erased.people.is_empty() { Err(Refusal::new(Code::NothingToErase).field("person")) } else { Ok(erased) }
    }

    /// What is to be erased, whether more is left, and why.
    fn find(&self, facts: &Facts, context: &Context) -> Result<((Erased, bool), Cause), Refusal> {
        let too_early = |date: Day| Refusal::new(Code::ErasureTooEarly).about("date", date.french());
        if let Whom::Overdue { most, .. } | Whom::Served { most, .. } = &self.whom
            && !(1..=PEOPLE_PER_ERASURE).contains(most)
        {
            return Err(Refusal::out_of_range("most", 1, PEOPLE_PER_ERASURE));
        }
        match &self.whom {
            Whom::Overdue { since, most } => {
                let limit = facts.erasures.rules.limit(context.day);
                if *since > limit {
                    return Err(too_early(limit));
                }
                Ok((Self::overdue(facts, *since, *most), Cause::Retention))
            }
            Whom::Served { on, .. } if *on > context.day => Err(too_early(context.day)),
            Whom::Served { on, most } => Ok((Self::served(facts, *on, *most), Cause::FollowUp)),
            Whom::Person(person) => Ok(((Self::person(facts, person)?, false), Cause::Request)),
        }
    }
}

impl Act for Erase {
    fn kind(&self) -> Kind {
        Kind::Erasure
    }

    fn needs(&self, needs: &mut Needs) {
        match &self.whom {
            Whom::Overdue { since, most } => needs.erasures.want(*since, (*most).min(PEOPLE_PER_ERASURE)),
            Whom::Person(person) => {
                needs.erasures.people.insert(*person);
            }
            Whom::Served { on, most } => needs.follow_ups.want(*on, (*most).min(PEOPLE_PER_ERASURE)),
        }
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let ((erased, more), cause) = self.find(facts, context)?;
        if erased.is_nothing() {
            return Err(Refusal::new(Code::NothingToErase));
        }
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        // Who asks is one person, under however many spellings.
        let people = if cause == Cause::Request { 1 } else { count(erased.people.len()) };
        let since = if let Whom::Overdue { since, .. } = self.whom { Some(since) } else { None };
        let contacts = count(erased.traces.contacts.len());
        Ok(Movement::new(Kind::Erasure)
            .mention("reason", cause.as_str())
            .mention("people", people)
            .mention("hand_outs", count(erased.traces.hand_outs.len()))
            .mention("exceptions", count(erased.traces.exceptions.len()))
            .mention("replacements", count(erased.traces.replacements.len()))
            .mention_some("contacts", (contacts > 0).then_some(contacts))
            .mention_some("contact_before", since)
            .mention_some("more", more.then_some(1_i64))
            .record(Record::Erased(Box::new(erased))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_person_is_overdue_on_the_first_day_whose_limit_lies_after_the_last_contact() {
        let rules = RetentionRules::default();
        for last in ["2024-02-29", "2024-03-31", "2023-12-31", "2024-01-01", "2023-02-28"] {
            let over = rules.over_on(day(last));
            let known = Known { last_contact: Some(day(last)), ..Known::default() };
            assert!(known.is_overdue(rules.limit(over)), "{last} {over}");
            assert!(!known.is_overdue(rules.limit(over.minus_days(1))), "{last} {over}");
        }
        assert_eq!(rules.over_on(day("2024-03-10")), day("2026-03-11"));
    }

    #[test]
    fn who_was_never_met_on_a_known_day_is_never_overdue() {
        assert!(!Known::default().is_overdue(Day::parse("2200-12-31").unwrap()));
    }

    #[test]
    fn who_waits_for_a_decision_is_never_overdue() {
        let waits = Known { last_contact: Some(day("2020-01-01")), open_application: Some(7), ..Known::default() };
        assert!(!waits.is_overdue(day("2200-12-31")));
    }

    #[test]
    fn a_time_out_of_bounds_is_refused() {
        for (months, right) in [(5, false), (6, true), (24, true), (60, true), (61, false)] {
            assert_eq!(RetentionRules { months }.check().is_ok(), right, "{months}");
        }
    }
}
