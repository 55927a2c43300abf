//! Réassort conseillé: what each prescriber will need, from its own pace of the last month. What never lives here: its
//! ceiling; an allocation is simulated before it is applied.

use std::collections::BTreeMap;

use super::question::Question;
use super::stock::{Lines, held};
use super::table::{Column, Report, Row, Value, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::movement::Kind;
use crate::store::{Reads, StoreError, Window};

/// `last_month_booklets`: handed out in the month up to the day. `days_left`: how long what is on hand lasts at that pace;
/// empty without a pace. `suggested_booklets`: what is missing for [`MONTHS`] months, with what is on its way.
const COLUMNS: &[Column] = &[
    Column::text("prescriber", "Prescripteur"),
    Column::integer("on_hand_booklets", "Carnets en dépôt"),
    Column::integer("in_transit_booklets", "Carnets en route"),
    Column::integer("last_month_booklets", "Carnets remis en un mois"),
    Column::integer("days_left", "Jours de stock").running(),
    Column::integer("suggested_booklets", "Réassort conseillé, en carnets"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "restocking",
    title: "Réassort conseillé par prescripteur",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[],
    open,
};

/// For how many months a prescriber should have booklets.
const MONTHS: i64 = 2;
/// Days of a month, to tell how long stock lasts.
pub(super) const DAYS_OF_A_MONTH: i64 = 30;

/// Booklets that each prescriber handed out in the month up to the day asked about.
pub(super) fn paces(tx: &mut dyn Reads, question: &Question) -> Result<BTreeMap<String, i64>, StoreError> {
    let begin = question.request.as_of.minus_months(1).plus_days(1);
    let after = tx.position_before(question.programme.no, begin)?;
    let mut paces = BTreeMap::new();
    for flow in tx.flows(Window { after, ..question.whole() }, None)? {
        let code = flow.from.strip_prefix("prescriber:").filter(|_| flow.kind == Kind::HandOut.as_str());
        if let Some(code) = code {
            *paces.entry(code.to_owned()).or_default() += flow.booklets;
        }
    }
    Ok(paces)
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let (mut lines, paces): (Lines, _) =
        question.store.read(|tx| Ok::<_, StoreError>((held(tx, question)?, paces(tx, question)?)))?;
    if let Some(scope) = &question.request.scope {
        lines.retain(|prescriber, _| prescriber == scope.as_str());
    }
    let rows = lines.iter().map(|(prescriber, line)| {
        let (on_hand, in_transit) = (line.on_hand.booklets, line.in_transit.booklets);
        suggestion(prescriber, (on_hand, in_transit), paces.get(prescriber).copied().unwrap_or(0))
    });
    Ok(question.report(whole(rows.collect())))
}

fn suggestion(prescriber: &str, (on_hand, in_transit): (i64, i64), pace: i64) -> Row {
    let lasts = on_hand.saturating_mul(DAYS_OF_A_MONTH).checked_div(pace).map_or(Value::Empty, Value::Integer);
    let wanted = pace.saturating_mul(MONTHS).saturating_sub(on_hand).saturating_sub(in_transit).max(0);
    row![prescriber, on_hand, in_transit, pace, lasts, wanted]
}
