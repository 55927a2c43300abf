//! Version 0.1 of the standard, in its own words: read as version 1, and written for tools that still ask for it. What
//! never lives here: a column that both versions have alike.

use std::sync::LazyLock;

use super::columns::{Cells, DECLARED, OLD_COLUMNS};
use super::reading::{Remark, Treatment};
use super::rows::Row;

/// Columns that only version 0.1 has.
pub(super) const MARKS: [&str; 4] = ["conditions_acces", "labels_nationaux", "publics_accueillis", "courriel"];

/// Between values.
const SEPARATOR: &str = ";";
/// What a place says that takes passes.
const TAKES_PASSES: &str =
    "Accepte le Pass numérique : Il est possible d'utiliser un Pass numérique pour accéder au lieu";
/// The label of the same thing.
const APTIC: &str = "APTIC";

/// A word of version 0.1 and that of version 1, each with its column. Where several words lead to one, the first is what is
/// written.
struct Word {
    column: &'static str,
    old: &'static str,
    to: &'static str,
    new: &'static str,
}

static WORDS: LazyLock<Vec<Word>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let mut cells = line.split(';');
        Some(Word { column: cells.next()?, old: cells.next()?, to: cells.next()?, new: cells.next()? })
    };
    include_str!("legacy_words.csv").lines().skip(1).filter_map(line).collect()
});

/// Columns that only changed their name.
const RENAMED: [(&str, &str); 3] =
    [("courriel", "courriels"), ("accessibilite", "fiche_acces_libre"), ("labels_autres", "autres_formations_labels")];

/// The part of a word that tells it apart: what stands before its explanation.
fn head(word: &str) -> String {
    word.split(" : ").next().unwrap_or(word).trim().replace('\u{2019}', "'")
}

/// Makes a row of version 1 of one of version 0.1. What has no word there is left as it is, for the reader to judge.
pub(super) fn translate(row: &mut Row, remarks: &mut Vec<Remark>) {
    let line = row.line;
    let mut declared = false;
    for column in ["services", "publics_accueillis", "conditions_acces", "labels_nationaux", "modalites_accompagnement"]
    {
        let Some(cell) = row.cells.remove(column) else { continue };
        for word in cell.split(['|', ';']).map(str::trim).filter(|word| !word.is_empty()) {
            if head(word) == head(TAKES_PASSES) || (column == "labels_nationaux" && word == APTIC) {
                declared = true;
            } else if word != "Adultes" {
                let known = |known: &&Word| known.column == column && head(known.old) == head(word);
                let (to, new) = WORDS.iter().find(known).map_or((successor(column), word), |word| (word.to, word.new));
                add(row, to, new);
            }
        }
    }
    for (old, new) in RENAMED {
        if let Some(cell) = row.cells.remove(old) {
            cell.split(['|', ';']).for_each(|value| add(row, new, value.trim()));
        }
    }
    for column in ["typologie", "telephone"] {
        if let Some(cell) = row.cells.get_mut(column) {
            *cell = cell.replace(';', "|");
        }
    }
    if let Some(cell) = row.cells.get_mut("site_web") {
        *cell = cell.replace(",http", "|http").replace(";http", "|http");
    }
    if let Some(value) = row.cells.remove("cle_ban") {
        let column = "cle_ban".to_owned();
        remarks.push(Remark { line, column, value, code: "column_unknown", treatment: Treatment::Dropped });
    }
    if declared {
        row.cells.insert(DECLARED.to_owned(), "true".to_owned());
        let (column, value) = ("conditions_acces".to_owned(), head(TAKES_PASSES));
        remarks.push(Remark { line, column, value, code: "pass_declared", treatment: Treatment::Translated });
    }
}

/// Adds a value to a list, once.
fn add(row: &mut Row, column: &str, value: &str) {
    let cell = row.cells.entry(column.to_owned()).or_default();
    if value.is_empty() || cell.split('|').any(|known| known == value) {
        return;
    }
    if !cell.is_empty() {
        cell.push('|');
    }
    cell.push_str(value);
}

/// The column of version 1 that has the words of one of version 0.1 that we do not know.
fn successor(column: &str) -> &str {
    match column {
        "publics_accueillis" => "publics_specifiquement_adresses",
        "conditions_acces" => "frais_a_charge",
        "labels_nationaux" => "autres_formations_labels",
        same => same,
    }
}

/// A row of version 0.1 of the cells of version 1, in the order of its columns. `accepts`: whether passes are taken there.
pub(super) fn row(cells: &Cells, accepts: bool) -> Vec<String> {
    let cell = |column: &&str| match *column {
        "cle_ban" => String::new(),
        "conditions_acces" if accepts => {
            let mut words = words(cells, column);
            words.push(TAKES_PASSES.to_owned());
            words.join(SEPARATOR)
        }
        "services" | "publics_accueillis" | "conditions_acces" | "labels_nationaux" | "modalites_accompagnement" => {
            words(cells, column).join(SEPARATOR)
        }
        "site_web" => cells.cell(column, ","),
        // Version 0.1 has room for one.
        "telephone" => cells.values(column).first().map(ToString::to_string).unwrap_or_default(),
        "courriel" => cells.values("courriels").first().map(ToString::to_string).unwrap_or_default(),
        "accessibilite" => cells.cell("fiche_acces_libre", SEPARATOR),
        "labels_autres" => {
            let own = |value: &&str| !WORDS.iter().any(|word| word.column == "labels_nationaux" && word.old == *value);
            cells.values("autres_formations_labels").into_iter().filter(own).collect::<Vec<_>>().join(SEPARATOR)
        }
        same => cells.cell(same, SEPARATOR),
    };
    OLD_COLUMNS.iter().map(cell).collect()
}

/// The words of a column of version 0.1 for what the cells of version 1 say.
fn words(cells: &Cells, column: &str) -> Vec<String> {
    let said = |word: &&Word| word.column == column && cells.values(word.to).contains(&word.new);
    let mut words: Vec<&Word> = Vec::new();
    for word in WORDS.iter().filter(said) {
        // Of several words for one thing, the first.
        if !words.iter().any(|known| known.new == word.new) {
            words.push(word);
        }
    }
    words.into_iter().map(|word| word.old.to_owned()).collect()
}
