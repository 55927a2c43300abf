//! A report written as JSON, `GeoJSON` or CSV, chunk by chunk, from the same columns. What never lives here: a figure.

use std::io;

use serde_json::{Map, json};
use sha2::{Digest, Sha256};

use super::csv_text::{self, CsvOptions, LastLine};
use super::table::{Report, Totals};
use super::{geo_text, json_text};
use crate::store::StoreError;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    /// Only for tables with positions.
    GeoJson,
    Csv(CsvOptions),
}

impl Format {
    /// The media type of the bytes.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GeoJson => "application/geo+json",
            Self::Csv(_) => "text/csv; charset=utf-8; header=present",
        }
    }

    /// What stands at the end of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::GeoJson => "geojson",
            Self::Csv(_) => "csv",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Head,
    Rows,
    Done,
    Failed,
}

/// The bytes of a report, in chunks of one page each. After an error there is nothing more: whoever reads the
/// chunks must then not present what came before as complete.
#[derive(Debug)]
pub struct Export {
    report: Report,
    format: Format,
    stage: Stage,
    totals: Totals,
    digest: Sha256,
}

impl Export {
    #[must_use]
    pub fn new(report: Report, format: Format) -> Self {
        let totals = Totals::new(report.columns);
        Self { report, format, stage: Stage::Head, totals, digest: Sha256::new() }
    }

    /// The media type of the bytes.
    #[must_use]
    pub const fn content_type(&self) -> &'static str {
        self.format.content_type()
    }

    /// `HDF21-use-account-2026-11-24.csv`.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.file_stem(), self.extension())
    }

    /// What says the format at the end of a file's name.
    #[must_use]
    pub const fn extension(&self) -> &'static str {
        self.format.extension()
    }

    /// The name without what says the format.
    #[must_use]
    pub fn file_stem(&self) -> String {
        let meta = &self.report.meta;
        format!("{}-{}-{}", meta.programme, self.report.name, meta.as_of)
    }

    /// The report, of which nothing was written yet.
    #[must_use]
    pub fn into_report(self) -> Report {
        self.report
    }

    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// Writes everything that is left.
    ///
    /// # Errors
    /// Those of the writer, and of the store as [`io::Error::other`].
    pub fn write_to(&mut self, writer: &mut dyn io::Write) -> io::Result<()> {
        for chunk in self.by_ref() {
            writer.write_all(&chunk.map_err(io::Error::other)?)?;
        }
        writer.flush()
    }

    /// The SHA-256 of the bytes, once everything was written; `None` before.
    #[must_use]
    pub fn digest(&self) -> Option<[u8; 32]> {
        (self.stage == Stage::Done).then(|| self.digest.clone().finalize().into())
    }

    /// What a control file beside the export says, once everything was written; `None` before.
    #[must_use]
    pub fn manifest(&self) -> Option<String> {
        let digest = self.digest()?;
        let meta = &self.report.meta;
        let mut sums = Map::new();
        for (column, sum) in self.report.columns.iter().zip(&self.totals.sums) {
            if let Some(sum) = sum {
                sums.insert(column.name.to_owned(), json!(json_text::wide(*sum)));
            }
        }
        let manifest = json!({
            "report": self.report.name,
            "programme": meta.programme.as_str(),
            "as_of": meta.as_of.to_string(),
            "position": meta.position,
            "head": meta.head,
            "file": self.file_name(),
            "sha256": hex::encode(digest),
            "rows": self.totals.rows,
            "sums": sums,
        });
        Some(format!("{manifest}\n"))
    }

    fn head(&self) -> Result<Vec<u8>, StoreError> {
        match self.format {
            Format::Json => Ok(json_text::head(&self.report)),
            Format::GeoJson => Ok(geo_text::head(&self.report)),
            Format::Csv(options) => csv_text::head(self.report.columns, options),
        }
    }

    fn tail(&self) -> Result<Vec<u8>, StoreError> {
        match self.format {
            Format::Json => Ok(json_text::tail(self.report.columns, &self.totals)),
            Format::GeoJson => Ok(geo_text::tail(self.report.columns, &self.totals)),
            Format::Csv(options) => match options.last_line {
                LastLine::Totals => csv_text::total_line(&self.report, &self.totals, options),
                LastLine::None => Ok(Vec::new()),
            },
        }
    }

    fn chunk(&mut self) -> Result<Vec<u8>, StoreError> {
        if self.stage == Stage::Head {
            self.stage = Stage::Rows;
            return self.head();
        }
        let Some(rows) = (self.report.pages)()? else {
            self.stage = Stage::Done;
            return self.tail();
        };
        let first = self.totals.rows == 0;
        for row in &rows {
            debug_assert_eq!(row.len(), self.report.columns.len(), "{}", self.report.name);
            self.totals.add(row);
        }
        match self.format {
            Format::Json => Ok(json_text::rows(self.report.columns, &rows, first)),
            Format::GeoJson => Ok(geo_text::features(self.report.columns, &rows, first)),
            Format::Csv(options) => csv_text::rows(&rows, options),
        }
    }
}

