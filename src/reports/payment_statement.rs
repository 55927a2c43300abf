//! État liquidatif of one payment: what is owed to whom, claim by claim, as the order to pay it stands. It goes with the
//! mandat de paiement. What never lives here: an account in clear, or what the bank has said since.

use super::question::{Parameter, Question, mention};
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::domain::payments::end_to_end_id;
use crate::receipts::Body;
use crate::store::{BodyFilter, Reads, StoreError};

/// `amount_cents` is the value of the claim less what was taken off.
const COLUMNS: &[Column] = &[
    Column::text("transfer", "Virement"),
    Column::text("provider", "Structure"),
    Column::text("registration", "SIRET ou RNA"),
    Column::text("claim", "Demande"),
    Column::text("month", "Mois"),
    Column::integer("passes", "Pass"),
    Column::cents("claim_cents", "Montant de la demande"),
    Column::cents("netted_cents", "Trop-perçu retenu"),
    Column::cents("amount_cents", "À payer"),
    Column::text("account", "Compte"),
    Column::date("due_on", "À payer au plus tard le"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "payment-statement",
    title: "État liquidatif",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[Parameter::Payment],
    open,
};

/// Orders read at a time.
const PAGE: i64 = 100;

fn open(question: &Question) -> Result<Report, ReportError> {
    let wanted = question.request.payment.ok_or(ReportError::ParameterMissing(Parameter::Payment.name()))?;
    let found = question.store.read(|tx| {
        if tx.payment(question.programme.no, wanted)?.is_none() {
            return Err(ReportError::PaymentUnknown(wanted));
        }
        let Some(order) = order(tx, question, wanted)? else { return Ok(None) };
        Ok(Some((order, rows(tx, question, wanted)?)))
    })?;
    // A payment that was not ordered by that day has no line yet.
    let Some((order, rows)) = found else {
        return Ok(question.report_about(Parameter::Payment, wanted.to_string(), whole(Vec::new())));
    };
    let mut report = question.report_about(Parameter::Payment, wanted.to_string(), whole(rows));
    for name in ["payment_order", "bordereau", "engagement", "execute_on", "file_hash"] {
        let value = mention(&order, name);
        if !value.is_empty() {
            report.meta.parameters.push((name, value));
        }
    }
    Ok(report)
}

/// What the receipt of the payment says, if it was ordered by the day asked about.
fn order(tx: &mut dyn Reads, question: &Question, wanted: i64) -> Result<Option<Body>, StoreError> {
    let mut window = question.whole();
    loop {
        let page = tx.receipt_bodies(window, BodyFilter { kinds: &[Kind::Payment], holder: None }, PAGE)?;
        let Some(last) = page.last() else { return Ok(None) };
        window.after = last.position;
        for receipt in &page {
            let order = receipt.said()?;
            if order.mentioned_number("payment") == Some(wanted) {
                return Ok(Some(order));
            }
        }
    }
}

fn rows(tx: &mut dyn Reads, question: &Question, wanted: i64) -> Result<Vec<Row>, StoreError> {
    let programme = &question.programme;
    let lines = tx.payment_lines(programme.no, wanted)?;
    let claims = tx.claims_among(programme.no, &lines.iter().map(|line| line.claim).collect())?;
    let payees = tx.payees_among(programme.no, &lines.iter().map(|line| line.payee).collect())?;
    let providers = tx.organisations_among(&claims.iter().map(|claim| claim.provider).collect())?;
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        let claim = claims.iter().find(|claim| claim.number == line.claim);
        let claim = claim.ok_or_else(|| StoreError::Corrupt("a transfer without a claim".to_owned()))?;
        let payee = payees.iter().find(|payee| payee.number == line.payee);
        let provider = providers.iter().find(|provider| provider.id == claim.provider);
        // The claim as it was paid: passes found to be overpaid since are still of this payment.
        let paid = line.amount.get().saturating_add(line.netted.get());
        let passes = paid.checked_div(programme.face_value.get()).unwrap_or(0);
        rows.push(row![
            end_to_end_id(&programme.code, line.payment, line.line),
            provider.map(|provider| provider.name.to_string()).unwrap_or_default(),
            provider.map(|provider| provider.registration.to_string()).unwrap_or_default(),
            line.claim.to_string(),
            claim.month.to_string(),
            passes,
            Cents::new(paid),
            line.netted,
            line.amount,
            payee.map(|payee| payee.masked.clone()).unwrap_or_default(),
            claim.due_on,
        ]);
    }
    Ok(rows)
}
