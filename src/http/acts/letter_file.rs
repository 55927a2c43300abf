//! Tables that come from the carrier: tracking numbers, and what became of letters. What never lives here: the database.

use crate::catalogue;
use crate::domain::mailing::{Fate, ReturnCause};
use crate::domain::refusal::Refusal;
use crate::domain::text::Reference;
use crate::domain::time::Day;

use super::super::problem::LineVerdict;
use super::super::table_file::{self, TableLine};

/// One line of a table: where it stands, what stands first in it, and what was read.
#[derive(Debug)]
pub(super) struct Row<T> {
    pub(super) line: u64,
    pub(super) text: String,
    pub(super) read: Result<T, &'static str>,
}

/// The letter that a line speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// By the number of its application.
    Application(i64),
    /// By the carrier's number.
    Tracking(String),
}

/// Reads every line by `read`; a line that is no text is `wrong`.
fn rows<T>(bytes: &[u8], read: impl Fn(&[&str]) -> Result<T, &'static str>, wrong: &'static str) -> Vec<Row<T>> {
    let row = |TableLine { number, cells }: TableLine<'_>| match cells {
        None => Row { line: number, text: String::new(), read: Err(wrong) },
        Some(cells) => {
            let text = table_file::shown(cells.first().copied().unwrap_or_default());
            Row { line: number, text, read: read(&cells) }
        }
    };
    table_file::lines(bytes).map(row).collect()
}

/// `application,tracking`.
pub(super) fn tracking(bytes: &[u8]) -> Vec<Row<(i64, Reference)>> {
    const WRONG: &str = "tracking_line_malformed";
    let read = |cells: &[&str]| {
        let [application, tracking, ..] = cells else { return Err(WRONG) };
        let application = application.parse().ok().filter(|number| *number > 0_i64).ok_or(WRONG)?;
        Ok((application, Reference::parse(tracking).map_err(|_| WRONG)?))
    };
    rows(bytes, read, WRONG)
}

/// `letter,outcome,date,cause`: the letter by its tracking number, or by the number of its application.
pub(super) fn fates(bytes: &[u8]) -> Vec<Row<(Named, Fate)>> {
    const WRONG: &str = "letter_line_malformed";
    let read = |cells: &[&str]| {
        let [letter, outcome, date, rest @ ..] = cells else { return Err(WRONG) };
        let day = || Day::parse(date).map_err(|_| WRONG);
        let cause = || ReturnCause::parse(rest.first().copied().unwrap_or_default()).map_err(|_| WRONG);
        let fate = match *outcome {
            "delivered" => Fate::Delivered(day()?),
            "returned" => Fate::Returned(cause()?),
            _ => return Err(WRONG),
        };
        // A running number has few digits, a carrier's number more.
        let named = match letter.parse::<i64>() {
            Ok(number) if number > 0 && letter.len() <= 9 => Named::Application(number),
            _ => Named::Tracking(Reference::parse(letter).map_err(|_| WRONG)?.to_string()),
        };
        Ok((named, fate))
    };
    rows(bytes, read, WRONG)
}

/// What is said of a line.
pub(super) fn verdict(line: u64, text: &str, code: &'static str, facts: &[(&str, String)]) -> LineVerdict {
    let fact = |name: &str| facts.iter().find(|(of, _)| *of == name).map(|(_, value)| value.as_str());
    let detail = (code != "ok").then(|| catalogue::fill(catalogue::find(code).french, fact));
    LineVerdict { line, serial: text.to_owned(), verdict: code, detail }
}

/// The same of a refusal.
pub(super) fn refused(line: u64, text: &str, refusal: &Refusal) -> LineVerdict {
    let facts: Vec<(&str, String)> = refusal.about.iter().map(|(name, value)| (&**name, value.clone())).collect();
    verdict(line, text, refusal.code.as_str(), &facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_with_either_separator_and_each_wrong_line_is_named() {
        let read = tracking(b"demande;suivi\r\n12;6A12345678901\r\nx1;6A1\r\n13;\r\n");
        let right: Vec<(u64, bool)> = read.iter().map(|row| (row.line, row.read.is_ok())).collect();
        assert_eq!(right, [(2, true), (3, false), (4, false)]);
        assert_eq!(tracking(b"12,6A12345678901")[0].read.as_ref().unwrap().0, 12);
        assert!(tracking(b"").is_empty());
        assert!(tracking(b"12,\xff\n")[0].read.is_err());
    }

    #[test]
    fn what_became_of_letters_is_read_by_tracking_number_or_application() {
        let file = b"6A12345678901,delivered,2026-11-25,\n12,returned,2026-11-25,unknown_at_address\n\
                     13,returned,,lost\n14,delivered,25/11/2026,\n15,kept,2026-11-25,\n";
        let read = fates(file);
        let on = Day::parse("2026-11-25").unwrap();
        assert_eq!(read[0].read, Ok((Named::Tracking("6A12345678901".to_owned()), Fate::Delivered(on))));
        assert_eq!(read[1].read, Ok((Named::Application(12), Fate::Returned(ReturnCause::UnknownAtAddress))));
        assert!(read[2..].iter().all(|row| row.read.is_err()));
    }
}
