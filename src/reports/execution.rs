//! Rapport d'exécution : the reports of which it is made, asked for one year and masked where they count people. What never
//! lives here: a figure of its own.

use std::sync::Arc;

use super::json_text::json;
use super::table::{Column, Meta, Row, Value};
use super::{ReportError, Request, open};
use crate::domain::time::Day;
use crate::store::Store;

/// A report, read whole.
#[derive(Debug)]
pub struct Section {
    /// As in the catalogue.
    pub name: &'static str,
    pub title: &'static str,
    pub columns: &'static [Column],
    pub rows: Vec<Row>,
}

impl Section {
    /// The cell of a row in the column with this name.
    #[must_use]
    pub fn cell<'r>(&self, row: &'r Row, name: &str) -> Option<&'r Value> {
        row.get(self.columns.iter().position(|column| column.name == name)?)
    }

    /// Its rows as JSON objects.
    #[must_use]
    pub fn json(&self) -> Vec<serde_json::Value> {
        let object = |row: &Row| {
            let cells = self.columns.iter().zip(row).map(|(column, value)| (column.name.to_owned(), json(value)));
            serde_json::Value::Object(cells.collect())
        };
        self.rows.iter().map(object).collect()
    }
}

/// The sections of the execution report from `from` to the day of the request.
///
/// # Errors
/// Those of the reports that it is made of.
pub fn execution(store: &Arc<Store>, request: &Request, from: Day) -> Result<(Meta, Vec<Section>), ReportError> {
    let (period, masked) =
        (Request { from: Some(from), ..request.clone() }, Request { masked: true, ..request.clone() });
    let by_epci = Request { grain: Some("epci".to_owned()), ..masked.clone() };
    let by_order = Request { grain: Some("order".to_owned()), ..request.clone() };
    let asked = [
        ("programme-account", &period),
        ("funders", request),
        ("cohorts", &by_order),
        ("indicators", &masked),
        ("publics", &masked),
        ("territories", &by_epci),
    ];
    let mut meta = None;
    let mut sections = Vec::new();
    for (name, request) in asked {
        let mut report = open(name, store, request)?;
        let mut rows = Vec::new();
        while let Some(mut page) = (report.pages)()? {
            rows.append(&mut page);
        }
        sections.push(Section { name: report.name, title: report.title, columns: report.columns, rows });
        meta.get_or_insert(report.meta);
    }
    meta.map(|meta| (meta, sections)).ok_or(ReportError::Unknown)
}
