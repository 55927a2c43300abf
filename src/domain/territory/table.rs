//! The compiled-in files as tables sorted by code. The generator keeps quotes out, so that a row is its text cut
//! at the separators and every name borrows from the file; a row that cannot be read is left out, and a test
//! counts the rows. The file of communes is its own index: a line is found in it and read when somebody asks, because
//! a table of all of them would be 3 MB of memory for the one commune of a venue. What never lives here: what a commune
//! means.

use std::cmp::Ordering;
use std::sync::LazyLock;

use super::{Commune, CommuneCode, Department, Epci, Region};

const COMMUNES: &str = include_str!("communes.csv");
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

/// All communes, by code.
pub(super) fn communes() -> impl Iterator<Item = Commune> {
    lines(COMMUNES).filter_map(|line| read_commune(cells(line)?))
}

/// The commune with this code.
pub(super) fn commune(code: CommuneCode) -> Option<Commune> {
    read_commune(cells(line_of(body(COMMUNES), code.as_str())?)?)
}

/// The communes whose line has this text somewhere: they are read only to be asked further.
pub(super) fn communes_with(text: &str) -> impl Iterator<Item = Commune> {
    lines(COMMUNES).filter(move |line| line.contains(text)).filter_map(|line| read_commune(cells(line)?))
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
    lines(file).filter_map(|line| read(cells(line)?)).collect()
}

fn body(file: &'static str) -> &'static str {
    file.split_once('\n').map_or("", |(_, body)| body)
}

fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    body(file).split_terminator('\n')
}

/// The line whose first cell is `wanted`, among lines sorted by it, each ended: half of what is left goes with each look.
fn line_of(mut left: &'static str, wanted: &str) -> Option<&'static str> {
    while !left.is_empty() {
        let middle = left.floor_char_boundary(left.len() / 2);
        let start = left.get(..middle)?.rfind('\n').map_or(0, |end| end + 1);
        let (line, after) = left.get(start..)?.split_once('\n')?;
        match line.split(';').next()?.cmp(wanted) {
            Ordering::Equal => return Some(line),
            Ordering::Less => left = after,
            Ordering::Greater => left = left.get(..start)?,
        }
    }
    None
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
