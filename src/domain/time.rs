//! Moments and days. What lives here: [`Instant`] (UTC, whole milliseconds) and [`Day`] (a civil date).
//! What never does: a clock. A moment is always handed in.

use std::fmt;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::refusal::Malformed;

/// A moment in UTC with whole milliseconds and nothing finer, so that what is sealed is what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instant(i64);

impl Instant {
    /// `millis`: milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The instant `seconds` later (or earlier when negative); stops at the ends of what an `i64` can hold.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// The business day: the civil date in Europe/Paris at this moment.
    #[must_use]
    pub fn day(self) -> Day {
        Day(self.utc().with_timezone(&chrono_tz::Europe::Paris).date_naive())
    }

    /// What a French reader prints: `24/11/2026 à 11:06` (Europe/Paris).
    #[must_use]
    pub fn french(self) -> String {
        self.utc().with_timezone(&chrono_tz::Europe::Paris).format("%d/%m/%Y à %H:%M").to_string()
    }

    /// Reads `2026-11-24T10:06:52.123Z`, exactly that shape.
    ///
    /// # Errors
    /// [`Malformed::Instant`] for any other text.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        Self::read(text.as_bytes()).ok_or(Malformed::Instant)
    }

    /// By hand, because it is read from every receipt of a journal that is verified.
    fn read(text: &[u8]) -> Option<Self> {
        let (date, time) = text.split_at_checked(10)?;
        let &[b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'.', f1, f2, f3, b'Z'] = time else { return None };
        let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
        let time = NaiveTime::from_hms_milli_opt(hour, minute, second, number(&[f1, f2, f3])?)?;
        Some(Self(read_date(date)?.and_time(time).and_utc().timestamp_millis()))
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl TryFrom<String> for Instant {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.to_string()
    }
}

/// Digits and nothing else.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number * 10 + char::from(*digit).to_digit(10)?))
}

/// Reads `2026-11-24`, exactly that shape.
fn read_date(text: &[u8]) -> Option<NaiveDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

/// A civil date between 1850 and 2200, written `2026-11-24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(NaiveDate);

impl Day {
    /// The first day there is.
    pub const FIRST: Self = Self(NaiveDate::from_ymd_opt(1850, 1, 1).unwrap());

    /// # Errors
    /// [`Malformed::Day`] when the date does not exist or lies outside 1850–2200: beyond that it is a typing error.
    pub fn new(year: i32, month: u32, day: u32) -> Result<Self, Malformed> {
        NaiveDate::from_ymd_opt(year, month, day)
            .filter(|date| (1850..=2200).contains(&date.year()))
            .map(Self)
            .ok_or(Malformed::Day)
    }

