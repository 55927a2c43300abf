//! A table of commune figures, read line by line. What never lives here: the database.

use std::collections::BTreeMap;
use std::fmt;

use super::super::table_file;
use crate::domain::position::{Degrees, Position};
use crate::domain::refusal::Malformed;
use crate::domain::territory::{self, CommuneCode, CommuneFigures};

/// Lines at most: there are 35,000 communes.
const MOST_LINES: usize = 50_000;
/// The columns, in any order; the last two may be absent.
const COLUMNS: [&str; 5] = ["code_insee", "population", "population_60_plus", "latitude", "longitude"];
const REQUIRED: usize = 3;

/// Why a file is no table of commune figures. `Display` says it in French.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FileError {
    Unreadable(u64),
    ColumnMissing(&'static str),
    ColumnUnknown(String),
    Empty,
    TooLong,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(line) => write!(f, "la ligne {line} ne se lit pas (texte en UTF-8 attendu)"),
            Self::ColumnMissing(column) => write!(f, "la colonne {column} manque"),
            Self::ColumnUnknown(column) => write!(f, "la colonne « {column} » n'est pas attendue"),
            Self::Empty => f.write_str("il ne nomme aucune commune"),
            Self::TooLong => write!(f, "il a plus de {MOST_LINES} lignes"),
        }
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) code: &'static str,
    /// What else is to be told.
    pub(super) detail: String,
}

/// One line below the header.
#[derive(Debug)]
pub(super) struct Line {
    /// Counted from 1, the header included.
    pub(super) number: u64,
    /// The code as it stands there.
    pub(super) shown: String,
    pub(super) read: Result<CommuneFigures, Wrong>,
}

/// Reads a table with a header; comma or semicolon, as its first line has it.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Line>, FileError> {
    let (bytes, delimiter) = table_file::opened(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(bytes);
    let columns = columns(reader.headers().map_err(|_| FileError::Unreadable(1))?)?;
    let mut seen: BTreeMap<CommuneCode, u64> = BTreeMap::new();
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            FileError::Unreadable(error.position().map_or_else(|| next_line(&lines), csv::Position::line))
        })?;
        if lines.len() == MOST_LINES {
            return Err(FileError::TooLong);
        }
        let number = record.position().map_or_else(|| next_line(&lines), csv::Position::line);
        let cell = |column: usize| columns.get(column).copied().flatten().and_then(|place| record.get(place));
        let cells: [&str; COLUMNS.len()] = std::array::from_fn(|column| cell(column).unwrap_or_default());
        let read = figures(cells).and_then(|figures| match seen.insert(figures.commune, number) {
            Some(earlier) => Err(Wrong { code: "commune_repeated", detail: earlier.to_string() }),
            None => Ok(figures),
        });
        let [code, ..] = cells;
        lines.push(Line { number, shown: table_file::shown(code), read });
    }
    if lines.is_empty() { Err(FileError::Empty) } else { Ok(lines) }
}

fn next_line(lines: &[Line]) -> u64 {
    lines.last().map_or(2, |line| line.number + 1)
}

/// Where each of [`COLUMNS`] stands.
fn columns(header: &csv::StringRecord) -> Result<[Option<usize>; COLUMNS.len()], FileError> {
    if let Some(unknown) = header.iter().find(|name| !COLUMNS.contains(name)) {
        return Err(FileError::ColumnUnknown(table_file::shown(unknown)));
    }
    let places = COLUMNS.map(|column| header.iter().position(|name| name == column));
    match COLUMNS.iter().zip(places).take(REQUIRED).find(|(_, place)| place.is_none()) {
        Some((missing, _)) => Err(FileError::ColumnMissing(missing)),
        None => Ok(places),
    }
}

fn figures([code, population, seniors, latitude, longitude]: [&str; COLUMNS.len()]) -> Result<CommuneFigures, Wrong> {
    let wrong = |code: &'static str| Wrong { code, detail: String::new() };
    let unknown = |detail: String| Wrong { code: "commune_unknown", detail };
    let commune = territory::resolve(code).map_err(|error| unknown(error.to_string()))?;
    if let Some(whole) = commune.commune {
        return Err(unknown(format!("{code} est un arrondissement : donnez sa commune, {whole}.")));
    }
    let count = |text: &str| text.parse::<i64>().map_err(|_| wrong("figures_malformed"));
    let (population, seniors) = (count(population)?, count(seniors)?);
    let position = match (latitude, longitude) {
        ("", "") => None,
        ("", _) | (_, "") => return Err(wrong("position_incomplete")),
        both => Some(position(both).map_err(|malformed| wrong(malformed.code()))?),
    };
    let figures = CommuneFigures { commune: commune.code, population, seniors, position };
    if figures.is_possible() { Ok(figures) } else { Err(wrong("figures_malformed")) }
}

fn position((latitude, longitude): (&str, &str)) -> Result<Position, Malformed> {
    Position::new(Degrees::parse(latitude)?, Degrees::parse(longitude)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_in_any_order_of_columns_with_either_separator() {
        let file = "population_60_plus;code_insee;population\r\n7412;59392;28767\r\n";
        let lines = read(file.as_bytes()).unwrap();
        let figures = lines[0].read.clone().unwrap();
        assert_eq!((figures.population, figures.seniors, figures.position), (28_767, 7_412, None));
        let file = "code_insee,population,population_60_plus,latitude,longitude\n59392,28767,7412,50.27875,3.97267\n";
        let figures = read(file.as_bytes()).unwrap()[0].read.clone().unwrap();
        assert_eq!(figures.position, Some(Position::parse("50.27875,3.97267").unwrap()));
    }

    #[test]
    fn each_wrong_line_is_named_with_its_number() {
        let file = "code_insee,population,population_60_plus,latitude,longitude\n59999,1,1,,\n59392,10,11,,\n\
                    59392,x,1,,\n59392,10,1,50.2,\n59392,10,1,99,3\n75101,10,1,,\n59392,10,1,,\n59392,10,1,,\n";
        let lines = read(file.as_bytes()).unwrap();
        let told: Vec<(u64, &str)> =
            lines.iter().filter_map(|line| Some((line.number, line.read.as_ref().err()?.code))).collect();
        let wanted = [
            (2, "commune_unknown"),
            (3, "figures_malformed"),
            (4, "figures_malformed"),
            (5, "position_incomplete"),
            (6, "degrees_malformed"),
            (7, "commune_unknown"),
            (9, "commune_repeated"),
        ];
        assert_eq!(told, wanted);
        assert_eq!(lines[7].read.as_ref().unwrap_err().detail, "8");
    }

    #[test]
    fn what_is_no_table_is_refused_as_a_whole() {
        let refused = |text: &[u8]| read(text).unwrap_err();
        assert_eq!(refused(b""), FileError::ColumnMissing("code_insee"));
        assert_eq!(refused(b"code_insee,population\n"), FileError::ColumnMissing("population_60_plus"));
        assert_eq!(
            refused(b"code_insee,population,population_60_plus,age\n"),
            FileError::ColumnUnknown("age".to_owned())
        );
        assert_eq!(refused(b"code_insee,population,population_60_plus\n"), FileError::Empty);
        assert_eq!(refused(b"code_insee,population,population_60_plus\n59392,\xff,1\n"), FileError::Unreadable(2));
        assert_eq!(refused(b"code_insee,population,population_60_plus\n59392,1\n"), FileError::Unreadable(2));
    }
}
