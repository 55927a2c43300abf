//! Files of the standard, read and written.

use super::*;
use crate::domain::places::Sheet;

const EXAMPLE: &[u8] = include_bytes!("../../tests/vectors/places-v1.0.2.csv");
const OLD_EXAMPLE: &[u8] = include_bytes!("../../tests/vectors/places-v0.1.csv");

fn exported(sheets: &[(u64, Sheet)]) -> Vec<Exported<'_>> {
    sheets.iter().map(|(_, sheet)| Exported { id: "unused".to_owned(), sheet, programmes: Vec::new() }).collect()
}

fn told(read: &Read) -> Vec<(u64, &str, &str, Treatment)> {
    read.remarks.iter().map(|remark| (remark.line, remark.column.as_str(), remark.code, remark.treatment)).collect()
}

/// Header and one row with these cells besides those that must be there.
fn file(more: &[(&str, &str)]) -> Vec<u8> {
    let least = [
        ("id", "structure-1"),
        ("pivot", "43493312300029"),
        ("nom", "Anonymal"),
        ("commune", "Reims"),
        ("code_postal", "51100"),
        ("adresse", "12 BIS RUE DE LECLERCQ"),
        ("date_maj", "2022-06-02"),
        ("services", "Aide aux démarches administratives"),
    ];
    let mut cells: std::collections::BTreeMap<&str, &str> = least.into_iter().collect();
    cells.extend(more.iter().copied());
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let join = |texts: Vec<&str>| texts.into_iter().map(quoted).collect::<Vec<_>>().join(",");
    format!("{}\n{}\n", join(cells.keys().copied().collect()), join(cells.values().copied().collect())).into_bytes()
}

#[test]
fn the_example_of_the_standard_goes_in_and_comes_out_byte_for_byte() {
    let read = read(EXAMPLE, Form::Csv, Strictness::Refuse).unwrap();
    assert_eq!((read.version, told(&read)), (Version::V1, vec![]));
    assert_eq!(read.sheets.len(), 3);
    let written = csv(&exported(&read.sheets), Version::V1, false);
    assert_eq!(String::from_utf8(written).unwrap(), String::from_utf8(EXAMPLE.to_vec()).unwrap());
    let again = super::read(&json(&exported(&read.sheets), false), Form::Json, Strictness::Refuse).unwrap();
    let sheets = |read: &Read| read.sheets.iter().map(|(_, sheet)| sheet.clone()).collect::<Vec<_>>();
    assert_eq!(sheets(&again), sheets(&read), "and by way of JSON");
}

#[test]
fn the_older_version_is_read_and_written_in_its_own_words() {
    let read = read(OLD_EXAMPLE, Form::Csv, Strictness::Refuse).unwrap();
    assert_eq!(read.version, Version::V01);
    let [(_, accepting), (_, other)] = read.sheets.as_slice() else { panic!("{read:?}") };
    assert!(accepting.declares_pass && !other.declares_pass);
    let remark = (2, "conditions_acces", "pass_declared", Treatment::Translated);
    assert!(told(&read).contains(&remark), "{read:?}");
    let labels: Vec<&str> = accepting.services.iter().map(crate::domain::places::words::Term::as_str).collect();
    assert_eq!(labels, ["Aide aux démarches administratives", "Maîtrise des outils numériques du quotidien"]);
    let mut places = exported(&read.sheets);
    places[0].programmes = vec!["HDF21".to_owned()];
    let written = String::from_utf8(csv(&places, Version::V01, false)).unwrap();
    assert_eq!(written.matches("Accepte le Pass numérique : ").count(), 1, "where the ledger says so, and only there");
    let again = super::read(written.as_bytes(), Form::Csv, Strictness::Refuse).unwrap();
    let mut expected = read.sheets.clone();
    expected[0].1.declares_pass = true;
    assert_eq!(again.sheets, expected, "what version 0.1 has words for comes back");
}

#[test]
fn an_unknown_value_is_refused_or_kept_and_its_line_is_named() {
    let strange = file(&[("services", "Aide aux démarches administratives|Repassage"), ("frais_a_charge", "Cher")]);
    let refused = read(&strange, Form::Csv, Strictness::Refuse).unwrap();
    assert!(refused.sheets.is_empty());
    let lines = [
        (2, "services", "term_unknown", Treatment::Refused),
        (2, "frais_a_charge", "term_unknown", Treatment::Refused),
    ];
    assert_eq!(told(&refused), lines);
    assert_eq!(refused.remarks[0].value, "Repassage");
    let kept = read(&strange, Form::Csv, Strictness::Keep).unwrap();
    assert_eq!(told(&kept).iter().map(|told| told.3).collect::<Vec<_>>(), [Treatment::Kept, Treatment::Kept]);
    let written = String::from_utf8(csv(&exported(&kept.sheets), Version::V1, false)).unwrap();
    assert!(written.contains("\"Aide aux démarches administratives|Repassage\""), "{written}");
}

