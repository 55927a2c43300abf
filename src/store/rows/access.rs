//! The rows of the log of accesses. What never lives here: a query.

use diesel::prelude::{Queryable, Selectable};

use super::super::cell::stored_row;
use super::super::error::StoreError;
use super::super::schema::accesses;
use super::super::stored::LoggedAccess;
use crate::domain::ids::UserId;
use crate::domain::party::Role;
use crate::domain::time::Instant;

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = accesses)]
    pub(in crate::store) struct AccessRow in "accesses" {
        id: String,
        at_millis: i64,
        day: String,
        user_id: String,
        role: String,
        method: String,
        route: String,
        path: String,
        status: i64,
        programme: Option<String>,
        number: Option<String>,
        form: Option<String>,
    }
}

impl From<&LoggedAccess> for AccessRow {
    fn from(access: &LoggedAccess) -> Self {
        Self {
            id: access.id.clone(),
            at_millis: access.at.millis(),
            day: access.at.day().to_string(),
            user_id: access.user.to_string(),
            role: access.role.to_string(),
            method: access.method.clone(),
            route: access.route.clone(),
            path: access.path.clone(),
            status: access.status,
            programme: access.programme.clone(),
            number: access.number.clone(),
            form: access.form.clone(),
        }
    }
}

impl TryFrom<AccessRow> for LoggedAccess {
    type Error = StoreError;
    fn try_from(row: AccessRow) -> Result<Self, StoreError> {
        let AccessRow { id, at_millis, day: _, user_id, role, method, route, path, status, programme, number, form } =
            row;
        let (at, user, role) = (Instant::from_millis(at_millis), UserId::parse(&user_id)?, Role::parse(&role)?);
        Ok(Self { id, at, user, role, method, route, path, status, programme, number, form })
    }
}
