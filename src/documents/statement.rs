//! A statement: figures of a day that people compare, discuss and sign, as a page or a PDF. What never lives here: where a
//! figure comes from.

mod attestation;
mod contradictory;
mod execution;
mod exposure;
mod payment;
mod reconciliation;

pub use attestation::Attested;
pub use contradictory::{Compared, ComparedList, ComparedOrder, ComparedPass};
pub use execution::{Figure, FigureTable, public_in_words};
pub use exposure::Owed;
pub use payment::{PaidLine, PaymentFact};
pub use reconciliation::{ReconciledLine, Reconciliation, Word};

use askama::Template;

use super::html::STYLE;
use super::{pdf, phrases};
use crate::domain::time::Day;

/// Figures side by side: what they are of on the left, the figures on the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementTable {
    pub caption: String,
    /// The first is of the labels.
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// What a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub sponsor: String,
    pub programme: String,
    pub title: String,
    /// What it is of: `Commande CMD-2021-0042`.
    pub about: String,
    /// The day whose end it shows: `Situation au 24/11/2026`.
    pub moment: String,
    pub facts: Vec<(String, String)>,
    pub tables: Vec<StatementTable>,
    /// What it proves and what it does not.
    pub caveat: String,
    /// Who signs.
    pub signatures: Vec<String>,
    /// The last position of the journal that it counts, and the hash there.
    pub position: i64,
    pub head: String,
}

/// Who stands above a statement, and what it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pub sponsor: String,
    pub programme: String,
    /// The day whose end the figures show.
    pub as_of: Day,
    /// The last position of the journal that counts, and the hash there.
    pub position: i64,
    pub head: String,
}

#[derive(Template)]
#[template(path = "statement.html")]
struct Page<'a> {
    statement: &'a Statement,
    style: &'static str,
}

impl Statement {
    /// A statement with nothing in it yet.
    fn under(Heading { sponsor, programme, as_of, position, head }: Heading) -> Self {
        Self {
            sponsor,
            programme,
            title: String::new(),
            about: String::new(),
            moment: format!("Situation au {}", as_of.french()),
            facts: Vec::new(),
            tables: Vec::new(),
            caveat: String::new(),
            signatures: Vec::new(),
            position,
            head,
        }
    }

    /// The same with what stands before a colon kept on its line, wherever a text came from.
    fn spaced(&self) -> Self {
        let text = |text: &String| phrases::spaced(text);
        let texts = |texts: &Vec<String>| texts.iter().map(text).collect();
        let table = |table: &StatementTable| StatementTable {
            caption: text(&table.caption),
            columns: texts(&table.columns),
            rows: table.rows.iter().map(texts).collect(),
        };
        Self {
            about: text(&self.about),
            facts: self.facts.iter().map(|(label, value)| (text(label), text(value))).collect(),
            tables: self.tables.iter().map(table).collect(),
            caveat: text(&self.caveat),
            signatures: texts(&self.signatures),
            ..self.clone()
        }
    }

    /// The statement as a whole HTML page; its one `<style>` is that of a receipt.
    #[must_use]
    pub fn html(&self) -> String {
        // Writing to a String cannot fail.
        Page { statement: &self.spaced(), style: STYLE }.render().unwrap_or_default()
    }

    /// The statement as a PDF file of A5 pages. The same statement gives the same bytes.
    #[must_use]
    pub fn pdf(&self) -> Vec<u8> {
        pdf::statement::file(&self.spaced())
    }

    /// The title and what it is of, as a window or a file calls the document.
    pub(super) fn name(&self) -> String {
        format!("{} – {}", self.title, self.about)
    }
}

#[cfg(test)]
pub(super) fn specimen() -> Statement {
    let text = str::to_owned;
    let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    Statement {
        sponsor: text("Région Hauts-de-France"),
        programme: text("Pass numérique des Hauts-de-France"),
        title: text("État contradictoire"),
        about: text("Commande CMD-2021-0042"),
        moment: text("Situation au 06/02/2024"),
        facts: vec![(text("Fin de validité"), text("31/12/2023")), (text("Émetteur"), text("L'émetteur (société)"))],
        tables: vec![StatementTable {
            caption: text("Pass de la commande"),
            columns: ["", "Registre", "Émetteur", "Écart"].map(str::to_owned).to_vec(),
            rows: vec![row(["Pris en charge", "66 100", "66 100", "0"]), row(["Utilisés", "24 500", "24 498", "2"])],
        }],
        caveat: text("Cet état compare des chiffres ; il n'en arrête aucun tant qu'il n'est pas signé."),
        signatures: vec![text("Pour la Région"), text("Pour l'émetteur")],
        position: 1042,
        head: "d4".repeat(32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_shows_every_figure_and_place_to_sign_and_fetches_nothing() {
        let statement = specimen();
        let html = statement.html();
        let cells = statement.tables[0].rows.iter().flatten().chain(&statement.signatures).chain([&statement.head]);
        for wanted in cells {
            assert!(html.contains(&wanted.replace('\'', "&#39;")), "{wanted}");
        }
        assert!(html.starts_with("<!doctype html>\n<html lang=\"fr\">"));
        for foreign in ["src=", "href=", "url(", "@import", "style=\"", "<script"] {
            assert!(!html.contains(foreign), "{foreign}");
        }
        let hostile = Statement { about: "<script>alert(1)</script>".to_owned(), ..statement };
        assert!(!hostile.html().contains("<script>"));
    }
}
