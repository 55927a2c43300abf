//! The values among which the national standard of places (v1.0.2) lets one choose, column by column, in its own words and
//! order. What never lives here: the words of earlier versions (see `cartography::legacy`).

/// "Tiers-lieu" among the kinds of places.
pub const THIRD_PLACE: &str = "TIERS_LIEUX";
/// The value of `itinerance` of a place that travels.
pub const TRAVELLING: &str = "Itinérant";

/// What a third place does: at least two of these five (Region Hauts-de-France, call for projects of 2018).
pub const THIRD_PLACE_ACTIVITIES: &[&str] = &[
    "Médiation numérique",
    "Coworking",
    "Télétravail",
    "Fablab ou atelier de fabrication",
    "Accompagnement de projets",
];

/// The columns whose values are chosen from a list.
const LISTS: &[(&str, &[&str])] = &[
    ("itinerance", &["Itinérant", "Fixe"]),
    (
        "services",
        &[
            "Aide aux démarches administratives",
            "Maîtrise des outils numériques du quotidien",
            "Insertion professionnelle via le numérique",
            "Utilisation sécurisée du numérique",
            "Parentalité et éducation avec le numérique",
            "Loisirs et créations numériques",
            "Compréhension du monde numérique",
            "Accès internet et matériel informatique",
            "Acquisition de matériel informatique à prix solidaire",
        ],
    ),
    ("publics_specifiquement_adresses", &["Jeunes", "Étudiants", "Familles et/ou enfants", "Seniors", "Femmes"]),
    (
        "prise_en_charge_specifique",
        &[
            "Surdité",
            "Handicaps moteurs",
            "Handicaps mentaux",
            "Illettrisme",
            "Langues étrangères (anglais)",
            "Langues étrangères (autres)",
            "Déficience visuelle",
        ],
    ),
    ("frais_a_charge", &["Gratuit", "Gratuit sous condition", "Payant"]),
    (
        "dispositif_programmes_nationaux",
        &[
            "Aidants Connect",
            "Bibliothèques numérique de référence",
            "Certification PIX",
            "Conseillers numériques",
            "Emmaüs Connect",
            "France Services",
            "Grande école du numérique",
            "La Croix Rouge",
            "Point d'accès numérique CAF",
            "Promeneurs du net",
            "Relais numérique (Emmaüs Connect)",
        ],
    ),
    (
        "formations_labels",
        &[
            "Formé à « Mon Espace Santé »",
            "Formé à « DUPLEX » (illettrisme)",
            "Arnia/MedNum BFC (Bourgogne-Franche-Comté)",
            "Collectif ressources et acteurs réemploi (Normandie)",
            "Fabriques de Territoire",
            "Les Éclaireurs du numérique (Drôme)",
            "Mes Papiers (Métropole de Lyon)",
            "ORDI 3.0",
            "SUD LABS (PACA)",
            "Étapes numériques (La Poste)",
        ],
    ),
    (
        "modalites_acces",
        &[
            "Se présenter",
            "Téléphoner",
            "Contacter par mail",
            "Prendre un RDV en ligne",
            "Ce lieu n'accueille pas de public",
            "Envoyer un mail avec une fiche de prescription",
        ],
    ),
    (
        "modalites_accompagnement",
        &["En autonomie", "Accompagnement individuel", "Dans un atelier collectif", "À distance"],
    ),
    ("activites_tiers_lieu", THIRD_PLACE_ACTIVITIES),
];

/// The values of a column; `None` where the standard leaves them free.
#[must_use]
pub fn of(column: &str) -> Option<&'static [&'static str]> {
    LISTS.iter().find(|(name, _)| *name == column).map(|(_, values)| *values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::party::Service;

    #[test]
    fn the_nine_services_are_those_of_the_ledger() {
        let labels: Vec<&str> = Service::ALL.iter().map(|service| service.label()).collect();
        assert_eq!(of("services"), Some(labels.as_slice()));
    }
}
