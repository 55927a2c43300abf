//! What one may ask of the database about webhooks. Implemented once per engine from one text. What never lives here: SQL,
//! or what is told (see `feeds`).

use super::error::StoreError;
use super::stored::Page;
use crate::domain::ids::{OrganisationId, WebhookId};
use crate::domain::time::Instant;
use crate::domain::webhooks::{Progress, Webhook};

type Found<T> = Result<T, StoreError>;

/// An event that could not be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub webhook: WebhookId,
    pub position: i64,
    /// Its identifier.
    pub event: String,
    /// What the last attempt came to.
    pub why: String,
    pub at: Instant,
}

/// Webhooks.
pub trait FeedReads {
    fn webhook(&mut self, id: WebhookId) -> Found<Option<Webhook>>;
    /// Those of an organisation, in the order of their identifiers.
    fn webhooks(&mut self, organisation: OrganisationId, page: &Page) -> Found<Vec<Webhook>>;
    /// Active ones whose next attempt may be made and that no instance is telling.
    fn webhooks_due(&mut self, now: Instant) -> Found<Vec<Webhook>>;
    /// Events that were given up, in order, after a position.
    fn dead_letters(&mut self, webhook: WebhookId, after: i64, limit: i64) -> Found<Vec<DeadLetter>>;
}

/// Changes to webhooks.
pub trait FeedWrites {
    fn insert_webhook(&mut self, webhook: &Webhook) -> Found<()>;
    /// What people change, its progress included; names the version that was read and answers whether it was found.
    fn update_webhook(&mut self, webhook: &Webhook) -> Found<bool>;
    /// Takes the webhook for one turn; `false` when another instance has it.
    fn lease_webhook(&mut self, id: WebhookId, now: Instant, until: Instant) -> Found<bool>;
    /// Writes how far it came and gives it back; `stopped`: and tells it nothing more. `false` when the cursor is no longer
    /// where it was: nothing is written then but that it is given back.
    fn keep_progress(&mut self, id: WebhookId, cursor: i64, progress: Progress, stopped: bool) -> Found<bool>;
    /// Keeps an event that was given up, in the place of an earlier one at the same position.
    fn insert_dead_letter(&mut self, letter: &DeadLetter) -> Found<()>;
}
