//! Whether the schema that is found is the one that the migrations make. Each engine says what it has, one line per
//! object (`trigger receipts.receipts_keep: CREATE TRIGGER …`); the lines to expect stand in `schema/`, and a test
//! holds them against what migrations make. What never lives here: SQL, or a repair.

use std::collections::BTreeSet;

use super::error::StoreError;

/// Objects named in one message at most.
const MOST_NAMED: usize = 8;

/// Refuses a schema in which something is missing, was changed, or was added to one of our tables. Indexes and tables
/// of others are theirs.
///
/// # Errors
/// [`StoreError::Schema`], naming the objects.
pub(super) fn compare(found: &[String], expected: &str) -> Result<(), StoreError> {
    let expected: BTreeSet<&str> = expected.lines().collect();
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    let tables: BTreeSet<&str> = expected.iter().filter_map(|line| table(line)).collect();
    let ours = |line: &&str| !line.starts_with("index ") && table(line).is_some_and(|name| tables.contains(name));
    let missing: BTreeSet<&str> = expected.difference(&found).map(|line| name(line)).collect();
    let added = found.difference(&expected).copied().filter(ours).map(name);
    let added: BTreeSet<&str> = added.filter(|name| !missing.contains(name)).collect();
    if missing.is_empty() && added.is_empty() {
        return Ok(());
    }
    let mut said = vec!["le schéma de la base n'est pas celui que ce programme a fait".to_owned()];
    for (what, names) in [("manquant ou changé", missing), ("ajouté", added)] {
        let more = names.len().saturating_sub(MOST_NAMED);
        let mut shown = names.into_iter().take(MOST_NAMED).collect::<Vec<_>>().join(", ");
        if more > 0 {
            shown = format!("{shown} et {more} de plus");
        }
        if !shown.is_empty() {
            said.push(format!("{what} : {shown}"));
        }
    }
    said.push(
        "vérifiez le journal (recepisse verify), puis rétablissez le schéma ou restaurez une sauvegarde".to_owned(),
    );
    Err(StoreError::Schema(said.join(" ; ")))
}

/// The tables whose guard is missing or was changed.
pub(super) fn unguarded(found: &[String], expected: &str) -> BTreeSet<String> {
    let guards = expected.lines().filter(|line| line.starts_with("trigger "));
    let missing = guards.filter(|line| !found.iter().any(|has| has == line));
    missing.filter_map(table).map(str::to_owned).collect()
}

/// The refusal of a table that holds rows and has lost its guard: whoever took it away may have changed them.
pub(super) fn guard_lost(table: &str) -> StoreError {
    StoreError::Schema(format!(
        "la table {table} a perdu le déclencheur qui interdit d'y changer une ligne : quelqu'un a pu y écrire. Vérifiez \
         le journal (recepisse verify), puis remettez les déclencheurs avec « recepisse migrate --restore-guards »"
    ))
}

/// `trigger receipts.receipts_keep` of a line.
fn name(line: &str) -> &str {
    line.split(": ").next().unwrap_or_default()
}

/// `receipts` of a line.
fn table(line: &str) -> Option<&str> {
    name(line).split(' ').nth(1)?.split('.').next()
}

/// Splits the definition of a table at the commas that are not inside parentheses.
pub(super) fn parts(definition: &str) -> Vec<String> {
    let inside =
        definition.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map_or("", |(inside, _)| inside);
    let (mut parts, mut depth) = (vec![String::new()], 0_usize);
    for letter in inside.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts.iter().map(|part| plain(part)).collect()
}

/// The same text with one space where there were several, or a line's end.
pub(super) fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: &str = "column passes.id: bigint\nindex passes.by_id: (id)\ntrigger passes.keep: BEFORE UPDATE";

    fn compared(found: &[&str]) -> Result<(), String> {
        let found: Vec<String> = found.iter().map(|line| (*line).to_owned()).collect();
        compare(&found, EXPECTED).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_missing_changed_or_added_is_named() {
        let all: Vec<&str> = EXPECTED.lines().collect();
        assert_eq!(compared(&all), Ok(()));
        for (place, name) in ["column passes.id", "index passes.by_id", "trigger passes.keep"].iter().enumerate() {
            let mut others = all.clone();
            others.remove(place);
            assert!(compared(&others).unwrap_err().contains(&format!("manquant ou changé : {name} ;")), "{name}");
        }
        let changed = ["column passes.id: text", "index passes.by_id: (id)", "trigger passes.keep: BEFORE UPDATE"];
        let told = compared(&changed).unwrap_err();
        assert!(told.contains("manquant ou changé : column passes.id ;") && !told.contains("ajouté"), "{told}");
        assert!(
            compared(&[&all[..], &["trigger passes.evil: x"]].concat())
                .unwrap_err()
                .contains("ajouté : trigger passes.evil")
        );
        assert_eq!(compared(&[&all[..], &["index passes.more: x", "column others.id: x"]].concat()), Ok(()));
    }

    #[test]
    fn a_table_is_taken_apart_at_its_own_commas() {
        let parts = parts("CREATE TABLE t (a BIGINT\n  NOT NULL CHECK (a IN (1, 2)), PRIMARY KEY (a, b))");
        assert_eq!(parts, ["a BIGINT NOT NULL CHECK (a IN (1, 2))", "PRIMARY KEY (a, b)"]);
    }
}
