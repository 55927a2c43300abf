//! The command line: another way of saying the same acts, and what only an operator does (start, set up, verify,
//! export). Every command answers with an exit code: 0 when it did what was asked and found all well, 1 when it
//! found a break or could not, 2 when it was not understood. What never lives here: SQL, a rule, or a figure.

mod accounts;
mod backup;
mod check;
mod demo;
mod export;
mod output;
mod place;
mod serve;
#[cfg(test)]
mod tests;
mod words;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Listen, Place, Remembering, Reports, Writing};
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
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(about = "Démarre le serveur")]
    Serve {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        listen: Listen,
        #[command(flatten)]
        writing: Writing,
        #[command(flatten)]
        remembering: Remembering,
        #[command(flatten)]
        reports: Reports,
    },
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
    #[command(about = "Recalcule soldes, carnets, pass et séries depuis les récépissés, et compare (--check)")]
    Rebuild(check::Rebuild),
    #[command(about = "Exporte un état en CSV ou JSON, ou le journal vérifiable (journal)")]
    Export(export::Export),
    #[command(
        about = "Copie la base pendant qu'elle sert, vérifie la copie et en dresse le manifeste (jamais les clés)"
    )]
    Backup(backup::Backup),
    #[command(about = "Remet une sauvegarde en place, là où il n'y a rien")]
    Restore(backup::Restore),
    #[command(about = "Installe un registre de démonstration, affiche son compte d'emploi, puis démarre le serveur")]
    Demo(demo::Demo),
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
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let text = words::of_arguments(&error);
            // Help and version are answers, not errors. Nobody is left to tell when writing fails.
            let told = if error.use_stderr() {
                std::io::stderr().write_all(text.as_bytes())
            } else {
                out.write_all(text.as_bytes())
            };
            drop(told);
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
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

fn carry_out(command: Command, out: &mut dyn Write) -> anyhow::Result<Finding> {
    match command {
        Command::Serve { place, listen, writing, remembering, reports } => {
            serve::serve((&place, &remembering), &listen, (writing, &reports), out)
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
        Command::Export(export) => export::export(&export, out),
        Command::Backup(asked) => backup::backup(&asked, out),
        Command::Restore(asked) => backup::restore(&asked, out),
        Command::Demo(demo) => demo::demo(&demo, out),
    }
}
