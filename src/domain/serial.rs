//! Serials: the public, sequential names of booklets and passes, printed and reported. A serial gives no right
//! to anything; the bearer secret is [`super::code`]'s and never lives here.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::refusal::Malformed;
use super::short_code::ShortCode;

/// The largest number of a booklet within its programme.
pub const LAST_NUMBER: u32 = 9_999_999;

/// The largest rank of a pass within its booklet.
pub const LAST_RANK: u8 = 99;

/// A booklet: programme, number from 1 to [`LAST_NUMBER`], and two check digits by ISO 7064 MOD 97-10 over the
/// programme code (letters as 10 to 35) followed by the digits: `HDF21-000123-10`. Every wrong digit and every
/// swap of two neighbouring digits is caught.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BookletSerial {
    programme: ShortCode,
    number: u32,
}

impl BookletSerial {
    /// # Errors
    /// [`Malformed::Serial`] when `number` is not within 1 to [`LAST_NUMBER`].
    pub fn new(programme: ShortCode, number: u32) -> Result<Self, Malformed> {
        if (1..=LAST_NUMBER).contains(&number) { Ok(Self { programme, number }) } else { Err(Malformed::Serial) }
    }

    /// Reads `HDF21-000123-10`; lower case and surrounding spaces are forgiven, nothing else.
    ///
    /// # Errors
    /// [`Malformed::Serial`], a wrong check included.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim_matches(' ').to_ascii_uppercase();
        let (programme, number) = read_booklet(&text).ok_or(Malformed::Serial)?;
        let programme = ShortCode::parse(programme).map_err(|_| Malformed::Serial)?;
        Self::new(programme, number)
    }

    #[must_use]
    pub const fn programme(&self) -> &ShortCode {
        &self.programme
    }

    /// The running number within the programme.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// The pass with this rank, 1 to [`LAST_RANK`].
    ///
    /// # Errors
    /// [`Malformed::Serial`] for another rank.
    pub fn pass(&self, rank: u8) -> Result<PassSerial, Malformed> {
        PassSerial::new(self.clone(), rank)
    }
}

/// The two check digits, 2 to 98, of a programme's code and at least six digits.
fn check(programme: &str, number: u32) -> u32 {
    let of_code = programme.chars().filter_map(|c| c.to_digit(36)).fold(0, |remainder, value| {
        let shift = if value < 10 { 10 } else { 100 };
        (remainder * shift + value) % 97
    });
    let shift = if number < 1_000_000 { 1_000_000 } else { 10_000_000 };
    let remainder = (of_code * (shift % 97) + number % 97) % 97;
    98 - remainder * 100 % 97
}

/// Digits and nothing else: `parse` would let a sign pass.
fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// The programme's code and the number of a booklet whose serial is exactly `text`, without keeping anything: an
/// audit reads millions.
#[must_use]
pub fn read_booklet(text: &str) -> Option<(&str, u32)> {
    let (programme, rest) = text.split_once('-')?;
    let (number, written_check) = rest.split_once('-')?;
    // Six digits, or seven where six do not do.
    let padded = number.len() == 6 || number.len() == 7 && !number.starts_with('0');
    let number = digits(number).filter(|number| padded && (1..=LAST_NUMBER).contains(number))?;
    let checked = written_check.len() == 2 && digits(written_check) == Some(check(programme, number));
    (checked && ShortCode::is_one(programme)).then_some((programme, number))
}

/// The programme's code, the booklet's number and the rank of a pass whose serial is exactly `text`.
#[must_use]
pub fn read_pass(text: &str) -> Option<(&str, u32, u8)> {
    let (booklet, rank) = text.split_once('/')?;
    let (programme, number) = read_booklet(booklet)?;
    let rank = digits(rank).filter(|_| rank.len() == 2).and_then(|rank| u8::try_from(rank).ok())?;
    (rank > 0).then_some((programme, number, rank))
}

impl fmt::Display for BookletSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:06}-{:02}", self.programme, self.number, check(self.programme.as_str(), self.number))
    }
}

impl TryFrom<String> for BookletSerial {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<BookletSerial> for String {
    fn from(serial: BookletSerial) -> Self {
        serial.to_string()
    }
}

/// A pass: its booklet and its rank from 1 to [`LAST_RANK`], written `HDF21-000123-10/01`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PassSerial {
    booklet: BookletSerial,
    rank: u8,
}

impl PassSerial {
    /// # Errors
    /// [`Malformed::Serial`] when `rank` is not within 1 to [`LAST_RANK`].
    pub fn new(booklet: BookletSerial, rank: u8) -> Result<Self, Malformed> {
        if (1..=LAST_RANK).contains(&rank) { Ok(Self { booklet, rank }) } else { Err(Malformed::Serial) }
    }

