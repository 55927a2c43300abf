//! `export`: a report as CSV or JSON, or the journal that anybody can verify. What never lives here: a figure.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::{Finding, output, place};
use crate::audit;
use crate::clock::{Clock, SystemClock};
use crate::config::Place;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;
use crate::reports::{self, CsvOptions, Delimiter, Headers, LastLine, Money, Request};
use crate::store::Access;

/// The export that is no report.
const JOURNAL: &str = "journal";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Csv,
    Json,
    Geojson,
    Xlsx,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "one for each switch of the command line")]
pub(super) struct Export {
    #[arg(value_name = "NOM", help = "Nom de l'état, ou journal pour le journal vérifiable (JSON Lines)")]
    name: String,
    #[command(flatten)]
    place: Place,
    #[arg(long, value_name = "FORME", help = "csv, json, geojson ou xlsx [défaut : csv]")]
    format: Option<Format>,
    #[arg(long, value_name = "CODE", help = "Dispositif [défaut : le seul de la base]")]
    programme: Option<String>,
    #[arg(long, value_name = "AAAA-MM-JJ", value_parser = day, help = "Dernier jour pris en compte [défaut : aujourd'hui]")]
    as_of: Option<Day>,
    #[arg(long, value_name = "AAAA-MM-JJ", value_parser = day, help = "Premier jour de la période")]
    from: Option<Day>,
    #[arg(long, value_name = "DÉTENTEUR", help = "Détenteur, comme l'écrivent les récépissés : prescriber:MAUB")]
    holder: Option<String>,
    #[arg(long, value_name = "NUMÉRO", help = "Numéro de série d'un carnet ou d'un pass")]
    serial: Option<String>,
    #[arg(long, value_name = "MAILLE", help = "Maille : month ou day ; territoires : commune ou epci")]
    grain: Option<String>,
    #[arg(long, value_name = "TEXTE", help = "Sondage : graine du tirage")]
    seed: Option<String>,
    #[arg(long, value_name = "NOMBRE", help = "Sondage : nombre de récépissés tirés, de 1 à 1000 [défaut : 60]")]
    size: Option<u32>,
    #[arg(long, value_name = "CODE", value_parser = issuer, help = "Créances : code court de l'émetteur")]
    issuer: Option<ShortCode>,
    #[arg(long, value_name = "NUMÉRO", help = "État liquidatif : numéro du paiement")]
    payment: Option<i64>,
    #[arg(long, value_name = "KM", help = "Territoires : ce qui est proche, de 1 à 100 kilomètres [défaut : 10]")]
    within_km: Option<u32>,
    #[arg(long, help = "Remises, territoires : masquer les petits effectifs, pour une publication")]
    masked: bool,
    #[arg(long, value_name = "SIGNE", default_value = ",", help = "CSV : séparateur, « , » ou « ; »")]
    delimiter: char,
    #[arg(long, help = "CSV : commencer par une marque d'ordre des octets (tableurs)")]
    bom: bool,
    #[arg(long, help = "CSV : montants en euros avec virgule décimale au lieu de centimes")]
    decimal_comma: bool,
    #[arg(long, help = "CSV : intitulés français au lieu des noms stables")]
    labels: bool,
    #[arg(long, help = "CSV : sans la dernière ligne de totaux")]
    no_totals: bool,
    #[arg(long, value_name = "FICHIER", help = "Fichier à écrire [défaut : sortie standard]")]
    output: Option<PathBuf>,
    #[arg(long, value_name = "FICHIER", help = "Écrire aussi les totaux de contrôle dans ce fichier")]
    manifest: Option<PathBuf>,
}

pub(super) fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).map_err(|_| "une date est attendue, de la forme 2026-11-24".to_owned())
}

fn issuer(text: &str) -> Result<ShortCode, String> {
    ShortCode::parse(text).map_err(|_| "un code court est attendu, comme APTIC".to_owned())
}

impl Export {
    fn csv(&self) -> anyhow::Result<CsvOptions> {
        Ok(CsvOptions {
            delimiter: match self.delimiter {
                ',' => Delimiter::Comma,
                ';' => Delimiter::Semicolon,
                other => bail!("--delimiter : « , » ou « ; » et non « {other} »"),
            },
            byte_order_mark: self.bom,
            money: if self.decimal_comma { Money::DecimalComma } else { Money::Cents },
            headers: if self.labels { Headers::Labels } else { Headers::Names },
            last_line: if self.no_totals { LastLine::None } else { LastLine::Totals },
        })
    }
}

