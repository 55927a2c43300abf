//! The execution report for the State: what was bought, handed out and used in a year and since the beginning, who paid for it,
//! and whether it reached the people it is meant for; the definition of each figure stands beside it. What never lives here:
//! where a figure comes from.

use super::super::phrases;
use super::{Heading, Statement, StatementTable};
use crate::domain::eligibility::Choice;
use crate::domain::money::Cents;

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    Text(String),
    Count(i64),
    Money(Cents),
    /// Thousandths, told in per cent.
    PerMille(i64),
    /// Left out because it is of a handful of people.
    Masked,
}

impl Figure {
    fn words(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => phrases::count(*count),
            Self::Money(cents) => cents.figures(),
            Self::PerMille(thousandths) => {
                let (whole, tenths) = (thousandths / 10, thousandths.unsigned_abs() % 10);
                format!("{},{tenths}\u{a0}%", phrases::count(whole))
            }
            Self::Masked => "masqué".to_owned(),
        }
    }
}

/// Of whom a figure is, in words: a ground of eligibility by its label, an age band, or what people say of their sex. Another code
/// as it is.
#[must_use]
pub fn public_in_words(code: &str, grounds: &[Choice]) -> String {
    let ground = grounds.iter().find(|ground| ground.code == code).map(|ground| ground.label.as_str());
    let known = || PUBLICS.iter().find(|(public, _)| *public == code).map(|(_, words)| *words);
    ground.or_else(known).unwrap_or(code).to_owned()
}

const PUBLICS: &[(&str, &str)] = &[
    ("0-17", "moins de 18 ans"),
    ("18-25", "18 à 25 ans"),
    ("26-59", "26 à 59 ans"),
    ("60+", "60 ans et plus"),
    ("female", "femme"),
    ("male", "homme"),
    ("other", "autre"),
];

/// A table of figures: what they are of, then one for each column but the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureTable {
    pub caption: String,
    pub columns: Vec<String>,
    pub rows: Vec<(String, Vec<Figure>)>,
}

impl From<FigureTable> for StatementTable {
    fn from(FigureTable { caption, columns, rows }: FigureTable) -> Self {
        let row = |(label, figures): (String, Vec<Figure>)| {
            std::iter::once(label).chain(figures.iter().map(Figure::words)).collect()
        };
        let columns = std::iter::once(String::new()).chain(columns).collect();
        Self { caption, columns, rows: rows.into_iter().map(row).collect() }
    }
}

impl Statement {
    /// The execution report of a year.
    #[must_use]
    pub fn execution(heading: Heading, year: i32, facts: Vec<(String, String)>, tables: Vec<FigureTable>) -> Self {
        Self {
            title: "Rapport d'exécution".to_owned(),
            about: format!("Année {year}"),
            facts,
            tables: tables.into_iter().map(StatementTable::from).collect(),
            caveat: "Chaque chiffre se recalcule du journal des récépissés, sauf les publics et les territoires, lus dans la \
                     zone effaçable. Un effectif de 1 à 4 personnes, et ce qui permettrait de le retrouver, est masqué."
                .to_owned(),
            signatures: vec!["Pour la Région, ordonnateur".to_owned()],
            ..Self::under(heading)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_in_french_and_what_nobody_knows_as_it_is() {
        let grounds = [Choice { code: "senior".to_owned(), label: "60 ans ou plus".to_owned() }];
        let told = ["senior", "26-59", "female", "astronaut"].map(|code| public_in_words(code, &grounds));
        assert_eq!(told, ["60 ans ou plus", "26 à 59 ans", "femme", "astronaut"]);
    }

    #[test]
    fn figures_are_told_in_french() {
        let figures = [Figure::Count(66_100), Figure::PerMille(333), Figure::Masked, Figure::Text("senior".to_owned())];
        let told = figures.map(|figure| figure.words().replace(['\u{202f}', '\u{a0}'], " "));
        assert_eq!(told, ["66 100", "33,3 %", "masqué", "senior"]);
    }
}
