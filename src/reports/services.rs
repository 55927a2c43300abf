//! Services : what passes are spent for, month by month; net of reversals. What never lives here: a venue, or a person.

use std::collections::BTreeMap;

use super::masking::masked;
use super::question::{Parameter, Question, mention};
use super::redemptions::each_act;
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::money::Cents;
use crate::domain::party::Service;
use crate::store::StoreError;

/// A reversal counts in the month in which it was recorded. Masked, a month and a service with fewer than five visits have no
/// figures.
const COLUMNS: &[Column] = &[
    Column::text("month", "Mois"),
    Column::text("service", "Service"),
    Column::text("label", "Intitulé"),
    Column::integer("visits", "Visites"),
    Column::integer("passes", "Pass utilisés"),
    Column::cents("value_cents", "Valeur"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "services",
    title: "Services payés par pass, mois par mois",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[Parameter::From, Parameter::Masked],
    open,
};

/// Month and service.
type Key = (String, String);
/// Visits, passes, cents.
type Sums = [i64; 3];

fn open(question: &Question) -> Result<Report, ReportError> {
    let mut sums: BTreeMap<Key, Sums> = BTreeMap::new();
    each_act(question, |act| {
        let month = act.day().chars().take(7).collect();
        let [visits, passes, cents] = sums.entry((month, mention(act.place(), "service"))).or_default();
        *visits += act.sign();
        *passes += act.sign() * act.passes();
        *cents += act.sign() * act.cents();
        Ok::<_, StoreError>(())
    })?;
    let sums: Vec<(Key, Sums)> = sums.into_iter().collect();
    // What was used in a month is known: each of these sums.
    let shown: Vec<bool> =
        sums.chunk_by(|one, other| one.0.0 == other.0.0).flat_map(|month| shown(question, month)).collect();
    let rows = whole(sums.into_iter().zip(shown).map(line).collect());
    Ok(question.report(rows))
}

/// Which services of a month may be shown.
fn shown(question: &Question, month: &[(Key, Sums)]) -> Vec<bool> {
    // Where passes were spent, somebody came, whatever was reversed.
    let came = |(_, [visits, passes, _]): &(Key, Sums)| if *passes == 0 { *visits } else { (*visits).max(1) };
    let visits: Vec<i64> = month.iter().map(|sums| came(sums).max(0)).collect();
    if question.request.masked {
        masked(&visits).into_iter().map(|count| count.is_some()).collect()
    } else {
        vec![true; visits.len()]
    }
}

fn line((((month, service), [visits, passes, cents]), shown): ((Key, Sums), bool)) -> Row {
    let label = Service::parse(&service).map_or("", Service::label);
    let some = |count: i64| shown.then_some(count);
    row![month, service, label, some(visits), some(passes), shown.then_some(Cents::new(cents))]
}
