//! `backup` and `restore`: a copy of the register taken while it serves, and put back where nothing is. What never lives
//! here: the copy itself (see `backup`), or the declaration of what it lacks.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;

use super::{Finding, place};
use crate::backup::{self, Manifest, Source};
use crate::clock::{Clock, SystemClock};
use crate::config::Place;
use crate::demo::thousands;
use crate::store::Options;

#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    #[command(flatten)]
    place: Place,
    #[arg(long, value_name = "DOSSIER", help = "Dossier à créer, qui contiendra la copie et son manifeste")]
    output: PathBuf,
    #[arg(long, help = "Ne pas rouvrir la copie pour en vérifier la chaîne, les sceaux et les soldes")]
    no_verify: bool,
    #[command(flatten)]
    programs: Programs,
}

#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    #[command(flatten)]
    place: Place,
    #[arg(long, value_name = "DOSSIER", help = "Dossier de la sauvegarde")]
    from: PathBuf,
    #[command(flatten)]
    programs: Programs,
}

#[derive(Debug, clap::Args)]
struct Programs {
    #[arg(
        long,
        value_name = "DOSSIER",
        help = "Dossier de pg_dump et pg_restore, pour une base PostgreSQL [défaut : le chemin des programmes]"
    )]
    postgresql_bin: Option<PathBuf>,
}

pub(super) fn backup(asked: &Backup, out: &mut dyn Write) -> anyhow::Result<Finding> {
    place::must_exist(&asked.place)?;
    let trusted = if asked.no_verify { None } else { Some(place::trusted(&asked.place, &[])?) };
    let (url, options) = (asked.place.database(), options(&asked.place));
    let source = Source { url: &url, options: &options, programs: asked.programs.postgresql_bin.as_deref() };
    let made = backup::make(&source, &asked.output, SystemClock.now(), trusted.as_deref());
    let manifest = made.context("la sauvegarde n'a pas été faite")?;
    writeln!(out, "Sauvegarde faite dans {}.", asked.output.display())?;
    tell(&manifest, out)?;
    if !manifest.verified {
        writeln!(out, "La copie n'a pas été vérifiée (--no-verify).")?;
    }
    writeln!(out, "{}", manifest.keys)?;
    Ok(Finding::Well)
}

pub(super) fn restore(asked: &Restore, out: &mut dyn Write) -> anyhow::Result<Finding> {
    place::make_folders(&asked.place)?;
    let (url, options) = (asked.place.database(), options(&asked.place));
    let target = Source { url: &url, options: &options, programs: asked.programs.postgresql_bin.as_deref() };
    let put_back = backup::put_back(&asked.from, &target, asked.place.file().as_deref());
    let manifest = put_back.context("rien n'a été restauré")?;
    writeln!(out, "Sauvegarde du {} restaurée dans {}.", manifest.at, asked.place.shown())?;
    tell(&manifest, out)?;
    writeln!(
        out,
        "Remettez en place les clés, puis lancez « recepisse verify ». Si des récépissés ont été remis depuis cette \
         sauvegarde, le serveur démarre en lecture seule et le dit : l'administrateur du dispositif déclare la perte, le \
         service des finances la confirme, et les numéros suivants portent une nouvelle époque."
    )?;
    Ok(Finding::Well)
}

fn tell(manifest: &Manifest, out: &mut dyn Write) -> std::io::Result<()> {
    for head in &manifest.programmes {
        let receipts = thousands(head.position);
        writeln!(out, "  {} : {receipts} récépissés, époque {}, tête {}", head.programme, head.epoch, head.hash)?;
    }
    writeln!(out, "  {} : {} octets, SHA-256 {}", manifest.file, manifest.bytes, manifest.sha256)
}

fn options(place: &Place) -> Options {
    Options { allow_plain_remote: place.allows_plain_remote_database(), ..Options::default() }
}
