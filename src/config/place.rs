//! Where the register is: its database, its keys. What never lives here: a secret in clear in a `Debug` or in a help
//! text.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where the register is.
#[derive(Clone, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Base et clés")]
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
        env = "RECEPISSE_ALLOW_PLAIN_REMOTE_DATABASE",
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
