//! Money: whole cents in an `i64`, in figures and in French words. No float can reach it.

use std::fmt;
use std::ops::Neg;

use serde::{Deserialize, Serialize};

/// An amount in euro cents; may be negative in a counter-entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(i64);

impl Cents {
    /// No money.
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The whole number of cents.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum, or `None` where an `i64` cannot hold it.
    #[must_use]
    pub const fn plus(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// `self` taken `count` times, or `None` where an `i64` cannot hold it.
    #[must_use]
    pub const fn times(self, count: i64) -> Option<Self> {
        match self.0.checked_mul(count) {
            Some(product) => Some(Self(product)),
            None => None,
        }
    }

    /// French figures: `1 234,50 €` (narrow no-break space between thousands, no-break space before the sign).
    #[must_use]
    pub fn figures(self) -> String {
        let (sign, magnitude) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let euros = (magnitude / 100).to_string();
        let mut grouped = String::new();
        for (index, digit) in euros.chars().enumerate() {
            if index > 0 && (euros.len() - index).is_multiple_of(3) {
                grouped.push('\u{202f}');
            }
            grouped.push(digit);
        }
        format!("{sign}{grouped},{:02}\u{a0}€", magnitude % 100)
    }

    /// French words, as a cheque wants them: `cent euros`, `mille deux cent un euros et cinquante centimes`.
    #[must_use]
    pub fn words(self) -> String {
        super::words::euros(self.0)
    }
}

impl Neg for Cents {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_french() {
        assert_eq!(Cents::new(66_100_000).figures(), "661\u{202f}000,00\u{a0}€");
        assert_eq!(Cents::new(-105).figures(), "-1,05\u{a0}€");
        assert_eq!(Cents::new(i64::MIN).figures().chars().next(), Some('-'));
    }

    #[test]
    fn arithmetic_never_wraps() {
        assert_eq!(Cents::new(i64::MAX).plus(Cents::new(1)), None);
        assert_eq!(Cents::new(i64::MAX).times(2), None);
        assert_eq!(Cents::new(1000).times(10), Some(Cents::new(10_000)));
    }
}
