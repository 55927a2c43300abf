//! The command line: another way of saying the same acts, and what only an operator does (start, set up, verify,
//! export). Every command answers with an exit code: 0 when it did what was asked and found all well, 1 when it
//! found a break or could not, 2 when it was not understood. What never lives here: SQL, a rule, or a figure.

mod accounts;
mod archive;
mod backup;
mod check;
mod close;
mod demo;
mod desk;
mod erase;
mod export;
mod output;
mod people_keys;
mod place;
mod serve;
#[cfg(test)]
mod tests;
mod watch;
mod witness;
mod words;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{self, ConfigurationFile, FileError, Place, Settings};
use crate::telemetry::{self, Log};

/// The arguments.
#[derive(Debug, Parser)]
#[command(
    name = "recepisse",
    version,
    about = "Le registre ouvert du pass numérique : chaque remise laisse un récépissé numéroté et scellé",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(flatten)]
    log: Log,
    #[arg(
        long,
        value_name = "FICHIER",
        env = "RECEPISSE_CONFIG",
        global = true,
        help = "Fichier de configuration ; « recepisse config » en écrit un"
    )]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// Why nothing was begun.
enum Misunderstood {
    /// The arguments; or help and version, which were asked for.
    Arguments(clap::Error),
    File(FileError),
}

impl Arguments {
    /// Reads the arguments; where they name a configuration file, a second time over what it sets.
    fn understand(arguments: Vec<OsString>) -> Result<Self, Misunderstood> {
        let read = Self::try_parse_from(&arguments).map_err(Misunderstood::Arguments)?;
        let Some(path) = &read.config else { return Ok(read) };
        let file = ConfigurationFile::read(path).map_err(Misunderstood::File)?;
        let matches = file.as_defaults(Self::command()).try_get_matches_from(arguments);
        matches.and_then(|matches| Self::from_arg_matches(&matches)).map_err(Misunderstood::Arguments)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(about = "Démarre le serveur")]
    Serve(Box<Settings>),
    #[command(about = "Écrit un fichier de configuration : chaque réglage, expliqué, à sa valeur par défaut")]
    Config,
    #[command(about = "Crée la base ou met son schéma à jour, puis s'arrête")]
    Migrate {
        #[command(flatten)]
        place: Place,
        #[arg(long, help = "Remettre les déclencheurs qui protègent les récépissés, si quelqu'un les a enlevés")]
        restore_guards: bool,
    },
    #[command(about = "Organismes", subcommand)]
    Organisation(accounts::OrganisationCommand),
    #[command(about = "Comptes", subcommand)]
    User(accounts::UserCommand),
    #[command(about = "Écrit la description OpenAPI de l'interface")]
    Openapi,
    #[command(
        about = "Vérifie la chaîne, les sceaux, les règles et les soldes ; code de sortie 1 à la première rupture"
    )]
    Verify(check::Verify),
    #[command(
        about = "Compare soldes, carnets, pass et séries à ce que donnent les récépissés (--check) ; ne récrit rien"
    )]
    Rebuild(check::Rebuild),
    #[command(about = "Clôture les jours, les mois et les années qui sont passés ; sans effet s'ils sont déjà clos")]
    Close(close::Close),
    #[command(
        about = "Efface ce qui est su des personnes sans contact depuis la durée de conservation ; sans effet s'il n'y en a pas"
    )]
    Erase(erase::Erase),
    #[command(about = "Clés sous lesquelles les personnes sont reconnues", subcommand)]
    PeopleKeys(people_keys::PeopleKeys),
    #[command(
        about = "Témoin : signe, d'une autre machine, que le journal n'a fait que s'allonger ; ni base ni réseau"
    )]
    Witness(witness::Witness),
    #[command(about = "Exporte un état en CSV ou JSON, ou le journal vérifiable (journal)")]
    Export(export::Export),
    #[command(
        about = "Copie la base pendant qu'elle sert, vérifie la copie et en dresse le manifeste (jamais les clés)"
    )]
    Backup(backup::Backup),
    #[command(about = "Remet une sauvegarde en place, là où il n'y a rien")]
    Restore(backup::Restore),
    #[command(
        about = "Archive un dispositif en formats ouverts, avec sa notice, ses sommes de contrôle et son vérificateur"
    )]
    Archive(archive::Archive),
    #[command(
        about = "Vérifie une archive : fichiers, signature, journal ; code de sortie 1 si elle n'est pas conforme"
    )]
    VerifyArchive(archive::Checking),
    #[command(about = "Remonte le registre d'une archive dans une base vide, et vérifie qu'il est le même")]
    ImportArchive(archive::Import),
    #[command(about = "Installe un registre de démonstration, affiche son compte d'emploi, puis démarre le serveur")]
    Demo(Box<demo::Demo>),
}