impl Iterator for Export {
    type Item = Result<Vec<u8>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if matches!(self.stage, Stage::Done | Stage::Failed) {
            return None;
        }
        let chunk = self.chunk();
        match &chunk {
            Ok(bytes) => self.digest.update(bytes),
            // Never a last line under rows that are not all there.
            Err(_) => self.stage = Stage::Failed,
        }
        Some(chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::super::csv_text::{Delimiter, Headers, Money};
    use super::super::table::{Column, Meta, Pages, Row, row, whole};
    use super::*;
    use crate::domain::money::Cents;
    use crate::domain::short_code::ShortCode;
    use crate::domain::time::Day;

    const COLUMNS: &[Column] = &[
        Column::text("name", "Nom"),
        Column::integer("passes", "Pass"),
        Column::cents("value_cents", "Valeur"),
        Column::date("day", "Date"),
    ];

    fn report(pages: Pages) -> Report {
        let meta = Meta {
            programme: ShortCode::parse("HDF21").unwrap(),
            as_of: Day::parse("2026-11-24").unwrap(),
            from: None,
            position: 7,
            head: "ab".to_owned(),
            parameters: vec![("holder", "store".to_owned())],
            holds: Some(true),
            seen: None,
            closed: false,
        };
        Report { name: "sample", title: "Échantillon", columns: COLUMNS, meta, pages }
    }

    fn rows() -> Vec<Row> {
        let day = Day::parse("2026-11-01").unwrap();
        vec![
            row!["Société ; \"A\", B", 3_i64, Cents::new(123_450), day],
            row!["=1+1", -1_i64, Cents::new(-50), None::<Day>],
        ]
    }

    fn written(format: Format) -> String {
        let mut bytes = Vec::new();
        Export::new(report(whole(rows())), format).write_to(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn csv_has_crlf_quotes_where_needed_and_a_control_line_as_wide_as_the_others() {
        assert_eq!(
            written(Format::Csv(CsvOptions::default())),
            "name,passes,value_cents,day\r\n\"Société ; \"\"A\"\", B\",3,123450,2026-11-01\r\n'=1+1,-1,-50,\r\n\
             #total rows=2 position=7 head=ab holds=true,2,123400,\r\n"
        );
    }

    #[test]
    fn a_french_spreadsheet_gets_a_mark_semicolons_labels_and_decimal_commas() {
        assert_eq!(
            written(Format::Csv(CsvOptions::french_spreadsheet())),
            "\u{feff}Nom;Pass;Valeur (euros);Date\r\n\"Société ; \"\"A\"\", B\";3;1234,50;2026-11-01\r\n\
             '=1+1;-1;-0,50;\r\n#total rows=2 position=7 head=ab holds=true;2;1234,00;\r\n"
        );
    }

    #[test]
    fn money_in_euros_between_commas_is_quoted_and_renamed() {
        let options = CsvOptions { money: Money::DecimalComma, ..CsvOptions::default() };
        let text = written(Format::Csv(options));
        assert!(text.starts_with("name,passes,value_euros,day\r\n") && text.contains(",\"1234,50\","), "{text}");
        let labels = CsvOptions { headers: Headers::Labels, delimiter: Delimiter::Semicolon, ..CsvOptions::default() };
        assert!(written(Format::Csv(labels)).starts_with("Nom;Pass;Valeur (centimes);Date\r\n"));
    }

    #[test]
    fn json_says_the_same_as_csv_and_can_be_read() {
        let json: serde_json::Value = serde_json::from_str(&written(Format::Json)).unwrap();
        assert_eq!(json["rows"][1], json!({"name": "=1+1", "passes": -1, "value_cents": -50, "day": null}));
        assert_eq!(json["totals"], json!({"rows": 2, "passes": 2, "value_cents": 123_400}));
        assert_eq!((&json["holder"], &json["holds"], &json["position"]), (&json!("store"), &json!(true), &json!(7)));
        assert_eq!(json["columns"][2], json!({"name": "value_cents", "label": "Valeur", "kind": "cents"}));
    }

    #[test]
    fn the_manifest_carries_the_totals_and_the_digest_of_the_bytes() {
        let options = CsvOptions { last_line: LastLine::None, ..CsvOptions::default() };
        let mut export = Export::new(report(whole(rows())), Format::Csv(options));
        assert_eq!(export.manifest(), None);
        let mut bytes = Vec::new();
        export.write_to(&mut bytes).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("#total"));
        let manifest: serde_json::Value = serde_json::from_str(&export.manifest().unwrap()).unwrap();
        assert_eq!(manifest["sha256"], json!(hex::encode(Sha256::digest(&bytes))));
        assert_eq!(manifest["sums"], json!({"passes": 2, "value_cents": 123_400}));
        assert_eq!(manifest["file"], json!("HDF21-sample-2026-11-24.csv"));
    }

    #[test]
    fn an_empty_report_is_whole_too() {
        let nothing = |format| {
            let mut bytes = Vec::new();
            Export::new(report(whole(Vec::new())), format).write_to(&mut bytes).unwrap();
            String::from_utf8(bytes).unwrap()
        };
        let json: serde_json::Value = serde_json::from_str(&nothing(Format::Json)).unwrap();
        assert_eq!(json["rows"], json!([]));
        assert!(
            nothing(Format::Csv(CsvOptions::default()))
                .ends_with("#total rows=0 position=7 head=ab holds=true,0,0,\r\n")
        );
    }

    #[test]
    fn a_failure_midway_ends_the_export_without_totals() {
        let mut calls = 0;
        let pages: Pages = Box::new(move || {
            calls += 1;
            if calls == 1 { Ok(Some(rows())) } else { Err(StoreError::Unreachable("gone".to_owned())) }
        });
        let mut export = Export::new(report(pages), Format::Csv(CsvOptions::default()));
        let chunks: Vec<_> = export.by_ref().collect();
        assert!(chunks.len() == 3 && chunks[2].is_err());
        assert_eq!(export.manifest(), None);
    }
}
