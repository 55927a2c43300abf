//! The log of accesses: written in batches, read by user and by receipt.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, max, min};
use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};

use super::super::super::access_doors::{AccessLogReads, AccessLogWrites};
use super::super::super::error::StoreError;
use super::super::super::rows::AccessRow;
use super::super::super::schema::accesses;
use super::super::super::stored::{Copies, CopiesByRole, LoggedAccess, Page};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::insert_all;
use crate::domain::ids::UserId;
use crate::domain::party::Role;
use crate::domain::short_code::ShortCode;
use crate::domain::time::{Day, Instant};

/// A form, how often it was taken, and when first and last.
type CopiesColumns = (Option<String>, i64, Option<i64>, Option<i64>);

/// The same by receipt and role.
type ByRoleColumns = (Option<String>, String, Option<String>, i64, Option<i64>, Option<i64>);

impl AccessLogReads for Conn {
    fn accesses(&mut self, user: UserId, page: &Page) -> Result<Vec<LoggedAccess>, StoreError> {
        let mut query = accesses::table.select(AccessRow::as_select()).into_boxed();
        query = query.filter(accesses::user_id.eq(user.to_string()));
        if let Some(after) = &page.after {
            query = query.filter(accesses::id.gt(after));
        }
        let rows: Vec<AccessRow> = query.order(accesses::id).limit(page.limit).load(self)?;
        rows.into_iter().map(LoggedAccess::try_from).collect()
    }

    fn copies(&mut self, number: &str) -> Result<Vec<Copies>, StoreError> {
        let rows: Vec<CopiesColumns> = accesses::table
            .filter(accesses::number.eq(number))
            .filter(accesses::form.is_not_null())
            .group_by(accesses::form)
            .select((accesses::form, count_star(), min(accesses::at_millis), max(accesses::at_millis)))
            .load(self)?;
        let read = |(form, count, first, last): CopiesColumns| {
            let (first, last) = (Instant::from_millis(first?), Instant::from_millis(last?));
            Some(Copies { form: form?, count, first, last })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    fn copies_by_role(&mut self, programme: &ShortCode, until: Day) -> Result<Vec<CopiesByRole>, StoreError> {
        let rows: Vec<ByRoleColumns> = accesses::table
            .filter(accesses::programme.eq(programme.as_str()))
            .filter(accesses::day.le(until.to_string()))
            .filter(accesses::number.is_not_null())
            .filter(accesses::form.eq_any(["html", "pdf"]))
            .group_by((accesses::number, accesses::role, accesses::form))
            .select((
                accesses::number,
                accesses::role,
                accesses::form,
                count_star(),
                min(accesses::at_millis),
                max(accesses::at_millis),
            ))
            .load(self)?;
        let mut copies: BTreeMap<(String, Role), CopiesByRole> = BTreeMap::new();
        for (number, role, form, count, first, last) in rows {
            let (Some(number), Some(first), Some(last)) = (number, first, last) else { continue };
            let (role, first, last) = (Role::parse(&role)?, Instant::from_millis(first), Instant::from_millis(last));
            let fresh = CopiesByRole { number: number.clone(), role, html: 0, pdf: 0, first, last };
            let copies = copies.entry((number, role)).or_insert(fresh);
            let of_form = if form.as_deref() == Some("pdf") { &mut copies.pdf } else { &mut copies.html };
            *of_form = count;
            (copies.first, copies.last) = (copies.first.min(first), copies.last.max(last));
        }
        Ok(copies.into_values().collect())
    }
}

impl AccessLogWrites for Conn {
    fn insert_accesses(&mut self, accesses: &[LoggedAccess]) -> Result<(), StoreError> {
        let rows: Vec<AccessRow> = accesses.iter().map(AccessRow::from).collect();
        let mut out = Writing::on(self);
        insert_all(&mut out, &rows)?;
        out.end()
    }
}
