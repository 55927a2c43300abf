//! The read side: use account, movements, traceability, reconciliation, stock, redemptions. Every report is one
//! question about one programme on one business day, answered from the journal up to the last position of that
//! day, so that the same question about a past day gives the same bytes; a report that reads what the law lets people erase, or
//! how things stand now, says so in its head. What never lives here: SQL, HTTP, a clock; nothing here writes.

mod anomalies;
mod charts;
mod claims_register;
mod cohorts;
mod contradiction;
mod copies;
mod counter_value;
mod csv_text;
mod deposits;
mod ends;
mod error;
mod execution;
mod export;
mod exposure;
mod figures;
mod funders;
mod geo_text;
mod hand_outs;
mod hindsight;
mod history;
mod indicators;
mod issuer_statements;
mod journal;
mod json_text;
mod letters;
pub(crate) mod masking;
mod movements;
mod never_started;
mod newcomers;
mod open_data;
mod orders;
mod orientations;
mod overpayments;
mod passes;
mod payment_statement;
mod programme_account;
mod providers;
mod publics;
mod question;
mod reconciliation;
mod redemptions;
mod refused_hand_outs;
mod rendition;
mod replaced;
mod restocking;
mod sample;
mod scans;
mod services;
mod stock;
mod stop;
mod summary;
mod table;
mod territories;
mod three_way;
mod trace;
mod use_account;
mod uses;
mod xlsx;

#[cfg(test)]
mod states_page;
#[cfg(test)]
mod story;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use charts::{Bars, CHARTS, Chart, Drawn, draw};
pub use contradiction::{Contradiction, OrderDifference, order_contradiction};
pub use csv_text::{CsvOptions, Delimiter, Headers, LastLine, Money, formula_safe, table as table_text};
pub use ends::{Count, OrderEnd, order_end, order_ends, progress};
pub use error::ReportError;
pub use execution::{Section, execution};
pub use export::{Export, Format};
pub use hindsight::{Counts, SeenAgain, hindsight};
pub use issuer_statements::{Counted, Counter, DifferenceStory, Spent, StatementStory, issuer_statement};
pub use letters::{CameBack, came_back};
pub use masking::LEAST as LEAST_SHOWN;
pub use open_data::{DATASETS, Dataset};
pub use orders::{OrderStory, Told, order_stories, order_then};
pub use question::{ISSUER, Parameter, Request};
pub use summary::{Summary, summary};
pub use table::{Column, ColumnKind, Meta, Pages, Report, Row, Totals, Value};
pub use trace::{BookletThen, booklet_then};
pub use xlsx::workbook;

use crate::store::Store;
use question::Question;

/// Who may ask for a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Roles that see the whole programme.
    WholeProgramme,
    /// Also one organisation, for its own part.
    OwnPart,
}

/// A report that can be asked for.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Stable; part of the API.
    pub name: &'static str,
    /// In French.
    pub title: &'static str,
    pub columns: &'static [Column],
    pub access: Access,
    /// What may be asked besides programme and day.
    pub parameters: &'static [Parameter],
    open: fn(&Question) -> Result<Report, ReportError>,
}

impl Entry {
    /// Whether one row may be about one person, so that who reads it is kept: it names a hand-out, or it counts few people and
    /// can be asked for masked.
    #[must_use]
    pub fn tells_of_people(&self) -> bool {
        let names_hand_outs = self.columns.iter().any(|column| column.name == "hand_out");
        names_hand_outs || self.parameters.contains(&Parameter::Masked)
    }

    /// Whether its rows can be put on a map.
    fn has_map(&self) -> bool {
        geo_text::has_positions(self.columns)
    }
}

/// Every report.
pub const CATALOGUE: &[Entry] = &[
    use_account::ENTRY,
    movements::ENTRY,
    rendition::ENTRY,
    programme_account::ENTRY,
    providers::ENTRY,
    overpayments::ENTRY,
    payment_statement::ENTRY,
    journal::ENTRY,
    history::BOOKLET,
    history::PASS,
    reconciliation::BY_BATCH,
    reconciliation::BY_ORDER,
    three_way::ENTRY,
    funders::ENTRY,
    ends::ENTRY,
    contradiction::ENTRY,
    stop::ENTRY,
    counter_value::ENTRY,
    claims_register::ENTRY,
    exposure::ENTRY,
    issuer_statements::STATEMENTS,
    issuer_statements::DIFFERENCES,
    stock::ENTRY,
    restocking::ENTRY,
    deposits::ENTRY,
    redemptions::SUMS,
    redemptions::LINES,
    scans::ENTRY,
    refused_hand_outs::ENTRY,
    hand_outs::ENTRY,
    orientations::ENTRY,
    never_started::ENTRY,
    indicators::ENTRY,
    territories::ENTRY,
    publics::ENTRY,
    services::ENTRY,
    cohorts::ENTRY,
    newcomers::ENTRY,
    passes::ENTRY,
    anomalies::ENTRY,
    copies::ENTRY,
    sample::ENTRY,
];

/// The report with this name.
fn entry(name: &str) -> Result<&'static Entry, ReportError> {
    CATALOGUE.iter().find(|entry| entry.name == name).ok_or(ReportError::Unknown)
}

/// Opens a report: checks the question and fixes the position it is answered at. Rows are read as they are pulled.
///
/// # Errors
/// See [`ReportError`].
pub fn open(name: &str, store: &Arc<Store>, request: &Request) -> Result<Report, ReportError> {
    let entry = entry(name)?;
    if request.scope.is_some() && entry.access == Access::WholeProgramme {
        return Err(ReportError::NotInScope);
    }
    let question = Question::new(entry, store, request)?;
    (entry.open)(&question)
}

/// The same of a report that is to be put on a map.
///
/// # Errors
/// [`ReportError::NoMap`] for one without positions; see [`ReportError`] for the others.
pub fn open_map(name: &str, store: &Arc<Store>, request: &Request) -> Result<Report, ReportError> {
    if entry(name)?.has_map() { open(name, store, request) } else { Err(ReportError::NoMap) }
}
