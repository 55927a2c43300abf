//! Places as a file of the standard. What never lives here: which places.

use std::borrow::Cow;

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::columns::{COLUMNS, Cells, EXTENSION, OLD_COLUMNS, Shape};
use super::{Version, legacy};
use crate::domain::places::Sheet;

/// A place to be written.
#[derive(Debug, Clone)]
pub struct Exported<'a> {
    /// Stands for the identifier that no source gave.
    pub id: String,
    pub sheet: &'a Sheet,
    /// Codes of the programmes whose passes are taken there.
    pub programmes: Vec<String>,
}

impl Exported<'_> {
    fn cells(&self) -> Cells {
        let mut sheet = Cow::Borrowed(self.sheet);
        if sheet.id.is_none() {
            sheet.to_mut().id = crate::domain::places::words::LocalId::parse(&self.id).ok();
        }
        Cells::of(&sheet)
    }

    /// The cells of our own columns.
    fn extension(&self, cells: &Cells) -> [String; 2] {
        [cells.cell("activites_tiers_lieu", "|"), self.programmes.join("|")]
    }
}

/// A CSV file as the example of the standard is written: UTF-8, a comma between cells, each in quotes, `|` between values
/// (`;` in version 0.1). `extended`: with the third-place activities and the programmes whose passes are taken, which no
/// column of version 1.0.2 has.
#[must_use]
pub fn csv(places: &[Exported<'_>], version: Version, extended: bool) -> Vec<u8> {
    let mut writer =
        WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::Any(b'\n')).from_writer(Vec::new());
    let mut header: Vec<&str> = match version {
        Version::V1 => COLUMNS.iter().map(|(name, _)| *name).collect(),
        Version::V01 => OLD_COLUMNS.to_vec(),
    };
    let more = if extended { EXTENSION.as_slice() } else { &[] };
    header.extend(more);
    // Nothing that writes to memory fails.
    let mut write = |row: &[String]| drop(writer.write_record(row));
    write(&header.iter().map(ToString::to_string).collect::<Vec<_>>());
    for place in places {
        let cells = place.cells();
        let mut row = match version {
            Version::V1 => COLUMNS.iter().map(|(name, _)| cells.cell(name, "|")).collect(),
            Version::V01 => legacy::row(&cells, !place.programmes.is_empty()),
        };
        if extended {
            row.extend(place.extension(&cells));
        }
        write(&row);
    }
    writer.into_inner().unwrap_or_default()
}

/// The same as JSON, version 1.0.2: a list of objects, an absent value left out, positions as numbers, several values as one
/// text with `|` between them, as the national tools write them.
#[must_use]
pub fn json(places: &[Exported<'_>], extended: bool) -> Vec<u8> {
    let text = |value: &str| serde_json::to_string(value).unwrap_or_default();
    let object = |place: &Exported<'_>| {
        let cells = place.cells();
        let member = |(name, shape): &(&str, Shape)| {
            let cell = cells.cell(name, "|");
            let number = *shape == Shape::One && matches!(*name, "latitude" | "longitude");
            (!cell.is_empty()).then(|| format!("{}:{}", text(name), if number { cell } else { text(&cell) }))
        };
        let mut members: Vec<String> = COLUMNS.iter().filter_map(member).collect();
        if extended {
            let ours = EXTENSION.iter().zip(place.extension(&cells)).filter(|(_, cell)| !cell.is_empty());
            members.extend(ours.map(|(name, cell)| format!("{}:{}", text(name), text(&cell))));
        }
        format!("{{{}}}", members.join(","))
    };
    format!("[{}]\n", places.iter().map(object).collect::<Vec<_>>().join(",\n")).into_bytes()
}
