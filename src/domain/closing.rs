//! Closings: a day, a month or a year of a programme is over, and what moved in it and since the beginning is written
//! down for good. Days close in order, a month once its days are closed, a year once its months are; each names the one
//! before it. What never lives here: who notices that a period is over.

use std::collections::BTreeMap;

use super::act::{Act, Context};
use super::activity::Activity;
use super::facts::{Facts, Needs};
use super::money::Cents;
use super::movement::{Kind, Mentions, Movement, Record};
use super::named::named;
use super::refusal::{Code, Malformed, Refusal};
use super::time::Day;

named!(
    /// A stretch of civil days that is closed as one.
    Period, Malformed::Identifier, {
        Day => "day",
        Month => "month",
        Year => "year",
    }
);

impl Period {
    /// What must be closed before: the days of a month, the months of a year.
    #[must_use]
    pub const fn part(self) -> Option<Self> {
        match self {
            Self::Day => None,
            Self::Month => Some(Self::Day),
            Self::Year => Some(Self::Month),
        }
    }

    /// First and last day of the period of this kind that `day` lies in.
    #[must_use]
    pub fn around(self, day: Day) -> (Day, Day) {
        match self {
            Self::Day => (day, day),
            Self::Month => day.month_ends(),
            Self::Year => day.year_ends(),
        }
    }
}

/// What happened on one business day, and where the journal stood at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayEnd {
    /// Of the last receipt of the day.
    pub position: i64,
    /// Its hash: 64 hexadecimal digits.
    pub hash: String,
    pub activity: Activity,
}

/// A closing as those after it see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closed {
    /// Number and hash of its receipt.
    pub number: String,
    pub hash: String,
    /// Where the period ends in the journal: the position of its last receipt, and that receipt's hash.
    pub last_position: i64,
    pub last_hash: String,
    /// Everything since the beginning.
    pub perpetual: Activity,
}

/// A period that is being closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub period: Period,
    /// The day of the first receipt, where the period began before it.
    pub first_day: Day,
    pub last_day: Day,
    /// One more than `last_position` where nothing was recorded.
    pub first_position: i64,
    pub last_position: i64,
    /// Hash of the receipt at `last_position`.
    pub last_hash: String,
    /// Number and hash of the receipt of the closing before, of the same kind.
    pub previous: Option<(String, String)>,
    /// What moved in the period.
    pub activity: Activity,
    /// What moved since the beginning.
    pub perpetual: Activity,
    /// The face value of the orders of which the counter-value was ordered for payment, by the end of the period.
    pub committed: Cents,
}

/// The mentions of the proof of counter-value, which a closing has all of, or, of an older journal, none.
pub const COUNTER_VALUE: [&str; 3] = ["committed_cents", "funds_cents", "outstanding_cents"];

impl Closing {
    /// What is left of what was ordered for payment: less what providers were paid, less what issuers gave back.
    #[must_use]
    pub fn funds_cents(&self) -> i64 {
        let spent = self.perpetual.held_cents(|kind| matches!(kind, "paid" | "credited"));
        self.committed.get().saturating_sub(spent)
    }

    /// The face value that was delivered, and is neither paid nor given back.
    #[must_use]
    pub fn outstanding_cents(&self) -> i64 {
        self.perpetual.held_cents(|kind| !matches!(kind, "issue" | "paid" | "credited"))
    }

    /// What its receipt says. Lists of sums are left out where nothing moved.
    #[must_use]
    pub fn mentions(&self) -> Mentions {
        let mut mentions = Mentions::from([
            ("period", self.period.as_str().into()),
            ("first_day", self.first_day.into()),
            ("last_day", self.last_day.into()),
            ("first_position", self.first_position.into()),
            ("last_position", self.last_position.into()),
            ("last_hash", self.last_hash.as_str().into()),
        ]);
        let figures = [self.committed.get(), self.funds_cents(), self.outstanding_cents()];
        mentions.extend(COUNTER_VALUE.into_iter().zip(figures.map(Into::into)));
        let sums = [
            ("period_by_kind", self.activity.kinds.to_string()),
            ("period_by_holder", self.activity.holders.to_string()),
            ("perpetual_by_kind", self.perpetual.kinds.to_string()),
            ("perpetual_by_holder", self.perpetual.holders.to_string()),
        ];
        mentions.extend(sums.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.into())));
        if let Some((number, hash)) = &self.previous {
            mentions.extend([("previous", number.as_str().into()), ("previous_hash", hash.as_str().into())]);
        }
        mentions
    }
}

/// The closings of a programme so far, as far as the next ones depend on them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Books {
    /// The business day of the first receipt; none for an empty journal.
    pub opened_on: Option<Day>,
    /// By kind and last day: the last one of each kind at least.
    closed: BTreeMap<Period, BTreeMap<Day, Closed>>,
}

impl Books {
    /// Books in which nothing is closed, of a journal whose first receipt is of this day.
    #[must_use]
    pub fn new(opened_on: Option<Day>) -> Self {
        Self { opened_on, ..Self::default() }
    }

