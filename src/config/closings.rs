//! Whether the service closes periods by itself. What never lives here: which period is due.

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
}
