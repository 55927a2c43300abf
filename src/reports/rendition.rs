//! Reddition d'un mandataire (CGCT L.1611-7 IV ; décret n° 2012-1246, reddition « sans contraction ») : every operation of one
//! holder by nature and counterpart, in and out apart, between its opening and its closing position, and what is still on
//! its way. The receipts, one by one, are in the movements report of the same holder and period. What never lives here: a
//! netted figure.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::Quantity;
use super::question::{Parameter, Question};
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::movement::Kind;
use crate::store::{Flow, Reads, StoreError};

/// `section`: `opening`, `operation`, `closing`, or `gap` for booklets that left for the holder or from it and that nobody has
/// accepted at the end of the last day. `last_receipt`: the last one of the nature in the period.
const COLUMNS: &[Column] = &[
    Column::text("section", "Partie"),
    Column::text("nature", "Nature"),
    Column::text("label", "Intitulé"),
    Column::text("direction", "Sens"),
    Column::text("counterpart", "Contrepartie"),
    Column::integer("booklets", "Carnets").running(),
    Column::integer("passes", "Pass").running(),
    Column::cents("value_cents", "Valeur").running(),
    Column::text("last_receipt", "Dernier récépissé"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "rendition",
    title: "Reddition d'un mandataire",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From, Parameter::Holder],
    open,
};

/// Kind, direction and counterpart.
type Nature = (String, &'static str, String);

fn open(question: &Question) -> Result<Report, ReportError> {
    let holder = question.holder()?;
    let name = holder.to_string();
    let rows = question.store.read(|tx| {
        let opening = balance(&tx.flows(question.before(), Some(&holder))?, &name);
        let flows = tx.flows(question.window, Some(&holder))?;
        let closing = opening.plus(balance(&flows, &name));
        let numbers: BTreeSet<i64> = flows.iter().map(|flow| flow.last_position).collect();
        let numbers: BTreeMap<i64, String> = tx.numbers_at(question.programme.no, &numbers)?.into_iter().collect();
        let mut rows = vec![position("opening", "Position à l'ouverture", opening)];
        for ((kind, direction, counterpart), (quantity, last)) in natures(flows, &name) {
            let label = Kind::parse(&kind).map_or("", Kind::title);
            let Quantity { booklets, passes, .. } = quantity;
            let receipt = numbers.get(&last).cloned();
            rows.push(row![
                "operation",
                kind,
                label,
                direction,
                counterpart,
                booklets,
                passes,
                quantity.value(),
                receipt
            ]);
        }
        rows.push(position("closing", "Position à la clôture", closing));
        rows.extend(gaps(tx, question, &name)?);
        Ok::<_, StoreError>(rows)
    })?;
    Ok(question.report_about(Parameter::Holder, name, whole(rows)))
}

fn position(section: &str, label: &str, quantity: Quantity) -> Row {
    let Quantity { booklets, passes, .. } = quantity;
    row![section, "", label, "", "", booklets, passes, quantity.value(), None::<String>]
}

fn balance(flows: &[Flow], holder: &str) -> Quantity {
    flows.iter().fold(Quantity::default(), |sum, flow| {
        let quantity = Quantity::from(flow);
        if flow.to == holder { sum.plus(quantity) } else { sum.minus(quantity) }
    })
}

/// What moved of each nature, all batches together, and the position of the last receipt.
fn natures(flows: Vec<Flow>, holder: &str) -> BTreeMap<Nature, (Quantity, i64)> {
    let mut natures: BTreeMap<Nature, (Quantity, i64)> = BTreeMap::new();
    for flow in flows {
        let quantity = Quantity::from(&flow);
        let (direction, counterpart) = if flow.to == holder { ("in", flow.from) } else { ("out", flow.to) };
        // Every transit and every batch is its own holder, and of one nature here.
        let counterpart = match counterpart.split_once(':') {
            Some((kind @ ("transit" | "issue"), _)) => kind.to_owned(),
            _ => counterpart,
        };
        let (sum, last) = natures.entry((flow.kind, direction, counterpart)).or_default();
        *sum = sum.plus(quantity);
        *last = (*last).max(flow.last_position);
    }
    natures
}

/// Transits to or from the holder that still hold something at the end.
fn gaps(tx: &mut dyn Reads, question: &Question, holder: &str) -> Result<Vec<Row>, StoreError> {
    let number = |holder: &str| holder.strip_prefix("transit:").and_then(|number| number.parse::<i64>().ok());
    let mut held: BTreeMap<i64, (Quantity, i64)> = BTreeMap::new();
    for flow in tx.flows(question.whole(), None)? {
        let quantity = Quantity::from(&flow);
        if let Some(transit) = number(&flow.to) {
            let (sum, first) = held.entry(transit).or_default();
            (*sum, *first) = (sum.plus(quantity), flow.last_position);
        }
        if let Some(transit) = number(&flow.from) {
            let (sum, _) = held.entry(transit).or_default();
            *sum = sum.minus(quantity);
        }
    }
    held.retain(|_, (quantity, _)| quantity.passes != 0);
    let numbers: BTreeSet<i64> = held.keys().copied().collect();
    let sent: BTreeSet<i64> = held.values().map(|(_, position)| *position).collect();
    let receipts: BTreeMap<i64, String> = tx.numbers_at(question.programme.no, &sent)?.into_iter().collect();
    let mut rows = Vec::new();
    for dispatch in tx.dispatches_among(question.programme.no, &numbers)? {
        let (from, to) = (dispatch.from.to_string(), dispatch.to.to_string());
        let (direction, counterpart) = if to == holder { ("in", from.clone()) } else { ("out", to.clone()) };
        let Some((quantity, position)) = held.get(&dispatch.number).filter(|_| from == holder || to == holder) else {
            continue;
        };
        let Quantity { booklets, passes, .. } = *quantity;
        let (label, receipt) = ("Envoi que personne n'a accepté", receipts.get(position).cloned());
        let transit = format!("transit:{}", dispatch.number);
        rows.push(row!["gap", transit, label, direction, counterpart, booklets, passes, quantity.value(), receipt]);
    }
    Ok(rows)
}