    /// Takes a closing in.
    pub fn note(&mut self, period: Period, last_day: Day, closed: Closed) {
        self.closed.entry(period).or_default().insert(last_day, closed);
    }

    /// Forgets the closings that no later one can depend on: all but the last of each kind and those that end a longer
    /// period which is still open.
    pub fn forget_settled(&mut self, period: Period) {
        let whole = [Period::Month, Period::Year].into_iter().find(|whole| whole.part() == Some(period));
        let settled = whole.and_then(|whole| self.last(whole)).map(|(day, _)| day);
        let Some(closed) = self.closed.get_mut(&period) else { return };
        let last = closed.last_key_value().map(|(day, _)| *day);
        let ends = |day: Day| whole.is_some_and(|whole| whole.around(day).1 == day) && settled < Some(day);
        closed.retain(|day, _| Some(*day) == last || ends(*day));
    }

    /// The last closing of this kind, and the day it ends on.
    #[must_use]
    pub fn last(&self, period: Period) -> Option<(Day, &Closed)> {
        self.closed.get(&period)?.last_key_value().map(|(day, closed)| (*day, closed))
    }

    /// The only period of this kind that may be closed next; none while there is no receipt.
    #[must_use]
    pub fn next(&self, period: Period) -> Option<(Day, Day)> {
        let opened_on = self.opened_on?;
        Some(match self.last(period) {
            Some((day, _)) => period.around(day.plus_days(1)),
            None => (opened_on, period.around(opened_on).1),
        })
    }

    /// What may be closed `today`, longest first: a kind of period and its last day.
    #[must_use]
    pub fn due(&self, today: Day) -> Option<(Period, Day)> {
        let due = |period: &Period| {
            let (_, last) = self.next(*period)?;
            let ready = match period.part() {
                None => last < today,
                Some(part) => self.last(part).is_some_and(|(closed_until, _)| closed_until >= last),
            };
            ready.then_some((*period, last))
        };
        Period::ALL.iter().rev().find_map(due)
    }

    /// Closes the period of this kind that `of` lies in. `days` says what happened on days that are not closed; one that
    /// is not there saw nothing. `activations` is the face value of the orders activated on each day.
    ///
    /// # Errors
    /// [`Code::ClosingNothingYet`], [`Code::ClosingAlreadyMade`], [`Code::ClosingTooEarly`], [`Code::ClosingOutOfOrder`]
    /// or [`Code::ClosingPartsOpen`].
    pub fn close(
        &self,
        (period, of): (Period, Day),
        today: Day,
        days: &BTreeMap<Day, DayEnd>,
        activations: &BTreeMap<Day, Cents>,
    ) -> Result<Closing, Refusal> {
        let refuse = |code: Code| Refusal::new(code).field("of");
        let (first_day, last_day) = self.next(period).ok_or(Refusal::new(Code::ClosingNothingYet))?;
        let (_, asked) = period.around(of);
        let previous = self.last(period);
        if previous.is_some_and(|(closed_until, _)| asked <= closed_until) {
            return Err(refuse(Code::ClosingAlreadyMade).about("date", asked.french()));
        }
        if asked >= today {
            return Err(refuse(Code::ClosingTooEarly).about("date", asked.french()));
        }
        if asked != last_day {
            let refusal = refuse(Code::ClosingOutOfOrder).about("first", first_day.french());
            return Err(refusal.about("last", last_day.french()));
        }
        let none = Closed::default();
        let before = previous.map_or(&none, |(_, closed)| closed);
        let (last_position, last_hash, perpetual) = match (period.part(), days.get(&last_day)) {
            (None, Some(day)) => (day.position, &day.hash, before.perpetual.plus(&day.activity)),
            (None, None) => (before.last_position, &before.last_hash, before.perpetual.clone()),
            (Some(part), _) => {
                let open = || refuse(Code::ClosingPartsOpen).about("date", last_day.french());
                let end = self.closed.get(&part).and_then(|closed| closed.get(&last_day)).ok_or_else(open)?;
                (end.last_position, &end.last_hash, end.perpetual.clone())
            }
        };
        Ok(Closing {
            period,
            first_day,
            last_day,
            first_position: before.last_position.saturating_add(1),
            last_position,
            last_hash: last_hash.clone(),
            previous: previous.map(|(_, closed)| (closed.number.clone(), closed.hash.clone())),
            activity: perpetual.minus(&before.perpetual),
            perpetual,
            committed: Cents::new(activations.range(..=last_day).map(|(_, value)| value.get()).sum()),
        })
    }
}

/// Closes a period that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close {
    pub period: Period,
    /// Any day of the period.
    pub of: Day,
}

impl Act for Close {
    fn kind(&self) -> Kind {
        Kind::Closing
    }

    fn needs(&self, needs: &mut Needs) {
        needs.closings.insert((self.period, self.of));
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let closing = facts.books.close((self.period, self.of), context.day, &facts.day_ends, &facts.activations)?;
        let mut movement = Movement::new(Kind::Closing);
        movement.mentions = closing.mentions();
        Ok(movement.record(Record::Closed(Box::new(closing))))
    }
}
