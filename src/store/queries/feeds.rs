//! Webhooks: who is told, how far, and what could not be told.

use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

use super::super::super::error::StoreError;
use super::super::super::feed_doors::{DeadLetter, FeedReads, FeedWrites};
use super::super::super::rows::{DeadLetterRow, WebhookRow};
use super::super::super::schema::{dead_letters, webhooks};
use super::super::super::stored::Page;
use super::Conn;
use crate::domain::ids::{OrganisationId, WebhookId};
use crate::domain::time::Instant;
use crate::domain::webhooks::{Progress, Webhook};

fn all<Row, T: TryFrom<Row, Error = StoreError>>(rows: Vec<Row>) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(T::try_from).collect()
}

impl FeedReads for Conn {
    fn webhook(&mut self, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        let row = webhooks::table.find(id.to_string()).select(WebhookRow::as_select()).first(self);
        row.optional()?.map(Webhook::try_from).transpose()
    }

    fn webhooks(&mut self, organisation: OrganisationId, page: &Page) -> Result<Vec<Webhook>, StoreError> {
        let mut query = webhooks::table.select(WebhookRow::as_select()).into_boxed();
        query = query.filter(webhooks::organisation_id.eq(organisation.to_string()));
        if let Some(after) = &page.after {
            query = query.filter(webhooks::id.gt(after));
        }
        all(query.order(webhooks::id).limit(page.limit).load(self)?)
    }

    fn webhooks_due(&mut self, now: Instant) -> Result<Vec<Webhook>, StoreError> {
        let found = webhooks::table
            .filter(webhooks::active.eq(true))
            .filter(webhooks::not_before_millis.le(now.millis()))
            .filter(webhooks::leased_until_millis.le(now.millis()));
        all(found.order(webhooks::id).select(WebhookRow::as_select()).load(self)?)
    }

    fn dead_letters(&mut self, webhook: WebhookId, after: i64, limit: i64) -> Result<Vec<DeadLetter>, StoreError> {
        let found = dead_letters::table
            .filter(dead_letters::webhook_id.eq(webhook.to_string()))
            .filter(dead_letters::position.gt(after));
        all(found.order(dead_letters::position).limit(limit).select(DeadLetterRow::as_select()).load(self)?)
    }
}

impl FeedWrites for Conn {
    fn insert_webhook(&mut self, webhook: &Webhook) -> Result<(), StoreError> {
        diesel::insert_into(webhooks::table).values(WebhookRow::from(webhook)).execute(self)?;
        Ok(())
    }

    fn update_webhook(&mut self, webhook: &Webhook) -> Result<bool, StoreError> {
        let known = webhooks::table.find(webhook.id.to_string()).filter(webhooks::version.eq(webhook.version - 1));
        Ok(diesel::update(known).set(WebhookRow::from(webhook)).execute(self)? == 1)
    }

    fn lease_webhook(&mut self, id: WebhookId, now: Instant, until: Instant) -> Result<bool, StoreError> {
        let free = webhooks::table
            .find(id.to_string())
            .filter(webhooks::active.eq(true))
            .filter(webhooks::leased_until_millis.le(now.millis()));
        Ok(diesel::update(free).set(webhooks::leased_until_millis.eq(until.millis())).execute(self)? == 1)
    }

    fn keep_progress(
        &mut self,
        id: WebhookId,
        cursor: i64,
        progress: Progress,
        stopped: bool,
    ) -> Result<bool, StoreError> {
        let given_back = webhooks::leased_until_millis.eq(0);
        let row = || webhooks::table.find(id.to_string());
        let unmoved = row().filter(webhooks::cursor_position.eq(cursor));
        let changes = (
            webhooks::cursor_position.eq(progress.cursor),
            webhooks::attempts.eq(progress.attempts),
            webhooks::not_before_millis.eq(progress.not_before_millis),
            webhooks::dead_in_a_row.eq(progress.dead_in_a_row),
            given_back,
        );
        let kept = diesel::update(unmoved).set(changes).execute(self)? == 1;
        if !kept {
            diesel::update(row()).set(given_back).execute(self)?;
        } else if stopped {
            diesel::update(row())
                .set((webhooks::active.eq(false), webhooks::version.eq(webhooks::version + 1)))
                .execute(self)?;
        }
        Ok(kept)
    }

    fn insert_dead_letter(&mut self, letter: &DeadLetter) -> Result<(), StoreError> {
        let row = DeadLetterRow::from(letter);
        let place = (dead_letters::webhook_id, dead_letters::position);
        let (why, at) = (letter.why.clone(), letter.at.millis());
        diesel::insert_into(dead_letters::table)
            .values(row)
            .on_conflict(place)
            .do_update()
            .set((dead_letters::why.eq(why), dead_letters::at_millis.eq(at)))
            .execute(self)?;
        Ok(())
    }
}
