//! Bits that flip at random in the file of `SQLite`: each raises an alarm, or changes nothing that is sealed.
//! `RECEPISSE_FLIPS=10000` flips as many bits.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::{RunQueryDsl as _, SqliteConnection};
use recepisse::clock::{Entropy as _, SeededEntropy};
use recepisse::store::{Options, Store};

use super::{LEDGER, NOT_COMPARED, alarm, columns, live};
use crate::harness::{Engine, Raw, World};

/// Flips in an ordinary run.
const FLIPS: usize = 200;

/// What a page of the file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Page {
    /// Rows of the ledger.
    Ledger,
    /// Rows of other tables: people, accounts, kept replies.
    Other,
    Index,
    /// The file's header, its own tables, or nothing.
    Free,
}

/// What became of a flip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// The audit, or the first statement, raised the alarm.
    Audit,
    /// The database's own check did.
    Integrity,
    /// Every sealed value reads as before.
    Harmless,
    /// A sealed value is another, and nobody said so.
    Silent,
}

#[derive(Debug, diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Text)]
    answer: String,
}

/// A copy of the register's file, and what it ought to say.
struct Specimen {
    bytes: Vec<u8>,
    pages: BTreeMap<usize, Page>,
    page_bytes: usize,
    /// One query per table, for every sealed value in it.
    dump: Vec<String>,
    sealed: Vec<String>,
}

#[expect(clippy::disallowed_methods, reason = "the point is to open what nobody should open")]
fn read(file: &Path, queries: &[String]) -> Result<Vec<String>, String> {
    let mut conn = SqliteConnection::establish(&file.display().to_string()).map_err(|e| e.to_string())?;
    let mut answers = Vec::new();
    for query in queries {
        let rows: Vec<Row> = diesel::sql_query(query).load(&mut conn).map_err(|e| e.to_string())?;
        answers.extend(rows.into_iter().map(|row| row.answer));
    }
    Ok(answers)
}

impl Specimen {
    fn of(world: &World) -> Self {
        let mut raw = Raw::on(&world.place);
        let Raw::Sqlite(conn) = &mut raw else { panic!("a file") };
        conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        let file = world.place.url.trim_start_matches("sqlite:");
        let bytes = std::fs::read(file).unwrap();
        let page_bytes = usize::try_from(raw.number("SELECT page_size AS answer FROM pragma_page_size")).unwrap();
        let kinds = "SELECT s.pageno || ' ' || s.name || ' ' || coalesce(m.type, 'schema') AS answer FROM dbstat s \
                     LEFT JOIN sqlite_master m ON m.name = s.name";
        let place = |row: String| {
            let words: Vec<&str> = row.split(' ').collect();
            let page = match words[2] {
                "table" if LEDGER.contains(&words[1]) => Page::Ledger,
                "table" => Page::Other,
                "index" => Page::Index,
                _ => Page::Free,
            };
            (words[0].parse().unwrap(), page)
        };
        let pages = raw.texts(kinds).into_iter().flatten().map(place).collect();
        let mut by_table: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (table, column, _) in columns(&mut raw) {
            if !NOT_COMPARED.contains(&format!("{table}.{column}").as_str()) {
                by_table.entry(table).or_default().push(format!("quote({column})"));
            }
        }
        let query = |(table, columns): (String, Vec<String>)| {
            format!("SELECT {} AS answer FROM {table} NOT INDEXED ORDER BY rowid", columns.join(" || ',' || "))
        };
        let dump: Vec<String> = by_table.into_iter().map(query).collect();
        let sealed = read(Path::new(file), &dump).unwrap();
        Self { bytes, pages, page_bytes, dump, sealed }
    }

    /// Flips one bit of a copy, and says where it was and whether an audit noticed.
    fn flip(&self, world: &World, bit: usize) -> (Page, Fate) {
        let place = bit / 8;
        let page = self.pages.get(&(place / self.page_bytes + 1)).copied().unwrap_or(Page::Free);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("flipped.sqlite");
        let mut bytes = self.bytes.clone();
        bytes[place] ^= 1 << (bit % 8);
        std::fs::write(&file, bytes).unwrap();
        let (found, check) = (
            read(&file, &self.dump),
            read(&file, &["SELECT integrity_check AS answer FROM pragma_integrity_check".to_owned()]),
        );
        let audited = match Store::open(&format!("sqlite:{}", file.display()), &Options::default()) {
            Ok(store) => alarm(&store, world),
            Err(error) => Some(error.to_string()),
        };
        let fate = match (audited, check.as_deref(), found) {
            (Some(_), ..) => Fate::Audit,
            (None, Ok([verdict]), _) if verdict != "ok" => Fate::Integrity,
            (None, Ok([_, ..]), Ok(found)) if found == self.sealed => Fate::Harmless,
            (None, Ok([_]), Ok(found)) => {
                let other = self.sealed.iter().zip(&found).find(|(was, reads)| was != reads);
                println!("bit {bit}, in a page of {page:?}: {other:?}, {} rows and {}", self.sealed.len(), found.len());
                Fate::Silent
            }
            _ => Fate::Integrity,
        };
        (page, fate)
    }
}

#[expect(clippy::disallowed_methods, reason = "how many flips somebody has time for")]
fn flips() -> usize {
    std::env::var("RECEPISSE_FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(FLIPS)
}

#[test]
fn a_bit_that_flips_in_the_file_raises_the_alarm_or_changes_nothing_sealed() {
    let world = World::new(Engine::Sqlite);
    live(&world);
    let specimen = Specimen::of(&world);
    assert!(specimen.pages.values().any(|page| *page == Page::Ledger), "{:?}", specimen.pages);
    let chance = SeededEntropy::new(6);
    let mut tally: BTreeMap<(Page, Fate), usize> = BTreeMap::new();
    for _ in 0..flips() {
        let mut random = [0; 8];
        chance.fill(&mut random);
        let bit =
            usize::try_from(u64::from_be_bytes(random) % u64::try_from(specimen.bytes.len() * 8).unwrap()).unwrap();
        let found = specimen.flip(&world, bit);
        assert_ne!(found.1, Fate::Silent, "bit {bit}");
        *tally.entry(found).or_default() += 1;
    }
    println!("bit flips: {tally:?}");
    assert!(tally.contains_key(&(Page::Ledger, Fate::Audit)), "{tally:?}");
}
