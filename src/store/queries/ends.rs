//! How orders end: the rules of the calendar, and what is proposed to be destroyed.

use std::collections::BTreeSet;

use diesel::dsl::max;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::super::super::cell::{Cell, stored_row};
use super::super::super::end_doors::{EndReads, EndWrites};
use super::super::super::error::StoreError;
use super::super::super::rows::corrupt;
use super::super::super::schema::{destructions, end_rules};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all, update_from};
use super::rules::{keep_rules, read_rules};
use crate::domain::destruction::{DestructionReason, Proposal};
use crate::domain::end_calendar::EndRules;
use crate::domain::facts::Facts;
use crate::domain::ids::{ProgrammeNo, UserId};
use crate::domain::items::Named;
use crate::domain::time::Day;

type DestructionColumns = (i64, String, String, String, String, String, Option<String>);
const COLUMNS: (
    destructions::number,
    destructions::reason,
    destructions::items,
    destructions::proposer_id,
    destructions::proposer,
    destructions::proposed_on,
    destructions::receipt,
) = (
    destructions::number,
    destructions::reason,
    destructions::items,
    destructions::proposer_id,
    destructions::proposer,
    destructions::proposed_on,
    destructions::receipt,
);

fn proposals(programme: ProgrammeNo, rows: Vec<DestructionColumns>) -> Result<Vec<Proposal>, StoreError> {
    let read = |(number, reason, items, proposer, proposer_pseudonym, proposed_on, receipt): DestructionColumns| {
        let items: Vec<String> = serde_json::from_str(&items).map_err(|_| corrupt("items of a destruction"))?;
        Ok(Proposal {
            number,
            reason: DestructionReason::parse(&reason)?,
            items: Named::read(programme, &items)?,
            proposer: UserId::parse(&proposer)?,
            proposer_pseudonym,
            proposed_on: Day::parse(&proposed_on)?,
            receipt,
        })
    };
    rows.into_iter().map(read).collect()
}

impl EndReads for Conn {
    fn end_rules(&mut self, programme: ProgrammeNo) -> Result<Option<(EndRules, i64)>, StoreError> {
        read_rules!(self, end_rules, programme, "rules of the end of orders")
    }

    fn last_destruction(&mut self, programme: ProgrammeNo) -> Result<i64, StoreError> {
        let of_programme = destructions::table.filter(destructions::programme_no.eq(programme.0));
        let last: Option<i64> = of_programme.select(max(destructions::number)).first(self)?;
        Ok(last.unwrap_or(0))
    }

    fn destructions_among(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<i64>,
    ) -> Result<Vec<Proposal>, StoreError> {
        let numbers: Vec<Cell<'_>> = numbers.iter().map(|number| (*number).into()).collect();
        let rows = by_keys(&numbers, |numbers| {
            let of_programme = destructions::table.filter(destructions::programme_no.eq(programme.0));
            Ok(of_programme.filter(among(destructions::number, numbers)).select(COLUMNS).load(self)?)
        })?;
        proposals(programme, rows)
    }

    fn destructions(&mut self, programme: ProgrammeNo, after: i64, limit: i64) -> Result<Vec<Proposal>, StoreError> {
        let of_programme = destructions::table.filter(destructions::programme_no.eq(programme.0));
        let later = of_programme.filter(destructions::number.gt(after)).order(destructions::number).limit(limit);
        proposals(programme, later.select(COLUMNS).load(self)?)
    }
}

impl EndWrites for Conn {
    fn keep_end_rules(&mut self, programme: ProgrammeNo, rules: &EndRules, before: i64) -> Result<bool, StoreError> {
        keep_rules!(self, end_rules, programme, rules, before, "rules of the end of orders")
    }
}

stored_row! {
    struct DestructionRow<'a> in "destructions" {
        programme_no: i64,
        number: i64,
        reason: &'a str,
        items: String,
        proposer_id: String,
        proposer: &'a str,
        proposed_on: String,
        receipt: Option<String>,
    }
}

/// Keeps the proposals of destruction that the group made, and notes which it signed.
pub(super) fn save(out: &mut Writing<'_>, facts: &Facts) -> Result<(), StoreError> {
    let (programme, mut proposed, mut signed) = (facts.programme.no, Vec::new(), Vec::new());
    for (number, row) in facts.destructions.changed() {
        let Proposal { reason, items, proposer, proposer_pseudonym, proposed_on, receipt, .. } = &row.now;
        if row.loaded.is_none() {
            proposed.push(DestructionRow {
                programme_no: programme.0,
                number: *number,
                reason: reason.as_str(),
                items: serde_json::to_string(&items.printed(&facts.programme)).map_err(|_| corrupt("items"))?,
                proposer_id: proposer.to_string(),
                proposer: proposer_pseudonym,
                proposed_on: proposed_on.to_string(),
                receipt: receipt.clone(),
            });
        } else if let Some(receipt) = receipt {
            signed.push([Cell::Number(programme.0), (*number).into(), receipt.clone().into()]);
        }
    }
    insert_all(out, &proposed)?;
    update_from(
        out,
        "destructions",
        "UPDATE destructions SET receipt = v.column3",
        &signed,
        "destructions.programme_no = v.column1 AND destructions.number = v.column2 AND destructions.receipt IS NULL",
    )
}
