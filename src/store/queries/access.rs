//! Users and sessions.

use std::collections::BTreeSet;

use diesel::prelude::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

use super::super::super::cell::Cell;
use super::super::super::doors::{AccessReads, AccessWrites};
use super::super::super::error::StoreError;
use super::super::super::rows::{OrganisationRow, User, UserRow};
use super::super::super::schema::{organisations, refresh_tokens, users};
use super::super::super::stored::{Page, StoredRefresh};
use super::Conn;
use super::fragment::{among, by_keys};
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::party::{Organisation, Role};
use crate::domain::standing::Standing;
use crate::domain::time::{Day, Instant};

/// A user, their role, the last day of their account, and for whom they act.
type ActiveColumns = (String, String, Option<String>, OrganisationRow);
/// The first three of them.
pub(in crate::store) type StandingColumns = (String, String, Option<String>);

/// A user of an organisation.
pub(in crate::store) fn read_standing(
    (id, role, valid_until): StandingColumns,
    organisation: OrganisationId,
) -> Result<(UserId, Standing), StoreError> {
    let valid_until = valid_until.map(|day| Day::parse(&day)).transpose()?;
    Ok((UserId::parse(&id)?, Standing { organisation, role: Role::parse(&role)?, valid_until }))
}

impl AccessReads for Conn {
    fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = users::table.find(id.to_string()).select(UserRow::as_select()).first(self);
        row.optional()?.map(User::try_from).transpose()
    }

    fn user_by_email(&mut self, email: &str) -> Result<Option<User>, StoreError> {
        let row = users::table.filter(users::email.eq(email)).select(UserRow::as_select()).first(self);
        row.optional()?.map(User::try_from).transpose()
    }

    fn users(&mut self, organisation: Option<OrganisationId>, page: &Page) -> Result<Vec<User>, StoreError> {
        let mut query = users::table.select(UserRow::as_select()).into_boxed();
        if let Some(organisation) = organisation {
            query = query.filter(users::organisation_id.eq(organisation.to_string()));
        }
        if let Some(after) = &page.after {
            query = query.filter(users::id.gt(after));
        }
        let rows: Vec<UserRow> = query.order(users::id).limit(page.limit).load(self)?;
        rows.into_iter().map(User::try_from).collect()
    }

    fn active_users(&mut self, ids: &BTreeSet<UserId>) -> Result<Vec<(UserId, Standing, Organisation)>, StoreError> {
        let ids: Vec<Cell<'_>> = ids.iter().map(|id| id.to_string().into()).collect();
        let found: Vec<ActiveColumns> = by_keys(&ids, |ids| {
            Ok(users::table
                .inner_join(organisations::table.on(organisations::id.eq(users::organisation_id)))
                .filter(among(users::id, ids))
                .filter(users::active.eq(true))
                .filter(organisations::active.eq(true))
                .select((users::id, users::role, users::valid_until, OrganisationRow::as_select()))
                .load(self)?)
        })?;
        let read = |(id, role, valid_until, organisation): ActiveColumns| {
            let organisation = Organisation::try_from(organisation)?;
            let (user, standing) = read_standing((id, role, valid_until), organisation.id)?;
            Ok((user, standing, organisation))
        };
        found.into_iter().map(read).collect()
    }

    fn refresh_token(&mut self, digest: &str) -> Result<Option<StoredRefresh>, StoreError> {
        let row: Option<(String, String, String, i64, bool, bool)> =
            refresh_tokens::table.find(digest).first(self).optional()?;
        let read = |(digest, session, user, expires, used, revoked): (String, String, String, i64, bool, bool)| {
            let (user, expires) = (UserId::parse(&user)?, Instant::from_millis(expires));
            Ok(StoredRefresh { digest, session, user, expires, used, revoked })
        };
        row.map(read).transpose()
    }

    fn session_is_alive(&mut self, session: &str) -> Result<bool, StoreError> {
        let living = refresh_tokens::table
            .filter(refresh_tokens::session_id.eq(session))
            .filter(refresh_tokens::revoked.eq(false));
        Ok(diesel::select(diesel::dsl::exists(living)).get_result(self)?)
    }
}

impl AccessWrites for Conn {
    fn insert_user(&mut self, user: &User) -> Result<(), StoreError> {
        diesel::insert_into(users::table).values(UserRow::from(user)).execute(self)?;
        Ok(())
    }

    fn update_user(&mut self, user: &User) -> Result<bool, StoreError> {
        let known = users::table.find(user.id.to_string()).filter(users::version.eq(user.version - 1));
        Ok(diesel::update(known).set(UserRow::from(user)).execute(self)? == 1)
    }

    fn note_sign_in(&mut self, user: UserId, failures: i64, last: Option<Instant>) -> Result<(), StoreError> {
        let counted = (users::failures.eq(failures), users::last_failure_millis.eq(last.map(Instant::millis)));
        diesel::update(users::table.find(user.to_string())).set(counted).execute(self)?;
        Ok(())
    }

    fn insert_refresh_token(&mut self, token: &StoredRefresh) -> Result<(), StoreError> {
        let row = (
            refresh_tokens::digest.eq(&token.digest),
            refresh_tokens::session_id.eq(&token.session),
            refresh_tokens::user_id.eq(token.user.to_string()),
            refresh_tokens::expires_millis.eq(token.expires.millis()),
            refresh_tokens::used.eq(token.used),
            refresh_tokens::revoked.eq(token.revoked),
        );
        diesel::insert_into(refresh_tokens::table).values(row).execute(self)?;
        Ok(())
    }

    fn use_refresh_token(&mut self, digest: &str) -> Result<bool, StoreError> {
        let fresh = refresh_tokens::table.find(digest).filter(refresh_tokens::used.eq(false));
        Ok(diesel::update(fresh).set(refresh_tokens::used.eq(true)).execute(self)? == 1)
    }

    fn revoke_session(&mut self, session: &str) -> Result<(), StoreError> {
        let tokens = refresh_tokens::table.filter(refresh_tokens::session_id.eq(session));
        diesel::update(tokens).set(refresh_tokens::revoked.eq(true)).execute(self)?;
        Ok(())
    }

    fn revoke_sessions_of(&mut self, user: UserId) -> Result<(), StoreError> {
        let tokens = refresh_tokens::table.filter(refresh_tokens::user_id.eq(user.to_string()));
        diesel::update(tokens).set(refresh_tokens::revoked.eq(true)).execute(self)?;
        Ok(())
    }
}
