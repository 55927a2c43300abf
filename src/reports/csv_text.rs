//! A table as CSV text (RFC 4180): what a spreadsheet opens without running anything and without changing a
//! figure. What never lives here: JSON.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use csv::{Terminator, WriterBuilder};

use super::table::{Column, ColumnKind, Report, Row, Totals, Value};
use crate::domain::money::Cents;
use crate::store::StoreError;

/// About how long a line is; only a first guess at the memory of a page.
const WIDTH_BYTES: usize = 160;

/// Between fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Delimiter {
    #[default]
    Comma,
    /// What a French spreadsheet expects.
    Semicolon,
}

/// How money is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Money {
    /// Whole cents: `123450`.
    #[default]
    Cents,
    /// Euros with a decimal comma: `1234,50`; the column's name then ends in `_euros`.
    DecimalComma,
}

/// What the first line says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Headers {
    /// The stable names.
    #[default]
    Names,
    /// The French labels.
    Labels,
}

/// What comes after the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LastLine {
    /// `#total` with the number of rows, the position and the head hash, and sums under their columns.
    #[default]
    Totals,
    /// Nothing: the totals are in the manifest.
    None,
}

/// The choices of whoever opens the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CsvOptions {
    pub delimiter: Delimiter,
    /// A byte order mark, without which some spreadsheets misread accents.
    pub byte_order_mark: bool,
    pub money: Money,
    pub headers: Headers,
    pub last_line: LastLine,
}

impl CsvOptions {
    /// What a French spreadsheet opens by a double click.
    #[must_use]
    pub const fn french_spreadsheet() -> Self {
        Self {
            delimiter: Delimiter::Semicolon,
            byte_order_mark: true,
            money: Money::DecimalComma,
            headers: Headers::Labels,
            last_line: LastLine::Totals,
        }
    }
}

/// Makes a text safe to open in a spreadsheet: what a cell could take for a formula gets an apostrophe in front
/// (OWASP, CSV injection). Spaces, byte order marks and invisible signs before it do not hide it, nor do the
/// full-width forms that some spreadsheets fold.
#[must_use]
pub fn formula_safe(text: &str) -> Cow<'_, str> {
    if starts_a_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn starts_a_formula(text: &str) -> bool {
    for letter in text.chars() {
        match letter {
            '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' => return true,
            // Tab, carriage return, NUL and their kind start a formula in some programs, whatever follows.
            _ if letter.is_control() => return true,
            _ if letter.is_whitespace() || is_invisible(letter) => {}
            _ => return false,
        }
    }
    false
}

/// Signs without width that may stand before the first visible one.
const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{feff}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

fn euros(sum: i128) -> String {
    let magnitude = sum.unsigned_abs();
    format!("{}{},{:02}", if sum < 0 { "-" } else { "" }, magnitude / 100, magnitude % 100)
}

fn money(sum: i128, options: CsvOptions) -> String {
    match options.money {
        Money::Cents => sum.to_string(),
        Money::DecimalComma => euros(sum),
    }
}

/// Writes a cell after what `text` holds already.
fn cell(value: &Value, options: CsvOptions, text: &mut String) {
    // Writing to a String cannot fail.
    let _ = match value {
        Value::Empty => Ok(()),
        Value::Text(value) => text.write_str(&formula_safe(value)),
        Value::Integer(number) => write!(text, "{number}"),
        Value::Cents(cents) if options.money == Money::Cents => write!(text, "{}", Cents::get(*cents)),
        Value::Cents(cents) => text.write_str(&euros(i128::from(Cents::get(*cents)))),
        Value::Day(day) => write!(text, "{day}"),
        Value::Instant(instant) => write!(text, "{instant}"),
    };
}

fn header(column: &Column, options: CsvOptions) -> String {
    match (options.headers, column.kind, options.money) {
        (Headers::Names, ColumnKind::Cents, Money::DecimalComma) => {
            format!("{}_euros", column.name.strip_suffix("_cents").unwrap_or(column.name))
        }
        (Headers::Names, _, _) => column.name.to_owned(),
        (Headers::Labels, ColumnKind::Cents, Money::DecimalComma) => format!("{} (euros)", column.label),
        (Headers::Labels, ColumnKind::Cents, Money::Cents) => format!("{} (centimes)", column.label),
        (Headers::Labels, _, _) => column.label.to_owned(),
    }
}

fn writer(options: CsvOptions, capacity: usize) -> csv::Writer<Vec<u8>> {
    let delimiter = match options.delimiter {
        Delimiter::Comma => b',',
        Delimiter::Semicolon => b';',
    };
    let bytes = Vec::with_capacity(capacity);
    WriterBuilder::new().delimiter(delimiter).terminator(Terminator::CRLF).from_writer(bytes)
}

