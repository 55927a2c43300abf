//! How the service listens, writes, reads and remembers. The defaults are those of the parts that they set. What never
//! lives here: a default that no part has.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::Place;
use super::bounds::Bounds;
use crate::http::Listening;
use crate::ledger::Options;

const WORKERS: Bounds = Bounds { least: 1, most: 256 };
const CONNECTIONS: Bounds = Bounds { least: 1, most: 65_536 };
const HEADER: Bounds = Bounds { least: 1, most: 60 };
const BODY: Bounds = Bounds { least: 1, most: 300 };
const KEEP_ALIVE: Bounds = Bounds { least: 1, most: 300 };
const STOP: Bounds = Bounds { least: 1, most: 300 };
const PASSWORD_CHECKS: Bounds = Bounds { least: 1, most: 32 };
const GROUP: Bounds = Bounds { least: 1, most: 1_024 };
const QUEUE: Bounds = Bounds { least: 1, most: 65_536 };
const WAIT: Bounds = Bounds { least: 1, most: 60 };
const SLOW_GROUP: Bounds = Bounds { least: 1, most: 60_000 };
const READERS: Bounds = Bounds { least: 3, most: 64 };

/// Where the service listens, and within which bounds.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Service HTTP")]
pub struct Http {
    #[arg(
        long,
        value_name = "ADRESSE",
        env = "RECEPISSE_LISTEN",
        default_value = "127.0.0.1:8080",
        value_parser = address,
        help = "Adresse et port d'écoute"
    )]
    pub listen: SocketAddr,
    #[arg(
        long,
        value_name = "FILS",
        env = "RECEPISSE_WORKERS",
        value_parser = WORKERS.count(),
        help = WORKERS.told("Fils d'exécution qui lisent les requêtes") + " [défaut : un par cœur]"
    )]
    workers: Option<usize>,
    #[arg(
        long,
        value_name = "CONNEXIONS",
        env = "RECEPISSE_CONNECTIONS",
        default_value = "512",
        value_parser = CONNECTIONS.count(),
        help = CONNECTIONS.told("Connexions servies à la fois") + " ; au-delà de 512, relever la limite de fichiers ouverts du système"
    )]
    connections: usize,
    #[arg(
        long,
        value_name = "SECONDES",
        env = "RECEPISSE_HEADER_SECONDS",
        default_value = "5",
        value_parser = HEADER.seconds(),
        help = HEADER.told("Délai pour recevoir l'en-tête d'une requête, en secondes")
    )]
    header_seconds: Duration,
    #[arg(
        long,
        value_name = "SECONDES",
        env = "RECEPISSE_BODY_SECONDS",
        default_value = "10",
        value_parser = BODY.seconds(),
        help = BODY.told("Délai pour recevoir un corps, en secondes, plus une par 64 Kio reçus")
    )]
    body_seconds: Duration,
    #[arg(
        long,
        value_name = "SECONDES",
        env = "RECEPISSE_KEEP_ALIVE_SECONDS",
        default_value = "15",
        value_parser = KEEP_ALIVE.seconds(),
        help = KEEP_ALIVE.told("Durée pendant laquelle une connexion sans requête reste ouverte, en secondes")
    )]
    keep_alive_seconds: Duration,
    #[arg(
        long,
        value_name = "SECONDES",
        env = "RECEPISSE_STOP_SECONDS",
        default_value = "10",
        value_parser = STOP.seconds(),
        help = STOP.told("Délai laissé aux requêtes en cours quand le service s'arrête, en secondes")
    )]
    stop_seconds: Duration,
    #[arg(
        long,
        value_name = "CALCULS",
        env = "RECEPISSE_PASSWORD_CHECKS",
        default_value = "2",
        value_parser = PASSWORD_CHECKS.count(),
        help = PASSWORD_CHECKS.told("Mots de passe vérifiés à la fois") + " ; chacun occupe un cœur et 64 Mio"
    )]
    pub password_checks: usize,
}