    /// Reads `YYYY-MM-DD`, exactly that shape.
    ///
    /// # Errors
    /// [`Malformed::Day`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let date = read_date(text.as_bytes()).ok_or(Malformed::Day)?;
        Self::new(date.year(), date.month(), date.day())
    }

    /// The civil year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// `count` days later.
    #[must_use]
    pub fn plus_days(self, count: u32) -> Self {
        Self(self.0.checked_add_days(Days::new(count.into())).unwrap_or(NaiveDate::MAX))
    }

    /// `count` days earlier.
    #[must_use]
    pub fn minus_days(self, count: u32) -> Self {
        Self(self.0.checked_sub_days(Days::new(count.into())).unwrap_or(NaiveDate::MIN))
    }

    /// Whole days from `earlier` to this day; 0 when it lies ahead.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> u32 {
        u32::try_from(self.0.signed_duration_since(earlier.0).num_days()).unwrap_or(0)
    }

    /// First and last day of its civil month.
    #[must_use]
    pub fn month_ends(self) -> (Self, Self) {
        let first = self.0.with_day(1).unwrap_or(self.0);
        let next = first.checked_add_months(Months::new(1));
        (Self(first), Self(next.and_then(|next| next.pred_opt()).unwrap_or(NaiveDate::MAX)))
    }

    /// First and last day of its civil year.
    #[must_use]
    pub fn year_ends(self) -> (Self, Self) {
        let day = |month, day| NaiveDate::from_ymd_opt(self.0.year(), month, day).unwrap_or(self.0);
        (Self(day(1, 1)), Self(day(12, 31)))
    }

    /// `count` months earlier; the last day of a shorter month stands in for a day it lacks.
    #[must_use]
    pub fn minus_months(self, count: u32) -> Self {
        Self(self.0.checked_sub_months(Months::new(count)).unwrap_or(NaiveDate::MIN))
    }

    /// Whole years from `birth` to this day: the age reached on the birthday itself. Someone born on a
    /// 29 February reaches it on 1 March of a common year (Cour de cassation practice: the anniversary
    /// that does not exist is reached once the eve is over). Negative when `birth` lies ahead.
    #[must_use]
    pub fn age_of_birth(self, birth: Self) -> i32 {
        let before_birthday = (self.0.month(), self.0.day()) < (birth.0.month(), birth.0.day());
        self.0.year() - birth.0.year() - i32::from(before_birthday)
    }

    /// What a French reader prints: `24/11/2026`.
    #[must_use]
    pub fn french(self) -> String {
        self.0.format("%d/%m/%Y").to_string()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Written for every row of the journal: chrono would read a format string each time.
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl TryFrom<String> for Day {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn an_instant_is_written_and_read_to_the_millisecond() {
        let text = "2026-11-24T10:06:52.123Z";
        assert_eq!(Instant::parse(text).unwrap().to_string(), text);
        assert_eq!(Instant::parse("1969-12-31T23:59:59.999Z").unwrap().millis(), -1);
        for wrong in [
            "2026-11-24T10:06:52Z",
            "2026-11-24T10:06:52.1234Z",
            "2026-11-24 10:06:52.123Z",
            "2026-11-24T10:06:52.123+00:00",
            "2026-11-24T24:00:00.000Z",
            "2026-12-31T23:59:60.000Z",
            "2026-02-29T10:06:52.123Z",
            "+2026-11-24T10:06:52.123Z",
            "2026-11-24T10:06:52.12 Z",
            "é026-11-24T10:06:52.123Z",
            "",
            "hier",
        ] {
            assert_eq!(Instant::parse(wrong), Err(Malformed::Instant), "{wrong}");
        }
    }

    #[test]
    fn the_business_day_is_that_of_paris() {
        assert_eq!(Instant::parse("2026-07-01T22:30:00.000Z").unwrap().day(), day("2026-07-02"));
        assert_eq!(Instant::parse("2026-01-01T22:30:00.000Z").unwrap().day(), day("2026-01-01"));
    }

    #[test]
    fn absurd_dates_are_refused() {
        for wrong in ["2026-02-30", "1026-01-01", "9999-01-01", "2026-1-1", "24/11/2026", "2026-11-24T00", "2026-+1-01"]
        {
            assert_eq!(Day::parse(wrong), Err(Malformed::Day), "{wrong}");
        }
    }

    #[test]
    fn months_and_years_have_their_ends() {
        assert_eq!(day("2028-02-10").month_ends(), (day("2028-02-01"), day("2028-02-29")));
        assert_eq!(day("2026-12-31").month_ends(), (day("2026-12-01"), day("2026-12-31")));
        assert_eq!(day("2026-11-25").year_ends(), (day("2026-01-01"), day("2026-12-31")));
    }

    #[test]
    fn an_age_is_reached_on_the_birthday() {
        assert_eq!(day("2026-11-24").age_of_birth(day("1966-11-24")), 60);
        assert_eq!(day("2026-11-23").age_of_birth(day("1966-11-24")), 59);
        assert_eq!(day("2026-02-28").age_of_birth(day("1964-02-29")), 61);
        assert_eq!(day("2026-03-01").age_of_birth(day("1964-02-29")), 62);
        assert!(day("2026-11-24").age_of_birth(day("2030-01-01")) < 0);
    }
}
