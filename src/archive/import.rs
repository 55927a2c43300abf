//! Puts an archive back into an empty database: the receipts in their own bytes, the tables beside them; then the whole
//! register is audited, so that every balance is known to be what the receipts say. What never lives here: SQL.

use std::path::Path;
use std::sync::Arc;

use ed25519_dalek::VerifyingKey;

use super::check::{check, lines};
use super::make::{NO_VALUE, table_path};
use super::{ArchiveError, Checked, JOURNAL, Manifest, unsound};
use crate::audit::{self, Verified};
use crate::domain::ids::ProgrammeNo;
use crate::domain::programme::Programme;
use crate::receipts::journal_file::{Seal, read_seal};
use crate::receipts::{chain, seal};
use crate::store::{Appended, CarriedRow, Page, Store, StoredSeal, TABLES, Table, Writes};

/// Rows or receipts written at a time.
const PAGE: usize = 1_000;

/// What was put back.
#[derive(Debug)]
pub struct Imported {
    pub manifest: Manifest,
    /// What the audit of the new register found: it is sound, or nothing was put back.
    pub verified: Verified,
}

/// Checks an archive and rebuilds its register in the empty database of `store`. `trusted`: as [`check`].
///
/// # Errors
/// [`ArchiveError`]. Where the register that was rebuilt is not sound ([`ArchiveError::Unsound`]), what was written is to
/// be thrown away with the database.
pub fn import(
    folder: &Path,
    store: &Arc<Store>,
    trusted: &[VerifyingKey],
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Imported, ArchiveError> {
    let Checked { manifest, journal, .. } = check(folder, trusted)?;
    if !manifest.whole {
        return Err(ArchiveError::NotWhole(manifest.until));
    }
    store.write(|tx| {
        if !tx.organisations(None, &Page { after: None, limit: 1 })?.is_empty() {
            return Err(ArchiveError::NotEmpty);
        }
        write(tx, folder)
    })?;
    store.measure()?;
    let programme = programme(store, &manifest)?;
    let keys: Vec<VerifyingKey> = journal.keys.iter().filter_map(|key| seal::read_key(&key.public)).collect();
    audit::verify_register(store)?;
    let verified = audit::verify(store, &keys, &programme, progress)?;
    Ok(Imported { manifest, verified })
}

fn programme(store: &Store, manifest: &Manifest) -> Result<Programme, ArchiveError> {
    let found = store.read(|tx| tx.programmes(&Page { after: None, limit: 1 }))?;
    let own = found.into_iter().find(|programme| programme.code.as_str() == manifest.programme);
    own.ok_or_else(|| unsound("registre/programmes.csv", "ce n'est pas le dispositif de l'archive"))
}

/// The tables that receipts refer to, the receipts, and then what refers to receipts.
fn write(tx: &mut dyn Writes, folder: &Path) -> Result<(), ArchiveError> {
    let after = TABLES.iter().position(|table| table.name == "journals").map_or(0, |place| place + 1);
    let (before, after) = TABLES.split_at(after);
    for table in before {
        load(tx, folder, table)?;
    }
    let programme = tx.programmes(&Page { after: None, limit: 1 })?.pop();
    let programme = programme.ok_or_else(|| unsound("registre/programmes.csv", "aucun dispositif"))?.no;
    load_journal(tx, programme, folder)?;
    after.iter().try_for_each(|table| load(tx, folder, table))
}

fn load(tx: &mut dyn Writes, folder: &Path, table: &'static Table) -> Result<(), ArchiveError> {
    let path = table_path(folder, table);
    let wrong = |what: &str| unsound(format!("registre/{}.csv", table.name), what);
    let mut csv = csv::Reader::from_path(&path).map_err(|_| wrong("fichier absent ou illisible"))?;
    let columns = csv.headers().map_err(|_| wrong("fichier illisible"))?;
    if !columns.iter().eq(table.carried().map(|column| column.name)) {
        return Err(wrong("les colonnes ne sont pas celles que ce programme connaît"));
    }
    let mut rows: Vec<CarriedRow> = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|_| wrong("fichier illisible"))?;
        rows.push(record.iter().map(|value| (value != NO_VALUE).then(|| value.to_owned())).collect());
        if rows.len() == PAGE {
            tx.load_rows(table, &std::mem::take(&mut rows))?;
        }
    }
    Ok(tx.load_rows(table, &rows)?)
}

fn load_journal(tx: &mut dyn Writes, programme: ProgrammeNo, folder: &Path) -> Result<(), ArchiveError> {
    let (mut receipts, mut seals): (Vec<Appended>, Vec<StoredSeal>) = (Vec::new(), Vec::new());
    lines(folder, |line| {
        if let Some(Seal { position, hash, key, signature }) = read_seal(line) {
            seals.push(StoredSeal { position, hash, key_id: key, signature });
        } else if line.starts_with("{\"v\":") {
            let receipt = chain::read_receipt(line.to_owned())?;
            let position = receipt.body().position;
            let unknown = |_| unsound(JOURNAL, format!("le récépissé {position} est d'un type inconnu"));
            receipts.push(Appended::carried(programme, receipt).map_err(unknown)?);
        }
        if receipts.len() == PAGE {
            tx.load_receipts(programme, &std::mem::take(&mut receipts), &std::mem::take(&mut seals))?;
        }
        Ok(())
    })?;
    Ok(tx.load_receipts(programme, &receipts, &seals)?)
}
