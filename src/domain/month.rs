//! A civil month in Paris, as claims and accounts are made by. What never lives here: which month it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::refusal::Malformed;
use super::time::Day;

const NAMES: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A month between 1850 and 2200, written `2021-10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month(Day);

impl Month {
    /// Reads `YYYY-MM`, exactly that shape.
    ///
    /// # Errors
    /// [`Malformed::Month`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() == 7 { Day::parse(&format!("{text}-01")).map(Self) } else { Err(Malformed::Day) }
            .map_err(|_| Malformed::Month)
    }

    /// The month in which a day lies.
    #[must_use]
    pub fn of(day: Day) -> Self {
        let first = day.to_string().get(..7).and_then(|text| Self::parse(text).ok());
        first.unwrap_or(Self(day))
    }

    #[must_use]
    pub const fn first_day(self) -> Day {
        self.0
    }

    /// As people write it in French: `août 2026`.
    #[must_use]
    pub fn french(self) -> String {
        let text = self.to_string();
        let (year, month) = text.split_once('-').unwrap_or((&text, ""));
        let name = month.parse::<usize>().ok().and_then(|month| NAMES.get(month.checked_sub(1)?));
        name.map_or_else(|| text.clone(), |name| format!("{name} {year}"))
    }

    /// The first day of the month after it.
    #[must_use]
    pub fn end(self) -> Day {
        Self::of(self.0.plus_days(31)).0
    }

    /// Whether `day` lies after the month.
    #[must_use]
    pub fn is_over(self, day: Day) -> bool {
        day >= self.end()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_string().get(..7).unwrap_or_default())
    }
}

impl TryFrom<String> for Month {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_over_on_the_first_day_of_the_next() {
        let february = Month::parse("2024-02").unwrap();
        assert_eq!(february.end(), Day::new(2024, 3, 1).unwrap());
        assert!(!february.is_over(Day::new(2024, 2, 29).unwrap()) && february.is_over(Day::new(2024, 3, 1).unwrap()));
        assert_eq!(Month::parse("2021-12").unwrap().end().to_string(), "2022-01-01");
        assert_eq!(Month::of(Day::new(2024, 2, 29).unwrap()), february);
        assert_eq!((february.to_string(), february.french()), ("2024-02".to_owned(), "février 2024".to_owned()));
        for wrong in ["2021-13", "2021-1", "2021-10-01", "", "2021/10", "1492-10"] {
            assert_eq!(Month::parse(wrong), Err(Malformed::Month), "{wrong}");
        }
    }
}
