//! An issuer's monthly statement held against the ledger: four counters, and every difference with what was decided. What
//! never lives here: which figure is right.

use super::super::phrases;
use super::{Heading, Statement, StatementTable};
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::domain::statements::LineClass;
use crate::domain::time::Day;

/// Differences that a document lists; the report has them all.
const MOST_LINES: usize = 500;
/// Where a side says nothing.
const UNSAID: &str = "–";

/// What one side says of a pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    pub cents: Option<i64>,
    /// When the service was given.
    pub on: Option<Day>,
    pub venue: Option<String>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconciledLine {
    pub number: i64,
    pub class: LineClass,
    pub serial: String,
    /// Name and code of the provider; empty where the ledger knows none.
    pub provider: String,
    pub issuer: Word,
    pub ledger: Word,
    /// The stable name of what was decided.
    pub resolution: Option<String>,
    /// Whether a later statement says otherwise.
    pub corrected: bool,
}

impl ReconciledLine {
    /// What the two sides say, where amounts do not show how they differ.
    fn differing(&self) -> Option<String> {
        let of = |said: fn(&Word) -> Option<String>| {
            let [issuer, ledger] =
                [&self.issuer, &self.ledger].map(|word| said(word).unwrap_or_else(|| UNSAID.to_owned()));
            format!(" (émetteur : {issuer}, registre : {ledger})")
        };
        match self.class {
            LineClass::DayDiffers => Some(of(|word| word.on.map(Day::french))),
            LineClass::VenueDiffers => Some(of(|word| word.venue.clone())),
            LineClass::Matched
            | LineClass::Unchanged
            | LineClass::NotRedeemed
            | LineClass::NotPayable
            | LineClass::PaidTwice
            | LineClass::AmountDiffers
            | LineClass::Absent
            | LineClass::Disputed => None,
        }
    }

    fn row(&self) -> Vec<String> {
        let decided = match &self.resolution {
            _ if self.corrected => "corrigé depuis".to_owned(),
            Some(resolution) => phrases::reason(Some(Kind::IssuerResolution), resolution),
            None => "à décider".to_owned(),
        };
        let differing = self.differing().unwrap_or_default();
        let what = format!("N° {}, {} : {}{differing}", self.number, self.serial, self.class.french());
        let [issuer, ledger] = [&self.issuer, &self.ledger]
            .map(|word| word.cents.map_or_else(|| UNSAID.to_owned(), |cents| Cents::new(cents).figures()));
        vec![what, self.provider.clone(), issuer, ledger, decided]
    }
}

/// The statement of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    pub number: i64,
    /// Name and code.
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
        let mut rows: Vec<Vec<String>> = self.differences.iter().take(MOST_LINES).map(ReconciledLine::row).collect();
        let more = self.differences.len().saturating_sub(MOST_LINES);
        if more > 0 {
            let rest = format!("… et {more} autres : voir l'état issuer-differences");
            rows.push([rest].into_iter().chain(std::iter::repeat_n(String::new(), 4)).collect());
        }
        let columns = texts(["", "Structure", "Émetteur", "Registre", "Décision"]);
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