/// What a command found, when it could be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    Well,
    /// Something is not what it should be; it was said.
    Wrong,
}

/// Reads the arguments, does what they ask on the real output, and answers with the exit code.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::from(run(arguments, &mut std::io::stdout()))
}

/// The same with the standard output handed in.
fn run(arguments: impl IntoIterator<Item = OsString>, out: &mut dyn Write) -> u8 {
    let arguments = match Arguments::understand(arguments.into_iter().collect()) {
        Ok(arguments) => arguments,
        Err(misunderstood) => return answer(&misunderstood, out),
    };
    telemetry::start(&arguments.log);
    match carry_out(arguments.command, out) {
        Ok(Finding::Well) => 0,
        Ok(Finding::Wrong) => 1,
        Err(error) if words::reader_is_gone(&error) => 0,
        Err(error) => {
            eprintln!("recepisse : {}", words::of_failure(&error));
            1
        }
    }
}

/// Says why nothing was begun, and answers with the exit code.
fn answer(misunderstood: &Misunderstood, out: &mut dyn Write) -> u8 {
    let (text, code, asked_for) = match misunderstood {
        Misunderstood::Arguments(error) => (words::of_arguments(error), error.exit_code(), !error.use_stderr()),
        Misunderstood::File(error) => (format!("recepisse : {error}.\n"), 2, false),
    };
    // Help and version are answers, not errors. Nobody is left to tell when writing fails.
    drop(if asked_for { out.write_all(text.as_bytes()) } else { std::io::stderr().write_all(text.as_bytes()) });
    u8::try_from(code).unwrap_or(2)
}

fn carry_out(command: Command, out: &mut dyn Write) -> anyhow::Result<Finding> {
    match command {
        Command::Serve(settings) => serve::serve(&settings, out),
        Command::Config => {
            out.write_all(config::commented_default().as_bytes())?;
            Ok(Finding::Well)
        }
        Command::Migrate { place, restore_guards } => {
            let store = if restore_guards { place::restore_guards(&place)? } else { place::create(&place)? };
            writeln!(out, "Schéma à jour ({}, {}).", store.backend(), place.shown())?;
            Ok(Finding::Well)
        }
        Command::Organisation(command) => accounts::organisation(command, out),
        Command::User(command) => accounts::user(command, out),
        Command::Openapi => {
            writeln!(out, "{}", crate::http::openapi().to_pretty_json()?)?;
            Ok(Finding::Well)
        }
        Command::Verify(verify) => check::verify(&verify, out),
        Command::Rebuild(rebuild) => check::rebuild(&rebuild, out),
        Command::Close(asked) => close::close(&asked, out),
        Command::Erase(asked) => erase::erase(&asked, out),
        Command::PeopleKeys(asked) => people_keys::people_keys(&asked, out),
        Command::Witness(asked) => witness::witness(&asked, out),
        Command::Export(export) => export::export(&export, out),
        Command::Backup(asked) => backup::backup(&asked, out),
        Command::Restore(asked) => backup::restore(&asked, out),
        Command::Archive(asked) => archive::archive(&asked, out),
        Command::VerifyArchive(asked) => archive::verify(&asked, out),
        Command::ImportArchive(asked) => archive::import(&asked, out),
        Command::Demo(demo) => demo::demo(&demo, out),
    }
}
