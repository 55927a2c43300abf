//! The description of a place (fiche): every column of the national standard "lieux de médiation numérique" v1.0.2 under
//! the standard's own name, so that a file, a request and a stored sheet say the same. What never lives here: whether
//! passes are taken there, which the ledger knows and no description may claim.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::vocabulary::{self, THIRD_PLACE, TRAVELLING};
use super::words::{LocalId, OpeningHours, Paragraph, Phone, Pivot, PostalCode, Summary, Term, WebAddress};
use crate::domain::party::Service;
use crate::domain::position::{Degrees, Position};
use crate::domain::territory::{self, Commune, CommuneCode};
use crate::domain::text::{Email, Label};
use crate::domain::time::Day;

/// Values of one column at most.
const MOST_VALUES: usize = 30;
/// Activities that make a third place.
const LEAST_ACTIVITIES: usize = 2;

/// See the module. Lists keep the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Given by whoever collected the place; where nobody did, the registry's own identifier stands for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<LocalId>,
    pub pivot: Pivot,
    #[serde(rename = "nom")]
    pub name: Label,
    #[serde(rename = "commune")]
    pub commune_name: Label,
    #[serde(rename = "code_postal")]
    pub postal_code: PostalCode,
    #[serde(rename = "code_insee", default, skip_serializing_if = "Option::is_none")]
    pub commune: Option<CommuneCode>,
    #[serde(rename = "adresse")]
    pub address: Label,
    #[serde(rename = "complement_adresse", default, skip_serializing_if = "Option::is_none")]
    pub address_complement: Option<Label>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<Degrees>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<Degrees>,
    #[serde(rename = "typologie", default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Term>,
    #[serde(rename = "telephone", default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Phone>,
    #[serde(rename = "courriels", default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    #[serde(rename = "site_web", default, skip_serializing_if = "Vec::is_empty")]
    pub websites: Vec<WebAddress>,
    #[serde(rename = "horaires", default, skip_serializing_if = "Option::is_none")]
    pub opening_hours: Option<OpeningHours>,
    #[serde(rename = "presentation_resume", default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    #[serde(rename = "presentation_detail", default, skip_serializing_if = "Option::is_none")]
    pub presentation: Option<Paragraph>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Label>,
    #[serde(rename = "itinerance", default, skip_serializing_if = "Vec::is_empty")]
    pub itinerance: Vec<Term>,
    #[serde(rename = "structure_parente", default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Label>,
    /// When the description was last known to be true.
    #[serde(rename = "date_maj")]
    pub updated_on: Day,
    #[serde(default)]
    pub services: Vec<Term>,
    #[serde(rename = "publics_specifiquement_adresses", default, skip_serializing_if = "Vec::is_empty")]
    pub publics: Vec<Term>,
    #[serde(rename = "prise_en_charge_specifique", default, skip_serializing_if = "Vec::is_empty")]
    pub special_care: Vec<Term>,
    #[serde(rename = "frais_a_charge", default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Term>,
    #[serde(rename = "dispositif_programmes_nationaux", default, skip_serializing_if = "Vec::is_empty")]
    pub national_programmes: Vec<Term>,
    #[serde(rename = "formations_labels", default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Term>,
    #[serde(rename = "autres_formations_labels", default, skip_serializing_if = "Vec::is_empty")]
    pub other_labels: Vec<Term>,
    #[serde(rename = "modalites_acces", default, skip_serializing_if = "Vec::is_empty")]
    pub access_modes: Vec<Term>,
    #[serde(rename = "modalites_accompagnement", default, skip_serializing_if = "Vec::is_empty")]
    pub support_modes: Vec<Term>,
    #[serde(rename = "fiche_acces_libre", default, skip_serializing_if = "Option::is_none")]
    pub accessibility: Option<WebAddress>,
    #[serde(rename = "prise_rdv", default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<WebAddress>,
    /// Not of the standard: what a third place does.
    #[serde(rename = "activites_tiers_lieu", default, skip_serializing_if = "Vec::is_empty")]
    pub third_place_activities: Vec<Term>,
    /// Not of the standard: a file of version 0.1 says that passes are taken there. It is told, and never believed.
    #[serde(rename = "pass_numerique_declare", default, skip_serializing_if = "std::ops::Not::not")]
    pub declares_pass: bool,
}