pub(super) fn export(asked: &Export, out: &mut dyn Write) -> anyhow::Result<Finding> {
    if asked.name == JOURNAL {
        return journal(asked, out);
    }
    if !reports::CATALOGUE.iter().any(|entry| entry.name == asked.name) {
        let names: Vec<&str> = reports::CATALOGUE.iter().map(|entry| entry.name).chain([JOURNAL]).collect();
        bail!("aucun état ne s'appelle {} ; il y a : {}.", asked.name, names.join(", "));
    }
    if asked.format == Some(Format::Xlsx) && asked.manifest.is_some() {
        bail!("--manifest : un classeur porte ses totaux de contrôle dans sa feuille « Contrôle ».");
    }
    let format = match asked.format {
        Some(Format::Json | Format::Xlsx) => reports::Format::Json,
        Some(Format::Geojson) => reports::Format::GeoJson,
        Some(Format::Csv) | None => reports::Format::Csv(asked.csv()?),
    };
    let today = SystemClock.now().day();
    let as_of = asked.as_of.unwrap_or(today);
    if as_of > today {
        bail!("--as-of : la date {} n'est pas encore arrivée.", as_of.french());
    }
    let store = place::existing(&asked.place, Access::Read)?;
    let programme = place::programme(&store, asked.programme.as_deref())?;
    let request = Request {
        from: asked.from,
        holder: asked.holder.clone(),
        serial: asked.serial.clone(),
        grain: asked.grain.clone(),
        masked: asked.masked,
        seed: asked.seed.clone(),
        size: asked.size,
        issuer: asked.issuer.clone(),
        payment: asked.payment,
        within_km: asked.within_km,
        ..Request::new(programme.code, as_of)
    };
    let open = if asked.format == Some(Format::Geojson) { reports::open_map } else { reports::open };
    let report = open(&asked.name, &Arc::clone(&store), &request)?;
    if asked.format == Some(Format::Xlsx) {
        let bytes = reports::workbook(report)?;
        write_out(asked.output.as_deref(), out, |writer| Ok(writer.write_all(&bytes)?))?;
        return Ok(Finding::Well);
    }
    let mut export = reports::Export::new(report, format);
    write_out(asked.output.as_deref(), out, |writer| Ok(export.write_to(writer)?))?;
    if let Some(path) = &asked.manifest {
        let text = export.manifest().context("l'export n'est pas complet")?;
        write_out(Some(path), out, |writer| Ok(writer.write_all(text.as_bytes())?))?;
    }
    Ok(Finding::Well)
}

fn journal(asked: &Export, out: &mut dyn Write) -> anyhow::Result<Finding> {
    if asked.format.is_some() || asked.as_of.is_some() || asked.from.is_some() {
        bail!("le journal s'exporte entier et en JSON Lines : sans --format, --as-of ni --from.");
    }
    let store = place::existing(&asked.place, Access::Read)?;
    let programme = place::programme(&store, asked.programme.as_deref())?;
    let keys = place::trusted(&asked.place, &[])?;
    let bar = output::bar(programme.code.as_str());
    write_out(asked.output.as_deref(), out, |writer| {
        let mut tell = |done, total| output::tell(&bar, done, total);
        audit::write_journal(&store, &keys, &programme, writer, &mut tell)?;
        Ok(())
    })?;
    bar.finish_and_clear();
    Ok(Finding::Well)
}

/// Writes to the file, which appears under its name only once it is whole; to the standard output without one.
fn write_out(
    path: Option<&Path>,
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Some(path) = path else { return write(out) };
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partiel");
    let partial = PathBuf::from(partial);
    let cannot = || format!("impossible d'écrire {}", path.display());
    let mut file = BufWriter::new(File::create(&partial).with_context(cannot)?);
    write(&mut file)?;
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(cannot)?;
    file.sync_all().with_context(cannot)?;
    std::fs::rename(&partial, path).with_context(cannot)
}
