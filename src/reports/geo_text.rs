//! A table with positions as `GeoJSON` (RFC 7946), written piece by piece: a point for each row, the columns of the table as its
//! properties under their own names. What never lives here: which tables have positions.

use serde_json::{Map, Value as Json};

use super::json_text::{self, json};
use super::table::{Column, Report, Row, Totals, Value};

/// The columns that are the geometry.
const LATITUDE: &str = "latitude";
const LONGITUDE: &str = "longitude";

/// Whether rows of a table can be put on a map.
pub(super) fn has_positions(columns: &[Column]) -> bool {
    [LATITUDE, LONGITUDE].iter().all(|wanted| columns.iter().any(|column| column.name == *wanted))
}

/// Everything up to the first feature.
pub(super) fn head(report: &Report) -> Vec<u8> {
    let members = json_text::about(report);
    format!("{{\"type\":\"FeatureCollection\",{members},\"features\":[").into_bytes()
}

/// Features, with a comma before each but the first of all.
pub(super) fn features(columns: &[Column], rows: &[Row], first: bool) -> Vec<u8> {
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        text.push_str(if first && index == 0 { "\n" } else { ",\n" });
        text.push_str(&feature(columns, row));
    }
    text.into_bytes()
}

/// Everything after the last feature.
pub(super) fn tail(columns: &[Column], totals: &Totals) -> Vec<u8> {
    // The same as that of a table, whose rows end with a bracket too.
    json_text::tail(columns, totals)
}

fn feature(columns: &[Column], row: &Row) -> String {
    let mut properties = Map::new();
    let (mut latitude, mut longitude) = (None, None);
    for (column, value) in columns.iter().zip(row) {
        match (column.name, value) {
            (LATITUDE, Value::Text(degrees)) => latitude = Some(degrees),
            (LONGITUDE, Value::Text(degrees)) => longitude = Some(degrees),
            (LATITUDE | LONGITUDE, _) => {}
            (name, value) => {
                properties.insert(name.to_owned(), json(value));
            }
        }
    }
    // Degrees are written as they were read: decimal numbers, which no float has touched.
    let geometry = match (latitude, longitude) {
        (Some(latitude), Some(longitude)) => format!("{{\"type\":\"Point\",\"coordinates\":[{longitude},{latitude}]}}"),
        _ => "null".to_owned(),
    };
    format!("{{\"type\":\"Feature\",\"geometry\":{geometry},\"properties\":{}}}", Json::Object(properties))
}

#[cfg(test)]
mod tests {
    use super::super::table::row;
    use super::*;

    const COLUMNS: &[Column] = &[
        Column::text("code", "Code"),
        Column::integer("booklets", "Carnets"),
        Column::text("latitude", "Latitude"),
        Column::text("longitude", "Longitude"),
    ];

    #[test]
    fn a_row_is_a_point_and_one_without_a_position_has_no_geometry() {
        let rows = vec![row!["59392", 7_i64, "50.27875", "3.97267"], row!["59033", None::<i64>, None::<&str>, "3.8"]];
        let text = String::from_utf8(features(COLUMNS, &rows, true)).unwrap();
        let json: Json = serde_json::from_str(&format!("[{text}]")).unwrap();
        assert_eq!(json[0]["geometry"]["coordinates"], serde_json::json!([3.97267, 50.27875]));
        assert_eq!(json[0]["properties"], serde_json::json!({ "code": "59392", "booklets": 7 }));
        assert_eq!((&json[1]["geometry"], &json[1]["properties"]["booklets"]), (&Json::Null, &Json::Null));
        assert!(text.contains("[3.97267,50.27875]"), "longitude first, as it was read");
        assert!(has_positions(COLUMNS) && !has_positions(&COLUMNS[..3]));
    }
}
