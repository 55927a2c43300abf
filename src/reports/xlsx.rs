//! A table as a workbook: what a finance officer opens, sorts and adds up. Rows go to a file of the system as they come, so
//! that memory grows with the workbook's compressed bytes only. What never lives here: a figure.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::error::ReportError;
use super::table::{Column, ColumnKind, Report, Row, Totals, Value};
use crate::domain::time::Day;
use crate::store::StoreError;

/// Rows of a sheet at most, by the format; two are kept for the first line and the totals.
const MOST_ROWS: u64 = 1_048_576 - 2;
/// Characters of a cell at most, by the format.
const MOST_CHARACTERS: usize = 32_767;
/// Said at the end of a text that is too long for a cell.
const CUT: &str = " … (suite dans le CSV)";
const WIDE: u16 = 24;
const NARROW: u16 = 14;

impl From<XlsxError> for ReportError {
    fn from(error: XlsxError) -> Self {
        Self::Store(StoreError::Failed(format!("XLSX: {error}")))
    }
}

/// How each kind of cell is shown.
struct Looks {
    head: Format,
    total: Format,
    total_money: Format,
    money: Format,
    day: Format,
}

impl Looks {
    fn new() -> Self {
        let (bold, euros) = (|| Format::new().set_bold(), "#,##0.00\\ \"€\";[Red]-#,##0.00\\ \"€\"");
        Self {
            head: bold().set_text_wrap(),
            total: bold(),
            total_money: bold().set_num_format(euros),
            money: Format::new().set_num_format(euros),
            day: Format::new().set_num_format("dd/mm/yyyy"),
        }
    }
}

/// The bytes of the report as a workbook of two sheets: the table with French headers and its totals, and what vouches for
/// it (programme, day, position and head of the journal). The same report gives the same bytes.
///
/// # Errors
/// [`ReportError::TooLong`] above the rows that a sheet can have; those of the store.
pub fn workbook(mut report: Report) -> Result<Vec<u8>, ReportError> {
    let looks = Looks::new();
    let mut totals = Totals::new(report.columns);
    let mut workbook = Workbook::new();
    workbook
        .set_properties(&DocProperties::new().set_title(report.title).set_creation_datetime(&day(report.meta.as_of)?));
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("État")?;
    first_line(sheet, report.columns, &looks)?;
    let mut place = 0_u32;
    while let Some(rows) = (report.pages)()? {
        for row in &rows {
            totals.add(row);
            if totals.rows > MOST_ROWS {
                return Err(ReportError::TooLong);
            }
            place += 1;
            line(sheet, place, row, &looks)?;
        }
    }
    last_line(sheet, place + 1, &totals, (report.columns, &looks))?;
    let control = workbook.add_worksheet();
    control.set_name("Contrôle")?;
    vouch(control, &report, &totals, &looks)?;
    Ok(workbook.save_to_buffer()?)
}

