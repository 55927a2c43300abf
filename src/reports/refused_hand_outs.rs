//! Remises refusées : how many people were sent away, by day, prescriber and what was lacking. What never lives here: a
//! person; nothing of them is kept.

use std::collections::BTreeMap;

use super::question::{Parameter, Question};
use super::table::{Column, Report, row};
use super::{Access, Entry, ReportError};
use crate::store::{RefusedHandOutRow, ScanFilter};

/// `code`: the stable code of the refusal. `lacking`: codes of the conditions that were not met, with a space between them:
/// `residence`, `age`, a status of the rules, or `entitlement` where the person had had their passes.
const COLUMNS: &[Column] = &[
    Column::date("day", "Date"),
    Column::text("prescriber", "Prescripteur"),
    Column::text("code", "Refus"),
    Column::text("rule_version", "Version des règles"),
    Column::text("lacking", "Conditions manquantes"),
    Column::integer("refusals", "Refus comptés"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "refused-hand-outs",
    title: "Remises refusées",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From],
    open,
};

const PAGE: i64 = 2_000;

#[expect(clippy::unnecessary_wraps, reason = "every entry of the catalogue opens the same way")]
fn open(question: &Question) -> Result<Report, ReportError> {
    let programme = question.programme.no;
    let filter = ScanFilter {
        office: question.request.scope.clone(),
        from_day: question.request.from,
        until_day: Some(question.request.as_of),
        after: None,
    };
    let pages = question.pages(Some(filter), move |tx, filter| {
        let Some(mut filter) = filter.take() else { return Ok(None) };
        let mut sums: BTreeMap<_, i64> = BTreeMap::new();
        loop {
            let refused = tx.refused_hand_outs(programme, &filter, PAGE)?;
            let Some(last) = refused.last() else { break };
            filter.after = Some(last.id.clone());
            for RefusedHandOutRow { day, office, code, rule_version, lacking, .. } in refused {
                *sums.entry((day, office, code, rule_version, lacking)).or_default() += 1;
            }
        }
        let line =
            |((day, office, code, rule_version, lacking), count)| row![day, office, code, rule_version, lacking, count];
        Ok(Some(sums.into_iter().map(line).collect()))
    });
    Ok(question.report(pages))
}