    /// Reads `HDF21-000123-10/01`; lower case and surrounding spaces are forgiven, nothing else.
    ///
    /// # Errors
    /// [`Malformed::Serial`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim_matches(' ').to_ascii_uppercase();
        let (programme, number, rank) = read_pass(&text).ok_or(Malformed::Serial)?;
        let programme = ShortCode::parse(programme).map_err(|_| Malformed::Serial)?;
        Self::new(BookletSerial::new(programme, number)?, rank)
    }

    #[must_use]
    pub const fn booklet(&self) -> &BookletSerial {
        &self.booklet
    }

    /// Its rank in the booklet, from 1.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        self.rank
    }
}

impl fmt::Display for PassSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:02}", self.booklet, self.rank)
    }
}

impl TryFrom<String> for PassSerial {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<PassSerial> for String {
    fn from(serial: PassSerial) -> Self {
        serial.to_string()
    }
}

/// Booklets with consecutive numbers of one programme, both ends included; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialRange {
    first: u32,
    last: u32,
}

impl SerialRange {
    /// # Errors
    /// [`Malformed::SerialRange`] unless 1 ≤ `first` ≤ `last` ≤ [`LAST_NUMBER`].
    pub const fn new(first: u32, last: u32) -> Result<Self, Malformed> {
        if 1 <= first && first <= last && last <= LAST_NUMBER {
            Ok(Self { first, last })
        } else {
            Err(Malformed::SerialRange)
        }
    }

    /// From one booklet to another of the same programme.
    ///
    /// # Errors
    /// [`Malformed::SerialRange`] for two programmes, or ends in the wrong order.
    pub fn between(first: &BookletSerial, last: &BookletSerial) -> Result<Self, Malformed> {
        if first.programme == last.programme {
            Self::new(first.number, last.number)
        } else {
            Err(Malformed::SerialRange)
        }
    }

    #[must_use]
    pub const fn first(self) -> u32 {
        self.first
    }

    #[must_use]
    pub const fn last(self) -> u32 {
        self.last
    }

    /// How many booklets, at least one.
    #[expect(clippy::len_without_is_empty, reason = "a range is never empty")]
    #[must_use]
    pub const fn len(self) -> u32 {
        self.last - self.first + 1
    }

    #[must_use]
    pub const fn contains(self, number: u32) -> bool {
        self.first <= number && number <= self.last
    }

    /// The numbers in order.
    #[must_use]
    pub const fn numbers(self) -> RangeInclusive<u32> {
        self.first..=self.last
    }
}

