//! Whether the service closes periods by itself, and whose witness it takes. What never lives here: which period is due.

use std::path::PathBuf;

use crate::receipts::note::NamedKey;

/// What the service closes by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Clôtures")]
pub struct Closings {
    #[arg(
        long,
        value_name = "ADRESSE",
        env = "RECEPISSE_CLOSE_AS",
        help = "Compte du service des finances au nom duquel les jours, les mois et les années passés sont clos [défaut : rien n'est clos de soi-même]"
    )]
    pub close_as: Option<String>,
    #[arg(
        long = "witness",
        value_name = "CLÉ",
        env = "RECEPISSE_WITNESS",
        value_delimiter = ',',
        value_parser = witness,
        help = "Clés des témoins, comme « recepisse witness --show-key » les écrit, séparées par des virgules [défaut : aucun témoin]"
    )]
    pub witnesses: Vec<NamedKey>,
    #[arg(
        long,
        value_name = "DOSSIER",
        env = "RECEPISSE_WITNESS_FOLDER",
        help = "Dossier où les témoins déposent ce qu'ils ont signé (*.note) : ce qui vaut est pris et rangé dans pris/, le reste dans refuses/ avec la raison [défaut : aucun]"
    )]
    pub witness_folder: Option<PathBuf>,
}

fn witness(text: &str) -> Result<NamedKey, String> {
    NamedKey::parse(text).ok_or_else(|| "une clé de témoin s'écrit NOM+EMPREINTE+CLÉ".to_owned())
}
