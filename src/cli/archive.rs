//! `archive`, `verify-archive` and `import-archive`: a programme carried out of this register, checked, and put back where
//! nothing is. What never lives here: what an archive holds (see `archive`).

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::{Finding, output, place};
use crate::archive::{self, ArchiveError, Manifest, Wanted};
use crate::clock::{Clock, SystemClock};
use crate::config::Place;
use crate::demo::thousands;
use crate::domain::time::Day;
use crate::store::Access;

#[derive(Debug, clap::Args)]
pub(super) struct Archive {
    #[command(flatten)]
    place: Place,
    #[arg(long, value_name = "CODE", help = "Dispositif [défaut : le seul de la base]")]
    programme: Option<String>,
    #[arg(
        long,
        value_name = "AAAA",
        conflicts_with = "until",
        help = "Une année qui est finie : le journal jusqu'à sa fin, et les comptes de l'année [défaut : le journal entier]"
    )]
    year: Option<i32>,
    #[arg(long, value_name = "AAAA-MM-JJ", value_parser = super::export::day, help = "Dernier jour, qui est fini")]
    until: Option<Day>,
    #[arg(long, value_name = "DOSSIER", help = "Dossier à créer, ou fichier si le nom finit par .zip")]
    output: PathBuf,
    #[arg(long, value_name = "HEX", help = "Autre clé publique qui a scellé le début du journal ; répétable")]
    public_key: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Checking {
    #[arg(value_name = "ARCHIVE", help = "Dossier de l'archive, ou son fichier .zip")]
    archive: PathBuf,
    #[arg(
        long,
        value_name = "HEX",
        help = "Clé publique à croire, obtenue par une autre voie ; répétable [défaut : celles de l'archive elle-même]"
    )]
    public_key: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Import {
    #[command(flatten)]
    place: Place,
    #[arg(
        long,
        value_name = "ARCHIVE",
        help = "Dossier de l'archive, ou son fichier .zip ; elle est d'un journal entier"
    )]
    archive: PathBuf,
    #[arg(
        long,
        value_name = "HEX",
        help = "Clé publique à croire, obtenue par une autre voie ; répétable [défaut : celles de l'archive elle-même]"
    )]
    public_key: Vec<String>,
}

/// The period asked for, which must be over: what is archived no longer changes.
fn period(asked: &Archive, today: Day) -> anyhow::Result<(Option<Day>, Option<Day>)> {
    let period = match (asked.year, asked.until) {
        (None, until) => (None, until),
        (Some(year), _) => {
            let day =
                |month, day| Day::new(year, month, day).with_context(|| format!("--year : {year} n'est pas une année"));
            (Some(day(1, 1)?), Some(day(12, 31)?))
        }
    };
    match period.1.filter(|until| *until >= today) {
        Some(until) => {
            bail!("le {} n'est pas encore passé : une archive est d'une période qui est finie.", until.french())
        }
        None => Ok(period),
    }
}

pub(super) fn archive(asked: &Archive, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let (from, until) = period(asked, SystemClock.now().day())?;
    let store = place::existing(&asked.place, Access::Read)?;
    let programme = place::programme(&store, asked.programme.as_deref())?;
    let keys = place::own_keys(&asked.place)?;
    let others = place::public_keys(&asked.public_key)?;
    let wanted = Wanted { programme: &programme, from, until };
    let bar = output::bar(programme.code.as_str());
    let mut tell = |done, total| output::tell(&bar, done, total);
    let packed = asked.output.extension().is_some_and(|extension| extension == "zip");
    let write = if packed { archive::make_packed } else { archive::make };
    let made = write(&store, (keys.seal_key(), &others), &wanted, &asked.output, &mut tell);
    bar.finish_and_clear();
    let manifest = made.context("l'archive n'a pas été faite")?;
    writeln!(out, "Archive faite dans {}.", asked.output.display())?;
    tell_manifest(&manifest, out)?;
    writeln!(
        out,
        "  NOTICE.md dit comment la vérifier sans ce programme. Ni clé, ni code de pass, ni personne n'y figure."
    )?;
    Ok(Finding::Well)
}

pub(super) fn verify(asked: &Checking, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let trusted = place::public_keys(&asked.public_key)?;
    let checked =
        archive::open(&asked.archive, &trusted).and_then(|archive| archive::check(archive.folder(), &trusted));
    match checked {
        Ok(found) => {
            writeln!(out, "{} : archive conforme.", found.manifest.programme)?;
            tell_manifest(&found.manifest, out)?;
            writeln!(out, "  {} fichiers, {} sceaux", found.files, thousands(found.journal.seals))?;
            if trusted.is_empty() {
                writeln!(out, "  NON VÉRIFIÉ : que les clés sont celles du dispositif ; donnez-les par --public-key.")?;
            }
            Ok(Finding::Well)
        }
        Err(ArchiveError::Unsound(found)) => {
            writeln!(out, "{found}.")?;
            Ok(Finding::Wrong)
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn import(asked: &Import, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let trusted = place::public_keys(&asked.public_key)?;
    let archive = archive::open(&asked.archive, &trusted).context("rien n'a été remonté")?;
    archive::check(archive.folder(), &trusted).context("rien n'a été remonté")?;
    let store = place::create(&asked.place)?;
    let bar = output::bar("vérification");
    let mut tell = |done, total| output::tell(&bar, done, total);
    let imported = archive::import(archive.folder(), &store, &trusted, &mut tell);
    bar.finish_and_clear();
    let imported = imported.context("le registre n'a pas été remonté")?;
    writeln!(
        out,
        "Registre remonté dans {}, et conforme : même dernière empreinte, mêmes soldes.",
        asked.place.shown()
    )?;
    tell_manifest(&imported.manifest, out)?;
    writeln!(
        out,
        "  Ce qu'une archive ne contient pas : les personnes, les codes des pass, les comptes des agents, les réponses \
         gardées. Créez un compte, et remettez en place les clés du registre d'origine pour prolonger le même journal."
    )?;
    Ok(Finding::Well)
}

fn tell_manifest(manifest: &Manifest, out: &mut dyn Write) -> std::io::Result<()> {
    let receipts = thousands(manifest.receipts);
    writeln!(out, "  {} : {receipts} récépissés, jusqu'au {}", manifest.programme, manifest.until)?;
    writeln!(out, "  dernière empreinte {}", manifest.head)
}
