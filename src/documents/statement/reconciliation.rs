//! An issuer's monthly statement held against the ledger: four counters, and every difference with what was decided. What
//! never lives here: which figure is right.

use super::super::phrases;
use super::{Heading, Statement, StatementTable};
use crate::domain::money::Cents;
use crate::domain::movement::Kind;

/// Differences that a document lists; the report has them all.
const MOST_LINES: usize = 500;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconciledLine {
    pub number: i64,
    /// In French.
    pub class: &'static str,
    pub serial: String,
    /// Code of the provider; empty where the ledger knows none.
    pub provider: String,
    /// What the issuer says it has paid.
    pub cents: i64,
    /// The stable name of what was decided.
    pub resolution: Option<String>,
    /// Whether a later statement says otherwise.
    pub corrected: bool,
}

/// The statement of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    pub number: i64,
    pub issuer: String,
    pub month: String,
    pub corrects: Option<i64>,
    pub receipt: String,
    pub lines: i64,
    pub stated: Cents,
    pub file_hash: String,
    /// In French: passes, cents by the issuer, cents by the ledger, open differences.
    pub counters: [(&'static str, [i64; 4]); 4],
    pub differences: Vec<ReconciledLine>,
}

fn texts<const N: usize>(columns: [&str; N]) -> Vec<String> {
    columns.map(str::to_owned).to_vec()
}

impl Reconciliation {
    fn facts(&self) -> Vec<(String, String)> {
        let mut facts = vec![
            ("Émetteur".to_owned(), self.issuer.clone()),
            ("Mois".to_owned(), phrases::month(&self.month)),
            ("Récépissé".to_owned(), self.receipt.clone()),
            ("Lignes de l'état".to_owned(), phrases::count(self.lines)),
            ("Payé, dit l'émetteur".to_owned(), self.stated.figures()),
            ("Empreinte du fichier".to_owned(), self.file_hash.clone()),
        ];
        facts.extend(self.corrects.map(|corrects| ("Corrige l'état n°".to_owned(), corrects.to_string())));
        facts
    }

    fn counters(&self) -> StatementTable {
        let row = |(label, [passes, issuer, ledger, open]): &(&'static str, [i64; 4])| {
            let [issuer, ledger] = [issuer, ledger].map(|cents| Cents::new(*cents).figures());
            vec![(*label).to_owned(), phrases::count(*passes), issuer, ledger, phrases::count(*open)]
        };
        StatementTable {
            caption: "Rapprochement".to_owned(),
            columns: texts(["", "Pass", "Émetteur", "Registre", "À décider"]),
            rows: self.counters.iter().map(row).collect(),
        }
    }

    fn differences(&self) -> Option<StatementTable> {
        if self.differences.is_empty() {
            return None;
        }
        let row = |line: &ReconciledLine| {
            let decided = match &line.resolution {
                _ if line.corrected => "corrigé depuis".to_owned(),
                Some(resolution) => phrases::reason(Some(Kind::IssuerResolution), resolution),
                None => "à décider".to_owned(),
            };
            let what = format!("N° {}, {} : {}", line.number, line.serial, line.class);
            vec![what, line.provider.clone(), Cents::new(line.cents).figures(), decided]
        };
        let mut rows: Vec<Vec<String>> = self.differences.iter().take(MOST_LINES).map(row).collect();
        let more = self.differences.len().saturating_sub(MOST_LINES);
        if more > 0 {
            let rest = format!("… et {more} autres : voir l'état issuer-differences");
            rows.push(vec![rest, String::new(), String::new(), String::new()]);
        }
        let columns = texts(["", "Structure", "Payé par l'émetteur", "Décision"]);
        Some(StatementTable { caption: "Écarts".to_owned(), columns, rows })
    }
}

impl Statement {
    /// The statement of an issuer, held against the ledger.
    #[must_use]
    pub fn reconciliation(heading: Heading, said: &Reconciliation) -> Self {
        let tables = std::iter::once(said.counters()).chain(said.differences()).collect();
        Self {
            title: "Rapprochement de l'état de l'émetteur".to_owned(),
            about: format!("État n° {}, {}", said.number, phrases::month(&said.month)),
            facts: said.facts(),
            tables,
            caveat:
                "Ce rapprochement met en regard ce que l'émetteur dit avoir payé et ce que le registre dit utilisé. Un \
                     pass n'est payé au registre que s'il concorde, ou si la Région l'a décidé."
                    .to_owned(),
            signatures: texts(["Pour la Région, ordonnateur", "Pour l'émetteur"]),
            ..Self::under(heading)
        }
    }
}
