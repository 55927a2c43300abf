//! Compte annuel du dispositif (sur le modèle de CGCT R.1611-10) : what became of the vouchers, in number and in euros, in the
//! period and since the beginning; every nature by itself, nothing netted. What never lives here: a rule that moves a pass.

use std::collections::BTreeMap;

use super::figures::{Quantity, kind_of};
use super::overpayments::{self, Line, Lines};
use super::question::mention;
use super::question::{Parameter, Question};
use super::reconciliation::each_body;
use super::table::{Column, Report, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::store::{Flow, Reads, StoreError, Window};

/// `period_*`: from the first day asked for to the last; `total_*`: since the beginning. The last lines are what stands at
/// the end of the last day, and have no period.
const COLUMNS: &[Column] = &[
    Column::text("nature", "Nature"),
    Column::text("label", "Intitulé"),
    Column::integer("period_passes", "Pass de la période").running(),
    Column::cents("period_cents", "Valeur de la période").running(),
    Column::integer("total_passes", "Pass depuis l'origine").running(),
    Column::cents("total_cents", "Valeur depuis l'origine").running(),
];

pub(super) const ENTRY: Entry = Entry {
    name: "programme-account",
    title: "Compte annuel du dispositif",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[Parameter::From],
    open,
};

/// Which movements a line adds up, by what each says of itself: its kind, and the kinds of holder it leaves and reaches.
type Which = fn(kind: &str, from: &str, to: &str) -> bool;

const ORDERED: &str = "ordered";
const ACTIVATED: &str = "activated";

/// The natures of operations, in the order of a pass's life.
const NATURES: &[(&str, &str, Which)] = &[
    (ORDERED, "Commandés", |_, _, _| false),
    ("delivered", "Pris en charge", |kind, _, _| kind == "delivery"),
    (ACTIVATED, "Activés (contre-valeur mandatée)", |_, _, _| false),
    ("handed_out", "Remis aux bénéficiaires", |_, from, to| {
        matches!(from, "prescriber" | "transit") && to == "circulation"
    }),
    ("redeemed", "Utilisés", |_, from, to| from == "circulation" && to == "provider"),
    ("reversed", "Utilisations annulées", |_, from, to| from == "provider" && to == "circulation"),
    ("claimed", "Demandés en remboursement", |_, from, to| from == "provider" && to == "claimed"),
    ("rejected", "Rejetés d'une demande", |_, from, to| from == "claimed" && to != "paid"),
    ("paid", "Payés", |_, _, to| to == "paid"),
    ("payment_returned", "Paiements revenus", |kind, from, _| from == "paid" && kind != "overpayment"),
    ("overpaid", "Constatés payés à tort", |kind, _, _| kind == "overpayment"),
    ("blocked", "Mis en opposition", |_, _, to| to == "blocked"),
    ("unblocked", "Oppositions levées", |_, from, _| from == "blocked"),
    ("lost", "Déclarés perdus ou volés", |_, _, to| to == "lost"),
    ("found", "Retrouvés", |_, from, _| from == "lost"),
    ("expired", "Périmés", |_, _, to| to == "expired"),
    ("credited", "Remboursés par avoir de l'émetteur", |_, _, to| to == "credited"),
    ("destroyed", "Détruits", |_, _, to| to == "destroyed"),
];

/// What stands at the end, by kind of holder.
const STANDS: &[(&str, &str, &[&str])] = &[
    ("in_stock", "Reste : en réserve, en route ou en dépôt", &["store", "transit", "prescriber"]),
    ("in_circulation", "Reste : chez les bénéficiaires", &["circulation"]),
    ("to_refund", "Reste à rembourser aux structures", &["provider", "claimed"]),
];

/// Sums by the name of a line.
type Sums = BTreeMap<&'static str, Quantity>;

fn open(question: &Question) -> Result<Report, ReportError> {
    let (period, total, back) = question.store.read(|tx| {
        let back = [overpayments::lines(tx, question.window)?, overpayments::lines(tx, question.whole())?];
        Ok::<_, StoreError>((sums(tx, question.window)?, sums(tx, question.whole())?, back))
    })?;
    let of = |sums: &Sums, name: &str| sums.get(name).copied().unwrap_or_default();
    let moved = NATURES.iter().map(|(name, label, _)| {
        let (period, total) = (of(&period, name), of(&total, name));
        row![*name, *label, period.passes, period.value(), total.passes, total.value()]
    });
    let standing = STANDS.iter().map(|(name, label, _)| {
        let total = of(&total, name);
        row![*name, *label, None::<i64>, None::<Cents>, total.passes, total.value()]
    });
    // Money comes back by the amount, not by the pass.
    let of_all = |lines: &Lines, of: fn(&Line) -> i64| Cents::new(lines.values().map(of).sum());
    let [own, all] = &back;
    let recovered = [
        row![
            "overpaid_recovered",
            "Trop-perçus recouvrés : retenus, titrés ou revenus",
            None::<i64>,
            of_all(own, Line::recovered),
            None::<i64>,
            of_all(all, Line::recovered),
        ],
        row![
            "overpaid_to_recover",
            "Reste : trop-perçus à recouvrer",
            None::<i64>,
            None::<Cents>,
            None::<i64>,
            of_all(all, Line::owed),
        ],
    ];
    Ok(question.report(whole(moved.chain(standing).chain(recovered).collect())))
}

fn sums(tx: &mut dyn Reads, window: Window) -> Result<Sums, StoreError> {
    let mut sums = Sums::new();
    for flow in tx.flows(window, None)? {
        add(&mut sums, &flow);
    }
    let mut ordered: BTreeMap<i64, Quantity> = BTreeMap::new();
    let mut activated = Quantity::default();
    // An order may be older than the period in which it is activated.
    let beginning = Window { after: 0, ..window };
    each_body(tx, beginning, &[Kind::Order, Kind::Activation], |body| {
        let order = body.mentioned_number("order").unwrap_or_default();
        let in_period = body.position > window.after;
        if body.kind == Kind::Activation.as_str() {
            let of = ordered.get(&order).copied().unwrap_or_default();
            activated = if in_period { activated.plus(of) } else { activated };
            return Ok(());
        }
        let count = |name| body.mentioned_number(name).unwrap_or_default();
        let passes = count("booklets").saturating_mul(count("passes_per_booklet"));
        let face = mention(body, "face_value_cents").parse().unwrap_or(body.face_cents);
        let quantity = Quantity { booklets: count("booklets"), passes, cents: passes.saturating_mul(face) };
        ordered.insert(order, quantity);
        if in_period {
            let line = sums.entry(ORDERED).or_default();
            *line = line.plus(quantity);
        }
        Ok(())
    })?;
    sums.insert(ACTIVATED, activated);
    Ok(sums)
}

fn add(sums: &mut Sums, flow: &Flow) {
    let (from, to, quantity) = (kind_of(&flow.from), kind_of(&flow.to), Quantity::from(flow));
    for (name, _, which) in NATURES {
        if which(&flow.kind, from, to) {
            let sum = sums.entry(name).or_default();
            *sum = sum.plus(quantity);
        }
    }
    for (name, _, kinds) in STANDS {
        let sum = sums.entry(name).or_default();
        *sum = if kinds.contains(&to) { sum.plus(quantity) } else { *sum };
        *sum = if kinds.contains(&from) { sum.minus(quantity) } else { *sum };
    }
}
