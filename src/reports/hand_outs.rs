//! Remises aux bénéficiaires, sans les personnes: how many booklets by day, prescriber, ground, age band and
//! commune. Read from the erasable zone: what was erased there is no longer counted here, but stays in the use
//! account. What never lives here: a fingerprint.

use std::collections::BTreeMap;

use super::question::{Parameter, Question};
use super::table::{Column, Report, Row, row};
use super::{Access, Entry, ReportError};
use crate::domain::time::Day;
use crate::store::{HandOutFact, Window};

/// `age_band`: `0-17`, `18-25`, `26-59` or `60+`. `commune`: INSEE code of residence.
const COLUMNS: &[Column] = &[
    Column::date("day", "Date"),
    Column::text("prescriber", "Prescripteur"),
    Column::text("ground", "Motif d'éligibilité"),
    Column::text("age_band", "Tranche d'âge"),
    Column::text("commune", "Commune de résidence"),
    Column::integer("hand_outs", "Remises"),
    Column::integer("booklets", "Carnets"),
    Column::integer("passes", "Pass"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "hand-outs",
    title: "Remises aux bénéficiaires",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From],
    open,
};

const PAGE: i64 = 2_000;

/// Prescriber, ground, age band and commune.
type Key = (String, String, String, String);

/// The sums of one day: the journal's days never go back, so a day is over when the next one starts.
#[derive(Debug, Default)]
struct Cursor {
    after: i64,
    day: Option<Day>,
    /// Hand-outs, booklets and passes.
    sums: BTreeMap<Key, (i64, i64, i64)>,
    done: bool,
}

#[expect(clippy::unnecessary_wraps, reason = "every entry of the catalogue opens the same way")]
fn open(question: &Question) -> Result<Report, ReportError> {
    let (window, scope) = (question.window, question.request.scope.clone());
    let start = Cursor { after: window.after, ..Cursor::default() };
    let pages = question.pages(start, move |tx, cursor| {
        if cursor.done {
            return Ok(None);
        }
        let facts = tx.hand_out_facts(Window { after: cursor.after, ..window }, scope.as_ref(), PAGE)?;
        let mut rows = Vec::new();
        if let Some(last) = facts.last() {
            cursor.after = last.position;
        } else {
            cursor.done = true;
            cursor.close(&mut rows);
        }
        for fact in facts {
            cursor.add(fact, &mut rows);
        }
        Ok(Some(rows))
    });
    Ok(question.report(pages))
}

impl Cursor {
    fn add(&mut self, fact: HandOutFact, rows: &mut Vec<Row>) {
        if self.day != Some(fact.day) {
            self.close(rows);
            self.day = Some(fact.day);
        }
        let band = if fact.age_band == "-18" { "0-17".to_owned() } else { fact.age_band };
        let sum = self.sums.entry((fact.office, fact.ground, band, fact.commune)).or_default();
        *sum = (sum.0 + 1, sum.1 + fact.booklets, sum.2 + fact.passes);
    }

    fn close(&mut self, rows: &mut Vec<Row>) {
        let Some(day) = self.day else { return };
        for ((office, ground, band, commune), (hand_outs, booklets, passes)) in std::mem::take(&mut self.sums) {
            rows.push(row![day, office, ground, band, commune, hand_outs, booklets, passes]);
        }
    }
}
