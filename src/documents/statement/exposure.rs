//! What is owed by an issuer that fails, creditor by creditor: the annex to each declaration of claim. What never lives here:
//! the law of insolvency.

use super::super::phrases;
use super::{Heading, Statement, StatementTable};
use crate::domain::money::Cents;
use crate::domain::time::Day;

/// One claim on the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    pub creditor: String,
    pub registration: String,
    /// Empty for the Region.
    pub venue: String,
    /// What it is for, in French.
    pub nature: &'static str,
    pub since: Option<Day>,
    pub passes: i64,
    pub value: Cents,
}

impl Statement {
    /// What is owed by an issuer.
    #[must_use]
    pub fn exposure(heading: Heading, issuer: &str, claims: &[Owed]) -> Self {
        let total = claims.iter().fold((0_i64, 0_i64), |(passes, cents), claim| {
            (passes.saturating_add(claim.passes), cents.saturating_add(claim.value.get()))
        });
        let line = |claim: &Owed| {
            let place = if claim.venue.is_empty() { String::new() } else { format!(", {}", claim.venue) };
            let label = format!("{}{place} ({}) : {}", claim.creditor, claim.registration, claim.nature);
            let since = claim.since.map(Day::french).unwrap_or_default();
            vec![label, since, phrases::count(claim.passes), claim.value.figures()]
        };
        let mut rows: Vec<Vec<String>> = claims.iter().map(line).collect();
        let sum = Cents::new(total.1);
        rows.push(vec!["Total".to_owned(), String::new(), phrases::count(total.0), sum.figures()]);
        let columns = ["", "Depuis le", "Pass", "Créance"].map(str::to_owned).to_vec();
        let table = StatementTable { caption: "Créanciers".to_owned(), columns, rows };
        Self {
            title: "État des créances".to_owned(),
            about: issuer.to_owned(),
            facts: vec![("Total en toutes lettres".to_owned(), sum.words())],
            tables: vec![table],
            caveat: "Chaque créancier déclare lui-même sa créance au mandataire judiciaire, dans le délai légal ; cet état et \
                     les récépissés qu'il compte en sont les justificatifs."
                .to_owned(),
            signatures: vec!["Pour la Région, ordonnateur".to_owned(), "Vu par le comptable public".to_owned()],
            ..Self::under(heading)
        }
    }
}
