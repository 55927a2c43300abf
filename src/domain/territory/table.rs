//! The compiled-in files as tables sorted by code. The generator keeps quotes out, so that a row is its text cut
//! at the separators and every name borrows from the file; a row that cannot be read is left out, and a test
//! counts the rows. What never lives here: what a commune means.

use std::sync::LazyLock;

use super::{Commune, CommuneCode, Department, Epci, Region};

static COMMUNES: LazyLock<Vec<Commune>> = LazyLock::new(|| rows(include_str!("communes.csv"), read_commune));
static EPCIS: LazyLock<Vec<Epci>> =
    LazyLock::new(|| rows(include_str!("epcis.csv"), |[siren, name, kind]| Some(Epci { siren, name, kind })));
static REGIONS: LazyLock<Vec<Region>> =
    LazyLock::new(|| rows(include_str!("regions.csv"), |[code, name]| Some(Region { code, name })));
static DEPARTMENTS: LazyLock<Vec<Department>> = LazyLock::new(|| {
    rows(include_str!("departments.csv"), |[code, name, region]| Some(Department { code, name, region }))
});
/// Code of then, codes of today.
static FORMER: LazyLock<Vec<(&str, &str)>> =
    LazyLock::new(|| rows(include_str!("former.csv"), |[code, current]| Some((code, current))));

pub(super) fn communes() -> &'static [Commune] {
    &COMMUNES
}

pub(super) fn epcis() -> &'static [Epci] {
    &EPCIS
}

pub(super) fn regions() -> &'static [Region] {
    &REGIONS
}

pub(super) fn departments() -> &'static [Department] {
    &DEPARTMENTS
}

/// The codes of today at the place of a former one.
pub(super) fn successors(code: &CommuneCode) -> impl Iterator<Item = &'static str> {
    let current = find(&FORMER, code.as_str(), |(code, _)| code).map_or("", |(_, current)| current);
    current.split('|').filter(|code| !code.is_empty())
}

/// The row whose key is `wanted`, in a table sorted by that key.
pub(super) fn find<T, K: Ord + ?Sized + 'static>(
    table: &'static [T],
    wanted: &K,
    key: impl Fn(&'static T) -> &'static K,
) -> Option<&'static T> {
    let place = table.binary_search_by(|row| key(row).cmp(wanted)).ok()?;
    table.get(place)
}

/// The rows below the header line.
pub(super) fn rows<T, const COLUMNS: usize>(
    file: &'static str,
    read: impl Fn([&'static str; COLUMNS]) -> Option<T>,
) -> Vec<T> {
    let (_, body) = file.split_once('\n').unwrap_or_default();
    body.split_terminator('\n').filter_map(|line| read(cells(line)?)).collect()
}

fn cells<const COLUMNS: usize>(line: &'static str) -> Option<[&'static str; COLUMNS]> {
    let mut cells = [""; COLUMNS];
    let mut found = line.split(';');
    for cell in &mut cells {
        *cell = found.next()?;
    }
    found.next().is_none().then_some(cells)
}

fn read_commune(
    [code, name, department, region, epci, commune, population, postal_codes]: [&'static str; 8],
) -> Option<Commune> {
    Some(Commune {
        code: CommuneCode::parse(code).ok()?,
        name,
        department,
        region,
        epci: (!epci.is_empty()).then_some(epci),
        commune: CommuneCode::parse(commune).ok(),
        population: population.parse().ok()?,
        postal_codes,
    })
}
