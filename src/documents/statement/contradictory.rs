//! The contradictory statement: what the register and the issuer say of one order, side by side, for both to sign. What never
//! lives here: which figure is right.

use super::super::phrases;
use super::{Heading, Statement, StatementTable};
use crate::domain::money::Cents;
use crate::domain::time::Day;

/// One figure as each party has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub label: &'static str,
    /// What the register says.
    pub passes: i64,
    pub value: Cents,
    /// What the issuer says, in passes; left to be written by hand where nobody has typed it.
    pub issuer_passes: Option<i64>,
}

/// The order that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedOrder {
    pub number: String,
    pub issuer: String,
    pub validity_end: Day,
    pub grace_end: Day,
    pub payment_order: Option<String>,
    /// The receipts by which it expired and was credited.
    pub receipts: Vec<String>,
}

/// A pass on which both differed when the issuer's list was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedPass {
    pub serial: String,
    /// In French, like the states.
    pub gap: &'static str,
    pub ledger: &'static str,
    /// None where the list does not have it.
    pub issuer: Option<&'static str>,
    /// The receipt that brought the register to what the issuer says.
    pub resolved: Option<String>,
}

/// The issuer's list, as it was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedList {
    pub receipt: String,
    pub stated_on: Day,
    pub file_hash: String,
    pub listed: i64,
    pub agreed: i64,
    pub differences: Vec<ComparedPass>,
}

/// Differences that a document lists; the report has them all.
const MOST_LINES: usize = 500;

impl ComparedList {
    fn facts(&self) -> Vec<(String, String)> {
        let counts = format!("{} pass, dont {} concordants", phrases::count(self.listed), phrases::count(self.agreed));
        vec![
            ("Liste de l'émetteur".to_owned(), format!("{counts}, le {}", self.stated_on.french())),
            ("Récépissé de la comparaison".to_owned(), self.receipt.clone()),
            ("Empreinte du fichier".to_owned(), self.file_hash.clone()),
        ]
    }

    fn table(&self) -> Option<StatementTable> {
        if self.differences.is_empty() {
            return None;
        }
        let row = |one: &ComparedPass| {
            let (issuer, resolved) = (one.issuer.unwrap_or("–"), one.resolved.as_deref().unwrap_or("ouvert"));
            let what = format!("{} : {} (suite : {resolved})", one.serial, one.gap);
            vec![what, one.ledger.to_owned(), issuer.to_owned()]
        };
        let mut rows: Vec<Vec<String>> = self.differences.iter().take(MOST_LINES).map(row).collect();
        let more = self.differences.len().saturating_sub(MOST_LINES);
        if more > 0 {
            rows.push(vec![
                format!("… et {more} autres : voir l'état order-differences"),
                String::new(),
                String::new(),
            ]);
        }
        let columns = ["", "Registre", "Émetteur"].map(str::to_owned).to_vec();
        Some(StatementTable { caption: "Écarts, pass par pass".to_owned(), columns, rows })
    }
}

/// A place to write by hand.
const BY_HAND: &str = "…………";

impl Statement {
    /// The contradictory statement of one order, with the issuer's list where there is one.
    #[must_use]
    pub fn contradictory(
        heading: Heading,
        order: &ComparedOrder,
        figures: &[Compared],
        list: Option<&ComparedList>,
    ) -> Self {
        let mut facts = vec![
            ("Émetteur".to_owned(), order.issuer.clone()),
            ("Fin de validité".to_owned(), order.validity_end.french()),
            ("Fin du délai de grâce".to_owned(), order.grace_end.french()),
        ];
        facts.extend(order.payment_order.clone().map(|number| ("Mandat de paiement".to_owned(), number)));
        if !order.receipts.is_empty() {
            facts.push(("Constats et avoirs".to_owned(), order.receipts.join(", ")));
        }
        facts.extend(list.map(ComparedList::facts).unwrap_or_default());
        let line = |figure: &Compared| {
            let issuer = figure.issuer_passes.map_or_else(|| BY_HAND.to_owned(), phrases::count);
            let gap = figure.issuer_passes.map(|issuer| phrases::count(figure.passes.saturating_sub(issuer)));
            let gap = gap.unwrap_or_else(|| BY_HAND.to_owned());
            vec![figure.label.to_owned(), phrases::count(figure.passes), issuer, gap, figure.value.figures()]
        };
        let columns = ["", "Registre", "Émetteur", "Écart", "Valeur au registre"].map(str::to_owned).to_vec();
        let caption = "Pass de la commande".to_owned();
        let table = StatementTable { caption, columns, rows: figures.iter().map(line).collect() };
        Self {
            title: "État contradictoire".to_owned(),
            about: format!("Commande {}", order.number),
            facts,
            tables: std::iter::once(table).chain(list.and_then(ComparedList::table)).collect(),
            caveat:
                "Cet état met deux comptes en regard ; il n'arrête le montant de l'avoir qu'une fois signé des deux \
                     parties. L'avoir est dû à la valeur faciale, frais exclus."
                    .to_owned(),
            signatures: vec!["Pour la Région, ordonnateur".to_owned(), "Pour l'émetteur".to_owned()],
            ..Self::under(heading)
        }
    }
}
