//! Claims: what can be claimed, what is, and what the acts of a group changed of it.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{exists, max, not};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    RunQueryDsl, SelectableHelper,
};

use super::super::super::cell::{Cell, stored_row};
use super::super::super::claim_doors::{ClaimFilter, ClaimReads, ClaimWrites};
use super::super::super::error::StoreError;
use super::super::super::rows::{ClaimRow, approvals, corrupt};
use super::super::super::schema::{claim_passes, claim_rules, claims, receipts, redemptions};
use super::super::super::stored::Appended;
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all, update_from};
use super::rules::{keep_rules, read_rules};
use crate::domain::claims::{Claim, ClaimRecord, ClaimRules, ClaimedPass, RejectionReason};
use crate::domain::facts::Facts;
use crate::domain::ids::{OrganisationId, PassId, ProgrammeNo};
use crate::domain::movement::Record;
use crate::domain::time::Day;

stored_row! {
    struct ClaimPassRow<'a> in "claim_passes" {
        programme_no: i64,
        claim: i64,
        pass_id: i64,
        redemption: &'a str,
        reason: Option<String>,
    }
}

impl ClaimReads for Conn {
    fn claim_rules(&mut self, programme: ProgrammeNo) -> Result<Option<(ClaimRules, i64)>, StoreError> {
        read_rules!(self, claim_rules, programme, "rules of claims")
    }

    fn last_claim(&mut self, programme: ProgrammeNo) -> Result<i64, StoreError> {
        let of_programme = claims::table.filter(claims::programme_no.eq(programme.0));
        let last: Option<i64> = of_programme.select(max(claims::number)).first(self)?;
        Ok(last.unwrap_or(0))
    }

    fn claimable(
        &mut self,
        programme: ProgrammeNo,
        provider: OrganisationId,
        end: Day,
        limit: i64,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let held = claim_passes::table.filter(claim_passes::redemption.eq(redemptions::number));
        let found = redemptions::table
            .inner_join(receipts::table.on(receipts::number.eq(redemptions::number)))
            .filter(redemptions::programme_no.eq(programme.0))
            .filter(redemptions::provider_id.eq(provider.to_string()))
            .filter(redemptions::day.lt(end.to_string()))
            .filter(redemptions::reversed.eq(false))
            .filter(not(exists(held)))
            .order(receipts::position)
            .limit(limit);
        Ok(found.select((receipts::position, redemptions::number)).load(self)?)
    }

    fn rejected_passes(
        &mut self,
        programme: ProgrammeNo,
        passes: &BTreeSet<PassId>,
    ) -> Result<Vec<(PassId, String)>, StoreError> {
        let passes: Vec<Cell<'_>> = passes.iter().map(|pass| pass.0.into()).collect();
        let rows: Vec<(i64, String, Option<String>)> = by_keys(&passes, |passes| {
            Ok(claim_passes::table
                .filter(claim_passes::programme_no.eq(programme.0))
                .filter(among(claim_passes::pass_id, passes))
                .order(claim_passes::claim)
                .select((claim_passes::pass_id, claim_passes::redemption, claim_passes::reason.nullable()))
                .load(self)?)
        })?;
        let standing: BTreeSet<(i64, String)> =
            rows.iter().filter(|row| row.2.is_none()).map(|row| (row.0, row.1.clone())).collect();
        let rejected = rows.into_iter().map(|(pass, redemption, _)| (pass, redemption));
        let free = rejected.filter(|row| !standing.contains(row));
        Ok(free.map(|(pass, redemption)| (PassId(pass), redemption)).collect())
    }

    fn claims_among(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<i64>) -> Result<Vec<Claim>, StoreError> {
        let numbers: Vec<Cell<'_>> = numbers.iter().map(|number| (*number).into()).collect();
        let rows: Vec<ClaimRow> = by_keys(&numbers, |numbers| {
            let found =
                claims::table.filter(claims::programme_no.eq(programme.0)).filter(among(claims::number, numbers));
            Ok(found.select(ClaimRow::as_select()).load(self)?)
        })?;
        rows.into_iter().map(Claim::try_from).collect()
    }

