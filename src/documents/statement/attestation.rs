//! What a venue spent in a period, receipt by receipt: what a public venue books in its own régie de recettes, with these receipts
//! as its vouchers. What never lives here: a payment.

use super::super::phrases;
use super::{Heading, Statement, StatementTable};
use crate::domain::money::Cents;
use crate::domain::time::Day;

/// One redemption, or the reversal of one, which counts below zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    pub number: String,
    pub venue: String,
    pub performed_on: Option<Day>,
    pub passes: i64,
    pub value: Cents,
}

impl Statement {
    /// What a provider's venues spent from a day to the heading's.
    #[must_use]
    pub fn attestation(heading: Heading, provider: &str, from: Day, lines: &[Attested]) -> Self {
        let passes = lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.passes));
        let cents = lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.value.get()));
        let total = Cents::new(cents);
        let row = |line: &Attested| {
            let day = line.performed_on.map(Day::french).unwrap_or_default();
            vec![format!("{}, {}", line.number, line.venue), day, phrases::count(line.passes), line.value.figures()]
        };
        let mut rows: Vec<Vec<String>> = lines.iter().map(row).collect();
        rows.push(vec!["Total".to_owned(), String::new(), phrases::count(passes), total.figures()]);
        let columns = ["", "Prestation du", "Pass", "Valeur"].map(str::to_owned).to_vec();
        let until = heading.as_of;
        Self {
            title: "Attestation de pass utilisés".to_owned(),
            about: format!("{provider}, du {} au {}", from.french(), until.french()),
            facts: vec![("Total en toutes lettres".to_owned(), total.words())],
            tables: vec![StatementTable { caption: "Récépissés de la période".to_owned(), columns, rows }],
            caveat: "Les pass sont des titres de paiement, pas des espèces : cette attestation et les récépissés qu'elle compte \
                     justifient la recette d'une régie publique. Elle ne vaut ni demande de paiement, ni paiement."
                .to_owned(),
            signatures: vec!["Le régisseur ou le responsable du lieu".to_owned()],
            ..Self::under(heading)
        }
    }
}