/// What is wrong with a sheet whose values can all be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Neither the code nor the name with the postal code is that of a commune of today.
    CommuneUnknown,
    /// Only one of latitude and longitude, or a latitude beyond a pole.
    PositionIncomplete,
    NoService,
    /// A value that the standard's list does not have.
    UnknownTerm {
        column: &'static str,
        value: String,
    },
    /// The same value twice.
    RepeatedTerm {
        column: &'static str,
        value: String,
    },
    TooManyTerms {
        column: &'static str,
    },
    /// A third place does at least two of the five activities, once it says which.
    TooFewActivities,
}

impl Flaw {
    /// The code by which it is told.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CommuneUnknown => "place_commune_unknown",
            Self::PositionIncomplete => "position_incomplete",
            Self::NoService => "service_list_empty",
            Self::UnknownTerm { .. } => "term_unknown",
            Self::RepeatedTerm { .. } => "term_repeated",
            Self::TooManyTerms { .. } => "too_many_terms",
            Self::TooFewActivities => "third_place_activities_missing",
        }
    }

    /// The column that must change.
    #[must_use]
    pub const fn column(&self) -> &'static str {
        match self {
            Self::CommuneUnknown => "code_insee",
            Self::PositionIncomplete => "latitude",
            Self::NoService => "services",
            Self::UnknownTerm { column, .. } | Self::RepeatedTerm { column, .. } | Self::TooManyTerms { column } => {
                column
            }
            Self::TooFewActivities => "activites_tiers_lieu",
        }
    }

    /// The value that is wrong, where it is one.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::UnknownTerm { value, .. } | Self::RepeatedTerm { value, .. } => Some(value),
            _ => None,
        }
    }
}

impl Sheet {
    /// The columns with several values, by name.
    fn lists(&self) -> [(&'static str, &[Term]); 11] {
        [
            ("typologie", &self.kinds),
            ("itinerance", &self.itinerance),
            ("services", &self.services),
            ("publics_specifiquement_adresses", &self.publics),
            ("prise_en_charge_specifique", &self.special_care),
            ("frais_a_charge", &self.fees),
            ("dispositif_programmes_nationaux", &self.national_programmes),
            ("formations_labels", &self.labels),
            ("modalites_acces", &self.access_modes),
            ("modalites_accompagnement", &self.support_modes),
            ("activites_tiers_lieu", &self.third_place_activities),
        ]
    }

    /// Everything that is wrong with it, in the order of the columns.
    #[must_use]
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        flaws.extend(self.located().is_none().then_some(Flaw::CommuneUnknown));
        let has_place = self.latitude.is_some() || self.longitude.is_some();
        flaws.extend((has_place && self.position().is_none()).then_some(Flaw::PositionIncomplete));
        flaws.extend(self.services.is_empty().then_some(Flaw::NoService));
        for (column, terms) in self.lists() {
            let mut seen = BTreeSet::new();
            let repeated = terms.iter().filter(|term| !seen.insert(term.as_str()));
            flaws.extend(repeated.map(|term| Flaw::RepeatedTerm { column, value: term.to_string() }));
            if let Some(known) = vocabulary::of(column) {
                let unknown = terms.iter().filter(|term| !known.contains(&term.as_str()));
                flaws.extend(unknown.map(|term| Flaw::UnknownTerm { column, value: term.to_string() }));
            }
            flaws.extend((terms.len() > MOST_VALUES).then_some(Flaw::TooManyTerms { column }));
        }
        let activities = self.third_place_activities.len();
        let too_few = self.is_third_place() && (1..LEAST_ACTIVITIES).contains(&activities);
        flaws.extend(too_few.then_some(Flaw::TooFewActivities));
        flaws
    }

    /// Keeps the first of each value of a list.
    pub fn drop_repetitions(&mut self) {
        let lists = [
            &mut self.kinds,
            &mut self.itinerance,
            &mut self.services,
            &mut self.publics,
            &mut self.special_care,
            &mut self.fees,
            &mut self.national_programmes,
            &mut self.labels,
            &mut self.access_modes,
            &mut self.support_modes,
            &mut self.third_place_activities,
        ];
        for list in lists {
            let mut seen = BTreeSet::new();
            list.retain(|term| seen.insert(term.clone()));
        }
    }

    /// The commune of today: by its code, or the one into which it was merged; else by its name among those that share
    /// the postal code.
    #[must_use]
    pub fn located(&self) -> Option<Commune> {
        if let Some(code) = &self.commune {
            return territory::commune(code).or_else(|| {
                let current = territory::successors(code);
                current
                    .iter()
                    .find(|commune| folded(commune.name) == folded(self.commune_name.as_str()))
                    .or(current.first())
                    .copied()
            });
        }
        let named = folded(self.commune_name.as_str());
        territory::with_postal_code(self.postal_code.as_str()).into_iter().find(|commune| folded(commune.name) == named)
    }