impl Http {
    /// The bounds of the server.
    #[must_use]
    pub fn listening(&self) -> Listening {
        Listening {
            workers: self.workers.unwrap_or(Listening::default().workers),
            connections: self.connections,
            header_deadline: self.header_seconds,
            keep_alive: self.keep_alive_seconds,
            stop: self.stop_seconds,
        }
    }

    /// What a body may take to come.
    #[must_use]
    pub const fn body_deadline(&self) -> Duration {
        self.body_seconds
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "une adresse et un port sont attendus, comme 127.0.0.1:8080".to_owned())
}

/// How acts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Écriture")]
pub struct Writing {
    #[arg(
        long,
        value_name = "ACTES",
        env = "RECEPISSE_GROUP",
        default_value = "256",
        value_parser = GROUP.count(),
        help = GROUP.told("Actes écrits au plus en une transaction") + " ; 1 : un acte par validation sur disque"
    )]
    group: usize,
    #[arg(
        long,
        value_name = "ACTES",
        env = "RECEPISSE_QUEUE",
        default_value = "1024",
        value_parser = QUEUE.count(),
        help = QUEUE.told("Actes qui peuvent attendre l'écriture") + " ; au-delà, le service répond qu'il faut revenir"
    )]
    queue: usize,
    #[arg(
        long,
        value_name = "SECONDES",
        env = "RECEPISSE_WAIT_SECONDS",
        default_value = "10",
        value_parser = WAIT.seconds(),
        help = WAIT.told("Attente au plus de l'écriture d'un acte, en secondes") + " ; au-delà, l'issue est inconnue jusqu'au renvoi de la même clé"
    )]
    wait_seconds: Duration,
    #[arg(
        long,
        value_name = "MILLISECONDES",
        env = "RECEPISSE_SLOW_GROUP_MILLIS",
        default_value = "250",
        value_parser = SLOW_GROUP.millis(),
        help = SLOW_GROUP.told("Durée à partir de laquelle un groupe d'actes est signalé avec le temps de chaque étape, en millisecondes")
    )]
    slow_group_millis: Duration,
}

impl Writing {
    /// How the ledger writes.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            group: NonZeroUsize::new(self.group).unwrap_or(NonZeroUsize::MIN),
            slow_group: self.slow_group_millis,
            queue: self.queue,
            longest_wait: self.wait_seconds,
            ..Options::default()
        }
    }
}

/// Where and how widely is read.
#[derive(Clone, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Lecture")]
pub struct Reading {
    #[arg(
        long,
        value_name = "CONNEXIONS",
        env = "RECEPISSE_READERS",
        value_parser = READERS.count(),
        help = READERS.told("Connexions de lecture à la base, dont deux au plus pour les états") + " [défaut : 4 sur SQLite, 8 sur PostgreSQL]"
    )]
    readers: Option<usize>,
    #[arg(
        long,
        value_name = "URL",
        env = "RECEPISSE_READ_DATABASE",
        hide_env_values = true,
        help = "Réplique PostgreSQL où lire états, exports et vérifications [défaut : la base principale]"
    )]
    read_database: Option<String>,
}

impl Reading {
    /// Connections that read; none: as many as the engine is usually given.
    #[must_use]
    pub fn readers(&self) -> Option<u32> {
        self.readers.and_then(|readers| u32::try_from(readers).ok())
    }

    /// The replica's URL, with its password if it has one: not to be shown.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        self.read_database.as_deref()
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Reading");
        shown.field("readers", &self.readers).field("replica", &self.read_database.is_some()).finish()
    }
}

/// What is remembered outside the database.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Mémoire hors de la base")]
pub struct Remembering {
    #[arg(
        long,
        value_name = "FICHIER",
        env = "RECEPISSE_HEAD_FILE",
        help = "Fichier des dernières têtes de journal, de préférence sur un autre volume que la base [défaut : DOSSIER/heads]"
    )]
    head_file: Option<PathBuf>,
}

impl Remembering {
    /// The file of the heads.
    #[must_use]
    pub fn head_file(&self, place: &Place) -> PathBuf {
        self.head_file.clone().unwrap_or_else(|| place.data_dir().join("heads"))
    }
}
