//! The rows of webhooks. What never lives here: a query.

use diesel::prelude::{AsChangeset, Identifiable, Insertable, Queryable, Selectable};

use super::super::error::StoreError;
use super::super::feed_doors::DeadLetter;
use super::super::schema::{dead_letters, webhooks};
use super::{joined, split};
use crate::domain::ids::{OrganisationId, ProgrammeNo, WebhookId};
use crate::domain::movement::Kind;
use crate::domain::places::words::WebAddress;
use crate::domain::time::Instant;
use crate::domain::webhooks::{Progress, Topic, Webhook};

#[derive(Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = webhooks, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(in crate::store) struct WebhookRow {
    id: String,
    organisation_id: String,
    topic: String,
    programme_no: Option<i64>,
    kinds: String,
    url: String,
    active: bool,
    generation: i64,
    overlap_until_millis: Option<i64>,
    cursor_position: i64,
    attempts: i64,
    not_before_millis: i64,
    dead_in_a_row: i64,
    leased_until_millis: i64,
    version: i64,
}

impl From<&Webhook> for WebhookRow {
    fn from(webhook: &Webhook) -> Self {
        Self {
            id: webhook.id.to_string(),
            organisation_id: webhook.organisation.to_string(),
            topic: webhook.topic.to_string(),
            programme_no: webhook.programme.map(|programme| programme.0),
            kinds: joined(&webhook.kinds),
            url: webhook.url.to_string(),
            active: webhook.active,
            generation: webhook.generation,
            overlap_until_millis: webhook.overlap_until.map(Instant::millis),
            cursor_position: webhook.progress.cursor,
            attempts: webhook.progress.attempts,
            not_before_millis: webhook.progress.not_before_millis,
            dead_in_a_row: webhook.progress.dead_in_a_row,
            // Whoever is telling it finds the cursor or the version moved, and writes nothing.
            leased_until_millis: 0,
            version: webhook.version,
        }
    }
}

impl TryFrom<WebhookRow> for Webhook {
    type Error = StoreError;
    fn try_from(row: WebhookRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: WebhookId::parse(&row.id)?,
            organisation: OrganisationId::parse(&row.organisation_id)?,
            topic: Topic::parse(&row.topic)?,
            programme: row.programme_no.map(ProgrammeNo),
            kinds: split(&row.kinds, Kind::parse)?,
            url: WebAddress::parse(&row.url)?,
            active: row.active,
            generation: row.generation,
            overlap_until: row.overlap_until_millis.map(Instant::from_millis),
            progress: Progress {
                cursor: row.cursor_position,
                attempts: row.attempts,
                not_before_millis: row.not_before_millis,
                dead_in_a_row: row.dead_in_a_row,
            },
            version: row.version,
        })
    }
}

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = dead_letters, treat_none_as_default_value = false)]
pub(in crate::store) struct DeadLetterRow {
    webhook_id: String,
    position: i64,
    event: String,
    why: String,
    at_millis: i64,
}

impl From<&DeadLetter> for DeadLetterRow {
    fn from(letter: &DeadLetter) -> Self {
        Self {
            webhook_id: letter.webhook.to_string(),
            position: letter.position,
            event: letter.event.clone(),
            why: letter.why.clone(),
            at_millis: letter.at.millis(),
        }
    }
}

impl TryFrom<DeadLetterRow> for DeadLetter {
    type Error = StoreError;
    fn try_from(row: DeadLetterRow) -> Result<Self, StoreError> {
        Ok(Self {
            webhook: WebhookId::parse(&row.webhook_id)?,
            position: row.position,
            event: row.event,
            why: row.why,
            at: Instant::from_millis(row.at_millis),
        })
    }
}
