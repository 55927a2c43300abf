//! How an archive is written: the same register and the same days give the same bytes. What never lives here: what the
//! notice says.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::contents::{BY_HOLDER, REPORTS};
use super::{ArchiveError, JOURNAL, KEYS, MANIFEST, Manifest, NAME, REPORTS_FOLDER, SEAL, SUMS, TABLES_FOLDER, notice};
use crate::audit;
use crate::domain::programme::Programme;
use crate::domain::time::Day;
use crate::folder::{self, FolderError, digest, io_at, sync};
use crate::receipts::{chain, seal};
use crate::reports::{self, CATALOGUE, CsvOptions, Entry, Export, Format, Parameter, Request};
use crate::store::{Reads, Store, StoreError, TABLES, Table, Window};

/// In a table's file, a value that is not there; no text of a register is written so.
pub(super) const NO_VALUE: &str = "\\N";

/// What is to be archived.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub programme: &'a Programme,
    /// The first day of the accounts' period; none: the beginning.
    pub from: Option<Day>,
    /// The last business day, which is over; none: the whole journal, with all that a register is rebuilt from.
    pub until: Option<Day>,
}

/// Where the archived journal ends.
struct End {
    position: i64,
    head: String,
    day: Day,
    holders: Vec<String>,
}

/// Writes an archive into a new folder, signed with `key`. `others` are public keys that sealed earlier parts of the
/// journal. `progress` is told the receipts written and how many there are.
///
/// # Errors
/// [`ArchiveError`]; then the folder is not there.
pub fn make(
    store: &Arc<Store>,
    (key, others): (&SigningKey, &[VerifyingKey]),
    wanted: &Wanted<'_>,
    folder: &Path,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Manifest, ArchiveError> {
    let mut keys = vec![key.verifying_key()];
    keys.extend(others.iter().filter(|other| **other != key.verifying_key()));
    folder::whole(folder, |folder| {
        let end = store.read(|tx| {
            let end = end(tx, wanted)?;
            journal(tx, wanted.programme, &end, &keys, folder, progress)?;
            tables(tx, wanted, folder)?;
            Ok::<_, ArchiveError>(end)
        })?;
        accounts(store, wanted, &end, folder)?;
        let manifest = manifest(wanted, end);
        texts(&manifest, &keys, folder)?;
        sign(key, folder)?;
        Ok(manifest)
    })
}

fn end(tx: &mut dyn Reads, wanted: &Wanted<'_>) -> Result<End, ArchiveError> {
    let Programme { no, code, .. } = wanted.programme;
    let empty = || ArchiveError::Empty(code.to_string());
    let position = match wanted.until {
        Some(day) => tx.position_on(*no, day)?,
        None => tx.journal(*no)?.ok_or_else(empty)?.position,
    };
    let last = tx.receipt_at(*no, position)?.ok_or_else(empty)?;
    let body = chain::read_receipt(last.body)?;
    let day = Day::parse(&body.body().day).map_err(StoreError::from)?;
    let flows = tx.flows(Window { programme: *no, after: 0, until: position }, None)?;
    let mut holders: Vec<String> = flows.into_iter().flat_map(|flow| [flow.from, flow.to]).collect();
    holders.retain(|holder| !holder.starts_with("issue:") && !holder.starts_with("transit:"));
    holders.sort();
    holders.dedup();
    Ok(End { position, head: last.hash, day: wanted.until.unwrap_or(day), holders })
}

fn manifest(wanted: &Wanted<'_>, end: End) -> Manifest {
    Manifest {
        archive: NAME.to_owned(),
        programme: wanted.programme.code.to_string(),
        label: wanted.programme.label.to_string(),
        from: wanted.from.map(|day| day.to_string()),
        until: end.day.to_string(),
        whole: wanted.until.is_none(),
        receipts: end.position,
        head: end.head,
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Writes a file, below folders that are made, and waits until it is on disk.
fn file(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<(), ArchiveError>) -> Result<(), ArchiveError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(io_at(folder))?;
    }
    let mut writer = BufWriter::new(File::create(path).map_err(io_at(path))?);
    write(&mut writer)?;
    writer.flush().map_err(io_at(path))?;
    Ok(sync(path)?)
}

fn write_text(path: &Path, text: &str) -> Result<(), ArchiveError> {
    file(path, |writer| Ok(writer.write_all(text.as_bytes()).map_err(io_at(path))?))
}

fn journal(
    tx: &mut dyn Reads,
    programme: &Programme,
    end: &End,
    keys: &[VerifyingKey],
    folder: &Path,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<(), ArchiveError> {
    file(&folder.join(JOURNAL), |writer| {
        audit::write_journal_until(tx, keys, programme, (end.position, &end.head), writer, progress)?;
        Ok(())
    })
}

/// The tables: those that change with the receipts only where the archive is of all of them.
fn tables(tx: &mut dyn Reads, wanted: &Wanted<'_>, folder: &Path) -> Result<(), ArchiveError> {
    for table in TABLES.iter().filter(|table| wanted.until.is_none() || !table.derived) {
        let path = table_path(folder, table);
        file(&path, |writer| {
            let mut csv = csv::Writer::from_writer(writer);
            let failed = |error: csv::Error| io_at(&path)(error.into());
            csv.write_record(table.carried().map(|column| column.name)).map_err(failed)?;
            for row in tx.carried_rows(table, wanted.programme.no)? {
                csv.write_record(row?.iter().map(|value| value.as_deref().unwrap_or(NO_VALUE))).map_err(failed)?;
            }
            Ok(csv.flush().map_err(io_at(&path))?)
        })?;
    }
    Ok(())
}

pub(super) fn table_path(folder: &Path, table: &Table) -> PathBuf {
    folder.join(TABLES_FOLDER).join(format!("{}.csv", table.name))
}

/// The report with this name.
pub(super) fn entry(name: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.name == name)
}

fn accounts(store: &Arc<Store>, wanted: &Wanted<'_>, end: &End, folder: &Path) -> Result<(), ArchiveError> {
    let reports = folder.join(REPORTS_FOLDER);
    let request = Request::new(wanted.programme.code.clone(), end.day);
    for name in REPORTS {
        account(store, wanted, (name, request.clone(), end.position), &reports.join(format!("{name}.csv")))?;
    }
    for (holder, name) in end.holders.iter().flat_map(|holder| BY_HOLDER.iter().map(move |name| (holder, name))) {
        let request = Request { holder: Some(holder.clone()), ..request.clone() };
        let path = reports.join(name).join(format!("{}.csv", holder.replace(':', "-")));
        account(store, wanted, (name, request, end.position), &path)?;
    }
    Ok(())
}

fn account(
    store: &Arc<Store>,
    wanted: &Wanted<'_>,
    (name, request, position): (&str, Request, i64),
    path: &Path,
) -> Result<(), ArchiveError> {
    let has_period = entry(name).is_some_and(|entry| entry.parameters.contains(&Parameter::From));
    let request = Request { from: wanted.from.filter(|_| has_period), ..request };
    let report = reports::open(name, store, &request)?;
    if report.meta.position != position {
        return Err(ArchiveError::Moved);
    }
    let mut export = Export::new(report, Format::Csv(CsvOptions::default()));
    file(path, |writer| Ok(export.write_to(writer).map_err(io_at(path))?))
}

fn lines(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// What is there to be read first, and to check the rest with.
fn texts(manifest: &Manifest, keys: &[VerifyingKey], folder: &Path) -> Result<(), ArchiveError> {
    let failed = |error: serde_json::Error| io_at(&folder.join(MANIFEST))(error.into());
    let json = serde_json::to_string_pretty(manifest).map_err(failed)?;
    write_text(&folder.join(MANIFEST), &format!("{json}\n"))?;
    let rows = keys.iter().map(|key| format!("{},{}", seal::key_id(key), seal::write_key(key)));
    write_text(&folder.join(KEYS), &lines(std::iter::once("id,public".to_owned()).chain(rows)))?;
    for (name, text) in notice::files(manifest) {
        write_text(&folder.join(name), &text)?;
    }
    Ok(())
}

/// The list of checksums, and the signature over it: with them every other file is vouched for.
fn sign(key: &SigningKey, folder: &Path) -> Result<(), ArchiveError> {
    let sum = |name: String| Ok::<_, FolderError>(format!("{}  {name}", digest(&folder.join(&name))?.1));
    let sums = files(folder)?.into_iter().map(sum).collect::<Result<Vec<_>, _>>()?;
    write_text(&folder.join(SUMS), &lines(sums))?;
    let (_, digest) = digest(&folder.join(SUMS))?;
    let line = format!("{} {}\n", seal::key_id(&key.verifying_key()), seal::sign_archive(key, &digest));
    write_text(&folder.join(SEAL), &line)
}

/// Every file below the folder, by its path from it with `/`, in order; other than files and folders, nothing belongs there.
pub(super) fn files(folder: &Path) -> Result<Vec<String>, FolderError> {
    fn collect(folder: &Path, before: &str, names: &mut Vec<String>) -> Result<(), FolderError> {
        for entry in fs::read_dir(folder).map_err(io_at(folder))? {
            let entry = entry.map_err(io_at(folder))?;
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(io_at(folder))?;
            if kind.is_dir() {
                collect(&entry.path(), &format!("{name}/"), names)?;
            } else {
                names.push(name);
            }
        }
        Ok(())
    }
    let mut names = Vec::new();
    collect(folder, "", &mut names)?;
    names.sort();
    Ok(names)
}
