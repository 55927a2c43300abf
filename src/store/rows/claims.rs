//! Claims as their table holds them. What never lives here: a query.

use diesel::prelude::{Queryable, Selectable};

use super::super::cell::stored_row;
use super::super::error::StoreError;
use super::super::schema::claims;
use super::{corrupt, day, optional};
use crate::domain::claims::{Claim, ClaimState};
use crate::domain::ids::{OrganisationId, ProgrammeNo, UserId};
use crate::domain::money::Cents;
use crate::domain::month::Month;
use crate::domain::time::Day;

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = claims)]
    pub(in crate::store) struct ClaimRow in "claims" {
        programme_no: i64,
        number: i64,
        receipt: String,
        provider_id: String,
        month: String,
        claimant_id: String,
        claimed_on: String,
        due_on: String,
        passes: i64,
        value_cents: i64,
        rejected_passes: i64,
        approvals: String,
        suspended_on: Option<String>,
        suspended_days: i64,
        state: String,
    }
}

/// The approvals of a claim as its row has them.
pub(in crate::store) fn approvals(claim: &Claim) -> String {
    let approvals: Vec<String> = claim.approvals.iter().map(ToString::to_string).collect();
    approvals.join(",")
}

impl ClaimRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, claim: &Claim, receipt: &str) -> Self {
        Self {
            programme_no: programme.0,
            number: claim.number,
            receipt: receipt.to_owned(),
            provider_id: claim.provider.to_string(),
            month: claim.month.to_string(),
            claimant_id: claim.claimant.to_string(),
            claimed_on: claim.claimed_on.to_string(),
            due_on: claim.due_on.to_string(),
            passes: claim.passes,
            value_cents: claim.value.get(),
            rejected_passes: claim.rejected_passes,
            approvals: approvals(claim),
            suspended_on: claim.suspended_on.map(|day| day.to_string()),
            suspended_days: claim.suspended_days.into(),
            state: claim.state.to_string(),
        }
    }
}

impl TryFrom<ClaimRow> for Claim {
    type Error = StoreError;
    fn try_from(row: ClaimRow) -> Result<Self, StoreError> {
        let approvals = row.approvals.split(',').filter(|part| !part.is_empty());
        Ok(Self {
            number: row.number,
            provider: OrganisationId::parse(&row.provider_id)?,
            month: Month::parse(&row.month)?,
            claimant: UserId::parse(&row.claimant_id)?,
            claimed_on: day(&row.claimed_on)?,
            due_on: day(&row.due_on)?,
            passes: row.passes,
            value: Cents::new(row.value_cents),
            rejected_passes: row.rejected_passes,
            approvals: approvals.map(|id| Ok(UserId::parse(id)?)).collect::<Result<_, StoreError>>()?,
            suspended_on: optional(row.suspended_on.as_deref(), Day::parse)?,
            suspended_days: u32::try_from(row.suspended_days).map_err(|_| corrupt("suspended_days"))?,
            state: ClaimState::parse(&row.state)?,
        })
    }
}
