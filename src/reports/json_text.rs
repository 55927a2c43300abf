//! A table as JSON text, written piece by piece. What never lives here: CSV, or a map (see `geo_text`).

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::table::{Column, Report, Row, Totals, Value};

fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

/// One cell.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Empty => Json::Null,
        Value::Text(text) => Json::from(text.as_str()),
        Value::Integer(number) => Json::from(*number),
        Value::Cents(cents) => Json::from(cents.get()),
        Value::Day(day) => Json::from(day.to_string()),
        Value::Instant(instant) => Json::from(instant.to_string()),
    }
}

/// A sum as a JSON number where every reader keeps it, else as text.
pub(super) fn wide(sum: i128) -> Json {
    i64::try_from(sum).map_or_else(|_| Json::from(sum.to_string()), Json::from)
}

/// Everything up to the first row.
pub(super) fn head(report: &Report) -> Vec<u8> {
    format!("{{{},\"rows\":[", about(report)).into_bytes()
}

/// What is said of a report before its rows: the question, where the journal stood, the columns.
pub(super) fn about(report: &Report) -> String {
    let meta = &report.meta;
    let mut text = format!(
        "\"report\":{},\"title\":{},\"programme\":{},\"as_of\":{}",
        quoted(report.name),
        quoted(report.title),
        quoted(meta.programme.as_str()),
        quoted(&meta.as_of.to_string()),
    );
    // Writing to a String cannot fail.
    if let Some(from) = meta.from {
        let _ = write!(text, ",\"from\":{}", quoted(&from.to_string()));
    }
    for (name, value) in &meta.parameters {
        let _ = write!(text, ",{}:{}", quoted(name), quoted(value));
    }
    let _ = write!(text, ",\"position\":{},\"head\":{}", meta.position, quoted(&meta.head));
    if let Some(holds) = meta.holds {
        let _ = write!(text, ",\"holds\":{holds}");
    }
    text.push_str(",\"columns\":[");
    for (index, column) in report.columns.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let (name, label) = (quoted(column.name), quoted(column.label));
        let _ = write!(text, "{comma}{{\"name\":{name},\"label\":{label},\"kind\":{}}}", quoted(column.kind.name()));
    }
    text.push(']');
    text
}

/// Rows, with a comma before each but the first of all.
pub(super) fn rows(columns: &[Column], rows: &[Row], first: bool) -> Vec<u8> {
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        text.push_str(if first && index == 0 { "\n{" } else { ",\n{" });
        for (place, (column, value)) in columns.iter().zip(row).enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let _ = write!(text, "{comma}\"{}\":{}", column.name, json(value));
        }
        text.push('}');
    }
    text.into_bytes()
}

/// Everything after the last row.
pub(super) fn tail(columns: &[Column], totals: &Totals) -> Vec<u8> {
    let mut text = format!("\n],\"totals\":{{\"rows\":{}", totals.rows);
    for (column, sum) in columns.iter().zip(&totals.sums) {
        if let Some(sum) = sum {
            let _ = write!(text, ",\"{}\":{}", column.name, wide(*sum));
        }
    }
    text.push_str("}}\n");
    text.into_bytes()
}
