//! A programme's own settings: one document per table and programme, with a version that counts the changes. One way to read
//! each and one to keep it. What never lives here: what a setting means, or its bounds.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::super::error::StoreError;
use super::super::super::rows::corrupt;

/// The rules in a document, with their version.
///
/// # Errors
/// [`StoreError::Corrupt`] for a document that is not of these rules.
pub(super) fn parse<R: DeserializeOwned>(
    (document, version): (String, i64),
    what: &'static str,
) -> Result<(R, i64), StoreError> {
    Ok((serde_json::from_str(&document).map_err(|_| corrupt(what))?, version))
}

/// The document of rules.
///
/// # Errors
/// [`StoreError::Corrupt`] when they cannot be written.
pub(super) fn document<R: Serialize>(rules: &R, what: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(rules).map_err(|_| corrupt(what))
}

/// The rules of a programme in a table, with their version; `None` while nobody has set any.
macro_rules! read_rules {
    ($conn:expr, $table:ident, $programme:expr, $what:literal) => {{
        let found = $table::table.find($programme.0).select(($table::document, $table::version));
        let row: Option<(String, i64)> = found.first($conn).optional()?;
        row.map(|row| super::rules::parse(row, $what)).transpose()
    }};
}

/// Keeps rules in place of those of a version, 0 for none; whether that was the version.
macro_rules! keep_rules {
    ($conn:expr, $table:ident, $programme:expr, $rules:expr, $before:expr, $what:literal) => {{
        let document = super::rules::document($rules, $what)?;
        let values = ($table::document.eq(document), $table::version.eq($before + 1));
        if $before == 0 {
            let known: Option<i64> =
                $table::table.find($programme.0).select($table::version).first($conn).optional()?;
            if known.is_some() {
                return Ok(false);
            }
            let row = ($table::programme_no.eq($programme.0), values.0, values.1);
            return Ok(diesel::insert_into($table::table).values(row).execute($conn)? == 1);
        }
        let known = $table::table.find($programme.0).filter($table::version.eq($before));
        Ok(diesel::update(known).set(values).execute($conn)? == 1)
    }};
}

pub(super) use {keep_rules, read_rules};
