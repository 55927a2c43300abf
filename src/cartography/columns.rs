//! The columns of both versions in the order of the standard, and a sheet as their cells. What never lives here: a file.

use serde_json::Value;

use crate::domain::places::Sheet;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    One,
    /// Several values with `|` between them.
    Many,
}

/// The columns of version 1.0.2.
pub(super) const COLUMNS: [(&str, Shape); 32] = [
    ("id", Shape::One),
    ("pivot", Shape::One),
    ("nom", Shape::One),
    ("commune", Shape::One),
    ("code_postal", Shape::One),
    ("code_insee", Shape::One),
    ("adresse", Shape::One),
    ("complement_adresse", Shape::One),
    ("latitude", Shape::One),
    ("longitude", Shape::One),
    ("typologie", Shape::Many),
    ("telephone", Shape::Many),
    ("courriels", Shape::Many),
    ("site_web", Shape::Many),
    ("horaires", Shape::One),
    ("presentation_resume", Shape::One),
    ("presentation_detail", Shape::One),
    ("source", Shape::One),
    ("itinerance", Shape::Many),
    ("structure_parente", Shape::One),
    ("date_maj", Shape::One),
    ("services", Shape::Many),
    ("publics_specifiquement_adresses", Shape::Many),
    ("prise_en_charge_specifique", Shape::Many),
    ("frais_a_charge", Shape::Many),
    ("dispositif_programmes_nationaux", Shape::Many),
    ("formations_labels", Shape::Many),
    ("autres_formations_labels", Shape::Many),
    ("modalites_acces", Shape::Many),
    ("modalites_accompagnement", Shape::Many),
    ("fiche_acces_libre", Shape::One),
    ("prise_rdv", Shape::One),
];

/// Columns of ours, which only an extended file has.
pub(super) const EXTENSION: [&str; 2] = ["activites_tiers_lieu", "dispositifs_pass_numerique"];

/// Of a sheet, and of no file: that a file of version 0.1 says passes are taken.
pub(super) const DECLARED: &str = "pass_numerique_declare";

/// Columns that no place of the standard is without.
pub(super) const REQUIRED: [&str; 7] = ["id", "pivot", "nom", "commune", "code_postal", "adresse", "date_maj"];

/// The columns of version 0.1.
pub(super) const OLD_COLUMNS: [&str; 29] = [
    "id",
    "pivot",
    "nom",
    "commune",
    "code_postal",
    "code_insee",
    "adresse",
    "complement_adresse",
    "latitude",
    "longitude",
    "cle_ban",
    "typologie",
    "telephone",
    "courriel",
    "site_web",
    "horaires",
    "presentation_resume",
    "presentation_detail",
    "source",
    "structure_parente",
    "date_maj",
    "services",
    "publics_accueillis",
    "conditions_acces",
    "labels_nationaux",
    "labels_autres",
    "modalites_accompagnement",
    "accessibilite",
    "prise_rdv",
];

/// The shape of a column, those of ours included; `None` where nobody knows it.
pub(super) fn shape(column: &str) -> Option<Shape> {
    let ours = || (column == "activites_tiers_lieu").then_some(Shape::Many);
    COLUMNS.iter().find(|(name, _)| *name == column).map(|(_, shape)| *shape).or_else(ours)
}

/// A sheet by column: the values of each, none where it is empty.
pub(super) struct Cells(serde_json::Map<String, Value>);

impl Cells {
    pub(super) fn of(sheet: &Sheet) -> Self {
        Self(serde_json::to_value(sheet).ok().and_then(|value| value.as_object().cloned()).unwrap_or_default())
    }

    /// The values of a column, in order.
    pub(super) fn values(&self, column: &str) -> Vec<&str> {
        match self.0.get(column) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The cell of a column, with `separator` between values.
    pub(super) fn cell(&self, column: &str, separator: &str) -> String {
        self.values(column).join(separator)
    }
}