    fn claims(
        &mut self,
        programme: ProgrammeNo,
        filter: ClaimFilter,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Claim>, StoreError> {
        let mut query = claims::table.select(ClaimRow::as_select()).into_boxed();
        query = query.filter(claims::programme_no.eq(programme.0).and(claims::number.gt(after)));
        if let Some(provider) = filter.provider {
            query = query.filter(claims::provider_id.eq(provider.to_string()));
        }
        if let Some(state) = filter.state {
            query = query.filter(claims::state.eq(state.as_str()));
        }
        let rows: Vec<ClaimRow> = query.order(claims::number).limit(limit).load(self)?;
        rows.into_iter().map(Claim::try_from).collect()
    }

    fn claim_receipts(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<i64>,
    ) -> Result<BTreeMap<i64, String>, StoreError> {
        let numbers: Vec<Cell<'_>> = numbers.iter().map(|number| (*number).into()).collect();
        let rows: Vec<(i64, String)> = by_keys(&numbers, |numbers| {
            let of_programme = claims::table.filter(claims::programme_no.eq(programme.0));
            let found = of_programme.filter(among(claims::number, numbers));
            Ok(found.select((claims::number, claims::receipt)).load(self)?)
        })?;
        Ok(rows.into_iter().collect())
    }

    fn claim_passes(&mut self, programme: ProgrammeNo, claim: i64) -> Result<Vec<(PassId, ClaimedPass)>, StoreError> {
        let rows: Vec<(i64, String, Option<String>)> = claim_passes::table
            .filter(claim_passes::programme_no.eq(programme.0))
            .filter(claim_passes::claim.eq(claim))
            .order(claim_passes::pass_id)
            .select((claim_passes::pass_id, claim_passes::redemption, claim_passes::reason))
            .load(self)?;
        let read = |(pass, redemption, reason): (i64, String, Option<String>)| {
            let rejected = reason.as_deref().map(RejectionReason::parse).transpose()?;
            Ok((PassId(pass), ClaimedPass { redemption, rejected }))
        };
        rows.into_iter().map(read).collect()
    }
}

impl ClaimWrites for Conn {
    fn keep_claim_rules(
        &mut self,
        programme: ProgrammeNo,
        rules: &ClaimRules,
        before: i64,
    ) -> Result<bool, StoreError> {
        keep_rules!(self, claim_rules, programme, rules, before, "rules of claims")
    }
}

/// Writes the claims that a group made or changed, and their passes.
pub(super) fn save(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    facts: &Facts,
    granted: &[Appended],
) -> Result<(), StoreError> {
    save_claims(out, programme, facts, granted)?;
    let (mut new, mut rejected) = (Vec::new(), Vec::new());
    for ((claim, pass), row) in facts.claims.passes.changed() {
        let reason = row.now.rejected.map(|reason| reason.to_string());
        match row.loaded {
            None => {
                let redemption = row.now.redemption.as_str();
                new.push(ClaimPassRow {
                    programme_no: programme.0,
                    claim: *claim,
                    pass_id: pass.0,
                    redemption,
                    reason,
                });
            }
            Some(_) => rejected.push([Cell::Number(programme.0), (*claim).into(), pass.0.into(), reason.into()]),
        }
    }
    insert_all(out, &new)?;
    update_from(
        out,
        "claim_passes",
        "UPDATE claim_passes SET reason = v.column4",
        &rejected,
        "claim_passes.programme_no = v.column1 AND claim_passes.claim = v.column2 \
         AND claim_passes.pass_id = v.column3 AND claim_passes.reason IS NULL",
    )
}

/// The number of the receipt by which a claim was made.
fn made_by(granted: &[Appended], number: i64) -> Result<&str, StoreError> {
    let made = |record: &Record| match record {
        Record::Claims(ClaimRecord::Made(claim, _)) => claim.number == number,
        _ => false,
    };
    let receipt = granted.iter().find(|appended| appended.movement.records.iter().any(made));
    receipt.map(|appended| appended.receipt.body().number.as_str()).ok_or_else(|| corrupt("a claim without a receipt"))
}

fn save_claims(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    facts: &Facts,
    granted: &[Appended],
) -> Result<(), StoreError> {
    let (mut new, mut known) = (Vec::new(), Vec::new());
    for (number, row) in facts.claims.claims.changed() {
        let now = &row.now;
        let Some(before) = &row.loaded else {
            new.push(ClaimRow::new(programme, now, made_by(granted, *number)?));
            continue;
        };
        known.push([
            Cell::Number(programme.0),
            (*number).into(),
            before.state.as_str().into(),
            before.passes.into(),
            approvals(before).into(),
            now.due_on.to_string().into(),
            now.passes.into(),
            now.value.get().into(),
            now.rejected_passes.into(),
            approvals(now).into(),
            now.suspended_on.map(|day| day.to_string()).into(),
            i64::from(now.suspended_days).into(),
            now.state.as_str().into(),
        ]);
    }
    insert_all(out, &new)?;
    update_from(
        out,
        "claims",
        "UPDATE claims SET due_on = v.column6, passes = v.column7, value_cents = v.column8, \
         rejected_passes = v.column9, approvals = v.column10, suspended_on = v.column11, \
         suspended_days = v.column12, state = v.column13",
        &known,
        "claims.programme_no = v.column1 AND claims.number = v.column2 AND claims.state = v.column3 \
         AND claims.passes = v.column4 AND claims.approvals = v.column5",
    )
}
