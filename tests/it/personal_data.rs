//! What is kept of people is declared, column by column, to whoever answers for it. What never lives here: how it is erased
//! (see `acts::erasure`), or whether it can be recognised (see `http::reidentification`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The words between backticks in a cell.
fn words(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A new column is decided upon: it concerns a person, and the tables above the inventory say why it is kept, or it does not.
#[test]
fn every_column_of_the_schema_is_in_the_inventory_of_personal_data() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/PRIVACY.md")).unwrap();
    let (declared, inventory) = page.split_once("## Inventaire de toutes les colonnes").unwrap();
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in inventory.lines().filter_map(|line| line.strip_prefix("| `")) {
        let cells: Vec<&str> = row.split('|').collect();
        let table = cells[0].trim().trim_end_matches('`').to_owned();
        let (of_people, rest) = (words(cells[1]), words(cells[2]));
        assert!(of_people.is_disjoint(&rest), "{table}: a column stands twice");
        assert!(
            of_people.is_empty() || declared.contains(&format!("`{table}`")),
            "{table}: nothing says why it is kept"
        );
        assert!(told.insert(table.clone(), &of_people | &rest).is_none(), "{table} stands twice");
    }
    let schema = std::fs::read_to_string(root.join("src/store/expected/sqlite.txt")).unwrap();
    let mut there: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in schema.lines().filter_map(|line| line.strip_prefix("column ")) {
        let (table, column) = line.split_once(':').unwrap().0.split_once('.').unwrap();
        there.entry(table.to_owned()).or_default().insert(column.to_owned());
    }
    assert_eq!(told, there);
}
