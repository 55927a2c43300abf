//! Utilisations par structure: passes spent, by venue, service and period, net of reversals; and every redemption
//! and reversal one by one. Read from the sealed bytes, so that a venue renamed since keeps the name it had.

use std::collections::{BTreeMap, BTreeSet};

use super::question::{Parameter, Question, day, mention};
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::domain::party::Holder;
use crate::receipts::Body;
use crate::store::{BodyFilter, Reads, StoreError, StoredReceipt, Window};

/// A reversal counts in the period in which it was recorded; `net_*` is redeemed less reversed.
const SUM_COLUMNS: &[Column] = &[
    Column::text("period", "Période"),
    Column::text("provider", "Structure"),
    Column::text("venue_id", "Identifiant du lieu"),
    Column::text("venue", "Lieu"),
    Column::text("service", "Service"),
    Column::integer("redeemed_passes", "Pass utilisés"),
    Column::integer("reversed_passes", "Pass annulés"),
    Column::integer("net_passes", "Pass nets"),
    Column::cents("net_cents", "Valeur nette"),
];

/// `passes` and `value_cents` are negative for a reversal, which names in `corrects` what it undoes.
const LINE_COLUMNS: &[Column] = &[
    Column::text("number", "Récépissé"),
    Column::date("day", "Date"),
    Column::text("kind", "Nature"),
    Column::text("corrects", "Annule"),
    Column::text("provider", "Structure"),
    Column::text("venue_id", "Identifiant du lieu"),
    Column::text("venue", "Lieu"),
    Column::text("venue_commune", "Commune du lieu"),
    Column::text("service", "Service"),
    Column::date("performed_on", "Réalisé le"),
    Column::text("serials", "Pass utilisés"),
    Column::integer("passes", "Pass"),
    Column::cents("value_cents", "Valeur"),
];

pub(super) const SUMS: Entry = Entry {
    name: "redemptions",
    title: "Utilisations par structure",
    columns: SUM_COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From, Parameter::Grain],
    open: open_sums,
};

pub(super) const LINES: Entry = Entry {
    name: "redemption-lines",
    title: "Détail des utilisations",
    columns: LINE_COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From],
    open: open_lines,
};

const KINDS: &[Kind] = &[Kind::Redemption, Kind::Reversal];
const PAGE: i64 = 500;

/// A redemption, or a reversal with what it undoes.
pub(super) struct Act {
    body: Body,
    /// The redemption that `body` undoes.
    undone: Option<Body>,
}

impl Act {
    /// 1, or −1 for a reversal.
    pub(super) const fn sign(&self) -> i64 {
        if self.undone.is_some() { -1 } else { 1 }
    }

    /// The receipt that says where and what for.
    pub(super) fn place(&self) -> &Body {
        self.undone.as_ref().unwrap_or(&self.body)
    }

    /// Passes of the receipt, whatever its sign.
    pub(super) fn passes(&self) -> i64 {
        self.body.total.passes.abs()
    }

    /// The value of the receipt in cents, whatever its sign.
    pub(super) fn cents(&self) -> i64 {
        self.body.total.cents.abs()
    }

    /// The business day on which it was recorded.
    pub(super) fn day(&self) -> &str {
        &self.body.day
    }

    /// Who will be paid.
    pub(super) fn provider(&self) -> &str {
        let to = self.place().lines.first().map(|line| line.to.as_str()).unwrap_or_default();
        to.strip_prefix("provider:").unwrap_or(to)
    }
}

/// The next page of acts after a position, and the position of its last one.
fn page(tx: &mut dyn Reads, window: Window, holder: Option<&Holder>) -> Result<Option<(Vec<Act>, i64)>, StoreError> {
    let receipts = tx.receipt_bodies(window, BodyFilter { kinds: KINDS, holder }, PAGE)?;
    let Some(last) = receipts.last().map(|receipt| receipt.position) else { return Ok(None) };
    let bodies = receipts.iter().map(StoredReceipt::said).collect::<Result<Vec<Body>, _>>()?;
    let corrected: BTreeSet<String> = bodies.iter().filter_map(|body| body.corrects.clone()).collect();
    let undone = tx.receipts_numbered(window.programme, &corrected)?;
    let undone: BTreeMap<String, Body> = undone
        .iter()
        .map(|receipt| Ok((receipt.number.clone(), receipt.said()?)))
        .collect::<Result<_, StoreError>>()?;
    let act = |body: Body| {
        let undone = body.corrects.as_ref().and_then(|number| undone.get(number)).cloned();
        Act { body, undone }
    };
    Ok(Some((bodies.into_iter().map(act).collect(), last)))
}

