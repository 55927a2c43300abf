//! État des structures (sur le modèle de la liste des prestataires qui ont demandé un paiement, CGCT R.1611-6) : what each
//! provider accepted, claimed and was paid in a period, and what is still due to it. What never lives here: a claim's own
//! state.

use std::collections::BTreeMap;

use super::figures::Quantity;
use super::question::{Parameter, Question, mention};
use super::reconciliation::each_body;
use super::table::{Column, Report, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::movement::Kind;
use crate::store::{Flow, Reads, StoreError};

/// In number and in cents, in the period, reversals, rejections and payments that came back apart; `due_*` is what the
/// provider accepted and was not paid at the end of the last day, claimed or not. `name` and `registration`: as its last claim
/// names it; without, it has never asked to be paid.
const COLUMNS: &[Column] = &[
    Column::text("provider", "Structure"),
    Column::integer("redeemed_passes", "Pass utilisés"),
    Column::integer("reversed_passes", "Pass annulés"),
    Column::integer("claimed_passes", "Pass demandés"),
    Column::integer("rejected_passes", "Pass rejetés"),
    Column::integer("paid_passes", "Pass payés"),
    Column::integer("due_passes", "Pass restant dus"),
    Column::cents("redeemed_cents", "Valeur utilisée"),
    Column::cents("reversed_cents", "Valeur annulée"),
    Column::cents("claimed_cents", "Valeur demandée"),
    Column::cents("rejected_cents", "Valeur rejetée"),
    Column::cents("paid_cents", "Valeur payée"),
    Column::cents("due_cents", "Valeur restant due"),
    Column::text("name", "Nom de la structure"),
    Column::text("registration", "SIRET ou RNA"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "providers",
    title: "État des structures : utilisé, demandé, payé, restant dû",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From],
    open,
};

/// One provider's line.
#[derive(Debug, Default)]
struct Line {
    redeemed: Quantity,
    reversed: Quantity,
    claimed: Quantity,
    rejected: Quantity,
    paid: Quantity,
    due: Quantity,
}

/// By the provider's code.
type Lines = BTreeMap<String, Line>;

fn open(question: &Question) -> Result<Report, ReportError> {
    let (period, all, named) = question.store.read(|tx| {
        let (period, all) = (tx.flows(question.window, None)?, tx.flows(question.whole(), None)?);
        Ok::<_, StoreError>((period, all, named(tx, question)?))
    })?;
    let mut lines = Lines::new();
    for flow in &period {
        move_in(&mut lines, flow);
    }
    for flow in &all {
        stand(&mut lines, flow);
    }
    if let Some(scope) = &question.request.scope {
        lines.retain(|provider, _| provider == scope.as_str());
    }
    let to_row = |(provider, line): (&String, &Line)| {
        let Line { redeemed, reversed, claimed, rejected, paid, due } = line;
        let (name, registration) = named.get(provider).cloned().unwrap_or_default();
        row![
            provider.as_str(),
            redeemed.passes,
            reversed.passes,
            claimed.passes,
            rejected.passes,
            paid.passes,
            due.passes,
            redeemed.value(),
            reversed.value(),
            claimed.value(),
            rejected.value(),
            paid.value(),
            due.value(),
            name,
            registration,
        ]
    };
    Ok(question.report(whole(lines.iter().map(to_row).collect())))
}

/// Name and registration of each provider that has claimed, by its code.
fn named(tx: &mut dyn Reads, question: &Question) -> Result<BTreeMap<String, (String, String)>, StoreError> {
    let mut named = BTreeMap::new();
    each_body(tx, question.whole(), &[Kind::Claim], |body| {
        let claimed = body.lines.iter().find_map(|line| line.to.strip_prefix("claimed:"));
        let of = (mention(body, "provider"), mention(body, "provider_registration"));
        named.extend(claimed.map(|code| (code.to_owned(), of)));
        Ok(())
    })?;
    Ok(named)
}

/// The place of a provider that a holder is, and whose.
fn place(holder: &str) -> Option<(&str, &str)> {
    holder.split_once(':').filter(|(kind, _)| matches!(*kind, "provider" | "claimed" | "paid"))
}

fn move_in(lines: &mut Lines, flow: &Flow) {
    let (from, to) = (place(&flow.from), place(&flow.to));
    let Some((_, provider)) = to.or(from) else { return };
    let line = lines.entry(provider.to_owned()).or_default();
    let sum = match (from.map(|(kind, _)| kind), to.map(|(kind, _)| kind)) {
        (None, Some(_)) => &mut line.redeemed,
        (Some("provider"), None) => &mut line.reversed,
        (Some("provider"), Some(_)) => &mut line.claimed,
        (Some("claimed"), Some("paid")) => &mut line.paid,
        (Some("claimed"), _) => &mut line.rejected,
        _ => return,
    };
    *sum = sum.plus(Quantity::from(flow));
}

/// What was accepted and is not paid.
fn stand(lines: &mut Lines, flow: &Flow) {
    let unpaid = |holder| place(holder).filter(|(kind, _)| *kind != "paid").map(|(_, provider)| provider.to_owned());
    let quantity = Quantity::from(flow);
    if let Some(provider) = unpaid(flow.to.as_str()) {
        let line = lines.entry(provider).or_default();
        line.due = line.due.plus(quantity);
    }
    if let Some(provider) = unpaid(flow.from.as_str()) {
        let line = lines.entry(provider).or_default();
        line.due = line.due.minus(quantity);
    }
}
