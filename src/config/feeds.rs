//! To whom the service may tell what happens. What never lives here: a subscriber.

/// What the service may call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Abonnements")]
pub struct Feeds {
    #[arg(
        long,
        env = "RECEPISSE_ALLOW_PRIVATE_WEBHOOKS",
        help = "Appeler aussi, sans chiffrement s'il le faut, les abonnés d'un réseau privé (réseau de confiance seulement)"
    )]
    pub allow_private_webhooks: bool,
}