/// Every redemption and reversal of the period, in order.
pub(super) fn each_act(
    question: &Question,
    mut tell: impl FnMut(&Act) -> Result<(), StoreError>,
) -> Result<(), ReportError> {
    let mut window = question.window;
    while let Some((acts, last)) = question.store.read(|tx| page(tx, window, None))? {
        window.after = last;
        acts.iter().try_for_each(&mut tell)?;
    }
    Ok(())
}

fn provider_of(question: &Question) -> Option<Holder> {
    question.request.scope.clone().map(Holder::Provider)
}

/// Period, provider, venue and service.
type Key = (String, String, String, String);

#[derive(Debug, Default)]
struct Sum {
    venue: String,
    redeemed: i64,
    reversed: i64,
    net_cents: i64,
}

fn open_sums(question: &Question) -> Result<Report, ReportError> {
    // `2026-11` or `2026-11-24`: what of the day's text says the period.
    let length = match question.request.grain.as_deref() {
        None | Some("month") => 7,
        Some("day") => 10,
        Some(_) => return Err(ReportError::ParameterMalformed(Parameter::Grain.name(), "month, day")),
    };
    let (mut window, holder) = (question.window, provider_of(question));
    let mut sums: BTreeMap<Key, Sum> = BTreeMap::new();
    while let Some((acts, last)) = question.store.read(|tx| page(tx, window, holder.as_ref()))? {
        window.after = last;
        for act in &acts {
            let place = act.place();
            let period = act.body.day.get(..length).unwrap_or(&act.body.day).to_owned();
            let key = (period, act.provider().to_owned(), mention(place, "venue"), mention(place, "service"));
            let sum = sums.entry(key).or_insert_with(|| Sum { venue: mention(place, "venue_name"), ..Sum::default() });
            if act.undone.is_some() {
                sum.reversed += act.body.total.passes;
            } else {
                sum.redeemed += act.body.total.passes;
            }
            sum.net_cents += act.sign() * act.body.total.cents;
        }
    }
    let line = |((period, provider, venue_id, service), sum): (Key, Sum)| {
        let net = sum.redeemed - sum.reversed;
        let cents = Cents::new(sum.net_cents);
        row![period, provider, venue_id, sum.venue, service, sum.redeemed, sum.reversed, net, cents]
    };
    Ok(question.report(whole(sums.into_iter().map(line).collect())))
}

#[expect(clippy::unnecessary_wraps, reason = "every entry of the catalogue opens the same way")]
fn open_lines(question: &Question) -> Result<Report, ReportError> {
    let (window, holder) = (question.window, provider_of(question));
    let pages = question.pages(window.after, move |tx, after| {
        let Some((acts, last)) = page(tx, Window { after: *after, ..window }, holder.as_ref())? else {
            return Ok(None);
        };
        *after = last;
        acts.iter().map(line).collect::<Result<Vec<Row>, _>>().map(Some)
    });
    Ok(question.report(pages))
}

fn line(act: &Act) -> Result<Row, StoreError> {
    let (body, place) = (&act.body, act.place());
    let serials: Vec<&str> = body.lines.iter().flat_map(|line| line.items.iter().map(String::as_str)).collect();
    Ok(row![
        body.number.as_str(),
        day(&body.day)?,
        body.kind.as_str(),
        body.corrects.clone(),
        act.provider(),
        mention(place, "venue"),
        mention(place, "venue_name"),
        mention(place, "venue_commune"),
        mention(place, "service"),
        day(&mention(place, "performed_on"))?,
        serials.join(" "),
        act.sign() * body.total.passes,
        Cents::new(act.sign() * body.total.cents),
    ])
}