fn first_line(sheet: &mut Worksheet, columns: &[Column], looks: &Looks) -> Result<(), ReportError> {
    for (column, place) in columns.iter().zip(0_u16..) {
        let label = match column.kind {
            ColumnKind::Cents => format!("{} (euros)", column.label),
            ColumnKind::Text | ColumnKind::Integer | ColumnKind::Date | ColumnKind::Instant => column.label.to_owned(),
        };
        sheet.write_string_with_format(0, place, label, &looks.head)?;
        sheet.set_column_width(place, if column.kind == ColumnKind::Text { WIDE } else { NARROW })?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn line(sheet: &mut Worksheet, place: u32, row: &Row, looks: &Looks) -> Result<(), ReportError> {
    for (value, column) in row.iter().zip(0_u16..) {
        match value {
            Value::Empty => continue,
            Value::Text(text) => sheet.write_string(place, column, fitting(text))?,
            Value::Integer(number) => sheet.write_number(place, column, decimal(&number.to_string())?)?,
            Value::Cents(cents) => {
                sheet.write_number_with_format(place, column, decimal(&euros(cents.get().into()))?, &looks.money)?
            }
            Value::Day(on) => sheet.write_datetime_with_format(place, column, &day(*on)?, &looks.day)?,
            Value::Instant(at) => sheet.write_string(place, column, at.to_string())?,
        };
    }
    Ok(())
}

fn last_line(
    sheet: &mut Worksheet,
    place: u32,
    totals: &Totals,
    (columns, looks): (&[Column], &Looks),
) -> Result<(), ReportError> {
    sheet.write_string_with_format(place, 0, "Total", &looks.total)?;
    for ((column, sum), at) in columns.iter().zip(&totals.sums).zip(0_u16..) {
        let Some(sum) = sum else { continue };
        if column.kind == ColumnKind::Cents {
            sheet.write_number_with_format(place, at, decimal(&euros(*sum))?, &looks.total_money)?;
        } else {
            sheet.write_number_with_format(place, at, decimal(&sum.to_string())?, &looks.total)?;
        }
    }
    Ok(())
}

fn vouch(sheet: &mut Worksheet, report: &Report, totals: &Totals, looks: &Looks) -> Result<(), ReportError> {
    let meta = &report.meta;
    let from = meta.from.map_or_else(|| "l'origine".to_owned(), Day::french);
    let mut said = vec![
        ("État", report.title.to_owned()),
        ("Nom", report.name.to_owned()),
        ("Dispositif", meta.programme.to_string()),
        ("Du", from),
        ("Au", meta.as_of.french()),
        ("Lignes", totals.rows.to_string()),
        ("Position du journal", meta.position.to_string()),
        ("Empreinte du journal", meta.head.clone()),
    ];
    said.extend(meta.holds.map(|holds| ("Concordance", if holds { "oui" } else { "NON" }.to_owned())));
    said.extend(meta.parameters.iter().map(|(name, value)| (*name, value.clone())));
    for ((name, value), place) in said.into_iter().zip(0_u32..) {
        sheet.write_string_with_format(place, 0, name, &looks.total)?;
        sheet.write_string(place, 1, value)?;
    }
    sheet.set_column_width(0, WIDE)?;
    sheet.set_column_width(1, 68)?;
    Ok(())
}

/// A text that a cell can hold; it is written as a text, so that none is taken for a formula.
fn fitting(text: &str) -> String {
    if text.chars().count() <= MOST_CHARACTERS {
        return text.to_owned();
    }
    let kept = MOST_CHARACTERS - CUT.chars().count();
    text.chars().take(kept).chain(CUT.chars()).collect()
}

fn day(day: Day) -> Result<ExcelDateTime, ReportError> {
    Ok(ExcelDateTime::parse_from_str(&day.to_string())?)
}

/// Cents as decimal euros: `-1234.50`.
fn euros(cents: i128) -> String {
    let magnitude = cents.unsigned_abs();
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, magnitude / 100, magnitude % 100)
}

/// The digits as the format takes a number: a workbook has no integers. They are written back as they are read, up to
/// fifteen digits, and nothing here calculates with them.
fn decimal(digits: &str) -> Result<f64, ReportError> {
    digits.parse().map_err(|_| StoreError::Failed(format!("XLSX: {digits} is no number")).into())
}

#[cfg(test)]
mod tests {
    use super::super::table::{Meta, row, whole};
    use super::*;
    use crate::domain::money::Cents;
    use crate::domain::short_code::ShortCode;

    const COLUMNS: &[Column] = &[
        Column::text("name", "Nom"),
        Column::integer("passes", "Pass"),
        Column::cents("value_cents", "Valeur"),
        Column::date("day", "Date"),
    ];

    fn report(rows: Vec<Row>) -> Report {
        let meta = Meta {
            programme: ShortCode::parse("HDF21").unwrap(),
            as_of: Day::parse("2026-11-24").unwrap(),
            from: None,
            position: 7,
            head: "ab".to_owned(),
            parameters: vec![("holder", "store".to_owned())],
            holds: Some(true),
            seen: None,
            closed: false,
        };
        Report { name: "sample", title: "Échantillon", columns: COLUMNS, meta, pages: whole(rows) }
    }

    #[test]
    fn the_same_report_gives_the_same_bytes() {
        let day = Day::parse("2026-11-01").unwrap();
        let rows = || vec![row!["=1+1", -1_i64, Cents::new(-50), day], row!["é", 3_i64, Cents::new(1), None::<Day>]];
        let first = workbook(report(rows())).unwrap();
        assert!(first.starts_with(b"PK"));
        assert_eq!(first, workbook(report(rows())).unwrap());
        assert_ne!(first, workbook(report(Vec::new())).unwrap());
    }

    #[test]
    fn cents_become_the_same_digits_in_euros() {
        for (cents, digits) in
            [(0, "0.00"), (-50, "-0.50"), (123_450, "1234.50"), (999_999_999_999_999, "9999999999999.99")]
        {
            assert_eq!(euros(cents), digits);
            assert_eq!(format!("{:.2}", decimal(digits).unwrap()), digits);
        }
    }

    #[test]
    fn a_text_that_is_too_long_says_that_it_is_cut() {
        let cut = fitting(&"é".repeat(MOST_CHARACTERS + 1));
        assert!(cut.chars().count() == MOST_CHARACTERS && cut.ends_with(CUT));
        assert_eq!(fitting("=1+1"), "=1+1");
    }
}