fn failed<E: Display>(error: E) -> StoreError {
    StoreError::Failed(format!("CSV: {error}"))
}

fn line(record: &[String], options: CsvOptions) -> Result<Vec<u8>, StoreError> {
    let mut writer = writer(options, 256);
    writer.write_record(record).map_err(failed)?;
    writer.into_inner().map_err(failed)
}

/// The byte order mark where it is wanted, and the first line.
pub(super) fn head(columns: &[Column], options: CsvOptions) -> Result<Vec<u8>, StoreError> {
    let names: Vec<String> = columns.iter().map(|column| header(column, options)).collect();
    let mut bytes = if options.byte_order_mark { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    bytes.append(&mut line(&names, options)?);
    Ok(bytes)
}

pub(super) fn rows(rows: &[Row], options: CsvOptions) -> Result<Vec<u8>, StoreError> {
    let mut writer = writer(options, rows.len() * WIDTH_BYTES);
    // One text for every cell: millions of rows are written, and each has a dozen.
    let mut text = String::new();
    for row in rows {
        for value in row {
            text.clear();
            cell(value, options, &mut text);
            writer.write_field(&text).map_err(failed)?;
        }
        writer.write_record(None::<&[u8]>).map_err(failed)?;
    }
    writer.into_inner().map_err(failed)
}

/// `#total rows=3 position=7 head=…` in the first column, sums under theirs: as wide as every other line.
pub(super) fn total_line(report: &Report, totals: &Totals, options: CsvOptions) -> Result<Vec<u8>, StoreError> {
    let meta = &report.meta;
    let holds = meta.holds.map(|holds| format!(" holds={holds}")).unwrap_or_default();
    let control = format!("#total rows={} position={} head={}{holds}", totals.rows, meta.position, meta.head);
    sums_line(control, report.columns, totals, options)
}

fn sums_line(control: String, columns: &[Column], totals: &Totals, options: CsvOptions) -> Result<Vec<u8>, StoreError> {
    let sum = |(column, sum): (&Column, &Option<i128>)| match (column.kind, sum) {
        (_, None) => String::new(),
        (ColumnKind::Cents, Some(sum)) => money(*sum, options),
        (_, Some(sum)) => sum.to_string(),
    };
    let sums = columns.iter().zip(&totals.sums).skip(1).map(sum);
    line(&std::iter::once(control).chain(sums).collect::<Vec<_>>(), options)
}

/// A table that is no report: the first line, the rows, and where it is wanted a last line that says `control` and the sums.
///
/// # Errors
/// When it cannot be written, which a table in memory always can.
pub fn table(columns: &[Column], of: &[Row], control: &str, options: CsvOptions) -> Result<Vec<u8>, StoreError> {
    let mut bytes = head(columns, options)?;
    bytes.append(&mut rows(of, options)?);
    if options.last_line == LastLine::Totals {
        let mut totals = Totals::new(columns);
        for row in of {
            totals.add(row);
        }
        bytes.append(&mut sums_line(control.to_owned(), columns, &totals, options)?);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_could_run_gets_an_apostrophe() {
        for risky in [
            "=1+1",
            "+33 3 27 00 00 00",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "\0=1",
            " =1",
            "\u{a0}=1",
            "\u{3000}=1",
            "\u{feff}=1",
            "\u{200b}=1",
            "\u{202e}=1",
            "＝1+1",
            "＋1",
            "－1",
            "＠SUM",
            " ＝1",
            "=cmd|' /C calc'!A0",
            "=HYPERLINK(\"http://x\")",
            "-",
            "\u{7f}x",
        ] {
            assert_eq!(formula_safe(risky), format!("'{risky}"), "{risky:?}");
        }
    }

    #[test]
    fn ordinary_texts_are_left_alone() {
        for plain in ["", " ", "Maubeuge", "HDF21-000123-10/01", "60+", "a=b", "l'Avesnois", "’", "1-1", "#", "é"] {
            assert_eq!(formula_safe(plain), plain, "{plain:?}");
        }
    }

    #[test]
    fn a_negative_number_stays_a_number() {
        let options = CsvOptions::default();
        let written = rows(&[vec![Value::Integer(-5), Value::Cents(Cents::new(-1))]], options).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), "-5,-1\r\n");
    }

    #[test]
    fn euros_have_two_decimals_after_a_comma() {
        for (cents, text) in [(0, "0,00"), (5, "0,05"), (123_450, "1234,50"), (-150, "-1,50"), (-5, "-0,05")] {
            assert_eq!(euros(cents), text);
        }
    }
}
