//! How a table is wanted as CSV: the same words for every table that is exported. What never lives here: a column.

use serde::Deserialize;
use utoipa::IntoParams;

use super::problem::Problem;
use crate::reports::{CsvOptions, Delimiter, Headers, LastLine, Money};

/// How the table is wanted.
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a query string")]
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TableQuery {
    /// `,` (when not said) or `;`.
    pub(super) delimiter: Option<String>,
    /// With a byte order mark.
    #[serde(default)]
    pub(super) bom: bool,
    /// Euros with a decimal comma instead of whole cents.
    #[serde(default)]
    pub(super) decimal_comma: bool,
    /// French labels instead of stable names.
    #[serde(default)]
    pub(super) labels: bool,
    /// Without the last line of totals.
    #[serde(default)]
    pub(super) no_totals: bool,
}

impl TableQuery {
    pub(super) fn csv(&self) -> Result<CsvOptions, Problem> {
        let wrong = || Problem::new("query_malformed").about("detail", "delimiter : « , » ou « ; »").field("delimiter");
        Ok(CsvOptions {
            delimiter: match self.delimiter.as_deref() {
                None | Some(",") => Delimiter::Comma,
                Some(";") => Delimiter::Semicolon,
                Some(_) => return Err(wrong()),
            },
            byte_order_mark: self.bom,
            money: if self.decimal_comma { Money::DecimalComma } else { Money::Cents },
            headers: if self.labels { Headers::Labels } else { Headers::Names },
            last_line: if self.no_totals { LastLine::None } else { LastLine::Totals },
        })
    }
}
