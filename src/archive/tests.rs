//! What an archive holds of every report there is.

use std::collections::BTreeSet;

use super::contents::{BY_HOLDER, NEVER, REPORTS};
use crate::reports::CATALOGUE;

#[test]
fn every_report_is_in_the_archive_or_has_its_reason_not_to_be() {
    let all: BTreeSet<&str> = CATALOGUE.iter().map(|entry| entry.name).collect();
    let never = NEVER.iter().map(|(name, _)| *name);
    let decided: Vec<&str> = REPORTS.iter().chain(BY_HOLDER).copied().chain(never).collect();
    assert_eq!(decided.len(), all.len(), "a report is decided upon twice, or not at all");
    assert_eq!(decided.into_iter().collect::<BTreeSet<_>>(), all);
}
