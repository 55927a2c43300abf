//! Whole numbers that options take. What never lives here: which option takes which.

use std::time::Duration;

use clap::builder::TypedValueParser;

/// The least and the most that an option takes: its help says so in the words of what its reader accepts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) least: u32,
    pub(super) most: u32,
}

impl Bounds {
    /// The help of the option, with its bounds.
    pub(super) fn told(self, help: &str) -> String {
        format!("{help}, de {} à {}", self.least, self.most)
    }

    fn read(self, text: &str) -> Result<u32, String> {
        let number = text.parse().ok().filter(|number| (self.least..=self.most).contains(number));
        number.ok_or_else(|| format!("un nombre entier de {} à {} est attendu", self.least, self.most))
    }

    /// Reads a count.
    pub(super) fn count(self) -> impl TypedValueParser<Value = usize> {
        move |text: &str| self.read(text).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// Reads a number of seconds.
    pub(super) fn seconds(self) -> impl TypedValueParser<Value = Duration> {
        move |text: &str| self.read(text).map(|number| Duration::from_secs(number.into()))
    }

    /// Reads a number of milliseconds.
    pub(super) fn millis(self) -> impl TypedValueParser<Value = Duration> {
        move |text: &str| self.read(text).map(|number| Duration::from_millis(number.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_from_the_least_to_the_most_and_not_beyond() {
        let bounds = Bounds { least: 2, most: 10 };
        for taken in ["2", "10"] {
            assert!(bounds.read(taken).is_ok(), "{taken}");
        }
        for refused in ["1", "11", "-3", "2.5", "", "deux", "99999999999999999999"] {
            assert_eq!(bounds.read(refused).unwrap_err(), "un nombre entier de 2 à 10 est attendu", "{refused}");
        }
        assert_eq!(bounds.told("Essais"), "Essais, de 2 à 10");
    }
}
