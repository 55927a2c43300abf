//! The configuration file: one `KEY=value` line for each setting, the key being the setting's environment variable. It
//! is written from the definitions of the options and read through them, so that neither can say what the program does
//! not do. What never lives here: an option.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::{Path, PathBuf};

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Args as _, Command};

use super::Settings;
use crate::telemetry::Log;

const HEAD: &str = "\
# Configuration de Récépissé : les réglages du service et leurs valeurs par défaut (« recepisse config »).
#
# Pour l'employer : recepisse serve --config FICHIER, ou la variable RECEPISSE_CONFIG. Les autres commandes le lisent aussi.
# Pour régler : enlever le # qui précède la clé, et changer la valeur. Elle va jusqu'à la fin de la ligne, sans guillemets ;
# une valeur vide laisse le réglage à son défaut. Une ligne qui commence par # est un commentaire.
# L'option de la commande l'emporte sur la variable d'environnement du nom de la clé, qui l'emporte sur ce fichier.
";

/// Why a configuration file is refused: nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("le fichier de configuration {} ne peut pas être lu ({reason})", path.display())]
    Unreadable { path: PathBuf, reason: std::io::Error },
    #[error("{}, ligne {line} : {mistake}", path.display())]
    Mistaken { path: PathBuf, line: usize, mistake: Mistake },
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    #[error("une ligne est CLÉ=valeur, ou commence par #")]
    NoKey,
    #[error("la clé {0} n'existe pas ; « recepisse config » les donne toutes")]
    UnknownKey(String),
    #[error("{key} est déjà à la ligne {first}")]
    Repeated { key: String, first: usize },
    #[error("{0} : la valeur s'écrit sans guillemets")]
    Quoted(String),
    #[error("{key} : {expected}")]
    Value { key: String, expected: String },
}

/// What a file sets; every value is one that its option takes.
#[derive(Debug, Default)]
pub struct ConfigurationFile {
    /// Line and value by key.
    values: BTreeMap<String, (usize, String)>,
}

impl ConfigurationFile {
    /// Reads a file, to the first mistake.
    ///
    /// # Errors
    /// [`FileError`], which names the file and the line.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let unreadable = |reason| FileError::Unreadable { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text).map_err(|(line, mistake)| FileError::Mistaken { path: path.to_owned(), line, mistake })
    }

    fn parse(text: &str) -> Result<Self, (usize, Mistake)> {
        let options = options();
        let mut values = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = setting(&options, line).map_err(|mistake| (number, mistake))?;
            if let Some((first, _)) = values.insert(key.to_owned(), (number, value.to_owned())) {
                return Err((number, Mistake::Repeated { key: key.to_owned(), first }));
            }
        }
        Ok(Self { values })
    }

    /// The command, its defaults replaced by what the file sets, and those of its subcommands.
    #[must_use]
    pub fn as_defaults(&self, command: Command) -> Command {
        let with_default = |option: Arg| match key(&option).and_then(|key| self.values.get(key)) {
            Some((_, value)) if !value.is_empty() => option.default_value(value),
            _ => option,
        };
        command.mut_args(with_default).mut_subcommands(|subcommand| self.as_defaults(subcommand))
    }
}

/// Key and value of a line, which the key's option takes.
fn setting<'a>(options: &Command, line: &'a str) -> Result<(&'a str, &'a str), Mistake> {
    let (name, value) = line.split_once('=').ok_or(Mistake::NoKey)?;
    let (name, value) = (name.trim(), value.trim());
    let option = options.get_arguments().find(|option| key(option) == Some(name));
    let option = option.ok_or_else(|| Mistake::UnknownKey(name.to_owned()))?;
    if value.starts_with(['"', '\'']) {
        return Err(Mistake::Quoted(name.to_owned()));
    }
    match objection(option, value) {
        Some(expected) if !value.is_empty() => Err(Mistake::Value { key: name.to_owned(), expected }),
        _ => Ok((name, value)),
    }
}

/// What the option says against the value, if anything.
fn objection(option: &Arg, value: &str) -> Option<String> {
    let option = option.clone().action(ArgAction::Set);
    let argument = format!("--{}={value}", option.get_long().unwrap_or_default());
    let refused = Command::new("").no_binary_name(true).arg(option).try_get_matches_from([argument]).err()?;
    if let Some(said) = refused.source() {
        return Some(said.to_string());
    }
    match refused.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) => Some(format!("les valeurs possibles sont {}", values.join(", "))),
        _ => Some("valeur refusée".to_owned()),
    }
}

/// The settings of the service, log included.
fn options() -> Command {
    Log::augment_args(Settings::augment_args(Command::new("recepisse")))
}

/// The key of an option is the name of its environment variable.
fn key(option: &Arg) -> Option<&str> {
    option.get_env().and_then(std::ffi::OsStr::to_str)
}

