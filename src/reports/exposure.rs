//! Exposure to an issuer that fails: what venues have redeemed of its passes and nobody has paid, venue by venue, and what the
//! Region has bought of it that nobody has used or given back. The list from which each creditor declares its claim. What never
//! lives here: the freeze of the issuer's orders; that is a suspension.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ends::{UNUSED, by_order};
use super::figures::Quantity;
use super::orders::{Stories, stories};
use super::overpayments::{self, Lines};
use super::question::{ISSUER, Parameter, Question, mention};
use super::reconciliation::each_body;
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::ids::BatchId;
use crate::domain::items::read_items;
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::domain::time::Day;
use crate::receipts::{Body, Line};
use crate::store::{Reads, StoreError, Window};

/// `nature`: `redeemed_unpaid` (one line per venue, `since` the first service that is not paid; what was found to be overpaid is
/// among it again), `overpaid_to_recover` (what a provider was overpaid of this issuer and has not given back: it comes off
/// its claim, with a minus sign, `since` it was found), or, for the Region, `unused` (bought, and neither used nor expired) and
/// `to_credit` (expired or destroyed, and not given back).
const COLUMNS: &[Column] = &[
    Column::text("nature", "Nature de la créance"),
    Column::text("creditor_code", "Code du créancier"),
    Column::text("creditor", "Créancier"),
    Column::text("registration", "SIRET ou RNA"),
    Column::text("venue", "Lieu"),
    Column::date("since", "Depuis le"),
    Column::integer("passes", "Pass"),
    Column::cents("value_cents", "Créance"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "issuer-exposure",
    title: "Créances sur un émetteur",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[Parameter::Issuer],
    open,
};

const KINDS: &[Kind] = &[
    Kind::Redemption,
    Kind::Reversal,
    Kind::BankReturn,
    Kind::Overpayment,
    Kind::Offset,
    Kind::IssuerStatement,
    Kind::IssuerResolution,
];

/// A venue and whoever is paid for it: as the last redemption there says.
#[derive(Debug, Clone, Default)]
struct Creditor {
    name: String,
    registration: String,
    venue: String,
}

/// One pass that was redeemed.
#[derive(Debug, Clone, Copy)]
struct Redeemed {
    /// Place in [`Walk::creditors`].
    creditor: usize,
    performed_on: Day,
    cents: i64,
}

/// Redemptions as they are paid, or undone.
#[derive(Debug, Default)]
struct Walk {
    orders: BTreeSet<i64>,
    /// By code of the provider and identifier of the venue.
    places: BTreeMap<(String, String), usize>,
    creditors: Vec<Creditor>,
    /// By item.
    unpaid: HashMap<i64, Redeemed>,
    paid: HashMap<i64, Redeemed>,
    /// By code of the provider: since when, and how much.
    overpaid: BTreeMap<String, (Day, i64)>,
}

impl Walk {
    fn take(&mut self, window: Window, body: &Body) -> Result<(), StoreError> {
        for line in &body.lines {
            let batch = BatchId::parse(window.programme, &line.batch)?;
            if !self.orders.contains(&batch.order().sequence()) {
                continue;
            }
            let mut items = Vec::new();
            for text in &line.items {
                items.extend(read_items(window.programme, text)?.into_iter().map(|item| item.0));
            }
            match body.kind.as_str() {
                "redemption" => self.redeemed(body, &items)?,
                "reversal" => self.reversed(&items),
                "overpayment" => {
                    self.overpaid(body, line)?;
                    self.banked(line, &items);
                }
                _ => self.banked(line, &items),
            }
        }
        Ok(())
    }

    fn redeemed(&mut self, body: &Body, items: &[i64]) -> Result<(), StoreError> {
        let key = (body.office.code.clone(), mention(body, "venue"));
        let next = self.creditors.len();
        let creditor = *self.places.entry(key).or_insert(next);
        let (name, registration) = (body.office.name.clone(), body.office.registration.clone());
        let told = Creditor { name, registration, venue: mention(body, "venue_name") };
        match self.creditors.get_mut(creditor) {
            Some(known) => *known = told,
            None => self.creditors.push(told),
        }
        let performed_on = Day::parse(&mention(body, "performed_on"))?;
        let redeemed = Redeemed { creditor, performed_on, cents: body.face_cents };
        self.unpaid.extend(items.iter().map(|item| (*item, redeemed)));
        Ok(())
    }

    fn reversed(&mut self, items: &[i64]) {
        for item in items {
            self.unpaid.remove(item);
        }
    }

    fn overpaid(&mut self, body: &Body, line: &Line) -> Result<(), StoreError> {
        let found_on = Day::parse(&body.day)?;
        let code = line.to.strip_prefix("provider:").unwrap_or(&line.to).to_owned();
        let (_, sum) = self.overpaid.entry(code).or_insert((found_on, 0));
        *sum = sum.saturating_add(line.cents);
        Ok(())
    }

    /// What comes off claims: of what each provider still owes, as much as it was overpaid of this issuer.
    fn deductions(&self, owed: &Lines) -> Vec<Row> {
        let line = |(code, (since, overpaid)): (&String, &(Day, i64))| {
            let deducted = owed.get(code).map_or(0, overpayments::Line::owed).min(*overpaid);
            let place = self.places.iter().find(|((own, _), _)| own == code).map(|(_, place)| *place)?;
            let Creditor { name, registration, .. } = self.creditors.get(place)?;
            let (code, name, registration) = (code.as_str(), name.as_str(), registration.as_str());
            let cents = Cents::new(-deducted);
            (deducted > 0).then(|| row!["overpaid_to_recover", code, name, registration, "", *since, 0_i64, cents])
        };
        self.overpaid.iter().filter_map(line).collect()
    }

    fn banked(&mut self, line: &Line, items: &[i64]) {
        let pays = line.to.starts_with("paid:");
        let (from, to) = if pays { (&mut self.unpaid, &mut self.paid) } else { (&mut self.paid, &mut self.unpaid) };
        to.extend(items.iter().filter_map(|item| Some((*item, from.remove(item)?))));
    }

    fn rows(&self) -> Vec<Row> {
        let mut sums: BTreeMap<usize, (Day, i64, i64)> = BTreeMap::new();
        for Redeemed { creditor, performed_on, cents } in self.unpaid.values() {
            let (since, passes, sum) = sums.entry(*creditor).or_insert((*performed_on, 0, 0));
            *since = (*since).min(*performed_on);
            *passes += 1;
            *sum = sum.saturating_add(*cents);
        }
        let line = |((code, _), place): (&(String, String), &usize)| {
            let (creditor, (since, passes, cents)) = (self.creditors.get(*place)?, *sums.get(place)?);
            let Creditor { name, registration, venue } = creditor;
            let (code, name) = (code.as_str(), name.as_str());
            let (registration, venue, cents) = (registration.as_str(), venue.as_str(), Cents::new(cents));
            Some(row!["redeemed_unpaid", code, name, registration, venue, since, passes, cents])
        };
        self.places.iter().filter_map(line).collect()
    }
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let asked = question.request.issuer.as_ref();
    let asked = asked.ok_or(ReportError::ParameterMissing(Parameter::Issuer.name()))?;
    let rows = question.store.read(|tx| {
        let issuer = tx.organisation_by_code(asked)?;
        let issuer = issuer.ok_or(ReportError::ParameterMalformed(Parameter::Issuer.name(), ISSUER))?.id;
        let own = tx.orders(question.programme.no)?.into_iter().filter(|order| order.issuer == issuer);
        let orders: BTreeSet<i64> = own.map(|order| order.id.sequence()).collect();
        let mut placed = stories(tx, question.whole())?;
        placed.retain(|sequence, _| orders.contains(sequence));
        let mut walk = Walk { orders, ..Walk::default() };
        each_body(tx, question.whole(), KINDS, |body| walk.take(question.whole(), body))?;
        let mut rows = walk.rows();
        rows.extend(walk.deductions(&overpayments::lines(tx, question.whole())?));
        rows.extend(of_region(tx, question, &placed)?);
        Ok::<_, ReportError>(rows)
    })?;
    Ok(question.report_about(Parameter::Issuer, asked.to_string(), whole(rows)))
}

/// What the Region has paid for, and neither used nor got back.
fn of_region(tx: &mut dyn Reads, question: &Question, placed: &Stories) -> Result<Vec<Row>, StoreError> {
    let by_order = by_order(tx, question.whole())?;
    let at = |kinds: &[&str]| {
        let own = placed.keys().filter_map(|sequence| by_order.get(sequence));
        own.flat_map(|identity| kinds.iter().map(|kind| identity.held(kind))).fold(Quantity::default(), Quantity::plus)
    };
    let Some(sponsor) = placed.values().next_back().map(|story| &story.sponsor) else { return Ok(Vec::new()) };
    let line = |(nature, quantity): (&str, Quantity)| {
        let (code, name) = (sponsor.code.as_str(), sponsor.name.as_str());
        row![nature, code, name, sponsor.registration.as_str(), "", None::<Day>, quantity.passes, quantity.value()]
    };
    let natures = [("unused", at(&UNUSED)), ("to_credit", at(&["expired", "destroyed"]))];
    Ok(natures.into_iter().filter(|(_, quantity)| quantity.passes > 0).map(line).collect())
}