#[test]
fn what_cannot_be_read_is_left_out_value_by_value_or_the_line_is_refused() {
    let strange = file(&[
        ("telephone", "+33327530000|0327530000"),
        ("horaires", "le matin"),
        ("latitude", "49,2"),
        ("longitude", "4.03"),
        ("site_web", "https://a.example.fr|a.example.fr"),
    ]);
    let kept = read(&strange, Form::Csv, Strictness::Keep).unwrap();
    let mut left: Vec<&str> = kept.remarks.iter().map(|remark| remark.value.as_str()).collect();
    left.sort_unstable();
    assert_eq!(left, ["", "0327530000", "49,2", "a.example.fr", "le matin"], "{:?}", kept.remarks);
    let sheet = &kept.sheets[0].1;
    assert_eq!((sheet.phones.len(), sheet.websites.len()), (1, 1));
    assert_eq!((sheet.latitude, sheet.longitude), (None, None), "half a position is none");
    let refused = read(&strange, Form::Csv, Strictness::Refuse).unwrap();
    assert_eq!((refused.sheets.len(), refused.remarks.len()), (0, 1), "{:?}", refused.remarks);
}

#[test]
fn a_required_value_is_required_in_every_case() {
    for (column, value, code) in [
        ("nom", "", "column_empty"),
        ("pivot", "12", "pivot_malformed"),
        ("date_maj", "hier", "date_malformed"),
        ("code_postal", "5110", "postal_code_malformed"),
        ("commune", "Atlantis", "place_commune_unknown"),
    ] {
        for strictness in [Strictness::Refuse, Strictness::Keep] {
            let read = read(&file(&[(column, value)]), Form::Csv, strictness).unwrap();
            assert!(read.sheets.is_empty(), "{column}");
            assert_eq!(read.remarks.last().map(|remark| remark.code), Some(code), "{column}");
        }
    }
}

#[test]
fn an_identifier_stands_once_and_an_unknown_column_is_told() {
    let mut twice = file(&[("couleur", "bleu")]);
    let row = twice.split(|byte| *byte == b'\n').nth(1).unwrap().to_vec();
    twice.extend([row, b"\n".to_vec()].concat());
    let read = read(&twice, Form::Csv, Strictness::Refuse).unwrap();
    let expected = [(1, "couleur", "column_unknown", Treatment::Dropped), (3, "id", "id_repeated", Treatment::Refused)];
    assert_eq!((told(&read).as_slice(), read.sheets.len(), read.rows), (&expected[..], 1, 2));
}

#[test]
fn what_is_no_such_file_is_refused_whole() {
    let read = |bytes: &[u8], form| super::read(bytes, form, Strictness::Keep).map(|read| read.rows);
    assert_eq!(read(b"\xff\xfe", Form::Csv), Err(FileError::NotUtf8));
    assert_eq!(read(b"a,b\n1,2,3\n", Form::Csv), Err(FileError::Line(2)));
    assert_eq!(read(b"a,b\n1,2\n", Form::Csv), Err(FileError::NoColumns));
    assert_eq!(read(b"{}", Form::Json), Err(FileError::Line(1)));
    assert_eq!(read(br#"[{"id": {}}]"#, Form::Json), Err(FileError::Line(1)));
    assert_eq!(read(b"", Form::Csv), Ok(0));
    let many = format!("id\n{}", "x\n".repeat(50_001));
    assert_eq!(read(many.as_bytes(), Form::Csv), Err(FileError::TooManyRows));
}

#[test]
fn headers_are_found_as_the_national_example_writes_them() {
    let file = file(&[("Itinerance", "Itinérant"), ("modalite_acces", "Se présenter|Téléphoner")]);
    let read = read(&[b"\xef\xbb\xbf".as_slice(), &file].concat(), Form::Csv, Strictness::Refuse).unwrap();
    assert_eq!(told(&read), []);
    assert!(read.sheets[0].1.travels() && read.sheets[0].1.access_modes.len() == 2);
}

#[test]
fn the_extension_says_what_no_column_of_the_standard_has() {
    let read = read(EXAMPLE, Form::Csv, Strictness::Refuse).unwrap();
    let mut places = exported(&read.sheets);
    places[0].programmes = vec!["HDF21".to_owned(), "HDF22".to_owned()];
    let written = String::from_utf8(csv(&places, Version::V1, true)).unwrap();
    let header = written.lines().next().unwrap();
    assert!(header.ends_with(r#","prise_rdv","activites_tiers_lieu","dispositifs_pass_numerique""#), "{header}");
    assert!(written.contains(r#""HDF21|HDF22""#));
    let again = super::read(written.as_bytes(), Form::Csv, Strictness::Refuse).unwrap();
    assert_eq!((told(&again), &again.sheets), (vec![], &read.sheets), "it is read as a file of the standard");
}
