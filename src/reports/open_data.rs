//! Données ouvertes : which reports a programme may publish, each asked so that it shows no handful of people. What never lives
//! here: whether it is published (see `domain::publication`).

use super::table::Column;
use super::{ReportError, Request, entry};

/// A table that anybody may read.
#[derive(Debug, Clone, Copy)]
pub struct Dataset {
    /// Stable; part of the API.
    pub name: &'static str,
    /// In French, as are the words below.
    pub title: &'static str,
    pub description: &'static str,
    pub report: &'static str,
    grain: Option<&'static str>,
    /// Whether its rows have positions.
    pub map: bool,
}

/// Every dataset.
pub const DATASETS: &[Dataset] = &[
    Dataset {
        name: "intercommunalites",
        title: "Le pass numérique par intercommunalité",
        description: "Remises et carnets par lieu de résidence, pass utilisés par lieu d'utilisation, lieux, séances, zones blanches.",
        report: "territories",
        grain: Some("epci"),
        map: true,
    },
    Dataset {
        name: "communes",
        title: "Le pass numérique par commune",
        description: "Les mêmes colonnes, par commune.",
        report: "territories",
        grain: Some("commune"),
        map: true,
    },
    Dataset {
        name: "publics",
        title: "Les publics du pass numérique",
        description: "Remises par motif d'éligibilité et tranche d'âge.",
        report: "publics",
        grain: None,
        map: false,
    },
    Dataset {
        name: "services",
        title: "Les services payés par pass numérique",
        description: "Visites, pass et valeur par mois et par service de la liste nationale.",
        report: "services",
        grain: None,
        map: false,
    },
    Dataset {
        name: "indicateurs",
        title: "Les indicateurs du pass numérique",
        description: "Chaque indicateur avec ses deux termes et sa définition.",
        report: "indicators",
        grain: None,
        map: false,
    },
];

impl Dataset {
    /// The dataset with this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        DATASETS.iter().find(|dataset| dataset.name == name)
    }

    /// The question that it answers: masked, whoever asks.
    #[must_use]
    pub fn request(&self, asked: &Request, within_km: u32) -> Request {
        Request {
            grain: self.grain.map(str::to_owned),
            within_km: self.map.then_some(within_km),
            masked: true,
            ..asked.clone()
        }
    }

    /// Its columns, in order.
    ///
    /// # Errors
    /// [`ReportError::Unknown`], which a test keeps from happening.
    pub fn columns(&self) -> Result<&'static [Column], ReportError> {
        Ok(entry(self.report)?.columns)
    }
}

#[cfg(test)]
mod tests {
    use super::super::story::{Story, code, day};
    use super::super::{Export, Format, open};
    use super::*;

    #[test]
    fn every_dataset_opens_masked_and_shows_no_handful_of_people() {
        let story = Story::told();
        for dataset in DATASETS {
            let request = dataset.request(&Request::new(code("HDF26"), day("2026-05-20")), 10);
            let report = open(dataset.report, &story.store, &request).unwrap();
            assert_eq!(report.columns, dataset.columns().unwrap());
            let mut bytes = Vec::new();
            Export::new(report, Format::Json).write_to(&mut bytes).unwrap();
            let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(json["masked"], "true", "{}", dataset.name);
            for row in json["rows"].as_array().unwrap() {
                for column in ["hand_outs", "booklets", "started_booklets", "spent_passes", "visits", "numerator"] {
                    let small = row[column].as_i64().is_some_and(|count| (1..5).contains(&count));
                    assert!(!small || row["unit"] == "days", "{} {column}: {row}", dataset.name);
                }
            }
        }
    }
}
