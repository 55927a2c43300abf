//! A file of the standard as sheets, each row with what had to be said of it. What never lives here: whether the place is
//! known already.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::columns::{DECLARED, EXTENSION, OLD_COLUMNS, REQUIRED, Shape, shape};
use super::rows::{Form, Row, table};
use super::{Version, legacy};
use crate::domain::places::{Flaw, Sheet};

/// Rows of a file at most.
const MOST_ROWS: usize = 50_000;
/// Values of one row that may be left out at most; a row has not more.
const MOST_DROPPED: usize = 200;

/// What happens to a value that the standard does not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Its line is refused.
    #[default]
    Refuse,
    /// A value that a list does not have is kept as it is; an optional one that cannot be read is left out.
    Keep,
}

/// What was done about a remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// The whole line is refused.
    Refused,
    Kept,
    Dropped,
    /// Read as something else, which `value` tells.
    Translated,
}

impl Treatment {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Kept => "kept",
            Self::Dropped => "dropped",
            Self::Translated => "translated",
        }
    }
}

/// Something to be said of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    pub line: u64,
    pub column: String,
    pub value: String,
    /// A code of the catalogue.
    pub code: &'static str,
    pub treatment: Treatment,
}

/// Why a whole file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("not UTF-8")]
    NotUtf8,
    /// No table, from this line on.
    #[error("line {0}")]
    Line(u64),
    #[error("too many rows")]
    TooManyRows,
    /// None of the columns of the standard.
    #[error("no column of the standard")]
    NoColumns,
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub version: Version,
    /// The sheets of the lines that are not refused.
    pub sheets: Vec<(u64, Sheet)>,
    pub remarks: Vec<Remark>,
    /// Rows of the file.
    pub rows: usize,
}

/// Reads a file. Its version is told by its columns.
///
/// # Errors
/// [`FileError`]; what is wrong with a line is among the remarks.
pub fn read(bytes: &[u8], form: Form, strictness: Strictness) -> Result<Read, FileError> {
    let table = table(bytes, form, MOST_ROWS)?;
    let has = |column: &str| table.columns.iter().any(|known| known == column);
    let old = legacy::MARKS.iter().any(|column| has(column));
    if !table.rows.is_empty() && !REQUIRED.iter().any(|column| has(column)) {
        return Err(FileError::NoColumns);
    }
    let version = if old { Version::V01 } else { Version::V1 };
    let rows = table.rows.len();
    let mut remarks: Vec<Remark> =
        table.columns.iter().filter(|column| !is_known(column, version)).map(|column| ignored(column)).collect();
    let (mut sheets, mut seen) = (Vec::new(), BTreeSet::new());
    for mut row in table.rows {
        if version == Version::V01 {
            legacy::translate(&mut row, &mut remarks);
        }
        let line = row.line;
        let Some(sheet) = sheet(row, strictness, &mut remarks) else { continue };
        let id = sheet.id.as_ref().map(ToString::to_string).unwrap_or_default();
        if seen.insert(id.clone()) {
            sheets.push((line, sheet));
        } else {
            let column = "id".to_owned();
            remarks.push(Remark { line, column, value: id, code: "id_repeated", treatment: Treatment::Refused });
        }
    }
    Ok(Read { version, sheets, remarks, rows })
}

fn is_known(column: &str, version: Version) -> bool {
    shape(column).is_some() || EXTENSION.contains(&column) || (version == Version::V01 && OLD_COLUMNS.contains(&column))
}

fn ignored(column: &str) -> Remark {
    let (column, value) = (column.to_owned(), String::new());
    Remark { line: 1, column, value, code: "column_unknown", treatment: Treatment::Dropped }
}

