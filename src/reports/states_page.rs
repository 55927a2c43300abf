//! The page of the guides that says which state answers which question, held against the states. What never lives here: what
//! a state says.

use super::story::{Story, day};
use super::*;

/// The page that says which column answers which question: what it names, there is.
#[test]
fn every_state_and_column_that_the_page_of_states_names_exists() {
    let page = include_str!("../../docs/guides/etats.md");
    let named = |cell: &'static str| cell.split('`').skip(1).step_by(2);
    let story = Story::told();
    let request = Request::new(story::code("HDF26"), day("2026-05-20"));
    let rows = (open("programme-account", &story.store, &request).unwrap().pages)().unwrap().unwrap();
    let natures: Vec<&str> = rows
        .iter()
        .filter_map(|row| if let Value::Text(nature) = &row[0] { Some(nature.as_str()) } else { None })
        .collect();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| E")).collect();
    assert_eq!(rows.len(), 9);
    for row in rows {
        let cells: Vec<&'static str> = row.split('|').collect();
        let state = named(cells[3]).next().and_then(|state| state.split('?').next()).unwrap();
        let entry = CATALOGUE.iter().find(|entry| entry.name == state).unwrap_or_else(|| panic!("{state}"));
        for name in named(cells[4]).filter(|name| *name != "gap" || state == "order-differences") {
            let there = |column: &Column| match name.strip_suffix('…') {
                Some(beginning) => column.name.starts_with(beginning),
                None => column.name == name,
            };
            let nature = state == "programme-account" && natures.contains(&name);
            assert!(nature || entry.columns.iter().any(there), "{state}: {name}");
        }
    }
}
