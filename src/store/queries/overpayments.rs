//! What was overpaid, what came back, and what is still owed.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::max;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};

use super::super::super::cell::{Cell, stored_row};
use super::super::super::error::StoreError;
use super::super::super::schema::{claims, overpayments, payment_lines, recoveries};
use super::super::super::stored::{Appended, written_down};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all};
use crate::domain::ids::{OrganisationId, ProgrammeNo};
use crate::domain::movement::Record;
use crate::domain::payments::{LineState, PaymentRecord};

stored_row! {
    struct OverpaymentRow<'a> in "overpayments" {
        programme_no: i64,
        number: i64,
        receipt: &'a str,
        claim: i64,
        provider_id: String,
        passes: i64,
        value_cents: i64,
    }
}

stored_row! {
    struct RecoveryRow<'a> in "recoveries" {
        programme_no: i64,
        receipt: &'a str,
        provider_id: String,
        amount_cents: i64,
        revenue_order: Option<String>,
    }
}

pub(super) fn last(conn: &mut Conn, programme: ProgrammeNo) -> Result<i64, StoreError> {
    let of_programme = overpayments::table.filter(overpayments::programme_no.eq(programme.0));
    let last: Option<i64> = of_programme.select(max(overpayments::number)).first(conn)?;
    Ok(last.unwrap_or(0))
}

/// Overpaid, less what was recovered, less what is taken off transfers that the bank has paid or still may.
pub(super) fn owed(conn: &mut Conn, programme: ProgrammeNo) -> Result<BTreeMap<OrganisationId, i64>, StoreError> {
    let overpaid: Vec<(String, i64)> = overpayments::table
        .filter(overpayments::programme_no.eq(programme.0))
        .select((overpayments::provider_id, overpayments::value_cents))
        .load(conn)?;
    let recovered: Vec<(String, i64)> = recoveries::table
        .filter(recoveries::programme_no.eq(programme.0))
        .select((recoveries::provider_id, recoveries::amount_cents))
        .load(conn)?;
    let of_claim = claims::programme_no.eq(payment_lines::programme_no);
    let (ordered, executed) = (LineState::Ordered.as_str(), LineState::Executed.as_str());
    let netted: Vec<(String, i64)> = payment_lines::table
        .inner_join(claims::table.on(claims::number.eq(payment_lines::claim)))
        .filter(of_claim)
        .filter(payment_lines::programme_no.eq(programme.0))
        .filter(payment_lines::netted_cents.gt(0))
        .filter(payment_lines::state.eq(ordered).or(payment_lines::state.eq(executed)))
        .select((claims::provider_id, payment_lines::netted_cents))
        .load(conn)?;
    let mut owed: BTreeMap<OrganisationId, i64> = BTreeMap::new();
    let less = recovered.into_iter().chain(netted).map(|(provider, cents): (String, i64)| (provider, -cents));
    for (provider, cents) in overpaid.into_iter().chain(less) {
        let sum = owed.entry(OrganisationId::parse(&provider)?).or_default();
        *sum = sum.saturating_add(cents);
    }
    Ok(owed)
}

pub(super) fn revenue_orders_among(
    conn: &mut Conn,
    programme: ProgrammeNo,
    numbers: &BTreeSet<String>,
) -> Result<BTreeSet<String>, StoreError> {
    let numbers: Vec<Cell<'_>> = numbers.iter().map(|number| number.as_str().into()).collect();
    let taken: Vec<Option<String>> = by_keys(&numbers, |numbers| {
        let of_programme = recoveries::table.filter(recoveries::programme_no.eq(programme.0));
        let found = of_programme.filter(among(recoveries::revenue_order, numbers));
        Ok(found.select(recoveries::revenue_order).load(conn)?)
    })?;
    Ok(taken.into_iter().flatten().collect())
}

/// Writes what acts stated or recovered.
pub(super) fn save(out: &mut Writing<'_>, programme: ProgrammeNo, granted: &[Appended]) -> Result<(), StoreError> {
    let (mut overpaid, mut recovered) = (Vec::new(), Vec::new());
    for (body, record) in written_down(granted) {
        match record {
            Record::Payments(PaymentRecord::Overpaid(overpayment)) => overpaid.push(OverpaymentRow {
                programme_no: programme.0,
                number: overpayment.number,
                receipt: &body.number,
                claim: overpayment.claim,
                provider_id: overpayment.provider.to_string(),
                passes: overpayment.passes,
                value_cents: overpayment.value.get(),
            }),
            Record::Payments(PaymentRecord::Recovered(recovery)) => recovered.push(RecoveryRow {
                programme_no: programme.0,
                receipt: &body.number,
                provider_id: recovery.provider.to_string(),
                amount_cents: recovery.amount.get(),
                revenue_order: recovery.revenue_order.as_ref().map(ToString::to_string),
            }),
            _ => {}
        }
    }
    insert_all(out, &overpaid)?;
    insert_all(out, &recovered)
}
