//! The rows of a file as texts by column, whatever its form. What never lives here: what a column means.

use std::collections::BTreeMap;

use csv::ReaderBuilder;
use serde_json::Value;

use super::reading::FileError;

/// In which form a file comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Csv,
    Json,
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The line of a CSV file, the header being the first; the place in a JSON list, from 1.
    pub(super) line: u64,
    /// What is not empty, by column.
    pub(super) cells: BTreeMap<String, String>,
}

/// A file as rows, with the columns it has.
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// A column as it is looked for: the example of the standard itself writes some in another way.
fn named(column: &str) -> String {
    let name = column.trim_start_matches('\u{feff}').trim().to_lowercase();
    if name == "modalite_acces" { "modalites_acces".to_owned() } else { name }
}

/// # Errors
/// [`FileError`] when it is no such file, or has more than `most` rows.
pub(super) fn table(bytes: &[u8], form: Form, most: usize) -> Result<Table, FileError> {
    let text = std::str::from_utf8(bytes).map_err(|_| FileError::NotUtf8)?;
    let table = match form {
        Form::Csv => of_csv(text)?,
        Form::Json => of_json(text)?,
    };
    if table.rows.len() > most { Err(FileError::TooManyRows) } else { Ok(table) }
}

fn of_csv(text: &str) -> Result<Table, FileError> {
    let mut reader = ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let at = |error: &csv::Error| FileError::Line(error.position().map_or(1, csv::Position::line));
    let columns: Vec<String> = reader.headers().map_err(|error| at(&error))?.iter().map(named).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| at(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let pairs = columns.iter().cloned().zip(record.iter().map(|cell| cell.trim().to_owned()));
        rows.push(Row { line, cells: pairs.filter(|(_, cell)| !cell.is_empty()).collect() });
    }
    Ok(Table { columns, rows })
}

fn of_json(text: &str) -> Result<Table, FileError> {
    let text = text.trim_start_matches('\u{feff}');
    let items: Vec<serde_json::Map<String, Value>> =
        serde_json::from_str(text).map_err(|error| FileError::Line(u64::try_from(error.line()).unwrap_or(1)))?;
    let mut columns = Vec::new();
    let mut rows = Vec::new();
    for (line, item) in (1..).zip(items) {
        let mut cells = BTreeMap::new();
        for (name, value) in item {
            let name = named(&name);
            if !columns.contains(&name) {
                columns.push(name.clone());
            }
            let cell = of_value(&value).ok_or(FileError::Line(line))?;
            if !cell.is_empty() {
                cells.insert(name, cell);
            }
        }
        rows.push(Row { line, cells });
    }
    Ok(Table { columns, rows })
}

/// The text of a value; `None` of what no column holds.
fn of_value(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => Some(items.iter().map(of_value).collect::<Option<Vec<_>>>()?.join("|")),
        Value::Bool(_) | Value::Object(_) => None,
    }
}
