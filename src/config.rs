//! Where an installation is: its database, its data directory, its address. Read once from the arguments, and from the
//! environment where an argument is missing; nothing else reads the environment. What never lives here: a secret in
//! clear in a `Debug` or in a help text.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Where the register is.
#[derive(Clone, clap::Args)]
pub struct Place {
    #[arg(
        long,
        value_name = "URL",
        env = "RECEPISSE_DATABASE",
        hide_env_values = true,
        help = "Base de données : sqlite:CHEMIN ou postgres://UTILISATEUR@HÔTE/NOM [défaut : sqlite:DOSSIER/recepisse.sqlite]"
    )]
    database: Option<String>,
    #[arg(
        long,
        value_name = "DOSSIER",
        env = "RECEPISSE_DATA_DIR",
        default_value = "data",
        help = "Dossier des clés et de la base"
    )]
    data_dir: PathBuf,
    #[arg(
        long,
        help = "Accepter une base PostgreSQL distante sans chiffrement de la connexion (réseau de confiance seulement)"
    )]
    allow_plain_remote_database: bool,
}

impl Place {
    /// The database's URL, with its password if it has one: not to be shown. See [`Self::shown`].
    #[must_use]
    pub fn database(&self) -> String {
        match &self.database {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", self.data_dir.join("recepisse.sqlite").display()),
        }
    }

    /// The same without what stands between `//` and `@`.
    #[must_use]
    pub fn shown(&self) -> String {
        let url = self.database();
        match (url.split_once("://"), url.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
            _ => url,
        }
    }

    /// The file of the database; `None` where a server has it.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        let url = self.database();
        if url.contains("://") && !url.starts_with("sqlite:") {
            return None;
        }
        let path = url.strip_prefix("sqlite:").unwrap_or(&url);
        Some(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
    }

    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The folder of the keys.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.data_dir.join("keys")
    }

    #[must_use]
    pub const fn allows_plain_remote_database(&self) -> bool {
        self.allow_plain_remote_database
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place")
            .field("database", &self.shown())
            .field("data_dir", &self.data_dir)
            .field("allow_plain_remote_database", &self.allow_plain_remote_database)
            .finish()
    }
}

/// Where the server listens.
#[derive(Debug, Clone, clap::Args)]
pub struct Listen {
    #[arg(
        long,
        value_name = "ADRESSE",
        env = "RECEPISSE_LISTEN",
        default_value = "127.0.0.1:8080",
        help = "Adresse et port d'écoute"
    )]
    pub listen: SocketAddr,
}

/// What is remembered outside the database.
#[derive(Debug, Clone, clap::Args)]
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
        self.head_file.clone().unwrap_or_else(|| place.data_dir.join("heads"))
    }
}

/// How acts are written.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Writing {
    #[arg(
        long,
        value_name = "ACTES",
        env = "RECEPISSE_GROUP",
        default_value = "256",
        help = "Actes écrits au plus en une transaction (1 : un acte par validation sur disque)"
    )]
    pub group: NonZeroUsize,
    #[arg(
        long,
        value_name = "MILLISECONDES",
        env = "RECEPISSE_SLOW_GROUP_MILLIS",
        default_value = "250",
        value_parser = clap::value_parser!(u64).range(1..=60_000),
        help = "Durée, de 1 à 60000, à partir de laquelle un groupe d'actes est signalé avec le temps de chaque étape"
    )]
    pub slow_group_millis: u64,
}

/// Where reports are read.
#[derive(Clone, clap::Args)]
pub struct Reports {
    #[arg(
        long,
        value_name = "URL",
        env = "RECEPISSE_READ_DATABASE",
        hide_env_values = true,
        help = "Réplique PostgreSQL où lire états, exports et vérifications [défaut : la base principale]"
    )]
    read_database: Option<String>,
}

impl Reports {
    /// The replica's URL, with its password if it has one: not to be shown.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        self.read_database.as_deref()
    }
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reports").field("replica", &self.read_database.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Only {
        #[command(flatten)]
        place: Place,
    }

    fn place(arguments: &[&str]) -> Place {
        Only::try_parse_from([&["test"], arguments].concat()).unwrap().place
    }

    #[test]
    fn the_database_stands_in_the_data_directory_unless_it_is_named() {
        let place = place(&["--data-dir", "/srv/pn"]);
        assert_eq!(place.database(), "sqlite:/srv/pn/recepisse.sqlite");
        assert_eq!(place.file().unwrap(), Path::new("/srv/pn/recepisse.sqlite"));
        assert_eq!(place.keys(), Path::new("/srv/pn/keys"));
    }

    #[test]
    fn a_password_in_a_url_is_never_shown() {
        let place = place(&["--database", "postgres://pn:s3cr3t@localhost/pn"]);
        assert!(place.file().is_none());
        assert_eq!(place.shown(), "postgres://…@localhost/pn");
        assert!(!format!("{place:?}").contains("s3cr3t"));
        assert!(place.database().contains("s3cr3t"));
    }

    #[test]
    fn a_sqlite_database_is_a_file_however_it_is_written() {
        for url in ["sqlite:x.db", "sqlite://x.db", "x.db"] {
            assert_eq!(place(&["--database", url]).file().unwrap(), Path::new("x.db"), "{url}");
        }
    }
}