/// The sheet of a row; `None` when the row is refused, which a remark then says.
fn sheet(row: Row, strictness: Strictness, remarks: &mut Vec<Remark>) -> Option<Sheet> {
    let line = row.line;
    let mut note = |column: &str, value: String, code, treatment| {
        remarks.push(Remark { line, column: column.to_owned(), value, code, treatment });
    };
    if let Some(column) = REQUIRED.iter().find(|column| !row.cells.contains_key(**column)) {
        note(column, String::new(), "column_empty", Treatment::Refused);
        return None;
    }
    let mut values = values(row);
    for _ in 0..MOST_DROPPED {
        let error = match serde_path_to_error::deserialize(&Value::Object(values.clone())) {
            Ok(sheet) => return judged(sheet, strictness, note),
            Err(error) => error,
        };
        let path = error.path().to_string();
        let (column, place) = path.split_once('[').map_or((path.as_str(), None), |(column, place)| {
            (column, place.trim_end_matches(']').parse::<usize>().ok())
        });
        let code = crate::catalogue::find(&error.inner().to_string()).code;
        let optional = strictness == Strictness::Keep && !REQUIRED.contains(&column);
        let value = take(&mut values, column, place);
        note(column, value, code, if optional { Treatment::Dropped } else { Treatment::Refused });
        if !optional {
            return None;
        }
    }
    None
}

/// The cells as JSON: a text, or a list.
fn values(row: Row) -> Map<String, Value> {
    let value = |column: &str, cell: String| match shape(column) {
        None if column == DECLARED => Some(Value::Bool(cell == "true")),
        None => None,
        Some(Shape::One) => Some(Value::String(cell)),
        Some(Shape::Many) => {
            let parts = cell.split('|').map(str::trim).filter(|part| !part.is_empty());
            Some(Value::Array(parts.map(|part| Value::String(part.to_owned())).collect()))
        }
    };
    let mut values: Map<String, Value> =
        row.cells.into_iter().filter_map(|(column, cell)| Some((column.clone(), value(&column, cell)?))).collect();
    values.entry("services").or_insert_with(|| Value::Array(Vec::new()));
    values
}

/// Takes a value out, the whole column where it is no list, and returns its text.
fn take(values: &mut Map<String, Value>, column: &str, place: Option<usize>) -> String {
    let taken = match (values.get_mut(column), place) {
        (Some(Value::Array(items)), Some(place)) if place < items.len() => Some(items.remove(place)),
        _ => values.remove(column),
    };
    taken.and_then(|value| String::deserialize(value).ok()).unwrap_or_default()
}

/// The sheet with what is wrong in it put right or told; `None` when the line is refused.
fn judged(
    mut sheet: Sheet,
    strictness: Strictness,
    mut note: impl FnMut(&str, String, &'static str, Treatment),
) -> Option<Sheet> {
    let mut refused = false;
    for flaw in sheet.flaws() {
        let keeps = strictness == Strictness::Keep;
        let treatment = match &flaw {
            // The standard asks for none.
            Flaw::NoService => Treatment::Kept,
            Flaw::UnknownTerm { .. } if keeps => Treatment::Kept,
            Flaw::RepeatedTerm { .. } | Flaw::PositionIncomplete if keeps => Treatment::Dropped,
            _ => Treatment::Refused,
        };
        let shown = flaw.value().map_or_else(|| shown(&sheet, &flaw), str::to_owned);
        note(flaw.column(), shown, flaw.code(), treatment);
        refused |= treatment == Treatment::Refused;
    }
    sheet.drop_repetitions();
    if sheet.position().is_none() {
        (sheet.latitude, sheet.longitude) = (None, None);
    }
    if !sheet.pivot.is_registered() {
        note("pivot", sheet.pivot.to_string(), "pivot_not_registered", Treatment::Kept);
    }
    (!refused).then_some(sheet)
}

/// What stands where a flaw is, where it is not one value of a list.
fn shown(sheet: &Sheet, flaw: &Flaw) -> String {
    match flaw {
        Flaw::CommuneUnknown => {
            let code = sheet.commune.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{code} {} {}", sheet.postal_code, sheet.commune_name).trim().to_owned()
        }
        _ => String::new(),
    }
}