/// The file that sets every option to its default, each behind a `#`.
#[must_use]
pub fn commented_default() -> String {
    let mut text = vec![HEAD.to_owned()];
    let mut heading = None;
    for option in options().get_arguments() {
        let Some(key) = key(option) else { continue };
        if option.get_help_heading() != heading {
            heading = option.get_help_heading();
            text.push(format!("\n\n# {}\n", heading.unwrap_or_default().to_uppercase()));
        }
        let help = option.get_help().map(StyledStr::to_string).unwrap_or_default();
        text.push(format!("\n# {help}{}\n#{key}={}\n", choices(option), default(option)));
    }
    text.concat()
}

/// What the option is when nobody sets it; empty where that is told in words.
fn default(option: &Arg) -> &str {
    match option.get_action() {
        ArgAction::SetTrue => "false",
        _ => option.get_default_values().first().and_then(|value| value.to_str()).unwrap_or_default(),
    }
}

/// The values among which the option's is chosen.
fn choices(option: &Arg) -> String {
    let option = option.clone().action(ArgAction::Set);
    let values = option.get_possible_values();
    let names: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
    if names.is_empty() { String::new() } else { format!(" [valeurs : {}]", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> (usize, String) {
        let (line, mistake) = ConfigurationFile::parse(text).unwrap_err();
        (line, mistake.to_string())
    }

    #[test]
    fn every_mistake_names_its_line_and_its_key() {
        for (text, line, told) in [
            ("\n# x\nRECEPISSE_GROUP 5", 3, "une ligne est CLÉ=valeur, ou commence par #"),
            ("RECEPISSE_GROUPE=5", 1, "la clé RECEPISSE_GROUPE n'existe pas ; « recepisse config » les donne toutes"),
            ("RECEPISSE_CONFIG=x", 1, "la clé RECEPISSE_CONFIG n'existe pas ; « recepisse config » les donne toutes"),
            ("RECEPISSE_GROUP=5\r\n\r\nRECEPISSE_GROUP=6", 3, "RECEPISSE_GROUP est déjà à la ligne 1"),
            ("RECEPISSE_GROUP=0", 1, "RECEPISSE_GROUP : un nombre entier de 1 à 1024 est attendu"),
            (
                "RECEPISSE_LISTEN=8080",
                1,
                "RECEPISSE_LISTEN : une adresse et un port sont attendus, comme 127.0.0.1:8080",
            ),
            ("RECEPISSE_LOG_FORMAT=xml", 1, "RECEPISSE_LOG_FORMAT : les valeurs possibles sont auto, texte, json"),
            (
                "RECEPISSE_ALLOW_PLAIN_REMOTE_DATABASE=oui",
                1,
                "RECEPISSE_ALLOW_PLAIN_REMOTE_DATABASE : les valeurs possibles sont true, false",
            ),
            ("RECEPISSE_DATA_DIR=\"/srv\"", 1, "RECEPISSE_DATA_DIR : la valeur s'écrit sans guillemets"),
        ] {
            assert_eq!(mistake(text), (line, told.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_value_goes_to_the_end_of_its_line_and_an_empty_one_sets_nothing() {
        let file = ConfigurationFile::parse(" RECEPISSE_DATA_DIR = /srv/a = b # c \nRECEPISSE_LISTEN=\n").unwrap();
        let command = file.as_defaults(options());
        let default = |name: &str| {
            let option = command.get_arguments().find(|option| key(option) == Some(name)).unwrap();
            option.get_default_values()[0].to_str().unwrap().to_owned()
        };
        assert_eq!(default("RECEPISSE_DATA_DIR"), "/srv/a = b # c");
        assert_eq!(default("RECEPISSE_LISTEN"), "127.0.0.1:8080");
    }

    /// Whatever the help of an option promises, the option takes, and nothing beyond.
    #[test]
    fn the_bounds_that_a_help_names_are_those_that_are_held() {
        let mut bounded = 0;
        for option in options().get_arguments() {
            let help = option.get_help().unwrap().to_string();
            let Some((_, bounds)) = help.split_once(", de ") else { continue };
            let numbers: Vec<u64> = bounds.split(' ').filter_map(|word| word.parse().ok()).collect();
            let [least, most, ..] = numbers[..] else { continue };
            for (value, taken) in [(least, true), (most, true), (least - 1, false), (most + 1, false)] {
                assert_eq!(objection(option, &value.to_string()).is_none(), taken, "{help}: {value}");
            }
            bounded += 1;
        }
        assert!(bounded >= 12, "{bounded}");
    }

    #[test]
    fn every_setting_has_a_key_a_heading_and_a_help() {
        for option in options().get_arguments() {
            let name = option.get_id();
            assert!(key(option).is_some_and(|key| key.starts_with("RECEPISSE_")), "{name}");
            assert!(option.get_help().is_some() && option.get_help_heading().is_some(), "{name}");
        }
    }
}
