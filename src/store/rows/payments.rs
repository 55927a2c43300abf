//! Payees and payments as their tables hold them. What never lives here: a query, or an account in clear.

use diesel::prelude::{Queryable, Selectable};

use super::super::cell::stored_row;
use super::super::error::StoreError;
use super::super::schema::{payees, payment_lines, payments};
use super::{corrupt, day, optional};
use crate::domain::ids::{OrganisationId, ProgrammeNo, UserId};
use crate::domain::money::Cents;
use crate::domain::payments::{LegalForm, LineState, Payee, Payment, PaymentLine};
use crate::domain::text::{BankReason, Reference};
use crate::domain::time::{Day, Instant};

/// Everything of a payee but its account.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = payees)]
pub(in crate::store) struct PayeeRow {
    number: i64,
    provider_id: String,
    legal_form: String,
    masked: String,
    commitment: String,
    proposer_id: String,
    proposer: String,
    proposed_on: String,
    confirmer_id: Option<String>,
    confirmed_on: Option<String>,
    effective_on: Option<String>,
}

impl TryFrom<PayeeRow> for Payee {
    type Error = StoreError;
    fn try_from(row: PayeeRow) -> Result<Self, StoreError> {
        let mut commitment = [0; 32];
        hex::decode_to_slice(&row.commitment, &mut commitment).map_err(|_| corrupt("commitment of a payee"))?;
        let confirmed = match (row.confirmer_id, row.confirmed_on, row.effective_on) {
            (Some(by), Some(on), Some(from)) => Some((UserId::parse(&by)?, day(&on)?, day(&from)?)),
            _ => None,
        };
        Ok(Self {
            number: row.number,
            provider: OrganisationId::parse(&row.provider_id)?,
            legal_form: LegalForm::parse(&row.legal_form)?,
            masked: row.masked,
            commitment,
            proposer: UserId::parse(&row.proposer_id)?,
            proposer_pseudonym: row.proposer,
            proposed_on: day(&row.proposed_on)?,
            confirmed,
        })
    }
}

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = payments)]
    pub(in crate::store) struct PaymentRow in "payments" {
        programme_no: i64,
        number: i64,
        receipt: String,
        made_millis: i64,
        execute_on: String,
        payment_order: String,
        bordereau: Option<String>,
        engagement: Option<String>,
        debtor: String,
        file_hash: String,
        total_cents: i64,
    }
}

impl PaymentRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, payment: &Payment, receipt: &str) -> Result<Self, StoreError> {
        Ok(Self {
            programme_no: programme.0,
            number: payment.number,
            receipt: receipt.to_owned(),
            made_millis: payment.made_at.millis(),
            execute_on: payment.execute_on.to_string(),
            payment_order: payment.payment_order.to_string(),
            bordereau: payment.bordereau.as_ref().map(ToString::to_string),
            engagement: payment.engagement.as_ref().map(ToString::to_string),
            debtor: serde_json::to_string(&payment.debtor).map_err(|_| corrupt("debtor of a payment"))?,
            file_hash: payment.file_hash.clone(),
            total_cents: payment.total.get(),
        })
    }
}

impl TryFrom<PaymentRow> for Payment {
    type Error = StoreError;
    fn try_from(row: PaymentRow) -> Result<Self, StoreError> {
        Ok(Self {
            number: row.number,
            made_at: Instant::from_millis(row.made_millis),
            execute_on: day(&row.execute_on)?,
            payment_order: Reference::parse(&row.payment_order)?,
            bordereau: optional(row.bordereau.as_deref(), Reference::parse)?,
            engagement: optional(row.engagement.as_deref(), Reference::parse)?,
            debtor: serde_json::from_str(&row.debtor).map_err(|_| corrupt("debtor of a payment"))?,
            file_hash: row.file_hash,
            total: Cents::new(row.total_cents),
        })
    }
}

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = payment_lines)]
    pub(in crate::store) struct PaymentLineRow in "payment_lines" {
        programme_no: i64,
        payment: i64,
        line: i64,
        claim: i64,
        payee: i64,
        amount_cents: i64,
        netted_cents: i64,
        state: String,
        state_on: Option<String>,
        reason: Option<String>,
    }
}

impl PaymentLineRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, line: &PaymentLine) -> Self {
        Self {
            programme_no: programme.0,
            payment: line.payment,
            line: line.line,
            claim: line.claim,
            payee: line.payee,
            amount_cents: line.amount.get(),
            netted_cents: line.netted.get(),
            state: line.state.to_string(),
            state_on: line.state_on.map(|day| day.to_string()),
            reason: line.reason.as_ref().map(ToString::to_string),
        }
    }
}

impl TryFrom<PaymentLineRow> for PaymentLine {
    type Error = StoreError;
    fn try_from(row: PaymentLineRow) -> Result<Self, StoreError> {
        Ok(Self {
            payment: row.payment,
            line: row.line,
            claim: row.claim,
            payee: row.payee,
            amount: Cents::new(row.amount_cents),
            netted: Cents::new(row.netted_cents),
            state: LineState::parse(&row.state)?,
            state_on: optional(row.state_on.as_deref(), Day::parse)?,
            reason: optional(row.reason.as_deref(), BankReason::parse)?,
        })
    }
}
