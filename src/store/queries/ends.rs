//! How orders end: the rules of the calendar.

use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::super::super::end_doors::{EndReads, EndWrites};
use super::super::super::error::StoreError;
use super::super::super::rows::corrupt;
use super::super::super::schema::end_rules;
use super::Conn;
use crate::domain::end_calendar::EndRules;
use crate::domain::ids::ProgrammeNo;

impl EndReads for Conn {
    fn end_rules(&mut self, programme: ProgrammeNo) -> Result<Option<(EndRules, i64)>, StoreError> {
        let found = end_rules::table.find(programme.0).select((end_rules::document, end_rules::version));
        let row: Option<(String, i64)> = found.first(self).optional()?;
        let read = |(document, version): (String, i64)| {
            Ok((serde_json::from_str(&document).map_err(|_| corrupt("rules of the end of orders"))?, version))
        };
        row.map(read).transpose()
    }
}

impl EndWrites for Conn {
    fn keep_end_rules(&mut self, programme: ProgrammeNo, rules: &EndRules, before: i64) -> Result<bool, StoreError> {
        let document = serde_json::to_string(rules).map_err(|_| corrupt("rules of the end of orders"))?;
        let values = (end_rules::document.eq(document), end_rules::version.eq(before + 1));
        if before == 0 {
            if self.end_rules(programme)?.is_some() {
                return Ok(false);
            }
            let row = (end_rules::programme_no.eq(programme.0), values.0, values.1);
            return Ok(diesel::insert_into(end_rules::table).values(row).execute(self)? == 1);
        }
        let known = end_rules::table.find(programme.0).filter(end_rules::version.eq(before));
        Ok(diesel::update(known).set(values).execute(self)? == 1)
    }
}
