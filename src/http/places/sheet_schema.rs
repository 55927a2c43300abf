//! How the API's description shows a sheet. What never lives here: how one is read (see `domain::places::sheet`).

use serde::Serialize;
use utoipa::ToSchema;

/// The description of a place: the columns of the national standard "lieux de médiation numérique" v1.0.2, under its own
/// names. Lists are lists here; the standard's own files join them with `|`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlaceSheet)]
pub(super) struct SheetSchema {
    /// Of whoever collected it; the registry's own identifier stands for it where there is none.
    #[schema(example = "structure-1")]
    id: Option<String>,
    /// SIRET, RNA or RIDET.
    #[schema(example = "43493312300029")]
    pivot: String,
    #[schema(example = "La Fabrique, atelier numérique")]
    nom: String,
    #[schema(example = "Maubeuge")]
    commune: String,
    #[schema(example = "59600")]
    code_postal: String,
    #[schema(example = "59392")]
    code_insee: Option<String>,
    #[schema(example = "2 place de la Gare")]
    adresse: String,
    #[schema(example = "Au fond de la cour")]
    complement_adresse: Option<String>,
    /// Decimal degrees as text: at most seven digits after the point.
    #[schema(example = "50.27875")]
    latitude: Option<String>,
    #[schema(example = "3.97267")]
    longitude: Option<String>,
    #[schema(example = json!(["TIERS_LIEUX", "ASSO"]))]
    typologie: Vec<String>,
    #[schema(example = json!(["+33327530000"]))]
    telephone: Vec<String>,
    #[schema(example = json!(["contact@fabrique.example"]))]
    courriels: Vec<String>,
    #[schema(example = json!(["https://fabrique.example/"]))]
    site_web: Vec<String>,
    /// In the syntax of OpenStreetMap.
    #[schema(example = "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00")]
    horaires: Option<String>,
    /// At most 280 characters.
    #[schema(example = "Des ateliers pour apprendre à se servir d'un ordinateur.")]
    presentation_resume: Option<String>,
    #[schema(example = "Chaque matin, une mediatrice accueille sans rendez-vous.")]
    presentation_detail: Option<String>,
    #[schema(example = "Siilab")]
    source: Option<String>,
    #[schema(example = json!(["Fixe"]))]
    itinerance: Vec<String>,
    #[schema(example = "Ville de Maubeuge")]
    structure_parente: Option<String>,
    /// When it was last known to be true.
    #[schema(example = "2021-10-01")]
    date_maj: String,
    #[schema(example = json!(["Aide aux démarches administratives"]))]
    services: Vec<String>,
    #[schema(example = json!(["Seniors"]))]
    publics_specifiquement_adresses: Vec<String>,
    #[schema(example = json!(["Surdité"]))]
    prise_en_charge_specifique: Vec<String>,
    #[schema(example = json!(["Gratuit sous condition"]))]
    frais_a_charge: Vec<String>,
    #[schema(example = json!(["Conseillers numériques"]))]
    dispositif_programmes_nationaux: Vec<String>,
    #[schema(example = json!(["Fabriques de Territoire"]))]
    formations_labels: Vec<String>,
    #[schema(example = json!(["Label du Val de Sambre"]))]
    autres_formations_labels: Vec<String>,
    #[schema(example = json!(["Se présenter"]))]
    modalites_acces: Vec<String>,
    #[schema(example = json!(["Dans un atelier collectif"]))]
    modalites_accompagnement: Vec<String>,
    #[schema(example = "https://acceslibre.example/app/59-maubeuge/")]
    fiche_acces_libre: Option<String>,
    #[schema(example = "https://rdv.example.fr/")]
    prise_rdv: Option<String>,
    /// Not of the standard: a third place does at least two of these five.
    #[schema(example = json!(["Médiation numérique", "Coworking"]))]
    activites_tiers_lieu: Vec<String>,
    /// Not of the standard: a file of version 0.1 says that passes are taken there. Told, and never believed.
    #[schema(example = false)]
    pass_numerique_declare: bool,
}
