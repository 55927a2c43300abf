//! Publics : whom the scheme reached, by ground and age band. Read from the erasable zone: what was erased there is no longer
//! counted. What never lives here: a person, or a place smaller than the programme.

use std::collections::BTreeMap;

use super::hand_outs::each_hand_out;
use super::masking::masked;
use super::question::{Parameter, Question};
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::act::band_in_words;

/// `age_band`: `0-17`, `18-25`, `26-59` or `60+`.
const COLUMNS: &[Column] = &[
    Column::text("ground", "Motif d'éligibilité"),
    Column::text("age_band", "Tranche d'âge"),
    Column::integer("hand_outs", "Remises"),
    Column::integer("booklets", "Carnets"),
    Column::integer("passes", "Pass"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "publics",
    title: "Publics, par motif et tranche d'âge",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[Parameter::From, Parameter::Masked],
    open,
};

/// Ground and age band.
type Key = (String, String);
/// Hand-outs, booklets, passes.
type Sums = [i64; 3];

fn open(question: &Question) -> Result<Report, ReportError> {
    let mut sums: BTreeMap<Key, Sums> = BTreeMap::new();
    each_hand_out(question, |_, fact| {
        let Some(kept) = fact.kept else { return };
        let key = (kept.ground, band_in_words(&kept.age_band).to_owned());
        let [hand_outs, booklets, passes] = sums.entry(key).or_default();
        *hand_outs += 1;
        *booklets += fact.booklets;
        *passes += fact.passes;
    })?;
    let people: Vec<i64> = sums.values().map(|[hand_outs, ..]| *hand_outs).collect();
    let shown = if question.request.masked { masked(&people) } else { people.into_iter().map(Some).collect() };
    let rows = whole(sums.into_iter().zip(shown).map(line).collect());
    Ok(question.report(rows))
}

fn line((((ground, band), [_, booklets, passes]), people): ((Key, Sums), Option<i64>)) -> Row {
    row![ground, band, people, people.map(|_| booklets), people.map(|_| passes)]
}