    /// Where it says to be.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        Position::new(self.latitude?, self.longitude?).ok()
    }

    /// The services of the ledger among those of the sheet.
    #[must_use]
    pub fn offered(&self) -> BTreeSet<Service> {
        let offers = |service: &Service| self.services.iter().any(|term| term.as_str() == service.label());
        Service::ALL.iter().copied().filter(offers).collect()
    }

    #[must_use]
    pub fn is_third_place(&self) -> bool {
        self.kinds.iter().any(|kind| kind.as_str() == THIRD_PLACE)
    }

    #[must_use]
    pub fn travels(&self) -> bool {
        self.itinerance.iter().any(|term| term.as_str() == TRAVELLING)
    }

    /// Whether it was last known to be true more than `days` days before `today`.
    #[must_use]
    pub fn is_outdated(&self, today: Day, days: u32) -> bool {
        today.days_since(self.updated_on) > days
    }
}

/// A name as it is compared: letters and digits, without accents and capitals.
#[must_use]
pub fn folded(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let plain = name.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).collect::<String>();
    let plain = plain.to_lowercase().replace('œ', "oe").replace('æ', "ae");
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| if word == "st" { "saint" } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn least() -> Value {
        json!({ "pivot": "43493312300029", "nom": "Anonymal", "commune": "Reims", "code_postal": "51100",
            "adresse": "12 BIS RUE DE LECLERCQ", "date_maj": "2022-06-02",
            "services": ["Aide aux démarches administratives"] })
    }

    fn with(changes: &Value) -> Sheet {
        let mut sheet = least();
        for (name, value) in changes.as_object().unwrap() {
            sheet[name] = value.clone();
        }
        serde_json::from_value(sheet).unwrap()
    }

    fn codes(changes: &Value) -> Vec<&'static str> {
        with(changes).flaws().iter().map(Flaw::code).collect()
    }

    #[test]
    fn a_sheet_needs_little_and_is_found_by_name_and_postal_code() {
        let sheet = with(&json!({}));
        assert_eq!(sheet.flaws(), []);
        assert_eq!(sheet.located().unwrap().code.as_str(), "51454");
        let again = serde_json::to_value(&sheet).unwrap();
        assert_eq!(again, least());
    }

    #[test]
    fn what_is_wrong_is_told_by_column() {
        assert_eq!(codes(&json!({ "commune": "Atlantis" })), ["place_commune_unknown"]);
        assert_eq!(codes(&json!({ "latitude": "49.2" })), ["position_incomplete"]);
        assert_eq!(codes(&json!({ "latitude": "99.2", "longitude": "4" })), ["position_incomplete"]);
        assert_eq!(codes(&json!({ "services": [] })), ["service_list_empty"]);
        assert_eq!(codes(&json!({ "services": ["Repassage"] })), ["term_unknown"]);
        assert_eq!(codes(&json!({ "frais_a_charge": ["Gratuit", "Gratuit"] })), ["term_repeated"]);
        let many: Vec<String> = (0..31).map(|number| format!("T{number}")).collect();
        assert_eq!(codes(&json!({ "typologie": many })), ["too_many_terms"]);
        let third = |activities: Value| json!({ "typologie": ["TIERS_LIEUX"], "activites_tiers_lieu": activities });
        assert_eq!(codes(&third(json!(["Coworking"]))), ["third_place_activities_missing"]);
        assert_eq!(codes(&third(json!(["Coworking", "Télétravail"]))), [""; 0]);
        assert_eq!(codes(&third(json!([]))), [""; 0], "a file of the standard does not say");
    }

    #[test]
    fn a_commune_of_before_a_merger_is_that_of_today() {
        let sheet = with(&json!({ "code_insee": "01003", "commune": "Amareins", "code_postal": "01090" }));
        assert_eq!(sheet.located().unwrap().name, "Francheleins");
        let saint = with(&json!({ "commune": "St Quentin", "code_postal": "02100" }));
        assert_eq!(saint.located().unwrap().name, "Saint-Quentin");
    }

    #[test]
    fn a_sheet_grows_old() {
        let sheet = with(&json!({ "date_maj": "2025-11-26" }));
        let today = Day::parse("2026-11-26").unwrap();
        assert!(!sheet.is_outdated(today, 365) && sheet.is_outdated(today.plus_days(1), 365));
    }
}
