//! What an issuer says it has paid: a table, one line for each pass. What never lives here: whether it is so.

use super::answers::{Unread, UnreadLine};
use crate::domain::ids::{BookletId, PassId};
use crate::domain::money::Cents;
use crate::domain::programme::Programme;
use crate::domain::serial::PassSerial;
use crate::domain::statements::{Said, Told, VenueReference};
use crate::domain::time::Day;

/// The columns, each with its French name; in any order.
const COLUMNS: [[&str; 2]; 5] = [
    ["serial", "pass"],
    ["venue", "lieu"],
    ["redeemed_on", "utilise_le"],
    ["paid_on", "paye_le"],
    ["amount", "montant"],
];

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementFile {
    pub lines: Vec<Told>,
    /// Lines that cannot be read.
    pub unread: Vec<UnreadLine>,
}

/// Reads an issuer's table: `;` or `,` between cells, UTF-8 with or without a byte order mark, a header with the names of the
/// columns, and others besides. Amounts are in euros, `10`, `10.00` or `10,00`; dates `2021-11-08` or `08/11/2021`.
///
/// # Errors
/// [`Unread`]: this is not such a table.
pub fn statement_in(programme: &Programme, bytes: &[u8]) -> Result<StatementFile, Unread> {
    // With one sign at the end of a line, the reader counts lines as people do.
    let text = std::str::from_utf8(bytes).map_err(|_| Unread)?.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> =
        reader.headers().map_err(|_| Unread)?.iter().map(|name| name.trim().to_lowercase()).collect();
    let place = |column: &[&str; 2]| names.iter().position(|name| column.contains(&name.as_str())).ok_or(Unread);
    let places = COLUMNS.iter().map(place).collect::<Result<Vec<usize>, Unread>>()?;
    let mut file = StatementFile { lines: Vec::new(), unread: Vec::new() };
    for record in reader.records() {
        let record = record.map_err(|_| Unread)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells: Vec<&str> =
            places.iter().map(|place| record.get(*place).map(str::trim).unwrap_or_default()).collect();
        let number = i64::try_from(line).unwrap_or(i64::MAX);
        match told_by(programme, number, &cells) {
            Ok(told) => file.lines.push(told),
            Err(place) => {
                let text = cells.first().map(|text| text.chars().take(40).collect()).unwrap_or_default();
                let column = COLUMNS.get(place).map(|[name, _]| *name);
                file.unread.push(UnreadLine { line: usize::try_from(line).unwrap_or(usize::MAX), text, column });
            }
        }
    }
    Ok(file)
}

/// The line, or the place among [`COLUMNS`] of the first cell that cannot be read; a day of payment before that of use cannot.
fn told_by(programme: &Programme, number: i64, cells: &[&str]) -> Result<Told, usize> {
    let [serial, venue, redeemed_on, paid_on, amount] = cells else { return Err(COLUMNS.len()) };
    let pass = own_pass(programme, serial).ok_or(0_usize)?;
    let venue = VenueReference::parse(venue).map_err(|_| 1_usize)?;
    let redeemed_on = day(redeemed_on).ok_or(2_usize)?;
    let paid_on = day(paid_on).filter(|paid_on| *paid_on >= redeemed_on).ok_or(3_usize)?;
    let amount = euros(amount).ok_or(4_usize)?;
    Ok(Told { number, pass, said: Said { venue, redeemed_on, paid_on, amount } })
}

fn own_pass(programme: &Programme, text: &str) -> Option<PassId> {
    let serial = PassSerial::parse(text).ok()?;
    let booklet = serial.booklet();
    let own = booklet.programme() == &programme.code;
    own.then(|| BookletId::new(programme.no, booklet.number()).pass(serial.rank()))
}

fn day(text: &str) -> Option<Day> {
    let parts: Vec<&str> = text.split('/').collect();
    let [day, month, year] = parts.as_slice() else { return Day::parse(text).ok() };
    Day::parse(&format!("{year}-{month:0>2}-{day:0>2}")).ok()
}

/// Whole cents of an amount in euros, from 0 up; no float comes near it.
fn euros(text: &str) -> Option<Cents> {
    let plain: String = text.trim().trim_end_matches('€').chars().filter(|c| !c.is_whitespace()).collect();
    let (euros, cents) = plain.split_once([',', '.']).unwrap_or((&plain, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let cents = match cents.len() {
        1 => format!("{cents}0"),
        2 => cents.to_owned(),
        _ => return None,
    };
    if !(digits(euros) && digits(&cents) && euros.len() <= 9) {
        return None;
    }
    Some(Cents::new(euros.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents.parse().ok()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(text: &str) -> Option<i64> {
        euros(text).map(Cents::get)
    }

    #[test]
    fn amounts_are_read_in_euros_to_the_cent_and_never_guessed() {
        for (text, wanted) in [("10", 1000), ("10.00", 1000), ("10,5", 1050), (" 1 000,05 € ", 100_005), ("0", 0)] {
            assert_eq!(cents(text), Some(wanted), "{text}");
        }
        for wrong in ["", "-1", "1,234", "1.2.3", "dix", "1e3", "10 ,", "9999999999"] {
            assert_eq!(cents(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_are_read_as_machines_or_french_people_write_them() {
        assert_eq!(day("2021-11-08"), day("08/11/2021"));
        assert_eq!(day("8/1/2022"), Day::parse("2022-01-08").ok());
        for wrong in ["31/02/2022", "2022/01/08", "08-01-2022", ""] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