/// The fewest ranges that cover exactly these booklet numbers, in order. The numbers may come unsorted and
/// twice; those outside 1 to [`LAST_NUMBER`] name no booklet and are left out.
#[must_use]
pub fn ranges(numbers: impl IntoIterator<Item = u32>) -> Vec<SerialRange> {
    let mut numbers: Vec<u32> = numbers.into_iter().filter(|number| (1..=LAST_NUMBER).contains(number)).collect();
    numbers.sort_unstable();
    let mut ranges: Vec<SerialRange> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some(range) if number <= range.last + 1 => range.last = number,
            _ => ranges.push(SerialRange { first: number, last: number }),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booklet(programme: &str, number: u32) -> BookletSerial {
        BookletSerial::new(ShortCode::parse(programme).unwrap(), number).unwrap()
    }

    #[test]
    fn serials_are_written_with_six_digits_and_their_check() {
        for (programme, number, text) in [
            ("HDF21", 123, "HDF21-000123-10"),
            ("HDF21", 1, "HDF21-000001-85"),
            ("HDF21", 66_100, "HDF21-066100-56"),
            ("HDF21", 9_999_999, "HDF21-9999999-64"),
            ("MAUB", 6_610, "MAUB-006610-06"),
        ] {
            assert_eq!(booklet(programme, number).to_string(), text);
            assert_eq!(BookletSerial::parse(text), Ok(booklet(programme, number)));
        }
    }

    #[test]
    fn a_serial_forgives_case_and_surrounding_spaces_only() {
        assert_eq!(BookletSerial::parse("  hdf21-000123-10 "), Ok(booklet("HDF21", 123)));
        for wrong in [
            "",
            "HDF21-000123",
            "HDF21-000123-11",
            "HDF21-000123-1",
            "HDF21-000123-010",
            "HDF21-000123-107",
            "HDF21-123-10",
            "HDF21-0000123-10",
            "HDF21-+00123-10",
            "HDF21-000000-13",
            "HDF21-10000000-10",
            "HDF21 000123 10",
            "HDF21-000123-10-",
            "HDF21-000123-10/01",
            "-000123-10",
            "HDF21-00012３-10",
            "HDF21-000123-10\n",
        ] {
            assert_eq!(BookletSerial::parse(wrong), Err(Malformed::Serial), "{wrong:?}");
        }
    }

    #[test]
    fn every_wrong_digit_is_caught() {
        for (programme, number) in [("HDF21", 123), ("MAUB", 987_654), ("A1", 9_999_999), ("Z9Z9Z9Z9Z9", 1_000_000)] {
            let right = booklet(programme, number).to_string();
            for (place, old) in right.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
                for new in ('0'..='9').filter(|&new| new != old) {
                    let mut wrong = right.clone();
                    wrong.replace_range(place..=place, &new.to_string());
                    assert_eq!(BookletSerial::parse(&wrong), Err(Malformed::Serial), "{wrong}");
                }
            }
        }
    }

    #[test]
    fn every_swap_of_neighbouring_digits_or_letters_is_caught() {
        for number in [123, 210_987, 1_234_567, 9_090_909] {
            let right = booklet("HDF21", number).to_string();
            let places: Vec<usize> = right.char_indices().filter(|(_, c)| *c != '-').map(|(place, _)| place).collect();
            for pair in places.windows(2) {
                let mut wrong: Vec<char> = right.chars().collect();
                wrong.swap(pair[0], pair[1]);
                let wrong: String = wrong.into_iter().collect();
                let read = BookletSerial::parse(&wrong);
                assert!(wrong == right || read == Err(Malformed::Serial), "{wrong}");
            }
        }
    }

    #[test]
    fn a_pass_is_its_booklet_and_its_rank() {
        let pass = booklet("HDF21", 123).pass(1).unwrap();
        assert_eq!(pass.to_string(), "HDF21-000123-10/01");
        assert_eq!(PassSerial::parse(" hdf21-000123-10/01 "), Ok(pass.clone()));
        assert_eq!((pass.booklet().number(), pass.rank()), (123, 1));
        assert_eq!(PassSerial::parse("HDF21-000123-10/99").unwrap().rank(), 99);
        for wrong in ["HDF21-000123-10", "HDF21-000123-10/1", "HDF21-000123-10/00", "HDF21-000123-10/100"] {
            assert_eq!(PassSerial::parse(wrong), Err(Malformed::Serial), "{wrong}");
        }
        assert_eq!(PassSerial::parse("HDF21-000123-10 /01"), Err(Malformed::Serial));
        assert_eq!(booklet("HDF21", 123).pass(0), Err(Malformed::Serial));
        assert_eq!(booklet("HDF21", 123).pass(100), Err(Malformed::Serial));
    }

    #[test]
    fn serials_pass_through_serde_by_their_parser() {
        let pass: PassSerial = serde_json::from_str("\"hdf21-000123-10/02\"").unwrap();
        assert_eq!(serde_json::to_string(&pass).unwrap(), "\"HDF21-000123-10/02\"");
        assert!(serde_json::from_str::<BookletSerial>("\"HDF21-000123-12\"").is_err());
    }

    #[test]
    fn serials_sort_by_programme_then_number() {
        assert!(booklet("HDF21", 999_999) < booklet("HDF21", 1_000_000));
        assert!(booklet("HDF21", 2) < booklet("HDF22", 1));
    }

    #[test]
    fn a_range_includes_both_ends() {
        let range = SerialRange::new(10, 12).unwrap();
        assert_eq!((range.first(), range.last(), range.len()), (10, 12, 3));
        assert_eq!(range.numbers().collect::<Vec<_>>(), [10, 11, 12]);
        assert!(range.contains(10) && range.contains(12) && !range.contains(13) && !range.contains(9));
        for (first, last) in [(0, 1), (2, 1), (1, 10_000_000)] {
            assert_eq!(SerialRange::new(first, last), Err(Malformed::SerialRange));
        }
    }

    #[test]
    fn a_range_never_spans_two_programmes() {
        assert_eq!(SerialRange::between(&booklet("HDF21", 1), &booklet("HDF21", 3)), SerialRange::new(1, 3));
        let spanning = SerialRange::between(&booklet("HDF21", 1), &booklet("HDF22", 3));
        assert_eq!(spanning, Err(Malformed::SerialRange));
    }

    #[test]
    fn numbers_are_gathered_into_the_fewest_ranges() {
        let found = ranges([5, 3, 4, 9, 1, 3, 0, 10, LAST_NUMBER, u32::MAX]);
        let expected: Vec<SerialRange> = [(1, 1), (3, 5), (9, 10), (LAST_NUMBER, LAST_NUMBER)]
            .into_iter()
            .map(|(first, last)| SerialRange::new(first, last).unwrap())
            .collect();
        assert_eq!(found, expected);
        assert_eq!(ranges([]), []);
    }
}
